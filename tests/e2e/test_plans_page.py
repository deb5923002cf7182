"""The page of plans in a real browser: sliders answer, scenarios are links, management's sheet is one page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live import settle

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_slider_changes_the_answer_and_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/plans?lang=en&seat=60")
    settle(page)
    before = page.locator("#decide .finding").inner_text()
    page.focus("#what-if-growth")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("growth=5"))
    expect(page.locator("#decide .finding")).not_to_have_text(before)
    expect(page.locator("#what-if-growth")).to_be_focused()
    expect(page.locator("#what-if-seat")).to_have_value("60")


def test_a_faculty_joins_and_the_scenario_stays_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/plans?lang=en&growth=50")
    settle(page)
    page.click("text=Put this scenario beside the others")
    expect(page).to_have_url(re.compile("keep=growth%3A50"))
    page.click("text=Faculties that join")
    page.click(".chips a >> text=KTF")
    expect(page).to_have_url(re.compile("join=KTF"))
    expect(page.locator("#scenarios tbody tr")).to_have_count(3)


def test_the_funding_sheet_prints_on_one_page(page: Page, address: str) -> None:
    page.goto(f"{address}/plans?lang=cs&seat=60&growth=50")
    settle(page)
    page.emulate_media(media="print")
    assert page.locator("#funding").is_visible()
    assert not page.locator("#person-costs").is_visible()
    printed = page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
