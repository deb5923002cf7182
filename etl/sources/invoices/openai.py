"""OpenAI's costs: the answer of /v1/organization/costs and the cost export of the dashboard (days are UTC).

Source of the rules: OpenAI API reference, Costs (amount.value is a number in currency units; buckets of one UTC day),
and a real dashboard export of 2025-10 (days without cost are rows without an amount).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from etl.sources.fields import Row
from etl.sources.invoices.line import Line, charge_period
from etl.sources.invoices.pages import Bucket
from etl.sources.sheets import Sheet

_MODEL = re.compile(r"(?=.*[-\d])[A-Za-z0-9][\w.:/-]*")
_EXPORT = frozenset({"start_time", "end_time", "amount_value", "amount_currency", "line_item"})


def is_report(pages: list[Any]) -> bool:
    """Whether these are answers of the costs API (a page without results is one too)."""
    return all(isinstance(p, dict) and p.get("object") == "page" and _holds_costs(p.get("data")) for p in pages)


def _holds_costs(data: Any) -> bool:
    if not isinstance(data, list):
        return False
    results = [r for b in data if isinstance(b, dict) for r in b.get("results") or ()]
    only_buckets = all(isinstance(b, dict) and b.get("object") == "bucket" for b in data)
    return only_buckets and all(isinstance(r, dict) and "amount" in r for r in results[:1])


def report_lines(found: Iterator[Bucket]) -> Iterator[Line]:
    """One line per day, project and line item. Cost in the currency stated, before tax."""
    for bucket in found:
        for result in bucket.results:
            yield _line(result, _period(bucket.day), ("amount.value", "amount.currency"), key=None)


def is_export(header: frozenset[str]) -> bool:
    """Whether the columns are those of the dashboard's cost export."""
    return header >= _EXPORT


def export_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row that has an amount; a day without cost is a row without amount and currency."""
    for row in sheet.records():
        if row.text("amount_value") is None and row.text("amount_currency") is None:
            continue
        yield _line(row, _period(row), ("amount_value", "amount_currency"), key=row.place.rpartition(" ")[2])


def _line(row: Row, period: tuple[datetime, datetime], columns: tuple[str, str], *, key: str | None) -> Line:
    item, project = row.text("line_item"), row.text("project_id")
    natural = f"{period[0]:%Y-%m-%d}|{project or ''}|{item or ''}"
    return Line(
        key=key or natural,
        provider="openai",
        billed_cost=row.money(columns[0]),
        billing_currency=row.currency(columns[1]),
        charge_description=item,
        invoice_issuer_name="OpenAI",
        service_name="OpenAI API",
        sku_id=item,
        model=_model(item),
        consumed_quantity=row.amount("quantity"),
        consumed_unit=row.text("quantity_unit"),
        sub_account_id=project,
        charge_period_start=period[0],
        charge_period_end=period[1],
    )


def _model(item: str | None) -> str | None:
    """The model in a line item ('gpt-4o-2024-08-06, input'), or None ('web search tool calls')."""
    first = (item or "").partition(",")[0].strip()
    return first if _MODEL.fullmatch(first) else None


def _period(row: Row) -> tuple[datetime, datetime]:
    start, end = instant(row, "start_time"), instant(row, "end_time")
    if start is not None and start.time() != time():
        raise row.refusal("start_time", "midnight UTC in seconds since 1970: costs come by UTC day")
    stated = row.instant("start_time_iso")
    if stated is not None and stated != start:
        raise row.refusal("start_time_iso", f"the same instant as start_time, {start} UTC")
    return charge_period(row, start, end, ("start_time", "end_time"))


def instant(row: Row, column: str) -> datetime | None:
    """The UTC instant of a column in seconds since 1970, without a zone; None for an empty cell."""
    seconds = row.amount(column)
    try:
        found = None if seconds is None else datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        found = datetime.max
    if found is not None and not 2015 <= found.year < 2200:
        raise row.refusal(column, "seconds since 1970 (UTC), not milliseconds")
    return found
