"""A snapshot of a made-up university: `python -m tests.queries.synthetic FOLDER` writes one with its pointer file.

Persons, days and requests are drawn with numpy from a fixed seed; everything else is derived from them in SQL, so that
the tables agree with each other (bits with usage, trailing counts with bits, costs with rates).
"""

import argparse
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from queries.warehouse import snapshot_schema
from tests.queries import synthetic_world as world
from tests.queries.snapshots import ROLLUP, SEEN

DERIVED = Path(__file__).with_name("synthetic.sql")
LEDGER = Path(__file__).with_name("synthetic_ledger.sql")
NAME = "warehouse-20261123T041000Z.duckdb"
LAST_DAY = date(2026, 11, 22)
SETTINGS = {
    "published_at": "2026-11-23T04:10:00Z",
    "timezone": "Europe/Prague",
    "root_unit": "UK",
    "minimum_group": "5",
    "data_through_day": LAST_DAY.isoformat(),
    "university_cs": "Univerzita Karlova",
    "university_en": "Charles University",
    "plan_name": "ChatGPT Edu",
    "seat_price": "20.00",
    "seat_currency": "USD",
    "minimum_seats": "150",
    "stale_hours": "36",
}
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Persons:
    """One element per person: unit and role as indexes, first possible day, share of days active, last day."""

    unit: Ints
    role: Ints
    created: Ints
    propensity: npt.NDArray[np.float64]
    left: Ints


def make_snapshot(path: Path, persons: int = 400, days: int = 400, seed: int = 1) -> Path:
    """The path of a new snapshot by queries/schema/snapshot; the same seed gives the same rows."""
    rng = np.random.default_rng(seed)
    people = _persons(rng, persons, days)
    lines = _lines(rng, people, days)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = true")
        connection.execute(snapshot_schema())
        _load_world(connection, people, lines, persons, days)
        for text in (*(f.read_text("utf-8") for f in (DERIVED, LEDGER, ROLLUP)), SEEN):
            for statement in duckdb.extract_statements(text):
                connection.execute(statement)
        connection.execute("checkpoint")
    return path


def publish(folder: Path, persons: int = 400, days: int = 400, seed: int = 1) -> Path:
    """A snapshot in `folder` under its versioned name, with the pointer file `current`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = make_snapshot(folder / NAME, persons, days, seed)
    (folder / "current").write_text(NAME, "utf-8")
    return path


def _persons(rng: np.random.Generator, count: int, days: int) -> Persons:
    unit = rng.choice(len(world.HOMES), count, p=world.HOME_SHARES)
    role = rng.choice(len(world.ROLES), count, p=[0.72, 0.22, 0.06])
    # Two in ten accounts are older than the data; the rest come ever faster.
    created = np.where(rng.random(count) < 0.2, -30, (np.sqrt(rng.random(count)) * days)).astype(np.int64)
    propensity = rng.beta(0.55, 4.2, count) * np.where(role == 1, 1.3, 1.0)
    stays = np.where(rng.random(count) < 0.35, rng.exponential(70, count), 10_000).astype(np.int64)
    return Persons(unit, role, created, propensity, created + stays)


def _weight_of_day(day: date) -> float:
    weight = (1.0, 1.05, 1.05, 1.0, 0.8, 0.3, 0.4)[day.weekday()]
    if day.month in (7, 8):
        weight *= 0.4
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 2):
        weight *= 0.2
    return weight


def _lines(rng: np.random.Generator, people: Persons, days: int) -> pa.Table:
    """One row per day, person, model and channel: requests and tokens."""
    first = LAST_DAY - timedelta(days=days - 1)
    who, when = [], []
    for day_no in range(days):
        chance = people.propensity * _weight_of_day(first + timedelta(days=day_no)) * (0.7 + 0.6 * day_no / days)
        here = (people.created <= day_no) & (day_no <= people.left) & (rng.random(len(chance)) < chance)
        who.append(np.flatnonzero(here))
        when.append(np.full(len(who[-1]), day_no))
    person, day = np.concatenate(who), np.concatenate(when)
    again = rng.random(len(person)) < 0.25
    person, day = np.append(person, person[again]), np.append(day, day[again])
    model = _models(rng, day, days)
    requests = rng.geometric(0.35 - 0.15 * np.minimum(people.propensity[person], 1.0))
    is_api = (person % 11 == 3) & (rng.random(len(person)) < 0.6)
    requests = requests * np.where(is_api, 6, 1)
    appetite = rng.lognormal(0.0, 0.9, len(people.unit))
    tokens = requests * rng.lognormal(9.9, 0.9, len(person)) * appetite[person]
    return pa.table(
        {
            "day_no": day,
            "person_no": person,
            "model_no": model,
            "is_api": is_api,
            "hour": rng.choice(24, len(person), p=world.HOUR_SHARES),
            "requests": requests,
            "input_tokens": (tokens * 0.7).astype(np.int64),
            "cached_tokens": (tokens * rng.random(len(person)) * 0.5).astype(np.int64),
            "output_tokens": (tokens * rng.uniform(0.2, 0.6, len(person))).astype(np.int64),
            "luck": rng.random(len(person)),
        }
    )


def _models(rng: np.random.Generator, day: Ints, days: int) -> Ints:
    """A model for each line: shares move from those of the first day to those of the last."""
    early, late = (np.cumsum([getattr(m, name) for m in world.MODELS]) for name in ("early", "late"))
    shares = early + (late - early) * (day / days)[:, None]
    return np.argmax(shares / shares[:, -1:] > rng.random(len(day))[:, None], axis=1)


def _load_world(
    connection: duckdb.DuckDBPyConnection, people: Persons, lines: pa.Table, persons: int, days: int
) -> None:
    first = LAST_DAY - timedelta(days=days - 1)
    connection.execute("create temp table span (first_day date, last_day date, scale integer)")
    connection.execute("insert into span values (?, ?, ?)", [first, LAST_DAY, persons])
    connection.executemany("insert into setting values (?, ?)", sorted(SETTINGS.items()))
    connection.executemany("insert into unit values (?, ?, ?, ?, ?, ?)", world.UNITS)
    connection.executemany("insert into calendar values (?, ?, ?, ?, ?)", world.CALENDAR)
    connection.executemany(
        "insert into model values (?, ?, ?, ?, ?, ?, null, null)", [m.described for m in world.MODELS]
    )
    prices = {
        "model_no": range(len(world.MODELS)),
        "model": [m.model for m in world.MODELS],
        "input_usd": [m.input_usd for m in world.MODELS],
        "output_usd": [m.output_usd for m in world.MODELS],
    }
    drawn = {
        "person_no": np.arange(persons),
        "unit_no": people.unit,
        "role": [world.ROLES[i] for i in people.role],
        "created": people.created,
    }
    _keep(connection, "drawn_price", pa.table(prices))
    _keep(connection, "home", pa.table({"unit_no": range(len(world.HOMES)), "unit": world.HOMES}))
    _keep(connection, "share", pa.table({"unit": world.FACULTIES, "share": world.FACULTY_SHARES}))
    _keep(connection, "drawn_person", pa.table(drawn))
    _keep(connection, "drawn_line", lines)


def _keep(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"create temp table {name} as from incoming")
    connection.unregister("incoming")


def main() -> None:
    """Writes a snapshot and its pointer to the folder on the command line."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--persons", type=int, default=400)
    options.add_argument("--days", type=int, default=400)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    print(publish(given.folder, given.persons, given.days, given.seed))


if __name__ == "__main__":
    main()
