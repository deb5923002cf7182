"""A dashboard that really listens, and a real Chromium that looks at it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

import duckdb
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard.app import create_app
from dashboard.options import Options
from queries.keyed import pseudonym, sign_in_mark
from queries.reader import Reader
from queries.rights import Access, Grant
from queries.warehouse import Warehouse
from tests.attack.servers import SECRETS
from tests.queries.synthetic import NAME, publish

PERSON = "anna@cuni.cz"
HEADERS = {"X-Proxy-Secret": SECRETS["PROXY_SECRET"], "X-Remote-User": PERSON}  # of a request of hers
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
def served_to_a_person(folder: Path) -> Iterator[str]:
    """Address of a dashboard with My usage and the public page, over a new made-up snapshot in `folder` in which the
    person of `HEADERS` finds what she used."""
    publish(folder, persons=300)
    secret = SECRETS["SANDBOX_SECRET"].encode()
    with duckdb.connect(str(folder / NAME)) as connection:
        mark = sign_in_mark(secret, pseudonym(secret, PERSON))
        most = "select person_no from own_month group by 1 order by sum(metered_czk) desc limit 1"
        connection.execute(f"insert into sign_in select ?, ({most})", [mark])
    access = Access(grants=(Grant(kind="user", value=PERSON, role="management"),))
    with (
        patch.dict(os.environ, SECRETS),
        served(folder, auth="proxy", self_service=True, public_page=True, access=access, requests_a_minute=10**6) as at,
    ):
        yield at


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
