"""What the coming months will cost: P10, P50 and P90 a month, with the season of the academic year, and how far off.

A structural model of the logarithm of a month's cost a day: a level that wanders, a growth that fades, and what
holidays, examinations and September are worth against teaching. Its unknowns start from wide priors, so that a few
months already give an honest band; how much each of them moves is averaged over a grid, weighed by how well it foretold
the months known (Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, ch. 3). Numbers are
floats: a forecast is an estimate, no booked money. The same months give the same forecast.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, product
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Term = tuple[str, date, date]  # (kind, first day, day after the last), as in the snapshot's table `calendar`
Known = tuple[date, Decimal]  # (first day of a closed month, its cost)
Floats = npt.NDArray[np.float64]

FEWEST = 3
BAND = (0.1, 0.5, 0.9)
_FLOOR = 0.02  # a month without cost, or with more credits than cost, counts as this part of an ordinary one
# what a month of nothing but holidays, of examinations, and September cost against teaching: (logarithm, deviation)
_SEASON = ((-0.8, 0.4), (0.0, 0.2), (-0.2, 0.25))
_GROWTH = (0.02, 0.1)  # a month at the start, and its deviation
_NOISE = (0.05, 0.1, 0.18, 0.3, 0.5)
_WANDERS = (0.02, 0.06, 0.12, 0.25)
_TURNS = (0.0, 0.02)
_FADINGS = (0.85, 0.98)  # of the monthly growth, how much is left a month later
_GRID = np.array(list(product(_NOISE, _WANDERS, _TURNS, _FADINGS)))
_HALVINGS = 45
_CENT = Decimal("0.01")


class NotEnoughData(ValueError):  # noqa: N818  (what it says; the page says the same)
    """Fewer than three closed months: any forecast would be a guess."""


@dataclass(frozen=True)
class Month:
    """The forecast of one month: with a chance of 10, 50 and 90 in 100 its cost is no higher."""

    month: date
    p10: Decimal
    p50: Decimal
    p90: Decimal


@dataclass(frozen=True)
class Backtest:
    """How earlier forecasts from these months would have fared.

    `wape` is the sum of errors by the sum of cost, `naive_wape` that of last year's month (or, without one, of the
    last month); `covered` the share of months that came to lie between P10 and P90; `forecasts` how many were compared.
    """

    wape: float
    naive_wape: float
    covered: float
    forecasts: int


def closed_months(rows: Iterable[Mapping[str, Any]]) -> list[Known]:
    """The months of one unit that can be forecast from, out of the rows of the metric `cost/monthly`.

    Closed ones, in order, from the first with a cost on: what was before the service began is no history.
    """
    closed = sorted((row["month_start"], row["metered_czk"]) for row in rows if row["is_complete"])
    first = next((n for n, (_, cost) in enumerate(closed) if cost), len(closed))
    return closed[first:]


def forecast(months: Sequence[Known], terms: Sequence[Term], horizon: int = 12) -> list[Month]:
    """`horizon` months after the last closed one. `months` are closed months in order, without a gap.

    Raises NotEnoughData below three months, ValueError where months are out of order or one is missing.
    """
    _refuse_gaps(months)
    if len(months) < FEWEST:
        raise NotEnoughData(f"{len(months)} closed months; at least {FEWEST} are needed")
    last = months[-1][0]
    coming = [_later(last, n) for n in range(1, horizon + 1)]
    ordinary = _ordinary([cost for _, cost in months])
    if ordinary is None:
        return [Month(month, Decimal(0), Decimal(0), Decimal(0)) for month in coming]
    calendar = tuple(terms)
    seen = np.array([_logarithm(month, cost, ordinary) for month, cost in months])
    model = _learnt(seen, np.array([_season(month, calendar) for month, _ in months]))
    levels = _quantiles(*_foretold(model, coming, calendar), model.weight)
    return [_month(month, found) for month, found in zip(coming, levels, strict=True)]


def backtest(months: Sequence[Known], terms: Sequence[Term], horizon: int = 12) -> Backtest | None:
    """Forecasts as they would have been made after each month from the third on; None where nothing can be compared."""
    errors = naive = total = 0.0
    inside = compared = 0
    for known in range(FEWEST, len(months)):
        for month, (_, cost) in zip(forecast(months[:known], terms, horizon), months[known:], strict=False):
            errors += abs(float(month.p50 - cost))
            naive += abs(float(_last_year(months[:known], month.month) - cost))
            total += abs(float(cost))
            inside += month.p10 <= cost <= month.p90
            compared += 1
    if not compared or not total:
        return None
    return Backtest(errors / total, naive / total, inside / compared, compared)


def _last_year(months: Sequence[Known], month: date) -> Decimal:
    """What the same month cost a year before; without it, what the last month known did."""
    return dict(months).get(month.replace(year=month.year - 1), months[-1][1])


def _refuse_gaps(months: Sequence[Known]) -> None:
    for (month, _), (following, _) in pairwise(months):
        if month.day != 1 or following != _later(month, 1):
            raise ValueError(f"months must follow one another; after {month} comes {following}")


def _later(month: date, count: int) -> date:
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def _ordinary(costs: Sequence[Decimal]) -> float | None:
    """The median of what the months with a cost cost a day, near enough; None where none has any."""
    positive = [float(cost) / 30 for cost in costs if cost > 0]
    return float(np.median(positive)) if positive else None


def _logarithm(month: date, cost: Decimal, ordinary: float) -> float:
    return log(max(float(cost) / _days(month), ordinary * _FLOOR))


def _days(month: date) -> int:
    return monthrange(month.year, month.month)[1]


@lru_cache(maxsize=1000)
def _season(month: date, terms: tuple[Term, ...]) -> tuple[float, float, float]:
    """Shares of the month that are holidays, examinations, and examinations of September.

    A month that the calendar does not reach is taken for the nearest one of its name that it does.
    """
    for years in sorted(range(-10, 11), key=abs):
        asked = month.replace(year=month.year + years)
        kinds = [_kind(asked + timedelta(n), terms) for n in range(_days(asked))]
        if any(kinds):
            exams = kinds.count("exam") / len(kinds)
            is_autumn = month.month == 9
            return kinds.count("holiday") / len(kinds), 0.0 if is_autumn else exams, exams if is_autumn else 0.0
    return 0.0, 0.0, 0.0


def _kind(day: date, terms: tuple[Term, ...]) -> str:
    """holiday before exam before term; '' where the calendar says nothing."""
    found = {kind.partition("_")[0] for kind, start, end in terms if start <= day < end}
    return next((kind for kind in ("holiday", "exam", "term") if kind in found), "")


@dataclass(frozen=True)
class _Model:
    """For every point of the grid: the state after the last month, how sure it is, and the point's weight."""

    state: Floats  # (points, 5): level, growth, and the three seasons
    spread: Floats  # (points, 5, 5)
    weight: Floats  # (points,)


