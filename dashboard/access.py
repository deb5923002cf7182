"""The one gate that every request passes: Request -> Viewer -> Scope, or 401, 403, 429 or the way to sign in.

Rights come from the gate alone, never from what a browser sends. It stands before pages, layouts, callbacks, exports
and orders alike; open to all are only the two health addresses, the sign-in's own and, if configured, /public.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil

from flask import Flask, Response, abort, g, request

from dashboard.audit import Audit
from dashboard.audit_trail import noted
from dashboard.entry import FILES, Entry, client_address
from dashboard.entry_oidc import OidcEntry
from dashboard.entry_pages import no_access
from dashboard.entry_proxy import ProxyEntry
from dashboard.limits import Limits
from dashboard.options import Options, Secrets, is_loopback, secrets_for
from dashboard.sessions import Sessions
from dashboard.viewer import Members, RuleBook, Viewer, demo_viewer
from queries.reader import Reader
from queries.rights import RIGHTS

__all__ = ["RIGHTS", "Viewer", "content_policy", "demo_viewer", "guard"]
HEALTH = frozenset({"/healthz", "/readyz"})
PUBLIC_PAGE = "/public"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
MAX_BODY = 64 * 1024
POLICY = "CONTENT_SECURITY_POLICY"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


class Gate:
    """Lets a request in with its viewer in `g.user`, or answers it."""

    def __init__(self, options: Options, members: Members, entry: Entry | None, root_unit: Callable[[], str]) -> None:
        self._options, self._members, self._entry, self._root_unit = options, members, entry, root_unit
        self._limits = Limits(options.requests_a_minute)
        members.sign_out_path = entry.sign_out_path if entry else ""
        self._open = HEALTH | (entry.open_paths if entry else frozenset())
        self._open |= {PUBLIC_PAGE} if options.public_page else set()

    def __call__(self) -> Response | None:
        """None lets it in."""
        g.default_language = self._options.language
        if request.method not in METHODS:
            abort(405)
        if request.path in HEALTH:
            return None
        if self._entry is None:
            _only_from_here()
            g.user = demo_viewer(self._root_unit())
        elif answer := self._signed_in(self._entry):
            return answer
        if request.method == "POST":
            _only_small_json()
        return None

    def _signed_in(self, entry: Entry) -> Response | None:
        is_open = request.path in self._open
        who = None if is_open else entry.who()
        if not request.path.startswith(FILES):
            self._hold_back(who.mark if who else client_address(self._options.trusted_proxies))
        if is_open:
            return None
        if who is None:
            return entry.refused()
        viewer = self._members.viewer(who)
        if viewer is None:
            return no_access(who.shown, entry.sign_out_path)
        g.user = viewer
        return None

    def _hold_back(self, name: str) -> None:
        if wait_s := self._limits.wait_s(name):
            response = Response("Too many requests.\n", 429, {"Retry-After": str(ceil(wait_s))}, mimetype="text/plain")
            abort(response)


def guard(
    server: Flask, options: Options, reader: Reader, *, root_unit: Callable[[], str], clock: Callable[[], datetime]
) -> None:
    """Puts the gate before every request, the security headers on every answer, and the audit behind both.

    `root_unit` is a function: the unit that stands for the whole university is in the data, not in the options.
    Raises OptionsError for a missing secret, RightsError for wrong rules.
    """
    secrets = secrets_for(options)
    audit = Audit(options.state_folder / "audit", days=options.audit_days, clock=clock)
    members = Members(options, secrets, reader, RuleBook(options))
    entry = _entry(server, options, secrets, members, audit)
    server.before_request(Gate(options, members, entry, root_unit))
    is_https = (options.public_url or "").startswith("https://")

    @server.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["Content-Security-Policy"] = server.config.get(POLICY) or content_policy(())
        response.headers.pop("Server", None)
        if response.cache_control.public and "Set-Cookie" in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"  # no cache may hand one browser's cookie to another
        if entry is not None:
            noted(audit, response)
        return response


def _entry(server: Flask, options: Options, secrets: Secrets, members: Members, audit: Audit) -> Entry | None:
    """The configured way in; None for demo, which has none."""
    if options.auth == "proxy":
        return ProxyEntry(options, secrets, members)
    if options.auth == "oidc":
        sessions = Sessions(options, rules=lambda: members.book.mark)
        sessions.attach(server, secrets)
        return OidcEntry(server, options, secrets=secrets, members=members, sessions=sessions, audit=audit)
    return None


def _only_from_here() -> None:
    """Demo mode: from loopback only, and under a loopback name, so that no site can be rebound to it (DNS)."""
    host = request.host.rpartition(":")[0] if not request.host.endswith("]") and ":" in request.host else request.host
    if not is_loopback(request.remote_addr or "") or not is_loopback(host):
        abort(403)


def _only_small_json() -> None:
    """A body of JSON that no form of another site can send, small, and not nested beyond what can be read."""
    if request.mimetype != "application/json":
        abort(415)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    if request.content_length is None:
        abort(411)
    if request.content_length > MAX_BODY:
        abort(413)
    try:
        request.get_json()
    except RecursionError:
        abort(400)


def content_policy(script_hashes: Sequence[str]) -> str:
    """The Content-Security-Policy: nothing from elsewhere, no eval, inline scripts only by hash."""
    scripts = " ".join(["'self'", *(f"'{h.strip(chr(39))}'" for h in script_hashes)])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",  # plotly.js and the sparklines set styles
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
