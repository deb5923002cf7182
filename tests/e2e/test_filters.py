"""The bar of filters and the orders, in a real browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from queries.inbox import pending
from tests.e2e.conftest import Watch
from tests.e2e.live import served, settle
from tests.queries.synthetic import publish

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def query(page: Page) -> str:
    """What stands after the question mark."""
    return page.url.partition("?")[2]


def test_filters_add_up_in_the_address_and_going_back_takes_them_off(page: Page, address: str) -> None:
    page.goto(f"{address}/costs?lang=en")
    settle(page)
    for name, value in (("currency", "EUR"), ("channel", "api"), ("compare", "year"), ("period", "m2026-10")):
        page.select_option(f"select[name={name}]", value)
        page.wait_for_url(f"**{name}={value}*")
        settle(page)
    assert query(page) == "period=m2026-10&compare=year&channel=api&currency=EUR"
    expect(page.locator("#cost-by-model .finding")).to_be_visible()
    page.go_back()
    settle(page)
    assert query(page) == "compare=year&channel=api&currency=EUR"
    assert page.input_value("select[name=channel]") == "api"
    page.fill("input[name=from]", "2026-10-01")
    page.fill("input[name=to]", "2026-10-31")
    page.wait_for_url("**from=2026-10-01*")
    settle(page)
    assert "period=" not in query(page)
    page.select_option("select[name=channel]", "")
    page.wait_for_function("() => !location.search.includes('channel')")
    assert "from=2026-10-01" in query(page), "another filter leaves the days alone"


def test_the_same_address_elsewhere_shows_the_same_figures(page: Page, browser: Browser, address: str) -> None:
    page.goto(f"{address}/?lang=en&period=m2026-10&unit=MFF&currency=USD&role=student")
    settle(page)
    other = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    other.goto(page.url)
    settle(other)
    assert other.locator(".kpis").inner_text() == page.locator(".kpis").inner_text()
    assert "USD" in other.locator(".kpis").inner_text()
    other.context.close()


@pytest.mark.parametrize("path", ["/", "/costs", "/models", "/adoption", "/data"])
def test_nothing_moves_while_a_page_is_drawn(browser: Browser, address: str, path: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(e => {"
        " if (!e.hadRecentInput) window.moved += e.value; })).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(f"{address}{path}?lang=cs")
    settle(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") < 0.01  # the goal is 0.1; a line that wraps late is 0.003
    page.context.close()


def test_an_order_is_placed_from_the_page_and_says_that_it_waits(page: Page, watch: Watch, tmp_path: Path) -> None:
    publish(tmp_path, persons=60)
    with served(tmp_path) as address:
        page.goto(f"{address}/data?lang=en")
        settle(page)
        finding = page.locator("#sources .finding").inner_text()
        assert "1 source failed at its last attempt: invoices (anthropic)." in finding
        tile = page.locator("article.source", has_text="anthropic")
        tile.get_by_role("button", name=re.compile("Run now")).click()
        expect(tile.locator("output")).to_have_text("Waiting to be done.")
        page.goto(f"{address}/adoption?lang=en")
        settle(page)
        form = page.locator("form[data-order=annotation]")
        form.locator("input[name=name_cs]").fill("Školení")
        form.locator("input[name=name_cs]").press("Enter")
        expect(form.locator("output")).to_have_text("Waiting to be done.")
    placed = {o.kind: o.values for o in pending(tmp_path)}
    assert placed["run"] == {"job": "anthropic"}
    assert placed["annotation"]["name_cs"] == "Školení"
    assert not [text for text in watch.complaints if "Failed to load" not in text], json.dumps(watch.complaints)


def test_a_large_table_comes_when_it_is_opened(page: Page, watch: Watch, address: str) -> None:
    page.goto(f"{address}/adoption?lang=en&period=28d")
    settle(page)
    card = page.locator("#faculty-multiples")
    assert card.locator("table").count() == 0
    card.locator("summary", has_text="Table").click()
    expect(card.locator("table caption")).to_have_text("How do the faculties grow side by side?")
    assert card.locator("tbody tr").count() == 28
    asked = [url for url in watch.asked if ".html" in url]
    card.locator("summary", has_text="Table").click()
    card.locator("summary", has_text="Table").click()
    assert [url for url in watch.asked if ".html" in url] == asked
    assert len(asked) == 1
