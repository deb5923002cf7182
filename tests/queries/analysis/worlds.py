"""Small worlds of usage and plans, drawn by hypothesis or written by hand."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from queries.analysis.plan import Conditions, Plan
from queries.analysis.usage import NANO, Usage, usage_of

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1))
RATE = Decimal("23.5")
AT_RATE = Conditions({"CZK": Decimal(1), "USD": RATE, "EUR": Decimal("25")})
IN_DOLLARS = Conditions({"CZK": Decimal(1), "USD": Decimal(1)})  # so that a figure in CZK reads as dollars


def used(*persons: Sequence[Any], messages: Sequence[Sequence[int]] | None = None) -> Usage:
    """Usage of persons given as their dollars in each month (August on); ten messages in every month unless told."""
    length = len(persons[0]) if persons else 1
    nano = np.array([[int(Decimal(str(v)) * NANO) for v in p] for p in persons], dtype=np.int64).reshape(-1, length).T
    written = np.array(messages, dtype=np.int64).T if messages else np.full_like(nano, 10)
    return usage_of(MONTHS[:length], nano, written * 1000, written)


@st.composite
def usages(draw: st.DrawFn, *, persons: int = 6, months: int = 3, negative: bool = False) -> Usage:
    """Up to `persons` persons over `months` months; cents, so that ties and thresholds are met."""
    cents = st.integers(-300 if negative else 0, 9000)
    count = draw(st.integers(1, persons))
    length = draw(st.integers(1, months))
    nano = np.array(draw(st.lists(st.lists(cents, min_size=count, max_size=count), min_size=length, max_size=length)))
    written = np.array(
        draw(st.lists(st.lists(st.integers(1, 300), min_size=count, max_size=count), min_size=length, max_size=length))
    )
    return usage_of(MONTHS[:length], nano.astype(np.int64) * 10_000_000, written * 700, written)


def money(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Amounts with two decimals."""
    return st.decimals(low, high, places=2)


def _allowance(draw: st.DrawFn, includes: str) -> Decimal | None:
    if includes == "messages":
        return Decimal(draw(st.integers(0, 400)))
    return draw(money(0, 80)) if includes in ("usd", "credits") else None


@st.composite
def plans(draw: st.DrawFn, **given: Any) -> Plan:
    """Plans of every kind of included use; what is `given` is kept."""
    includes = given.get("includes", draw(st.sampled_from(["none", "credits", "messages", "usd", "unlimited"])))
    has_price = includes == "credits" or draw(st.booleans())
    values: dict[str, Any] = {
        "plan": "drawn",
        "currency": draw(st.sampled_from(["USD", "CZK", "EUR"])),
        "seat_fee": draw(money(1, 60)),
        "billing_months": draw(st.sampled_from([1, 12])),
        "minimum_seats": draw(st.integers(0, 8)),
        "maximum_seats": draw(st.one_of(st.none(), st.integers(1, 6))),
        "includes": includes,
        "allowance": _allowance(draw, includes),
        "is_pooled": draw(st.booleans()),
        "reset": draw(st.sampled_from(["month", "week", "term"])) if includes != "messages" else "month",
        "overage": draw(st.sampled_from(["blocked", "metered"])),
        "overage_price": draw(st.decimals("0.1", "1", places=2)) if has_price else None,
        "discount": draw(st.sampled_from([Decimal(0), Decimal("0.15")])),
    }
    return Plan(**{**values, **given})
