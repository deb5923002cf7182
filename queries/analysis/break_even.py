"""From when on a seat pays: per person in money, tokens and messages; per block of seats; under uncertain demand."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from queries.analysis.mix import overage
from queries.analysis.plan import MILLION, PARTS, Offer
from queries.analysis.usage import NANO, Usage


@dataclass(frozen=True)
class BreakEven:
    """From when on a seat pays a person who uses the same every month; None: never, or nothing to measure it by.

    Tokens and messages are a month's under the assumed growth, as the money is. `utilisation` is the share of bought
    seats that must be active (above 1: never); `persons` those for whom a seat costs less than what it replaces;
    `newsvendor` the number of seats for a demand that differs from month to month.
    """

    czk: Decimal | None
    tokens: int | None
    messages: int | None
    persons: int
    share: float | None
    utilisation: float | None
    newsvendor: int


def break_even(usage: Usage, offer: Offer) -> BreakEven:
    """All break-even figures of one plan (plans.md, 1, 2, 3 and 5)."""
    spent = Decimal(usage.base)
    per_message = spent / usage.all_messages if usage.all_messages and spent > 0 else None
    nano = _monthly_use(offer, per_message)
    per_token = spent / usage.all_tokens if usage.all_tokens and spent > 0 else None
    saving = usage.totals - overage(usage, offer)
    persons = int(usage.weights[saving > offer.seat * len(usage.months)].sum())
    return BreakEven(
        czk=None if nano is None else nano * offer.factor / NANO,
        tokens=int(nano / per_token * offer.growth) if nano is not None and per_token else None,
        messages=int(nano / per_message * offer.growth) if nano is not None and per_message else None,
        persons=persons,
        share=persons / usage.persons if usage.persons else None,
        utilisation=utilisation(usage, offer),
        newsvendor=newsvendor(usage, offer),
    )


def _monthly_use(offer: Offer, per_message: Decimal | None) -> Decimal | None:
    """Use a month (nano-USD) from which on a seat costs less: c - o(c) = p."""
    seat = Decimal(offer.seat)
    match offer.plan.includes:
        case "unlimited":
            return seat
        case "none":
            return None
        case "messages":
            if per_message is None:
                return None
            included = Decimal(offer.allowance) / PARTS * _resets_a_month(offer) * per_message
            each = per_message if offer.message_price is None else Decimal(offer.message_price)
            return _beyond(seat, included, each / per_message)
        case _:
            share = Decimal(offer.overage_share) / MILLION
            return _beyond(seat, Decimal(offer.allowance) * _resets_a_month(offer), share)


def _resets_a_month(offer: Offer) -> Decimal:
    return {"month": Decimal(1), "week": Decimal(365) / 84, "term": Decimal(1) / 6}[offer.plan.reset]


def _beyond(seat: Decimal, included: Decimal, share: Decimal) -> Decimal | None:
    """Where what is included is worth less than the seat, only cheaper use beyond it can make up for the rest."""
    if seat <= included:
        return seat
    return (seat - included * share) / (1 - share) if share < 1 else None


def utilisation(usage: Usage, offer: Offer) -> float | None:
    """U* = p / E[what a seat replaces in a month | active in it] (plans.md, 2)."""
    saving = int(((usage.totals - overage(usage, offer)) * usage.weights).sum())
    active = int(((usage.messages > 0).sum(axis=0) * usage.weights).sum())
    return offer.seat * active / saving if saving > 0 else None


def newsvendor(usage: Usage, offer: Offer) -> int:
    """S* = F_D^-1((c - p) / c): D the number of persons worth a seat in each month, c what one replaces on average.

    Too few seats cost c - p for each person without one, too many cost p each (plans.md, 5). 0 where c <= p.
    """
    demand, replaced = [], 0
    for month in range(len(usage.months)):
        alone = usage.of_months([month])
        saving = alone.totals - overage(alone, offer)
        worth = saving > offer.seat
        demand.append(int(usage.weights[worth].sum()))
        replaced += int((saving * usage.weights)[worth].sum())
    if not replaced or replaced <= offer.seat * sum(demand):
        return 0
    # (c - p) / c with c = replaced / sum(demand); the smallest demand whose share of months is at least that
    lacking = replaced - offer.seat * sum(demand)
    rank = -(-lacking * len(demand) // replaced)
    return int(np.sort(demand)[max(rank - 1, 0)])
