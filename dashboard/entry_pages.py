"""The few pages for whom the dashboard is not open: no access, sign-in failed, signed out. They need nothing else."""

from urllib.parse import quote

from flask import Response, g, request
from markupsafe import Markup

from dashboard import theme
from dashboard.language import LANGUAGES, _, language, speaking
from dashboard.markup import tag

_STYLE = (
    "body{font:16px/1.5 var(--font);margin:0;display:grid;place-items:center;min-height:100vh;padding:1rem;"
    "box-sizing:border-box;background:var(--canvas);color:var(--ink)}"
    "main{width:min(30rem,100%);box-sizing:border-box;padding:2rem;background:var(--card);"
    "border:1px solid var(--line);border-radius:13px}"
    "header{display:flex;align-items:center;gap:.7rem;margin-bottom:1.4rem;font-weight:600}"
    "header svg{width:32px;height:32px}rect{fill:#b3202c}path{stroke:#fff;stroke-width:3.2;stroke-linecap:round}"
    "h1{font-size:1.35rem;line-height:1.25;letter-spacing:-.02em;margin:0 0 .4rem}"
    "p{margin:.4rem 0;color:var(--ink-2)}a{color:var(--accent-ink)}"
)
_BRAND = Markup(
    '<header><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<path d="M9 21.5V16M16 21.5V10.5M23 21.5V13.5"/></svg>AI Sandbox</header>'
)


def chosen_language() -> str:
    """The language of the address, the cookie or the browser, else Czech or what the server speaks."""
    said = (request.args.get("lang"), request.cookies.get("lang"))
    preferred = request.accept_languages.best_match(LANGUAGES)
    return next((code for code in (*said, preferred) if code in LANGUAGES), g.get("default_language", "cs"))


def page(status: int, heading: str, text: str, *links: tuple[str, str]) -> Response:
    """A whole small page in the current language; `links` are (address, text)."""
    shown = [tag("p", tag("a", said, href=address)) for address, said in links]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{heading} · AI Sandbox"),
        tag("style", Markup(theme.css() + _STYLE)),  # noqa: S704  (our own constants)
    )
    body = tag("body", tag("main", _BRAND, tag("h1", heading), tag("p", text), shown))
    content = "<!doctype html>\n" + str(tag("html", head, body, lang=language()))
    return Response(content, status, {"Cache-Control": "no-store"}, mimetype="text/html")


def no_access(shown: str, sign_out_path: str) -> Response:
    """403 for somebody who is known (to themselves as `shown`) and may not see this."""
    with speaking(chosen_language()):
        links = [(sign_out_path, _("Sign out {name}", name=shown))] if sign_out_path else []
        text = _("You are signed in, but no role gives you access. Ask those who run the AI Sandbox for one.")
        return page(403, _("No access"), text, *links)


def sign_in_failed(target: str, status: int) -> Response:
    """The provider can't be reached, or what it said was not what we asked for."""
    with speaking(chosen_language()):
        text = _("The sign-in did not succeed. It may have taken too long; try it again.")
        again = (f"/auth/sign-in?next={quote(target, safe='')}", _("Try again"))
        return page(status, _("Not signed in"), text, again)


def signed_out() -> Response:
    """After a sign-out."""
    with speaking(chosen_language()):
        return page(200, _("Signed out"), _("You have been signed out."), ("/", _("Sign in again")))
