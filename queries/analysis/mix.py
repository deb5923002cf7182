"""Who should hold a seat: the cost of every number of seats, and the cheapest one (plans.md, 4 and 7)."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from queries.analysis.plan import MILLION, PARTS, Offer
from queries.analysis.usage import Ints, Usage, times

FLAT_PERCENT, KEPT = 2, 8
LARGEST = 3_000_000_000  # its square fits into 64 bits
TERM_MONTHS = 6
NEAR = 100_000  # numbers at a time stay in the processor's own memory, which is several times faster
_SUMMER = range(4, 10)


@dataclass(frozen=True, eq=False)
class Curve:
    """The cost over all months of giving seats to the 0, 1, 2, ... persons for whom a seat saves most.

    `holders` ascends from 0; `saved` is the use that those holders no longer pay for. In nano-USD of recorded use.
    """

    offer: Offer
    months: int
    base: int
    holders: Ints
    saved: Ints

    @cached_property
    def bought(self) -> Ints:
        """Seats paid for: the plan's minimum as soon as there is one."""
        return np.where(self.holders > 0, np.maximum(self.holders, self.offer.minimum), 0)

    @cached_property
    def cost(self) -> Ints:
        return np.asarray(self.base - self.saved + self.bought * (self.offer.seat * self.months))

    def best(self, least: int = 0) -> int:
        """Place of the cheapest number of holders that is at least `least`; the smallest of equals."""
        start = min(int(np.searchsorted(self.holders, least)), len(self.holders) - 1)
        return start + int(np.argmin(self.cost[start:]))

    def at(self, place: int) -> Decimal:
        """CZK a month of that number of holders: the seats exactly, the use at its factor."""
        used = self.offer.czk(self.base - int(self.saved[place]), self.months)
        return used + self.offer.seats_czk(int(self.bought[place]))

    def told(self, place: int) -> Decimal:
        """The same as it is told where groups matter."""
        return self.told_of(int(self.saved[place]), int(self.bought[place]))

    def told_of(self, saved: int, bought: int) -> Decimal:
        """CZK a month of so many seats that replace so much use, as it is told where groups matter."""
        used, whole = (self.offer.czk(n, self.months) for n in (self.base - saved, self.base))
        return self.offer.told(used, whole) + self.offer.seats_czk(bought)

    def place_of(self, holders: int) -> int:
        """Place of the largest number of holders not above `holders`."""
        return max(int(np.searchsorted(self.holders, holders, side="right")) - 1, 0)


@dataclass(frozen=True)
class Mix:
    """The cheapest way with one plan: CZK a month, persons with a seat, seats bought, and of those forced and empty.

    `flat` is the range of holders around the best whose cost is within 2 % of it; `is_none_flat` when no seat at all
    is within it too.
    """

    czk: Decimal
    holders: int
    bought: int
    flat: tuple[int, int]
    is_none_flat: bool

    @property
    def empty(self) -> int:
        """Seats that the plan's minimum makes one buy for nobody."""
        return self.bought - self.holders


def curve(usage: Usage, offer: Offer) -> Curve:
    """The cost of every number of holders, up to everybody or the plan's maximum; the last one asked for is kept."""
    last: tuple[Offer, Curve] | None = usage.__dict__.get("last_curve")
    if last is None or last[0] != offer:
        last = usage.__dict__["last_curve"] = (offer, _curve(usage, offer))
    return last[1]


def _curve(usage: Usage, offer: Offer) -> Curve:
    saving = usage.totals - overage(usage, offer)
    order = np.argsort(-saving, kind="stable")
    holders, saved = _running(usage.weights[order], (saving * usage.weights)[order])
    if is_pooled(offer):
        return _pooled(usage, offer, holders, saved)
    wanted = _numbers(holders, usage.persons, offer)
    return Curve(offer, len(usage.months), usage.base, wanted, _between(wanted, holders)(saved))


def is_pooled(offer: Offer) -> bool:
    """True where the allowances of all seats are one pool; messages are always a person's own."""
    return offer.plan.is_pooled and offer.plan.includes in ("usd", "credits")


def _running(weights: Ints, amounts: Ints) -> tuple[Ints, Ints]:
    zero = np.zeros(1, dtype=np.int64)
    return np.concatenate([zero, np.cumsum(weights)]), np.concatenate([zero, np.cumsum(amounts)])


def _numbers(holders: Ints, persons: int, offer: Offer) -> Ints:
    """Numbers of holders to try: every end of a row, and where the minimum and the maximum lie."""
    highest = persons if offer.plan.maximum_seats is None else min(persons, offer.plan.maximum_seats)
    if offer.step > 1:
        return _steps(highest, offer.step)
    return _exact_numbers(holders, persons, highest, offer)


