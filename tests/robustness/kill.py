"""Kills a loading process again and again with SIGKILL: `python -m tests.robustness.kill --times 100 [--seed 1]`."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from queries.errors import WarehouseError
from queries.warehouse import Build
from tests.robustness import child, truth

REPOSITORY = Path(__file__).parents[2]
ROUNDS = 1000  # more than a process lives to do
LIFE_S = 5.0  # the longest a process lives once it is ready


@dataclass
class Tally:
    """What was acknowledged, where the kills struck, and what was found wrong."""

    rows: int = 0
    next_round: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    inconsistent: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.inconsistent)

    def __str__(self) -> str:
        where = ", ".join(f"{count} {what}" for what, count in sorted(self.struck.items()))
        return (
            f"{self.struck.total()} kills ({where}); {self.acknowledged} loads acknowledged, {self.rows} rows; "
            f"lost: {len(self.lost)}; inconsistent: {len(self.inconsistent)}"
        )


def live_and_die(folder: Path, first: int, life_s: float) -> list[str]:
    """Lines a process printed before it was killed `life_s` after it was ready. RuntimeError if it ended before."""
    told = folder / "told.txt"
    command = [sys.executable, "-m", "tests.robustness.child", str(folder / "var"), str(first), str(ROUNDS)]
    with told.open("wb") as out, (folder / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=REPOSITORY)
        while not told.stat().st_size and process.poll() is None:
            time.sleep(0.02)
        time.sleep(life_s)
        process.kill()
        ended = process.wait()
    if ended != -9:
        raise RuntimeError(f"ended by itself with {ended}: {(folder / 'errors.txt').read_text('utf-8')[-2000:]}")
    return told.read_text("utf-8").splitlines()[1:]


def examine(folder: Path, lines: list[str], tally: Tally) -> None:
    """Holds the warehouse to what was acknowledged before the kill."""
    for line in lines:
        what, round_no, value = line.split()
        if what == "loaded":
            tally.rows, tally.acknowledged = int(value), tally.acknowledged + 1
            tally.next_round = int(round_no) + 1
    is_loaded = bool(lines) and lines[-1].startswith("loaded")
    tally.struck["while publishing" if is_loaded else "while loading"] += 1
    try:
        tally.inconsistent += truth.snapshot_torn(folder)
        with closing(Build(folder)) as build:
            tally.lost += truth.incomplete(build, tally.rows)
            tally.inconsistent += truth.torn(build)
    except WarehouseError as error:
        tally.inconsistent.append(str(error))
    published = [line.split()[2] for line in lines if line.startswith("published")]
    if published and (folder / "current").read_text("utf-8").strip() < published[-1]:
        tally.lost.append(f"{published[-1]} was acknowledged as published")


def trial(folder: Path, times: int, seed: int) -> Tally:
    """Kills `times` processes that go on with each other's work, lets a last one finish, compares with a clean load."""
    chance, tally, var = random.Random(seed), Tally(), folder / "var"
    for _ in range(times):
        examine(var, live_and_die(folder, tally.next_round, chance.uniform(0, LIFE_S)), tally)
    last = tally.next_round
    if child.main(var, last, 1):
        tally.inconsistent.append("the last run did not complete")
    tally.inconsistent += [f"{name} differ" for name in truth.differences(var, folder / "clean", last)]
    return tally


def main() -> int:
    """0 if nothing was lost or inconsistent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = trial(Path(folder), given.times, given.seed)
    print(tally)
    print("\n".join(tally.lost + tally.inconsistent), end="")
    return 0 if tally.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
