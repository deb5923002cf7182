"""What a source is: a name, the landing tables it gives, and one way to read each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from etl.tables import Table


@dataclass(frozen=True)
class Window:
    """What to read: rows whose time lies in [start, end), UTC; None = open.

    `since` asks for rows written or changed at the source at or after that instant. A source that can't tell when a
    row was written ignores it and gives the whole window.
    """

    start: datetime | None = None
    end: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One line of `etl doctor`: is it well, what is it about, what was found, how to mend it."""

    level: str  # ok | warn | fail
    subject: str
    found: str
    remedy: str = ""


class Source(Protocol):
    """A system that is read. Holds no state between calls, never writes, reads no content.

    `extract` streams Arrow record batches of exactly `table.schema`, in constant memory; an empty answer is an empty
    iterator. Raises SourceError (or InputError, for a wrong value) and then gives nothing more: what was yielded
    before it must not be kept.
    """

    name: str
    tables: tuple[Table, ...]

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]: ...

    def bounds(self) -> Window | None:
        """First and last instant of the timed rows, or None if there are none (used to cut a first load in pieces)."""
        ...

    def notes(self) -> list[str]:
        """What this version of the source lacks (missing columns, tables), for the run's log and the Data page."""
        ...

    def examine(self) -> Iterator[Finding]:
        """Tries everything that reading needs and says in plain words what is wrong and how to mend it."""
        ...

    def close(self) -> None: ...
