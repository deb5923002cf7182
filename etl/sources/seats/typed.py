"""Lists of our own: seats.csv (one row a seat) and seat_counts.csv (how many were bought), for any product.

Templates lie in etl/reference; docs/seats.md explains the columns.
"""

from collections import defaultdict
from datetime import date

from etl.sources.fields import Row
from etl.sources.seats.report import (
    COUNTS,
    ROSTER,
    STATUSES,
    Count,
    Holders,
    Report,
    Seat,
    amount_of,
    count_of,
    day_of,
    last_day,
    merged,
)
from etl.sources.sheets import Sheet

PRODUCT = ""  # the table says it, or the configuration
_COUNTED = ("bought", "assigned", "active_1d", "active_7d", "active_28d")


def is_seats(header: frozenset[str]) -> bool:
    """Whether a table lists seats."""
    return {"day", "holder"} <= header


def is_counts(header: frozenset[str]) -> bool:
    """Whether a table counts seats."""
    return "day" in header and "holder" not in header and bool({"bought", "assigned"} & header)


def seats(sheet: Sheet, holders: Holders) -> Report:
    """Every seat that somebody holds; a row without a holder is a seat that was bought and given to nobody."""
    report, found = Report(ROSTER), []
    bought: dict[tuple[str, date], int] = defaultdict(int)
    empty: set[tuple[str, date]] = set()
    for row in sheet.records():
        product, day = _product(row, holders), day_of(row, "day")
        if row.text("holder") is None:
            empty.add((product, day))
            bought[product, day] += 1
            continue
        seat = _seat(row, holders, product, day, "last_active_day" in sheet.header)
        bought[product, day] += seat.status != "removed"
        found.append(seat)
    report.seats = merged(found)
    report.counts = [Count(product=p, day=d, bought=n) for (p, d), n in bought.items() if (p, d) in empty]
    return report


def _seat(row: Row, holders: Holders, product: str, day: date, has_days: bool) -> Seat:
    holder = holders.of(row.required("holder"))
    start, end = row.day("period_start"), row.day("period_end")
    if start is not None and (end is None or end <= start):
        raise row.refusal("period_end", f"a later day than period_start, {start} (exclusive)")
    return Seat(
        product=product,
        report_day=day,
        holder_key=holder.key,
        is_identified=holder.is_identified,
        email_domain=holder.email_domain,
        assigned_day=last_day(row, ["assigned_day"], day),
        status=row.choice("status", STATUSES, default="assigned"),
        last_active_day=last_day(row, ["last_active_day"], day),
        is_activity_known=has_days,
        period_start=start,
        period_end=end if start else None,
        uses=count_of(row, "uses"),
        credits_used=amount_of(row, "credits_used"),
        allowance=amount_of(row, "allowance"),
    )


def counts(sheet: Sheet, holders: Holders) -> Report:
    """How many seats were bought, assigned and used by a day."""
    found: dict[tuple[str, date], Count] = {}
    for row in sheet.records():
        product, day = _product(row, holders), day_of(row, "day")
        if (product, day) in found:
            raise row.refusal("day", "each product and day once")
        found[product, day] = Count(product=product, day=day, **{c: count_of(row, c) for c in _COUNTED})
    return Report(COUNTS, counts=list(found.values()))


def _product(row: Row, holders: Holders) -> str:
    product = (row.text("product") or holders.product(PRODUCT)).lower()
    if not product:
        raise row.refusal("product", "code of a plan, e.g. chatgpt-edu; or set it in [[seats.products]]")
    return product
