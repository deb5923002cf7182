"""Loads on a disk that is full at some point, then with space again: `python -m tests.robustness.disk`.

Twice: with a limit on the size of each file (RLIMIT_FSIZE), so that writing fails in the middle wherever a file has
grown to it, in the write-ahead log, in a checkpoint, in a snapshot; and on a small disk, where this
user may mount one.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from queries.errors import WarehouseError
from queries.warehouse import Build
from tests.robustness import truth

REPOSITORY = Path(__file__).parents[2]
ROUNDS = 3


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, what it acknowledged, what it said on the error stream."""

    code: int
    lines: list[str]
    said: str

    @property
    def rows(self) -> int:
        """Rows of the last load it acknowledged."""
        return max((int(line.split()[2]) for line in self.lines if line.startswith("loaded")), default=0)


def run(folder: Path, first: int, limit: int | None = None) -> Ended:
    """Loads ROUNDS rounds in a process of its own, in which no file may grow beyond `limit` bytes."""
    command = [sys.executable, "-m", "tests.robustness.child", str(folder), str(first), str(ROUNDS)]

    def restrain() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ended = subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        preexec_fn=restrain,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.splitlines(), ended.stderr)


def wrong_after(folder: Path, ended: Ended) -> list[str]:
    """What is torn or lost after a process that met its limit, or if it did not end with one clear line."""
    found = [] if ended.code == 1 else [f"exit code {ended.code}"]
    if "Traceback" in ended.said or not ended.said.strip():
        found.append(f"said: {ended.said[-1500:]}")
    try:
        with closing(Build(folder)) as build:
            found += truth.torn(build) + truth.incomplete(build, ended.rows)
    except WarehouseError as error:
        found.append(str(error))
    return found + truth.snapshot_torn(folder)


def trial(folder: Path, limit: int) -> tuple[bool, list[str]]:
    """(whether the limit was met, what is wrong): loads under the limit, then goes on without it to the same end."""
    ended = run(folder / "var", 0, limit)
    is_met = ended.code != 0
    found = wrong_after(folder / "var", ended) if is_met else []
    after = run(folder / "var", 0)
    if after.code:
        found.append(f"the next run did not complete: {after.said[-500:]}")
    return is_met, found + [f"{n} differ" for n in truth.differences(folder / "var", folder / "clean", ROUNDS - 1)]


def trial_mounted(folder: Path, megabytes: int) -> tuple[bool, list[str]]:
    """The same on a file system of its own, which is then made larger. CalledProcessError if that is not allowed."""
    var = folder / "var"
    var.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(var))
    try:
        ended = run(var, 0)
        is_met = ended.code != 0
        _mount("-o", "remount,size=500m", str(var))
        found = wrong_after(var, ended) if is_met else []
        after = run(var, 0)
        found += [f"the next run did not complete: {after.said[-500:]}"] if after.code else []
        return is_met, found + [f"{n} differ" for n in truth.differences(var, folder / "clean", ROUNDS - 1)]
    finally:
        subprocess.run(["umount", "-l", str(var)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _told(what: str, attempt: Callable[[Path, int], tuple[bool, list[str]]], size: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        is_met, found = attempt(Path(folder), size)
    print(f"{what}: {'met' if is_met else 'not met'}; {'; '.join(found) or 'nothing torn or lost'}", flush=True)
    return not found


def main() -> int:
    """0 if nothing was torn or lost at any limit."""
    kilobytes, megabytes = (64, 300, 900, 1600, 2600, 4000), (1, 2, 4, 9, 14)
    is_well = [_told(f"files of at most {kb} kB", trial, kb * 1024) for kb in kilobytes]
    try:
        is_well += [_told(f"a disk of {mb} MB", trial_mounted, mb) for mb in megabytes]
    except subprocess.CalledProcessError:
        print("small disks were not tried: this user may not mount one")
    return os.EX_OK if all(is_well) else 1


if __name__ == "__main__":
    sys.exit(main())
