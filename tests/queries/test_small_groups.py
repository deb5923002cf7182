"""Nobody who asks everything finds a figure that was hidden: small worlds, all windows, all units, a solver."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

import numpy as np
import pyarrow as pa
import pytest

from queries import suppression
from queries.catalogue import query
from queries.closed import Crowd, closed
from queries.suppression import SMALL_UNIT, Rules, shown_count, suppressed
from tests.queries.attacker import BIG, Relation, determined, solved

DAYS = 6
Window = tuple[int, int]
Count = tuple[str, str, object]  # of what, of which unit, when
WINDOWS: list[Window] = [(a, b) for a in range(DAYS) for b in range(a + 1, DAYS + 1)]


@dataclass
class World:
    """Units, and per person the home unit (a leaf or any other) and the days of activity."""

    parents: dict[str, str | None]
    people: list[tuple[str, frozenset[int]]]
    below: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit in self.parents:
            at: str | None = unit
            while at is not None:
                self.below.setdefault(at, set()).add(unit)
                at = self.parents[at]

    def count(self, unit: str, *windows: Window) -> int:
        """Persons of the unit active in every one of the windows."""
        return sum(
            home in self.below[unit] and all(any(a <= d < b for d in days) for a, b in windows)
            for home, days in self.people
        )

    def children(self, unit: str) -> list[str]:
        return [u for u, parent in self.parents.items() if parent == unit]


def world(seed: int, people: int) -> World:
    """A small university with few people in most units, some active daily and many once."""
    dice = random.Random(seed)
    parents: dict[str, str | None] = {"UK": None}
    for f in range(dice.randint(2, 4)):
        parents[f"F{f}"] = "UK"
        parents |= {f"F{f}-{d}": f"F{f}" for d in range(dice.randint(0, 3))}
    leaves = [u for u in parents if u not in parents.values()]
    weights = [dice.choice((1, 1, 3, 9)) for _ in leaves]
    drawn = dice.choices(leaves, weights, k=people)
    often = [dice.choice((0.1, 0.15, 0.3, 0.9)) for _ in drawn]
    return World(
        parents,
        [(u, frozenset(d for d in range(DAYS) if dice.random() < p)) for u, p in zip(drawn, often, strict=True)],
    )


def rules_of(made: World, minimum: int, key: bytes) -> Rules:
    homes = [Crowd("home", u, False, "", made.count(u, (0, DAYS))) for u in made.parents]
    return Rules(minimum, "UK", key, closed(homes, made.parents, SMALL_UNIT * minimum))


def shown_counts(made: World, rules: Rules) -> Iterator[tuple[Count, int, int | None, bool]]:
    """(cell, truth, value shown or None, is hidden) of every window and unit, as the read door shows them."""
    asked = query("adoption/active_period")
    units = list(made.parents)
    for window in WINDOWS:
        truth = [made.count(u, window) for u in units]
        rows = pa.table({"unit": units, "active_persons": pa.array(truth, pa.int64())})
        shown, hidden = suppressed(rows, asked, rules)
        values = shown.column("active_persons").to_pylist()
        for n, unit in enumerate(units):
            yield ("n", unit, window), truth[n], values[n], (n, "active_persons") in hidden


def shown_behaviour(made: World, rules: Rules) -> Iterator[tuple[Count, int, int | None, bool]]:
    """The same of every pair of neighbouring days: new, returning, resurrected and dormant persons."""
    asked = query("adoption/lifecycle_weekly")
    names = ("new_persons", "returning_persons", "resurrected_persons", "dormant_persons")
    units = list(made.parents)
    for day in range(1, DAYS):
        truth = [behaviour(made, u, day) for u in units]
        rows = pa.table({"unit": units} | {c: pa.array([t[i] for t in truth], pa.int64()) for i, c in enumerate(names)})
        shown, hidden = suppressed(rows, asked, rules)
        for i, column in enumerate(names):
            for n, unit in enumerate(units):
                yield (column, unit, day), truth[n][i], shown.column(column).to_pylist()[n], (n, column) in hidden


def behaviour(made: World, unit: str, day: int) -> tuple[int, int, int, int]:
    now, before, both = (day, day + 1), (day - 1, day), (day - 1, day + 1)
    n = made.count(unit, now)
    new = made.count(unit, (0, day + 1)) - made.count(unit, (0, day))
    returning = n + made.count(unit, before) - made.count(unit, both)
    return new, returning, n - new - returning, made.count(unit, both) - n


def relations(made: World) -> Iterator[Relation]:
    """Everything that must hold between the counts, whatever the persons did."""
    for window in WINDOWS:
        for unit in made.parents:
            if below := made.children(unit):  # everybody belongs to a unit without units below it
                yield Relation(((1, ("n", unit, window)), *((-1, ("n", c, window)) for c in below)))
    for unit in made.parents:
        for a, b in WINDOWS:
            for c, d in WINDOWS:
                if a <= c <= b <= d and (a, b) != (c, d):  # N(A) + N(B) >= N(A or B) + N(A and B)
                    terms = [(1, ("n", unit, (a, b))), (1, ("n", unit, (c, d))), (-1, ("n", unit, (a, d)))]
                    yield Relation((*terms, *(((-1, ("n", unit, (c, b))),) if c < b else ())), 0, 10**6)
                if a <= c and d <= b and (a, b) != (c, d):
                    yield Relation(((1, ("n", unit, (a, b))), (-1, ("n", unit, (c, d)))), 0, 10**6)
        for day in range(1, DAYS):
            yield from _meanings(unit, day)


def _meanings(unit: str, day: int) -> Iterator[Relation]:
    now, before, both = (("n", unit, w) for w in ((day, day + 1), (day - 1, day), (day - 1, day + 1)))
    new, returning, resurrected, dormant = (
        (f"{c}_persons", unit, day) for c in ("new", "returning", "resurrected", "dormant")
    )
    yield Relation(((1, new), (1, ("n", unit, (0, day))), (-1, ("n", unit, (0, day + 1)))))
    yield Relation(((1, returning), (1, both), (-1, now), (-1, before)))
    yield Relation(((1, dormant), (1, now), (-1, both)))
    yield Relation(((1, new), (1, returning), (1, resurrected), (-1, now)))


def bounds_of(value: int | None, is_hidden: bool, is_shut: bool, is_part: bool, minimum: int) -> tuple[int, int]:
    """What a shown value says of the count, to somebody who knows the rules but not the thresholds."""
    if is_hidden:
        return (0 if is_part or is_shut else 1), (BIG if is_shut else 3 * minimum - 2)
    assert value is not None
    if value == 0:
        return value, value
    return max(minimum, value - minimum + 1), value + minimum - 1


def attacked(made: World, minimum: int, key: bytes, root_is_asked: bool = True) -> tuple[set[Count], int]:
    """(hidden cells that were recovered, number of hidden cells) of one world."""
    rules = rules_of(made, minimum, key)
    known, truth, hidden = {}, {}, set()
    shut = {unit for unit, _ in rules.closed.get("home", ())}
    for cell, count, value, is_hidden in (*shown_counts(made, rules), *shown_behaviour(made, rules)):
        if cell[1] == "UK" and not root_is_asked:
            continue
        known[cell] = bounds_of(value, is_hidden, cell[1] in shut, cell[0] != "n", minimum)
        truth[cell] = count
        if is_hidden and count:
            hidden.add(cell)
    found = solved(known, list(relations(made)))
    assert all(found[cell][0] <= truth[cell] <= found[cell][1] for cell in truth), "the attacker reasons wrongly"
    return {cell for cell in hidden if found[cell][0] == found[cell][1]}, len(hidden)


@pytest.mark.parametrize("people", [20, 40, 80, 130, 300])
@pytest.mark.parametrize("seed", range(6))
def test_who_asks_every_window_of_every_unit_finds_no_hidden_count(people: int, seed: int) -> None:
    recovered, hidden = attacked(world(seed * 1000 + people, people), 5, b"key %d" % seed)
    assert hidden, "a world in which nothing is hidden shows nothing"
    assert recovered == set()


@pytest.mark.parametrize("seed", range(6))
def test_a_faculty_that_sees_only_itself_finds_no_hidden_count_either(seed: int) -> None:
    recovered, hidden = attacked(world(seed * 1000 + 40, 40), 5, b"key %d" % seed, root_is_asked=False)
    assert hidden
    assert recovered == set()


def test_the_same_attacker_takes_apart_exact_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack is worth something: with exact counts and the small ones alone hidden it finds many of them."""
    module = "queries.suppression"
    monkeypatch.setattr(f"{module}.stepped", lambda counts, seeds, step: counts)
    monkeypatch.setattr(f"{module}.thresholds", lambda seeds, minimum: seeds.astype("int64") * 0 + minimum)
    monkeypatch.setattr(f"{module}._of_small_units", lambda rows, rules: [False] * rows.num_rows)
    monkeypatch.setitem(globals(), "bounds_of", lambda value, hidden, *_: (1, 4) if hidden else (value, value))
    monkeypatch.setattr(f"{module}._is_part", lambda query, column: False)
    recovered, hidden = attacked(world(40, 40), 5, b"")
    assert len(recovered) > hidden / 2


