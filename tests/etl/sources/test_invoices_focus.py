import gzip
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.errors import InputError
from etl.sources.invoices.focus import provider_of
from tests.etl.sources.invoice_files import rows_of

USUAL = {
    "BilledCost": "12.5",
    "BillingCurrency": "usd",
    "BillingPeriodStart": "2026-11-01",
    "BillingPeriodEnd": "2026-12-01",
    "ChargeCategory": "Usage",
    "ChargePeriodStart": "2026-11-01T00:00:00Z",
    "ChargePeriodEnd": "2026-11-02T00:00:00Z",
    "EffectiveCost": "10",
    "InvoiceIssuerName": "Microsoft",
    "ProviderName": "Microsoft",
}


def csv_of(*rows: dict[str, str]) -> str:
    lines = [",".join(rows[0]), *(",".join(f'"{v}"' if "," in v else v for v in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def test_a_row_becomes_a_line_under_our_names(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "focus.csv", csv_of(USUAL))

    assert (row["billed_cost"], row["effective_cost"], row["billing_currency"]) == (Decimal("12.5"), 10, "USD")
    assert (row["provider"], row["invoice_issuer_name"]) == ("azure", "Microsoft")
    assert (row["billing_period_start"], row["billing_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 12, 1))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-01 00:00:00", datetime(2026, 11, 1)),
        ("2026-11-01T00:00:00", datetime(2026, 11, 1)),
        ("2026-11-01T02:00:00+02:00", datetime(2026, 11, 1)),
        ("2026-11-01T00:00:00.0000000Z", datetime(2026, 11, 1)),
        ("2026-10-31T23:59:59Z", datetime(2026, 10, 31, 23, 59, 59)),
    ],
)
def test_an_instant_without_a_zone_is_utc_and_one_with_a_zone_is_turned_into_utc(
    tmp_path: Path, text: str, instant: datetime
) -> None:
    (row,) = rows_of(tmp_path, "focus.csv", csv_of(USUAL | {"ChargePeriodStart": text}))

    assert row["charge_period_start"] == instant


def test_the_word_null_is_an_empty_cell(tmp_path: Path) -> None:
    odd = {"EffectiveCost": "NULL", "ChargeClass": "NULL", "SubAccountId": "null", "ConsumedQuantity": "NULL"}

    (row,) = rows_of(tmp_path, "focus.csv", csv_of(USUAL | odd))

    assert [row[c] for c in ("effective_cost", "charge_class", "sub_account_id", "consumed_quantity")] == [None] * 4


def test_categories_and_column_names_may_be_in_any_case(tmp_path: Path) -> None:
    odd = {k.upper(): v for k, v in USUAL.items()} | {"CHARGECATEGORY": "uSAGE", "CHARGECLASS": "correction"}

    (row,) = rows_of(tmp_path, "focus.csv", csv_of(odd))

    assert (row["charge_category"], row["charge_class"]) == ("Usage", "Correction")


def test_our_own_snake_case_names_are_taken_too(tmp_path: Path) -> None:
    names = {"BilledCost": "billed_cost", "BillingCurrency": "billing_currency", "ChargeCategory": "charge_category"}
    names |= {"ChargePeriodStart": "charge_period_start", "ChargePeriodEnd": "charge_period_end"}

    (row,) = rows_of(tmp_path, "ours.csv", csv_of({names.get(k, k): v for k, v in USUAL.items()}))

    assert row["billed_cost"] == Decimal("12.5")


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("BilledCost", "", "an amount; a cost may not be empty"),
        ("BilledCost", "NULL", "an amount; a cost may not be empty"),
        ("BilledCost", "1,234", "a number with a decimal point"),
        ("ChargeCategory", "Usages", "Usage, Purchase, Tax, Credit, Adjustment"),
        ("BillingCurrency", "Token", "a currency code of three letters"),
        ("ChargePeriodEnd", "2026-11-01T00:00:00Z", "a later day or instant than the start"),
        ("ChargePeriodStart", "1. 11. 2026", "a day or an instant"),
        ("ChargePeriodStart", "11/1/26", "needs a BillingPeriodStart in the same form"),
    ],
)
def test_a_wrong_value_is_refused_with_line_column_and_choices(
    tmp_path: Path, column: str, value: str, allowed: str
) -> None:
    with pytest.raises(InputError, match=rf"focus.csv line 3, {column.lower()}: .*allowed: .*{allowed}"):
        rows_of(tmp_path, "focus.csv", csv_of(USUAL, USUAL | {column: value}))


