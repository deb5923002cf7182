"""How sure one can be: resampled persons and months, a band of exchange rates, and what would change the answer.

Amounts stay whole numbers; shares drawn at random and the spread of rates are estimates and may be floats.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import exp, log, sqrt
from statistics import stdev

import numpy as np

from queries.analysis.commitment import holders
from queries.analysis.mix import best_mix, curve, overage
from queries.analysis.plan import Conditions, Offer, Plan, offer
from queries.analysis.usage import Ints, Usage

DRAWS, SEED, ROWS, TORNADO_ROWS = 200, 20261123, 1200, 500
Z80 = 1.2815515655446004  # four of five draws of a normal distribution lie within this many deviations
TRADING_DAYS = 250
STEP = Decimal("0.2")
WIDEST, HALVINGS = Decimal(8), 9


@dataclass(frozen=True)
class Range:
    """Tenth, fiftieth and ninetieth of a hundred, CZK a month."""

    p10: Decimal
    p50: Decimal
    p90: Decimal


@dataclass(frozen=True)
class Ranges:
    """What was resampled: cost by use, what the mix saves, and what a seat for everybody saves (may be negative)."""

    by_use: Range
    mix_saves: Range
    seats_save: Range


def resampled(usage: Usage, made: Offer, *, draws: int = DRAWS, seed: int = SEED) -> Ranges:
    """Ranges over persons and months drawn anew, with replacement, from those there were.

    The number of seats stays as the best mix of the real months has it: buying comes before knowing. Months are
    drawn as if the season didn't matter, persons as if they came independently. The same seed gives the same figures.
    """
    small = usage.thinned(ROWS)
    months, persons = _drawn(small, draws, seed)
    over = overage(small, made)
    used = _weighted(months, small.nano_usd)
    replaced = used if not over.any() else used - _weighted(months, _monthly_overage(small, made))
    fee = made.seat * len(small.months)
    mix = best_mix(curve(small, made))
    held = persons * holders(small, made)
    by_use = _sums(persons, used)
    saved = _sums(held, replaced)
    wanted = held.sum(axis=1)
    served = [s * mix.bought // w if w > mix.bought else s for s, w in zip(saved, wanted.tolist(), strict=True)]
    mixed = [s - mix.bought * fee for s in served]
    bought = np.maximum(persons.sum(axis=1), made.minimum).tolist()
    all_of_them = [s - n * fee for s, n in zip(_sums(persons, replaced), bought, strict=True)]
    length = len(small.months)
    return Ranges(*(_range(made, values, length) for values in (by_use, mixed, all_of_them)))


def _drawn(usage: Usage, draws: int, seed: int) -> tuple[Ints, Ints]:
    """(times each month is drawn, persons of each row that are drawn), one line per draw; kept with the usage."""
    key = f"drawn_{draws}_{seed}"
    if key not in usage.__dict__:
        rng = np.random.default_rng(seed)
        length, persons = len(usage.months), usage.persons
        months = rng.multinomial(length, [1 / length] * length, size=draws)
        usage.__dict__[key] = months, rng.multinomial(persons, usage.weights / persons, size=draws)
    found: tuple[Ints, Ints] = usage.__dict__[key]
    return found


def _weighted(months: Ints, amounts: Ints) -> Ints:
    return np.asarray(months @ amounts)


def _sums(persons: Ints, amounts: Ints) -> list[int]:
    return [int(v) for v in np.einsum("dr,dr->d", persons, amounts)]


def _monthly_overage(usage: Usage, made: Offer) -> Ints:
    """Overage of each month by itself; that of a term is its months' mean."""
    if made.plan.reset != "term":
        return np.stack([overage(usage.of_months([m]), made) for m in range(len(usage.months))])
    return np.tile(overage(usage, made) // len(usage.months), (len(usage.months), 1))


def _range(made: Offer, values: Sequence[int], months: int) -> Range:
    ranked = sorted(values)
    return Range(*(made.czk(ranked[(len(ranked) - 1) * percent // 100], months) for percent in (10, 50, 90)))


def yearly_deviation(rates: Sequence[Decimal]) -> float | None:
    """Standard deviation of a year's change of a rate, from its daily changes; None from fewer than 20 days."""
    if len(rates) < 20 or min(rates) <= 0:
        return None
    changes = [log(later / earlier) for earlier, later in pairwise(rates)]
    return stdev(changes) * sqrt(TRADING_DAYS)


def rate_band(rate: Decimal, deviation: float, years: float) -> tuple[Decimal, Decimal]:
    """Rates that four of five years end between: S0 x exp(+-z sigma sqrt(T)) (plans.md, 11)."""
    spread = Decimal(str(exp(Z80 * deviation * sqrt(years))))
    return round(rate / spread, 3), round(rate * spread, 3)


@dataclass(frozen=True)
class Swing:
    """One input moved by a fifth: what buying seats then saves (CZK a month, negative: costs more), and the multiple
    of the input at which the answer flips (None: within an eighth and eight times it doesn't)."""

    name: str
    low: Decimal
    high: Decimal
    switch: Decimal | None


def difference(usage: Usage, made: Offer, least: int) -> Decimal:
    """CZK a month that the cheapest mix with at least `least` holders saves; negative where it costs more."""
    found = curve(usage, made)
    return made.czk(usage.base, len(usage.months)) - found.at(found.best(least))


Move = Callable[[Decimal], Decimal]


def tornado(usage: Usage, plan: Plan, given: Conditions, *, least: int, vat: Decimal) -> list[Swing]:
    """What +-20 % of each input does to the saving, largest effect first (plans.md, 9).

    At least `least` holders are looked at, so that no figure rests on fewer persons. Reckoned on means of neighbours
    where there are very many persons.
    """
    small = usage.thinned(TORNADO_ROWS)
    moves = _moves(small, plan, given, least, vat)
    swings = [Swing(n, move(1 - STEP), move(1 + STEP), _switch(move)) for n, move in moves.items()]
    return sorted(swings, key=lambda s: (-abs(s.high - s.low), s.name))


def _moves(usage: Usage, plan: Plan, given: Conditions, least: int, vat: Decimal) -> dict[str, Move]:
    made = offer(plan, given)
    seat = made.seat_czk / (1 + given.tax)

    def under(other: Conditions, people: Usage = usage) -> Decimal:
        return difference(people, offer(plan, other), least)

    def dearer(f: Decimal) -> Decimal:
        return under(replace(given, seat_czk=seat * f, discount=Decimal(0)))

    def rates(f: Decimal) -> Decimal:
        return under(replace(given, czk={c: r if c == "CZK" else r * f for c, r in given.czk.items()}))

    return {
        "seat_price": dearer,
        "people": lambda f: under(given, usage.with_persons(int(usage.persons * f))),
        "use_per_person": lambda f: under(replace(given, growth=given.growth * f)),
        "model_mix": lambda f: under(replace(given, price=given.price * f)),
        "exchange_rate": rates,
        "tax": lambda f: under(replace(given, tax=max(given.tax + vat * (f - 1), Decimal(0)))),
    }


def _switch(move: Move) -> Decimal | None:
    """The multiple nearest to 1 at which the saving changes its sign, found by halving."""
    now = move(Decimal(1)) > 0
    for far in (WIDEST, 1 / WIDEST):
        if (move(far) > 0) != now:
            return _halved(move, Decimal(1), far, now)
    return None


def _halved(move: Move, near: Decimal, far: Decimal, now: bool) -> Decimal:
    for _ in range(HALVINGS):
        middle = (near * far).sqrt()
        near, far = (middle, far) if (move(middle) > 0) == now else (near, middle)
    return round(far, 3)
