"""Nobody who asks for every amount finds one that was left out because a few persons caused it.

The attacker goes through the catalogue: each metric of amounts is asked for all units, over every stretch of days and
with every filter it declares, and each figure becomes an equation over what was spent by unit, model, provider, channel
and day. A metric that is not asked stands in NOT_ASKED with the reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from queries import suppression
from queries.catalogue import Query, catalogue
from queries.plan_answer import Asked
from queries.reader import Reader, Scope
from queries.suppression import Rules
from queries.warehouse import Warehouse
from tests.queries.attacked_amounts import BANNED, CHANNELS, DAYS, Spent, months, published, spent
from tests.queries.attacked_world import MINIMUM

Atom = tuple[str, str, str, str, date]  # paying unit, model, provider, channel, day; '' where it makes no difference
Cell = frozenset[Atom]
DAY = timedelta(days=1)
EVERYTHING = Scope(("UK",), "rse")
# (column: of which quantity it is a sum); amounts that follow from one of these in the same row add nothing
SUMS = {
    "requests": "requests", "user_requests": "user_requests", "answers": "user_requests", "failures": "requests",
    "billed_tokens": "tokens", "input_tokens": "tokens", "metered_usd": "usd", "metered_czk": "czk",
    "ratings": "ratings", "ratings_up": "ratings_up",
}  # fmt: skip
FOLLOWS = {
    "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "cache_saved_usd", "requests_before",
    "requests_without_cost", "effective_usd_per_million_tokens", "unpriced_tokens", "unmeasured_requests", "list_usd",
    "cost_avoidance_usd", "usual_czk", "difference_czk", "effective_czk", "streamed_requests", "position", "line_no",
    "weekday", "hour", "cost_per_active_czk",
}  # fmt: skip
ASKED = {
    "adoption/satisfaction", "adoption/usage_hours", "cost/anomaly_parts", "cost/by_model", "cost/by_provider",
    "cost/by_unit", "cost/children", "cost/daily", "cost/monthly", "data/unmapped", "invoices/statement_usage",
    "models/errors", "models/latency", "models/list_cost", "models/policy", "models/satisfaction", "models/share_daily",
    "models/share_monthly", "models/share_weekly", "models/usage", "overview/summary",
}  # fmt: skip
BILL = "a bill: what a unit is charged as a whole, by document, is shown to whoever may see the unit"
PERSONS = "counts of persons: test_small_groups_adoption.py"
NOT_ASKED = {
    "cost/by_key": "a bill; no other answer ties keys to models, providers or channels below the unit's sum",
    "cost/allocated": BILL, "cost/budget": BILL, "cost/invoiced": BILL, "cost/statement": BILL, "invoices/closes": BILL,
    "invoices/credits": BILL, "invoices/focus": BILL, "invoices/months": BILL, "invoices/reconciliation": BILL,
    "invoices/register": BILL, "cost/anomalies": "of a unit as a whole: the same as cost/daily",
    "invoices/allocation": "a bill; its lines by model have a test of their own below",
    "data/coverage": "of sources, not of units or models", "data/runs": "of the machinery",
    "data/checks": "of the same", "data/documents": "of the same", "data/source_days": "of the same",
    "data/sources": "of the same",
    "adoption/targets": "what is wanted, not what is", "plans/plans": "price lists",
    "plans/seat_reclaim": "single holders by a number, for those who take seats back: docs/privacy.md",
    "self/usage": "one's own", "adoption/active_days_28": PERSONS, "adoption/adoption": PERSONS,
    "adoption/adoption_by_role": PERSONS, "adoption/funnel": PERSONS, "adoption/retention_weekly": PERSONS,
    "plans/comparison": PERSONS, "plans/person_costs": PERSONS, "plans/seat_funnel": PERSONS,
    "plans/seat_idle": PERSONS, "plans/seat_overlap": PERSONS,
}  # fmt: skip


def test_every_metric_of_amounts_is_attacked_or_it_is_said_why_not() -> None:
    amounts = {
        name
        for name, asked in catalogue().items()
        if asked.area != "reference" and {c.unit for c in asked.columns} & {"usd", "czk", "tokens", "count"}
    }
    assert amounts - ASKED == set(NOT_ASKED)
    assert amounts >= ASKED
    unknown = {
        (name, c.name)
        for name in ASKED
        for c in catalogue()[name].columns
        if c.unit in ("usd", "czk", "tokens", "count") and c.name not in {*SUMS, *FOLLOWS}
    }
    assert unknown == set()


@dataclass
class Attack:
    """What was told and what was left out, as sums of atoms, by quantity."""

    world: Spent
    told: dict[str, set[Cell]] = field(default_factory=dict)
    left_out: dict[str, dict[Cell, int]] = field(default_factory=dict)  # {cell: persons behind it in the whole history}

    def note(self, asked: Query, raw: pa.Table, shown: pa.Table, values: Mapping[str, object]) -> None:
        keys = [c.name for c in asked.columns if c.unit in ("text", "day")] + [
            name for name in ("weekday", "hour") if name in raw.column_names
        ]
        seen = {tuple(row[k] for k in keys): row for row in shown.to_pylist()}
        for row in raw.to_pylist():
            given = seen.get(tuple(row[k] for k in keys), {})
            for column in SUMS.keys() & row.keys():
                if row[column] is None:
                    continue
                quantity, cell = self.cell(asked, row, column, values)
                if not cell:
                    continue
                if given.get(column) is None:
                    self.left_out.setdefault(quantity, {})[cell] = self.persons(quantity, cell)
                else:
                    self.told.setdefault(quantity, set()).add(cell)

    def cell(self, asked: Query, row: dict[str, Any], column: str, values: Mapping[str, object]) -> tuple[str, Cell]:
        """What this figure is the sum of: everything that its row and the filters of the question let through."""
        unit = row.get("unit", "UK")
        model, provider, channel = row.get("model"), None, row.get("channel", values.get("channel", "all"))
        if asked.name in ("cost/by_provider", "invoices/statement_usage"):
            provider = row["provider"]
        if asked.name == "cost/anomaly_parts":
            unit, model = (unit, row["part"]) if row["kind"] == "model" else (row["part"], None)
        if asked.name == "data/unmapped":
            model = row["name"]
        own = asked.name == "cost/children" and unit == values["parent"]
        quantity, days = SUMS[column], _days(row, values)
        if column == "answers":
            channel = "chat"
        if "hour" in row:
            quantity = f"hours of {row['hour']} {row['weekday']}"
        found = frozenset(
            (u, m, p, c, d)
            for u, m, p, c in self.spots(quantity)
            if (u == unit if own else unit in self.world.made.above(u))
            and model in (None, m) and provider in (None, p) and channel in ("all", c)
            for d in days
        )  # fmt: skip
        return quantity, found

    def spots(self, quantity: str) -> set[tuple[str, str, str, str]]:
        """Where anything was ever spent; that nothing else ever was is taken to be known."""
        if quantity not in self._spots:
            uses, ratings = self.world.uses, self.world.ratings
            if quantity.startswith("ratings"):
                self._spots[quantity] = {(r.unit, r.model, "", "") for r in ratings}
            elif quantity.startswith("hours"):
                self._spots[quantity] = {(u.unit, "", "", c) for u in uses for c in CHANNELS}
            else:
                self._spots[quantity] = {(u.unit, u.model, u.provider, c) for u in uses for c in CHANNELS}
        return self._spots[quantity]

    def persons(self, quantity: str, cell: Cell) -> int:
        spots = {atom[:4] for atom in cell}
        if quantity.startswith("ratings"):
            return len({r.person for r in self.world.ratings if (r.unit, r.model, "", "") in spots})
        is_hour = quantity.startswith("hours")
        return len({
            u.person
            for u in self.world.uses
            if (u.unit, "" if is_hour else u.model, "" if is_hour else u.provider, u.channel) in spots
        } - {None})  # fmt: skip

    def recovered(self) -> tuple[set[tuple[str, Cell]], int]:
        """(amounts of 1 to k - 1 persons that were left out and follow from the others, how many were left out)."""
        found, hidden = set(), 0
        for quantity, left_out in self.left_out.items():
            few = [cell for cell, persons in left_out.items() if 0 < persons < MINIMUM]
            hidden += len(few)
            found |= {(quantity, cell) for cell in following(self.told.get(quantity, set()), few)}
        return {(q, cell) for q, cell in found if not self.is_a_bill(q, cell)}, hidden

    def is_a_bill(self, quantity: str, cell: Cell) -> bool:
        """All that units ever spent (through a channel) but for banned models, which are shown: their bill tells it."""
        units, channels = {atom[0] for atom in cell}, {atom[3] for atom in cell}
        ever = {(u.unit, u.model, u.provider, u.channel) for u in self.world.uses if u.model != BANNED}
        every = {spot for spot in ever if spot[0] in units and spot[3] in channels}
        return every <= {atom[:4] for atom in cell}

    _spots: dict[str, set[tuple[str, str, str, str]]] = field(default_factory=dict)


def _days(row: Mapping[str, Any], values: Mapping[str, Any]) -> list[date]:
    start, end = values.get("start", DAYS[0]), values.get("end", DAYS[-1] + DAY)
    inside = [d for d in DAYS if start <= d < end] if "chosen" not in values else list(DAYS)
    if "day" in row:
        return [d for d in inside if d == row["day"]]
    if "week_start" in row:
        return [d for d in inside if d - timedelta(days=d.weekday()) == row["week_start"]]
    return [d for d in inside if d.replace(day=1) == row["month_start"]] if "month_start" in row else inside


def following(told: set[Cell], asked: list[Cell]) -> set[Cell]:
    """Which of the asked sums are combinations of those that are told (least squares leave nothing of them)."""
    atoms = {atom: place for place, atom in enumerate(sorted({a for cell in (*told, *asked) for a in cell}))}
    if not told or not asked:
        return set()
    known, wanted = np.zeros((len(told), len(atoms))), np.zeros((len(asked), len(atoms)))
    for matrix, cells in ((known, sorted(told, key=sorted)), (wanted, asked)):
        for line, cell in enumerate(cells):
            matrix[line, [atoms[a] for a in cell]] = 1
    _u, sizes, basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[sizes > 1e-9 * sizes[0]]
    rest = np.abs(wanted - wanted @ basis.T @ basis).max(axis=1)
    return {cell for cell, size in zip(asked, rest, strict=True) if size < 1e-6}


def questions(units: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every metric of ASKED with every value of what it declares."""
    stretches = [(DAYS[a], DAYS[b - 1] + DAY) for a, b in combinations(range(len(DAYS) + 1), 2)]
    grid: dict[str, list[Any]] = {
        "start": [None], "channel": ["all", *CHANNELS], "parent": units, "chosen": [[d.isoformat() for d in DAYS]],
        "units": [units],
    }  # fmt: skip
    for name in sorted(ASKED):
        params = [p.name for p in catalogue()[name].params if p.name != "end"]
        for values in product(*(grid[p] for p in params)):
            asked = dict(zip(params, values, strict=True))
            for start, end in stretches if asked.pop("start", 0) is None else [(None, None)]:
                yield name, asked | ({"start": start, "end": end} if start else {})


