"""Usage for the study of plans: loaded once per snapshot, unit, role and months, and what else holds in a snapshot."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from queries.analysis.plan import Plan
from queries.analysis.uncertainty import yearly_deviation
from queries.analysis.usage import Ints, Usage, usage_of
from queries.catalogue import query
from queries.errors import WarehouseError
from queries.suppression import Rules, shown_count
from queries.warehouse import Snapshot, sql

VAT = Decimal("0.21")
KEPT = 24
_PERSON_MONTHS, _MONTHS, _RATES, _ADOPTION, _TAX = (
    sql(f"study/{name}") for name in ("person_months", "months", "rates", "adoption", "tax")
)


@dataclass(frozen=True)
class Rate:
    """A currency's last published rate, and how much it moved: the deviation of a year (None: too few days)."""

    czk: Decimal
    day: date
    deviation: float | None


@dataclass(frozen=True)
class Tax:
    """What tax adds to a net amount: VAT, and its part that can't be deducted; whether that was measured."""

    vat: Decimal
    non_deductible: Decimal
    is_measured: bool


class Cache:
    """The last few results by key, for many threads. Two that ask for the same at once may both make it."""

    def __init__(self, limit: int = KEPT) -> None:
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._lock, self._limit = threading.Lock(), limit

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """What is kept under `key`, else what `make` makes."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return made


def loaded_usage(snapshot: Snapshot, unit: str, role: str, start: date, end: date) -> Usage:
    """What the persons at home in the unit (or below it) used in each month of [start, end) that has data."""
    months = [r["month_start"] for r in snapshot.rows(_MONTHS, {"start": start, "end": end}).to_pylist()]
    rows = snapshot.rows(_PERSON_MONTHS, {"unit": unit, "role": role, "start": start, "end": end})
    if not months or not rows.num_rows:
        empty = np.zeros((len(months), 0), dtype=np.int64)
        return usage_of(months, empty, empty, empty)
    return usage_of(months, *_matrices(rows, months))


def _matrices(rows: pa.Table, months: Sequence[date]) -> list[Ints]:
    _persons, column = np.unique(rows.column("person_no").to_numpy(), return_inverse=True)
    days = rows.column("month_start").to_numpy().astype("datetime64[D]")
    line = np.searchsorted(np.array(months, dtype="datetime64[D]"), days)
    dollars = _spread(_trillionths(rows.column("metered_usd")), line, column, len(months))
    counts = (rows.column(name).to_numpy() for name in ("billed_tokens", "user_requests"))
    return [_billionths(dollars), *(_spread(values, line, column, len(months)) for values in counts)]


def _trillionths(amounts: pa.ChunkedArray) -> Ints:
    """Decimals of twelve places as whole numbers: of each number of 128 bits the lower half, up to nine million.

    The database's own cast takes ten times as long. Raises WarehouseError for an amount above that.
    """
    array = amounts.combine_chunks()
    words = np.frombuffer(array.buffers()[1], dtype="<i8").reshape(-1, 2)[array.offset : array.offset + len(array)]
    low, high = words[:, 0], words[:, 1]
    if (high != low >> 63).any():
        raise WarehouseError("person_month: a person's use in one month is above 9,000,000 USD")
    return low


def _billionths(trillionths: Ints) -> Ints:
    """Rounded half away from zero, as amounts are everywhere."""
    return np.asarray(np.sign(trillionths) * ((np.abs(trillionths) + 500) // 1000))


def _spread(values: Ints, line: Ints, column: Ints, months: int) -> Ints:
    matrix = np.zeros((months, int(column.max()) + 1), dtype=np.int64)
    np.add.at(matrix, (line, column), values)  # a person who moved within a month has two rows of it
    return matrix


def known_plans(snapshot: Snapshot, day: date) -> dict[str, Plan]:
    """Plans by code, as they are valid on `day`."""
    rows = snapshot.rows(query("plans/plans").sql, {"day": day}).to_pylist()
    return {row["plan"]: Plan.of_row(row) for row in rows}


def known_rates(snapshot: Snapshot) -> dict[str, Rate]:
    """Each currency's last rate."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in snapshot.rows(_RATES, {}).to_pylist():
        found.setdefault(row["currency"], []).append(row)
    return {currency: _rate(rows) for currency, rows in found.items()}


def _rate(rows: Sequence[Mapping[str, Any]]) -> Rate:
    last = rows[-1]
    return Rate(last["czk_per_unit"], last["published_day"], yearly_deviation([r["czk_per_unit"] for r in rows]))


def known_tax(snapshot: Snapshot, unit: str) -> Tax:
    """Shares measured on what was allocated to the unit; else the standard rate, none of it deductible."""
    row = snapshot.rows(_TAX, {"unit": unit}).to_pylist()[0]
    if row["vat_share"] is None:
        return Tax(VAT, VAT, False)
    vat, part = (round(Decimal(str(row[k])), 6) for k in ("vat_share", "non_deductible_share"))
    return Tax(vat, part, True)


def joining_persons(snapshot: Snapshot, rules: Rules, start: date, end: date, joining: Sequence[str]) -> int:
    """Persons whom the faculties in `joining` would add at the adoption of all the others, as far as it is told.

    Nobody where no other faculty's population is known.
    """
    found = snapshot.rows(_ADOPTION, {"start": start, "end": end}).to_pylist()
    rows = [row | {"active": shown_count(row["active"], row["unit"], rules) or 0} for row in found]
    others = [r for r in rows if r["unit"] not in joining and r["population"] and r["active"]]
    population, active = (sum(r[k] for r in others) for k in ("population", "active"))
    chosen = [r for r in rows if r["unit"] in joining]
    return sum(max(r["population"] * active // population - r["active"], 0) for r in chosen) if population else 0
