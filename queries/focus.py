"""Charges as a FOCUS 1.0 dataset (FinOps Open Cost and Usage Specification), as CSV or Parquet (docs/focus.md).

The rows come through the Reader, so a viewer exports what they may see and nothing else. Amounts are decimals in CZK.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from queries.reader import Reader, Scope

VERSION = "1.0"
QUERY = "invoices/focus"
AMOUNT = pa.decimal128(38, 12)
INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
Row = Mapping[str, Any]
CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
CHARGE_FREQUENCIES = ("One-Time", "Recurring", "Usage-Based")
PRICING_CATEGORIES = ("Standard", "Dynamic", "Committed", "Other")
SERVICE_CATEGORY = "AI and Machine Learning"


@dataclass(frozen=True)
class Column:
    """A column: FOCUS's name (own ones begin with x_), its type, what gives its value, whether it may be empty."""

    name: str
    type: pa.DataType
    value: Callable[[Row], Any]
    is_nullable: bool = True
    choices: tuple[str, ...] = ()


def _plain(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _nothing(_row: Row) -> None:
    return None


def _month(row: Row) -> datetime:
    return datetime.combine(row["month_start"], datetime.min.time(), UTC)


def _month_after(row: Row) -> datetime:
    start: date = row["month_start"]
    return datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)


def _utc(name: str) -> Callable[[Row], datetime]:
    return lambda row: row[name].replace(tzinfo=UTC)


def _service(row: Row) -> str:
    return str(row["service_name"] or row["provider"])


def _sku(row: Row) -> str:
    return _service(row)


def _issuer(row: Row) -> str:
    return str(row["invoice_issuer_name"] or row["provider"])


def _list_cost(row: Row) -> Decimal:
    """The list cost; where nobody knows it, what was agreed stands for it: FOCUS wants no empty cell."""
    return Decimal(row["billed_czk"] if row["list_czk"] is None else row["list_czk"])


def _pricing(row: Row) -> str | None:
    return "Standard" if row["charge_category"] in ("Usage", "Purchase") else None


def _tags(row: Row) -> str:
    said = {"unit": row["unit"], "rule": row["rule"], "booked_as": row["booked_as"] or ""}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _needed(name: str, kind: pa.DataType, value: Callable[[Row], Any] | str, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, _plain(value) if isinstance(value, str) else value, False, choices)


def _optional(
    name: str, kind: pa.DataType = TEXT, value: Callable[[Row], Any] | str = _nothing, choices: tuple[str, ...] = ()
) -> Column:
    return Column(name, kind, _plain(value) if isinstance(value, str) else value, True, choices)


COLUMNS: tuple[Column, ...] = (
    _optional("AvailabilityZone"),
    _needed("BilledCost", AMOUNT, "billed_czk"),
    _needed("BillingAccountId", TEXT, "provider"),
    _optional("BillingAccountName", TEXT, _issuer),
    _needed("BillingCurrency", TEXT, lambda _row: "CZK"),
    _needed("BillingPeriodEnd", INSTANT, _month_after),
    _needed("BillingPeriodStart", INSTANT, _month),
    _needed("ChargeCategory", TEXT, "charge_category", CHARGE_CATEGORIES),
    _optional("ChargeClass", TEXT, "charge_class", ("Correction",)),
    _optional("ChargeDescription", TEXT, "charge_description"),
    _needed("ChargeFrequency", TEXT, "charge_frequency", CHARGE_FREQUENCIES),
    _needed("ChargePeriodEnd", INSTANT, _utc("charge_period_end")),
    _needed("ChargePeriodStart", INSTANT, _utc("charge_period_start")),
    _optional("CommitmentDiscountCategory"),
    _optional("CommitmentDiscountId"),
    _optional("CommitmentDiscountName"),
    _optional("CommitmentDiscountStatus"),
    _optional("CommitmentDiscountType"),
    _optional("ConsumedQuantity", AMOUNT),
    _optional("ConsumedUnit"),
    _needed("ContractedCost", AMOUNT, "billed_czk"),
    _optional("ContractedUnitPrice", AMOUNT),
    _needed("EffectiveCost", AMOUNT, "effective_czk"),
    _needed("InvoiceIssuerName", TEXT, _issuer),
    _needed("ListCost", AMOUNT, _list_cost),
    _optional("ListUnitPrice", AMOUNT),
    _optional("PricingCategory", TEXT, _pricing, PRICING_CATEGORIES),
    _optional("PricingQuantity", AMOUNT),
    _optional("PricingUnit"),
    _needed("ProviderName", TEXT, "provider"),
    _needed("PublisherName", TEXT, "provider"),
    _optional("RegionId"),
    _optional("RegionName"),
    _optional("ResourceId"),
    _optional("ResourceName"),
    _optional("ResourceType"),
    _needed("ServiceCategory", TEXT, lambda _row: SERVICE_CATEGORY, (SERVICE_CATEGORY,)),
    _needed("ServiceName", TEXT, _service),
    _optional("SkuId", TEXT, _sku),
    _optional("SkuPriceId", TEXT, _sku),
    _optional("SubAccountId"),
    _optional("SubAccountName"),
    _optional("Tags", TEXT, _tags),
    _needed("x_Unit", TEXT, "unit"),
    _needed("x_Rule", TEXT, "rule"),
    _needed("x_Basis", TEXT, "basis"),
    _needed("x_AllocatedCost", AMOUNT, "billed_czk"),
    _needed("x_TaxCost", AMOUNT, "vat_czk"),
    _needed("x_NonDeductibleTaxCost", AMOUNT, "non_deductible_czk"),
    _optional("x_InvoiceId", TEXT, "invoice_id"),
    _optional("x_BookedAs", TEXT, "booked_as", ("invoice", "provisional")),
    _needed("x_OriginMonth", TEXT, lambda row: f"{row['origin_month']:%Y-%m}"),
    _optional("x_OriginalCurrency", TEXT, "currency"),
)


def dataset(reader: Reader, scope: Scope, units: Sequence[str], start: date, end: date) -> pa.Table:
    """The charges booked in the months of [start, end) for the units, with COLUMNS in their order."""
    rows = reader.run(QUERY, scope, units=units, start=start, end=end).rows.to_pylist()
    schema = pa.schema([pa.field(c.name, c.type, c.is_nullable) for c in COLUMNS])
    return pa.Table.from_pylist([{c.name: c.value(row) for c in COLUMNS} for row in rows], schema=schema)


def as_csv(table: pa.Table) -> bytes:
    """The dataset as CSV: UTF-8, commas, empty cells for nulls, instants as 2026-10-01T00:00:00Z."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows([_cell(value) for value in row.values()] for row in table.to_pylist())
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def as_parquet(table: pa.Table) -> bytes:
    """The dataset as Parquet; the file's metadata name the version."""
    out = io.BytesIO()
    named = table.replace_schema_metadata({"focus_version": VERSION})
    pq.write_table(named, out, compression="zstd")
    return out.getvalue()


FORMATS: Mapping[str, Callable[[pa.Table], bytes]] = {"csv": as_csv, "parquet": as_parquet}
