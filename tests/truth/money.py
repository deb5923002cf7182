"""The true rows of the metrics about cost, models and plans (metrics.md, Usage and Money)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.truth.adoption import Rows, title_of
from tests.truth.asked import Asked, monday, month_after
from tests.truth.shapes import Cell, Named
from tests.truth.uses import Truth

BOUNDS = (0, 25, 50, 100, 200, 400, 600, 1000, 2000, 4000, 6000, 10000, 20000)
PICO = Decimal(10**12)


@dataclass
class Sums:
    """Sums over cells."""

    requests: int = 0
    failures: int = 0
    user_requests: int = 0
    tokens: list[int] = field(default_factory=lambda: [0] * 5)
    pico: int = 0
    czk: Decimal = Decimal(0)
    saved_pico: int = 0
    without_cost: int = 0
    days: set[date] = field(default_factory=set)

    def add(self, t: Truth, c: Cell) -> None:
        """Takes a cell in."""
        self.requests += c.requests if c.status == "success" else 0
        self.failures += c.requests if c.status != "success" else 0
        self.user_requests += c.user_requests
        self.tokens = [x + y for x, y in zip(self.tokens, c.tokens, strict=True)]
        self.pico += c.pico
        self.czk += t.czk(c)
        self.saved_pico += c.saved_pico
        self.without_cost += c.without_cost
        self.days.add(c.day)

    @property
    def billed(self) -> int:
        """Input + cached + cache write + output; reasoning is part of output."""
        return sum(self.tokens[:4])

    @property
    def usd(self) -> Decimal:
        return self.pico / PICO

    @property
    def known_usd(self) -> Decimal | None:
        """None where there is no cost because nobody knows it: unknown, never 0."""
        return None if self.without_cost and not self.pico else self.usd

    @property
    def known_czk(self) -> Decimal | None:
        return None if self.known_usd is None else self.czk


def sums_by(t: Truth, cells: Iterable[Cell], key: Callable[[Cell, str], Hashable]) -> dict[Hashable, Sums]:
    """Sums by key(cell, unit), the cell counting in its paying unit and in every unit above."""
    found: dict[Hashable, Sums] = defaultdict(Sums)
    for cell in cells:
        for unit in t.above(cell.unit):
            found[key(cell, unit)].add(t, cell)
    return found


def _in(t: Truth, a: Asked) -> list[Cell]:
    return [c for c in t.cells if a.holds(c.day)]


def invoiced_by(t: Truth, a: Asked, key: Callable[[date, str, str], Hashable]) -> dict[Hashable, Decimal | None]:
    """Effective CZK of invoices by key(day, provider, unit); None as soon as one amount has no rate."""
    found: dict[Hashable, Decimal | None] = {}
    for day, provider, owner, currency, _, effective in t.invoice_days:
        if not a.holds(day):
            continue
        rate = t.rate(day, currency)
        for unit in t.above(owner):
            place = key(day, provider, unit)
            so_far = found.get(place, Decimal(0))
            found[place] = None if rate is None or so_far is None else so_far + effective * rate
    return found


def by_unit(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: unit)
    invoices = invoiced_by(t, a, lambda day, provider, unit: unit)
    rows: Rows = []
    for unit in a.units:
        s, active = sums.get(unit, Sums()), len(t.active_in(unit, a.start, a.end))
        each = _millionths(s.czk, active) if active else None
        if unit not in sums:
            each = None
        rows.append(
            (
                unit, s.requests, s.user_requests, s.billed, s.usd, s.czk, s.saved_pico / PICO, s.without_cost,
                invoices.get(unit), active, each,
            )
        )  # fmt: skip
    return rows


def children(t: Truth, a: Asked) -> Rows:
    """The units right below the parent with all below them, and what the parent itself paid directly."""
    levels = {**{u.unit: u.level for u in t.world.units.values()}, **dict.fromkeys(("UNKNOWN", "SHARED"), "special")}
    levels["UNALLOCATED"] = "special"
    sums = sums_by(t, _in(t, a), lambda c, unit: unit)
    own = Sums()
    for cell in _in(t, a):
        if cell.unit == a.parent:
            own.add(t, cell)
    rows: Rows = [(a.parent, levels[a.parent], own.usd, own.czk, own.requests, None)]
    for unit, level in levels.items():
        above = t.above(unit)
        if unit in a.units and len(above) > 1 and above[1] == a.parent:
            s = sums.get(unit, Sums())
            rows.append((unit, level, s.usd, s.czk, s.requests, len(t.active_in(unit, a.start, a.end))))
    return rows


def daily(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (c.day, unit))
    invoices = invoiced_by(t, a, lambda day, provider, unit: (day, unit))
    return [
        (day, unit, s.usd, s.czk, invoices.get((day, unit)), s.requests)
        for day in a.days(t)
        for unit in a.units
        for s in [sums.get((day, unit), Sums())]
    ]


def monthly(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (c.day.replace(day=1), unit))
    invoices = invoiced_by(t, a, lambda day, provider, unit: (day.replace(day=1), unit))
    closed = min(a.end, t.through + timedelta(1))
    return [
        (month, unit, s.usd, s.czk, invoices.get((month, unit)), month >= a.start and month_after(month) <= closed)
        for month in sorted({d.replace(day=1) for d in a.days(t)})
        for unit in a.units
        for s in [sums.get((month, unit), Sums())]
    ]


def named(t: Truth, model: str) -> Named:
    """What a counted model is."""
    return next(n for n in t.names.values() if n.model == model)


def by_model(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (unit, c.model))
    return [
        (
            unit, model, title_of(t, model), named(t, model).provider, named(t, model).hosting, s.requests, s.billed,
            s.known_usd, s.known_czk, s.without_cost,
            Decimal(s.pico // s.billed) / 10**6 if s.billed and not s.without_cost else None,
        )
        for (unit, model), s in sums.items()
        if unit in a.units
    ]  # fmt: skip


def by_provider(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (unit, c.provider))
    invoices = invoiced_by(t, a, lambda day, provider, unit: (unit, provider))
    return [
        (unit, provider, s.known_usd, s.known_czk, invoices.get((unit, provider)))
        for unit, provider in {**dict.fromkeys(sums), **dict.fromkeys(invoices)}
        if unit in a.units
        for s in [sums.get((unit, provider), Sums())]
    ]


def invoiced(t: Truth, a: Asked) -> Rows:
    metered: dict[str, Decimal] = defaultdict(Decimal)
    for cell in _in(t, a):
        metered[cell.provider] += t.czk(cell)
    found: dict[tuple[str, str], list[Decimal | None]] = {}
    for day, provider, owner, currency, billed, effective in t.invoice_days:
        if a.holds(day):
            rate = t.rate(day, currency)
            owned = effective if owner == "UNALLOCATED" else Decimal(0)
            amounts = [billed, *(None if rate is None else x * rate for x in (billed, effective, owned))]
            so_far = found.get((provider, currency), [Decimal(0)] * 4)
            found[provider, currency] = [
                None if x is None or y is None else x + y for x, y in zip(so_far, amounts, strict=True)
            ]
    return [(p, c, *amounts, metered.get(p, Decimal(0))) for (p, c), amounts in found.items()]


def usage(t: Truth, a: Asked) -> Rows:
    length = a.end - a.start
    now = sums_by(t, _in(t, a), lambda c, unit: (unit, c.model))
    earlier = Asked(a.start - length, a.start, a.units)
    before = sums_by(t, _in(t, earlier), lambda c, unit: (unit, c.model))
    rows: Rows = []
    for unit, model in {**dict.fromkeys(now), **dict.fromkeys(before)}:
        if unit not in a.units:
            continue
        s, n = now.get((unit, model), Sums()), named(t, model)
        whole = [v for (u, _), v in now.items() if u == unit]
        requests, pico = sum(v.requests for v in whole), sum(v.pico for v in whole)
        rows.append(
            (
                unit, model, n.title, n.family, n.provider, n.hosting, n.is_mapped, s.requests, s.failures,
                s.user_requests, *s.tokens, s.billed, s.known_usd, s.known_czk, s.without_cost,
                before.get((unit, model), Sums()).requests,
                s.requests / requests if requests else None, s.pico / pico if pico else None,
            )
        )  # fmt: skip
    return rows


def share_daily(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (c.day, unit, c.model))
    return [
        (day, unit, model, title_of(t, model), s.user_requests)
        for (day, unit, model), s in sums.items()
        if unit in a.units and s.user_requests
    ]


def share_weekly(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: (monday(c.day), unit, c.model))
    closed = min(a.end, t.through + timedelta(1))
    return [
        (
            week, unit, model, title_of(t, model), s.user_requests, s.billed, s.czk,
            week >= a.start and week + timedelta(7) <= closed,
        )
        for (week, unit, model), s in sums.items()
        if unit in a.units
    ]  # fmt: skip


def summary(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, _in(t, a), lambda c, unit: unit)
    invoices = invoiced_by(t, a, lambda day, provider, unit: unit)
    return [
        (
            unit, len(t.active_in(unit, a.start, a.end)), s.requests, s.czk, invoices.get(unit), s.billed,
            min(s.days, default=None), max(s.days, default=None),
        )
        for unit in a.units
        for s in [sums.get(unit, Sums())]
    ]  # fmt: skip


def _persons_cost(t: Truth, a: Asked) -> dict[str, dict[int, Decimal]]:
    """{unit: {person: CZK in the period}} for persons with a request of their own in it, in their home of the day."""
    cost: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    asked: dict[str, set[int]] = defaultdict(set)
    for (person, day), cells in t.cells_of.items():
        if a.holds(day):
            for unit in t.above(t.primary(person, day)[0]):
                cost[unit][person] += sum((t.czk(c) for c in cells), Decimal(0))
                if any(c.user_requests for c in cells):
                    asked[unit].add(person)
    return {unit: {p: czk for p, czk in found.items() if p in asked[unit]} for unit, found in cost.items()}


def person_costs(t: Truth, a: Asked) -> Rows:
    found, months = _persons_cost(t, a), a.months(t)
    rows: Rows = []
    for unit in a.units:
        means = [czk / months for czk in found.get(unit, {}).values()]
        for low, high in zip(BOUNDS, [*BOUNDS[1:], None], strict=True):
            persons = sum(low <= m and (high is None or m < high) for m in means)
            edge = None if high is None else Decimal(high)
            rows.append((unit, Decimal(low), edge, persons, low >= a.seat_czk))
    return rows


def comparison(t: Truth, a: Asked) -> Rows:
    found, months = _persons_cost(t, a), a.months(t)
    rows: Rows = []
    for unit in a.units:
        costs = [_millionths(czk) for czk in found.get(unit, {}).values()]
        above = sum(c > a.seat_czk * months for c in costs)
        by_use = _millionths(sum(costs, Decimal(0)), max(months, 1))
        rows.append((unit, months, len(costs), by_use, len(costs) * a.seat_czk, above))
    return rows


def _millionths(amount: Decimal, parts: int = 1) -> Decimal:
    """amount / parts in whole millionths of a crown, so that no float is needed: what these figures are reckoned in."""
    return Decimal(int(amount.quantize(Decimal("1e-6"), ROUND_HALF_UP) * 10**6) // parts) / 10**6
