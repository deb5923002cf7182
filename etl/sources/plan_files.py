"""The directory's files about plans: budgets, annotations, targets and prices, read and checked.

A missing or empty file has no rows. A wrong value is an InputError with file, line, column and what is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from etl.identity import masked
from etl.sources.directory_files import ALWAYS, Period, Unit, known_unit, rows
from etl.sources.fields import Row

ANNOTATION_KINDS = ("training", "launch", "outage", "other")
TARGET_METRICS = ("mau", "adoption_rate")
PRICE_KINDS = ("list", "internal", "shadow")
_PRICES = ("input_usd", "cached_usd", "cache_write_usd", "output_usd")
_SIXTH = Decimal("1e-6")
_DEAREST = Decimal(1_000_000)


@dataclass(frozen=True)
class Budget:
    """What a unit, with everything below it, may spend within `period`, in CZK."""

    unit: str
    period: Period
    amount_czk: Decimal
    note: str | None


@dataclass(frozen=True)
class Annotation:
    """Something that happened on a day and is worth showing on a time axis."""

    day: date
    kind: str
    name_cs: str
    name_en: str


@dataclass(frozen=True)
class Target:
    """What a unit means to reach by a day: a number of persons (mau) or a share from 0 to 1 (adoption_rate)."""

    unit: str
    metric: str
    day: date
    value: Decimal


@dataclass(frozen=True)
class Price:
    """USD per 1,000,000 tokens of a model from a day on; None = unknown."""

    model: str
    valid_from: date
    kind: str
    input_usd: Decimal | None
    cached_usd: Decimal | None
    cache_write_usd: Decimal | None
    output_usd: Decimal | None


def read_budgets(folder: Path, units: Mapping[str, Unit], root: str) -> list[Budget]:
    """Budgets of budgets.csv in order of the file; the periods of one unit don't overlap."""
    found: list[Budget] = []
    for row in rows(folder / "budgets.csv", "unit", "period_start", "period_end", "amount", "currency"):
        unit, period, amount = known_unit(row, units, root), _budget_period(row), row.money("amount")
        if amount < 0:
            raise row.refusal("amount", "an amount of 0 or more")
        if row.currency("currency") != "CZK":
            raise row.refusal("currency", "CZK")
        if any(other.unit == unit and other.period.overlaps(period) for other in found):
            raise row.refusal("period_start", "a period that does not overlap an earlier line of this unit")
        note = row.text("note")
        found.append(Budget(unit, period, amount, masked(note) if note else None))
    return found


def _budget_period(row: Row) -> Period:
    start, end = _required_day(row, "period_start"), _required_day(row, "period_end")
    if end <= start:
        raise row.refusal("period_end", f"a later day than period_start, {start} (exclusive)")
    return Period(start, end)


def read_annotations(folder: Path) -> list[Annotation]:
    """Annotations of annotations.csv in order of the file; an empty name_en is name_cs."""
    found = []
    for row in rows(folder / "annotations.csv", "day", "name_cs", "kind"):
        name = masked(row.required("name_cs"))
        kind = row.choice("kind", ANNOTATION_KINDS)
        found.append(Annotation(_required_day(row, "day"), kind, name, masked(row.text("name_en") or name)))
    return found


def read_targets(folder: Path, units: Mapping[str, Unit], root: str) -> list[Target]:
    """Targets of targets.csv in order of the file, each unit, metric and day once."""
    found: dict[tuple[str, str, date], Target] = {}
    for row in rows(folder / "targets.csv", "unit", "metric", "day", "value"):
        unit, metric = known_unit(row, units, root), row.choice("metric", TARGET_METRICS)
        day, value = _required_day(row, "day"), row.money("value")
        if metric == "mau" and (value < 0 or value != value.to_integral_value()):
            raise row.refusal("value", "a whole number of persons, 0 or more")
        if metric == "adoption_rate" and not 0 <= value <= 1:
            raise row.refusal("value", "a share from 0 to 1, e.g. 0.25")
        if (unit, metric, day) in found:
            raise row.refusal("day", "each unit, metric and day once")
        found[unit, metric, day] = Target(unit, metric, day, value.quantize(_SIXTH))
    return list(found.values())


def read_prices(folder: Path) -> list[Price]:
    """Prices of prices.csv in order of the file, each model and first day once.

    An empty cached_usd or cache_write_usd is unknown, as any other: nobody may take it for 0.
    """
    found: dict[tuple[str, date], Price] = {}
    for row in rows(folder / "prices.csv", "model", "input_usd", "output_usd"):
        model, start = row.required("model"), row.day("valid_from") or ALWAYS
        if (model, start) in found:
            raise row.refusal("valid_from", "each model and first day once")
        kind = row.choice("kind", PRICE_KINDS, default="list")
        found[model, start] = Price(model, start, kind, *(_price(row, column) for column in _PRICES))
    return list(found.values())


def _price(row: Row, column: str) -> Decimal | None:
    amount = row.amount(column)
    if amount is None:
        return None
    if not 0 <= amount < _DEAREST or amount != amount.quantize(_SIXTH):
        raise row.refusal(column, "USD per 1,000,000 tokens, from 0 to 999999.999999, at most 6 decimals")
    return amount.quantize(_SIXTH)


def _required_day(row: Row, column: str) -> date:
    row.required(column)
    day = row.day(column)
    assert day is not None
    return day
