"""Open WebUI as a source: accounts, groups, chat turns, ratings and, where it is kept, the audit log's model usage.

It is the authority for people, groups and ratings, not for tokens and money: those are the gateway's where a request
went through it. Deleted chats are gone here; keeping facts already loaded is the loader's part. Answers in channels
(table `message`) are not turns: they carry no usage and no one person asked for them.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.settings import secret
from etl.sources import openwebui_rows as rows
from etl.sources import openwebui_sql as queries
from etl.sources.base import Finding, Source, Window
from etl.sources.openwebui_audit import AuditLog
from etl.sources.openwebui_doctor import Database, examined
from etl.sources.openwebui_postgres import PostgresDatabase
from etl.sources.openwebui_sqlite import Rows, SqliteDatabase
from etl.tables import ACCOUNT, CHAT_TURN, GROUP_MEMBER, LEDGER_EVENT, RATING, Table

ToBatch = Callable[[Rows], pa.RecordBatch]


def openwebui_source(settings: Chat, pseudonyms: Pseudonyms, base: Path) -> Source:
    """The source for one configured Open WebUI; relative paths start from `base`. Opens nothing yet."""
    return OpenWebUI(settings, pseudonyms, base)


class OpenWebUI:
    """One Open WebUI. Each call opens what it reads and closes it again, so a replaced file is no trouble."""

    def __init__(self, settings: Chat, pseudonyms: Pseudonyms, base: Path) -> None:
        self.name = settings.name
        self._settings, self._pseudonyms, self._base = settings, pseudonyms, base
        log = settings.audit_log
        self._audit = None if log is None else AuditLog(self.name, base / log)
        ledger = () if self._audit is None else (LEDGER_EVENT,)
        self.tables: tuple[Table, ...] = (ACCOUNT, GROUP_MEMBER, CHAT_TURN, RATING, *ledger)

    def _opened(self) -> Database:
        if self._settings.sqlite_file is not None:
            return SqliteDatabase(self.name, self._base / self._settings.sqlite_file)
        return PostgresDatabase(self.name, secret(self._settings.database_url_env or ""))

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """Batches of `table`; ACCOUNT and GROUP_MEMBER are what stands now, whatever the window.

        CHAT_TURN and RATING lie in the window by creation, in `since` by their last change. Raises SourceError.
        """
        if table not in self.tables:
            raise ValueError(f"{self.name} gives no {table.name}; it gives {', '.join(t.name for t in self.tables)}")
        if table is LEDGER_EVENT and self._audit is not None:
            yield from self._audit.batches(window, self._pseudonyms)
            return
        with closing(self._opened()) as database:
            query, to_batch = self._reading(table, database)
            values = rows.window_values(window) if ":since_s" in query else None
            for some in database.rows(query, values):
                yield to_batch(some)

    def _reading(self, table: Table, database: Database) -> tuple[str, ToBatch]:
        """The query for a table and what makes batches of its rows."""
        if table is ACCOUNT:
            return queries.PERSONS, partial(rows.account_batch, pseudonyms=self._pseudonyms)
        if table is GROUP_MEMBER:
            return queries.MEMBERSHIPS, partial(rows.member_batch, pseudonyms=self._pseudonyms)
        models = rows.Models(
            bases=dict(_all(database, queries.BASE_MODELS)), arena=dict(_all(database, queries.ARENA_RATINGS))
        )
        if table is CHAT_TURN:
            return queries.ANSWERS, partial(rows.turn_batch, pseudonyms=self._pseudonyms, models=models)
        return queries.RATINGS, partial(rows.rating_batch, pseudonyms=self._pseudonyms, models=models)

    def bounds(self) -> Window | None:
        """From the first answer, rating or logged event to just after the last answer or rating.

        A log that is ahead of the database must not move `end` past rows the database's next copy will bring. A log
        that can't be read is left out here: it must not keep turns from being loaded, and its own reading says so.
        """
        with closing(self._opened()) as database:
            first, last = _all(database, queries.TIMES)[0]
        logged = None
        if self._audit is not None:
            with suppress(SourceError):
                logged = self._audit.bounds()
        if first is None:
            return None if logged is None else Window(_instant(logged[0]), _instant(logged[1] + 10**6))
        start = int(first) * 10**6
        return Window(_instant(min(start, logged[0]) if logged else start), _instant((int(last) + 1) * 10**6))

    def notes(self) -> list[str]:
        """What this version lacks, how the file had to be opened, and log lines skipped by the last reading."""
        with closing(self._opened()) as database:
            lacking = [p.lacks for p in database.projections.values() if p.lacks]
            remark = [database.remark] if database.remark else []
        return [*remark, *lacking, *(self._audit.notes() if self._audit is not None else [])]

    def examine(self) -> Iterator[Finding]:
        """Findings of the doctor; a missing secret or file is a finding too, never an error."""
        return examined(self._settings, self._opened, self._audit)

    def close(self) -> None:
        """Nothing is held between calls."""


def _all(database: Database, query: str) -> Rows:
    return [row for some in database.rows(query) for row in some]


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
