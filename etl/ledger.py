"""The ledger: books what documents bill, divides it among units, and keeps closed months as they were.

Runs at every publishing; what did not change is not done again: booking when a document, a rate or a rule changed (or a
day began), a month's division when its lines, its use, the tree of units or the rules changed.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from etl.allocation import Allocated, allocate
from etl.allocation_rules import Rules, read_rules, require_units
from etl.booking import Books, book
from etl.ledger_inputs import Inputs
from etl.reconciliation import keep_accounts
from etl.reference_data import ModelNames
from etl.remainders import czk
from etl.settings import Settings
from etl.tables import DAY, INT, MONEY, RATE, TEXT, WEIGHT
from queries import warehouse
from queries.warehouse import Build

CZK = pa.decimal128(18, 2)
_RULES, _STAMP, _BOOKED = "rule_version", "stamp", "booked"
_SIXTH = Decimal("1e-6")
_DOCUMENT = pa.schema(
    [
        ("document_id", TEXT), ("provider", TEXT), ("month_start", DAY), ("basis", TEXT), ("currency", TEXT),
        ("net", MONEY), ("czk_per_unit", RATE), ("rate_day", DAY), ("net_czk", CZK), ("vat_czk", CZK),
    ]
)  # fmt: skip
_LINE = pa.schema(
    [
        ("line_id", TEXT), ("document_id", TEXT), ("provider", TEXT), ("month_start", DAY), ("basis", TEXT),
        ("currency", TEXT), ("net", MONEY), ("czk_per_unit", RATE), ("rate_day", DAY), ("net_czk", CZK),
        ("tax_rate", WEIGHT), ("vat_czk", CZK), ("is_self_assessed", pa.bool_()), ("is_deductible", pa.bool_()),
    ]
)  # fmt: skip
_SUPERSEDED = pa.schema([("document_id", TEXT), ("line_id", TEXT), ("day", DAY)])
_LEFT_OUT = pa.schema([("document_id", TEXT), ("month_start", DAY), ("state", TEXT), ("remedy", TEXT)])
_ROWS = pa.schema(
    [
        ("line_id", TEXT), ("document_id", TEXT), ("unit", TEXT), ("net", INT), ("vat", INT), ("non_deductible", INT),
        ("rule", TEXT), ("basis", TEXT), ("share", INT),
    ]
)  # fmt: skip
TRILLION = 10**12


class Ledger:
    """Works on one open Build within the caller's transaction."""

    def __init__(self, build: Build, settings: Settings, today: date) -> None:
        self._build, self._settings, self._today = build, settings, today
        self._run = build.connection.execute

    def keep(self) -> int:
        """Brings the ledger up to date with what is loaded; gives the number of months that were divided anew.

        Raises InputError for rules that can't be read or name an unknown unit.
        """
        rules = read_rules(self._settings.path(self._settings.directory.folder))
        require_units(rules, {u for (u,) in self._run("select unit from unit").fetchall()})
        keep_accounts(self._build.connection, self._settings.invoices.gateway_projects)
        models = ModelNames.read(self._settings)
        stamp = f"{rules.version} {hashlib.sha256(repr(models).encode()).hexdigest()[:16]}"
        self._remember(rules, stamp)
        is_booked_anew = self._book(rules, models, stamp)
        months = self._divide(rules, models, stamp)
        if is_booked_anew or months:
            post(self._build)
        return months

    def _remember(self, rules: Rules, stamp: str) -> None:
        put(self._build, _RULES, rules.version)
        put(self._build, _STAMP, stamp)
        self._run(
            "insert into rule_set select $version, $rules, now() at time zone 'UTC'"
            " where not exists (select 1 from rule_set where rule_version = $version)",
            {"version": rules.version, "rules": rules.text},
        )

    def _book(self, rules: Rules, models: ModelNames, stamp: str) -> bool:
        mark = _booking_mark(self._build, stamp, self._today)
        if mark == held(self._build, _BOOKED):
            return False
        inputs = Inputs(self._build)
        self._write_books(book(inputs.billed(models), rules, inputs.rates(), self._today))
        put(self._build, _BOOKED, mark)
        return True

    def _write_books(self, books: Books) -> None:
        documents, lines = [], []
        for b in books.bookings:
            common = {
                "document_id": b.document_id, "provider": b.provider, "month_start": b.month, "basis": b.basis,
                "currency": b.currency, "czk_per_unit": b.rate.czk_per_unit, "rate_day": b.rate.published,
            }  # fmt: skip
            documents.append({**common, "net": b.net, "net_czk": czk(b.net_halers), "vat_czk": czk(b.vat_halers)})
            taxed = {**common, "is_self_assessed": b.is_self_assessed, "is_deductible": b.is_deductible}
            lines += [
                {
                    **taxed, "line_id": n.line_id, "net": n.net, "net_czk": czk(n.net_halers),
                    "vat_czk": czk(n.vat_halers), "tax_rate": _decimal(n.tax_rate, _SIXTH),
                }
                for n in b.lines
            ]  # fmt: skip
        left = [
            {"document_id": n.document_id, "month_start": n.month, "state": n.state, "remedy": n.remedy}
            for n in books.left_out
        ]
        days = [{"document_id": s.document_id, "line_id": s.line_id, "day": s.day} for s in books.superseded]
        for table, rows, schema in (
            ("booked_document", documents, _DOCUMENT), ("booked_line", lines, _LINE), ("not_booked", left, _LEFT_OUT),
            ("superseded_day", days, _SUPERSEDED),
        ):  # fmt: skip
            self._run(f"delete from {table}")  # noqa: S608  (our own table name)
            self._insert(table, rows, schema)

    def _divide(self, rules: Rules, models: ModelNames, stamp: str) -> int:
        wanted = month_marks(self._build, stamp)
        marked = dict(self._run("select month_start, mark from ops.ledger_mark").fetchall())
        for month in sorted(marked.keys() - wanted.keys()):
            self._forget(month)
        changed = [month for month, mark in sorted(wanted.items()) if marked.get(month) != mark]
        inputs = Inputs(self._build)
        for month in changed:
            self._forget(month)
            lines, used, holders = inputs.month(month, rules, models)
            self._write_rows(month, allocate(lines, used, rules, inputs.deductible(rules), holders))
            self._run("insert into ops.ledger_mark values (?, ?)", [month, wanted[month]])
        return len(changed) + len(marked.keys() - wanted.keys())

    def _forget(self, month: date) -> None:
        self._run("delete from allocated where month_start = ?", [month])
        self._run("delete from ops.ledger_mark where month_start = ?", [month])

    def _write_rows(self, month: date, rows: Iterable[Allocated]) -> None:
        """Puts the rows as whole numbers, which SQL makes decimals of: a month may have a hundred thousand."""
        found = list(rows)
        columns = {
            name: [getattr(r, name) for r in found]
            for name in ("line_id", "document_id", "unit", "net", "vat", "non_deductible", "rule", "basis")
        }
        columns["share"] = [(2 * TRILLION * r.weight + r.whole) // (2 * r.whole) for r in found]
        self._build.connection.register("ledger_rows", pa.table(columns, _ROWS))
        self._run(warehouse.sql("ledger/rows"), {"month": month})
        self._build.connection.unregister("ledger_rows")

    def _insert(self, table: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
        self._build.connection.register("ledger_rows", pa.Table.from_pylist(rows, schema))
        self._run(f"insert into {table} by name select * from ledger_rows")  # noqa: S608
        self._build.connection.unregister("ledger_rows")


def post(build: Build) -> None:
    """Writes `allocation` anew from what is divided and what is closed; within the caller's transaction."""
    row = build.connection.execute("select nextval('ledger_run_no')").fetchone()
    assert row
    build.run("ledger/post", {"run_no": row[0]})


def month_marks(build: Build, stamp: str) -> dict[date, str]:
    """{month: mark of everything its division follows from} of every month with booked lines."""
    return dict(build.connection.execute(warehouse.sql("ledger/marks"), {"stamp": stamp}).fetchall())


def is_current(build: Build, today: date) -> bool:
    """Whether the ledger follows from what is loaded now."""
    stamp = stamp_of(build)
    marked = dict(build.connection.execute("select month_start, mark from ops.ledger_mark").fetchall())
    return held(build, _BOOKED) == _booking_mark(build, stamp, today) and marked == month_marks(build, stamp)


def stamp_of(build: Build) -> str:
    """What the rules and patterns of names were when the ledger was last made."""
    return held(build, _STAMP) or ""


def rule_version(build: Build) -> str:
    """The version of the rules the ledger was last made by."""
    return held(build, _RULES) or ""


def _booking_mark(build: Build, stamp: str, today: date) -> str:
    row = build.connection.execute(warehouse.sql("ledger/booking_mark"), {"stamp": stamp, "today": today}).fetchone()
    assert row
    return str(row[0])


def held(build: Build, key: str) -> str | None:
    """The value of one key of ops.ledger_state."""
    row = build.connection.execute("select value from ops.ledger_state where key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def put(build: Build, key: str, value: str) -> None:
    """Sets one key of ops.ledger_state."""
    build.connection.execute("delete from ops.ledger_state where key = ?", [key])
    build.connection.execute("insert into ops.ledger_state values (?, ?)", [key, value])


def _decimal(exact: Fraction, step: Decimal) -> Decimal:
    """The fraction rounded to the step, half to even; for display."""
    whole = round(exact / Fraction(step))
    return Decimal(whole) * step
