"""create_app(options, reader): the Dash app. Every page comes complete with its figures, then moves without reloading.

The first answer is the whole page as HTML (readable before any script), together with the same page as Dash layout,
so that nothing has to be fetched before the figures are drawn. From then on links ask one callback for the next page.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash._utils import to_json
from dash.development.base_component import Component
from dash.exceptions import DependencyException
from flask import Flask, Response, abort, g, request
from markupsafe import Markup

from dashboard import shell, theme
from dashboard.access import POLICY, Viewer, content_policy, guard
from dashboard.answers import Answers
from dashboard.board import Board, Facts, gathered_facts
from dashboard.callback_shape import refuse_odd_callbacks
from dashboard.cards import DOWNLOADS, Page, download_of, drawn
from dashboard.components import notice
from dashboard.entry import sent_to
from dashboard.entry_pages import no_access
from dashboard.focus_download import serve_focus
from dashboard.language import _, language, speaking
from dashboard.markup import Static, first_paint, tag
from dashboard.options import Options
from dashboard.orders import take_orders
from dashboard.pages import PAGES
from dashboard.pages.me import PAGE as ME
from dashboard.public_page import public_page
from dashboard.responses import ResponseCache, fingerprint, serve_files
from dashboard.view import View, parsed
from dashboard.warm import Warm
from queries.errors import QueriesError, ScopeError
from queries.reader import Reader, Scope

ASSETS = Path(__file__).parent / "assets"
Clock = Callable[[], datetime]
_UNUSED = re.compile(r'<script src="[^"]*/dash_table[^"]*"></script>\n?')
_VERSIONS = ("dash_version", "python_version", "plotly_version", "ddk_version", "dash_version_url")


def utc_now() -> datetime:
    """The present instant in UTC, without a zone, as instants are stored."""
    return datetime.now(UTC).replace(tzinfo=None)


class Boards:
    """Makes the board of a request; the facts of a data version are gathered once per scope."""

    def __init__(self, options: Options, reader: Reader, clock: Clock) -> None:
        self.options, self.reader, self.clock = options, reader, clock
        self._root: tuple[str, str] = ("", "")
        self._facts: dict[str, Facts] = {}
        self._answers = Answers()
        self.warm = Warm(lambda: reader.version, self._draw)

    def pages(self, viewer: Viewer) -> tuple[Page, ...]:
        """The pages this viewer may open, in the order of the navigation."""
        return (PAGES if viewer.sees_units else ()) + ((ME,) if self.options.self_service else ())

    def root_unit(self) -> str:
        """The unit that stands for the whole university."""
        version = self.reader.version
        if self._root[0] != version:
            settings = self.reader.run("reference/settings", Scope((), "all")).rows.to_pylist()
            self._root = version, next(str(row["value"]) for row in settings if row["key"] == "root_unit")
        return self._root[1]

    def facts(self, viewer: Viewer) -> Facts:
        """Facts of the current data for this viewer's scope; those of older data are forgotten."""
        version = self.reader.version
        kept = self._facts.get(viewer.key)
        if kept is None or kept.version != version:
            self._facts[viewer.key] = kept = gathered_facts(self.reader, viewer)
        return kept

    def board(self, viewer: Viewer, view: View) -> Board:
        """A fresh board: answers live as long as the request."""
        facts = self.facts(viewer)
        stale = self.options.stale_hours or int(facts.settings.get("stale_hours", 36))
        return Board(self.reader, viewer, view, facts, self.clock(), stale, self._answers)

    def _draw(self, viewer: Viewer, view: View) -> None:
        """Draws a view for nobody, so that its answers are kept."""
        self.root_unit()
        page = page_of(view.path, self.pages(viewer))
        if page is not None:
            board = self.board(viewer, view).on(page.filters)
            with speaking(view.language):
                for spec in page.specs:
                    drawn(spec, board)

    def usual_views(self) -> list[tuple[Viewer, View]]:
        """Every page as it is when nothing was chosen, for those who may see the whole university."""
        root = self.root_unit()
        rights = ("rse",) if self.options.auth == "demo" else ("university", "rse")
        viewers = [Viewer("nobody", Scope((root,), access), access) for access in rights]
        return [(viewer, View(path=page.path)) for viewer in viewers for page in reversed(PAGES)]

    def staleness(self, viewer: Viewer) -> int:
        """0 while the data is fresh, else its age in hours: part of the cache key, for pages say it."""
        board = self.board(viewer, View())
        return board.age_hours if board.is_stale else 0


