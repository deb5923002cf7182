"""Command line of the demo: makes its sources in a folder and shows them."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.demo.show import show
from etl.demo.sources import DAYS, PERSONS, SEED, make_sources


def _yesterday() -> date:
    return datetime.now(ZoneInfo("Europe/Prague")).date() - timedelta(days=1)


def main(argv: Sequence[str] | None = None) -> int:
    """Makes the sources; 0 when done."""
    parser = argparse.ArgumentParser(prog="python -m etl.demo", description="Makes an invented university's systems.")
    parser.add_argument("--folder", type=Path, default=Path("demo"), help="where they lie (default demo)")
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--last-day", type=date.fromisoformat, default=None, help="last local day (default yesterday)")
    parser.add_argument("--serve", action="store_true", help="load them and show the dashboard until stopped")
    parser.add_argument("--anew", action="store_true", help="make the sources again though they are there")
    given = parser.parse_args(argv)
    if given.serve and not given.anew and (given.folder / "config.toml").is_file():
        show(given.folder)
        return 0
    began = time.monotonic()
    last = given.last_day or _yesterday()
    world = make_sources(given.folder, last_day=last, persons=given.persons, days=given.days, seed=given.seed)
    print(
        f"{given.folder}: {len(world.persons)} persons, {len(world.requests)} requests, {len(world.turns)} answers,"
        f" {world.first_day} to {world.last_day}, in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    if given.serve:
        show(given.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
