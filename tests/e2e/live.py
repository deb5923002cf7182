"""A dashboard that really listens, and a real Chromium that looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard.app import create_app
from dashboard.options import Options
from queries.reader import Reader
from queries.warehouse import Warehouse

CHROMIUM = Path("/usr/bin/chromium")
NOW = datetime(2026, 11, 23, 6, 0)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Quiet(WSGIRequestHandler):
    """Answers without a line per request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def served(folder: Path, *, now: datetime = NOW, **options: Any) -> Iterator[str]:
    """Address of a dashboard serving the snapshot in `folder`, at a fixed time of day."""
    app = create_app(Options(folder, **options), Reader(Warehouse(folder)), clock=lambda: now)
    server = make_server("127.0.0.1", 0, app.server, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without any service of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Any) -> None:
    """Waits until the page is drawn: the app has taken over, nothing is loading, every chart has its picture."""
    page.wait_for_function(
        "() => document.querySelector('#app main') && !document.getElementById('first-paint')"
        " && !('loading' in document.documentElement.dataset)"
        " && [...document.querySelectorAll('#app .chart')].every(c => c.querySelector('.main-svg'))"
    )
    page.evaluate("document.fonts.ready")