class UsageDash(Dash):
    """Dash whose index is the finished page and whose configuration names no versions."""

    boards: Boards

    def _config(self) -> dict[str, Any]:
        config = super()._config()  # type: ignore[no-untyped-call]
        return {key: value for key, value in config.items() if key not in _VERSIONS}

    def interpolate_index(self, **kwargs: str) -> str:  # type: ignore[override]
        """The page at the requested address, as HTML and as layout."""
        self.server.config[POLICY] = content_policy(self.csp_hashes())  # only now are all of Dash's scripts known
        view: View = g.view
        with speaking(view.language):
            page = page_tree(self.boards, g.user, view)
            g.is_lost = page_of(view.path, self.boards.pages(g.user)) is None
            scripts = _UNUSED.sub("", kwargs["scripts"])
            return str(_index(view, page, kwargs | {"scripts": scripts}))


def create_app(options: Options, reader: Reader, *, clock: Clock = utc_now) -> UsageDash:
    """The app; `app.server` is the WSGI application."""
    server = Flask("dashboard", static_folder=None)
    boards = Boards(options, reader, clock)
    guard(server, options, reader, root_unit=boards.root_unit, clock=clock)
    _know_the_view(server, options)
    ResponseCache(server, key=lambda: f"{reader.version}|{boards.staleness(g.user)}|{g.user.key}")
    app = UsageDash(
        "dashboard",
        server=server,  # type: ignore[arg-type]
        assets_folder=str(ASSETS),
        serve_locally=True,
        suppress_callback_exceptions=True,  # else the first visitor's layout is embedded in everybody's index
        pages_folder="",
        update_title="",
        title="AI Sandbox",
        compress=False,  # ResponseCache compresses once and keeps the bytes
        enable_mcp=False,
        health_endpoint=None,
    )
    app.boards = boards
    app.layout = lambda: frame([])
    _register(app, boards, options)
    refuse_odd_callbacks(server, app.callback_map)
    _routes(server, boards)
    if options.public_page:
        public_page(server, boards)
    take_orders(server, options.folder, clock)
    serve_focus(server, reader, lambda viewer: [row["unit"] for row in boards.facts(viewer).units])
    serve_files(server)
    # Dash serves a script only once it has named it in an index; a worker that is asked for one first would refuse it
    app._generate_scripts_html()
    return app


def _know_the_view(server: Flask, options: Options) -> None:
    """Reads the view of a page's address, and keeps the language chosen in it."""

    @server.before_request
    def read_view() -> Response | None:
        g.view = parsed(
            request.path,
            request.query_string.decode("utf-8", "replace"),
            cookies=request.cookies,
            default_language=options.language,
        )
        return _instead(g.get("user"))

    @server.after_request
    def keep_choice(response: Response) -> Response:
        if g.get("is_lost"):
            response.status_code = 404
        for name in ("lang", "theme"):
            chosen = {"lang": g.view.language, "theme": g.view.theme}[name] if "view" in g else None
            if chosen and request.args.get(name) == chosen:
                response.set_cookie(name, chosen, max_age=31_536_000, samesite="Lax", path="/")
        return response


def _instead(viewer: Viewer | None) -> Response | None:
    """For who may see their own use alone: that page at the start, and 403 at the others."""
    if viewer is None or viewer.sees_units or request.method == "POST" or page_of(request.path) is None:
        return None
    return sent_to(ME.path) if request.path == "/" else no_access(viewer.shown, viewer.sign_out_path)


def _register(app: UsageDash, boards: Boards, options: Options) -> None:
    @app.callback(Output("view", "children"), Input("address", "data"), prevent_initial_call=True)
    def show(address: str) -> list[Component]:
        path, _mark, query = str(address).partition("?")
        view = parsed(path, query, cookies=request.cookies, default_language=options.language)
        with speaking(view.language):
            return page_tree(boards, g.user, view, address)


