"""Claude Enterprise: the analytics API's daily summaries (JSON), which count seats and persons and name nobody."""

from collections.abc import Iterator

from etl.sources.fields import Row
from etl.sources.seats.report import COUNTS, Count, Holders, Report, count_of

PRODUCT = "claude-enterprise"


def is_summaries(names: frozenset[str]) -> bool:
    """Whether the entries of a JSON answer are daily summaries."""
    return {"starting_at", "assigned_seat_count"} <= names


def summaries(rows: Iterator[Row], holders: Holders) -> Report:
    """Seats assigned and persons active on each UTC day. The vendor's month of activity stands for 28 days."""
    product = holders.product(PRODUCT)
    return Report(COUNTS, counts=list({count.day: count for count in (_day(row, product) for row in rows)}.values()))


def _day(row: Row, product: str) -> Count:
    start = row.instant("starting_at")
    if start is None:
        raise row.refusal("starting_at", "a day or an instant, e.g. 2026-11-01T00:00:00Z")
    return Count(
        product=product,
        day=start.date(),
        assigned=count_of(row, "assigned_seat_count"),
        active_1d=count_of(row, "daily_active_user_count"),
        active_7d=count_of(row, "weekly_active_user_count"),
        active_28d=count_of(row, "monthly_active_user_count"),
    )