def crowds(seed: int) -> tuple[list[Crowd], dict[str, str | None]]:
    """Random numbers of persons behind every unit and model: each person uses a few models, in one unit."""
    dice = random.Random(seed)
    made = world(seed, 60)
    behind: dict[tuple[str, bool, str], set[int]] = {}
    for person, (home, _) in enumerate(made.people):
        for model in dice.sample("abcdef", dice.choice((1, 1, 2, 4))):
            behind.setdefault((home, True, model), set()).add(person)
            at: str | None = home
            while at is not None:
                behind.setdefault((at, False, model), set()).add(person)
                at = made.parents[at]
    return [Crowd("model", unit, own, m, len(who)) for (unit, own, m), who in behind.items()], made.parents


@pytest.mark.parametrize("seed", [n for n in range(40) if n not in (15, 28)])  # these worlds have no small cell
def test_no_amount_of_a_few_persons_follows_from_the_amounts_that_are_shown(seed: int) -> None:
    found, parents = crowds(seed)
    shut = closed(found, parents, 5)["model"]
    few = {(c.unit, c.member) for c in found if c.persons < 5 and not c.is_own}
    assert few
    assert few <= shut
    alone = {unit for unit in parents if sum(u == unit for u, _ in {(c.unit, c.member) for c in found}) == 1}
    few -= {(unit, member) for unit, member in few if unit in alone}  # a unit's total is shown to whoever pays for it
    amounts = {(c.unit + "/" * c.is_own, c.member) for c in found}
    unknown = {cell for cell in amounts if cell in shut or cell[0].endswith("/")}  # own amounts are never shown
    equations: list[dict[object, int]] = []
    for unit, member in amounts:
        parts = [(u, m) for u, m in amounts if m == member and (u == f"{unit}/" or parents.get(u) == unit)]
        if parts:
            equations.append({cell: 1 if cell in parts else -1 for cell in (*parts, (unit, member)) if cell in unknown})
    for unit in parents:
        equations.append({cell: 1 for cell in unknown if cell[0] == unit})
    assert determined(equations) & few == set()


