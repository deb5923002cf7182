"""The monthly statement of a unit: what it is charged for, to the haléř, on the screen as in the file."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from dashboard import format as fmt
from dashboard.amounts import booked
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.language import _
from dashboard.markup import tag
from dashboard.period import DAY, months_back
from dashboard.sheets import Column, Sheet, table

OFFERED = 6  # closed months as links; any other by its address


def statement(board: Board) -> Card | Empty:
    """The statement of the month in the address, else of the last closed one."""
    title = _("What is {unit} charged for the month?", unit=board.unit_label(board.unit))
    months = closed_months(board)
    month = board.view.month or (months[-1] if months else None)
    if month is None or month not in months:
        return Empty(title, _("This month is not closed"), _("A statement is made of whole months with data only."))
    end = months_back(month, -1)
    rows = board.ask("cost/by_model", units=[board.unit], start=month, end=end)
    if not rows:
        return Empty(title, _("Nothing was used in this month"), _("Try another month or unit."))
    lines = [*booked_lines(rows), sum_line(rows)]
    sheet = Sheet(_columns(), lines)
    links = [
        tag("a", f"{m.month}/{m.year}", href=board.view.link(month=m), aria_current="true" if m == month else None)
        for m in months[-OFFERED:]
    ]
    choice = tag("nav", links, class_="chips months", aria_label=_("Month"))
    finding = _(
        "{month}: {cost} by metering, before tax.",
        month=fmt.month(month).capitalize(),
        cost=fmt.money(lines[-1]["czk"], decimals=2),
    )
    picture = table(sheet, caption=title, current=lambda r: r is lines[-1])
    more = ((_("Rates"), rates_sheet(board, month, end)),)
    return Card(
        title,
        finding,
        [choice, picture],
        sheet,
        ("cost/by_model", "reference/rates"),
        end - DAY,
        note=_note(rows),
        is_table=True,
        more=more,
    )


def closed_months(board: Board) -> list[date]:
    """First days of the months wholly covered by the data, oldest first, of the last two years."""
    through = board.facts.through
    end = months_back(through.replace(day=1), -1)
    rows = board.ask("cost/monthly", units=[board.unit], start=months_back(through.replace(day=1), 24), end=end)
    return [r["month_start"] for r in rows if r["is_complete"] and r["month_start"] >= board.facts.first_day]


def booked_lines(rows: list[Row]) -> list[Row]:
    """One line per model; CZK and USD in hundredths, adding up to the rounded totals; unknown cost stays unknown."""
    priced = [r for r in rows if r["metered_czk"] is not None]
    czk, usd = booked([r["metered_czk"] for r in priced]), booked([r["metered_usd"] for r in priced])
    amounts = {r["model"]: (c, u) for r, c, u in zip(priced, czk, usd, strict=True)}
    return [
        {**r, "czk": c, "usd": u, "rate": _rate(r)} for r in rows for c, u in [amounts.get(r["model"], (None, None))]
    ]


def sum_line(rows: list[Row]) -> Row:
    """The last line: sums of the known."""
    czk, usd = ([r[key] for r in rows if r[key] is not None] for key in ("metered_czk", "metered_usd"))
    whole = {"metered_czk": sum(czk, Decimal(0)), "metered_usd": sum(usd, Decimal(0))}
    return {
        "title": _("Total"),
        "provider": None,
        "requests": sum(r["requests"] for r in rows),
        "billed_tokens": sum(r["billed_tokens"] for r in rows),
        "usd": booked([whole["metered_usd"]])[0],
        "czk": booked([whole["metered_czk"]])[0],
        "rate": _rate(whole),
    }


def _rate(row: Row) -> Decimal | None:
    """CZK per USD as the amounts came out: the mean of the days' rates, weighted by what was used on each."""
    if not row["metered_usd"] or row["metered_czk"] is None:
        return None
    return booked([Fraction(row["metered_czk"]) / Fraction(row["metered_usd"])], Fraction(1, 10_000))[0]


def rates_sheet(board: Board, start: date, end: date) -> Sheet:
    """The central bank's rates of the month, for the workbook."""
    rows = [r for r in board.ask("reference/rates", start=start, end=end) if r["currency"] == "USD"]
    columns = [
        Column("day", _("Day"), "day"),
        Column("currency", _("Currency")),
        Column("czk_per_unit", _("CZK for one"), "rate"),
        Column("published_day", _("Published for"), "day"),
        Column("origin", _("Source")),
    ]
    return Sheet(columns, rows)


def _columns() -> list[Column]:
    return [
        Column("title", _("Model")),
        Column("provider", _("Provider"), "provider"),
        Column("requests", _("Requests"), "count"),
        Column("billed_tokens", _("Tokens"), "count"),
        Column("usd", _("Metered cost, USD"), "usd"),
        Column("rate", _("CZK for USD, mean of the month"), "rate"),
        Column("czk", _("Metered cost, CZK"), "czk_exact"),
    ]


def _note(rows: list[Row]) -> str:
    said = _("USD are converted day by day at the Czech National Bank's rate of each day; the file holds the rates.")
    unknown = [r["title"] for r in rows if r["metered_czk"] is None]
    if unknown:
        said += " " + _("The cost of {names} is unknown and not in the total.", names=", ".join(unknown))
    return said + " " + _("Lines are rounded to hundredths so that they add up to the total.")
