"""The FOCUS dataset: columns, types, what may be empty, enumerations, sums; and the published validator where it is."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from queries import focus
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse

START, END = date(2026, 9, 1), date(2026, 11, 1)
OURS = ("UK",)
# FOCUS 1.0, Cost and Usage: every column of the specification (https://focus.finops.org/focus-specification/v1-0/)
SPECIFIED = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
]
NEEDED = {
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
}  # fmt: skip
# focus-validator 1.0.0 knows four columns by the names of a draft, and asks for a price of a column 1.0 has no more
DRAFT_NAMES = {
    "InvoiceIssuerName": "InvoiceIssuer",
    "ProviderName": "Provider",
    "PublisherName": "Publisher",
    "ResourceId": "ResourceID",
}


@pytest.fixture(scope="module")
def reader(synthetic_folder: Path) -> Reader:
    return Reader(Warehouse(synthetic_folder))


@pytest.fixture(scope="module")
def table(reader: Reader) -> pa.Table:
    return focus.dataset(reader, Scope(OURS, "rse"), OURS, START, END)


def written(table: pa.Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(focus.as_csv(table).decode())))


def test_the_columns_are_those_of_the_specification_and_own_ones_begin_with_x(table: pa.Table) -> None:
    own = [name for name in table.column_names if name not in SPECIFIED]
    assert [name for name in table.column_names if name in SPECIFIED] == SPECIFIED
    assert len(own) > 8
    assert [name for name in own if not re.fullmatch(r"x_[A-Z][A-Za-z]+", name)] == []


def test_only_what_may_be_empty_is_declared_so_and_is(table: pa.Table) -> None:
    declared = {c.name for c in focus.COLUMNS if not c.is_nullable and c.name in SPECIFIED}
    assert declared == NEEDED
    assert table.num_rows > 50
    assert [c.name for c in focus.COLUMNS if not c.is_nullable and table[c.name].null_count] == []


def test_amounts_are_decimals_and_instants_are_utc(table: pa.Table) -> None:
    for name in table.column_names:
        kind = table.schema.field(name).type
        assert pa.types.is_decimal(kind) == (name.endswith(("Cost", "Quantity", "UnitPrice", "Share"))), name
        assert (kind == pa.timestamp("us", tz="UTC")) == name.endswith(("PeriodStart", "PeriodEnd")), name
    rows = written(table)
    assert [r["BilledCost"] for r in rows if not re.fullmatch(r"-?\d+(\.\d{1,2})?", r["BilledCost"])] == []
    assert [
        r["BillingPeriodStart"] for r in rows if not re.fullmatch(r"2026-\d\d-01T00:00:00Z", r["BillingPeriodStart"])
    ] == []


def test_enumerated_columns_hold_their_choices_alone(table: pa.Table) -> None:
    for column in (c for c in focus.COLUMNS if c.choices):
        assert set(table[column.name].to_pylist()) <= {*column.choices, None}, column.name
    assert all(isinstance(json.loads(tags), dict) for tags in table["Tags"].to_pylist())


def test_a_row_stands_within_its_periods(table: pa.Table) -> None:
    for row in table.to_pylist():
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["BillingPeriodEnd"] - row["BillingPeriodStart"] in {timedelta(n) for n in (28, 29, 30, 31)}
        assert START <= row["BillingPeriodStart"].date() < END
        if row["ChargeCategory"] in ("Usage", "Purchase"):
            assert row["SkuPriceId"]


def test_the_file_adds_up_to_what_is_allocated(reader: Reader, table: pa.Table) -> None:
    rows = reader.run("cost/statement", Scope(OURS, "rse"), units=OURS, start=START, end=END).rows
    allocated = sum(rows["net_czk"].to_pylist(), Decimal(0))
    assert allocated > 10_000
    assert sum(Decimal(r["BilledCost"]) for r in written(table)) == allocated
    loose = sum(Decimal(r["BilledCost"]) for r in written(table) if r["x_Unit"] == "UNALLOCATED")
    assert 0 < loose < allocated


def test_a_viewer_of_one_faculty_exports_its_charges_alone(reader: Reader) -> None:
    mine = focus.dataset(reader, Scope(("MFF",)), ("UK", "MFF", "FF"), START, END)
    assert mine.num_rows > 2
    assert {unit[:3] for unit in mine["x_Unit"].to_pylist()} == {"MFF"}
    assert focus.dataset(reader, Scope(()), ("UK", "MFF"), START, END).num_rows == 0


def test_parquet_holds_the_same_rows_and_names_its_version(table: pa.Table) -> None:
    read = pq.read_table(io.BytesIO(focus.as_parquet(table)))
    assert read.to_pylist() == table.to_pylist()
    assert read.schema.metadata[b"focus_version"] == b"1.0"


def _validator() -> Path | None:
    found = os.environ.get("FOCUS_VALIDATOR") or shutil.which("focus-validator")
    return Path(found) if found else None


@pytest.mark.skipif(_validator() is None, reason="focus-validator is not installed (docs/focus.md says how)")
def test_the_published_validator_accepts_the_file(table: pa.Table, tmp_path: Path) -> None:
    header, *rows = csv.reader(io.StringIO(focus.as_csv(table).decode()))
    category = header.index("ChargeCategory")
    with (tmp_path / "focus.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([DRAFT_NAMES.get(name, name) for name in header] + ["ChargeType"])
        writer.writerows([*row, row[category]] for row in rows)
    command = _validator()
    assert command
    home = next(command.parents[1].glob("lib/python*/site-packages"))  # it looks for its currencies where it runs
    asked = [str(command), "--data-file", str(tmp_path / "focus.csv"), "--validate-version", "1.0"]
    done = subprocess.run(asked, cwd=home, capture_output=True, text=True, timeout=120, check=False)
    assert "Validation succeeded" in done.stdout + done.stderr, done.stdout[-2000:]
