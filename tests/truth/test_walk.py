"""Three people with a question each walk through the pages; what they read is compared with the truth of the world."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from tests.e2e.live import served, settle
from tests.truth import adoption, details, held
from tests.truth.asked import Asked
from tests.truth.conftest import Loaded

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.slow]
UNIT = "MFF"


@pytest.fixture
def page(loaded: Loaded, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A browser's page and the address of a dashboard of the loaded world, on the morning after its last day."""
    morning = datetime.combine(loaded.truth.through + timedelta(1), datetime.min.time()) + timedelta(hours=7)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    try:
        with served(loaded.folder / "var", now=morning) as address:
            yield context.new_page(), address
    finally:
        context.close()


def read(page: Page, selector: str) -> str:
    """What stands there, spaces as on a keyboard."""
    return page.locator(selector).first.inner_text().replace("\u00a0", " ").replace("\u202f", " ")


def number(text: str) -> Decimal:
    """The first number of a text."""
    found = re.search(r"\u2212?\d[\d,]*(\.\d+)?", text)
    assert found, text
    return Decimal(found[0].replace(",", "").replace("\u2212", "-"))


def kpi(page: Page, name: str) -> str:
    """The value of a figure of the strip."""
    return read(page, f".kpi:has(dt:has-text('{name}')) .value")


def crowns(amount: Decimal, places: str = "1") -> Decimal:
    """Rounded as it is shown."""
    return amount.quantize(Decimal(places), ROUND_HALF_EVEN)


def cost(loaded: Loaded, unit: str, start: date, end: date) -> Decimal:
    """True CZK of a unit in [start, end)."""
    t = loaded.truth
    return sum((t.czk(c) for c in t.cells if start <= c.day < end and unit in t.above(c.unit)), Decimal(0))


def last_month(loaded: Loaded) -> tuple[date, date]:
    """The last whole month of the world."""
    end = loaded.truth.through.replace(day=1)
    return (end - timedelta(1)).replace(day=1), end


def test_the_rector_reads_how_many_use_it_and_what_the_month_costs(loaded: Loaded, page: tuple[Page, str]) -> None:
    shown, address = page
    start, end = last_month(loaded)
    shown.goto(f"{address}/?lang=en&period=m{start:%Y-%m}")
    settle(shown)
    minimum = loaded.snapshot.minimum_group
    active = len(loaded.truth.active_in("UK", end - timedelta(28), end))
    assert abs(number(kpi(shown, "Active in 28 days")) - active) < minimum
    eligible = adoption.eligible(loaded.truth, "UK", end - timedelta(1))
    assert eligible
    assert abs(number(kpi(shown, "Adoption")) / 100 - Decimal(active) / eligible) < Decimal(minimum + 1) / eligible
    spent = cost(loaded, "UK", start, end)
    assert number(kpi(shown, "Metered cost")) == crowns(spent, "1" if spent >= 100 else "0.01")
    asked = Asked(start, end, ("UK",))
    budgets = {row[0]: row for row in details.budget(loaded.truth, asked)}
    if "UK" in budgets:
        amount, of_it = budgets["UK"][3:5]
        assert isinstance(amount, Decimal)
        assert isinstance(of_it, Decimal)
        beside = read(shown, ".kpi:has(dt:has-text('Metered cost')) .beside")
        assert number(beside) == (crowns(100 * of_it / amount) if of_it / amount >= Decimal("0.01") else 1)  # "<1%"


def test_the_bursar_reads_and_downloads_what_the_faculty_used_last_month(
    loaded: Loaded, page: tuple[Page, str]
) -> None:
    shown, address = page
    start, end = last_month(loaded)
    shown.goto(f"{address}/faculty?lang=en&unit={UNIT}&month={start:%Y-%m}")
    settle(shown)
    true = crowns(cost(loaded, UNIT, start, end), "0.01")
    on_screen = [number(text) for text in shown.locator("#statement td").all_inner_texts() if text.startswith("CZK")]
    assert true in on_screen
    with shown.expect_download() as downloaded:
        shown.click("#statement a[href*='.xlsx']")
    book = load_workbook(io.BytesIO(downloaded.value.path().read_bytes()))
    cells = [v for sheet in book for row in sheet.values for v in row if isinstance(v, int | float)]
    assert float(true) in [pytest.approx(v) for v in cells]


def test_the_engineer_reads_who_never_came_and_what_is_not_mapped(loaded: Loaded, page: tuple[Page, str]) -> None:
    shown, address = page
    shown.goto(f"{address}/adoption?lang=en&period=28d")
    settle(shown)
    asked = Asked(loaded.truth.through - timedelta(27), loaded.truth.through + timedelta(1), ("UK",))
    (row,) = adoption.funnel(loaded.truth, asked)
    accounts, activated = row[2], row[4]
    assert isinstance(accounts, int)
    assert isinstance(activated, int)
    unused, of_all = (number(part) for part in read(shown, "#never-used .finding").split(" of ")[:2])
    minimum = loaded.snapshot.minimum_group
    assert abs(of_all - accounts) < minimum
    assert abs(unused - (accounts - activated)) < 2 * minimum
    shown.goto(f"{address}/data?lang=en")
    settle(shown)
    names = {row[1] for row in held.unmapped(loaded.truth, asked)}
    cells = shown.locator("#unmapped tbody tr > :first-child").all_inner_texts()
    assert set(cells) == names != set()
    assert re.match(r"All \d+ sources answered", read(shown, "#sources .finding"))
