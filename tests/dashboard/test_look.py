"""What a picky reader would notice: axes, units, line breaks, words instead of codes, numbers that are numbers."""

from decimal import Decimal
from html import unescape
from io import BytesIO
from pathlib import Path

import openpyxl
import plotly.graph_objects as go
import pytest
from flask.testing import FlaskClient

import queries
from dashboard import figures, figures_plans
from dashboard import format as fmt
from dashboard.figures import Line
from dashboard.language import _, speaking
from dashboard.pages.check_words import looks_for, remedy
from tests.dashboard.test_figures import DAYS

CHECKS = sorted(f.stem for f in (Path(queries.__file__).parent / "checks").glob("*/*.sql"))


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_says_what_it_looks_for_and_what_to_do(check: str) -> None:
    with speaking("cs"):
        assert looks_for(check) != check
        assert remedy(check) != ""


def test_rates_fill_their_axis_and_are_labelled_within_it() -> None:
    series = [Line("EUR", [Decimal("24.1"), Decimal("24.9")], "#111111"), Line("USD", [21, Decimal("21.5")], "#222222")]
    figure = figures.courses(DAYS[:2], series, height=230)
    go.Figure(figure)
    low, high = figure["layout"]["yaxis"]["range"]
    assert (20 < low < 21, 24.9 < high < 26) == (True, True)
    assert [low <= label["y"] <= high for label in figure["layout"]["annotations"]] == [True, True]


def test_seats_are_drawn_as_far_as_the_least_can_be_seen() -> None:
    seats, costs = list(range(0, 2001, 50)), [Decimal(100_000 + 600 * n) for n in range(0, 2001, 50)]
    figure = figures_plans.seat_curve(seats, costs, best=50, best_title="least: 50", flat=(40, 60), until=180,
                                      x_title="people", unit="Kč")  # fmt: skip
    go.Figure(figure)
    assert figure["data"][0]["x"] == [0, 50, 100, 150]
    assert [a["text"] for a in figure["layout"]["annotations"]] == ["Kč", "least: 50"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(6_500.0, 25_600.0, ["10 000", "20 000"]), (-97_000.0, -61_000.0, ["−80 000"]), (-1.5, 2.5, ["0", "2"])],
)
def test_an_axis_through_zero_has_few_round_values(low: float, high: float, ticks: list[str]) -> None:
    with speaking("cs"):
        assert [t.replace("\u00a0", " ") for t in figures_plans._across(low, high)["ticktext"]] == ticks


def test_no_czech_line_ends_with_a_preposition_or_before_a_unit() -> None:
    with speaking("cs"):
        assert _("Waiting to be done.") == "Čeká na provedení."
        said = _("Any number of holders between {low} and {high} costs the same within 2%.", low=4, high=9)
    assert said == "Jakýkoli počet držitelů mezi 4 a\u00a09 stojí totéž s\u00a0přesností na 2\u00a0%."


@pytest.mark.parametrize(
    ("value", "cs"), [("3252375", "3 250 000 Kč"), ("138591", "139 000 Kč"), ("91.64", "91,60 Kč"), ("0", "0 Kč")]
)
def test_an_estimate_has_three_figures(value: str, cs: str) -> None:
    with speaking("cs"):
        assert fmt.roughly(Decimal(value)).replace("\u00a0", " ") == cs


@pytest.mark.parametrize(("usd", "en"), [("0.075", "USD 0.075"), ("5", "USD 5.00"), ("30.00", "USD 30.00")])
def test_a_price_of_tokens_is_as_long_as_it_is(usd: str, en: str) -> None:
    with speaking("en"):
        assert fmt.price(Decimal(usd)).replace("\u00a0", " ") == en


def test_a_period_before_any_data_says_when_the_data_starts(client: FlaskClient) -> None:
    page = client.get("/models?lang=en&from=2020-01-01&to=2020-02-01").text
    assert "This period lies before any data." in page
    assert "The data starts on" in page
    assert "This period lies before any data." not in client.get("/models?lang=en").text


def test_a_value_that_can_not_be_is_named_by_its_field(client: FlaskClient) -> None:
    page = unescape(client.get("/plans?lang=en&seat=-5").text)
    assert "This value can't be used." in page
    assert "Ignored: Seat, CZK a month: -5." in page


def test_the_register_downloads_amounts_as_numbers_beside_their_currency(client: FlaskClient) -> None:
    content = client.get("/export/invoice-register.xlsx?lang=en&period=12m").data
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    stated = [r for r in found if r["Before tax"] is not None]
    assert len(stated) > 0
    assert [type(r["Before tax"]) in (int, float) for r in stated] == [True] * len(stated)
    assert [r["Currency"] in ("CZK", "EUR", "USD", "GBP") for r in stated] == [True] * len(stated)
