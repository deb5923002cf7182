"""An invented university of 50,000 persons that gives its rows by number: any window of any history, made by SQL."""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.jobs import Job
from etl.sources.base import Finding, Window
from etl.tables import (
    ACCOUNT,
    API_KEY,
    CHAT_TURN,
    FX_RATE,
    GROUP_MEMBER,
    PERSON_UNIT,
    POPULATION,
    RATING,
    REQUEST,
    SERVICE_ACCOUNT,
    TEAM,
    UNIT,
    Table,
)

START = datetime(2023, 12, 31, 23)  # midnight in Prague
DAYS = 730
BATCH_ROWS = 50_000
_MACROS = {REQUEST: "requests", CHAT_TURN: "turns", RATING: "ratings"}
_WRITTEN_AFTER = timedelta(seconds=5)
VIEWS = {
    "fx": {FX_RATE: "rates"},
    "directory": {UNIT: "units", PERSON_UNIT: "homes", POPULATION: "populations", SERVICE_ACCOUNT: "services"},
    "gateway": {ACCOUNT: "accounts", API_KEY: "keys", TEAM: "teams", REQUEST: "requests"},
    "chat": {ACCOUNT: "chat_accounts", GROUP_MEMBER: "groups", CHAT_TURN: "turns", RATING: "ratings"},
}


@dataclass(frozen=True)
class Stretch:
    """`rows` requests, evenly over [start, end), numbered from `first`."""

    first: int
    rows: int
    start: datetime
    end: datetime

    @property
    def step(self) -> timedelta:
        """Time between two requests."""
        return (self.end - self.start) // self.rows

    def numbers(self, window: Window) -> tuple[int, int]:
        """Numbers [a, b) of the requests within the window."""
        starts = [t for t in (window.start, window.since and window.since - _WRITTEN_AFTER) if t]
        return self._number(max(starts, default=self.start)), self._number(window.end or self.end)

    def _number(self, moment: datetime) -> int:
        return self.first + min(max(math.ceil((moment - self.start) / self.step), 0), self.rows)


@dataclass
class World:
    """The rows that exist so far."""

    stretches: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
        self.connection.execute(Path(__file__).with_name("increment_rows.sql").read_text("utf-8"))

    @property
    def end(self) -> datetime:
        """Midnight after the last request."""
        return self.stretches[-1].end if self.stretches else START

    def grow(self, rows: int, days: int = 1) -> None:
        """Adds `rows` requests over the next days."""
        first = sum(s.rows for s in self.stretches)
        self.stretches.append(Stretch(first, rows, self.end, self.end + timedelta(days=days)))

    def jobs(self) -> list[Job]:
        """A job over each kind of source."""
        return [self._job(kind) for kind in VIEWS]

    def _job(self, kind: str) -> Job:
        return Job(kind, kind, lambda: closing(_KINDS.get(kind, Invented)(kind, self)))


class Invented:
    """A source of one kind in the invented university."""

    def __init__(self, kind: str, world: World) -> None:
        self.name, self._world, self._views = kind, world, VIEWS[kind]
        self.tables = tuple(self._views)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        view = self._views[table]
        if table not in _MACROS:
            yield from self._batches(table, f"from {view}", [])
            return
        for stretch in self._world.stretches:
            first, last = stretch.numbers(window)
            if first < last:
                start = stretch.start + (first - stretch.first) * stretch.step
                yield from self._batches(
                    table, f"from {view}(?, ?, ?, ?)", [first, last, start, stretch.step // timedelta(microseconds=1)]
                )

    def _batches(self, table: Table, text: str, values: list[object]) -> Iterator[pa.RecordBatch]:
        cursor = self._world.connection.cursor()
        for batch in cursor.sql(text, params=values).to_arrow_reader(BATCH_ROWS):
            yield (
                pa.Table.from_batches([batch])
                .select(table.schema.names)
                .cast(table.schema)
                .combine_chunks()
                .to_batches()[0]
            )

    def bounds(self) -> Window | None:
        return Window(START, self._world.end - timedelta(microseconds=1))

    def notes(self) -> list[str]:
        return []

    def examine(self) -> Iterator[Finding]:
        yield Finding("ok", self.name, "invented")

    def close(self) -> None:
        return None


class Directory(Invented):
    """The directory of the invented university: it also knows an e-mail domain."""

    def domains(self) -> dict[str, tuple[str, str]]:
        return {"mff.cuni.cz": ("F1", "staff")}


_KINDS = {"directory": Directory}
