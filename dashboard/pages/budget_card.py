"""Spend against budget, with a forecast to the end of the budget's period."""

from datetime import date

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Option, options
from dashboard.language import _
from dashboard.pages.shared_cards import part
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet


def budgets(board: Board) -> list[Row]:
    """Budgets of the chosen unit and of those directly below it that hold on the last day of the period."""
    below = [r["unit"] for r in board.facts.units if r["parent_unit"] == board.unit]
    return board.ask("cost/budget", units=[board.unit, *below], day=board.period.last)


def budget(board: Board) -> Card | Empty:
    """Budgets of the chosen unit that hold on the last day of the period; else of the units directly below it."""
    title = _("Will the budget last?")
    asked = budgets(board)
    rows = [r for r in asked if r["unit"] == board.unit] or asked
    if not rows:
        return Empty(title, _("No budget is set"), _("Budgets stand in budgets.csv."))
    rows = sorted(rows, key=lambda r: (r["period_end"], -r["amount_czk"], r["unit"]))
    peak = max(max(r["amount_czk"], r["spent_czk"] or 0, r["forecast_czk"] or 0) for r in rows)
    ways = [way for r in rows[:4] for way in _ways(board, r, peak)]
    columns = [
        Column("unit", _("Unit")),
        Column("period_start", _("From"), "day"),
        Column("last_day", _("To"), "day"),
        Column("amount_czk", _("Budget"), "czk"),
        Column("spent_czk", _("Spent"), "czk"),
        Column("spent_share", _("Share"), "share"),
        Column("elapsed_share", _("Part of the period gone"), "share"),
        Column("forecast_czk", _("Forecast"), "czk"),
        Column("exhausted_day", _("Exhausted"), "day"),
    ]
    sheet = Sheet(columns, [{**r, "last_day": _last_day(r)} for r in rows])
    note = _("The forecast goes on as in the last 28 days; it knows nothing of terms and holidays. It is an estimate.")
    return Card(
        title,
        _finding(rows[0]),
        [options(ways, are_across=True)],
        sheet,
        ("cost/budget",),
        as_of=board.period.last,
        note=note,
    )


def _last_day(row: Row) -> date:
    end: date = row["period_end"]
    return end - DAY


def _ways(board: Board, row: Row, peak: object) -> list[Option]:
    spent, forecast = row["spent_czk"], row["forecast_czk"]
    until = f"{board.unit_label(row['unit'])}, {fmt.day(_last_day(row))}"
    return [
        Option(_("Budget"), fmt.money(row["amount_czk"]), part(row["amount_czk"], peak), detail=until),
        Option(_("Spent"), fmt.money(spent), part(spent, peak), fmt.share(row["spent_share"])),
        Option(_("Forecast"), fmt.money(forecast), part(forecast, peak), detail=_("expected by the end")),
    ]


def _finding(row: Row) -> str:
    said = _(
        "{spent} of {amount} is spent ({share}); by {day} it is expected to be {forecast}.",
        spent=fmt.money(row["spent_czk"]),
        amount=fmt.money(row["amount_czk"]),
        share=fmt.share(row["spent_share"]),
        day=fmt.day(_last_day(row)),
        forecast=fmt.money(row["forecast_czk"]),
    )
    exhausted = row["exhausted_day"]
    return said + " " + _("It would be exhausted on {day}.", day=fmt.day(exhausted)) if exhausted else said
