"""A unit's monthly statement: the file holds what the screen shows, to the haléř."""

import csv
import html
import re
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from dashboard.pages.statement import booked_lines, sum_line

ADDRESS = "unit=MFF&month=2026-10&lang=en"


def on_screen(client: FlaskClient) -> list[list[str]]:
    """Cells of the statement as the page shows them."""
    page = client.get(f"/faculty?{ADDRESS}").text
    card = re.search(r'<section[^>]*id="statement".*?</section>', page, re.S)
    assert card
    body = re.search(r"<tbody>(.*?)</tbody>", card[0], re.S)
    assert body
    rows = re.findall(r"<tr.*?</tr>", body[1], re.S)
    return [[html.unescape(c) for c in re.findall(r"<t[hd][^>]*>(?:<span>)?([^<]*)", row)] for row in rows]


def amount(text: object) -> Decimal | None:
    """'CZK 1,234.50' -> 1234.50; None for what is unknown."""
    digits = re.sub(r"[^\d.]", "", str(text))
    return Decimal(digits) if digits else None


def workbook(client: FlaskClient) -> Any:
    """The statement as a workbook."""
    return openpyxl.load_workbook(BytesIO(client.get(f"/export/statement.xlsx?{ADDRESS}").data))


def test_the_lines_add_up_to_the_total_as_shown(client: FlaskClient) -> None:
    rows = on_screen(client)
    assert rows[-1][0] == "Total"
    assert len(rows) > 2
    for column in (4, 6):
        known = [a for r in rows[:-1] if (a := amount(r[column])) is not None]
        assert sum(known) == amount(rows[-1][column])
        assert len(known) > 2


def test_the_files_hold_the_amounts_of_the_screen(client: FlaskClient) -> None:
    shown = [amount(r[6]) for r in on_screen(client)]
    text = client.get(f"/export/statement.csv?{ADDRESS}").data.decode("utf-8-sig")
    in_csv = [amount(row[6]) for row in list(csv.reader(StringIO(text)))[1:]]
    in_xlsx = [amount(row[6].value or "") for row in list(workbook(client).worksheets[0].iter_rows())[1:]]
    assert in_csv == shown
    assert [a or 0 for a in in_xlsx] == [a or 0 for a in shown]


def test_the_workbook_says_how_it_came_about_and_holds_every_rate(client: FlaskClient) -> None:
    book = workbook(client)
    assert book.sheetnames == ["Data", "Methodology", "Rates"]
    said = {row[0].value: row[1].value for row in book["Methodology"].iter_rows()}
    assert said["Unit"].startswith(("Faculty of Math", "Matematicko"))
    assert "cost/by_model" in said
    assert len(list(book["Rates"].iter_rows())) == 1 + 31


def test_a_month_that_is_not_over_has_no_statement(client: FlaskClient) -> None:
    assert "This month is not closed" in client.get("/faculty?unit=MFF&month=2026-11&lang=en").text


def test_a_cost_nobody_knows_is_no_zero_and_no_part_of_the_total() -> None:
    rows = [
        {"model": "a", "requests": 1, "billed_tokens": 5, "metered_czk": Decimal("2.5"), "metered_usd": Decimal("0.1")},
        {"model": "b", "requests": 2, "billed_tokens": 7, "metered_czk": None, "metered_usd": None},
    ]
    lines, whole = booked_lines(rows), sum_line(rows)
    assert [(r["czk"], r["usd"], r["rate"]) for r in lines] == [
        (Decimal("2.5"), Decimal("0.1"), 25),
        (None, None, None),
    ]
    assert (whole["czk"], whole["requests"], whole["billed_tokens"]) == (Decimal("2.5"), 3, 12)


@pytest.mark.parametrize("value", ["2026-13", "nonsense"])
def test_a_month_that_is_none_is_said_to_be_ignored(client: FlaskClient, value: str) -> None:
    assert f"Ignored: month={value}." in client.get(f"/faculty?lang=en&month={value}").text
