"""Spreads invoice lines over the days they pay for, exactly: the days of a line add up to it to the last digit."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import pairwise

import pyarrow as pa

from etl.tables import DAY, MONEY, TEXT

DAYS = pa.schema(
    [("line_id", TEXT), ("document_id", TEXT), ("day", DAY), ("billed_cost", MONEY), ("effective_cost", MONEY)]
)
_STEP = Decimal("1e-12")


def spread(amount: Decimal, parts: int) -> list[Decimal]:
    """`parts` nearly equal amounts of 12 digits that add up to `amount` exactly (differences of rounded sums)."""
    with localcontext(prec=60):
        running = [(amount * n / parts).quantize(_STEP, ROUND_HALF_EVEN) for n in range(parts)] + [amount]
        return [later - earlier for earlier, later in pairwise(running)]


def days_of(line: dict[str, object]) -> Iterator[dict[str, object]]:
    """Rows of DAYS for one invoice line: every day of its charge period if amortised or longer than a day.

    Billed cost stands on the first day, since it is paid once; effective cost is spread evenly (metrics.md, Money).
    A usage line of one day keeps both on that day. The days are the provider's own (UTC).
    """
    start, end = line["charge_period_start"], line["charge_period_end"]
    billed = line["billed_cost"]
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    assert isinstance(billed, Decimal)
    effective = line["effective_cost"] if line["effective_cost"] is not None else billed
    assert isinstance(effective, Decimal)
    days = _days(start, end)
    for day, share in zip(days, spread(effective, len(days)), strict=True):
        yield {
            "line_id": line["line_id"],
            "document_id": line["document_id"],
            "day": day,
            "billed_cost": billed if day == days[0] else Decimal(0),
            "effective_cost": share,
        }


def _days(start: datetime, end: datetime) -> list[date]:
    last = (end - timedelta(microseconds=1)).date() if end > start else start.date()
    return [start.date() + timedelta(days=n) for n in range((last - start.date()).days + 1)]


def invoice_days(lines: pa.Table) -> pa.RecordBatch:
    """Rows of DAYS for a table of invoice lines."""
    rows = [day for line in lines.to_pylist() for day in days_of(line)]
    return pa.RecordBatch.from_pylist(rows, DAYS)
