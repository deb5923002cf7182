"""The dashboard in a real browser: moving, sharing, keyboard, small screens, paper, and no word to anybody else."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages import PAGES
from tests.e2e.conftest import Watch
from tests.e2e.live import settle

pytestmark = pytest.mark.browser


def test_no_request_leaves_the_host_and_nothing_is_complained_about(page: Page, watch: Watch, address: str) -> None:
    for shown in PAGES:
        page.goto(f"{address}{shown.path}?lang=en")
        settle(page)
    page.hover("#graph-models-share") if page.locator("#graph-models-share").count() else None
    assert watch.elsewhere == []
    assert watch.complaints == []


def test_the_page_is_readable_before_any_script_has_run(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/?lang=en")
    expect(page.locator("h1")).to_have_text("Overview")
    expect(page.locator(".kpi")).to_have_count(5)
    expect(page.locator("#cost-by-faculty .ranked li").first).to_be_visible()
    context.close()


def test_moving_does_not_reload_and_the_back_button_works(page: Page, watch: Watch, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    page.evaluate("window.isSameDocument = true")
    page.click("nav.pages a[href='/costs']")
    expect(page.locator("h1")).to_have_text("Costs")
    expect(page).to_have_title("Costs · AI Sandbox")
    page.click("text=28 days")
    expect(page).to_have_url(re.compile(r"/costs\?period=28d$"))
    expect(page.locator(".segmented a[aria-current]", has_text="28 days")).to_be_visible()
    page.go_back()
    expect(page.locator(".segmented a[aria-current]", has_text="90 days")).to_be_visible()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Overview")
    settle(page)
    assert page.evaluate("window.isSameDocument") is True
    assert watch.complaints == []


def test_a_link_reproduces_what_was_chosen(page: Page, browser: Browser, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    page.select_option("select[name=unit]", "MFF")
    expect(page).to_have_url(re.compile("unit=MFF"))
    page.fill("input[name=from]", "2026-10-01")
    expect(page).to_have_url(re.compile("from=2026-10-01"))
    settle(page)
    value = page.locator(".kpi .value").first.inner_text()
    other = browser.new_context().new_page()
    other.goto(page.url + "&lang=en")
    assert other.locator(".kpi .value").first.inner_text() == value
    assert other.locator("select[name=unit]").input_value() == "MFF"
    other.context.close()


def test_a_faculty_in_the_ranking_filters_and_lets_go_again(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    page.click("#cost-by-faculty .ranked a >> nth=0")
    expect(page).to_have_url(re.compile("unit="))
    expect(page.locator("#cost-by-faculty li.is-current")).to_have_count(1)
    page.click("#cost-by-faculty li.is-current a")
    expect(page).not_to_have_url(re.compile("unit="))


def test_the_price_of_a_seat_is_tried_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/plans?lang=en")
    settle(page)
    page.fill("input[name=seat]", "150")
    page.press("input[name=seat]", "Enter")
    expect(page).to_have_url(re.compile("seat=150"))
    expect(page.locator("#person-costs .finding")).to_contain_text("150")


def test_theme_and_language_stay_and_the_figures_are_not_asked_again(page: Page, watch: Watch, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    asked = len(watch.asked)
    page.click("[data-theme-switch]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert len(watch.asked) == asked
    page.goto(f"{address}/models")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("text=CS")
    expect(page.locator("h1")).to_have_text("Modely")


def test_the_keyboard_reaches_everything_and_focus_is_seen(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    reached = set()
    for _step in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('nav,form,section,header')?.className || ''"))
        outline = page.evaluate(
            "(e => [e, e.parentElement].some(n => getComputedStyle(n).outlineStyle !== 'none'))(document.activeElement)"
        )
        assert outline, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    assert {"pages", "segmented", "fields"} <= reached


def test_following_a_link_moves_the_focus_to_the_new_heading(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    settle(page)
    page.focus("nav.pages a[href='/models']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Models")
    expect(page.locator("h1")).to_be_focused()


def test_on_a_phone_the_other_pages_are_under_more(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/?lang=en")
    settle(page)
    expect(page.locator("nav.pages > ul > li:visible")).to_have_count(5)
    page.focus(".more summary")
    page.keyboard.press("Enter")
    page.click(".more a[href='/methodology']")
    expect(page.locator("h1")).to_have_text("Methodology")
    expect(page.locator(".more.is-current")).to_be_visible()
    expect(page.locator(".more details[open]")).to_have_count(0)
    context.close()


def test_a_substitution_is_chosen_and_stands_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/models?lang=en")
    settle(page)
    other = page.locator("#substitution select[name=instead] option").nth(2).get_attribute("value")
    page.select_option("#substitution select[name=instead]", other)
    expect(page).to_have_url(re.compile(f"instead={re.escape(str(other))}"))
    settle(page)
    assert page.locator("#substitution select[name=instead]").input_value() == other


def test_a_month_of_the_statement_is_chosen_and_downloaded(page: Page, address: str) -> None:
    page.goto(f"{address}/faculty?unit=MFF&lang=en")
    settle(page)
    page.click("#statement .months a >> nth=2")
    expect(page).to_have_url(re.compile(r"unit=MFF&month=2026-\d\d$"))
    settle(page)
    with page.expect_download() as started:
        page.click("#statement a[download] >> text=XLSX")
    assert started.value.suggested_filename == "statement.xlsx"


@pytest.mark.parametrize("path", [p.path for p in PAGES])
@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1920])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, width: int, path: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{address}{path}?lang=cs")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()


def test_the_overview_prints_on_one_sheet_of_paper(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=cs")
    settle(page)
    page.emulate_media(media="print")
    printed = page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1


def test_charts_are_drawn_at_their_size_on_paper_and_back_on_the_screen(page: Page, address: str) -> None:
    heights = "[...document.querySelectorAll('#app .chart')].map(e => [e, e.querySelector('.main-svg')]"
    heights += ".map(x => x.clientHeight))"
    page.goto(f"{address}/?lang=cs")
    settle(page)
    screen = page.evaluate(heights)
    page.emulate_media(media="print")
    page.wait_for_function(f"() => {heights}.every(([box, drawn]) => Math.abs(box - drawn) <= 1)", timeout=5000)
    assert max(box for box, _drawn in page.evaluate(heights)) < min(box for box, _drawn in screen)
    page.emulate_media(media="screen")
    page.wait_for_function(
        f"() => JSON.stringify({heights}) === '{json.dumps(screen, separators=(',', ':'))}'", timeout=5000
    )


def test_colours_follow_the_theme_inside_charts(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en&theme=light")
    settle(page)
    tick = "#graph-active-users .xtick text"
    light = page.eval_on_selector(tick, "e => getComputedStyle(e).fill")
    page.click("[data-theme-switch]")
    assert page.eval_on_selector(tick, "e => getComputedStyle(e).fill") != light
