"""What of a study may be shown: means of groups, amounts in three digits, nothing that tells of a few (plans.md)."""

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from queries.analysis.commitment import Backtest
from queries.analysis.mix import Curve, Mix, overage
from queries.analysis.plan import Conditions, Offer
from queries.analysis.usage import NANO, Usage
from queries.digits import DIGITS, shortened
from queries.plan_answer import PeopleStep, PlanStudy, Study

CURVE_POINTS = 100
_TOLD = frozenset({"plan", "seat_czk", "rate", "usd_czk", "band", "tax"})  # of no person
_TOLD |= {"mix", "all_seats", "curve", "seats_czk", "together", "adoptions"}  # Offer.told has been at these


def is_telling(count: int, whole: int, least: int) -> bool:
    """True where a count, or what it leaves of the whole, is a group too small to be shown."""
    return 0 < count < least or 0 < whole - count < least


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
    return tuple((int(found.holders[p]), found.told(p)) for p in (found.place_of(k) for k in chosen))


def people_steps(usage: Usage, made: Offer | None, given: Conditions) -> tuple[PeopleStep, ...]:
    """Means of neighbours in order of falling use: small groups among the dearest, wider ones after them."""
    least = given.step
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
        found.append(PeopleStep(start, int(ends[end]), used * scale, seat))
        start, row = int(ends[end]), end + 1
    return tuple(found)


def hidden_where_few(study: PlanStudy, persons: int, least: int) -> PlanStudy:
    """The study without what would tell of a few on either side of the line."""
    mix, even, hidden = study.mix, study.break_even, set()
    assert mix is not None
    assert even is not None
    if is_telling(mix.holders, persons, least):
        study = replace(study, mix=None, coverage=None, savings_rate=None)
        hidden |= {"mix", "coverage", "savings_rate"}
    if even.persons < 0:
        hidden |= {"above"}
    return replace(study, hidden=frozenset(hidden))


def cost_of_asked_seats(found: Curve, seats: int, least: int) -> Decimal:
    """CZK a month of so many seats; the use they replace lies on a line between multiples of `least` holders."""
    bought = max(seats, found.offer.minimum) if seats else 0
    most = int(found.holders[int(np.argmax(found.saved))])
    holders = min(bought, most)
    low = holders // least * least
    high = min(low + least, most)
    below, above = (int(found.saved[found.place_of(k)]) for k in (low, high))
    saved = below + (above - below) * (holders - low) // max(high - low, 1)
    return found.told_of(saved, bought)


def roughly(study: Study) -> Study:
    """The study with its amounts and shares in three digits, but for what is told in them already or by no person."""
    found: Study = replace(_rough(study), by_use=study.by_use)
    return found


def _rough(value: Any) -> Any:
    if isinstance(value, Decimal):
        return shortened(value)
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, tuple):
        return tuple(_rough(one) for one in value)
    if isinstance(value, Backtest):
        chosen = value.by_use - shortened(value.saved)
        return replace(value, chosen=chosen, hindsight=chosen - shortened(value.regret))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {f.name: getattr(value, f.name) for f in fields(value) if f.init and f.name not in _TOLD}
    return replace(value, **{name: _rough(one) for name, one in given.items()})
