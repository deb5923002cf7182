"""Cards and readings that more than one page shows: active users, sums and shares, colours of models."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import hidden_note
from dashboard.figures import Line, Mark
from dashboard.format import Hidden
from dashboard.language import _, language, ngettext
from dashboard.sheets import Column, Sheet

TOP_MODELS = 8


def known(value: Any) -> Any:
    """The value, or None when it is unknown or hidden: for comparing and drawing, never for showing."""
    return None if isinstance(value, Hidden) else value


def total(rows: list[Row], key: str) -> Any:
    """Sum of the known values of rows that add up (amounts and requests; never persons)."""
    return sum((r[key] for r in rows if r[key] is not None), Decimal(0))


def part(value: Any, whole: Any) -> float:
    """value / whole for drawing, 0 where it can't be told."""
    return float(known(value) / whole) if known(value) and whole else 0.0


def share_of(value: Any, whole: Any) -> str:
    """What share of the whole the value is, in words; a dash where the value is not known."""
    return fmt.NONE if value is None else fmt.share(part(value, whole))


def shaded(board: Board) -> list[tuple[date, date]]:
    """Spans to shade behind a chart of days: exams and holidays, and weekends while single days can be seen."""
    start, end = board.period.start, board.period.end
    spans = [
        (max(row["start_day"], start), min(row["end_day"], end))
        for row in board.facts.calendar
        if row["kind"] == "exam" and row["start_day"] < end and row["end_day"] > start
    ]
    if board.period.days <= 100:
        days = (start + timedelta(days=i) for i in range(board.period.days))
        spans += [(d, min(d + timedelta(days=2), end)) for d in days if d.weekday() == 5]
    return spans


def events(board: Board) -> list[Mark]:
    """What happened within the period, as marks on a chart of days: trainings, launches, outages."""
    rows = board.ask("reference/annotations", start=board.period.start, end=board.period.end)
    return [Mark(r["day"], r[f"name_{language()}"]) for r in rows]


def events_said(marks: Sequence[Mark]) -> list[str]:
    """What the numbers on a chart stand for, as one sentence; nothing where names stand there themselves."""
    if len(marks) <= figures.MARKS_NAMED:
        return []
    named = [f"{i}{fmt.NBSP}{mark.title} ({fmt.day_short(mark.day)})" for i, mark in enumerate(marks, 1)]
    return [_("Marked: {names}.", names=", ".join(named))]


def by_unit(board: Board, name: str, *, is_deep: bool = True, **params: Any) -> dict[str, Row]:
    """{unit: its row of the query}: of the university and what is right below it, of the chosen unit, and
    (`is_deep`) of what is right below that.

    The first part is the same whatever unit is chosen, and asked by itself: all views share the answer.
    """
    root, chosen = board.facts.root, board.unit
    above = [root, *(r["unit"] for r in board.facts.units if r["parent_unit"] == root)]
    deep = [chosen, *(r["unit"] for r in board.facts.units if is_deep and r["parent_unit"] == chosen)]
    more = [unit for unit in deep if unit not in above]
    rows = [*board.ask(name, units=above, **params), *(board.ask(name, units=more, **params) if more else [])]
    return {row["unit"]: row for row in rows}


def usage_by_unit(board: Board, start: date, end: date) -> dict[str, Row]:
    """{unit: its use and cost}, of the units that cards compare."""
    return by_unit(board, "cost/by_unit", start=start, end=end)


def charged_in(board: Board, units: Sequence[str]) -> dict[str, Decimal]:
    """{unit: what is booked on it before tax}, CZK, in the months that the period touches (whole months)."""
    found: dict[str, Decimal] = {}
    for row in board.over_period("cost/allocated", units=units):
        found[row["unit"]] = found.get(row["unit"], Decimal(0)) + row["net_czk"]
    return found


def adoption_by_unit(board: Board, day: date) -> dict[str, Row]:
    """{unit: its adoption on the day}, of the units that cards compare."""
    return by_unit(board, "adoption/adoption", day=day)


def funnel_by_unit(board: Board, day: date) -> dict[str, Row]:
    """{unit: its funnel on the day}, of the units that cards compare."""
    return by_unit(board, "adoption/funnel", is_deep=False, day=day)


def active_rows(board: Board) -> list[Row]:
    """Rows with day, dau, wau and mau of the period: of the chosen role or else the chosen channel, else of everybody.

    Role and channel can't be met at once: the channel is then said to be left out.
    """
    if not (chosen := board.role or board.channel):
        return board.over_period("adoption/active_daily")
    if board.role and board.channel:
        board.unmet.add("channel")
    split = "role" if board.role else "channel"
    return board.over_period("adoption/active_split", split=split, members=[chosen])


def active_users(board: Board, spec_id: str = "active-users") -> Card | Empty:
    """Active users by day, week and four weeks."""
    title = _("How many people use the Sandbox?")
    rows = active_rows(board)
    if not any(r["mau"] for r in rows):
        return Empty(title, _("Nobody was active in this selection"), _("Try a longer period or another unit."))
    series = [
        Line(_("28 days"), [r["mau"] for r in rows], theme.DATA["blue"], 2.4),
        Line(_("7 days"), [r["wau"] for r in rows], theme.DATA["teal"], 2),
        Line(_("1 day"), [r["dau"] for r in rows], theme.DATA["grey"], 1.2),
    ]
    marks = events(board)
    figure = figures.lines([r["day"] for r in rows], series, spans=shaded(board), marks=marks)
    columns = [
        Column("day", _("Day"), "day"),
        Column("dau", _("Active in 1 day"), "count"),
        Column("wau", _("Active in 7 days"), "count"),
        Column("mau", _("Active in 28 days"), "count"),
    ]
    finding = _active_finding(rows[-1], rows[0])
    queries = ("adoption/active_split",) if board.role or board.channel else ("adoption/active_daily",)
    parts = [chart(spec_id, figure, alt=finding)]
    notes = [*([_("Shaded: weekends and exam periods.")] if shaded(board) else []), *events_said(marks)]
    if any(isinstance(r["dau"], Hidden) or isinstance(r["wau"], Hidden) for r in rows):
        notes.append(hidden_note(board.facts.minimum_group))  # what is hidden is a gap in the line
    note = " ".join(notes) or None
    return Card(title, finding, parts, Sheet(columns, rows[::-1]), queries, rows[-1]["day"], note=note)


def _active_finding(last: Row, first: Row) -> str:
    mau, weekly = last["mau"], last["wau"]
    if isinstance(mau, Hidden):
        return _("Fewer people were active than may be shown.")
    said = ngettext(
        "{persons} person was active in the last 28 days",
        "{persons} people were active in the last 28 days",
        mau,
        persons=fmt.number(mau),
    )
    moved = fmt.change(mau, known(first["mau"]))
    if moved and mau:
        said += _(" ({change} since {day})", change=moved, day=fmt.day_short(first["day"]))
    if known(weekly) is not None and mau:
        said += _("; {share} of them in the last week", share=fmt.share(weekly / mau))
    return said + "."


def cost_course(daily: list[Row], cost: list[Row]) -> list[Any]:
    """Cost of each day per person active that week: smoother than per day, and never divided by zero."""
    weekly = {r["day"]: known(r["wau"]) for r in daily}
    return [r["metered_czk"] / weekly[r["day"]] if weekly.get(r["day"]) else None for r in cost]


def model_colour(board: Board, model: str) -> str:
    """The model's own colour on every page; grey for names nobody has mapped."""
    position = board.model_position(model)
    return theme.DATA["grey"] if position is None else theme.colour(position)
