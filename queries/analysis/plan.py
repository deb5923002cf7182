"""A plan as data, and what it costs under stated conditions, in the unit of the usage it is weighed against."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from queries.analysis.usage import NANO
from queries.digits import shortened

MILLION = 1_000_000
PARTS = 10_000  # of a message
INCLUDES = ("none", "credits", "messages", "usd", "unlimited")
RESETS = ("month", "week", "term")
ONE, NOTHING = Decimal(1), Decimal(0)


class NotComparable(Exception):  # noqa: N818  (it reads as what it says)
    """A plan that can't be given a price; `why` is no_price, no_rate, no_allowance, no_credit_price or no_meaning."""

    def __init__(self, plan: str, why: str, found: str = "") -> None:
        super().__init__(f"{plan}: {why}" + (f" ({found})" if found else ""))
        self.plan, self.why, self.found = plan, why, found


@dataclass(frozen=True)
class Plan:
    """One plan as the table `plan` holds it; amounts are in `currency`, per seat, before discount and tax."""

    plan: str
    name: str = ""
    vendor: str = ""
    kind: str = "chat"
    currency: str = "CZK"
    seat_fee: Decimal | None = None  # per billing period; None = not public
    billing_months: int = 1
    minimum_seats: int = 0
    maximum_seats: int | None = None
    commitment_months: int = 0
    is_removable: bool = True
    includes: str = "unlimited"
    allowance: Decimal | None = None  # per seat and reset period
    is_pooled: bool = False
    reset: str = "month"
    overage: str = "metered"
    overage_price: Decimal | None = None  # per unit of the allowance; None = the price of use
    discount: Decimal = NOTHING
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    source_day: date | None = None
    certainty: str = ""
    note: str = ""

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Plan":
        """The plan of a row of the table; what the row leaves open stands at its default."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in row.items() if k in known and v is not None})


@dataclass(frozen=True)
class Conditions:
    """Under which a plan and the use of the same people are priced.

    `czk` holds CZK per unit of each currency, always with USD, in which use is metered. `growth` multiplies what each
    person uses, `price` what a unit of use costs (another mix of models), `tax` is added to everything (the part of
    VAT that is not deductible), `seat_czk` stands instead of the plan's monthly price (and its discount), `discount`
    comes on top. Holders are weighed in steps of `step`, so that no two answers differ by fewer people.
    """

    czk: Mapping[str, Decimal] = field(default_factory=lambda: {"CZK": ONE, "USD": ONE})
    growth: Decimal = ONE
    price: Decimal = ONE
    tax: Decimal = NOTHING
    seat_czk: Decimal | None = None
    discount: Decimal = NOTHING
    step: int = 1

    @property
    def factor(self) -> Decimal:
        """CZK of tomorrow's bill for a dollar of the use that was recorded."""
        return self.czk["USD"] * self.growth * self.price * (1 + self.tax)


@dataclass(frozen=True)
class Offer:
    """A plan under conditions: the seat in CZK, and everything in thousand-millionths of a dollar of recorded use.

    So a change of price, rate or growth moves these few numbers and never the arrays of usage.
    """

    plan: Plan
    seat_czk: Decimal  # a month, after discount, with tax
    seat: int  # the same, in nano-USD of recorded use
    factor: Decimal  # CZK per USD of recorded use
    allowance: int = 0  # nano-USD, or ten-thousandths of recorded messages, per reset period
    overage_share: int = MILLION  # price of use beyond the allowance, in millionths of the price of use
    step: int = 1  # holders are weighed in steps of so many
    message_price: int | None = None  # nano-USD per recorded message beyond the allowance; None = at the price of use
    growth: Decimal = ONE  # tokens and messages of tomorrow for one that was recorded

    def czk(self, nano: int, months: int = 1) -> Decimal:
        """An amount of recorded use as CZK a month."""
        return Decimal(nano) * self.factor / (NANO * max(months, 1))

    def told(self, used: Decimal, whole: Decimal) -> Decimal:
        """What part of a known whole is used, in three digits of it or of the rest: exact where groups are no matter.

        Who varies a price or a growth by hellers would else see where one person's use ends.
        """
        if self.step <= 1:
            return used
        return shortened(used) if used <= whole - used else whole - shortened(whole - used)

    def seats_czk(self, seats: int) -> Decimal:
        """What `seats` seats cost a month, exactly."""
        return self.seat_czk * seats

    @property
    def minimum(self) -> int:
        return max(self.plan.minimum_seats, 0)


def offer(plan: Plan, given: Conditions) -> Offer:
    """The plan under the conditions. Raises NotComparable where a price, a rate or an allowance is not known."""
    if plan.includes not in INCLUDES or plan.reset not in RESETS:
        raise NotComparable(plan.plan, "no_meaning", f"{plan.includes}, {plan.reset}")
    seat_czk = _seat_czk(plan, given) * (1 + given.tax)
    made = Offer(plan, seat_czk, _nano(seat_czk, given), given.factor, step=given.step, growth=given.growth)
    match plan.includes:
        case "usd":
            return _with_dollars(made, given)
        case "credits":
            return _with_credits(made, given)
        case "messages":
            return _with_messages(made, given)
        case _:
            return made


def _seat_czk(plan: Plan, given: Conditions) -> Decimal:
    """Monthly price before tax: a stated one, or the plan's fee at the stated rate less discount."""
    if given.seat_czk is not None:
        return given.seat_czk * (1 - given.discount)
    if plan.seat_fee is None:
        raise NotComparable(plan.plan, "no_price")
    fee = plan.seat_fee * (1 - plan.discount) / max(plan.billing_months, 1)
    return fee * _rate(plan, given) * (1 - given.discount)


def _rate(plan: Plan, given: Conditions) -> Decimal:
    if plan.currency == "CZK":
        return ONE
    if plan.currency not in given.czk:
        raise NotComparable(plan.plan, "no_rate", plan.currency)
    return given.czk[plan.currency]


def _nano(czk: Decimal, given: Conditions) -> int:
    return int((czk / given.factor * NANO).quantize(ONE, ROUND_HALF_EVEN))


def _allowance(plan: Plan) -> Decimal:
    if plan.allowance is None:
        raise NotComparable(plan.plan, "no_allowance")
    return plan.allowance


def _with_dollars(made: Offer, given: Conditions) -> Offer:
    plan = made.plan
    worth = _allowance(plan) * given.czk["USD"] * (1 + given.tax)
    share = ONE
    if plan.overage_price is not None and plan.overage == "metered":
        share = plan.overage_price * _rate(plan, given) / given.czk["USD"]
    return replace(made, allowance=_nano(worth, given), overage_share=round(share * MILLION))


def _with_credits(made: Offer, given: Conditions) -> Offer:
    """A credit is worth its price: use is paid in credits, within the allowance and beyond it."""
    plan = made.plan
    if plan.overage_price is None:
        raise NotComparable(plan.plan, "no_credit_price")
    worth = _allowance(plan) * plan.overage_price * _rate(plan, given) * (1 + given.tax)
    return replace(made, allowance=_nano(worth, given))


def _with_messages(made: Offer, given: Conditions) -> Offer:
    plan = made.plan
    parts = round(_allowance(plan) * PARTS / given.growth)
    each = None
    if plan.overage_price is not None and plan.overage == "metered":
        each = _nano(plan.overage_price * _rate(plan, given) * (1 + given.tax) * given.growth, given)
    return replace(made, allowance=parts, message_price=each)