def attack(folder: Path, world: Spent, monkeypatch: pytest.MonkeyPatch) -> Attack:
    reader, found = Reader(Warehouse(published(folder, world))), Attack(world)

    def overheard(rows: pa.Table, asked: Any, rules: Rules, values: Any) -> Any:
        shown, hidden = suppression.suppressed(rows, asked, rules, values)
        found.note(asked, rows, shown, values)
        return shown, hidden

    monkeypatch.setattr("queries.reader.suppressed", overheard)
    for name, asked in questions(list(world.made.parents)):
        reader.run(name, EVERYTHING, **asked)
    return found


WORLDS = [(1, 12), (2, 25), (3, 40)]


@pytest.mark.parametrize(("seed", "people"), WORLDS)
def test_who_asks_for_every_amount_finds_none_of_a_few_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, people: int
) -> None:
    recovered, hidden = attack(tmp_path, spent(seed, people), monkeypatch).recovered()
    assert hidden > 100, "a world in which little is left out shows little"
    assert recovered == set()


def test_the_same_attacker_finds_amounts_where_only_the_small_ones_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack is worth something: without what must go with them it finds many."""
    monkeypatch.setattr("queries.closed._companions", lambda *_: set())
    monkeypatch.setattr("queries.closed._breaking", lambda *_: set())
    monkeypatch.setattr("queries.closed._scant", lambda *_: [])
    recovered, hidden = attack(tmp_path, spent(3, 40), monkeypatch).recovered()
    assert len(recovered) > hidden / 10


@pytest.mark.parametrize(("seed", "people"), [(1, 12), (2, 25), (3, 40), (4, 90), (5, 160)])
def test_who_asks_what_each_role_of_each_unit_costs_finds_no_role_of_a_few(
    tmp_path: Path, seed: int, people: int
) -> None:
    """The study of plans is the one place that tells amounts by role."""
    world = spent(seed, people)
    reader, known = Reader(Warehouse(published(tmp_path, world))), months(world)
    starts, roles = sorted({month for month, *_ in known}), ("student", "staff", "other")
    ends = [*starts[1:], DAYS[-1].replace(day=28) + DAY * 3]
    told: set[Cell] = set()
    left_out: dict[Cell, tuple[int, bool]] = {}
    for unit, role, start, end in product(world.made.parents, ("", *roles), starts, ends):
        if start >= end:
            continue
        asked = Asked(usd_czk=Decimal(20))
        study = reader.plan_study(EVERYTHING, units=[unit], role=role, start=start, end=end, asked=asked)
        below = {u for u in world.made.parents if unit in world.made.above(u)}
        ever = {(n, r) for _month, n, home, r in known if home in below}
        cell = frozenset(
            (home, r, "", "", month)
            for month, (home, r) in product(starts, {(home, r) for _month, _n, home, r in known})
            if home in below and role in ("", r) and start <= month < end
        )
        if not cell:
            continue
        if study.by_use is None:
            is_all = {r for _n, r in ever} == {role}  # then it is what the unit costs as a whole
            left_out[cell] = len({n for n, r in ever if r == role}), is_all
        else:
            told.add(cell)
    few = [cell for cell, (persons, is_all) in left_out.items() if persons < MINIMUM and not is_all]
    assert few, "a world in which nothing is left out shows nothing"
    assert following(told, few) == set()
