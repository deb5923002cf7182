"""Keeps those forgotten who asked for it: what a source still tells of them is landed under nobody's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from etl.identity import Pseudonyms
from etl.tables import (
    ACCOUNT,
    API_KEY,
    CHAT_TURN,
    GROUP_MEMBER,
    LEDGER_EVENT,
    PERSON_UNIT,
    RATING,
    REQUEST,
    SEAT,
    Table,
)

Row = dict[str, Any]
_KEYS = {
    REQUEST.name: ("user_key", "end_user_key"),
    CHAT_TURN.name: ("account_key",),
    LEDGER_EVENT.name: ("account_key",),
    RATING.name: ("account_key",),
    SEAT.name: ("holder_key",),
    API_KEY.name: ("owner_key",),
    ACCOUNT.name: ("account_key", "person_key"),
    GROUP_MEMBER.name: ("account_key",),
    PERSON_UNIT.name: ("person_key",),
}
_DATED = {CHAT_TURN.name: "started_at", LEDGER_EVENT.name: "started_at", RATING.name: "rated_at"}
_WHEN = _DATED | {REQUEST.name: "started_at", SEAT.name: "report_day"}
_DROPPED = frozenset({GROUP_MEMBER.name, PERSON_UNIT.name})


@dataclass(frozen=True)
class Heir:
    """The anonymous account that takes over an account's rows of the days [start, end)."""

    account_key: str
    start: date
    end: date
    since: datetime


class Forgotten:
    """Works on one open build; asks it anew at every landing, since a person may have been forgotten in between."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, pseudonyms: Pseudonyms) -> None:
        self._run, self._pseudonyms = connection.execute, pseudonyms
        self._marks: dict[str, tuple[str, ...]] = {}

    def applied(self, table: Table, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with forgotten persons' rows under their heirs, or without them where they are held already.

        Turns, events and ratings from before the forgetting stand in the facts under a key that can't be made again;
        memberships and homes are left out altogether. A new account of a forgotten person is forgotten with them.
        """
        columns = _KEYS.get(table.name, ())
        if not columns or not (heirs := self._heirs()):
            return batch
        found = self._found(batch, columns, heirs)
        if not found:
            return batch
        rows = [self._row(table, row, found) for row in batch.to_pylist()]
        return pa.RecordBatch.from_pylist([row for row in rows if row is not None], batch.schema)

    def _heirs(self) -> dict[str, list[Heir]]:
        heirs: dict[str, list[Heir]] = {}
        for mark, *heir in self._run("select * from ops.forgotten order by mark, valid_from").fetchall():
            heirs.setdefault(mark, []).append(Heir(*heir))
        return heirs

    def _found(
        self, batch: pa.RecordBatch, columns: Sequence[str], heirs: dict[str, list[Heir]]
    ) -> dict[str, list[Heir]]:
        """{key: its heirs} of the forgotten keys in the batch."""
        keys = {key for column in columns for key in pc.unique(batch.column(column)).to_pylist() if key is not None}
        return {key: heirs[mark] for key in keys for mark in self._possible(key) if mark in heirs}

    def _possible(self, key: str) -> tuple[str, ...]:
        if key not in self._marks:
            self._marks[key] = self._pseudonyms.forgotten_marks(key)
        return self._marks[key]

    def _row(self, table: Table, row: Row, found: dict[str, list[Heir]]) -> Row | None:
        columns = [c for c in _KEYS[table.name] if row[c] in found]
        if not columns:
            return row
        if table.name in _DROPPED or (table is ACCOUNT and "account_key" in columns):
            return None
        heirs = found[row[columns[0]]]
        if table is ACCOUNT:
            self._follow(row["account_key"], heirs)
            return None
        if table.name in _DATED and row[_DATED[table.name]] < heirs[0].since:
            return None
        when = row[_WHEN[table.name]] if table.name in _WHEN else heirs[-1].start
        changed = {c: _heir(found[row[c]], when).account_key for c in columns}
        return row | changed | ({"alias_key": None} if table is API_KEY else {})

    def _follow(self, key: str, heirs: list[Heir]) -> None:
        for heir in heirs:
            self._run(
                "insert into ops.forgotten values (?, ?, ?, ?, ?)",
                [self._pseudonyms.forgotten_mark(key), heir.account_key, heir.start, heir.end, heir.since],
            )


def _heir(heirs: list[Heir], when: date | datetime) -> Heir:
    """The heir of the day; the last one where none is."""
    day = when.date() if isinstance(when, datetime) else when
    return next((h for h in heirs if h.start <= day < h.end), heirs[-1])
