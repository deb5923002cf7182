"""ChatGPT Edu and Enterprise: the user report (CSV: every member of the workspace) and the daily usage (JSON).

The user report is read by its header; names of persons, groups and GPTs are not looked at. The daily usage names
users by the workspace's own id, which the user report ties to an address.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from etl.sources.fields import Row
from etl.sources.seats.report import (
    ACTIVITY,
    ROSTER,
    Holders,
    Report,
    Seat,
    amount_of,
    count_of,
    day_of,
    last_day,
    merged,
)
from etl.sources.sheets import Sheet

PRODUCT = "chatgpt-edu"
_STATUS = {
    "enabled": "assigned", "active": "assigned", "pending": "pending", "invited": "pending", "disabled": "removed",
    "deactivated": "removed", "deleted": "removed", "removed": "removed", "suspended": "removed",
}  # fmt: skip
_LAST_DAYS = ("last_day_active", "last_day_active_in_period")
_LONGEST = 20_000
_MODELS = re.compile(r"\{\s*((?P<q>'|\")[^'\"\\{}]{0,200}(?P=q)\s*:\s*\d{1,12}\s*,?\s*){0,500}\}")
_NONE = Decimal(0)


def is_users(header: frozenset[str]) -> bool:
    """Whether a table is a user report."""
    return {"period_start", "period_end", "email", "user_status", "messages"} <= header


def users(sheet: Sheet, holders: Holders) -> Report:
    """The members of the workspace and what they did in each period of the report."""
    product, report = holders.product(PRODUCT), Report(ROSTER)
    has_days = bool(set(_LAST_DAYS) & set(sheet.header))
    seats = [_member(row, holders, report, product, has_days) for row in sheet.records()]
    report.seats = merged(seats)
    return report


def _member(row: Row, holders: Holders, report: Report, product: str, has_days: bool) -> Seat:
    start, last = day_of(row, "period_start"), day_of(row, "period_end")
    if last < start:
        raise row.refusal("period_end", f"a day not before period_start, {start}")
    holder = holders.of(_name(row))
    for column in ("public_id", "account_id"):
        if holder.is_identified and (other := row.text(column)):
            report.aliases[holders.of(other).key] = holder.key
    return Seat(
        product=product,
        report_day=last,
        holder_key=holder.key,
        is_identified=holder.is_identified,
        email_domain=holder.email_domain,
        assigned_day=row.day("created_or_invited_date"),
        status=_STATUS[row.choice("user_status", tuple(_STATUS), default="enabled")],
        last_active_day=last_day(row, _LAST_DAYS, last),
        is_activity_known=has_days,
        period_start=start,
        period_end=last + timedelta(days=1),
        uses=_messages(row),
        credits_used=amount_of(row, "credits_used"),
    )


def _name(row: Row) -> str:
    for column in ("email", "public_id", "account_id"):
        if name := row.text(column):
            return name
    raise row.refusal("email", "an address, or an id in public_id or account_id")


def _messages(row: Row) -> int | None:
    """Messages in the period; where the report leaves them out, the sum over its models."""
    stated = count_of(row, "messages")
    by_model = messages_by_model(row)
    return sum(by_model.values()) if stated is None and by_model else stated


def messages_by_model(row: Row, column: str = "model_to_messages") -> dict[str, int]:
    """{model: messages} of the text of a Python dict, which is read as a literal and never run; {} where it is empty.

    Refuses what is longer than 20,000 characters and what is anything but names and whole numbers.
    """
    text = row.text(column)
    if text is None:
        return {}
    allowed = "names of models with whole numbers, as {'gpt-5': 25}, at most 20,000 characters"
    if len(text) > _LONGEST or not _MODELS.fullmatch(text):
        raise row.refusal(column, allowed)
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise row.refusal(column, allowed) from None
    return {str(model): int(count) for model, count in dict(found).items()}


@dataclass(frozen=True)
class _Use:
    """One user's use of one UTC day."""

    row: Row
    day: date
    name: str


def is_usage(names: frozenset[str]) -> bool:
    """Whether the entries of a JSON answer are a workspace's daily usage."""
    return {"start_time", "user_id", "totals"} <= names


def usage(rows: Iterator[Row], holders: Holders) -> Report:
    """Who used ChatGPT on each day, and their credits; a user who isn't a person's account is left out."""
    product = holders.product(PRODUCT)
    return Report(ACTIVITY, merged(_used(use, holders, product) for row in rows if (use := _use(row)) is not None))


def _use(row: Row) -> _Use | None:
    if row.text("actor.type") not in (None, "ACCOUNT_USER"):
        return None
    start = row.amount("start_time")
    if start is None or not 0 < start < 10**11:
        raise row.refusal("start_time", "seconds since 1970, e.g. 1793491200")
    return _Use(row, datetime.fromtimestamp(int(start), UTC).date(), row.required("user_id"))


def _used(use: _Use, holders: Holders, product: str) -> Seat:
    holder = holders.of(use.name)
    credits, tokens = amount_of(use.row, "totals.credits"), amount_of(use.row, "totals.text_total_tokens")
    is_active = bool((credits or _NONE) + (tokens or _NONE))
    return Seat(
        product=product,
        report_day=use.day,
        holder_key=holder.key,
        is_identified=holder.is_identified,
        email_domain=holder.email_domain,
        last_active_day=use.day if is_active else None,
        period_start=use.day,
        period_end=use.day + timedelta(days=1),
        credits_used=credits,
    )
