"""A listening dashboard and a real Chromium, once per session."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.conftest import refuse_skip_in_ci
from tests.e2e.live import served, served_to_a_person
from tests.queries.synthetic import publish


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a dashboard of 600 made-up persons listens."""
    folder = tmp_path_factory.mktemp("listening")
    publish(folder, persons=600)
    with served(folder) as where:
        yield where


@pytest.fixture(scope="session")
def personal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a dashboard with My usage and the public page listens."""
    with served_to_a_person(tmp_path_factory.mktemp("personal")) as where:
        yield where


class Watch:
    """What a page complained about and whom it asked."""

    def __init__(self, page: Page, own: str) -> None:
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("request", lambda r: self._note(r.url, own))

    def _note(self, url: str, own: str) -> None:
        self.asked.append(url)
        if not url.startswith((own, "data:", "blob:")):
            self.elsewhere.append(url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page of a wide screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    try:
        yield context.new_page()
    finally:
        try:
            context.close()
        except Error:
            refuse_skip_in_ci("Chromium has gone")


@pytest.fixture
def watch(page: Page, address: str) -> Watch:
    """Watches `page`."""
    return Watch(page, address)
