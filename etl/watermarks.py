"""Watermarks: up to where each timed table of a source is loaded, and which stretches of it are to be read next.

A mark holds two instants of one source and table: `loaded_through`, before which every row was loaded, and
`written_through`, when that was. Rows that came or changed since are looked for within the job's lookback.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from etl.errors import SourceError
from etl.jobs import Job
from etl.load import Clock
from etl.sources.base import Source, Window
from etl.tables import CHAT_TURN, LEDGER_EVENT, RATING, REQUEST, Table

TIMED = (REQUEST, CHAT_TURN, RATING, LEDGER_EVENT)
LONGEST = timedelta(days=31)
AHEAD = timedelta(days=1)  # how far a source's clock may be ahead of ours; what is dated later is read when it is time


@dataclass(frozen=True)
class Piece:
    """One stretch of one timed table; after it everything before `through` is loaded."""

    table: Table
    window: Window
    through: datetime
    written: datetime


class Watermarks:
    """The marks of one job's source, within the build it is loaded into."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, job: Job, clock: Clock) -> None:
        self._run, self._job, self._clock = connection.execute, job, clock

    def pieces(self, source: Source, window: Window | None) -> Iterator[Piece]:
        """What to read: the window's stretches, or without one what is new since the last run."""
        timed = [t for t in TIMED if t in source.tables]
        if not timed:
            return
        bounds = source.bounds()
        for table in timed:
            if window is not None:
                yield from _cut(table, window, self._clock.now)
            else:
                yield from self._new(table, bounds)

    def _new(self, table: Table, bounds: Window | None) -> Iterator[Piece]:
        """First what was written or changed since the last run within the stretch already loaded, then what is new."""
        mark = self._mark(table)
        if bounds is None or bounds.start is None or bounds.end is None:
            return
        first, last = _without_zone(bounds.start), _without_zone(bounds.end)
        # a row dated in the future (a clock that was wrong) must not move the mark past rows still to come
        end = min(last, self._clock.now) + timedelta(microseconds=1)
        if mark is None:
            yield from _cut(table, Window(first, end), self._clock.now)
            yield self._newest(table, end)
            return
        through, written = mark
        start = through - timedelta(days=self._job.lookback_days)
        since = written - timedelta(minutes=self._job.overlap_minutes)
        yield Piece(table, Window(start, through, since), through, written)
        yield from _cut(table, Window(through, max(end, through)), written)
        yield self._newest(table, max(end, through))

    def _newest(self, table: Table, through: datetime) -> Piece:
        """What was written since the bounds were asked for. It does not move the mark: more may come before it."""
        return Piece(table, Window(through, max(through, self._clock.now) + AHEAD), through, self._clock.now)

    def _mark(self, table: Table) -> tuple[datetime, datetime] | None:
        row = self._run(
            "select loaded_through, written_through from ops.watermark where source = ? and table_name = ?",
            [self._job.source, table.name],
        ).fetchone()
        return (row[0], row[1]) if row else None

    def move(self, piece: Piece) -> None:
        """Marks the piece as loaded; to be called within the transaction that loads it."""
        values = [self._job.source, piece.table.name]
        self._run("delete from ops.watermark where source = ? and table_name = ?", values)
        self._run("insert into ops.watermark values (?, ?, ?, ?)", [*values, piece.through, piece.written])


def _cut(table: Table, window: Window, written: datetime) -> Iterator[Piece]:
    """Pieces of at most LONGEST, in order of time, so that an interrupted first load goes on where it stopped."""
    if window.start is None or window.end is None:
        raise SourceError(table.name, "window", "a start and an end are needed")
    start = window.start
    while start < window.end:
        end = min(start + LONGEST, window.end)
        yield Piece(table, Window(start, end), end, written)
        start = end


def _without_zone(instant: datetime) -> datetime:
    """The instant in UTC without a zone, as every instant here is kept."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
