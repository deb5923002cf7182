"""Azure's cost details, actual or amortised (CSV), of enterprise and customer agreements.

Source of the rules: Microsoft Learn, "Understand cost details fields": CostInBillingCurrency is before tax; dates are
month/day/year or ISO. The actual file has a reservation's purchase and its use at 0, the amortised one its use at its
share and no purchase: that share is used and not paid again. Take one of the two, not both.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from etl.sources.fields import Row
from etl.sources.invoices.line import Line
from etl.sources.sheets import Sheet

_REQUIRED = frozenset({"costinbillingcurrency", "date", "chargetype", "metercategory"})
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CATEGORIES = {
    "usage": "Usage",
    "purchase": "Purchase",
    "unusedreservation": "Usage",
    "unusedsavingsplan": "Usage",
    "refund": "Adjustment",
    "roundingadjustment": "Adjustment",
    "tax": "Tax",
}
_AMORTISED = ("reservation", "savingsplan")


def is_details(header: frozenset[str]) -> bool:
    """Whether the columns are those of cost details."""
    return {plain(h) for h in header} >= _REQUIRED


def plain(name: str) -> str:
    """A column's name without case and marks, as agreements differ in them."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def detail_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row, in the billing currency; the day is the provider's (UTC)."""
    for row in sheet.records(plain):
        start = _within_period(row, _day(row, "date"))
        kind = plain(row.required("chargetype"))
        if kind not in _CATEGORIES:
            raise row.refusal("chargetype", ", ".join(_CATEGORIES))
        cost = row.money("costinbillingcurrency")
        is_share = kind.startswith("unused") or (kind == "usage" and _is_reserved(row))
        yield Line(
            key=row.place.rpartition(" ")[2],
            provider="azure",
            billed_cost=Decimal(0) if is_share else cost,
            effective_cost=cost,
            billing_currency=row.currency("billingcurrency" if row.text("billingcurrency") else "billingcurrencycode"),
            charge_category=_CATEGORIES[kind],
            charge_class="Correction" if kind == "refund" else None,
            charge_description=row.text("metername") or row.text("productname") or row.text("product"),
            invoice_id=row.text("invoiceid"),
            invoice_issuer_name="Microsoft",
            service_name=row.text("metercategory"),
            sku_id=row.text("meterid"),
            model=None,
            consumed_quantity=row.amount("quantity"),
            consumed_unit=row.text("unitofmeasure"),
            sub_account_id=row.text("subscriptionid") or row.text("subscriptionguid"),
            charge_period_start=start,
            charge_period_end=start + timedelta(days=1),
        )


def _is_reserved(row: Row) -> bool:
    return plain(row.text("pricingmodel") or "") in _AMORTISED


def _day(row: Row, column: str) -> datetime:
    if (parts := _AMERICAN.fullmatch(row.required(column))) is not None:
        month, day, year = (int(p) for p in parts.groups())
        try:
            return datetime(year, month, day)
        except ValueError:
            raise row.refusal(column, "month/day/year or year-month-day") from None
    found = row.instant(column)
    if found is None:
        raise row.refusal(column, "a day")
    return datetime.combine(found.date(), datetime.min.time())


def _within_period(row: Row, day: datetime) -> datetime:
    """The day, which must lie in the billing period where that is named: day/month/year would not."""
    ends = ("billingperiodstartdate", "billingperiodenddate")
    if all(row.text(c) for c in ends):
        first, last = (_day(row, c) for c in ends)
        if not first - timedelta(days=31) <= day <= last:
            raise row.refusal("date", f"a day of the billing period, {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    return day
