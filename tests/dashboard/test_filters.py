"""The bar of filters: periods by name, comparisons, role, channel, currency; what a card can't honour it says."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from dashboard import format as fmt
from dashboard import period as periods
from dashboard.answers import Answers
from dashboard.app import UsageDash
from dashboard.period import Period, Term
from dashboard.view import View, parsed
from queries.reader import Scope

THROUGH = date(2026, 11, 22)
TERMS = (
    Term("Winter 2025", date(2025, 10, 1), date(2026, 1, 12), "term_winter"),
    Term("Summer 2026", date(2026, 2, 16), date(2026, 5, 25), "term_summer"),
    Term("Winter 2026", date(2026, 10, 1), date(2027, 1, 11), "term_winter"),
)


@pytest.mark.parametrize(
    ("name", "start", "end", "asked_end"),
    [
        ("m2026-10", date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 1)),
        ("m2026-11", date(2026, 11, 1), date(2026, 11, 23), date(2026, 12, 1)),
        ("t2026-02-16", date(2026, 2, 16), date(2026, 5, 25), date(2026, 5, 25)),
        ("t2026-10-01", date(2026, 10, 1), date(2026, 11, 23), date(2027, 1, 11)),
        ("y2025-10-01", date(2025, 10, 1), date(2026, 10, 1), date(2026, 10, 1)),
        ("y2026-10-01", date(2026, 10, 1), date(2026, 11, 23), date(2027, 10, 1)),
    ],
)
def test_a_period_by_name_reaches_as_far_as_the_data(name: str, start: date, end: date, asked_end: date) -> None:
    assert periods.preset(name, THROUGH, TERMS) == Period(name, start, end, asked_end)


@pytest.mark.parametrize("name", ["m2026-12", "m2026-13", "t2026-02-17", "t2027-02-15", "y2026-02-16", "forever"])
def test_what_has_not_begun_or_is_no_term_is_no_period(name: str) -> None:
    assert periods.preset(name, THROUGH, TERMS) is None


def test_like_is_compared_with_like_however_it_is_compared() -> None:
    term = periods.preset("term", THROUGH, TERMS)
    assert term
    assert term.is_partial
    found = {how: term.compared(how, TERMS) for how in periods.COMPARISONS}
    assert {how: days and (days[1] - days[0]).days for how, days in found.items()} == dict.fromkeys(found, term.days)
    assert found["previous"] == (date(2026, 8, 9), date(2026, 10, 1))
    assert found["year"] == (date(2025, 10, 1), date(2025, 11, 23))
    # the Monday of the first week is 28 September 2026 and 29 September 2025: weekdays are kept
    assert found["term"] == (date(2025, 10, 2), date(2025, 11, 24))


def test_the_same_week_of_term_is_that_of_the_same_kind_a_year_earlier() -> None:
    week = Period("", date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 23))
    before = week.compared("term", TERMS)
    assert before == (date(2025, 11, 17), date(2025, 11, 24))
    assert before[0].weekday() == week.start.weekday()
    assert Period("", date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 9)).compared("term", TERMS) is None
    assert week.compared("term", ()) is None


def test_a_leap_day_has_a_day_a_year_earlier() -> None:
    leap = Period("", date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 1))
    assert leap.compared("year", ()) == (date(2027, 2, 28), date(2027, 3, 1))


def test_all_filters_stand_in_the_address_and_come_back() -> None:
    view = View("/costs", "m2026-10", unit="MFF", compare="term", role="student", channel="api", currency="EUR")
    path, _mark, query = view.link().partition("?")
    again = parsed(path, query, cookies={}, default_language="cs")
    assert again == view
    kept = parsed("/models", view.link("/models").partition("?")[2], cookies={}, default_language="cs")
    assert (kept.preset, kept.compare, kept.role, kept.channel, kept.currency) == (
        "m2026-10", "term", "student", "api", "EUR",
    )  # fmt: skip


@pytest.mark.parametrize("wrong", ["compare=never", "role=%3Cb%3E", "channel=fax", "currency=XXX", "period=m26-1"])
def test_a_filter_that_makes_no_sense_is_named_and_left_out(wrong: str) -> None:
    view = parsed("/", wrong, cookies={}, default_language="cs")
    assert len(view.refused) == 1
    assert view.link() == "/"


def sheet(client: FlaskClient, card: str, query: str) -> list[dict[str, str]]:
    """Rows of a card's English CSV."""
    text = client.get(f"/export/{card}.csv?lang=en&{query}").get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def chips(client: FlaskClient, address: str) -> dict[str, list[str]]:
    """{card: what it says it can't honour}."""
    page = client.get(address).text.partition('id="first-layout"')[0]
    found = {}
    for part in page.split("<section")[1:]:
        head = re.search(r'id="([\w-]+)"', part.partition(">")[0])
        assert head
        found[head[1]] = re.findall(r'class="chip is-unmet">([^<]+)<', part)
    return found


