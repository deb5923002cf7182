"""A monthly statement of a unit: charged and metered told apart; the files hold what the screen shows, to the haléř."""

import csv
import html
import re
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from dashboard.pages.statement import booked_lines, charge_lines, charge_sum, rest_of, sum_line

ADDRESS = "unit=MFF&month=2026-10&lang=en"
CHARGED, METERED = 0, 1


def on_screen(client: FlaskClient, which: int) -> list[list[str]]:
    """Cells of one of the statement's tables as the page shows them, headings first."""
    page = client.get(f"/faculty?{ADDRESS}").text
    card = re.search(r'<section[^>]*id="statement".*?</section>', page, re.S)
    assert card
    table = re.findall(r"<table.*?</table>", card[0], re.S)[which]
    rows = re.findall(r"<tr.*?</tr>", table, re.S)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", c)) for c in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows
    ]


def column(rows: list[list[str]], title: str) -> list[Decimal | None]:
    """The amounts below a heading."""
    at = rows[0].index(title)
    return [amount(row[at]) for row in rows[1:]]


def amount(text: object) -> Decimal | None:
    """'−CZK 1,234.50' -> -1234.50; None for what is unknown."""
    digits = re.sub(r"[^\d.]", "", str(text))
    sign = -1 if re.match(r"[−-]", str(text)) and digits else 1
    return sign * Decimal(digits) if digits else None


def workbook(client: FlaskClient) -> Any:
    """The statement as a workbook."""
    return openpyxl.load_workbook(BytesIO(client.get(f"/export/statement.xlsx?{ADDRESS}").data))


@pytest.mark.parametrize(
    ("which", "title"),
    [(CHARGED, "Before tax"), (CHARGED, "VAT not deductible"), (CHARGED, "Charged"), (METERED, "Metered cost, CZK"),
     (METERED, "Metered cost, USD")],
)  # fmt: skip
def test_the_lines_add_up_to_the_total_as_shown(client: FlaskClient, which: int, title: str) -> None:
    rows = on_screen(client, which)
    assert rows[-1][0] == "Total"
    *lines, whole = column(rows, title)
    known = [a for a in lines if a is not None]
    assert len(known) > 1
    assert sum(known) == whole


def test_the_files_hold_the_amounts_of_the_screen(client: FlaskClient) -> None:
    charged = column(on_screen(client, CHARGED), "Charged")
    metered = column(on_screen(client, METERED), "Metered cost, CZK")
    text = client.get(f"/export/statement.csv?{ADDRESS}").data.decode("utf-8-sig")
    in_csv = list(csv.DictReader(StringIO(text)))
    assert {r["Kind of line"] for r in in_csv} == {"charged", "metered"}
    assert [amount(r["Charged"]) for r in in_csv if r["Kind of line"] == "charged"] == charged
    assert [amount(r["Metered cost, CZK"]) for r in in_csv if r["Kind of line"] == "metered"] == metered
    book = workbook(client)
    for sheet, title, shown in (("Charged", "Charged", charged), ("Metered use", "Metered cost, CZK", metered)):
        header, *rows = book[sheet].iter_rows(values_only=True)
        assert [amount(row[header.index(title)] or 0) for row in rows] == [a or 0 for a in shown]


def test_no_line_is_both_charged_and_metered(client: FlaskClient) -> None:
    text = client.get(f"/export/statement.csv?{ADDRESS}").data.decode("utf-8-sig")
    for row in csv.DictReader(StringIO(text)):
        assert bool(row["Charged"]) == (row["Kind of line"] == "charged"), row
        assert bool(row["Requests"]) == (row["Kind of line"] == "metered"), row


def test_what_is_charged_is_what_the_ledger_holds(client: FlaskClient) -> None:
    rows = list(
        csv.reader(StringIO(client.get("/export/allocation.csv?month=2026-10&lang=en").data.decode("utf-8-sig")))
    )
    charged = {row[0]: Decimal(row[rows[0].index("Charged")]) for row in rows[1:]}
    assert charged["Faculty of Mathematics and Physics"] == column(on_screen(client, CHARGED), "Charged")[-1]
    assert sum(v for k, v in charged.items() if k != "Total") == charged["Total"]


def test_the_workbook_says_how_it_came_about_and_holds_every_rate(client: FlaskClient) -> None:
    book = workbook(client)
    assert book.sheetnames == ["Data", "Methodology", "Charged", "Metered use", "Rates"]
    said = {row[0].value: row[1].value for row in book["Methodology"].iter_rows()}
    assert said["Unit"].startswith(("Faculty of Math", "Matematicko"))
    assert {"cost/statement", "invoices/statement_usage"} <= said.keys()
    assert "before tax + VAT that can't be claimed back" in said["Note"]
    assert len(list(book["Rates"].iter_rows())) == 1 + 31


def test_a_month_that_is_not_over_has_no_statement(client: FlaskClient) -> None:
    assert "This month is not over" in client.get("/faculty?unit=MFF&month=2026-11&lang=en").text


def test_a_cost_nobody_knows_is_no_zero_and_no_part_of_the_total() -> None:
    shared = {"provider": "openai", "channel": "chat"}
    rows = [
        {**shared, "model": "a", "requests": 1, "billed_tokens": 5, "metered_czk": Decimal("2.5"),
         "metered_usd": Decimal("0.1")},
        {**shared, "model": "b", "requests": 2, "billed_tokens": 7, "metered_czk": None, "metered_usd": None},
    ]  # fmt: skip
    lines, whole = booked_lines(rows), sum_line(rows)
    assert [(r["czk"], r["usd"], r["rate"]) for r in lines] == [
        (Decimal("2.5"), Decimal("0.1"), 25),
        (None, None, None),
    ]
    assert (whole["czk"], whole["requests"], whole["billed_tokens"]) == (Decimal("2.5"), 3, 12)


def test_what_few_people_used_is_one_line_so_that_the_total_is_the_units_own() -> None:
    used = [{"metered_czk": Decimal(30), "metered_usd": Decimal("1.5")}, {"metered_czk": None, "metered_usd": None}]
    (rest,) = rest_of(used, {"metered_czk": Decimal("42.5"), "metered_usd": Decimal(2)})
    assert (rest["metered_czk"], rest["metered_usd"], rest["requests"]) == (Decimal("12.5"), Decimal("0.5"), None)
    assert rest_of(used, {"metered_czk": Decimal(30), "metered_usd": Decimal("1.5")}) == []
    assert rest_of(used, None) == []


def test_a_correction_says_so() -> None:
    from datetime import date

    row = {
        "model": None, "service_name": "API", "provider": "openai", "rule": "metered", "charge_class": "Correction",
        "origin_month": date(2026, 9, 1), "net_czk": Decimal("-1.10"), "lines": 1,
        "vat_czk": Decimal("-0.23"), "non_deductible_czk": Decimal("-0.12"),
    }  # fmt: skip
    lines = charge_lines([row])
    assert (lines[0]["what"], lines[0]["cost_czk"]) == ("API", Decimal("-1.22"))
    assert "2026" in lines[0]["about"]
    assert charge_sum([*lines, *lines])["cost_czk"] == Decimal("-2.44")


@pytest.mark.parametrize("value", ["2026-13", "nonsense"])
def test_a_month_that_is_none_is_said_to_be_ignored(client: FlaskClient, value: str) -> None:
    assert f"Ignored: month={value}." in client.get(f"/faculty?lang=en&month={value}").text
