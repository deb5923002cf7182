"""The form: what accountants type is read as they mean it, or refused; what a page sends becomes such a file."""

import csv
import stat
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from etl.errors import InputError
from etl.reference_data import SHIPPED
from etl.sources.invoices.typed import COLUMNS, put_form
from tests.etl.sources.einvoice_files import landed

USUAL = {
    "invoice_id": "A-1", "provider": "openai", "issuer": "OpenAI Ireland Ltd", "issuer_country": "ie",
    "tax_point": "30.11.2026", "issue_day": "2026-12-01", "currency": "usd", "net_total": "100.50",
    "tax_total": "0", "gross_total": "100.50", "description": "API usage", "amount": "100.50", "vat_percent": "0",
    "period_start": "2026-11",
}  # fmt: skip


def form(*lines: dict[str, str], mark: str = ",", **head: str) -> str:
    """The form as CSV: the header in the first row only."""
    rows = [USUAL | head | (lines[0] if lines else {}), *lines[1:]]
    cells = [mark.join(COLUMNS), *(mark.join(r.get(c, "") for c in COLUMNS) for r in rows)]
    return "\n".join(cells) + "\n"


def no_key(_: str | None) -> None:
    """No pseudonym."""


def test_a_typed_invoice_gives_its_header_and_its_line(tmp_path: Path) -> None:
    head, [line] = landed(tmp_path, "t.csv", form())

    assert {k: v for k, v in head.items() if v is not None and not k.startswith("document")} == {
        "kind": "invoice", "provider": "openai", "invoice_id": "A-1", "invoice_issuer_name": "OpenAI Ireland Ltd",
        "issuer_country": "IE", "issue_day": date(2026, 12, 1), "tax_point": date(2026, 11, 30), "currency": "USD",
        "net_total": Decimal("100.5"), "tax_total": 0, "gross_total": Decimal("100.5"),
    }  # fmt: skip
    assert (line["billed_cost"], line["effective_cost"], line["tax_rate"]) == (Decimal("100.5"), None, 0)
    assert (line["charge_period_start"], line["charge_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 12, 1))


def test_later_lines_need_not_repeat_the_header_and_may_name_who_pays(tmp_path: Path) -> None:
    first = {"amount": "100", "unit": "mff", "vat_percent": "21"}
    second = {"description": "Seats", "amount": "0.50", "period_start": "1.11.2026", "period_last_day": "15.11.2026"}

    _, lines = landed(tmp_path, "t.csv", form(first, second))

    assert [(n["billed_cost"], n["unit"], n["tax_rate"]) for n in lines] == [
        (100, "MFF", Decimal("0.21")), (Decimal("0.5"), None, None),
    ]  # fmt: skip
    assert lines[1]["charge_period_end"] == datetime(2026, 11, 16)


@pytest.mark.parametrize("amount", ["1234,50", "1 234,50", "1\u00a0234,5", "1.234,50", "1234.50", '"1,234.50"'])
def test_either_decimal_mark_is_read_as_it_is_meant(tmp_path: Path, amount: str) -> None:
    head = dict.fromkeys(("net_total", "gross_total"), amount)
    text = form({"amount": amount}, mark=";", tax_total="0", **{k: v for k, v in head.items() if k != "tax_total"})

    _, [line] = landed(tmp_path, "t.csv", text)

    assert line["billed_cost"] == Decimal("1234.5")


def test_a_workbook_is_the_same_form(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(list(COLUMNS))  # type: ignore[union-attr]
    typed: dict[str, Any] = USUAL | {"net_total": 100.5, "amount": 100.5, "tax_point": datetime(2026, 11, 30)}
    book.active.append([typed.get(c) for c in COLUMNS])  # type: ignore[union-attr]
    book.save(tmp_path / "t.xlsx")

    head, [line] = landed(tmp_path, "t.xlsx", (tmp_path / "t.xlsx").read_bytes())

    assert (head["tax_point"], line["billed_cost"]) == (date(2026, 11, 30), Decimal("100.5"))


def test_credits_are_paid_when_bought_and_used_when_drawn_or_lapsed_and_neither_sum_holds_both(tmp_path: Path) -> None:
    lines = [
        {"description": "Credits", "amount": "100", "credit_kind": "purchase"},
        {"description": "Promotion", "amount": "30", "credit_kind": "grant"},
        {"description": "Use", "amount": "60", "credit_kind": "burn_down"},
        {"description": "Lapsed", "amount": "40", "credit_kind": "expiry"},
    ]

    _, found = landed(tmp_path, "t.csv", form(*lines, net_total="100", gross_total="100"))

    assert [(n["credit_kind"], n["billed_cost"], n["effective_cost"], n["list_cost"]) for n in found] == [
        ("purchase", 100, 0, None), ("grant", 0, 0, 30), ("burn_down", 0, 60, None), ("expiry", 0, 40, None),
    ]  # fmt: skip
    assert sum(n["billed_cost"] for n in found) == sum(n["effective_cost"] for n in found) == 100
    assert [n["charge_category"] for n in found] == ["Purchase", "Credit", "Usage", "Usage"]


def test_a_typed_credit_note_is_booked_negative(tmp_path: Path) -> None:
    head, [line] = landed(tmp_path, "t.csv", form(kind="credit_note", corrects_invoice_id="A-0"))

    assert (head["kind"], head["net_total"], head["corrects_invoice_id"]) == ("credit_note", Decimal("-100.5"), "A-0")
    assert (line["billed_cost"], line["charge_class"]) == (Decimal("-100.5"), "Correction")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (form({"amount": "100.49"}), r"100\.49.*allowed: 100\.50*, the net total"),
        (form({"amount": "1,234"}, mark=";"), "amount: found '1,234'"),
        (form({"amount": "1.234"}), "amount: found '1.234'"),
        (form({"amount": ""}), "amount: found ''"),
        (form(net_total=""), "net_total: found ''"),
        (form(gross_total="200"), "totals of A-1"),
        (form({}, {"invoice_id": "A-2", "amount": "1"}), "invoice_id: found 'A-2'; allowed: nothing"),
        (form(vat_percent="0.21"), "vat_percent: found '0.21'; allowed: a rate in per cent"),
        (form(credit_kind="gift"), "credit_kind: found 'gift'; allowed: purchase, burn_down, expiry, grant"),
        (form(issuer_country="Irsko"), "issuer_country: found 'Irsko'"),
        (form(period_start="2026-11-05"), "period_last_day: found ''"),
        (form(tax_point="31.11.2026"), "tax_point: found '31.11.2026'"),
        (form(tax_point="", issue_day="", period_start=""), "period: found ''; allowed: a period, a tax point"),
        (",".join(COLUMNS) + "\n", "a form without a line"),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_is_refused_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "t.csv", content)


def test_the_shipped_template_has_the_columns_of_the_form() -> None:
    with (SHIPPED / "invoice_template.csv").open(newline="", encoding="utf-8") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS


def test_what_was_typed_on_a_page_becomes_a_file_that_is_read_as_it_was_typed(tmp_path: Path) -> None:
    first = {"description_1": "Use; more", "amount_1": "100", "vat_percent_1": "21"}
    lines = first | {"description_2": "Seats", "amount_2": "0,50", "unit_2": "ff"}
    lines |= {"unit_3": "MFF", "credit_kind_3": ""}  # a line without an amount is left out
    head = {k: v for k, v in USUAL.items() if k not in ("description", "amount", "vat_percent", "period_start")}

    name = put_form(tmp_path / "invoices", head | lines, {}, no_key)

    path = tmp_path / "invoices" / name
    _, found = landed(tmp_path, "read.csv", path.read_bytes())
    assert [(n["charge_description"], n["billed_cost"], n["unit"]) for n in found] == [
        ("Use; more", 100, None), ("Seats", Decimal("0.5"), "FF"),
    ]  # fmt: skip
    assert [p.name for p in path.parent.iterdir()] == [name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_invoice_typed_again_takes_the_place_of_the_first_and_another_number_does_not(tmp_path: Path) -> None:
    one, again = (
        put_form(tmp_path, USUAL, {}, no_key),
        put_form(tmp_path, USUAL | {"due_day": "2026-12-31"}, {}, no_key),
    )
    other = put_form(tmp_path, USUAL | {"invoice_id": "A/1"}, {}, no_key)

    assert one == again
    assert other != one
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (USUAL | {"amount": "100"}, "the net total the document states"),
        (USUAL | {"provder": "x"}, "form, provder"),
        (USUAL | {"description": "=1+1"}, "form, description: found '=1\\+1'"),
        (USUAL | {"issuer": "x" * 400}, "form, issuer"),
        (USUAL | {"invoice_id": "../../etc"}, "none"),
        (USUAL | {"invoice_id": ""}, "invoice_id"),
        ({"invoice_id": "A-1", "issuer": "x"}, "form: found '0 lines with an amount'"),
    ],
)
def test_a_typed_invoice_that_is_wrong_leaves_no_file(tmp_path: Path, values: dict[str, str], reason: str) -> None:
    folder = tmp_path / "invoices"
    if reason == "none":  # a number is no path
        assert (folder / put_form(folder, values, {}, no_key)).is_file()
        assert [p.name for p in tmp_path.iterdir()] == ["invoices"]
        return
    with pytest.raises(InputError, match=reason):
        put_form(folder, values, {}, no_key)
    assert not folder.exists()