def test_a_card_that_can_t_honour_a_filter_says_so_and_one_that_can_does_not(client: FlaskClient) -> None:
    said = chips(client, "/adoption?lang=en&role=student")
    assert said["adoption-active"] == []
    assert said["lifecycle"] == ["all roles"]
    assert said["happened"] == []
    said = chips(client, "/costs?lang=en&channel=api")
    assert said["cost-by-model"] == []
    assert said["cost-by-key"] == ["chat and API"]
    assert not any(chips(client, "/costs?lang=en").values())


def test_a_filter_that_means_nothing_on_a_page_is_not_offered_there_but_kept(client: FlaskClient) -> None:
    page = client.get("/plans?lang=en&channel=api&currency=USD").text
    assert 'name="channel" aria-label' not in page
    assert "/costs?channel=api&amp;currency=USD" in page
    assert 'name="channel" aria-label' in client.get("/costs?lang=en").text


def test_cost_of_the_chat_and_of_keys_add_up_to_all_cost(client: FlaskClient) -> None:
    def cost(query: str) -> Decimal:
        return sum((Decimal(r["Metered cost"] or 0) for r in sheet(client, "cost-by-model", query)), Decimal(0))

    assert cost("period=28d&channel=chat") + cost("period=28d&channel=api") == cost("period=28d") > 0
    assert cost("period=28d&channel=api") > 0


def test_people_of_a_role_are_fewer_than_all(client: FlaskClient) -> None:
    everybody = int(sheet(client, "active-users", "period=7d")[0]["Active in 28 days"])
    students = int(sheet(client, "active-users", "period=7d&role=student")[0]["Active in 28 days"])
    staff = int(sheet(client, "active-users", "period=7d&role=staff")[0]["Active in 28 days"])
    assert 0 < staff < students < everybody


def test_amounts_are_shown_in_the_chosen_currency_on_screen_and_in_files(client: FlaskClient) -> None:
    crowns = sheet(client, "cost-by-model", "period=28d")
    dollars = sheet(client, "cost-by-model", "period=28d&currency=USD")
    rate = Decimal(crowns[0]["Metered cost"]) / Decimal(dollars[0]["Metered cost (USD)"])
    assert 15 < rate < 30
    book = load_workbook(io.BytesIO(client.get("/export/cost-by-model.xlsx?lang=en&period=28d&currency=USD").data))
    data = list(book["Data"].values)
    at = data[0].index("Metered cost (USD)")
    assert data[1][at] == pytest.approx(float(dollars[0]["Metered cost (USD)"]))
    said = {row[0]: row[1] for row in book["Methodology"].values}
    assert said["Currency"] == f"1 USD = CZK\u00a0{rate:.3f} (20\u00a0Nov\u00a02026)"
    page = client.get("/costs?lang=en&period=28d&currency=USD").text
    assert fmt.NBSP.join(("USD", "")) in page
    assert f"1 USD = CZK\u00a0{rate:.3f}" in page


def test_a_charge_stays_in_crowns_and_says_so(client: FlaskClient) -> None:
    said = chips(client, "/faculty?lang=en&unit=MFF&currency=EUR")
    assert said["statement"] == ["in CZK"]
    assert said["faculty-months"] == []


def test_the_comparison_decides_what_a_change_is_against(client: FlaskClient) -> None:
    before = sheet(client, "why-it-changed", "period=28d")[0]["Amount before tax"]
    year = sheet(client, "why-it-changed", "period=28d&compare=year")[0]["Amount before tax"]
    assert Decimal(before) != Decimal(year)
    end = THROUGH + timedelta(1)
    start, last = (date(d.year - 1, d.month, d.day) for d in (end - timedelta(28), THROUGH))
    days = sheet(client, "cost-by-day", f"from={start}&to={last}")
    same = sum((Decimal(r["Metered cost"]) for r in days), Decimal(0))
    assert abs(Decimal(year) - same) < Decimal("0.01")


def test_a_comparison_before_all_data_is_refused_in_words(client: FlaskClient) -> None:
    assert "There is nothing to compare with that way." in client.get("/costs?lang=en&period=12m&compare=year").text


def test_answers_of_another_scope_or_version_are_never_given() -> None:
    kept, mine = Answers(), Scope(("MFF",), "faculty")
    kept.keep("v1", mine, "question", ({"n": 1},))
    assert kept.get("v1", mine, "question") == ({"n": 1},)
    assert kept.get("v1", Scope(("FF",), "faculty"), "question") is None
    assert kept.get("v1", Scope(("MFF",), "university"), "question") is None
    assert kept.get("v2", mine, "question") is None


def test_the_least_used_answers_go_first() -> None:
    kept, scope = Answers(limit_rows=6), Scope(("UK",), "rse")
    rows: Any = tuple({"n": n} for n in range(2))
    for name in ("a", "b"):
        kept.keep("v", scope, name, rows)
    kept.get("v", scope, "a")
    kept.keep("v", scope, "c", rows)
    assert [kept.get("v", scope, name) is None for name in ("a", "b", "c")] == [False, True, False]


def test_an_empty_answer_is_kept_too(make_app: Callable[..., UsageDash]) -> None:
    client = make_app().server.test_client()
    assert "No day stands out" in client.get("/costs?lang=en&from=2025-11-01&to=2025-11-02").text
