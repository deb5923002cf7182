"""The page of plans: inputs from the address, an answer in words that is no surer than its numbers."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import duckdb
import openpyxl
import pytest
from flask.testing import FlaskClient
from markupsafe import Markup

from dashboard.access import Viewer
from dashboard.app import UsageDash
from dashboard.language import speaking
from dashboard.pages.plan_question import Basis, holders
from dashboard.pages.plan_seats import seat_holders
from dashboard.pages.plan_words import headline, recommendation
from dashboard.view import parsed
from queries.analysis.break_even import BreakEven
from queries.analysis.commitment import Backtest
from queries.analysis.mix import Mix
from queries.analysis.plan import Plan
from queries.analysis.uncertainty import Range, Ranges, Swing
from queries.plan_answer import PlanStudy, Study
from queries.plan_usage import Rate, Tax
from queries.reader import Scope
from tests.dashboard.test_pages import figures, layout, shown
from tests.queries.synthetic import NAME, publish

ON = Basis(date(2026, 9, 1), date(2026, 11, 1))
PLAN = Plan("edu", name="Edu", includes="unlimited", commitment_months=12, is_removable=False, source="a page",
            source_day=date(2026, 10, 1), certainty="low")  # fmt: skip


def thousands(*amounts: int) -> Range:
    return Range(*(Decimal(1000 * a) for a in amounts))


def study(**given: object) -> Study:
    """A study in which 40 seats save 10,000 of 50,000 crowns."""
    first = PlanStudy(
        PLAN,
        seat_czk=Decimal(400),
        all_seats=Decimal(80_000),
        mix=Mix(Decimal(40_000), 40, 40, (35, 50), False),
        break_even=BreakEven(Decimal(400), 9, 9, 40, 0.2, 0.5, 30),
        ranges=Ranges(thousands(40, 50, 60), thousands(5, 10, 15), thousands(-35, -30, -25)),
        backtest=Backtest(9, Decimal(50_000), Decimal(43_000), Decimal(39_000), 8, 30),
        swings=(Swing("seat_price", Decimal(1), Decimal(2), Decimal("1.5")),
                Swing("people", Decimal(1), Decimal(2), None)),
    )  # fmt: skip
    first = replace(first, **{k: v for k, v in given.items() if hasattr(first, k)})  # type: ignore[arg-type]
    made = Study("v", (date(2026, 9, 1),), 200, Decimal(50_000), (first,), Rate(Decimal(20), date(2026, 10, 1), None),
                 Decimal(20), None, Tax(Decimal("0.21"), Decimal("0.21"), False), 5)  # fmt: skip
    return replace(made, **{k: v for k, v in given.items() if not hasattr(first, k)})  # type: ignore[arg-type]


@pytest.fixture
def in_english() -> object:
    with speaking("en"):
        yield


@pytest.mark.usefixtures("in_english")
def test_the_recommendation_says_range_rest_and_what_would_turn_it() -> None:
    said = recommendation(study(), ON).replace("\u00a0", " ")
    assert said == (
        "The use of 200 people costs CZK 50,000 a month (mean of September 2026 – October 2026). With 40 seats of Edu "
        "for those who use most, and the others by use, a month would cost CZK 40,000: CZK 10,000 (20.0%) less than "
        "paying for use. With other months and people of the same kind it would save between CZK 5,000 and CZK 15,000. "
        "Any number of holders between 35 and 50 costs the same within 2%. Chosen anew each month by the three months "
        "before, seats would have saved CZK 7,000 a month in the past (8 of 9 months). The contract binds for 12 "
        "months and seats can't be taken off within them. The answer would turn if one thing alone rose by 50%: price "
        "of a seat. Price of the plan: a page, 1 Oct 2026; certainty low."
    )


@pytest.mark.usefixtures("in_english")
def test_what_is_uncertain_is_called_so() -> None:
    ranges = Ranges(thousands(40, 50, 60), thousands(-2, 10, 15), thousands(-35, -30, -25))
    assert "This is not certain" in headline(study(ranges=ranges))
    worse = Ranges(thousands(40, 50, 60), thousands(-9, -5, -1), thousands(-35, -30, -25))
    assert "more likely cost more" in headline(study(ranges=worse))
    lost = Backtest(9, Decimal(50_000), Decimal(53_000), Decimal(39_000), 2, 30)
    said = recommendation(study(backtest=lost), ON).replace("\u00a0", " ")
    assert "would have cost CZK 3,000 a month more in the past (they saved in 2 of 9 months)" in said


@pytest.mark.usefixtures("in_english")
def test_no_saving_is_never_called_one() -> None:
    nothing = Mix(Decimal(50_000), 0, 0, (0, 0), True)
    for plan, words in ((replace(PLAN, includes="none"), "includes no use"), (PLAN, "No number of seats")):
        said = headline(study(plan=plan, mix=nothing))
        assert words in said
        assert "less than paying for use." not in said or "No number" in said
        assert "would save" not in said
    assert "Too few people" in headline(study(mix=None))
    assert "is not public" in headline(study(note="no_price"))
    assert "Without an exchange rate" in headline(study(plans=()))


def test_the_recommendation_speaks_czech() -> None:
    with speaking("cs"):
        said = recommendation(study(), ON).replace("\u00a0", " ")
    assert "Využití 200 lidí stojí 50 000 Kč měsíčně" in said
    assert "o 10 000 Kč (20,0 %) méně než placení podle využití" in said
    assert "(8× za 9 měsíců)" in said


def text(client: FlaskClient, query: str) -> str:
    return unescape(shown(client, f"/plans?lang=en&{query}")).replace("\u00a0", " ")


def test_inputs_of_the_address_stand_in_the_form_and_change_the_answer(client: FlaskClient) -> None:
    page = text(client, "seat=60&growth=50&rate=25&months=6&seats=40&vat=full")
    assert 'name="seat" value="60"' in page
    assert 'name="seats" value="40"' in page
    assert "A dollar at CZK 25.000." in page
    assert "May 2026 – October 2026" in page
    assert "With 40 seats it would cost" in page
    assert text(client, "seat=60") != text(client, "seat=60&growth=50")


def test_garbage_falls_back_with_a_notice(client: FlaskClient) -> None:
    page = text(client, "growth=lots&plan=..&vat=maybe")
    assert "Ignored: plan=.., Use per person: lots, vat=maybe." in page
    assert "is-failed" not in page


def test_an_unknown_plan_and_one_without_a_price_are_said(client: FlaskClient) -> None:
    page = text(client, "plan=gone&plan2=chatgpt-edu")
    assert "There is no plan “gone”." in page
    assert "ChatGPT Edu" in page
    assert "is-failed" not in page


def test_scenarios_are_saved_in_the_address(client: FlaskClient) -> None:
    page = text(client, "growth=50")
    assert "keep=growth%3A50" in page
    both = text(client, "growth=50&keep=growth:50;discount:20")
    assert "3 scenarios; the address holds them all." not in both
    assert "4 scenarios; the address holds them all." in both
    assert "Further discount 20%" in both


def test_a_faculty_that_joins_brings_its_people(client: FlaskClient) -> None:
    page = text(client, "join=MFF")
    assert 'href="/plans?join=MFF%2CFF"' in page
    assert "There is no faculty XX." in text(client, "join=XX")


def test_the_funding_sheet_is_a_workbook_with_what_would_change_it(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(BytesIO(client.get("/export/funding.xlsx?lang=en").data))
    assert book.sheetnames == ["Data", "Methodology", "What would change it", "Forecast"]
    cases = [row[0].value for row in book["Data"].iter_rows(min_row=2)]
    assert cases == ["now", "+25%", "+50%", "+100%"]
    assert book["What would change it"].max_row == 7


def test_the_tornado_starts_at_the_saving_of_now(client: FlaskClient) -> None:
    found = [f for f in figures(layout(shown(client, "/plans?lang=en&seat=60&growth=100"))) if len(f["data"]) == 2
             and f["data"][0].get("orientation") == "h"]  # fmt: skip
    assert len(found) == 1
    low, high = found[0]["data"]
    assert low["base"] == high["base"]
    assert len(low["x"]) == 6
    assert any(v < 0 for v in low["x"])
    assert any(v > 0 for v in high["x"])


def test_without_a_price_the_page_says_what_is_missing(make_app: Callable[..., UsageDash], tmp_path: Path) -> None:
    publish(tmp_path, persons=60, days=120)
    with duckdb.connect(str(tmp_path / NAME)) as connection:
        connection.execute("delete from setting where key = 'seat_price'")
        connection.execute("delete from plan")
    page = text(make_app(tmp_path).server.test_client(), "")
    assert "There is no plan “chatgpt-business”." in page
    assert "is-failed" not in page


def test_persons_are_listed_for_who_may_see_them_and_for_nobody_else(
    make_app: Callable[..., UsageDash], client: FlaskClient
) -> None:
    query = "seat=60&growth=100"
    assert "Who would get a seat?" in text(client, query)
    listed = client.get(f"/export/seat-holders.csv?lang=en&{query}").data.decode("utf-8-sig").splitlines()
    assert len(listed) > 5
    board = make_app().boards.board(
        Viewer("m", Scope(("UK",), "university"), "management", frozenset({"close"})),
        parsed("/plans", query, cookies={}, default_language="en"),
    )
    assert seat_holders(board) == Markup("")
    assert holders(board) == ()


def cells(client: FlaskClient, card: str, query: str = "") -> list[dict[str, str]]:
    data = client.get(f"/export/{card}.csv?lang=en&{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(data)))


def test_the_forecast_has_twelve_months_after_the_last_whole_one_each_within_its_range(client: FlaskClient) -> None:
    rows = cells(client, "forecast")
    coming = [r for r in rows if r["Forecast, the middle"]]
    assert [r["Month"] for r in coming][::11] == ["2027-10-01", "2026-11-01"]
    assert len(coming) == 12
    assert rows[12]["Month"] == "2026-10-01"  # November isn't over
    for row in coming:
        low, middle, high = (Decimal(row[c]) for c in list(row)[2:])
        assert 0 < low < middle < high
    page = text(client, "")
    assert "forecasts would have been off by" in page
    assert (
        "service accounts included, the twelve months from November 2026 on are forecast at CZK" in page
    )  # the funding sheet


def test_the_inputs_of_the_page_do_not_move_the_forecast_and_the_unit_does(client: FlaskClient) -> None:
    assert cells(client, "forecast") == cells(client, "forecast", "growth=50&rate=30")
    assert cells(client, "forecast") != cells(client, "forecast", "unit=MFF")


def test_without_three_whole_months_there_is_no_forecast(make_app: Callable[..., UsageDash], tmp_path: Path) -> None:
    publish(tmp_path, persons=60, days=80)
    page = text(make_app(tmp_path).server.test_client(), "")
    assert "Not enough data for a forecast" in page
    assert "A forecast needs 3 whole months" in page
    assert "is-failed" not in page


def test_the_card_of_seats_tells_of_persons_with_two_plans_and_of_seats_without_a_person(
    make_app: Callable[..., UsageDash], tmp_path: Path
) -> None:
    publish(tmp_path, persons=120, days=120)
    with duckdb.connect(str(tmp_path / NAME)) as connection:
        connection.execute("update seat_month set reason = 'left' where person_no % 7 = 2")
        connection.execute("update seat_month set person_no = null where person_no % 7 = 3")
    client = make_app(tmp_path).server.test_client()
    page, [row] = text(client, ""), cells(client, "seats-bought")
    assert f"{row['Active here and in the Sandbox']} holders also use the Sandbox: one person, two plans." in page
    assert f"{row['Held by who has left']} seats are held by people who have left." in page
    assert f"{row['Held under a hashed name']} seats are held under hashed names" in page
    assert Decimal(row["Given to nobody, a month"]) == 12 * Decimal("430.25")  # twelve more were bought than assigned
    assert "those given to nobody CZK 5,163." in page


def test_requests_without_a_price_are_said_to_be_left_out(make_app: Callable[..., UsageDash], tmp_path: Path) -> None:
    publish(tmp_path, persons=60, days=120)
    with duckdb.connect(str(tmp_path / NAME)) as connection:
        connection.execute("update usage_total_daily set requests_without_cost = 0")
        connection.execute(
            "update usage_total_daily set requests_without_cost = 7 where rowid in (select min(rowid) from"
            " usage_total_daily where unit = 'UK' and month(day) = 10)"
        )
    page = text(make_app(tmp_path).server.test_client(), "")
    said = "7 requests without a price are not in the comparison."
    assert page.count(said) == 2 * 2  # the answer, and what to know; each as HTML and in the layout


def test_where_every_request_has_a_price_nothing_is_said_of_it(
    make_app: Callable[..., UsageDash], tmp_path: Path
) -> None:
    publish(tmp_path, persons=60, days=120)
    with duckdb.connect(str(tmp_path / NAME)) as connection:
        connection.execute("update usage_total_daily set requests_without_cost = 0")
    assert "without a price are not in" not in text(make_app(tmp_path).server.test_client(), "")
