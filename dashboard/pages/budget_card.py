"""Spend against budget, with a forecast to the end of the budget's period."""

from datetime import date

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Bullet, bullets, legend
from dashboard.language import _
from dashboard.markup import join
from dashboard.pages.shared_cards import part
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet

SHOWN = 6


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
        _finding(board, rows[0]),
        [join([bullets([_bullet(board, r, peak) for r in rows[:SHOWN]]), legend(_meanings())])],
        sheet,
        ("cost/budget",),
        as_of=board.period.last,
        note=note,
    )


def _last_day(row: Row) -> date:
    end: date = row["period_end"]
    return end - DAY


def _bullet(board: Board, row: Row, peak: object) -> Bullet:
    spent, forecast = row["spent_czk"], row["forecast_czk"]
    days = fmt.days(row["period_start"], _last_day(row))
    said = _(
        "spent {spent} ({share}), expected {forecast}, budget {amount}",
        spent=fmt.money(spent),
        share=fmt.share(row["spent_share"]),
        forecast=fmt.money(forecast),
        amount=fmt.money(row["amount_czk"]),
    )
    return Bullet(
        board.unit_name(row["unit"]), days, said, part(spent, peak), part(forecast, peak), part(row["amount_czk"], peak)
    )


def _meanings() -> list[tuple[str, str, str]]:
    return [
        ("var(--data-blue)", _("Spent"), ""),
        ("var(--forecast)", _("expected by the end"), ""),
        ("var(--ink)", _("Budget"), ""),
    ]


def _finding(board: Board, row: Row) -> str:
    said = _(
        "{spent} of {amount} is spent ({share}); by {day} it is expected to be {forecast}.",
        spent=fmt.money(row["spent_czk"]),
        amount=fmt.money(row["amount_czk"]),
        share=fmt.share(row["spent_share"]),
        day=fmt.day(_last_day(row)),
        forecast=fmt.money(row["forecast_czk"]),
    )
    exhausted = row["exhausted_day"]
    if exhausted is None:
        return said
    is_over = exhausted <= board.period.last
    return said + " " + (
        _("It was used up on {day}.", day=fmt.day(exhausted)) if is_over
        else _("It would be exhausted on {day}.", day=fmt.day(exhausted))
    )  # fmt: skip
