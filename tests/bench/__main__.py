"""Runs the benchmarks, each in a process of its own, and with --write puts what they found into docs/performance.md.

    python -m tests.bench [--write] [NAME ...]

A bench is a file bench_<name>.py that prints: lines that are JSON objects become the rows of a Markdown table, other
lines are shown as they are. Its section of the document lies between the comments `<!-- <name> -->` and `<!-- end -->`.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"


def benches() -> list[str]:
    """Names of the benches there are."""
    return sorted(f.stem.removeprefix("bench_") for f in FOLDER.glob("bench_*.py"))


def machine() -> str:
    """What this was measured on, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def shown(output: str) -> str:
    """Markdown of what a bench printed: its JSON lines as one table, the rest as it is."""
    rows, lines = [], []
    for line in output.splitlines():
        if line.startswith("{"):
            rows.append(json.loads(line))
        elif line.strip():
            lines.append(line)
    parts = [table(rows)] if rows else []
    if lines:
        parts.append("\n".join(["```", *lines, "```"]))
    return "\n\n".join(parts)


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table; the columns are those of the first row, all but the first one set right."""
    columns = list(rows[0])
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *([f"{row[c]}" for c in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def replaced(text: str, name: str, section: str) -> str:
    """The document with the section of `name` replaced. Raises ValueError when it has no such section."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
    if not re.search(pattern, text, re.DOTALL):
        raise ValueError(f"{DOCUMENT.name} has no section <!-- {name} -->")
    return re.sub(pattern, lambda found: f"{found[1]}{section}\n{found[2]}", text, count=1, flags=re.DOTALL)


def measured(name: str) -> tuple[bool, str]:
    """(whether it ended well, Markdown) of one bench."""
    command = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode == 0, f"{shown(done.stdout)}\n\n{machine()}"


def main() -> int:
    """1 when a bench missed its goal or failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which; by default all: {', '.join(benches())}")
    parser.add_argument("--write", action="store_true", help=f"put the tables into docs/{DOCUMENT.name}")
    given = parser.parse_args()
    if unknown := set(given.names) - set(benches()):
        parser.error(f"unknown bench {', '.join(sorted(unknown))}; known: {', '.join(benches())}")
    missed = []
    for name in given.names or benches():
        is_well, section = measured(name)
        print(f"## {name}\n\n{section}\n", flush=True)
        if not is_well:
            missed.append(name)
        if given.write:  # a missed goal is written too: the document tells what was measured, not what was hoped
            DOCUMENT.write_text(replaced(DOCUMENT.read_text("utf-8"), name, section), "utf-8")
    if missed:
        print(f"missed a goal or failed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