def american(start: str, end: str) -> dict[str, str]:
    return USUAL | {
        "BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": start, "ChargePeriodEnd": end,
    }  # fmt: skip


def test_dates_with_slashes_are_month_day_year(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "focus.csv", csv_of(american("4/1/25", "5/1/2025")))

    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2025, 4, 1), datetime(2025, 5, 1))


@pytest.mark.parametrize(("start", "end"), [("01/04/2025", "01/05/2025"), ("01/01/2025", "01/02/2025")])
def test_dates_with_slashes_that_would_be_day_month_year_are_refused(tmp_path: Path, start: str, end: str) -> None:
    with pytest.raises(InputError, match="day/month/year is refused"):
        rows_of(tmp_path, "focus.csv", csv_of(american(start, end)))


def test_the_gateways_own_export_is_refused_since_it_is_an_estimate(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="never added to invoices"):
        rows_of(tmp_path, "focus.csv", csv_of(USUAL | {"BillingAccountType": "API Key"}))


def parquet(columns: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def test_parquet_loads_with_decimals_doubles_zones_and_nested_columns(tmp_path: Path) -> None:
    start = datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    content = parquet(
        {
            "BilledCost": pa.array([Decimal("0.1234567890123")], pa.decimal128(30, 13)),
            "EffectiveCost": pa.array([0.1 + 0.2]),
            "BillingCurrency": pa.array(["USD"]).dictionary_encode(),
            "ChargeCategory": ["Usage"],
            "ChargePeriodStart": pa.array([start], pa.timestamp("ns", "Europe/Prague")),
            "ChargePeriodEnd": pa.array([datetime(2026, 11, 2)], pa.timestamp("ns")),
            "Tags": pa.array([[("team", "a")]], pa.map_(pa.string(), pa.string())),
        }
    )

    (row,) = rows_of(tmp_path, "focus.snappy.parquet", content)

    assert (row["billed_cost"], row["effective_cost"]) == (Decimal("0.123456789012"), Decimal("0.3"))
    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 11, 2))


def test_a_parquet_file_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a whole Parquet file"):
        rows_of(tmp_path, "focus.parquet", parquet({"BilledCost": [1]})[:-10])


def test_a_gzipped_export_loads_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(csv_of(USUAL).encode())

    assert [r["billed_cost"] for r in rows_of(tmp_path, "focus.csv.gz", packed)] == [Decimal("12.5")]
    with pytest.raises(InputError, match="a whole gzip file"):
        rows_of(tmp_path, "broken.csv.gz", packed[:-12])


def test_a_workbook_loads_with_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    page.append(list(USUAL))
    page.append([0.1 + 0.2, "USD", datetime(2026, 11, 1), datetime(2026, 12, 1), "Usage", datetime(2026, 11, 1),
                 datetime(2026, 11, 2), 1234567.1, "OpenAI", "OpenAI"])  # fmt: skip
    book.save(buffer)

    (row,) = rows_of(tmp_path, "focus.xlsx", buffer.getvalue())

    assert (row["billed_cost"], row["effective_cost"], row["provider"]) == (
        Decimal("0.3"),
        Decimal("1234567.1"),
        "openai",
    )
    assert row["charge_period_start"].replace(tzinfo=UTC) == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("Microsoft", "azure"),
        ("Amazon Web Services", "aws"),
        ("Google Cloud", "google"),
        ("Acme Co.", "acme-co"),
        ("Azure OpenAI", "azure"),
        ("OpenAI on Azure", "azure"),
        ("OpenAI, LLC", "openai"),
    ],
)
def test_providers_have_short_names(name: str, ours: str) -> None:
    assert provider_of(name) == ours
