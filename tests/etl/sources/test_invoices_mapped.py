import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.errors import ConfigError, InputError
from etl.sections import ColumnMapping
from etl.sources.invoices.folder import InvoiceFolder
from etl.sources.invoices.kinds import Reading
from tests.etl.sources.invoice_files import rows_of

COLUMNS = {"billed_cost": "Cena", "billing_currency": "Měna", "charge_period_start": "Den"}


def mapping(**changes: Any) -> ColumnMapping:
    usual = {"files": "mistral-*.csv", "provider": "mistral", "columns": COLUMNS}
    return ColumnMapping.model_validate(usual | changes)


def test_columns_are_read_by_the_mapping_and_constants_fill_in(tmp_path: Path) -> None:
    fixed = mapping(constants={"service_name": "La Plateforme", "unit": "mff", "is_amortised": "true"})

    (row,) = rows_of(tmp_path, "mistral-11.csv", "Den,Cena,Měna,navíc\n2026-11-01,12.50,eur,x\n", fixed)

    assert (row["billed_cost"], row["billing_currency"], row["provider"]) == (Decimal("12.5"), "EUR", "mistral")
    assert (row["service_name"], row["unit"], row["is_amortised"]) == ("La Plateforme", "MFF", True)
    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 11, 2))


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("12,50", "12.5"), ("1234,5", "1234.5"), ("1 234,50", "1234.5"), ("1\u00a0234,50", "1234.5"),
        ("1.234,50", "1234.5"), ("-3,1", "-3.1"), ("1 234 567", "1234567"),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_read_where_the_mapping_says_so(tmp_path: Path, printed: str, amount: str) -> None:
    content = f'Den;Cena;Měna\n2026-11-01;"{printed}";CZK\n'

    (row,) = rows_of(tmp_path, "mistral-11.csv", content, mapping(decimal_comma=True))

    assert row["billed_cost"] == Decimal(amount)


@pytest.mark.parametrize(("comma", "printed"), [(True, "1.234"), (True, "12.50"), (False, "1,234"), (False, "12,5")])
def test_a_number_that_could_be_a_thousand_times_another_is_refused(tmp_path: Path, comma: bool, printed: str) -> None:
    content = f'Den;Cena;Měna\n2026-11-01;"{printed}";CZK\n'

    with pytest.raises(InputError, match=rf"line 2, billed_cost: found '{printed}'"):
        rows_of(tmp_path, "mistral-11.csv", content, mapping(decimal_comma=comma))


def test_windows_1250_is_read_when_stated_or_when_every_letter_is_czech(tmp_path: Path) -> None:
    content = "Den;Cena;Měna;Poznámka\n2026-11-01;1;CZK;žluťoučký kůň\n".encode("windows-1250")
    noted = mapping(columns=COLUMNS | {"charge_description": "Poznámka"})

    stated = rows_of(tmp_path, "mistral-1.csv", content, noted.model_copy(update={"encoding": "windows-1250"}))
    detected = rows_of(tmp_path, "mistral-1.csv", content, noted)

    assert [r["charge_description"] for r in (*stated, *detected)] == ["žluťoučký kůň"] * 2


def test_bytes_that_are_neither_utf_8_nor_surely_windows_1250_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="UTF-8, or windows-1250 with Czech letters only"):
        rows_of(tmp_path, "mistral-1.csv", "Den;Cena;Měna\n2026-11-01;1;¥\n".encode("iso-8859-2", "replace") + b"\xb9",
                mapping())  # fmt: skip


def test_a_title_above_the_header_is_skipped(tmp_path: Path) -> None:
    content = "Přehled nákladů, listopad\n\nDen;Cena;Měna\n2026-11-01;3;CZK\n"

    (row,) = rows_of(tmp_path, "mistral-1.csv", content, mapping())

    assert (row["billed_cost"], row["line_id"].rpartition("#")[2]) == (3, "4")


def test_a_missing_column_is_named_with_the_header_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found 'Den;Cena'; allowed: a header with the columns Cena, Den, Měna too"):
        rows_of(tmp_path, "mistral-1.csv", "Den;Cena\n2026-11-01;3\n", mapping(delimiter=","))


@pytest.mark.parametrize(
    ("changes", "start", "end"),
    [
        ({"day_format": "%d.%m.%Y"}, "01.11.2026", datetime(2026, 11, 2)),
        ({"day_format": "%m/%Y"}, "11/2026", datetime(2026, 12, 1)),
        ({}, "2026-11-01T00:00:00Z", datetime(2026, 11, 2)),
    ],
)
def test_days_and_months_are_read_in_the_mappings_form(
    tmp_path: Path, changes: dict[str, Any], start: str, end: datetime
) -> None:
    (row,) = rows_of(tmp_path, "mistral-1.csv", f"Den,Cena,Měna\n{start},3,CZK\n", mapping(**changes))

    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 11, 1), end)


