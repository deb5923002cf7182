"""/public: the university's totals for anybody, if the configuration says so. No scripts, no filters, nothing else."""

from typing import TYPE_CHECKING

from flask import Flask, Response, g
from markupsafe import Markup

from dashboard import format as fmt
from dashboard import theme
from dashboard.board import Board
from dashboard.language import LANGUAGES, _, language, speaking
from dashboard.markup import tag
from dashboard.view import View
from dashboard.viewer import Viewer
from queries.reader import Scope

if TYPE_CHECKING:
    from dashboard.app import Boards

_STYLE = (
    "body{font:16px/1.5 var(--font);margin:0;display:grid;place-items:center;min-height:100vh;"
    "background:var(--canvas);color:var(--ink);font-variant-numeric:tabular-nums}"
    "main{width:min(48rem,100%);box-sizing:border-box;padding:1.5rem}"
    "header{display:flex;align-items:center;gap:.75rem;margin-bottom:1.25rem}"
    "header svg{width:36px;height:36px;flex:none}rect{fill:#b3202c}"
    "path{stroke:#fff;stroke-width:3.2;stroke-linecap:round}"
    "h1{font-size:1.35rem;line-height:1.25;margin:0;letter-spacing:-.02em}p{margin:.25rem 0;color:var(--ink-2)}"
    "dl{display:grid;margin:0 0 1rem;gap:1px;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));"
    "background:var(--line);border:1px solid var(--line);border-radius:13px;overflow:hidden}"
    "dl div{background:var(--card);padding:1rem 1.2rem}dt{color:var(--ink-2);font-size:.875rem}"
    "dd{margin:.1rem 0 0;font-size:1.5rem;font-weight:650;letter-spacing:-.02em;white-space:nowrap}"
    "small{color:var(--ink-3);font-size:.8125rem}a{color:var(--accent-ink)}"
    "nav{margin-left:auto;display:flex;gap:.75rem;font-size:.875rem}"
    "a[aria-current]{color:var(--ink);text-decoration:none;font-weight:600}"
)
_LOGO = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<path d="M9 21.5V16M16 21.5V10.5M23 21.5V13.5"/></svg>'
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
    adopted = board.ask("adoption/adoption", units=[board.unit], day=board.period.last)
    figures = [
        (_("Active users"), fmt.number(row["active_persons"])),
        (_("Adoption"), fmt.share(adopted[0]["adoption_rate"], 1) if adopted else fmt.NONE),
        (_("Requests"), fmt.compact(row["requests"])),
        (_("Tokens"), fmt.compact(row["billed_tokens"])),
    ]
    body = tag(
        "main",
        tag("header", Markup(_LOGO), _title(board), _languages()),  # noqa: S704  (our own constant)
        tag("dl", [tag("div", tag("dt", label), tag("dd", value)) for label, value in figures]),
        tag("small", _("Totals of the whole university. Adoption is the share of active people among those eligible. "
                       "No message content is ever read; persons are counted, never named.")),
    )  # fmt: skip
    return Markup("<!doctype html>\n") + tag("html", _head(board), tag("body", body), lang=language())


def _head(board: Board) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Markup('<link rel="icon" href="data:,">'),  # none is asked for
        tag("title", f"AI Sandbox · {_university(board)}"),
        tag("style", Markup(theme.css() + _STYLE)),  # noqa: S704  (our own constants)
    )


def _title(board: Board) -> Markup:
    days = fmt.days(board.period.start, board.period.last)
    return tag("div", tag("h1", f"AI Sandbox · {_university(board)}"), tag("p", _("Use from {days}.", days=days)))


def _university(board: Board) -> str:
    return board.facts.settings.get(f"university_{language()}", "")


def _languages() -> Markup:
    links = [
        tag("a", code.upper(), href=f"?lang={code}", hreflang=code, lang=code,
            aria_current="true" if code == language() else None)
        for code in LANGUAGES
    ]  # fmt: skip
    return tag("nav", links, aria_label=_("Language"))
