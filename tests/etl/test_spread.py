"""Spreading of invoice lines over days: exact to the last digit, whatever the amount and the number of days."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etl.spread import DAYS, days_of, invoice_days, spread
from etl.tables import INVOICE_LINE

AMOUNTS = st.decimals(min_value=Decimal("-1e20"), max_value=Decimal("1e20"), places=12)


def line(start: str, end: str, billed: str, effective: str | None = None) -> dict[str, object]:
    """One invoice line with only what spreading needs."""
    return dict.fromkeys(INVOICE_LINE.schema.names) | {
        "line_id": "d#1",
        "document_id": "d",
        "charge_period_start": datetime.fromisoformat(start),
        "charge_period_end": datetime.fromisoformat(end),
        "billed_cost": Decimal(billed),
        "effective_cost": Decimal(effective) if effective else None,
    }


def test_a_third_is_rounded_so_that_the_parts_still_add_up() -> None:
    assert spread(Decimal("0.01"), 3) == [
        Decimal("0.003333333333"),
        Decimal("0.003333333334"),
        Decimal("0.003333333333"),
    ]


@given(amount=AMOUNTS, parts=st.integers(1, 400))
def test_parts_add_up_exactly_and_differ_by_at_most_one_last_digit(amount: Decimal, parts: int) -> None:
    found = spread(amount, parts)
    assert len(found) == parts
    assert sum(map(Fraction, found)) == Fraction(amount)
    assert max(found) - min(found) <= Decimal("1e-12")


def test_a_cost_of_a_month_is_billed_on_its_first_day_and_effective_on_each() -> None:
    found = list(days_of(line("2026-11-01", "2026-12-01", "300")))
    assert [d["day"] for d in found] == [date(2026, 11, n) for n in range(1, 31)]
    assert [d["billed_cost"] for d in found] == [Decimal(300)] + [Decimal(0)] * 29
    assert {d["effective_cost"] for d in found} == {Decimal(10)}


def test_a_usage_line_of_a_day_keeps_both_costs_on_it() -> None:
    assert list(days_of(line("2026-11-05", "2026-11-06", "1.5", "1.25"))) == [
        {
            "line_id": "d#1",
            "document_id": "d",
            "day": date(2026, 11, 5),
            "billed_cost": Decimal("1.5"),
            "effective_cost": Decimal("1.25"),
        }
    ]


def test_a_period_within_days_counts_every_day_it_touches() -> None:
    days = [d["day"] for d in days_of(line("2026-11-05T22:00", "2026-11-06T02:00", "1"))]
    assert days == [date(2026, 11, 5), date(2026, 11, 6)]
    assert [d["day"] for d in days_of(line("2026-11-05T22:00", "2026-11-05T23:00", "1"))] == [date(2026, 11, 5)]


def test_a_negative_amount_is_spread_like_a_positive_one() -> None:
    assert spread(Decimal("-0.01"), 3) == [-part for part in spread(Decimal("0.01"), 3)]


def test_the_days_of_a_table_of_lines_are_one_batch_of_the_declared_shape() -> None:
    lines = pa.Table.from_pylist([line("2026-11-01", "2026-11-03", "2"), line("2026-11-01", "2026-11-02", "1")])
    batch = invoice_days(lines)
    assert batch.schema == DAYS
    assert batch.num_rows == 3
    assert invoice_days(lines.slice(0, 0)).num_rows == 0
