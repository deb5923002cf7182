"""When a definition was added, changed or removed: definitions_changelog.csv, kept by `python -m queries docs --write`.

A definition is what the header says: title, meaning, rows, columns with their units. SQL that gives the same by another
way is no change. Entries are found by comparing with the last one of each query, never written by hand; of one day the
last state counts.
"""

import csv
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b
from io import StringIO
from pathlib import Path

from queries.catalogue import Query, catalogue

FILE = Path(__file__).parent / "definitions_changelog.csv"
FIELDS = ("day", "query", "change", "title", "digest")


@dataclass(frozen=True)
class Entry:
    """One change of one definition; `change` is added, changed or removed, `digest` that of the header after it."""

    day: date
    query: str
    change: str
    title: str
    digest: str


def entries() -> list[Entry]:
    """All changes, oldest first."""
    if not FILE.is_file():
        return []
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [Entry(date.fromisoformat(r["day"]), r["query"], r["change"], r["title"], r["digest"])
                for r in csv.DictReader(lines)]  # fmt: skip


def digest(query: Query) -> str:
    """Twelve hexadecimal digits that differ when the definition does."""
    columns = [(c.name, c.type, c.unit, c.about) for c in query.columns]
    said = repr((query.title, query.about, query.grain, columns))
    return blake2b(said.encode(), digest_size=6).hexdigest()


def updated(known: list[Entry], queries: dict[str, Query], today: date) -> list[Entry]:
    """`known` and what has changed since, dated `today`."""
    last = {e.query: e for e in known}
    fresh = [_change(name, last.get(name), query, today) for name, query in queries.items()]
    fresh += [
        Entry(today, e.query, "removed", e.title, "")
        for e in last.values()
        if e.query not in queries and e.change != "removed"
    ]
    found = [e for e in fresh if e is not None]
    of_today = {e.query for e in found}
    kept = [e for e in known if e.day != today or e.query not in of_today]
    never_seen = {e.query for e in known if e.day == today and e.change == "added"}
    return kept + [e for e in found if not (e.change == "removed" and e.query in never_seen)]


def _change(name: str, last: Entry | None, query: Query, today: date) -> Entry | None:
    now = digest(query)
    if last is not None and last.digest == now:
        return None
    is_new = last is None or last.change == "removed" or (last.change == "added" and last.day == today)
    return Entry(today, name, "added" if is_new else "changed", query.title, now)


def is_current() -> bool:
    """Whether every definition stands in the file as it is now."""
    known = entries()
    return updated(known, catalogue(), date.max) == known


def write(today: date | None = None) -> Path:
    """Path of the file, brought up to date."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(e) for e in updated(entries(), catalogue(), today or date.today()))
    FILE.write_text(out.getvalue(), "utf-8")
    return FILE
