"""axe-core finds nothing on any page, at two widths, in both themes and languages, under our own CSP."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dashboard.pages import PAGES
from tests.e2e.live import settle

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
        page.evaluate(AXE)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [(shown.name, v["id"], v["nodes"][0]["html"][:120]) for v in result["violations"]]
    context.close()
    assert found == []