def test_a_count_of_a_unit_is_shown_alike_by_whatever_is_asked() -> None:
    rules = Rules(5, "UK", b"key")
    texts = {"unit": ["MFF"] * 40}
    counts = pa.array(range(40), pa.int64())
    shown = {}
    for name, column in (("adoption/active_period", "active_persons"), ("adoption/adoption", "mau")):
        asked = query(name)
        rows = pa.table(texts | dict.fromkeys(asked.person_columns, counts) | _others(name, 40))
        shown[name] = suppressed(rows, asked, rules)[0].column(column).to_pylist()
    assert shown["adoption/active_period"] == shown["adoption/adoption"]
    given = [v for v in shown["adoption/adoption"] if v is not None]
    assert given == sorted(given)
    assert {v % 5 for v in given} == {0}
    assert [v for v in shown["adoption/adoption"][1:5] if v is not None] == []


def _others(name: str, rows: int) -> dict[str, pa.Array]:
    columns = query(name).columns
    return {c.name: pa.array([0.5] * rows, pa.float64()) for c in columns if c.unit == "share"}


def test_steps_are_true_on_average_and_never_far_off() -> None:
    counts = np.arange(5, 400)
    seeds = [suppression._seed(b"key", f"unit {n}") for n in range(300)]
    steps = np.array([suppression.stepped(counts, np.full(len(counts), s, np.uint64), 5) for s in seeds])
    assert abs(steps - counts).max() < 5
    assert abs(steps.mean(axis=0) - counts).max() < 0.75  # three standard errors and a bit
    assert abs((steps - counts).mean()) < 0.05


