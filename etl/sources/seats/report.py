"""What a report on seats says, whoever wrote it: seats, counts and other ids of the same persons; ids are pseudonyms.

An e-mail address becomes the person_key that the gateway and the chat UI give too, so that a person is one person
everywhere. A name that the vendor has hashed becomes a pseudonym of its own, of nobody known.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import pyarrow as pa

from etl.identity import Pseudonyms, is_email
from etl.sources.fields import Row
from etl.tables import ACCOUNT, SEAT, SEAT_COUNT, Table

SOURCE = "seats"
STATUSES = ("assigned", "pending", "removed")
ROSTER = "roster"  # every holder of a seat on the day
ACTIVITY = "activity"  # only those who used theirs
COUNTS = "counts"
T = TypeVar("T")
N = TypeVar("N", int, Decimal)
_AHEAD = timedelta(days=1)  # a vendor's day may be ahead of the day on which it made the report


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A row of tables.SEAT."""

    product: str
    report_day: date
    holder_key: str
    is_identified: bool
    email_domain: str | None = None
    assigned_day: date | None = None
    status: str = "assigned"
    last_active_day: date | None = None
    is_activity_known: bool = True
    period_start: date | None = None
    period_end: date | None = None
    uses: int | None = None
    credits_used: Decimal | None = None
    allowance: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Count:
    """A row of tables.SEAT_COUNT; None = not stated."""

    product: str
    day: date
    bought: int | None = None
    assigned: int | None = None
    active_1d: int | None = None
    active_7d: int | None = None
    active_28d: int | None = None


@dataclass
class Report:
    """What one document says. `kind`: roster | activity | counts; a newer one of a kind replaces an older one's day."""

    kind: str
    seats: list[Seat] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)  # pseudonym of a vendor's id: person_key

    @property
    def lines(self) -> int:
        """Rows that are kept of the document."""
        return len(self.seats) + len(self.counts)

    def batches(self, table: Table) -> list[pa.RecordBatch]:
        """The rows for SEAT, SEAT_COUNT or, of the aliases, ACCOUNT."""
        rows: dict[str, Iterable[dict[str, object]]] = {
            SEAT.name: (asdict(seat) for seat in self.seats),
            SEAT_COUNT.name: (asdict(count) for count in self.counts),
            ACCOUNT.name: ({"account_key": key, "person_key": person} for key, person in self.aliases.items()),
        }
        found = list(rows[table.name])
        return [pa.RecordBatch.from_pylist(found, table.schema)] if found else []


@dataclass(frozen=True)
class Holder:
    """Who holds a seat, as far as we may know."""

    key: str
    is_identified: bool
    email_domain: str | None


class Holders:
    """Turns what a report calls its people into pseudonyms; `product` says which plan a document is about."""

    def __init__(self, pseudonyms: Pseudonyms, product: Callable[[str], str]) -> None:
        self._pseudonyms, self.product = pseudonyms, product

    def of(self, name: str) -> Holder:
        """The holder under an e-mail address (a known person), or under any other id (a pseudonym of its own)."""
        key = self._pseudonyms.key(name)
        assert key is not None, "an empty name"
        return Holder(key, is_email(name), self._pseudonyms.domain(name))


def merged(seats: Iterable[Seat]) -> list[Seat]:
    """One seat a product, day and holder: what two rows of one person say is put together."""
    found: dict[tuple[str, date, str], Seat] = {}
    for seat in seats:
        key = (seat.product, seat.report_day, seat.holder_key)
        found[key] = _together(found[key], seat) if key in found else seat
    return list(found.values())


def _together(one: Seat, other: Seat) -> Seat:
    return replace(
        one,
        assigned_day=min(_given(one.assigned_day, other.assigned_day), default=None),
        status=min(one.status, other.status, key=STATUSES.index),
        last_active_day=max(_given(one.last_active_day, other.last_active_day), default=None),
        is_activity_known=one.is_activity_known or other.is_activity_known,
        period_start=min(_given(one.period_start, other.period_start), default=None),
        period_end=max(_given(one.period_end, other.period_end), default=None),
        uses=_sum(one.uses, other.uses),
        credits_used=_sum(one.credits_used, other.credits_used),
        allowance=max(_given(one.allowance, other.allowance), default=None),
    )


def _given(*values: T | None) -> list[T]:
    return [value for value in values if value is not None]


def _sum(one: N | None, other: N | None) -> N | None:
    return other if one is None else one if other is None else one + other


def day_of(row: Row, column: str) -> date:
    """The day in a column, which must be there."""
    row.required(column)
    day = row.day(column)
    assert day is not None
    return day


def last_day(row: Row, columns: Iterable[str], report_day: date) -> date | None:
    """The latest day in the columns; None where none is given. Refuses a day after the report's own."""
    latest = None
    for column in columns:
        day = row.day(column)
        if day is not None and day > report_day + _AHEAD:
            raise row.refusal(column, f"a day up to that of the report, {report_day}")
        latest = max(_given(latest, day), default=None)
    return latest


def count_of(row: Row, column: str) -> int | None:
    """A whole number of 0 or more; None for an empty cell."""
    number = row.amount(column)
    if number is None:
        return None
    if number < 0 or number != number.to_integral_value() or number > 10**12:
        raise row.refusal(column, "a whole number, 0 or more")
    return int(number)


def amount_of(row: Row, column: str) -> Decimal | None:
    """An amount of 0 or more; None for an empty cell."""
    amount = row.amount(column)
    if amount is not None and amount < 0:
        raise row.refusal(column, "an amount of 0 or more")
    return amount
