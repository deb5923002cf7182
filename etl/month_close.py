"""Closes months, so that their rows in the ledger never change again, and opens them again, which leaves a trace.

What comes to light after a month was closed is booked as corrections in the first open month after it
(queries/ledger/post.sql, adr/0004).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.billed import month_end
from etl.errors import InputError, MonthError
from etl.identity import masked
from etl.ledger import is_current, month_marks, post, rule_version, stamp_of
from etl.load import Clock
from queries import warehouse
from queries.warehouse import Build

_CHECKS = Path(warehouse.__file__).parent / "checks" / "fail"
_LONGEST = 200


@dataclass(frozen=True)
class Month:
    """One month of the ledger: what is booked in it, what of that nobody is charged with, and whether it is closed."""

    month: date
    net_czk: Decimal
    vat_czk: Decimal
    unallocated_czk: Decimal
    is_closed: bool
    closed_by: str | None


def month_named(text: str) -> date:
    """The first day of a month written as 2026-10. Raises InputError."""
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) is None:
        raise InputError("ledger", "month", text, "a month like 2026-10")
    return date.fromisoformat(f"{text}-01")


def close(build: Build, month: date | str, by: str, clock: Clock) -> str:
    """Closes the month and gives a line for people. Raises MonthError with every reason why it can't be closed."""
    month, by = _month(month), _said("by", by)
    if reasons := list(_reasons(build, month, clock)):
        raise MonthError(f"{month:%Y-%m} can't be closed: " + "; ".join(reasons))
    with build.transaction() as connection:
        rows_hash, net, vat = _fingerprint(build, month)
        version = rule_version(build)
        mark = month_marks(build, stamp_of(build)).get(month, "")
        inputs_hash = hashlib.sha256(f"{version} {mark}".encode()).hexdigest()[:16]
        connection.execute(
            "insert into month_close values (?, ?, ?, ?, ?, ?, ?, ?, null, null, null)",
            [month, clock.now, by, version, inputs_hash, rows_hash, net, vat],
        )
    return f"{month:%Y-%m} closed: {net} CZK net, {vat} CZK VAT"


def reopen(build: Build, month: date | str, by: str, reason: str, clock: Clock) -> str:
    """Opens a closed month again and gives a line for people. Raises MonthError when it is not closed."""
    month, by, reason = _month(month), _said("by", by), _said("reason", reason)
    if not _is_closed(build, month):
        raise MonthError(f"{month:%Y-%m} is not closed; closed: {_closed_months(build)}")
    with build.transaction() as connection:
        connection.execute(
            "update month_close set reopened_at = ?, reopened_by = ?, reason = ?"
            " where month_start = ? and reopened_at is null",
            [clock.now, by, reason, month],
        )
        post(build)
    return f"{month:%Y-%m} is open again"


def months(build: Build) -> list[Month]:
    """Every month of the ledger, oldest first."""
    rows = build.connection.execute(warehouse.sql("ledger/months")).fetchall()
    return [Month(*row) for row in rows]


def _month(month: date | str) -> date:
    return month_named(month) if isinstance(month, str) else month.replace(day=1)


def _said(what: str, text: str) -> str:
    """The text without addresses and line breaks. Raises InputError when nothing is left or it is too long."""
    said = masked(" ".join(text.split()))
    if not 0 < len(said) <= _LONGEST:
        raise InputError("ledger", what, said[:_LONGEST], f"1 to {_LONGEST} characters")
    return said


def _reasons(build: Build, month: date, clock: Clock) -> Iterator[str]:
    """Everything that stands against closing the month."""
    today = _today(build, clock)
    if month_end(month) >= today:
        yield f"it is not over before {month_end(month)} has passed"
    if _is_closed(build, month):
        yield "it is closed already"
    if not is_current(build, today):
        yield "something was loaded since the ledger was made: run python -m etl publish first"
    missing = build.connection.execute(
        "select distinct remedy from not_booked where month_start = ? and remedy is not null order by 1", [month]
    ).fetchall()
    yield from (remedy for (remedy,) in missing)
    for file in sorted(_CHECKS.glob("ledger_*.sql")):
        if found := build.connection.execute(file.read_text("utf-8")).fetchall():
            yield f"check {file.stem} found {len(found)} rows"


def _today(build: Build, clock: Clock) -> date:
    row = build.connection.execute("select value from ops.setting where key = 'timezone'").fetchone()
    zone = ZoneInfo(row[0] if row else "UTC")
    return clock.now.replace(tzinfo=UTC).astimezone(zone).date()


def _is_closed(build: Build, month: date) -> bool:
    asked = "select 1 from month_close where month_start = ? and reopened_at is null"
    return build.connection.execute(asked, [month]).fetchone() is not None


def _closed_months(build: Build) -> str:
    asked = "select month_start from month_close where reopened_at is null order by 1"
    return ", ".join(f"{m:%Y-%m}" for (m,) in build.connection.execute(asked).fetchall()) or "none"


def _fingerprint(build: Build, month: date) -> tuple[str, Decimal, Decimal]:
    row = build.connection.execute(warehouse.sql("ledger/fingerprint"), {"month": month}).fetchone()
    assert row
    return str(row[0]), row[1], row[2]
