"""Loads landing batches into the build: land -> stage -> resolve -> rebuild the days that changed -> check.

Everything here happens inside one transaction that the caller opened; the SQL lies in queries/staging, queries/marts
and queries/checks, in the order given here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.errors import CheckError
from etl.forgotten import Forgotten
from etl.identity import Pseudonyms, masked
from etl.ledger import Ledger
from etl.prices import keep_public_prices
from etl.reference_data import date_rows
from etl.references import References
from etl.resolve import Resolver
from etl.settings import Settings
from etl.sign_in import keep_sign_ins
from etl.small_groups import keep_closed
from etl.tables import TABLES, Table
from queries import warehouse
from queries.warehouse import Build

_MARTS = (
    "usage_daily", "usage_total_daily", "person_daily", "rating_daily", "usage_hourly", "coverage_daily",
    "latency_daily", "error_daily", "key_daily", "gateway_daily", "metered_daily",
)  # fmt: skip
_CHECKS = Path(warehouse.__file__).parent / "checks"
_FIRST_CAPACITY = 1024
DAYS_AT_ONCE = 31


@dataclass(frozen=True)
class Loaded:
    """What one transaction did: rows read from the source, rows of facts that changed, days rebuilt."""

    rows_read: int
    days_changed: int


@dataclass(frozen=True)
class Clock:
    """The present moment, injected so that tests can fix it."""

    now: datetime

    @classmethod
    def real(cls) -> "Clock":
        return cls(datetime.now(UTC).replace(tzinfo=None))


class Loader:
    """Works on one open Build within the caller's transaction."""

    def __init__(self, build: Build, settings: Settings, pseudonyms: Pseudonyms, clock: Clock) -> None:
        self._build, self._settings, self._pseudonyms, self._clock = build, settings, pseudonyms, clock
        self._run = build.connection.execute
        self._forgotten = Forgotten(build.connection, pseudonyms)
        self.references = References(settings, build.connection)
        self._resolver = Resolver(build, self.references, pseudonyms, self._sql)

    @property
    def today(self) -> date:
        """The local day of the present moment."""
        return self._clock.now.replace(tzinfo=UTC).astimezone(self._settings.university.zone).date()

    def land(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        """Puts batches into the temporary table landing_<name>, emptied first; gives the number of rows."""
        self._empty_landing(table)
        rows = 0
        for told in batches:
            batch = self._forgotten.applied(table, told)
            # by name and in the declared types: a source that yields another schema fails here, not in a figure
            # found by its name; a registered batch would be kept in memory until the end of the transaction
            incoming = pa.Table.from_batches([batch.select(table.schema.names)])  # noqa: F841
            self._run(f"insert into landing_{table.name} select * from incoming")  # noqa: S608  (our own table name)
            rows += batch.num_rows
        return rows

    def _empty_landing(self, table: Table) -> None:
        self._build.connection.register("shape", table.schema.empty_table())
        self._run(f"create or replace temp table landing_{table.name} as select * from shape")  # noqa: S608
        self._build.connection.unregister("shape")

    def stage(self, table: Table, source: str, **values: object) -> None:
        """Merges landing_<name> into the facts or dimensions; `values` are further parameters of its SQL."""
        self._sql(f"staging/{table.name}", source=source, **values)

    def _sql(self, relative: str, **values: object) -> None:
        university = self._settings.university
        known: dict[str, object] = {
            "now": self._clock.now,
            "today": self.today,
            "timezone": university.timezone,
            "root_unit": university.root_unit,
            "root_name_cs": university.name_cs,
            "root_name_en": university.name_en,
            **values,
        }
        self._build.run(relative, known)

    def resolve(self) -> None:
        """Derives who is who and who pays from what is known now; dirties the days on which the answer changed."""
        self._resolver.resolve(self.today)

    def rebuild(self) -> int:
        """Rebuilds the marts of every dirty day and runs the checks that must hold; gives the number of days."""
        days = self._days("select distinct day from ops.dirty_day order by day")
        for some in _cut(days) or [[]]:  # without a day too: invoices are checked as well
            self._rebuild_days(some)
            self._check_all("fail")
        if days:
            self._set_days("dirty_day", days)
            self._rebuild_active()
        self._run("delete from ops.dirty_day")
        return len(days)

    def _rebuild_days(self, days: list[date]) -> None:
        self._set_days("dirty_day", days)
        if days:
            self._run("create or replace temp table use as " + warehouse.sql("marts/use"))
            for mart in _MARTS:
                self._run(f"delete from {mart} where day in (select day from dirty_day)")  # noqa: S608
                self._run(f"insert into {mart} by name " + warehouse.sql(f"marts/{mart}"))
            self._run("drop table use")

    def _days(self, text: str) -> list[date]:
        return [day for (day,) in self._run(text).fetchall()]

    def _set_days(self, table: str, days: list[date]) -> None:
        text = f"create or replace temp table {table} as select unnest(cast($days as date[])) as day"
        self._run(text, {"days": days})

    def _rebuild_active(self) -> None:
        self._sql("marts/duckdb/bit_numbers")
        capacity = self._capacity()
        self._sql("marts/duckdb/bit_days")
        bits, active = warehouse.sql("marts/duckdb/active_bits"), warehouse.sql("marts/duckdb/active_daily")
        for some in _cut(self._days("select day from dirty_bits_day order by day")):
            self._set_days("bits_day", some)
            self._run("insert into active_bits by name " + bits, {"capacity": capacity})
        self._run("insert into active_weeks by name " + warehouse.sql("marts/duckdb/active_weeks"))
        for some in _cut(self._days("select day from counted_day order by day")):
            self._set_days("active_day", some)
            self._run("insert into active_daily by name " + active)

    def _capacity(self) -> int:
        """Length of the bit strings, doubled when persons need it; those that are held are made as long."""
        needed = self._run("select coalesce(max(bit_no) + 1, 1) from person").fetchone()
        held = self._run(
            "select coalesce(max(cast(value as integer)), 0) from ops.setting where key = 'bit_capacity'"
        ).fetchone()
        assert needed
        assert held
        capacity = max(int(held[0]), _FIRST_CAPACITY)
        while capacity < needed[0]:
            capacity *= 2
        if capacity != held[0]:
            self._lengthen(capacity)
        put_setting(self._build.connection, "bit_capacity", str(capacity))
        return capacity

    def _lengthen(self, capacity: int) -> None:
        for some in _cut(self._days("select distinct day from active_bits order by day")):
            self._set_days("short_day", some)
            self._sql("marts/duckdb/longer_bits", capacity=capacity)
        self._sql("marts/duckdb/longer_weeks", capacity=capacity)

    def _check_all(self, severity: str, *, of_ledger: bool = False) -> None:
        """Runs the checks of the folder: those of the ledger only after it was kept, for loading doesn't change it."""
        problems = []
        for file in sorted((_CHECKS / severity).glob("*.sql")):
            if severity == "fail" and file.stem.startswith("ledger_") != of_ledger:
                continue
            text = file.read_text("utf-8")
            result = self._run(text)
            rows = result.fetchall()
            example = _example(result, rows)
            self._run("delete from ops.check_result where name = ?", [file.stem])
            self._run(
                "insert into ops.check_result values (?, ?, ?, ?, ?)",
                [file.stem, severity, self._clock.now, len(rows), example],
            )
            if rows:
                problems.append(f"check {file.stem} found {len(rows)} rows, e.g. {example}; {_remedy(text)}")
        if problems and severity == "fail":
            raise CheckError("; ".join(problems))

    def warn(self) -> None:
        """Runs the checks that only warn and keeps their results for the Data page."""
        self._check_all("warn")

    def keep_ledger(self) -> int:
        """Books and divides what documents bill as of now, and checks it; gives the number of months divided anew."""
        months = Ledger(self._build, self._settings, self.today).keep()
        self._check_all("fail", of_ledger=True)
        return months

    def describe(self) -> None:
        """Brings dates, calendar, public prices and settings up to date with the facts; for publishing."""
        run = self._run
        keep_public_prices(self._build.connection, self.today)
        span = run(
            "select min(day), max(day) from (select day from usage_daily union all select day from fact_invoice_day)"
        )
        first, last = span.fetchone() or (None, None)
        through = run("select max(day) from usage_daily where day <= ?", [self.today]).fetchone()
        calendar = self.references.calendar
        self._sql("marts/duckdb/seat_month")
        run("delete from calendar")
        if calendar:
            self._build.connection.executemany("insert into calendar values (?, ?, ?, ?, ?)", calendar)
        run("delete from dates")
        self._build.connection.register("date_rows", date_rows(first or self.today, last or self.today, calendar))
        run("insert into dates by name select * from date_rows")
        self._build.connection.unregister("date_rows")
        keep_closed(self._build.connection, self._settings.privacy.minimum_group)
        keep_sign_ins(self._build.connection, self._pseudonyms, is_wanted=self._settings.dashboard.self_service)
        for key, value in self._published_settings((through or (None,))[0] or self.today).items():
            put_setting(self._build.connection, key, value)

    def _published_settings(self, through: date) -> dict[str, str]:
        s = self._settings
        return {
            "published_at": self._clock.now.isoformat(timespec="seconds"),
            "data_through_day": through.isoformat(),
            "timezone": s.university.timezone,
            "root_unit": s.university.root_unit,
            "university_cs": s.university.name_cs,
            "university_en": s.university.name_en,
            "minimum_group": str(s.privacy.minimum_group),
            "plan_name": s.plan.name,
            "seat_price": s.plan.seat_price,
            "seat_currency": s.plan.currency,
            "minimum_seats": str(s.plan.minimum_seats),
            "stale_hours": str(s.dashboard.stale_hours),
        }


def _cut(days: list[date]) -> list[list[date]]:
    """The days in pieces of at most DAYS_AT_ONCE, so that remaking a long history needs no more memory than a month."""
    return [days[n : n + DAYS_AT_ONCE] for n in range(0, len(days), DAYS_AT_ONCE)]


def put_setting(connection: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Sets one key of ops.setting."""
    connection.execute("delete from ops.setting where key = ?", [key])
    connection.execute("insert into ops.setting values (?, ?)", [key, value])


def _example(result: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> str | None:
    if not rows:
        return None
    names = [d[0] for d in result.description or []]
    return masked(", ".join(f"{n} {v}" for n, v in zip(names, rows[0], strict=True)))


def _remedy(text: str) -> str:
    lines = (line.removeprefix("-- ") for line in text.splitlines())
    return next((line for line in lines if line.startswith("remedy:")), "see docs/operating.md")


def table_named(name: str) -> Table:
    """The landing table of that name."""
    return next(t for t in TABLES if t.name == name)
