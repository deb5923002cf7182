"""Flat costs from costs.csv: what is paid by the month whatever the use (GPU lease, contribution, prepaid credit)."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from etl.sources.fields import Row, instant_of, month_after
from etl.sources.invoices.line import Line
from etl.sources.sheets import Sheet

_REQUIRED = frozenset({"provider", "description", "amount", "currency", "period_start", "period_end"})
_PER = ("period", "month")


def is_costs(header: frozenset[str]) -> bool:
    """Whether the columns are those of costs.csv."""
    return header >= _REQUIRED


def cost_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row, or per month of it where `per` is month. Before tax; spread by day unless told not to."""
    for row in sheet.records():
        amount, number = row.money("amount"), row.place.rpartition(" ")[2]
        for start, end in _periods(row):
            yield _line(row, f"{number}|{start:%Y-%m-%d}", amount, start, end)


def _line(row: Row, key: str, amount: Decimal, start: date, end: date) -> Line:
    return Line(
        key=key,
        provider=row.required("provider").lower(),
        billed_cost=amount,
        billing_currency=row.currency("currency"),
        charge_category="Purchase",
        charge_description=row.required("description"),
        charge_period_start=datetime.combine(start, time()),
        charge_period_end=datetime.combine(end, time()),
        model=row.text("model"),
        unit=(row.text("unit") or "").upper() or None,
        is_amortised=row.flag("is_amortised", default=True),
    )


def _periods(row: Row) -> list[tuple[date, date]]:
    """The period, or each of its months where the amount is per month."""
    start, end = _month(row, "period_start"), _month(row, "period_end")
    if end <= start:
        raise row.refusal("period_end", f"a later month or day than {start} (exclusive)")
    if row.choice("per", _PER, default="period") == "period":
        return [(start, end)]
    for column, day in (("period_start", start), ("period_end", end)):
        if day.day != 1:
            raise row.refusal(column, "a month, e.g. 2026-11, where the amount is per month")
    months = [start]
    while (following := month_after(months[-1])) < end:
        months.append(following)
    return [(m, month_after(m)) for m in months]


def _month(row: Row, column: str) -> date:
    """The first day of a month given as 2026-11, or a day as it is."""
    text = row.required(column)
    if (first := instant_of(f"{text}-01")) is not None:
        return first.date()
    if (day := row.day(column)) is None:
        raise row.refusal(column, "a month, e.g. 2026-11, or a day")
    return day