def test_what_follows_from_steps_follows_them_of_the_university_too() -> None:
    asked = query("adoption/adoption")
    rows = pa.table(
        {
            "unit": ["UK", "MFF", "FF"],
            "mau": pa.array([1237, 123, 2], pa.int64()),
            "mau_before": pa.array([1236, 123, 0], pa.int64()),
            "adoption_rate": pa.array([0.1237, 0.123, 0.002], pa.float64()),
            "adoption_rate_before": pa.array([0.1236, 0.123, 0.0], pa.float64()),
        }
    )
    shown, hidden = suppressed(rows, asked, Rules(5, "UK", b"key"))
    uk, mff, ff = shown.to_pylist()
    for row, mau in ((uk, 1237), (mff, 123)):
        assert row["mau"] % 5 == 0
        assert abs(row["mau"] - mau) < 5
        assert row["adoption_rate"] == pytest.approx(row["mau"] / (10000 if row is uk else 1000))
    assert (ff["mau"], ff["adoption_rate"], ff["mau_before"]) == (None, None, 0)
    assert hidden == {(2, "mau"), (2, "adoption_rate")}


def test_counts_that_are_told_alike_leave_no_trace_in_what_follows_from_them() -> None:
    counts = range(5, 300)
    rates, costs = pa.array([n / 1237 for n in counts]), [Decimal(98765) / n for n in counts]
    whole = pa.array([Decimal(98765)] * len(counts), pa.decimal128(38, 6))
    each = pa.array([c.quantize(Decimal("1e-6"), ROUND_DOWN) for c in costs], pa.decimal128(38, 6))
    questions = {
        "adoption/adoption": {
            "mau": counts,
            "mau_before": counts,
            "adoption_rate": rates,
            "adoption_rate_before": rates,
        },
        "cost/by_unit": {"active_persons": counts, "metered_czk": whole, "cost_per_active_czk": each},
    }
    for name, columns in questions.items():
        rows = pa.table({"unit": ["MFF"] * len(counts)} | columns)
        shown = suppressed(rows, query(name), Rules(5, "UK", b"key"))[0].to_pylist()
        told = {tuple(row.values()) for row in shown}
        assert len(told) == len({row[query(name).person_columns[0]] for row in shown}) < 70
    assert {row["cost_per_active_czk"] for row in shown if row["active_persons"] == 100} == {Decimal("987.65")}


def test_an_amount_of_some_people_is_told_in_three_digits() -> None:
    asked = query("plans/seat_overlap")
    given = pa.table(
        {c: pa.array([40, 3], pa.int64()) for c in asked.person_columns}
        | {"unit": ["MFF", "FF"], "sandbox_czk": pa.array([Decimal("1234.567"), Decimal(7)], pa.decimal128(38, 18))}
    )
    shown = suppressed(given, asked, Rules(5, "UK", b"key"))[0].column("sandbox_czk").to_pylist()
    assert shown == [Decimal(1230), None]


def test_one_count_is_told_as_the_same_count_in_an_answer() -> None:
    asked, rules = query("adoption/active_period"), Rules(5, "UK", b"key", {"home": frozenset({("ETF", "")})})
    for unit in ("UK", "MFF", "ETF"):
        rows = pa.table({"unit": [unit] * 60, "active_persons": pa.array(range(60), pa.int64())})
        shown = suppressed(rows, asked, rules)[0].column("active_persons").to_pylist()
        assert shown == [shown_count(n, unit, rules) for n in range(60)]


def test_amounts_of_a_few_persons_are_left_out_but_banned_models_are_not() -> None:
    few = [Crowd("model", unit, False, model, 2) for unit in ("UK", "MFF") for model in "abcd"]
    shut = closed([*few, Crowd("model", "MFF", False, "e", 9)], {"UK": None, "MFF": "UK"}, 5, spared={"b"})
    asked = query("models/policy")
    rows = pa.table({"unit": ["MFF"] * 3, "model": ["a", "b", "e"], "policy": ["allowed", "banned", None]})
    assert suppressed(rows, asked, Rules(5, "UK", b"", shut))[0].column("model").to_pylist() == ["b", "e"]
