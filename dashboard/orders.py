"""Orders placed on the pages: POST /order/<kind> leaves one in the inbox, GET /order/<id> says what became of it.

Rights come from the gate's viewer alone. A browser must say that the request comes from our own pages: the body is
JSON, which no form of another site can send, and the fetch metadata or the origin must name this host.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, jsonify, request

from dashboard.access import Viewer
from dashboard.language import _, speaking
from dashboard.problems import problem_said
from queries.errors import OrderError
from queries.inbox import is_waiting, outcome_of, put

RIGHT_FOR = {
    "run": "rerun",
    "annotation": "annotate",
    "close_month": "close",
    "reopen_month": "close",
    "invoice": "invoice",
}
FIELDS: dict[str, frozenset[str] | None] = {  # None: the form of an invoice is checked by whoever reads it
    "run": frozenset({"job"}),
    "annotation": frozenset({"day", "kind", "name_cs", "name_en", "remove"}),
    "close_month": frozenset({"month"}),
    "reopen_month": frozenset({"month", "reason"}),
    "invoice": None,
}
_HALF = re.compile("[\ud800-\udfff]")  # JSON can say halves of surrogate pairs; no file can hold them
MAX_FIELDS, MAX_KEY, MAX_VALUE = 1000, 60, 2000


def may_order(viewer: Viewer, kind: str) -> bool:
    """Whether this viewer may place orders of that kind."""
    return RIGHT_FOR[kind] in viewer.rights


def take_orders(server: Flask, folder: Path, clock: Callable[[], datetime]) -> None:
    """Adds the two addresses to the server; `folder` is the storage folder."""

    @server.post("/order/<kind>")
    def place(kind: str) -> tuple[Response, int]:
        viewer: Viewer = g.user
        if kind not in RIGHT_FOR:
            abort(404)
        if not is_from_here() or not may_order(viewer, kind):
            abort(403)
        with speaking(g.view.language):
            return _placed(folder, kind, viewer.name, clock())

    @server.get("/order/<order_id>")
    def state(order_id: str) -> Response:
        if not g.user.rights & set(RIGHT_FOR.values()):
            abort(403)
        with speaking(g.view.language):
            response = jsonify(_state(folder, order_id))
        response.headers["Cache-Control"] = "no-store"
        return response


def is_from_here() -> bool:
    """Whether the browser says that the request was made by one of our own pages (Fetch metadata, else Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = urlsplit(request.headers.get("Origin", "")).netloc
    except ValueError:
        return False
    return bool(origin) and origin == request.host


def _placed(folder: Path, kind: str, by: str, now: datetime) -> tuple[Response, int]:
    try:
        values = checked(kind, request.get_json(silent=True))
        order_id = put(folder, kind, by, values, now)
    except OrderError as error:
        return jsonify({"said": str(error)}), 400
    return jsonify({"id": order_id, "said": _("Waiting to be done.")}), 202


def checked(kind: str, said: object) -> dict[str, str]:
    """The order's values as texts. Raises OrderError for what no page of ours would send."""
    if not isinstance(said, Mapping) or len(said) > MAX_FIELDS:
        raise OrderError(f"an order is one object of at most {MAX_FIELDS} fields")
    known = FIELDS[kind]
    if known is not None and (odd := set(said) - known):
        raise OrderError(f"unknown field {min(map(str, odd))[:MAX_KEY]}; known: {', '.join(sorted(known))}")
    values = {str(key): value.strip() for key, value in said.items() if isinstance(value, str)}
    if len(values) < len(said) or any(len(k) > MAX_KEY or len(v) > MAX_VALUE for k, v in values.items()):
        raise OrderError(f"fields of an order are texts of at most {MAX_VALUE} characters")
    if any(_HALF.search(text) for pair in values.items() for text in pair):
        raise OrderError("a field of the order is not Unicode: it has half a surrogate pair")
    return values


def _said(message: str, *, failed: bool) -> str:
    if not message:
        return _("Done: ").rstrip(": ") + "."
    return (_("Not done: ") if failed else _("Done: ")) + message


def _state(folder: Path, order_id: str) -> dict[str, str]:
    outcome = outcome_of(folder, order_id)
    if outcome is not None:
        failed = outcome.status != "DONE"
        return {"state": outcome.status, "said": _said(problem_said(outcome.message), failed=failed)}
    if is_waiting(folder, order_id):
        return {"state": "WAITING", "said": _("Waiting to be done.")}
    return {"state": "UNKNOWN", "said": _("Nothing is known of this order.")}
