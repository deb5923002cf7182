"""Google Cloud's costs: the console's cost table (CSV) and the BigQuery billing export (CSV or Parquet).

Source of the rules: Google Cloud documentation, "Download cost table" and "Structure of Detailed data export": a
charge's net is its cost and the (negative) amounts of its credits; currency_conversion_rate has been applied already.
In the console's table credits are rows of their own, dates are US Pacific days, the end included.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from etl.sources.fields import Row
from etl.sources.invoices.line import Line, charge_period
from etl.sources.sheets import Sheet

_TABLE = frozenset({"Billing account ID", "SKU ID", "Usage start date", "Usage end date"})
_EXPORT = frozenset({"costtype", "usagestarttime", "usageendtime", "cost", "currency"})
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "kč": "CZK"}
_COST_HEADER = re.compile(r"Cost \((.+)\)")
_CATEGORIES = {
    "usage": "Usage",
    "regular": "Usage",
    "tax": "Tax",
    "adjustment": "Adjustment",
    "rounding error": "Adjustment",
    "rounding_error": "Adjustment",
}
_GRANTS = ("promotion", "free_tier", "free tier")  # credits given, where the others are discounts


def is_table(header: frozenset[str]) -> bool:
    """Whether the columns are those of the console's cost table."""
    return header >= _TABLE and any(_COST_HEADER.fullmatch(h) for h in header)


def is_export(header: frozenset[str]) -> bool:
    """Whether the columns are those of the BigQuery export (structures as service.description or with a _)."""
    return {plain(h) for h in header} >= _EXPORT


def plain(name: str) -> str:
    """A column's name without case and marks: BigQuery's own tools write service.description in several ways."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def table_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row, in the currency that the header of the cost names. A row of totals is refused."""
    column = next(h for h in sheet.header if _COST_HEADER.fullmatch(h))
    currency = _currency(sheet, column)
    for row in sheet.records():
        kind, credit = row.text("Cost type") or "usage", row.text("Credit type")
        start, end = _days(row)
        yield Line(
            key=row.place.rpartition(" ")[2],
            provider="google",
            billed_cost=row.money(column),
            billing_currency=currency,
            charge_category="Credit" if credit else _category(row, "Cost type", kind),
            credit_kind="grant" if credit and _is_grant(credit) else None,
            charge_description=row.text("SKU description"),
            invoice_issuer_name="Google Cloud",
            service_name=row.text("Service description"),
            sku_id=row.text("SKU ID"),
            consumed_quantity=row.amount("Usage amount"),
            consumed_unit=row.text("Usage unit"),
            sub_account_id=row.text("Project ID"),
            charge_period_start=start,
            charge_period_end=end,
        )


def _currency(sheet: Sheet, column: str) -> str:
    found = _COST_HEADER.fullmatch(column)
    sign = found[1].strip() if found else ""
    code = _SYMBOLS.get(sign.lower(), sign.upper())
    return Row(sheet.source, f"{sheet.name}, {column}", {"currency": code}).currency("currency")


def _days(row: Row) -> tuple[datetime, datetime]:
    """The days, the last one included; an instant as the end is exclusive."""
    start, end = row.instant("Usage start date"), row.instant("Usage end date")
    if end is not None and end == datetime.combine(end.date(), datetime.min.time()):
        end += timedelta(days=1)
    return charge_period(row, start, end, ("Usage start date", "Usage end date"))


def _category(row: Row, column: str, kind: str) -> str:
    if (found := _CATEGORIES.get(kind.lower())) is None:
        raise row.refusal(column, f"{', '.join(_CATEGORIES)} (remove rows of totals)")
    return found


def _is_grant(kind: str) -> bool:
    return any(word in kind.lower() for word in _GRANTS)


def export_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row's cost and one per credit in it. Without any column of credits the cost is not what is paid."""
    names = {plain(h) for h in sheet.header}
    for row in sheet.records(plain):
        if not names & {"credits", "creditsamount"}:
            raise row.refusal("credits", "a column `credits` (all of them) or `credits.amount` (their sum)")
        line = _export_line(row)
        yield line
        for number, (kind, amount) in enumerate(_credits(row), 1):
            yield replace(
                line,
                key=f"{line.key}|credit{number}",
                billed_cost=amount,
                list_cost=None,
                charge_category="Credit",
                credit_kind="grant" if _is_grant(kind) else None,
                charge_description=f"{kind}: {line.charge_description or ''}".strip(": "),
                consumed_quantity=None,
                consumed_unit=None,
            )


def _export_line(row: Row) -> Line:
    start, end = charge_period(
        row, row.instant("usagestarttime"), row.instant("usageendtime"), ("usagestarttime", "usageendtime")
    )
    return Line(
        key=row.place.rpartition(" ")[2],
        provider="google",
        billed_cost=row.money("cost"),
        list_cost=row.amount("costatlist"),
        billing_currency=row.currency("currency"),
        charge_category=_category(row, "costtype", row.required("costtype")),
        charge_description=row.text("skudescription"),
        invoice_issuer_name=row.text("sellername") or "Google Cloud",
        service_name=row.text("servicedescription"),
        sku_id=row.text("skuid"),
        consumed_quantity=row.amount("usageamount"),
        consumed_unit=row.text("usageunit"),
        sub_account_id=row.text("projectid"),
        charge_period_start=start,
        charge_period_end=end,
    )


def _credits(row: Row) -> list[tuple[str, Decimal]]:
    """(type, amount) of every credit; a credit that adds to the cost is refused."""
    if (text := row.text("credits")) is None:
        total = row.amount("creditsamount")
        found = [] if not total else [(row.text("creditstype") or "credits", total)]
    else:
        found = [_credit(row, c) for c in _listed(row, text)]
    for _, amount in found:
        if amount > 0:
            raise row.refusal("credits", "amounts not above 0: credits are negative", amount)
    return found


def _listed(row: Row, text: str) -> list[Any]:
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(c, dict) for c in found):
        raise row.refusal("credits", 'a JSON list of credits, e.g. [{"name": "x", "amount": -1.5, "type": "DISCOUNT"}]')
    return found


def _credit(row: Row, credit: dict[str, Any]) -> tuple[str, Decimal]:
    cells = Row(
        row.source, f"{row.place}, credits", {k: v for k, v in credit.items() if not isinstance(v, dict | list)}
    )
    return cells.text("type") or cells.text("name") or "credit", cells.money("amount")


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)
