"""What every way in has in common: who is asking, and what is answered to nobody."""

import json
from ipaddress import ip_address, ip_network
from typing import Protocol
from urllib.parse import quote

from flask import Response, redirect, request

from dashboard.viewer import Who

FILES = ("/assets/", "/_dash-component-suites/", "/vendor/")
_PARTS = ("/_", "/assets/", "/vendor/", "/order/")  # never what a person typed


class Entry(Protocol):
    """A way in. `open_paths` are the addresses at which somebody unknown is answered."""

    open_paths: frozenset[str]
    sign_out_path: str

    def who(self) -> Who | None:
        """Who is asking, by what signed them in; None for nobody known."""
        ...

    def refused(self) -> Response:
        """The answer to a request of nobody known."""
        ...


def local_path(text: str | None) -> str:
    """A path of ours with its query, or /: whatever could lead elsewhere (//host, /\\host, a scheme) is dropped."""
    said = text or "/"
    is_plain = said.isprintable() and "\\" not in said and len(said) <= 2000
    if not is_plain or not said.startswith("/") or said.startswith(("//", "/auth/")):
        return "/"
    return said


def is_page() -> bool:
    """Whether a person opened this address in a browser: then they are sent to sign in, else told 401."""
    wants_html = "text/html" in request.headers.get("Accept", "") or request.path.startswith("/export/")
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    is_read = request.method in ("GET", "HEAD")
    return is_read and wants_html and mode == "navigate" and not request.path.startswith(_PARTS)


def asked_address() -> str:
    """The path and query asked for, to come back to."""
    query = request.query_string.decode("ascii", "replace")
    return local_path(quote(request.path, safe="/~") + (f"?{query}" if query else ""))


def unauthorised() -> Response:
    """401 for scripts and programs."""
    said = json.dumps({"error": "sign in"})
    response = Response(
        said, 401, {"WWW-Authenticate": 'Session realm="AI Sandbox Usage"'}, mimetype="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def sent_to(address: str) -> Response:
    """A redirect that nobody keeps."""
    response = redirect(address)
    response.headers["Cache-Control"] = "no-store"
    return Response(response.response, response.status, response.headers)


def is_trusted_peer(trusted: tuple[str, ...]) -> bool:
    """Whether the request comes straight from one of these addresses or networks."""
    try:
        peer = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(peer in ip_network(network) for network in trusted)


def client_address(trusted: tuple[str, ...]) -> str:
    """The address that asks; what a trusted proxy added last to X-Forwarded-For counts, nothing before it."""
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return said[:60] if said and is_trusted_peer(trusted) else request.remote_addr or "unknown"
