"""Open WebUI's PostgreSQL, streamed by a server-side cursor in a read-only session.

The views of deploy/postgres/openwebui_readonly.sql are used where they exist; without them the same SELECTs are sent
as CTEs, which needs a role that can read the tables, and so content too (the doctor says so).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

from etl.errors import SourceError
from etl.identity import masked
from etl.sources.openwebui_projections import (
    CONTENT,
    VIEW_COLUMNS,
    Columns,
    Projection,
    fitting,
    named_in,
    read_tables,
)

Rows = list[tuple[Any, ...]]
BATCH_ROWS = 10_000
SCHEMA = "usage"

# pg_catalog, not information_schema: the latter hides what the role may not read, and then a missing grant would look
# like an old version.
COLUMNS = """
select c.relname, a.attname, has_column_privilege(c.oid, a.attnum, 'select')
from pg_catalog.pg_class c
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p') and pg_catalog.pg_table_is_visible(c.oid) and c.relname = any(%(tables)s)
"""

VIEWS = """
select c.relname, a.attname
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = %(schema)s and c.relkind = 'v'
    and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
"""


class PostgresDatabase:
    """One read-only session; `rows` runs a query over the five views, the operator's or our own."""

    def __init__(self, source: str, url: str) -> None:
        """Raises SourceError when the server can't be reached or the database is not Open WebUI's."""
        self.source, self.remark = source, ""
        try:
            self._connection = psycopg.connect(
                without_driver(url),
                connect_timeout=15,
                application_name="ai-sandbox-usage",
            )
            self._connection.read_only = True
        except psycopg.Error as error:
            raise SourceError(source, "database", without_secrets(error)) from None
        try:
            self._reflect()
        except psycopg.Error as error:
            self.close()
            raise SourceError(source, "catalogue of the database", without_secrets(error)) from error
        except SourceError:
            self.close()
            raise

    def _reflect(self) -> None:
        tables = sorted({*read_tables(), *CONTENT})
        columns = self._connection.execute(COLUMNS, {"tables": tables}).fetchall()
        self.found: Columns = _grouped((t, c) for t, c, _ in columns)
        self.readable: Columns = _grouped((t, c) for t, c, may_read in columns if may_read)
        views = _grouped(self._connection.execute(VIEWS, {"schema": SCHEMA}).fetchall())
        self.views = frozenset(v for v, names in VIEW_COLUMNS.items() if set(names) <= views.get(v, frozenset()))
        self.projections: Mapping[str, Projection] = self._fitting()

    def _fitting(self) -> Mapping[str, Projection]:
        try:
            return fitting(self.found, self.source)
        except SourceError:
            if self.has_views:
                return {}  # the operator's views know what the tables are
            raise

    @property
    def has_views(self) -> bool:
        """Whether all five views of the operator's script are there and readable."""
        return self.views == frozenset(VIEW_COLUMNS)

    def rows(self, query: str, values: Mapping[str, int] | None = None) -> Iterator[Rows]:
        """The query's rows, at most BATCH_ROWS at a time. Raises SourceError naming what the role lacks."""
        if missing := self.missing_grants(named_in(query)):
            raise SourceError(self.source, "the role may not read", ", ".join(missing))
        try:
            with closing(self._connection.cursor("openwebui")) as cursor:
                cursor.itersize = BATCH_ROWS
                cursor.execute(sql.SQL(self._text(query)), values or {})
                while rows := cursor.fetchmany(BATCH_ROWS):
                    yield rows
        except psycopg.Error as error:
            raise SourceError(self.source, "query", without_secrets(error)) from error
        finally:
            self._connection.rollback()

    def _text(self, query: str) -> str:
        """The query with psycopg's parameters and its views, ours written in front of it as CTEs."""
        names = named_in(query)
        if self.has_views:
            return _with_parameters(re.sub(rf"\b(from|join) ({'|'.join(names)})\b", rf"\1 {SCHEMA}.\2", query))
        views = ", ".join(f"{name} as not materialized ({self.projections[name].postgres})" for name in names)
        return _with_parameters(f"with {views} {query}")

    def missing_grants(self, views: list[str]) -> list[str]:
        """Columns a query over these views needs and the role may not read; empty where the operator's views serve."""
        lacking = (self.projections[view].missing(self.readable) for view in views if not self.has_views)
        return sorted({column for columns in lacking for column in columns})

    def readable_content(self) -> list[str]:
        """Content and secret columns this role can select, as `table.column`."""
        return [f"{t}.{c}" for t in sorted(CONTENT) for c in sorted(CONTENT[t] & self.readable.get(t, frozenset()))]

    def close(self) -> None:
        self._connection.close()


def _with_parameters(text: str) -> str:
    return re.sub(r"(?<!:):([a-z]\w*)", r"%(\1)s", text.replace("%", "%%"))


def _grouped(pairs: Any) -> Columns:
    found: dict[str, set[str]] = {}
    for table, column in pairs:
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def without_driver(url: str) -> str:
    """The URL without SQLAlchemy's driver name (postgresql+psycopg2://...), as Open WebUI's own setting may have it."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url.strip())


def without_secrets(error: psycopg.Error) -> str:
    """The server's words on one line, without a connection string in them."""
    return masked(re.sub(r"\w+://\S+", "(URL)", " ".join(str(error).split())))
