"""Median time of every metric: `python -m tests.bench.bench_queries [--snapshot FILE]`.

On the snapshot that bench_increment published of ten million loaded requests (102 units, two years); where that has not
run, on a synthetic university of 60,000 persons over 730 days (9 million requests). Two threads and 1 GB, as a
dashboard worker has. Goal: below 50 ms, less than 1 GB (handbook, performance.md).
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import NamedTuple

from queries.catalogue import Query, catalogue
from queries.warehouse import POINTER, Snapshot
from tests.bench.bench_increment import published
from tests.queries.synthetic import make_snapshot

GOAL_MS = 50.0
OF_A_MONTH = {"cost/statement", "invoices/allocation", "invoices/focus", "invoices/statement_usage"}  # so files ask


def main() -> int:
    """0 where every metric meets the goal, 1 otherwise."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--snapshot", type=Path, help="a snapshot file; without it a synthetic one is made")
    options.add_argument("--repeats", type=int, default=9)
    options.add_argument("--persons", type=int, default=60_000)
    options.add_argument("--days", type=int, default=730)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.snapshot or _published()
        is_loaded = file is not None
        file = file or make_snapshot(Path(folder) / "bench.duckdb", given.persons, given.days)
        snapshot = Snapshot(file, memory_limit="1GB", threads=2)
        found = list(map(_reported, _measured(snapshot, given.repeats)))
        snapshot.close()
    slow, told = sum(f.is_slow for f in found), {f.name for f in found if f.rows}
    if empty := sorted({f.name for f in found} - told):
        print(f"without a row there: {', '.join(empty)}")
    peak = f"; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB" if is_loaded else ""
    print(f"{'a loaded' if is_loaded else 'a synthetic'} snapshot; {slow} above {GOAL_MS:.0f} ms{peak}")
    return 1 if slow else 0


def _published() -> Path | None:
    folder = published()
    return folder / (folder / POINTER).read_text("utf-8").strip() if folder else None


class Measured(NamedTuple):
    """A metric, of whom it was asked, how many rows it gave, and milliseconds at the median by both clocks."""

    name: str
    label: str
    rows: int
    wall: float
    cpu: float

    @property
    def is_slow(self) -> bool:
        """Whether it missed the goal by both clocks: on a busy machine the wall clock runs on while it waits."""
        return min(self.wall, self.cpu) > GOAL_MS


def _measured(snapshot: Snapshot, repeats: int) -> Iterator[Measured]:
    for name, found in catalogue().items():
        for label, units in _selections(snapshot, found):
            values = _values(snapshot, found, units)
            rows = snapshot.rows(found.sql, values).num_rows  # the first run warms the cache and isn't counted
            wall, cpu = zip(*(_timed(snapshot, found, values) for _ in range(repeats)), strict=True)
            yield Measured(name, label, rows, median(wall), median(cpu))


def _selections(snapshot: Snapshot, found: Query) -> list[tuple[str, list[str]]]:
    if not any(p.name == "units" for p in found.params):
        return [("", [])]
    sql = "select unit from unit where level = 'faculty' order by unit"
    faculties = [row["unit"] for row in snapshot.rows(sql, {}).to_pylist()]
    if found.name == "cost/children":
        return [("university", [snapshot.root_unit, *faculties])]
    return [("university", [snapshot.root_unit]), (f"faculty {faculties[0]}", [faculties[0]])]


def _values(snapshot: Snapshot, found: Query, units: list[str]) -> Mapping[str, object]:
    sql = "select cast(value as date) as day from setting where key = 'data_through_day'"
    last: date = snapshot.rows(sql, {}).to_pylist()[0]["day"]
    values: dict[str, object] = {
        "start": last - timedelta(364),
        "end": last + timedelta(1),
        "day": last,
        "parent": snapshot.root_unit,
        "seat_czk": Decimal("420"),
        "on_days": [str(last - timedelta(30 * n)) for n in range(9)],
        "units": units,
        "split": "role",
        "members": ["student"],  # a page asks for the one that was chosen
        "chosen": [str(last - timedelta(n)) for n in range(28)],
        "floor_czk": Decimal(500),
        "person": 1,
    }
    if found.name in OF_A_MONTH:
        values |= {"start": (last.replace(day=1) - timedelta(1)).replace(day=1), "end": last.replace(day=1)}
    return {p.name: values.get(p.name, p.default) for p in found.params}


def _timed(snapshot: Snapshot, found: Query, values: Mapping[str, object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    snapshot.rows(found.sql, values)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _reported(found: Measured) -> Measured:
    said = {"metric": found.name, "of": found.label, "rows": found.rows}
    print(json.dumps(said | {"ms": round(found.wall, 1), "CPU ms": round(found.cpu, 1)}), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
