"""Small made-up universities with accounts, roles, channels, habits and seats, published to be attacked."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from queries.closed import Crowd, closed
from queries.suppression import SMALL_UNIT
from tests.queries.snapshots import _CLOSURE, _DAILY, _DATES, _WEEKS, NAME, SEEN, empty_schema

FIRST = date(2026, 8, 31)  # a Monday
DAYS = 84
MONTH = date(2026, 11, 1)
MINIMUM = 5
CZK_PER_USD = Decimal(20)
MODELS = ("m0", "m1", "m2", "m3", "m4")


@dataclass(frozen=True)
class Person:
    """One person with a home that never changes, by day numbers from FIRST on; `used` is {day: channels}."""

    home: str
    role: str
    created: int
    is_pending: bool
    used: Mapping[int, frozenset[str]]
    seat: tuple[str | None, bool, bool, bool | None, bool] | None  # reason, activated, active, at limit, is known
    models: tuple[str, ...] = ("m0",)  # one after the other, a day each
    monthly_czk: int = 0  # in the last month


@dataclass(frozen=True)
class University:
    """Units with their parents, and the people."""

    parents: dict[str, str | None]
    people: list[Person]

    def above(self, unit: str) -> Iterator[str]:
        """The unit and everything above it."""
        at: str | None = unit
        while at is not None:
            yield at
            at = self.parents[at]

    def children(self, unit: str) -> list[str]:
        return [u for u, parent in self.parents.items() if parent == unit]


def university(seed: int, people: int) -> University:
    """Few people in most units; some are there daily, many once."""
    dice = random.Random(seed)
    parents: dict[str, str | None] = {"UK": None}
    for f in range(dice.randint(2, 4)):
        parents[f"F{f}"] = "UK"
        parents |= {f"F{f}-{d}": f"F{f}" for d in range(dice.choice((0, 0, 2, 3)))}
    leaves = [u for u in parents if u not in parents.values()]
    homes = dice.choices(leaves, [dice.choice((1, 1, 3, 9)) for _ in leaves], k=people)
    return University(parents, [_using(seed, n, _person(dice, home)) for n, home in enumerate(homes)])


def _using(seed: int, n: int, person: Person) -> Person:
    dice = random.Random(f"{seed} {n}")
    models = tuple(dice.choices(MODELS, (8, 4, 2, 1, 1), k=dice.choice((1, 1, 2, 3))))
    return replace(person, models=models, monthly_czk=dice.choice((7, 33, 77, 150, 450, 777, 3333)))


def _person(dice: random.Random, home: str) -> Person:
    often = dice.choice((0.01, 0.05, 0.15, 0.8))
    ways = dice.choice((("chat",), ("chat",), ("chat", "api"), ("api",)))
    begins = dice.choice((0, 0, 30, 60, 77))
    used = {d: frozenset({dice.choice(ways)}) for d in range(begins, DAYS) if dice.random() < often}
    created = max(min(used, default=begins) - dice.choice((0, 0, 10, 40)), 0)
    return Person(home, dice.choices(("student", "staff", "other"), (6, 3, 1))[0], created, dice.random() < 0.1, used,
                  _seat(dice) if dice.random() < 0.4 else None)  # fmt: skip


def _seat(dice: random.Random) -> tuple[str | None, bool, bool, bool | None, bool]:
    reason = dice.choice((None, None, None, "idle", "never_used", "left"))
    is_activated = reason != "never_used" and (reason == "idle" or dice.random() < 0.8)
    is_active = is_activated and reason != "idle" and dice.random() < 0.8
    return reason, is_activated, is_active, is_active and dice.random() < 0.2, dice.random() < 0.9


def published(folder: Path, made: University, key: str) -> Path:
    """`folder` with a snapshot of the university."""
    path = folder / NAME
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        empty_schema(connection)
        for table, rows in _tables(made, key).items():
            for columns in rows[:1]:
                text = f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
                connection.executemany(text, [list(row.values()) for row in rows])
        connection.execute(_DATES + ";" + _CLOSURE)
        connection.execute(_DAILY)
        connection.execute(_WEEKS)
        connection.execute(SEEN)
        connection.execute("commit")
    (folder / "current").write_text(NAME, "utf-8")
    return folder


def _tables(made: University, key: str) -> dict[str, list[dict[str, object]]]:
    last = FIRST + timedelta(days=DAYS - 1)
    settings = {"data_through_day": last.isoformat(), "root_unit": "UK", "minimum_group": str(MINIMUM)}
    units: list[dict[str, object]] = [
        {"unit": u, "parent_unit": p, "level": "x", "name_cs": u, "name_en": u} for u, p in made.parents.items()
    ]
    return {
        "setting": [{"key": k, "value": v} for k, v in settings.items()],
        "step_key": [{"key": key}],
        "unit": units,
        "person": [_account(n, p) for n, p in enumerate(made.people)],
        "active_bits": _bits(made),
        "closed_cell": [{"breakdown": "home", "unit": unit, "member": ""} for unit in shut(made)],
        "seat_month": [_holder(n, p) for n, p in enumerate(made.people) if p.seat],
        "seat_product_month": [_product(made)],
        "person_month": [_month(n, p) for n, p in enumerate(made.people) if max(p.used, default=0) >= _in_month(0)],
    }


def _in_month(day: int) -> int:
    return (MONTH - FIRST).days + day


def _account(n: int, p: Person) -> dict[str, object]:
    seen = FIRST + timedelta(days=min(p.used)) if p.used else None
    return {"person_no": n, "bit_no": n, "unit": p.home, "role": p.role, "has_account": True,
            "is_pending": p.is_pending, "account_created_day": FIRST + timedelta(days=p.created),
            "first_active_day": seen}  # fmt: skip


def _bits(made: University) -> list[dict[str, object]]:
    found: dict[tuple[int, str, str], set[int]] = {}
    for n, p in enumerate(made.people):
        for day, channels in p.used.items():
            members = [
                *(("unit", u) for u in made.above(p.home)),
                ("role", p.role),
                *(("channel", c) for c in channels),
                ("model", p.models[day % len(p.models)]),
            ]
            for dimension, member in members:
                found.setdefault((day, dimension, member), set()).add(n)
    size = range(len(made.people))
    return [
        {
            "day": FIRST + timedelta(days=d),
            "dimension": k,
            "member": m,
            "persons": "".join("01"[n in who] for n in size),
        }
        for (d, k, m), who in found.items()
    ]


def shut(made: University) -> set[str]:
    """Units that show no count at all: so few were ever active there."""
    ever = [p for p in made.people if p.used]
    homes = [Crowd("home", u, False, "", sum(u in made.above(p.home) for p in ever)) for u in made.parents]
    return {unit for unit, _ in closed(homes, made.parents, SMALL_UNIT * MINIMUM)["home"]}


def _holder(n: int, p: Person) -> dict[str, object]:
    assert p.seat is not None
    reason, is_activated, is_active, is_at_limit, is_known = p.seat
    return {"month_start": MONTH, "product": "p", "report_day": MONTH, "holder_no": n,
            "person_no": n if is_known else None, "unit": p.home, "seats": 1, "status": "assigned",
            "licence_day": MONTH, "is_activity_known": True, "is_activated": is_activated, "is_active": is_active,
            "is_young": n % 3 == 0, "is_at_limit": is_at_limit, "reason": reason}  # fmt: skip


def _product(made: University) -> dict[str, object]:
    held = [p.seat for p in made.people if p.seat]
    return {"month_start": MONTH, "product": "p", "report_day": MONTH, "is_named": True, "bought": len(held) + 3,
            "bought_origin": "count", "assigned": len(held), "active": sum(s[2] for s in held),
            "seat_czk": 500}  # fmt: skip


def _month(n: int, p: Person) -> dict[str, object]:
    days = [d for d in p.used if d >= _in_month(0)]
    return {"month_start": MONTH, "person_no": n, "unit": p.home, "role": p.role, "active_days": len(days),
            "user_requests": len(days), "billed_tokens": 0, "metered_usd": p.monthly_czk / CZK_PER_USD,
            "metered_czk": p.monthly_czk}  # fmt: skip
