"""What of a study may be shown: counts in steps, means of groups, nothing that tells of a few (plans.md)."""

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from queries.analysis.mix import Curve, Mix, all_seats, overage
from queries.analysis.plan import Conditions, Offer
from queries.analysis.usage import NANO, Usage
from queries.plan_answer import PeopleStep, PlanStudy, Study

CURVE_POINTS = 100
DIGITS = 3  # of the amounts of a unit's study: who varies a price by hellers would see where one person's use ends
_EXACT = frozenset({"plan", "seat_czk", "rate", "usd_czk", "band", "tax"})  # not of some of the persons


def shown_count(count: int, given: Conditions | Offer) -> int:
    """A count as it may be shown: as it is where it is exact, else the nearest step."""
    if given.exact_from is not None and count >= given.exact_from:
        return count
    return (count + given.step // 2) // given.step * given.step


def is_telling(count: int, whole: int, least: int) -> bool:
    """True where a count, or what it leaves of the whole, is a group too small to be shown."""
    return 0 < count < least or 0 < whole - count < least


def cost_of_all(found: Curve, given: Conditions | Offer) -> Decimal:
    """A seat for everybody, for as many as are said to be there: else the cost would tell the exact number."""
    last = int(found.holders[-1])
    return all_seats(found) + found.offer.seats_czk(shown_count(last, given) - last)


def shown_mix(mix: Mix, persons: int, given: Conditions | Offer, made: Offer) -> Mix:
    """A mix in which everybody holds a seat, for as many as are said to be there."""
    shown = shown_count(persons, given)
    low, high = (shown if n == persons else n for n in mix.flat)
    if mix.holders != persons:
        return replace(mix, flat=(low, high))
    more = shown - persons
    return Mix(mix.czk + made.seats_czk(more), shown, mix.bought + more, (low, high), mix.is_none_flat)


def shown_curve(found: Curve, mix: Mix, given: Conditions) -> tuple[tuple[int, Decimal], ...]:
    """Points of the curve on a grid through the best number, never fewer than a step apart."""
    last, least = int(found.holders[-1]), given.step
    step = max(least, -(-last // CURVE_POINTS))
    centre = mix.holders
    grid = sorted({0, last, *range(centre, -1, -step), *range(centre, last + 1, step)})
    chosen: list[int] = []
    for number in grid:
        while chosen and number - chosen[-1] < least and chosen[-1] not in (0, centre):
            chosen.pop()
        if not chosen or number - chosen[-1] >= least:
            chosen.append(number)
    points = [(int(found.holders[p]), found.at(p)) for p in (found.place_of(k) for k in chosen)]
    return (*points[:-1], (shown_count(last, given), cost_of_all(found, given))) if last else tuple(points)


def people_steps(usage: Usage, made: Offer | None, given: Conditions, least: int) -> tuple[PeopleStep, ...]:
    """Means of neighbours in order of falling use: small groups among the dearest, wider ones after them."""
    ends = np.cumsum(usage.weights)
    spent = np.cumsum(usage.totals * usage.weights)
    beyond = np.cumsum(overage(usage, made) * usage.weights) if made else spent
    months, found, start, row = max(len(usage.months), 1), [], 0, 0
    while row < len(ends):
        width = max(least, start // 12)
        end = min(int(np.searchsorted(ends, start + width)), len(ends) - 1)
        if ends[-1] - ends[end] < least:
            end = len(ends) - 1
        count = int(ends[end]) - start
        used, over = (int(a[end]) - (int(a[row - 1]) if row else 0) for a in (spent, beyond))
        scale = given.factor / (NANO * months * max(count, 1))
        seat = made.seat_czk + over * scale if made else None
        last = shown_count(int(ends[end]), given) if end == len(ends) - 1 else int(ends[end])
        found.append(PeopleStep(start, last, used * scale, seat))
        start, row = int(ends[end]), end + 1
    return tuple(found)


def hidden_where_few(study: PlanStudy, persons: int, given: Conditions) -> PlanStudy:
    """The study with counts in their steps, and without what would tell of a few on either side of the line."""
    mix, even, hidden, least = study.mix, study.break_even, set(), given.step
    assert mix is not None
    assert even is not None
    persons = shown_count(persons, given)
    if is_telling(mix.holders, persons, least):
        study = replace(study, mix=None, coverage=None, savings_rate=None)
        hidden |= {"mix", "coverage", "savings_rate"}
    is_few, above = 0 < even.persons < least, shown_count(even.persons, given)
    share = above / persons if persons else None
    wanted = -1 if 0 < even.newsvendor < least else shown_count(even.newsvendor, given)
    even = replace(even, persons=above, share=share, newsvendor=wanted)
    if is_few or 0 < persons - even.persons < least:
        even = replace(even, persons=-1, share=None, newsvendor=-1)
        hidden |= {"above"}
    return replace(study, break_even=even, hidden=frozenset(hidden))


def cost_of_asked_seats(found: Curve, seats: int, least: int) -> Decimal:
    """CZK a month of so many seats; the use they replace lies on a line between multiples of `least` holders."""
    bought = max(seats, found.offer.minimum) if seats else 0
    most = int(found.holders[int(np.argmax(found.saved))])
    holders = min(bought, most)
    low = holders // least * least
    high = min(low + least, most)
    below, above = (int(found.saved[found.place_of(k)]) for k in (low, high))
    saved = below + (above - below) * (holders - low) // max(high - low, 1)
    return found.offer.czk(found.base - saved, found.months) + found.offer.seats_czk(bought)


def roughly(study: Study) -> Study:
    """The study with its amounts in three digits, but for what everybody cost together and what was asked."""
    found: Study = _rough(study, frozenset({"by_use"}))
    return found


def _rough(value: Any, exact: frozenset[str] = frozenset()) -> Any:
    if isinstance(value, Decimal):
        return _short(value)
    if isinstance(value, tuple):
        return tuple(_rough(one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
    kept = exact | _EXACT
    return replace(value, **{name: _rough(one) for name, one in given.items() if name not in kept})


def _short(amount: Decimal) -> Decimal:
    """The amount in three digits; whole crowns stay whole."""
    if not amount:
        return amount
    place = Decimal(1).scaleb(amount.adjusted() - DIGITS + 1)
    return (amount / place).quantize(Decimal(1)) * place