def _steps(highest: int, step: int) -> Ints:
    """0, step, 2 step, ... and `highest`, none of them nearer to each other than `step`."""
    steps = np.arange(0, max(highest - step, 0) + 1, step, dtype=np.int64)
    return np.append(steps, highest) if highest else steps


def _exact_numbers(holders: Ints, persons: int, highest: int, offer: Offer) -> Ints:
    if len(holders) == persons + 1:  # rows are single persons: every number is there
        return np.arange(highest + 1, dtype=np.int64)
    kinks = np.array(sorted({min(offer.minimum, highest), highest}), dtype=np.int64)
    ends = holders[: np.searchsorted(holders, highest, side="right")]
    return _merged(ends, kinks)


def _merged(first: Ints, second: Ints) -> Ints:
    """Both in one ascending order, each number once."""
    every = np.sort(np.concatenate([first, second]), kind="stable")
    return np.asarray(every[np.concatenate([[True], np.diff(every) > 0])])


def _between(wanted: Ints, holders: Ints) -> Callable[[Ints], Ints]:
    """What gives running amounts at any number of holders; within a row all persons are alike."""
    if len(wanted) <= len(holders) and np.array_equal(wanted, holders[: len(wanted)]):
        return lambda amounts: amounts[..., : len(wanted)]
    if holders[-1] == len(holders) - 1 and not np.any(np.diff(holders) - 1):
        return lambda amounts: np.take(amounts, wanted, axis=-1)
    last = np.searchsorted(holders, wanted, side="right") - 1
    rest = wanted - holders[last]
    inside = np.flatnonzero(rest)  # few: most of what is asked are ends of rows
    before = last[inside]
    after = np.minimum(before + 1, len(holders) - 1)
    span = np.maximum(holders[after] - holders[before], 1)

    def at(amounts: Ints) -> Ints:
        found = np.take(amounts, last, axis=-1)
        found[..., inside] += (amounts[..., after] - amounts[..., before]) // span * rest[inside]
        return found

    return at


