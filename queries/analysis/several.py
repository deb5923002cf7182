"""Several plans at once: each person by use or on the one plan that is cheapest for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from queries.analysis.mix import best_mix, curve, overage
from queries.analysis.plan import Offer
from queries.analysis.usage import Ints, Usage


@dataclass(frozen=True)
class Portfolio:
    """CZK a month and, in the order of the offers, persons on each plan and seats bought of each."""

    czk: Decimal
    holders: tuple[int, ...]
    bought: tuple[int, ...]


def portfolio(usage: Usage, offers: Sequence[Offer], rows: int = 1) -> Portfolio:
    """The cheapest assignment found over every subset of the plans; never above the best mix with one plan alone.

    Within a subset a person goes where they cost least; seats that a minimum forces anyway go to those who save most,
    and who finds no seat left goes where there is room. No plan is ever bought beyond its maximum. Exact without
    minimum and maximum numbers, close to it with them. Pools are counted as allowances of each person. So many `rows`
    next to each other in the usage go the same way.
    """
    nobody = (0,) * len(offers)
    if not offers:
        raise ValueError("a portfolio needs at least one offer")
    found = [Portfolio(offers[0].czk(usage.base, len(usage.months)), nobody, nobody)]
    found += [_alone(usage, offers, place) for place in range(len(offers))]
    people = _grouped(usage, [overage(usage, o) for o in offers], rows)
    for size in range(2, len(offers) + 1):
        found += [_assigned(people, offers, chosen) for chosen in combinations(range(len(offers)), size)]
    return min((p for p in found if _is_for_sale(p, offers)), key=lambda p: (p.czk, p.bought))


def _is_for_sale(found: Portfolio, offers: Sequence[Offer]) -> bool:
    """Whether every plan sells as many seats as are bought of it; by use alone always is."""
    limits = (o.plan.maximum_seats for o in offers)
    return all(limit is None or bought <= limit for bought, limit in zip(found.bought, limits, strict=True))


def _alone(usage: Usage, offers: Sequence[Offer], place: int) -> Portfolio:
    mix = best_mix(curve(usage, offers[place]))
    holders, bought = ([0] * len(offers) for _ in range(2))
    holders[place], bought[place] = mix.holders, mix.bought
    return Portfolio(mix.czk, tuple(holders), tuple(bought))


@dataclass(frozen=True, eq=False)
class _People:
    """Who goes the same way: how many, in how many months, and what each of them uses on average: line 0 all of it, the
    others what is beyond a seat of each plan."""

    weights: Ints
    months: int
    used: Ints


def _grouped(usage: Usage, over: Sequence[Ints], rows: int) -> _People:
    used, length = np.stack([usage.totals, *over]), len(usage.months)
    if rows <= 1:
        return _People(usage.weights, length, used)
    starts = np.arange(0, max(len(usage.weights) - rows + 1, 1), rows)  # what is left over joins the last group
    weights = np.add.reduceat(usage.weights, starts)
    return _People(weights, length, np.add.reduceat(used * usage.weights, starts, axis=1) // np.maximum(weights, 1))


@dataclass(frozen=True, eq=False)
class _Prices:
    """What each group costs in each place: line 0 by use, the others the plans without their seat; and the fees."""

    people: _People
    without_seat: Ints
    fees: Ints

    @property
    def full(self) -> Ints:
        return self.without_seat + self.fees[:, None]

    def of(self, place: Ints, costs: Ints) -> Ints:
        """The cost of each row where it is placed."""
        return np.asarray(np.take_along_axis(costs, place[None], axis=0)[0])


def _assigned(people: _People, offers: Sequence[Offer], chosen: Sequence[int]) -> Portfolio:
    fees = np.array([0, *(offers[j].seat * people.months for j in chosen)], dtype=np.int64)
    prices = _Prices(people, people.used[[0, *(j + 1 for j in chosen)]], fees)
    place = np.asarray(np.argmin(prices.full, axis=0))
    for column, j in enumerate(chosen, start=1):
        place = _filled(prices, place, column, offers[j].minimum)
    place = _limited(prices, place, [None, *(offers[j].plan.maximum_seats for j in chosen)])
    return _summed(prices, place, offers, chosen)


def _filled(prices: _Prices, place: Ints, column: int, minimum: int) -> Ints:
    """Seats paid for because of the minimum go to those who save most by them."""
    weights = prices.people.weights
    free = minimum - int(weights[place == column].sum())
    if free <= 0:
        return place
    saved = np.where(place == column, 0, prices.of(place, prices.full) - prices.without_seat[column])
    order = np.argsort(-saved, kind="stable")
    fits = (np.cumsum(weights[order]) <= free) & (saved[order] > 0)
    return _moved(place, order[fits], column)


def _limited(prices: _Prices, place: Ints, maxima: Sequence[int | None]) -> Ints:
    """Nobody beyond the maximum numbers: a full plan takes nobody any more, so each is emptied to its maximum once."""
    weights, open_costs = prices.people.weights, prices.full
    while beyond := [c for c, m in enumerate(maxima) if m is not None and int(weights[place == c].sum()) > m]:
        column = beyond[0]
        open_costs[column] = np.iinfo(np.int64).max // 2
        place = _emptied(prices, place, column, maxima[column] or 0, open_costs)
    return place


def _emptied(prices: _Prices, place: Ints, column: int, maximum: int, others: Ints) -> Ints:
    """Beyond the maximum number of seats, those who lose least by it go where it is next cheapest for them."""
    elsewhere = np.asarray(np.argmin(others, axis=0))
    lost = prices.of(elsewhere, others) - prices.full[column]
    order = np.flatnonzero(place == column)
    order = order[np.argsort(-lost[order], kind="stable")]
    beyond = order[np.cumsum(prices.people.weights[order]) > maximum]
    other = place.copy()
    other[beyond] = elsewhere[beyond]
    return other


def _moved(place: Ints, rows: Ints, column: int) -> Ints:
    other = place.copy()
    other[rows] = column
    return other


def _summed(prices: _Prices, place: Ints, offers: Sequence[Offer], chosen: Sequence[int]) -> Portfolio:
    weights = prices.people.weights
    used = int((prices.of(place, prices.without_seat) * weights).sum())
    holders, bought = [0] * len(offers), [0] * len(offers)
    for column, j in enumerate(chosen, start=1):
        holders[j] = int(weights[place == column].sum())
        bought[j] = max(holders[j], offers[j].minimum)
    seats = sum((o.seats_czk(n) for o, n in zip(offers, bought, strict=True)), Decimal(0))
    whole = int((prices.people.used[0] * weights).sum())
    told = offers[0].told(*(offers[0].czk(nano, prices.people.months) for nano in (used, whole)))
    return Portfolio(told + seats, tuple(holders), tuple(bought))
