"""What of a request is written into the audit: which page, export or order, and the chosen units and days."""

from typing import Any
from urllib.parse import parse_qsl

from flask import Response, g, request

from dashboard.audit import Audit
from dashboard.viewer import Viewer

CALLBACK = "/_dash-update-component"
_CHOSEN = ("unit", "period", "from", "to", "month")
_OPEN_OR_FILES = ("/_", "/assets/", "/vendor/", "/auth/", "/healthz", "/readyz", "/order/")


def noted(audit: Audit, response: Response) -> None:
    """Writes down what a known viewer was given or refused; files and questions about the state are left out."""
    viewer: Viewer | None = g.get("user")
    if viewer is None or (found := _looked_at(response)) is None:
        return
    what, subject, query = found
    chosen = {key: value[:40] for key, value in parse_qsl(query) if key in _CHOSEN}
    audit.note(viewer.name, viewer.role, what, subject, units=list(viewer.scope.units), **chosen)


def _looked_at(response: Response) -> tuple[str, str, str] | None:
    """(what, of what, query) or None."""
    path, query = request.path, request.query_string.decode("ascii", "replace")
    if response.status_code == 403:
        return "refused", path, query
    if response.status_code not in (200, 202, 304):
        return None
    if request.method == "POST" and path.startswith("/order/"):
        return "order", path.removeprefix("/order/"), ""
    if request.method == "POST" and path == CALLBACK:
        page, _mark, asked = _address_asked().partition("?")
        return "page", page, asked
    if path.startswith("/export/"):
        return "export", path.removeprefix("/export/"), query
    return None if path.startswith(_OPEN_OR_FILES) else ("page", path, query)


def _address_asked() -> str:
    """The address that a callback shows: the value of its only input."""
    body: Any = request.get_json(silent=True)
    try:
        return str(body["inputs"][0]["value"])
    except (TypeError, KeyError, IndexError):
        return ""