def test_a_printed_last_day_is_inclusive_and_an_end_is_not(tmp_path: Path) -> None:
    content = "Den,Cena,Měna,Do\n2026-11-01,3,CZK,2026-11-30\n"
    last = mapping(columns=COLUMNS | {"charge_period_last_day": "Do"})
    end = mapping(columns=COLUMNS | {"charge_period_end": "Do"})

    rows = [*rows_of(tmp_path, "mistral-1.csv", content, last), *rows_of(tmp_path, "mistral-1.csv", content, end)]

    assert [r["charge_period_end"] for r in rows] == [datetime(2026, 12, 1), datetime(2026, 11, 30)]


def test_a_row_of_totals_is_refused_rather_than_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 4, charge_period_start: found ''; .*totals must be removed"):
        rows_of(tmp_path, "mistral-1.csv", "Den,Cena,Měna\n2026-11-01,3,CZK\n,,\n,3,CZK\n", mapping())


def test_a_workbook_is_read_by_sheet(tmp_path: Path) -> None:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    page = book.create_sheet("Listopad")
    page.append(["Den", "Cena", "Měna"])
    page.append([datetime(2026, 11, 1), 1234.5, "CZK"])
    book.save(buffer)
    sheet = mapping(files="*.xlsx", sheet="Listopad", decimal_comma=True)

    (row,) = rows_of(tmp_path, "mistral.xlsx", buffer.getvalue(), sheet)

    assert (row["billed_cost"], row["charge_period_start"]) == (Decimal("1234.5"), datetime(2026, 11, 1))
    with pytest.raises(InputError, match="found 'Prosinec'; allowed: Sheet, Listopad"):
        rows_of(tmp_path, "mistral.xlsx", buffer.getvalue(), sheet.model_copy(update={"sheet": "Prosinec"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": COLUMNS | {"price": "x"}}, "unknown column 'price'; known: billed_cost, "),
        ({"columns": {"billed_cost": "Cena"}}, "billing_currency, charge_period_start missing"),
        ({"constants": {"billed_cost": "1"}}, "'billed_cost' is both a column and a constant"),
        (
            {"columns": COLUMNS | {"charge_period_end": "a", "charge_period_last_day": "b"}},
            "charge_period_end and charge_period_last_day exclude each other",
        ),
    ],
)
def test_a_mapping_that_can_not_work_is_refused_at_once(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        InvoiceFolder(tmp_path, (mapping(**changes),))


def test_a_table_that_names_one_invoice_is_that_invoice_and_its_credits_are_paid_or_used(tmp_path: Path) -> None:
    columns = COLUMNS | {"invoice_id": "Faktura", "credit_kind": "Kredit", "vat_percent": "DPH", "provider_key": "Klíč"}
    rows = ("2026-11-01,100,USD,F1,purchase,21,", "2026-11-02,30,USD,F1,burn_down,,k1")
    content = "\n".join(("Den,Cena,Měna,Faktura,Kredit,DPH,Klíč", *rows))
    (tmp_path / "mistral-1.csv").write_text(content, "utf-8")
    reading = Reading((mapping(columns=columns),), key=lambda k: f"key of {k}" if k else None)

    found = InvoiceFolder(tmp_path, reading=reading).landed(tmp_path / "mistral-1.csv")

    assert [
        (r["billed_cost"], r["effective_cost"], r["credit_kind"], r["tax_rate"], r["api_key_key"])
        for b in found.lines for r in b.to_pylist()
    ] == [(100, 0, "purchase", Decimal("0.21"), None), (0, 30, "burn_down", None, "key of k1")]  # fmt: skip
    [head] = found.invoice.to_pylist()
    assert (head["kind"], head["provider"], head["invoice_id"], head["net_total"]) == ("invoice", "mistral", "F1", None)


@pytest.mark.parametrize(("column", "value"), [("credit_kind", "gift"), ("vat_percent", "0.21")])
def test_a_credit_or_a_rate_that_is_none_is_refused(tmp_path: Path, column: str, value: str) -> None:
    content = f"Den,Cena,Měna,X\n2026-11-01,1,USD,{value}\n"

    with pytest.raises(InputError, match=rf"line 2, {column}: found '{value}"):
        rows_of(tmp_path, "mistral-1.csv", content, mapping(columns=COLUMNS | {column: "X"}))