def _step(state: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The state a month on: the level grows and the growth fades."""
    move = np.tile(np.eye(5), (len(_GRID), 1, 1))
    move[:, 0, 1] = move[:, 1, 1] = _GRID[:, 3]
    drift = np.zeros((len(_GRID), 5, 5))
    drift[:, 0, 0], drift[:, 1, 1] = _GRID[:, 1] ** 2, _GRID[:, 2] ** 2
    return np.einsum("gij,gj->gi", move, state), move @ spread @ move.transpose(0, 2, 1) + drift


def _learnt(seen: Floats, seasons: Floats) -> _Model:
    """The Kalman filter over the months known, for all points of the grid at once."""
    points = len(_GRID)
    means = np.array([seen[0], _GROWTH[0], *(mean for mean, _ in _SEASON)])
    means[0] -= seasons[0] @ means[2:]
    state = np.tile(means, (points, 1))
    spread = np.tile(np.diag([0.5, _GROWTH[1], *(deviation for _, deviation in _SEASON)]) ** 2, (points, 1, 1))
    likelihood = np.zeros(points)
    for n, value in enumerate(seen):
        if n:
            state, spread = _step(state, spread)
        look = np.array([1.0, 0.0, *seasons[n]])
        variance = np.einsum("i,gij,j->g", look, spread, look) + _GRID[:, 0] ** 2
        error = value - state @ look
        likelihood += -0.5 * (error**2 / variance + np.log(variance))
        gain = (spread @ look) / variance[:, None]
        state = state + gain * error[:, None]
        spread = spread - np.einsum("gi,gj->gij", gain, spread @ look)
    weight = np.exp(likelihood - likelihood.max())
    return _Model(state, spread, weight / weight.sum())


def _foretold(model: _Model, coming: Sequence[date], terms: tuple[Term, ...]) -> tuple[Floats, Floats]:
    """Means and deviations of the logarithm, both (months, points)."""
    state, spread = model.state, model.spread
    means, variances = [], []
    for month in coming:
        state, spread = _step(state, spread)
        look = np.array([1.0, 0.0, *_season(month, terms)])
        means.append(state @ look)
        variances.append(np.einsum("i,gij,j->g", look, spread, look) + _GRID[:, 0] ** 2)
    return np.array(means), np.sqrt(np.array(variances))


def _quantiles(means: Floats, deviations: Floats, weight: Floats) -> Floats:
    """Where each month's mixture of normal distributions reaches the levels of BAND, by halving: (months, levels)."""
    low = np.repeat((means - 8 * deviations).min(axis=1)[:, None], len(BAND), axis=1)
    high = np.repeat((means + 8 * deviations).max(axis=1)[:, None], len(BAND), axis=1)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _normal((middle[:, :, None] - means[:, None, :]) / deviations[:, None, :]) @ weight
        is_low = below < np.array(BAND)
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return np.asarray((low + high) / 2)


def _normal(z: Floats) -> Floats:
    """The normal distribution function to 7 digits (Abramowitz and Stegun, 26.2.17)."""
    k = 1 / (1 + 0.2316419 * np.abs(z))
    series = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
    tail = np.exp(-(z**2) / 2) / sqrt(2 * pi) * series
    return np.where(z > 0, 1 - tail, tail)


def _month(month: date, levels: Floats) -> Month:
    p10, p50, p90 = (Decimal(exp(level) * _days(month)).quantize(_CENT) for level in levels)
    return Month(month, p10, p50, p90)
