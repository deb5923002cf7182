"""The charges of a month as FOCUS CSV or Parquet, for the units the viewer may see (docs/focus.md)."""

from collections.abc import Callable
from datetime import date

from flask import Flask, Response, abort, g, request

from dashboard.access import Viewer
from dashboard.period import day_of, months_back
from queries import focus
from queries.reader import Reader

MIMES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def serve_focus(server: Flask, reader: Reader, units: Callable[[Viewer], list[str]]) -> None:
    """Adds /export/focus.csv and .parquet with ?month=2026-10; `units` are those the viewer knows of, and the Reader
    narrows them to what the viewer may see."""

    @server.get("/export/focus.csv", defaults={"kind": "csv"})
    @server.get("/export/focus.parquet", defaults={"kind": "parquet"})
    def charges(kind: str) -> Response:
        month = _month(request.args.get("month", ""))
        table = focus.dataset(reader, g.user.scope, units(g.user), month, months_back(month, -1))
        name = f"focus-{month:%Y-%m}.{kind}"
        headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "private, no-store"}
        return Response(focus.FORMATS[kind](table), mimetype=MIMES[kind], headers=headers)


def _month(text: str) -> date:
    try:
        return day_of(f"{text}-01")
    except ValueError:
        abort(400)