def _routes(server: Flask, boards: Boards) -> None:
    @server.get("/healthz")
    def alive() -> tuple[str, int]:
        return "ok", 200

    @server.get("/readyz")
    def ready() -> tuple[str, int]:
        try:
            return boards.reader.version and "ok", 200
        except QueriesError:
            return "nothing is published yet", 503

    @server.errorhandler(QueriesError)
    def not_ready(_error: QueriesError) -> Response:
        server.logger.exception("no snapshot can be read")
        return Response("The data is not ready yet. Try again shortly.\n", 503, {"Retry-After": "60"}, "text/plain")

    @server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> Response:
        return Response("There is no such file.\n", 404, mimetype="text/plain")

    @server.errorhandler(ScopeError)
    def not_for_them(_error: ScopeError) -> Response:
        return Response("Not for your role.\n", 403, mimetype="text/plain")

    @server.get("/export/<card>.<kind>")
    def export(card: str, kind: str) -> Response:
        pages = boards.pages(g.user)
        found = next(((p, s) for p in pages for s in p.specs if s.id == card), None) or abort(404)
        page, spec = found
        view = View(**{**g.view.__dict__, "path": page.path})
        with speaking(view.language):
            content = download_of(spec, boards.board(g.user, view).on(page.filters), kind) or abort(404)
        return Response(
            content,
            mimetype=DOWNLOADS[kind],
            headers={
                "Content-Disposition": f"attachment; filename={card}.{kind}",
                "Cache-Control": "private, no-store",
            },
        )


def page_of(path: str, pages: Sequence[Page] = PAGES) -> Page | None:
    """The page at that address, among those the viewer may open."""
    return next((p for p in pages if p.path == path.rstrip("/") or p.path == path), None)


def page_tree(boards: Boards, viewer: Viewer, view: View, address: str = "") -> list[Component]:
    """Everything of a page, from the top bar to the foot, in the current language; says which address it answers."""
    pages = boards.pages(viewer)
    page = page_of(view.path, pages)
    g.is_personal = page is ME
    board = boards.board(viewer, view).on(page.filters if page else frozenset())
    around = [Static(shell.top_bar(board)), Static(shell.navigation(board, pages))]
    if page is None:
        return [*around, html.Main(Static(_lost(view)), id="main", **_data(address=address))]
    cards = [drawn(spec, board) for spec in page.specs]
    if page is not ME:
        boards.warm.saw(viewer, view)
    inside = [Static(shell.page_head(board, page)), html.Div(cards, className="grid"), Static(shell.page_foot(board))]
    title = f"{page.title()} · AI Sandbox"
    return [*around, html.Main(inside, id="main", className=f"page-{page.name}", **_data(title=title, address=address))]


def _data(**said: str) -> Any:
    return {f"data-{name}": text for name, text in said.items()}


def _lost(view: View) -> Markup:
    heading = tag("h1", _("There is no such page"), tabindex="-1")
    link = tag("a", _("To the overview"), href=view.link("/"))
    return tag("div", heading, notice("info", view.path, link), class_="lost")


def frame(page: list[Component]) -> Component:
    """The Dash layout: the page and the address that a callback reads."""
    return html.Div([dcc.Store(id="address"), html.Div(page, id="view")], id="app")


def _compact(json: str) -> str:
    """JSON that can stand in a script element: of what plotly escapes only `<` has to be, the rest doubles a page."""
    return json.replace("<", "\\u003c").replace("\\u003e", ">").replace("\\u002f", "/")


def _index(view: View, page: list[Component], parts: dict[str, str]) -> Markup:
    layout = _compact(str(to_json(frame(page))))  # type: ignore[no-untyped-call]
    title = next((getattr(c, "data-title", None) for c in page if getattr(c, "id", "") == "main"), None)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title or "AI Sandbox"),
        tag("link", rel="icon", href=fingerprint("favicon.svg"), type="image/svg+xml"),
        [tag("link", rel="preload", href=f"/assets/fonts/inter-{part}.woff2", as_="font", type="font/woff2",
             crossorigin=True) for part in ("latin", "latin-ext")],
        tag("style", Markup(theme.css())),  # noqa: S704
        tag("link", rel="stylesheet", href=fingerprint("style.css")),
        tag("link", rel="preload", href=fingerprint("plotly"), as_="script"),
    )  # fmt: skip
    body = tag(
        "body",
        tag("div", first_paint(page), id="first-paint"),
        Markup('<div id="react-entry-point" hidden></div>'),
        tag("script", Markup(layout), type="application/json", id="first-layout", data_plotly=fingerprint("plotly")),  # noqa: S704
        Markup(parts["config"] + parts["scripts"] + parts["renderer"]),  # noqa: S704  (made by Dash)
    )
    html_tag = tag("html", head, body, lang=language(), data_theme=shell.theme_attribute(view))
    return Markup("<!doctype html>\n") + html_tag
