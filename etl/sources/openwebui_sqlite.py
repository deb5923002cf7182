"""Open WebUI's SQLite file, read so that no content can leave it and the chat UI is never made to wait.

* Opened read-only. Rows another process has committed to the write-ahead log are seen.
* Deny by default: the connection's authorizer lets a column be read only from within the projection that declares it
  (https://www.sqlite.org/c3ref/set_authorizer.html: the last argument is the innermost view). A view name can be
  imitated by a CTE of that name, so the view that reads tables has a random name.
* Without a write-ahead log an open cursor keeps writers out ("database is locked" in the chat UI), however slowly the
  reader goes on. So the facts, and only they, are copied to a temporary table at once and streamed from there. It is
  SQLite's own: in memory, spilling to a file that has no name and vanishes with the connection.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from etl.errors import SourceError
from etl.sources.openwebui_projections import Columns, Projection, fitting

Rows = list[tuple[Any, ...]]
Decide = Callable[[int, str | None, str | None, str | None, str | None], int]
BATCH_ROWS = 10_000
_WAIT_S = 30
_ADVICE = (
    "can't be opened; this service's user must be able to read it and, while a -wal lies beside it, to write there"
)

_HARMLESS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_RECURSIVE}
_TEMPORARY = {
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_CREATE_TEMP_TABLE,
    sqlite3.SQLITE_DROP_TEMP_TABLE,
}


class SqliteDatabase:
    """One read-only connection to the file; `rows` runs a query over the five views."""

    def __init__(self, source: str, file: Path) -> None:
        """Raises SourceError when the file is missing, unreadable, locked or not Open WebUI's."""
        self.source, self.file = source, file
        self._connection, self.remark = _opened(source, file)
        try:
            self.found: Columns = self._columns()
            self.projections: Mapping[str, Projection] = fitting(self.found, source)
            self._make_views()
        except sqlite3.Error as error:
            self.close()
            raise explained(source, file, error) from error
        except SourceError:
            self.close()
            raise

    def _columns(self) -> Columns:
        pairs = self._connection.execute(
            "select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table'"
        )
        found: dict[str, set[str]] = {}
        for table, column in pairs:
            found.setdefault(table, set()).add(column)
        return {table: frozenset(columns) for table, columns in found.items()}

    def _make_views(self) -> None:
        suffix = secrets.token_hex(8)
        allowed: dict[str, set[tuple[str, str]]] = {}
        for view, projection in self.projections.items():
            inner = f"{view}_{suffix}"
            self._connection.execute(f"create temp view {inner} as {projection.sqlite}")
            self._connection.execute(f"create temp view {view} as select * from {inner}")  # noqa: S608
            allowed[inner] = {(table, column) for table, columns in projection.reads.items() for column in columns}
        self._connection.set_authorizer(_authorizer(allowed))

    def rows(self, query: str, values: Mapping[str, int] | None = None) -> Iterator[Rows]:
        """The query's rows, at most BATCH_ROWS at a time. Raises SourceError when the file is locked or damaged."""
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute("drop table if exists temp.taken")
                cursor.execute(f"create temp table taken as {query}", values or {})
                cursor.execute("select * from temp.taken order by rowid")
                while rows := cursor.fetchmany(BATCH_ROWS):
                    yield rows
        except sqlite3.Error as error:
            raise explained(self.source, self.file, error) from error

    def is_refused(self, query: str) -> bool:
        """Whether the connection refuses this query (the doctor tries to read content)."""
        try:
            self._connection.execute(query)
        except sqlite3.DatabaseError as error:
            return "prohibited" in str(error) or "not authorized" in str(error)
        return False

    def close(self) -> None:
        self._connection.close()


def _authorizer(allowed: Mapping[str, set[tuple[str, str]]]) -> Decide:
    """A callback that allows what the projections declare, temporary tables, and nothing else."""
    counted = {table for columns in allowed.values() for table, _ in columns}

    def decide(action: int, first: str | None, second: str | None, database: str | None, view: str | None) -> int:
        if action in _HARMLESS or (action in _TEMPORARY and database == "temp"):
            return sqlite3.SQLITE_OK
        if action != sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_DENY
        if second == "":  # rows are counted, no column is read
            return sqlite3.SQLITE_OK if first in counted else sqlite3.SQLITE_DENY
        declared = allowed.get(view or "", set())
        is_declared = bool(declared) and (first == "json_each" or (first, second) in declared)
        return sqlite3.SQLITE_OK if is_declared else sqlite3.SQLITE_DENY

    return decide


def _opened(source: str, file: Path) -> tuple[sqlite3.Connection, str]:
    """A read-only connection, and a remark where it could be had only in a lesser way."""
    try:
        if not file.is_file():
            raise SourceError(source, f"sqlite_file {file}", "no such file; give the path of Open WebUI's webui.db")
    except OSError as error:
        raise SourceError(source, f"sqlite_file {file}", error) from error
    try:
        return _connected(file, "mode=ro"), ""
    except sqlite3.Error as error:
        log = file.with_name(file.name + "-wal")
        if not _is_cantopen(error) or (log.exists() and log.stat().st_size > 0):
            raise explained(source, file, error) from error
    # A file in WAL mode needs a -shm beside it. In a folder we can't write it can't be made; as no -wal lies there
    # either, nobody has the file open for writing, and it may be read as it is.
    try:
        remark = f"{file.name} lies in a folder that can't be written; read as a file that nobody changes"
        return _connected(file, "immutable=1"), remark
    except sqlite3.Error as error:
        raise explained(source, file, error) from error


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?{mode}", uri=True, timeout=_WAIT_S, isolation_level=None)
    try:
        connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_cantopen(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def explained(source: str, file: Path, error: sqlite3.Error) -> SourceError:
    """What SQLite said, with what to do about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = {
        sqlite3.SQLITE_BUSY: f"locked by another process for more than {_WAIT_S} s; try again when no backup runs",
        sqlite3.SQLITE_NOTADB: "not a SQLite database (or an encrypted one)",
        sqlite3.SQLITE_CORRUPT: "damaged, or copied while it was written; copy it with `sqlite3 webui.db .backup`",
        sqlite3.SQLITE_CANTOPEN: _ADVICE,
        sqlite3.SQLITE_READONLY: _ADVICE,
        sqlite3.SQLITE_AUTH: "a query asked for more than its projection declares",
    }.get(code)
    return SourceError(source, f"sqlite_file {file}", f"{advice} ({error})" if advice else error)
