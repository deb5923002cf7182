"""axe-core finds nothing on any page, at two widths, in both themes and languages, under our own CSP."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from dashboard.pages import PAGES
from tests.e2e.live import HEADERS, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_violation(browser: Browser, address: str, width: int, theme: str, language: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    found = []
    for shown in PAGES:
        page.goto(f"{address}{shown.path}?lang={language}&theme={theme}")
        settle(page)
        for summary in page.locator("main details:not([open]) > summary").all()[:2]:
            summary.click()
        if width < 760:
            page.click(".more summary")
        found += violations(page, shown.name)
    context.close()
    assert found == []


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(390, "light", "en"), (390, "dark", "cs"), (1280, "light", "cs"), (1280, "dark", "en")],
)
def test_axe_finds_no_violation_on_my_usage_and_the_public_page(
    browser: Browser, personal_address: str, width: int, theme: str, language: str
) -> None:
    viewport: ViewportSize = {"width": width, "height": 900}
    context = browser.new_context(viewport=viewport, color_scheme=theme, extra_http_headers=HEADERS)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{personal_address}/me?lang={language}&theme={theme}")
    settle(page)
    assert page.locator("#own-models table").count() == 1
    page.locator("main details:not([open]) > summary").first.click()
    if width < 760:
        page.click(".more summary")
    found = violations(page, "me")
    context.set_extra_http_headers({})
    page.goto(f"{personal_address}/public?lang={language}")
    assert page.locator("dd").count() == 4
    found += violations(page, "public")
    context.close()
    assert found == []


def violations(page: Page, name: str) -> list[tuple[str, str, str]]:
    """(page, rule, first element) of what axe finds on the page as it is."""
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(name, v["id"], v["nodes"][0]["html"][:120]) for v in result["violations"]]
