"""Committing oneself for months ahead: present value, regret, and what a choice would have brought before."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from queries.analysis.mix import Curve, best_mix, curve, is_pooled, overage
from queries.analysis.plan import MILLION, Offer
from queries.analysis.usage import Usage

TRAINING_MONTHS = 3


def net_present_value(by_use: Sequence[Decimal], with_seats: Sequence[Decimal], yearly_rate: Decimal) -> Decimal:
    """NPV = sum_t (PAYG_t - SEAT_t) / (1 + r)^(t/12), months counted from 1 (plans.md, 6). Positive: seats win."""
    discounted = (1 + yearly_rate) ** (Decimal(1) / 12)
    pairs = zip(by_use, with_seats, strict=True)
    return sum(((use - seat) / discounted**t for t, (use, seat) in enumerate(pairs, start=1)), Decimal(0))


@dataclass(frozen=True)
class Backtest:
    """CZK a month on average over the months tested: by use, as chosen beforehand, and as one would choose afterwards.

    `wins` of the `months` the choice cost less than paying for use; `fewest` persons, but some, held a seat in one.
    """

    months: int
    by_use: Decimal
    chosen: Decimal
    hindsight: Decimal
    wins: int
    fewest: int

    @property
    def saved(self) -> Decimal:
        return self.by_use - self.chosen

    @property
    def regret(self) -> Decimal:
        return self.chosen - self.hindsight


def backtest(usage: Usage, offer: Offer, training: int = TRAINING_MONTHS) -> Backtest | None:
    """What the best mix of the `training` months before would have cost in each later month; None without any.

    The seats stay with those for whom they were bought: that is what one can know when ordering.
    """
    later = range(training, len(usage.months))
    if not later:
        return None
    tested = [_month(usage, offer, month, training) for month in later]
    costs = [row[:3] for row in tested]
    by_use, chosen, hindsight = (sum(column, Decimal(0)) / len(costs) for column in zip(*costs, strict=True))
    fewest = min((count for *_costs, count in tested if count), default=usage.persons)
    return Backtest(len(costs), by_use, chosen, hindsight, sum(c < u for u, c, _ in costs), fewest)


def _month(usage: Usage, offer: Offer, month: int, training: int) -> tuple[Decimal, Decimal, Decimal, int]:
    """(by use, as chosen beforehand, as one would choose afterwards, persons with a seat)."""
    known, now = usage.of_months(range(month - training, month)), usage.of_months([month])
    held = holders(known, offer)
    chosen = cost_of_holders(now, offer, held)
    return offer.czk(now.base), chosen, best_mix(curve(now, offer)).czk, int(usage.weights[held].sum())


def holders(usage: Usage, offer: Offer) -> npt.NDArray[np.bool_]:
    """Which rows hold a seat in the best mix (of equals, those first in the usage's order)."""
    saving = usage.totals if is_pooled(offer) else usage.totals - overage(usage, offer)
    count = best_mix(curve(usage, offer)).holders
    order = np.argsort(-saving, kind="stable")
    return np.isin(np.arange(len(saving)), order[np.cumsum(usage.weights[order]) <= count])


def cost_of_holders(usage: Usage, offer: Offer, chosen: npt.NDArray[np.bool_]) -> Decimal:
    """CZK a month when exactly these rows hold seats (none: no seat is bought)."""
    count = int(usage.weights[chosen].sum())
    if not count:
        return offer.czk(usage.base, len(usage.months))
    bought = max(count, offer.minimum)
    paid = usage.base - int((usage.totals * usage.weights)[chosen].sum())
    if is_pooled(offer):
        used = (usage.billable * usage.weights)[:, chosen].sum(axis=1)
        beyond = int(np.maximum(used - offer.allowance * bought, 0).sum())
        paid += beyond * offer.overage_share // MILLION
    else:
        paid += int((overage(usage, offer) * usage.weights)[chosen].sum())
    return offer.czk(paid, len(usage.months)) + offer.seats_czk(bought)


def regret(usage: Usage, offer: Offer, seats: Sequence[int]) -> list[Decimal]:
    """CZK a month that each fixed number of seats would have cost above the best fixed number, all months known.

    Fewer seats than the plan's minimum are paid as the minimum; more than there are persons stand empty.
    """
    found = curve(usage, offer)
    best = found.at(found.best())
    return [fixed_number(found, number) - best for number in seats]


def fixed_number(found: Curve, number: int) -> Decimal:
    """CZK a month of buying exactly `number` seats, given to those who save by them."""
    if number <= 0:
        return found.at(0)
    bought = max(number, found.offer.minimum)
    within = int(np.searchsorted(found.holders, bought, side="right"))
    place = int(np.argmax(found.saved[:within]))
    used = found.offer.czk(found.base - int(found.saved[place]), found.months)
    return used + found.offer.seats_czk(bought)
