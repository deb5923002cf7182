"""The few pages for whom the dashboard is not open: no access, sign-in failed, signed out. They need nothing else."""

from urllib.parse import quote

from flask import Response, g, request
from markupsafe import Markup

from dashboard.language import LANGUAGES, _, language, speaking
from dashboard.markup import tag

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;"
    "background:Canvas;color:CanvasText;color-scheme:light dark}main{max-width:34rem;padding:2rem}"
    "h1{font-size:1.5rem;margin:0 0 .5rem}a{color:LinkText}"
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
        tag("style", Markup(_STYLE)),  # noqa: S704  (our own constant)
    )
    body = tag("body", tag("main", tag("h1", heading), tag("p", text), shown))
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
