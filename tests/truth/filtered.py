"""The true rows of metrics by role, by channel, by month, and of days out of the ordinary."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from tests.truth.adoption import Rows, ratio, title_of
from tests.truth.asked import Asked, month_after
from tests.truth.money import sums_by
from tests.truth.uses import Truth

WEEK = timedelta(7)


def share_monthly(t: Truth, a: Asked) -> Rows:
    cells = [c for c in t.cells if a.holds(c.day)]
    sums = sums_by(t, cells, lambda c, unit: (c.day.replace(day=1), unit, c.model))
    closed = min(a.end, t.through + timedelta(1))
    return [
        (
            month, unit, model, title_of(t, model), s.user_requests, s.billed, s.czk,
            month >= a.start and month_after(month) <= closed,
        )
        for (month, unit, model), s in sums.items()  # type: ignore[misc]
        if unit in a.units
    ]  # fmt: skip


def _by_role(t: Truth) -> dict[date, dict[str, set[int]]]:
    """{day: {role: persons active on it}}, the role being that of the day."""
    found: dict[date, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for u in t.uses:
        if u.is_user and u.person is not None:
            found[u.day][t.primary(u.person, u.day)[1]].add(u.person)
    return found


def _met(t: Truth, roles: dict[date, dict[str, set[int]]], unit: str, role: str, days: Sequence[date]) -> set[int]:
    """Persons who were active in the unit and of the role on one and the same of these days."""
    return {p for d in days if d in t.active for p in t.active[d].get(unit, set()) & roles[d].get(role, set())}


def active_split(t: Truth, a: Asked) -> Rows:
    roles = _by_role(t)
    known = sorted({role for day in roles.values() for role in day} & {*a.members})
    return [
        (day, unit, role, *(len(_met(t, roles, unit, role, _back(day, n))) for n in (1, 7, 28)))
        for day in a.days(t)
        for unit in a.units
        for role in known
    ]


def _back(day: date, count: int) -> list[date]:
    return [day - timedelta(n) for n in range(count)]


def adoption_by_role(t: Truth, a: Asked) -> Rows:
    roles = _by_role(t)
    known = {role for day in roles.values() for role in day} | {h.role for h in t.world.population}
    rows: Rows = []
    for unit in a.units:
        for role in known:
            mau = len(_met(t, roles, unit, role, _back(a.day, 28)))
            counts = [
                h.persons
                for h in t.world.population
                if h.role == role
                and unit in t.above(h.unit)
                and (h.start is None or h.start <= a.day)
                and (h.end is None or a.day < h.end)
            ]
            there = sum(counts) if counts else None
            rows.append((unit, role, mau, there, ratio(mau, there)))
    return rows


def _low_median(values: Sequence[Decimal]) -> Decimal:
    return sorted(values)[(len(values) - 1) // 2]


def _costs(t: Truth, key: Callable[[object, str], object]) -> dict[object, dict[date, Decimal]]:
    """{key(cell, unit): {day: CZK}}."""
    found: dict[object, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (made, day), s in sums_by(t, t.cells, lambda c, unit: (key(c, unit), c.day)).items():  # type: ignore[misc]
        found[made][day] += s.czk
    return found


def _weeks(t: Truth, day: date) -> list[date]:
    first = min(c.day for c in t.cells)
    return [day - n * WEEK for n in range(1, 9) if day - n * WEEK >= first]


def anomalies(t: Truth, a: Asked) -> Rows:
    costs = _costs(t, lambda c, unit: unit)
    rows: Rows = []
    for day in a.days(t):
        weeks = _weeks(t, day)
        for unit in a.units if len(weeks) >= 6 else ():
            spent = costs.get(unit, {})
            now, then = spent.get(day, Decimal(0)), [spent.get(d, Decimal(0)) for d in weeks]
            usual = _low_median(then)
            far, scale = abs(now - usual), _low_median([abs(v - usual) for v in then])
            if far > a.floor_czk and far * 2 > usual and far > Decimal("5.9304") * scale:
                rows.append((day, unit, now, usual, now > usual))
    return rows


def anomaly_parts(t: Truth, a: Asked) -> Rows:
    models = _costs(t, lambda c, unit: (unit, "model", c.model))  # type: ignore[attr-defined]
    below = _costs(t, lambda c, unit: (t.above(unit)[1] if len(t.above(unit)) > 1 else None, "unit", unit))
    rows: Rows = []
    first = min(c.day for c in t.cells)
    for day in map(date.fromisoformat, a.chosen):
        weeks = _weeks(t, day)
        for (unit, kind, part), spent in {**models, **below}.items():  # type: ignore[misc]
            seen = [d for d in (day, *weeks) if d >= first and d in spent]
            if unit in a.units and seen:
                now = spent.get(day, Decimal(0))
                usual = _low_median([spent.get(d, Decimal(0)) for d in weeks]) if weeks else Decimal(0)
                rows.append((day, unit, kind, part, now, usual, now - usual))
    return rows
