"""Plans that can be bought: the shipped plans.csv, each plan of which the directory folder's own plans.csv replaces.

A wrong value is an InputError with file, line, column, the value and what is allowed. What is not public stays
unknown: an empty fee or allowance is None, never 0.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from etl.identity import masked
from etl.sources.directory_files import ALWAYS, SHIPPED, rows
from etl.sources.fields import Row

KINDS = ("gateway", "chat", "coding", "copilot")
INCLUDES = ("none", "credits", "messages", "usd", "unlimited")
RESETS = ("month", "week", "term")
OVERAGES = ("blocked", "metered")
CERTAINTIES = ("high", "medium", "low")
BILLED_MONTHS = (1, 3, 12)
_COUNTED = ("credits", "messages", "usd")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_REQUIRED = ("plan", "name", "vendor", "kind", "currency", "seat_fee", "includes", "source", "certainty")
_SIXTH = Decimal("1e-6")


@dataclass(frozen=True)
class Plan:
    """One plan in one stretch of validity, in the columns of tables.PLAN."""

    plan: str
    valid_from: date
    valid_to: date | None
    name: str
    vendor: str
    kind: str
    currency: str
    seat_fee: Decimal | None
    billing_months: int
    minimum_seats: int
    maximum_seats: int | None
    commitment_months: int
    is_removable: bool | None
    includes: str
    allowance: Decimal | None
    is_pooled: bool
    reset: str | None
    overage: str
    overage_price: Decimal | None
    discount: Decimal
    source: str
    source_day: date | None
    certainty: str
    note: str | None


def read_plans(folder: Path) -> list[Plan]:
    """Every plan by code and first day: those of the folder's plans.csv, and the shipped ones it does not name."""
    own = plans_in(folder / "plans.csv")
    replaced = {plan.plan for plan in own}
    shipped = [plan for plan in plans_in(SHIPPED / "plans.csv") if plan.plan not in replaced]
    return sorted([*own, *shipped], key=lambda plan: (plan.plan, plan.valid_from))


def plans_in(file: Path) -> list[Plan]:
    """The plans of one file in its order; the stretches of one plan don't overlap. A missing file has none."""
    found: list[Plan] = []
    for row in rows(file, *_REQUIRED):
        plan = _plan(row)
        if any(other.plan == plan.plan and _overlap(other, plan) for other in found):
            raise row.refusal("valid_from", "a stretch that does not overlap an earlier line of this plan")
        found.append(plan)
    return found


def _overlap(one: Plan, other: Plan) -> bool:
    """Whether two stretches share a day; an open one ends where a later one starts."""
    first, second = sorted((one, other), key=lambda plan: plan.valid_from)
    if first.valid_from == second.valid_from:
        return True
    return first.valid_to is not None and first.valid_to > second.valid_from


def _plan(row: Row) -> Plan:
    start, end = row.day("valid_from") or ALWAYS, row.day("valid_to")
    if end is not None and end <= start:
        raise row.refusal("valid_to", f"a later day than valid_from, {start} (exclusive; empty = still valid)")
    minimum, maximum = _count(row, "minimum_seats") or 0, _count(row, "maximum_seats")
    if maximum is not None and maximum < max(minimum, 1):
        raise row.refusal("maximum_seats", f"at least minimum_seats, {minimum}, or nothing")
    includes = row.choice("includes", INCLUDES)
    allowance = _allowance(row, includes)
    return Plan(
        plan=_code(row),
        valid_from=start,
        valid_to=end,
        name=masked(row.required("name")),
        vendor=masked(row.required("vendor")),
        kind=row.choice("kind", KINDS),
        currency=row.currency("currency"),
        seat_fee=_amount(row, "seat_fee"),
        billing_months=_billing_months(row),
        minimum_seats=minimum,
        maximum_seats=maximum,
        commitment_months=_count(row, "commitment_months") or 0,
        is_removable=row.flag("is_removable", default=True) if row.text("is_removable") else None,
        includes=includes,
        allowance=allowance,
        is_pooled=row.flag("is_pooled", default=False),
        reset=_reset(row, includes),
        overage=row.choice("overage", OVERAGES, default="blocked"),
        overage_price=_amount(row, "overage_price"),
        discount=_discount(row),
        source=masked(row.required("source")),
        source_day=row.day("source_day"),
        certainty=row.choice("certainty", CERTAINTIES),
        note=masked(row.text("note") or "") or None,
    )


def _code(row: Row) -> str:
    code = row.required("plan").lower()
    if not _CODE.fullmatch(code):
        raise row.refusal("plan", "a code of letters, digits and -, e.g. chatgpt-edu")
    return code


def _amount(row: Row, column: str) -> Decimal | None:
    amount = row.amount(column)
    if amount is not None and amount < 0:
        raise row.refusal(column, "an amount of 0 or more, or nothing where it is not known")
    return amount


def _count(row: Row, column: str) -> int | None:
    number = row.amount(column)
    if number is None:
        return None
    if number < 0 or number != number.to_integral_value() or number > 10**6:
        raise row.refusal(column, "a whole number, 0 or more")
    return int(number)


def _billing_months(row: Row) -> int:
    months = _count(row, "billing_months")
    if months is None:
        return 1
    if months not in BILLED_MONTHS:
        raise row.refusal("billing_months", ", ".join(map(str, BILLED_MONTHS)))
    return months


def _allowance(row: Row, includes: str) -> Decimal | None:
    allowance = _amount(row, "allowance")
    if allowance is not None and includes not in _COUNTED:
        raise row.refusal("allowance", f"nothing, since includes is '{includes}'; only {', '.join(_COUNTED)} have one")
    if allowance == 0:
        raise row.refusal("allowance", "more than 0, or nothing where it is not known; includes = none has no usage")
    return allowance


def _reset(row: Row, includes: str) -> str | None:
    if row.text("reset") is None and includes not in _COUNTED:
        return None
    return row.choice("reset", RESETS)


def _discount(row: Row) -> Decimal:
    discount = row.amount("discount") or Decimal(0)
    if not 0 <= discount <= 1:
        raise row.refusal("discount", "a share from 0 to 1, e.g. 0.15")
    return discount.quantize(_SIXTH)
