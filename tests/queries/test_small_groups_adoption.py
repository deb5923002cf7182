"""Nobody who asks every figure of adoption, of roles and channels and of seats finds a count that was hidden.

As test_small_groups.py, but through the Reader: the answers to the metrics of adoption and of seats for all units of
small worlds, solved together with everything that must hold between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from queries import suppression
from queries.analysis.plan import Plan
from queries.catalogue import catalogue
from queries.plan_answer import Asked
from queries.reader import Reader, Scope
from queries.suppression import Rules
from queries.warehouse import Warehouse
from tests.queries.attacked_world import (
    CZK_PER_USD,
    DAYS,
    FIRST,
    MINIMUM,
    MODELS,
    MONTH,
    University,
    published,
    shut,
    university,
)
from tests.queries.attacker import BIG, Relation, solved

Name = tuple[Any, ...]  # (what, unit, ...): counts that are equal in truth have one name, however they were asked for
LATE = (DAYS - 3, DAYS - 2, DAYS - 1)  # the last days asked about
WEEKS = DAYS // 7
ROLES, CHANNELS = ("student", "staff", "other"), ("chat", "api")
NOVEMBER = ((MONTH - FIRST).days, DAYS)
WINDOWS = sorted(
    {(a, b) for a in range(DAYS - 4, DAYS) for b in range(a + 1, DAYS + 1)}
    | {(0, b) for b in range(DAYS - 5, DAYS + 1)}
    | {(d - n + 1, d + 1) for d in LATE for n in (7, 28)}
    | {(d, d + 1) for d in range(DAYS - 30, DAYS)}
    | {(7 * a, 7 * b) for a in range(WEEKS) for b in (a + 1, a + 2) if b <= WEEKS}
    | {(0, 7 * b) for b in range(1, WEEKS + 1)}
    | {NOVEMBER}
)
BY_MEMBER = [(d + 1 - n, d + 1) for d in LATE for n in (1, 7, 28)]
BUCKETS = [0, 25, 50, 100, 200, 400, 600, 1000, 2000, 4000, 6000, 10000, 20000]
PRICES = (10, 40, 100, 400, 600, 1000, 4000)  # of a seat, also between the bounds of the buckets
LIFE = ("new_persons", "returning_persons", "resurrected_persons", "dormant_persons")
FUNNEL = ("accounts", "pending_accounts", "activated_30d", "habitual")
SEATS = {  # sums that hold in every unit: the first is the rest
    "assigned": ("activated never_activated", "never_activated active lapsed", "at_limit below_limit", "active unused",
                 "never_used idle left_university young used", "reclaimable young used", "matched unmatched"),
    "activated": ("active lapsed",),
    "unused": ("never_activated lapsed",),
    "reclaimable": ("never_used idle left_university",),
    "matched": ("both seat_only sandbox_only neither", "sandbox_persons seat_only neither"),
    "sandbox_persons": ("both sandbox_only",),
}  # fmt: skip


@dataclass
class Attack:
    """What was asked: bounds from the answers, the truth, and which counts were hidden in some answer."""

    made: University
    bounds: dict[Name, tuple[int, int]] = field(default_factory=dict)
    truth: dict[Name, int] = field(default_factory=dict)
    hidden: set[Name] = field(default_factory=set)

    def note(self, name: Name, truth: int, bounds: tuple[int, int], is_hidden: bool) -> None:
        assert self.truth.setdefault(name, truth) == truth, f"{name}: two counts under one name"
        low, high = self.bounds.get(name, (0, BIG))
        self.bounds[name] = max(low, bounds[0]), min(high, bounds[1])
        if is_hidden:
            self.hidden.add(name)

    def recovered(self) -> set[Name]:
        """Hidden counts that the answers leave no freedom to.

        Nobody is no one to protect: of nobody at all, each part is known to be nobody, hidden or not.
        """
        found = solved(self.bounds, list(relations(self.made)))
        wrong = {n: (found[n], v) for n, v in self.truth.items() if not found[n][0] <= v <= found[n][1]}
        assert not wrong, "the attacker reasons wrongly"
        return {n for n in self.hidden if self.truth[n] > 0 and found[n][0] == found[n][1]}


def names_of(query: str, row: dict[str, Any], asked: tuple[int, int], split: str = "") -> Iterator[tuple[str, Name]]:
    """(column, name of the count) of every count in a row of an answer."""
    unit = row.get("unit", "UK")
    a, b = asked
    match query:
        case "adoption/active_period" | "overview/summary" | "cost/by_unit" | "cost/children":
            yield "active_persons", ("n", unit, a, b)
        case "adoption/active_daily":
            last = day_no(row["day"]) + 1
            yield from ((c, ("n", unit, last - n, last)) for c, n in (("dau", 1), ("wau", 7), ("mau", 28)))
        case "adoption/adoption":
            yield from (("mau", ("n", unit, b - 28, b)), ("mau_before", ("n", unit, b - 56, b - 28)))
        case "plans/person_costs":
            yield "persons", ("bucket", unit, int(row["bucket_from_czk"]))
        case "plans/comparison":
            yield from (("active_persons", ("n", unit, a, b)), ("persons_above", ("above", unit, "", int(split))))
        case "plans/seat_twice":  # of one product: a holder is a seat assigned
            yield from (("holders", ("assigned", unit)), ("holders_of_several", ("several", unit)))
        case "adoption/funnel":
            yield from ((c, (c, unit, b)) for c in FUNNEL)
            yield from (("activated", ("n", unit, 0, b)), ("active_28d", ("n", unit, b - 28, b)))
        case "adoption/habitual":
            yield from (("habitual", ("habitual", unit, b)), ("active_28d", ("n", unit, b - 28, b)))
        case "adoption/active_days_28":
            yield "persons", ("l28", unit, b, row["active_days"])
        case "adoption/lifecycle_weekly":
            yield from ((c, (c, unit, day_no(row["week_start"]) // 7)) for c in LIFE)
        case "adoption/retention_weekly":
            week = day_no(row["cohort_week"]) // 7
            yield "cohort_persons", ("new_persons", unit, week)
            yield "active_persons", ("kept", unit, week, row["week_no"])
        case "adoption/active_split":
            last = day_no(row["day"]) + 1
            yield from ((c, (row["member"], unit, last - n, last)) for c, n in (("dau", 1), ("wau", 7), ("mau", 28)))
        case "adoption/adoption_by_role":
            yield "mau", (row["role"], unit, b - 28, b)
        case "adoption/active_by_role" | "adoption/active_by_channel" | "adoption/active_by_model":
            yield "active_persons", (row[split], "UK", a, b)
        case _:
            columns = [
                c for c, v in row.items() if c in {*SEATS, *(p for s in SEATS.values() for t in s for p in t.split())}
            ]
            yield from ((c, (c, unit)) for c in columns)


def day_no(day: date) -> int:
    return (day - FIRST).days


def bounds_of(value: int | None, *, is_part: bool, is_shut: bool) -> tuple[int, int]:
    """What a count as it is shown says to somebody who knows the rules but not the thresholds."""
    if value is None:
        return int(not is_shut and not is_part), BIG if is_shut else 3 * MINIMUM - 2
    if value == 0:
        return 0, 0
    return max(MINIMUM, value - MINIMUM + 1), value + MINIMUM - 1


def attack(folder: Path, made: University, key: str, monkeypatch: pytest.MonkeyPatch) -> Attack:
    """Every answer, asked as who may see everything; truth is what went into the suppression."""
    reader, asking, found = Reader(Warehouse(published(folder, made, key))), ("", (0, 0), ""), Attack(made)
    closed = shut(made)

    def overheard(rows: pa.Table, asked: Any, rules: Rules, values: Any) -> Any:
        shown, hidden = suppression.suppressed(rows, asked, rules, values)
        keys = [c.name for c in asked.columns if c.unit != "persons" and c.name in KEYS]
        told = {tuple(row[k] for k in keys): row for row in shown.to_pylist()}
        for row in rows.to_pylist():
            seen = told.get(tuple(row[k] for k in keys), row | dict.fromkeys(asked.person_columns))
            for column, name in names_of(asking[0], row, asking[1], asking[2]):
                if row[column] is not None:
                    is_part = suppression._is_part(asked, column)
                    within = bounds_of(seen[column], is_part=is_part, is_shut=row.get("unit") in closed)
                    found.note(name, row[column], within, seen[column] is None)
        return shown, hidden

    monkeypatch.setattr("queries.reader.suppressed", overheard)
    for query, window, split, params in questions():
        asking = (query, window, split)
        reader.run(
            query,
            Scope(("UK",), "rse"),
            **params | ({} if "active_by_" in query else {"units": list(made.parents)}),
        )
    for unit in made.parents:
        for role in ("", *ROLES):
            ask_of_plans(found, reader, unit, role)
    return found


def ask_of_plans(found: Attack, reader: Reader, unit: str, role: str) -> None:
    """The counts in the study of plans, for every price of a seat."""
    scope, made, (a, b) = Scope(("UK",), "rse"), found.made, NOVEMBER
    people = [
        p for p in made.people if unit in made.above(p.home) and role in ("", p.role) and max(p.used, default=0) >= a
    ]
    is_shut, whole = unit in shut(made), (role or "n", unit, a, b)
    for price in PRICES:
        asked = Asked(plans=("all",), usd_czk=CZK_PER_USD, own_plan=UNLIMITED, seat_czk=Decimal(price))
        study = reader.plan_study(scope, units=[unit], role=role, start=MONTH, end=at(DAYS), asked=asked)
        found.note(whole, len(people), bounds_of(study.persons, is_part=bool(role), is_shut=is_shut), not study.persons)
        (plan,) = study.plans
        above: Name = ("above", unit, role, price)
        count = sum(p.monthly_czk > price for p in people)
        if plan.break_even is not None:
            shown = None if "above" in plan.hidden else plan.break_even.persons
            found.note(above, count, bounds_of(shown, is_part=bool(role), is_shut=is_shut), shown is None)
        if plan.mix is not None and study.persons and plan.mix.holders + 3 * MINIMUM <= study.persons:
            # of the dearest groups the best number lies next to the one told; those of the last, who may stand for more
            # people than there are of them, may come before others
            found.note(above, count, (plan.mix.holders - 3 * MINIMUM + 1, plan.mix.holders + MINIMUM - 1), False)


UNLIMITED = Plan("all", name="all", includes="unlimited")
KEYS = {
    "unit",
    "day",
    "week_start",
    "cohort_week",
    "week_no",
    "active_days",
    "member",
    "role",
    "channel",
    "product",
    "model",
    "bucket_from_czk",
}


def questions() -> Iterator[tuple[str, tuple[int, int], str, dict[str, Any]]]:
    for a, b in WINDOWS:
        period = {"start": at(a), "end": at(b)}
        yield "adoption/active_period", (a, b), "", period
        yield "overview/summary", (a, b), "", period
        if (a, b) in BY_MEMBER:
            yield from ((f"adoption/active_by_{m}", (a, b), m, period) for m in ("role", "channel", "model"))
            yield "cost/by_unit", (a, b), "", period
            yield "cost/children", (a, b), "", period | {"parent": "UK"}
    for day in LATE:
        for query in ("funnel", "active_days_28", "adoption_by_role", "adoption"):
            yield f"adoption/{query}", (0, day + 1), "", {"day": at(day)}
        yield "adoption/habitual", (0, day + 1), "", {"on_days": [at(day).isoformat()]}
    for split in ("role", "channel"):
        late = {"start": at(LATE[0]), "end": at(DAYS)}
        yield (
            "adoption/active_split",
            (0, 0),
            split,
            late | {"split": split, "members": ROLES if split == "role" else CHANNELS},
        )
    yield "adoption/active_daily", (0, 0), "", {"start": at(DAYS - 7), "end": at(DAYS)}
    month = {"start": MONTH, "end": at(DAYS)}
    yield "plans/person_costs", (0, 0), "", month | {"seat_czk": 600}
    for price in PRICES:
        yield "plans/comparison", NOVEMBER, str(price), month | {"seat_czk": price}
    for query in ("lifecycle_weekly", "retention_weekly"):
        yield f"adoption/{query}", (0, 0), "", {"start": FIRST, "end": at(DAYS)}
    for query in ("funnel", "idle", "overlap", "twice"):
        yield f"plans/seat_{query}", (0, 0), "", {"start": MONTH, "end": MONTH + timedelta(days=30)}


def at(day: int) -> date:
    return FIRST + timedelta(days=day)


def relations(made: University) -> Iterator[Relation]:
    """Everything that must hold between the counts, whatever the persons did."""
    for unit in made.parents:
        for name in names(unit):
            if below := made.children(unit):
                yield Relation(((1, name), *((-1, (name[0], child, *name[2:])) for child in below)))
        yield from _windows(unit)
        yield from _weeks(unit)
        yield from _days(unit)
        for whole, sums in SEATS.items():
            yield from (equal((whole, unit), [(part, unit) for part in parts.split()]) for parts in sums)
        yield at_most(("sandbox_persons", unit), ("n", unit, 56, DAYS))
        yield from _costs(unit)
    yield from _models()


def names(unit: str) -> list[Name]:
    """The counts that are sums over the units below."""
    months = [(role, unit, *NOVEMBER) for role in ROLES]
    late = [(m, unit, d + 1 - n, d + 1) for m in (*ROLES, *CHANNELS) for d in LATE for n in (1, 7, 28)]
    steps = [(c, unit, d + 1) for c in FUNNEL for d in LATE]
    days = [("l28", unit, d + 1, n) for d in LATE for n in range(1, 29)]
    weeks = [(c, unit, w) for c in LIFE for w in range(WEEKS)]
    kept = [("kept", unit, w, n) for w in range(WEEKS) for n in range(WEEKS - w)]
    seats = [(c, unit) for c in {*SEATS, *(p for s in SEATS.values() for t in s for p in t.split())}]
    costs = [
        *(("bucket", unit, low) for low in BUCKETS),
        *(("above", unit, role, price) for role in ("", *ROLES) for price in PRICES),
    ]
    return [*(("n", unit, a, b) for a, b in WINDOWS), *costs, *months, *late, *steps, *days, *weeks, *kept, *seats]


def _costs(unit: str) -> Iterator[Relation]:
    """Who costs more than a seat stands in the buckets above its price, and in part of the one it lies in."""
    whole: Name = ("n", unit, *NOVEMBER)
    yield equal(whole, [("bucket", unit, low) for low in BUCKETS])
    yield equal(whole, [(role, unit, *NOVEMBER) for role in ROLES])
    for low, high in pairwise(PRICES):
        yield from (at_most(("above", unit, role, high), ("above", unit, role, low)) for role in ("", *ROLES))
    for price in PRICES:
        yield equal(("above", unit, "", price), [("above", unit, role, price) for role in ROLES])
        yield from (at_most(("above", unit, role, price), (role, unit, *NOVEMBER)) for role in ROLES)
        inside = [("bucket", unit, low) for low in BUCKETS if low >= price]
        touched = [("bucket", unit, low) for low, high in pairwise([*BUCKETS, BIG]) if high > price]
        yield Relation(((1, ("above", unit, "", price)), *((-1, name) for name in inside)), 0, BIG)
        yield Relation((*((1, name) for name in touched), (-1, ("above", unit, "", price))), 0, BIG)


def _models() -> Iterator[Relation]:
    """Whoever is active uses a model; a longer stretch has no fewer users."""
    for a, b in BY_MEMBER:
        whole: Name = ("n", "UK", a, b)
        yield Relation((*((1, (m, "UK", a, b)) for m in MODELS), (-1, whole)), 0, BIG)
        yield from (at_most((m, "UK", a, b), whole) for m in MODELS)
    for member in MODELS:
        for day in LATE:
            for n, longer in ((1, 7), (7, 28)):
                yield at_most((member, "UK", day + 1 - n, day + 1), (member, "UK", day + 1 - longer, day + 1))


def equal(whole: Name, parts: list[Name]) -> Relation:
    return Relation(((1, whole), *((-1, part) for part in parts)))


def at_most(part: Name, whole: Name) -> Relation:
    return Relation(((1, whole), (-1, part)), 0, BIG)


def _windows(unit: str) -> Iterator[Relation]:
    known = set(WINDOWS)
    for a, b in WINDOWS:
        for c, d in WINDOWS:
            if (a, b) != (c, d) and a <= c and d <= b:
                yield at_most(("n", unit, c, d), ("n", unit, a, b))
            elif a < c <= b < d and (a, d) in known and (c == b or (c, b) in known):
                terms = [(1, ("n", unit, a, b)), (1, ("n", unit, c, d)), (-1, ("n", unit, a, d))]
                yield Relation((*terms, *(((-1, ("n", unit, c, b)),) if c < b else ())), 0, BIG)
    for day in LATE:
        for n in (1, 7, 28):
            a, b = day + 1 - n, day + 1
            yield equal(("n", unit, a, b), [(role, unit, a, b) for role in ROLES])
            yield Relation((*((1, (c, unit, a, b)) for c in CHANNELS), (-1, ("n", unit, a, b))), 0, BIG)
            yield from (at_most((c, unit, a, b), ("n", unit, a, b)) for c in CHANNELS)
        for member in (*ROLES, *CHANNELS):
            for n, longer in ((1, 7), (7, 28)):
                yield at_most((member, unit, day + 1 - n, day + 1), (member, unit, day + 1 - longer, day + 1))


def _weeks(unit: str) -> Iterator[Relation]:
    for w in range(WEEKS):
        now, seen, before = ("n", unit, 7 * w, 7 * w + 7), ("n", unit, 0, 7 * w), ("n", unit, 7 * w - 7, 7 * w)
        new, returning, resurrected, dormant = ((c, unit, w) for c in LIFE)
        yield equal(now, [new, returning, resurrected])
        yield equal(new, [("kept", unit, w, 0)])
        yield equal(now, [("kept", unit, v, w - v) for v in range(w + 1)])
        yield from (at_most(("kept", unit, w, n), new) for n in range(WEEKS - w))
        if w:
            yield equal(("n", unit, 0, 7 * w + 7), [seen, new])
            yield equal(("n", unit, 7 * w - 7, 7 * w + 7), [now, dormant])
            yield equal(before, [returning, dormant])
            yield at_most(("kept", unit, w - 1, 1), returning)
        else:
            yield equal(now, [new])


def _days(unit: str) -> Iterator[Relation]:
    for b in (d + 1 for d in LATE):
        days = [(n, ("l28", unit, b, n)) for n in range(1, 29)]
        yield equal(("n", unit, b - 28, b), [name for _, name in days])
        # persons times their days are the persons of the days
        yield Relation((*days, *((-1, ("n", unit, d, d + 1)) for d in range(b - 28, b))))
        yield at_most(("habitual", unit, b), ("n", unit, b - 28, b))
        yield at_most(("activated_30d", unit, b), ("n", unit, 0, b))
        yield at_most(("pending_accounts", unit, b), ("accounts", unit, b))
        yield at_most(("n", unit, 0, b), ("accounts", unit, b))


def test_every_metric_that_counts_persons_is_asked() -> None:
    counting = {name for name, metric in catalogue().items() if metric.person_columns}
    assert {query for query, *_ in questions()} == counting


@pytest.mark.parametrize(
    ("seed", "people"),
    [
        (1, 15),
        (2, 30),
        (3, 70),
        (4, 150),
        (33, 250),
        (35, 400),
        (10, 60),  # with exact counts of the university's seats one holder that nobody matched could be had
    ],
)
def test_who_asks_all_of_adoption_and_seats_finds_no_hidden_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, people: int
) -> None:
    found = attack(tmp_path, university(seed, people), f"key {seed}", monkeypatch)
    assert len(found.hidden) > 100, "a world in which little is hidden shows little"
    assert found.recovered() == set()
