"""What one more day costs after 1M, 10M or (--hundred) 100M requests, and what publishing costs.

    python -m tests.bench.bench_increment [--hundred] [--histories 1000000 10000000] [--folder FOLDER]

An invented university (increment_world.py: 60,000 accounts of 50,000 persons, 102 units, two years, with its invoices,
seats, plans, budgets and rules) is loaded through the real Runner; then the ledger is made, twelve months are closed,
an invoice comes late. Then one more day is loaded: every source is asked again, the day's cost reports are new, facts
are merged, marts of the day rebuilt, checks run. The day holds as many requests after each history, so the columns
differ only by what lies before it; goal: a day after 10M costs no more than 1.3 of the same day after 1M. History and
increments run in processes of their own, for their peak memory. A history already made in the folder is used again;
what was published of it is left beside it, for bench_queries and bench_dashboard.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from etl.identity import Pseudonyms
from etl.inbox import carry_out
from etl.load import Clock
from etl.run import Runner
from queries import inbox
from queries.warehouse import BUILD, POINTER
from tests.bench.increment_world import DAYS, World, settings_for

Row = dict[str, Any]
HISTORIES = (1_000_000, 10_000_000)
HUNDRED = 100_000_000
DAY_ROWS = 10_000_000 // DAYS
REPEATS = 3
WORLD = 2  # counts up when a history made by an older world would be another one
CLOSED = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(10, 22)]  # twelve months, up to October 2025
KEPT = Path(__file__).parents[2] / "bench"


def published() -> Path | None:
    """The folder with the snapshot of ten million requests that this bench left; None where it has not run."""
    folder = KEPT / f"{HISTORIES[-1]}"
    return folder if (folder / POINTER).exists() else None


def rows(histories: tuple[int, ...] = HISTORIES, folder: Path = KEPT) -> list[Row]:
    """One row per history: the first load, one more day, a run that finds nothing new, publishing."""
    return [_measured(history, folder / f"{history}") for history in histories]


def _measured(history: int, folder: Path) -> Row:
    note = folder / "history.json"
    first = json.loads(note.read_text("utf-8")) if note.exists() else {}
    if first.get("world") != WORLD:
        folder.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        for old in folder.glob(f"{BUILD}*"):
            old.unlink()
        first = _in_a_process("history", history, folder)
        note.write_text(json.dumps(first), "utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as copy:  # so that a history that is kept stays as it is
        shutil.copy(folder / BUILD, copy)
        _in_a_process("first", history, Path(copy))
        later = _in_a_process("days", history, Path(copy))
        size = (Path(copy) / BUILD).stat().st_size
        _keep_snapshot(Path(copy), folder)
    return {
        "requests before": f"{history:,}",
        "first load, rows/s": f"{history / first['seconds']:,.0f}",
        "its peak MB": first["peak_mb"],
        "its ledger, s": round(first["ledger"], 1),
        **later,
        "build MB": size // 2**20,
    }


def _keep_snapshot(made: Path, folder: Path) -> None:
    for old in folder.glob("warehouse-*.duckdb"):
        old.unlink()
    for file in (made / (made / POINTER).read_text("utf-8").strip(), made / POINTER):
        shutil.move(file, folder / file.name)


def _in_a_process(step: str, history: int, folder: Path) -> Row:
    command = [sys.executable, "-m", "tests.bench.bench_increment", "--step", step, str(history), str(folder)]
    answer = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ).stdout
    found: Row = json.loads(answer)
    return found


def load_history(history: int, folder: Path) -> Row:
    """Loads the whole history as a first run would, then makes the ledger, closes months, and gets an invoice late."""
    world = World()
    world.grow(history, DAYS)
    world.write(folder, is_late_there=False)
    seconds, _, _ = _run(world, folder)
    peak = _peak_mb()
    return {"world": WORLD, "seconds": seconds, "peak_mb": peak, "ledger": _close_months(world, folder)}


def _close_months(world: World, folder: Path) -> float:
    """Closes twelve months by orders from a page; gives the seconds that takes, the first ledger with it."""
    orders = [("close_month", {"month": f"{month:%Y-%m}"}) for month in CLOSED]
    orders.append(
        ("annotation", {"day": "2025-10-01", "kind": "training", "name_cs": "Školení", "name_en": "Training"})
    )
    for number, (kind, values) in enumerate(orders):
        inbox.put(folder, kind, "finance bench", values, world.end + timedelta(microseconds=number))
    runner = _runner(world, folder)
    began = time.perf_counter()
    carry_out(runner)
    seconds = time.perf_counter() - began
    refused = runner.build.connection.execute("select message from ops.order_done where status <> 'DONE'").fetchall()
    runner.close()
    if refused:
        raise RuntimeError("; ".join(message for (message,) in refused))
    world.write(folder)
    _run(world, folder)
    return seconds


def load_first_day(history: int, folder: Path) -> Row:
    """Loads a day and publishes: the history may have been divided among units by older rules."""
    world = World()
    world.grow(history, DAYS)
    world.grow(DAY_ROWS)
    world.write(folder)
    _run(world, folder)
    _publish(world, folder)
    return {}


def load_days(history: int, folder: Path) -> Row:
    """Loads some more days one by one, then once with nothing new, then publishes. The first day is there already."""
    world = World()
    world.grow(history, DAYS)
    days = []
    for _ in range(REPEATS + 1):
        world.grow(DAY_ROWS)
        world.write(folder)
        days.append(_run(world, folder))
    idle = _run(world, folder)
    peak = _peak_mb()
    name, published, publish_cpu = _publish(world, folder)
    seconds, cpu, rebuilt = (statistics.median(values) for values in zip(*days[1:], strict=True))
    return {
        "a day's requests": f"{DAY_ROWS:,}",
        "s": round(seconds, 2),
        "CPU s": round(cpu, 2),
        "days rebuilt": int(rebuilt),
        "peak MB": peak,
        "nothing new, s": round(idle[0], 2),
        "publish, s": round(published, 2),
        "publish CPU s": round(publish_cpu, 2),
        "publish peak MB": _peak_mb(),
        "snapshot MB": (folder / name).stat().st_size // 2**20,
    }


def _publish(world: World, folder: Path) -> tuple[str, float, float]:
    """(name, seconds, CPU seconds) of publishing what is loaded."""
    runner = _runner(world, folder)
    began, cpu = time.perf_counter(), time.process_time()
    name = runner.publish()
    taken = time.perf_counter() - began, time.process_time() - cpu
    runner.close()
    return name, *taken


def _runner(world: World, folder: Path) -> Runner:
    settings = settings_for(folder)
    pseudonyms = Pseudonyms("benchmark-" * 4, frozenset({"mff.cuni.cz"}))
    return Runner(settings, Clock(world.end), pseudonyms, world.jobs(settings, pseudonyms))


def _run(world: World, folder: Path) -> tuple[float, float, int]:
    """(seconds, CPU seconds, days rebuilt) of one run of all jobs, from opening the build to closing it."""
    began, cpu = time.perf_counter(), time.process_time()
    runner = _runner(world, folder)
    outcomes = runner.run()
    runner.close()
    if failed := [o.message for o in outcomes if o.status != "DONE"]:
        raise RuntimeError("; ".join(failed))
    return time.perf_counter() - began, time.process_time() - cpu, sum(o.days_changed for o in outcomes)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


STEPS: dict[str, Callable[[int, Path], Row]] = {
    "history": load_history, "first": load_first_day, "days": load_days,
}  # fmt: skip


def main() -> None:
    """Prints one JSON object per history, or runs one step for the parent process."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_increment", description=__doc__)
    parser.add_argument("--histories", type=int, nargs="+", default=list(HISTORIES), metavar="REQUESTS")
    parser.add_argument("--hundred", action="store_true", help="also after a hundred million (takes an hour or more)")
    parser.add_argument("--folder", type=Path, default=KEPT, help="where histories are kept (default: bench)")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        step, history, folder = given.step
        print(json.dumps(STEPS[step](int(history), Path(folder))))
        return
    for row in rows((*given.histories, *([HUNDRED] if given.hundred else [])), given.folder):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
