"""Finished answers: kept as compressed bytes per data version, scope and view; and files that never change."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, abort, g, request

FOLDER = Path(__file__).parent
PLOTLY_VERSION = "4.1.1"
PLOTLY = FOLDER / "vendor" / f"plotly-cartesian-{PLOTLY_VERSION}.min.js"
LIMIT_BYTES = 64 * 1024 * 1024
_FOREVER = "public, max-age=31536000, immutable"
_TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")


@dataclass(frozen=True)
class Kept:
    """An answer as it goes over the wire."""

    body: bytes
    mimetype: str
    encoding: str | None
    etag: str


class ResponseCache:
    """Answers successful page and callback requests from memory, compressed once.

    The key is (what `key` gives: data version, staleness and scope; address, body, language, theme, encoding), so new
    data or other rights can't meet old bytes. Answers an equal ETag with 304. Bounded; the least used go first.
    """

    def __init__(self, server: Flask, *, key: Callable[[], str], limit_bytes: int = LIMIT_BYTES) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes, self._limit, self._key = 0, limit_bytes, key
        self._lock = threading.Lock()
        server.before_request(self._answer)
        server.after_request(self._keep)

    def _answer(self) -> Response | None:
        if not _is_ours():
            return None
        g.cache_key = self._full_key()
        with self._lock:
            kept = self._kept.get(g.cache_key)
            if kept is None:
                return None
            self._kept.move_to_end(g.cache_key)
        g.was_kept = True
        return _response(kept)

    def _full_key(self) -> str:
        body = request.get_data() if request.method == "POST" else b""
        digest = blake2b(body, digest_size=16).hexdigest()
        scope = "static" if _is_file() else self._key()
        return "|".join(
            (scope, g.view.language, g.view.theme or "", request.method, request.full_path, digest, encoding())
        )

    def _keep(self, response: Response) -> Response:
        if g.get("is_personal"):  # one person's own use: kept nowhere
            response.headers["Cache-Control"] = "private, no-store"
            return response
        is_done = g.get("was_kept") or g.get("is_lost") or "cache_key" not in g or response.status_code != 200
        if is_done or not (response.mimetype or "").startswith(_TEXT):
            return response
        response.direct_passthrough = False  # files are read as well
        chosen = encoding()
        body = compressed(response.get_data(), chosen, 9 if _is_file() else 5)
        response.close()
        etag = blake2b(body, digest_size=12).hexdigest()
        kept = Kept(body, response.content_type or "", chosen or None, etag)
        self._store(g.cache_key, kept)
        return _response(kept)

    def _store(self, key: str, kept: Kept) -> None:
        with self._lock:
            if key not in self._kept:
                self._bytes += len(kept.body)
            self._kept[key] = kept
            while self._bytes > self._limit:
                _key, old = self._kept.popitem(last=False)
                self._bytes -= len(old.body)


def _is_file() -> bool:
    return request.path.startswith(("/_dash-component-suites/", "/assets/"))


def _is_for_ever() -> bool:
    """True for addresses that change with the content: Dash's own files and our marked ones, and the fonts."""
    return request.path.startswith(("/_dash-component-suites/", "/assets/fonts/")) or bool(request.args)


def _is_ours() -> bool:
    if request.method == "POST":
        return request.path == "/_dash-update-component"
    named = ("/assets/fonts/", "/export/", "/order/", "/vendor/", "/auth/", "/public", "/healthz", "/readyz")
    return request.method == "GET" and not request.path.startswith(named)


def _response(kept: Kept) -> Response:
    etag = f'"{kept.etag}"'
    if request.headers.get("If-None-Match") == etag:
        response = Response(status=304)
    else:
        response = Response(kept.body, content_type=kept.mimetype)
        if kept.encoding:
            response.headers["Content-Encoding"] = kept.encoding
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    response.headers["Cache-Control"] = _cache_control()
    return response


def _cache_control() -> str:
    if not _is_file():
        return "private, no-cache"
    return _FOREVER if _is_for_ever() else "no-cache"


def encoding() -> str:
    """The best encoding the browser takes: br, gzip or none."""
    accepted = request.headers.get("Accept-Encoding", "")
    return "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""


def compressed(body: bytes, how: str, quality: int) -> bytes:
    """`body` in that encoding."""
    if how == "br":
        return bytes(brotli.compress(body, quality=quality))
    return gzip.compress(body, 6, mtime=0) if how == "gzip" else body


@cache
def fingerprint(name: str) -> str:
    """Address of a file of ours with a mark of its content, so that it may be kept for ever."""
    if name == "plotly":
        return f"/vendor/{PLOTLY.name}"
    content = (FOLDER / "assets" / name).read_bytes()
    return f"/assets/{name}?v={blake2b(content, digest_size=6).hexdigest()}"


def serve_files(server: Flask) -> None:
    """Serves plotly.js (precompressed) and lets browsers keep our assets."""

    @server.get("/vendor/<name>")
    def vendored(name: str) -> Response:
        if name != PLOTLY.name:
            abort(404)
        takes_br = encoding() == "br"
        content = PLOTLY.with_name(PLOTLY.name + ".br") if takes_br else PLOTLY
        response = Response(content.read_bytes(), mimetype="text/javascript")
        if takes_br:
            response.headers["Content-Encoding"] = "br"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = _FOREVER
        return response

    @server.after_request
    def keep_fonts(response: Response) -> Response:
        if request.path.startswith("/assets/fonts/") and response.status_code in (200, 304):
            response.headers["Cache-Control"] = _FOREVER
        return response