def _pooled(usage: Usage, offer: Offer, own_holders: Ints, own_saved: Ints) -> Curve:
    """Holders by falling cost, their use against one pool; where as many seats with allowances of their own save more
    (other holders, whose months fit better), that many."""
    holders, spent = _running(usage.weights, usage.totals * usage.weights)
    both = holders if len(holders) == usage.persons + 1 else _merged(holders, own_holders)
    wanted = _numbers(both, usage.persons, offer)
    groups, allowances = _resets(usage, offer)
    running = usage.running if len(groups) == len(usage.months) else np.add.reduceat(usage.running, groups, axis=0)
    bought = np.where(wanted > 0, np.maximum(wanted, offer.minimum), 0)
    at, beyond = _between(wanted, holders), np.zeros(len(wanted), dtype=np.int64)
    lines = max(NEAR // max(len(wanted), 1), 1)
    for start in range(0, len(running), lines):
        part = slice(start, start + lines)
        beyond += np.maximum(at(running[part]) - allowances[part, None] * bought, 0).sum(axis=0)
    saved = at(spent) - times(beyond, offer.overage_share)
    own = _between(wanted, own_holders)(own_saved)
    return Curve(offer, len(usage.months), usage.base, wanted, np.maximum(saved, own))


def overage(usage: Usage, offer: Offer) -> Ints:
    """What each person would pay on top of a seat of their own over all months, in nano-USD of recorded use.

    Beyond a limit that blocks, the rest is taken by use: only equal service can be compared.
    """
    plan = offer.plan
    key = (plan.includes, plan.reset, offer.allowance, offer.overage_share, offer.message_price)
    found = usage.kept.get(key)
    if found is None:
        found = _overage(usage, offer)
        if len(usage.kept) >= KEPT:
            usage.kept.clear()
        usage.kept[key] = found
    return found


def _overage(usage: Usage, offer: Offer) -> Ints:
    match offer.plan.includes:
        case "unlimited":
            return np.zeros(len(usage.weights), dtype=np.int64)
        case "none":
            return usage.totals  # the fee is on top of everything: nothing is ever saved (plans.md, 3)
        case "messages":
            return _over_messages(usage, offer)
        case _:
            return times(_over_money(usage, offer), offer.overage_share)


def _over_money(usage: Usage, offer: Offer) -> Ints:
    used, allowances = _by_reset(usage, offer)
    over = np.zeros(len(usage.weights), dtype=np.int64)
    peaks = usage.peaks if used is usage.billable else used.max(axis=0, initial=0)
    above = np.flatnonzero(peaks > allowances.min(initial=0))
    over[above] = np.maximum(used[:, above] - allowances[:, None], 0).sum(axis=0)
    return over


def _over_messages(usage: Usage, offer: Offer) -> Ints:
    """Messages beyond the allowance, at their own price or at the person's mean price of the period."""
    groups, allowances = _resets(usage, offer)
    over = np.zeros(len(usage.weights), dtype=np.int64)
    if len(groups) == len(usage.months):  # only who writes more than is included in some month pays anything
        above = np.flatnonzero(usage.wordiest * PARTS > allowances.min(initial=0))
        over[above] = _beyond_messages(usage.messages[:, above], usage.billable[:, above], allowances, offer)
        return over
    written, paid = (np.add.reduceat(a, groups, axis=0) for a in (usage.messages, usage.billable))
    return _beyond_messages(written, paid, allowances, offer)


def _beyond_messages(written: Ints, paid: Ints, allowances: Ints, offer: Offer) -> Ints:
    beyond = np.maximum(written * PARTS - allowances[:, None], 0)
    if offer.message_price is not None:
        whole, rest = np.divmod(beyond, PARTS)
        return np.asarray((whole * offer.message_price + rest * offer.message_price // PARTS).sum(axis=0))
    return np.asarray(_part(paid, beyond, np.maximum(written * PARTS, 1)).sum(axis=0))


def _part(amounts: Ints, part: Ints, whole: Ints) -> Ints:
    """amounts x part / whole, rounded down; by Python's own numbers where 64 bits could overflow."""
    if whole.max(initial=0) > LARGEST:
        exact = amounts.astype(object) * part.astype(object) // whole.astype(object)
        return np.asarray(exact.astype(np.int64))
    each, rest = np.divmod(amounts, whole)
    return np.asarray(each * part + rest * part // whole)


def _by_reset(usage: Usage, offer: Offer) -> tuple[Ints, Ints]:
    """(use per reset period and row, allowance of a seat per reset period)."""
    groups, allowances = _resets(usage, offer)
    if offer.plan.reset != "term":
        return usage.billable, allowances
    return np.add.reduceat(usage.billable, groups, axis=0), allowances


def _resets(usage: Usage, offer: Offer) -> tuple[Ints, Ints]:
    """(first month of each reset period, its allowance): a week's as many times as the month has weeks; a term is a
    half-year from October or April, and one that is not whole has its part."""
    months = usage.months
    if offer.plan.reset == "term":
        halves = [(m.year - (m.month < 4), m.month in _SUMMER) for m in months]
        starts = [i for i, half in enumerate(halves) if i == 0 or half != halves[i - 1]]
        sizes = np.diff([*starts, len(months)])
        return np.array(starts, dtype=np.int64), offer.allowance * sizes // TERM_MONTHS
    if offer.plan.reset == "week":
        days = np.array([monthrange(m.year, m.month)[1] for m in months], dtype=np.int64)
        return np.arange(len(months)), (offer.allowance * days * 2 + 7) // 14
    return np.arange(len(months)), np.full(len(months), offer.allowance, dtype=np.int64)


def best_mix(found: Curve, least: int = 0) -> Mix:
    """The cheapest number of seats (at least `least` holders) with the range that costs nearly the same."""
    place, cost = found.best(least), found.cost
    holders, limit = found.holders, int(cost[place]) * (100 + FLAT_PERCENT)
    near = cost * 100 <= limit if cost[place] >= 0 else cost == cost[place]
    low = high = place
    while low > 0 and near[low - 1] and holders[low - 1] > 0:
        low -= 1
    while high < len(near) - 1 and near[high + 1]:
        high += 1
    flat = (int(holders[low]), int(holders[high])) if holders[place] else (0, 0)
    return Mix(found.told(place), int(holders[place]), int(found.bought[place]), flat, bool(near[0]))


def all_seats(found: Curve) -> Decimal:
    """CZK a month of a seat for everybody (for as many as the plan allows, the others by use)."""
    if found.holders[-1] == 0:
        return found.offer.seats_czk(found.offer.minimum)
    return found.told(len(found.holders) - 1)


def all_metered(usage: Usage, factor: Decimal) -> Decimal:
    """CZK a month of everybody by use."""
    return Decimal(usage.base) * factor / (10**9 * max(len(usage.months), 1))


def value_of_pooling(usage: Usage, offer: Offer) -> Decimal:
    """CZK a month that a common pool of everybody's allowances saves against one for each: never negative."""
    used, allowances = _by_reset(usage, offer)
    each = (np.maximum(used - allowances[:, None], 0) * usage.weights).sum()
    together = np.maximum((used * usage.weights).sum(axis=1) - allowances * usage.persons, 0).sum()
    spared = (int(each) - int(together)) * offer.overage_share // MILLION
    return offer.czk(spared, len(usage.months))


def curve_points(found: Curve, step: int, wanted: int = 100) -> Sequence[tuple[int, Decimal]]:
    """(holders, CZK a month) at about `wanted` numbers of holders, never closer than `step` persons."""
    last = int(found.holders[-1])
    apart = max(step, -(-last // wanted), 1)
    places = sorted({found.place_of(k) for k in range(0, last + 1, apart)})
    return [(int(found.holders[p]), found.at(p)) for p in places]
