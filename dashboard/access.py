"""Request -> Viewer -> Scope, and the one gate that every request passes.

Rights come from the gate alone, never from a component's value. Only mode `demo` for now: everybody who can reach
this machine's loopback address sees all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, Response, abort, g, request

from dashboard.options import Options, is_loopback
from queries.reader import Scope

PUBLIC = frozenset({"/healthz", "/readyz"})
CALLBACKS = "/_dash-update-component"
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


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and what they may see."""

    name: str
    scope: Scope

    @property
    def key(self) -> str:
        """Part of every cache key: viewers of equal scope share what was built."""
        return f"{self.scope.access}:{','.join(self.scope.units)}"


def demo_viewer(root_unit: str) -> Viewer:
    """Somebody who may see everything."""
    return Viewer("demo", Scope((root_unit,), "rse"))


def guard(server: Flask, options: Options, root_unit: Callable[[], str]) -> None:
    """Puts the gate before every request and the security headers on every answer.

    `root_unit` is a function: the unit that stands for the whole university is in the data, not in the options.
    """

    @server.before_request
    def gate() -> None:
        if request.path in PUBLIC:
            return
        if options.auth == "demo":
            _only_from_here()
            g.user = demo_viewer(root_unit())
        if request.method == "POST":
            _only_small_json()

    @server.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = server.config.get(POLICY) or content_policy(())
        response.headers.pop("Server", None)
        return response


def _only_from_here() -> None:
    """Demo mode: from loopback only, and under a loopback name, so that no site can be rebound to it (DNS)."""
    host = request.host.rpartition(":")[0] if not request.host.endswith("]") and ":" in request.host else request.host
    if not is_loopback(request.remote_addr or "") or not is_loopback(host):
        abort(403)


def _only_small_json() -> None:
    if request.mimetype != "application/json":
        abort(415)
    if request.content_length is None:
        abort(411)
    if request.content_length > MAX_BODY:
        abort(413)


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
