"""LiteLLM read from its PostgreSQL database: projected there, streamed as Arrow batches, in constant memory."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import adbc_driver_postgresql
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi

from etl.errors import EtlError, SourceError
from etl.identity import Pseudonyms, masked
from etl.sections import Gateway
from etl.sources.base import Finding, Window
from etl.sources.litellm_database_sql import (
    ACCOUNTS,
    BOUNDS,
    CHANGED,
    COLUMNS,
    FIRST_OF_VIEW,
    IN_WINDOW,
    KEYS,
    LAST_OF_VIEW,
    LOG_TABLE,
    LOG_VIEW,
    NEEDED,
    ODD_ROWS,
    PARAMETERS,
    READABLE,
    REQUESTS,
    STRETCHES,
    TEAMS,
    VIEW_IS_READABLE,
)
from etl.sources.litellm_shape import RAW_ACCOUNT, RAW_KEY, RAW_REQUEST, RAW_TEAM, Shape
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM, Table

BATCH_BYTES = 4 * 2**20  # as PostgreSQL sends them; about 10,000 requests

Readable = Mapping[str, frozenset[str]]


class Database:
    """A LiteLLM database as a Source; `url` is what LiteLLM itself calls DATABASE_URL, with a read-only role.

    Each call opens its own connection, in a read-only transaction of one moment (repeatable read).
    """

    tables: tuple[Table, ...] = (REQUEST, ACCOUNT, API_KEY, TEAM)

    def __init__(
        self,
        settings: Gateway,
        pseudonyms: Pseudonyms,
        url: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = settings.name
        self._settings, self._pseudonyms, self._clock = settings, pseudonyms, clock
        try:
            self._url, self._schema = _libpq(url.strip())
        except ValueError:  # its text may hold the password
            allowed = "percent-encode what is special in user and password: [ is %5B, / is %2F, # is %23, @ is %40"
            raise SourceError(self.name, "database URL", f"can't be taken apart; {allowed}") from None
        self._shape = Shape(settings, pseudonyms)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """Batches of `table`; requests by start time. Ignores the window for accounts, keys and teams."""
        with self._reading(f"{table.name} of {_shown(window)}") as cursor:
            readable = self._readable(cursor)
            self._pass_values(cursor, window)
            if table == REQUEST:
                for batch in self._stream(cursor, self._requests(cursor, readable, window)):
                    yield self._shape.requests(_as(RAW_REQUEST, batch))
            else:
                yield from self._dimension(cursor, readable, table)

    def bounds(self) -> Window | None:
        """First and last "startTime", or None where there are no requests."""
        with self._reading("bounds") as cursor:
            if self._has_view(cursor):
                return self._bounds_of_view(cursor)
            cursor.execute(BOUNDS.format(requests=f'"{LOG_TABLE}"'))
            first, last = cursor.fetchone()
        return None if first is None else Window(first, last)

    @staticmethod
    def _bounds_of_view(cursor: Any) -> Window | None:
        cursor.execute(FIRST_OF_VIEW)
        first = cursor.fetchone()[0]
        if first is None:
            return None
        for stretch in STRETCHES:
            cursor.execute(LAST_OF_VIEW.format(stretch))
            if (last := cursor.fetchone()[0]) is not None:
                return Window(first, last)
        cursor.execute(f"select max(started_at) from {LOG_VIEW}")  # noqa: S608
        return Window(first, cursor.fetchone()[0])

    def notes(self) -> list[str]:
        """One sentence for each table or column this version or role lacks, and for each oddity met so far."""
        with self._reading("columns") as cursor:
            readable = self._readable(cursor)
            checked = {t: c for t, c in COLUMNS.items() if t != LOG_TABLE or not self._has_view(cursor)}
        return [*lacking(checked, readable), *self._shape.oddities.notes()]

    def examine(self) -> Iterator[Finding]:
        """See etl.sources.litellm_examine."""
        from etl.sources.litellm_examine import examine_database  # noqa: PLC0415 - the two know each other

        return examine_database(self, self._settings, self._clock)

    def close(self) -> None:
        """Nothing; no connection is kept between calls."""

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one small question (for `examine`)."""
        with self._reading("examination") as cursor:
            cursor.execute(sql, values or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def readable(self) -> Readable:
        """{table: columns this role may read}."""
        with self._reading("columns") as cursor:
            return self._readable(cursor)

    def has_view(self) -> bool:
        """Whether requests come from the shipped view rather than from the table."""
        with self._reading("view") as cursor:
            return self._has_view(cursor)

    @contextmanager
    def _reading(self, what: str) -> Iterator[Any]:
        """A cursor in a read-only transaction; every failure of driver or server becomes a SourceError."""
        try:
            with dbapi.connect(self._url) as connection, connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
                if self._schema is not None:
                    cursor.execute("select set_config('search_path', $1, true)", (self._schema,))
                    cursor.fetchall()
                yield cursor
        except EtlError:
            raise
        except (AdbcError, pa.ArrowException, OSError, OverflowError) as error:
            raise SourceError(self.name, what, _cause(error)) from None

    def _readable(self, cursor: Any) -> Readable:
        cursor.execute(READABLE)
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
        return {table: frozenset(columns) for table, columns in found.items()}

    def _has_view(self, cursor: Any) -> bool:
        cursor.execute(VIEW_IS_READABLE, (LOG_VIEW,))
        return bool(cursor.fetchone()[0])

    def _pass_values(self, cursor: Any, window: Window) -> None:
        times = (_text(window.start, "-infinity"), _text(window.end, "infinity"), _text(window.since, "-infinity"))
        cursor.execute(PARAMETERS, (*times, json.dumps(self._settings.unit_metadata_keys)))
        cursor.fetchall()

    def _requests(self, cursor: Any, readable: Readable, window: Window) -> str:
        """The query for requests: over the shipped view where it is readable, else over the table."""
        columns = ", ".join(RAW_REQUEST.names)
        if self._has_view(cursor):
            cursor.execute(f"select exists (select from {LOG_VIEW} where updated_at is not null)")  # noqa: S608
            tells_changes = bool(cursor.fetchone()[0])
            steps, requests = "", LOG_VIEW
        else:
            self._insist(readable, LOG_TABLE)
            tells_changes = {"created_at", "updated_at"} <= readable[LOG_TABLE]
            steps, requests = f"with log as ({_projection(readable, LOG_TABLE)}), request as ({REQUESTS})", "request"
        changed = CHANGED if window.since is not None and tells_changes else ""
        return f"{steps} select {columns} from {requests} {IN_WINDOW}{changed} order by started_at"  # noqa: S608

    def _dimension(self, cursor: Any, readable: Readable, table: Table) -> Iterator[pa.RecordBatch]:
        """The whole table at once: rows must be unique, and a university has some 10^5 of them at most."""
        sql, raw, shape, needed = {
            ACCOUNT.name: (ACCOUNTS, RAW_ACCOUNT, self._shape.accounts, "LiteLLM_UserTable"),
            API_KEY.name: (KEYS, RAW_KEY, self._shape.keys, "LiteLLM_VerificationToken"),
            TEAM.name: (TEAMS, RAW_TEAM, self._shape.teams, "LiteLLM_TeamTable"),
        }[table.name]
        self._insist(readable, needed)
        filled = sql.format(**{name: _projection(readable, name) for name in COLUMNS})
        batches = [_as(raw, batch) for batch in self._stream(cursor, filled)]
        if batches:
            yield shape(pa.concat_batches(batches))

    def _stream(self, cursor: Any, sql: str) -> Iterator[pa.RecordBatch]:
        hint = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
        cursor.adbc_statement.set_options(**{hint: str(BATCH_BYTES)})
        cursor.execute(sql)
        yield from _one_ahead(batch for batch in cursor.fetch_record_batch() if batch.num_rows)

    def _insist(self, readable: Readable, table: str) -> None:
        """Raises SourceError naming the table, or the exact grant, without which nothing can be read."""
        lacking_columns = [c for c in NEEDED[table] if c not in readable.get(table, frozenset())]
        if lacking_columns:
            grant = ", ".join(f'"{c}"' for c in lacking_columns)
            raise SourceError(
                self.name,
                f'table "{table}"',
                f'missing, or not granted; if it is there: grant select ({grant}) on "{table}" to this role',
            )


def lacking(wanted: Mapping[str, Mapping[str, str]], readable: Readable) -> list[str]:
    """One sentence for each table and for each table's columns that can't be read."""
    found = []
    for table, columns in wanted.items():
        missing = [c for c in columns if c not in readable.get(table, frozenset())]
        if len(missing) == len(columns):
            found.append(f'"{table}" is missing or not granted; it counts as empty')
        elif missing:
            found.append(f'"{table}" lacks {", ".join(missing)}; taken as unknown (older version, or not granted)')
    return found


def _one_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, the next one read while this one is worked on: else PostgreSQL and we wait for each other."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _projection(readable: Readable, table: str) -> str:
    """A select of the table's known columns; what can't be read is null. Without any column: no rows."""
    there = readable.get(table, frozenset())
    columns = ", ".join(f'"{c}"' if c in there else f'cast(null as {t}) as "{c}"' for c, t in COLUMNS[table].items())
    return f'select {columns} from "{table}"' if there else f"select {columns} limit 0"  # noqa: S608 - names from COLUMNS


def _as(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch if batch.schema.equals(schema) else batch.cast(schema)


def _text(instant: datetime | None, otherwise: str) -> str:
    if instant is None:
        return otherwise
    return (instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant).isoformat()


def _shown(window: Window) -> str:
    return f"[{_text(window.start, 'start')}, {_text(window.end, 'end')})"


def _cause(error: Exception) -> str:
    """The driver's first line, without addresses, values or the password it may have been given."""
    first = str(error).strip().split("\n", 1)[0]
    hint = next((f"; {hint}" for words, hint in ODD_ROWS.items() if words in first), "")
    return masked(re.sub(r"postgres(ql)?://\S+", "postgresql://…", first)) + hint


def _libpq(url: str) -> tuple[str, str | None]:
    """The URL as libpq takes it, and the schema if named: LiteLLM's own DATABASE_URL carries parameters of Prisma."""
    parts = urlsplit(re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url))
    ours = {"schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size"}
    given = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([(k, v) for k, v in given if k not in ours], safe="/", quote_via=quote)  # libpq knows no +
    return urlunsplit(parts._replace(query=rest)), dict(given).get("schema")
