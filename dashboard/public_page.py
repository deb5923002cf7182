"""/public: the university's totals for anybody, if the configuration says so. No scripts, no filters, nothing else."""

from typing import TYPE_CHECKING

from flask import Flask, Response, g
from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board
from dashboard.language import _, language, speaking
from dashboard.markup import tag
from dashboard.view import View
from dashboard.viewer import Viewer
from queries.reader import Scope

if TYPE_CHECKING:
    from dashboard.app import Boards

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;"
    "background:Canvas;color:CanvasText;color-scheme:light dark}main{max-width:40rem;padding:2rem}h1{font-size:1.5rem}"
    "dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:1rem}dd{margin:0;font-size:1.75rem}"
)


def public_page(server: Flask, boards: "Boards") -> None:
    """Adds the page to the server."""

    @server.get("/public")
    def totals() -> Response:
        viewer = Viewer("public", Scope((boards.root_unit(),), "faculty"), "public")
        view = View(path="/public", preset="28d", language=g.view.language)
        with speaking(view.language):
            page = str(_page(boards.board(viewer, view)))
        return Response(page, headers={"Cache-Control": "public, max-age=300", "Vary": "Cookie"}, mimetype="text/html")


def _page(board: Board) -> Markup:
    (row,) = board.over_period("overview/summary")
    name = board.facts.settings.get(f"university_{language()}", "")
    figures = [
        (_("Active users"), fmt.number(row["active_persons"])),
        (_("Requests"), fmt.compact(row["requests"])),
        (_("Tokens"), fmt.compact(row["billed_tokens"])),
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"AI Sandbox · {name}"),
        tag("style", Markup(_STYLE)),  # noqa: S704  (our own constant)
    )
    body = tag(
        "main",
        tag("h1", f"AI Sandbox · {name}"),
        tag("p", _("Use from {days}.", days=fmt.days(board.period.start, board.period.last))),
        tag("dl", [tag("div", tag("dt", label), tag("dd", value)) for label, value in figures]),
    )
    return Markup("<!doctype html>\n") + tag("html", head, tag("body", body), lang=language())
