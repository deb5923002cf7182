"""Which days of a provider's reports an invoice stands for, and what of a report still counts.

Only an invoice that bills metered use stands for a report, only for the days it bills, and only once it is booked: not
seats, purchases, credit, adjustments, corrections of other invoices, what is spread over its days, or what is negative.
A line that a rule or the document gives to a unit, or to who holds seats, stands for what goes the same way. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from etl.allocation_rules import Rules, first_fitting
from etl.billed import Billed, month_of
from etl.spread import spread

Covered = Mapping[tuple[str, str | None], set[date]]  # provider, whose; days that invoices bill


def covered_days(lines: Iterable[Billed], rules: Rules) -> Covered:
    """Days whose metered use the lines bill, by provider and by who pays for it whatever the use (None: by use)."""
    found: defaultdict[tuple[str, str | None], set[date]] = defaultdict(set)
    for line in lines:
        if _bills_use(line):
            found[line.provider, _whose(line, rules)].update(_days(line))
    return found


def left_of(line: Billed, covered: Covered, rules: Rules) -> tuple[Mapping[date, Decimal], list[date]]:
    """What of a report's line counts in each month, and those of its days that an invoice stands for.

    A line of several days is cut as if each had the same part of it; the parts add up to the line exactly.
    """
    taken = covered.get((line.provider, None), set()) | covered.get((line.provider, _whose(line, rules)), set())
    days = _days(line)
    gone = [day for day in days if day in taken]
    if not gone:
        return line.months, []
    kept: defaultdict[date, Decimal] = defaultdict(Decimal)
    for day, amount in zip(days, spread(line.net, len(days)), strict=True):
        if day not in taken:
            kept[month_of(day) if month_of(day) in line.months else min(line.months)] += amount
    return kept, gone


def _bills_use(line: Billed) -> bool:
    is_use = line.kind == "invoice" and line.category == "Usage" and line.credit_kind is None
    return is_use and line.net > 0 and not line.is_amortised and not line.is_correction


def _whose(line: Billed, rules: Rules) -> str | None:
    """Who pays for the line whatever was used: the unit it names or a rule says, holders of seats; else None."""
    if line.unit is not None:
        return f"unit {line.unit}"
    if (owner := first_fitting(rules.owners, line.said, line.start)) is not None:
        return f"unit {owner.unit}"
    seats = first_fitting(rules.seats, line.said, line.start)
    return None if seats is None else f"seats {seats.product}"


def _days(line: Billed) -> list[date]:
    return [line.start + timedelta(days=n) for n in range(max((line.last - line.start).days, 0) + 1)]
