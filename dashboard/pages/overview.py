"""Overview: is it used, is it affordable, is it worth extending?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, unmet_said
from dashboard.components import Kpi, kpi_strip
from dashboard.format import Hidden
from dashboard.language import _, ngettext
from dashboard.markup import join, tag
from dashboard.pages.budget_card import budget, budgets
from dashboard.pages.changes import largest
from dashboard.pages.model_share import model_share
from dashboard.pages.overview_lead import compared, lead
from dashboard.pages.plan_cards import seats_or_metered
from dashboard.pages.shared_cards import (
    active_rows,
    active_users,
    adoption_by_unit,
    cost_course,
    known,
    usage_by_unit,
)
from dashboard.pages.unit_cards import cost_by_unit, unit_columns, university_parts
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table
from dashboard.view import FILTERS
from queries.catalogue import query

COURSE_POINTS = 8
DAY0 = date(2000, 1, 1)  # before all data


def kpis(board: Board) -> Markup:
    """The answer in three sentences and the strip of five figures, each against the days compared with; those that
    can't be had for the chosen role or channel say so."""
    held = {build.__name__: _honest(board, build) for build in (active, adopted, habitual, spent, each)}
    figures = {name: (kpi.value, kpi.change) for name, kpi in held.items()}
    return join([lead(board, figures), kpi_strip(list(held.values())), compared(board)])


def _honest(board: Board, build: Callable[[Board], Kpi]) -> Kpi:
    board.unmet.clear()
    kpi = build(board)
    return replace(kpi, beside=" · ".join(filter(None, [kpi.beside, *unmet_said(board)])))


def active(board: Board) -> Kpi:
    """People active in 28 days, against the 28 days before or the chosen comparison."""
    rows = active_rows(board)
    now = rows[-1]["mau"] if rows else None
    before = adoption_then(board).get("mau_before") if not board.channel else None
    course = [r["mau"] for r in rows]
    link = board.view.link("/adoption")
    return Kpi(_("Active in 28 days"), fmt.number(now), _moved(now, before), _("no earlier data"), course, link)


def adopted(board: Board) -> Kpi:
    """Adoption: active people among those who could be."""
    row = adoption_then(board)
    course = [r["mau"] for r in active_rows(board)]
    link = board.view.link("/adoption")
    return Kpi(_("Adoption"), fmt.share(row.get("adoption_rate"), 1), _adoption_moved(row), "", course, link)


def spent(board: Board) -> Kpi:
    """Metered cost of the period."""
    now, before = _summaries(board)
    course = [r["metered_czk"] for r in board.over_period("cost/daily")]
    moved = _moved(now.get("metered_czk"), before.get("metered_czk"))
    link = board.view.link("/costs")
    cost = fmt.money(now.get("metered_czk"))
    return Kpi(_("Metered cost"), cost, moved, _("no earlier data"), course, link, _of_budget(board))


def _of_budget(board: Board) -> str:
    """How much of the unit's budget is spent; empty without one."""
    held = [r for r in budgets(board) if r["unit"] == board.unit and r["spent_share"] is not None]
    return _("{share} of the budget spent", share=fmt.share(held[0]["spent_share"])) if held else ""


def each(board: Board) -> Kpi:
    """Metered cost per active person: of all roles and channels, since cost has no role."""
    now, before = _summaries(board)
    course = cost_course(board.over_period("adoption/active_daily"), board.over_period("cost/daily"))
    moved = _moved(_per_person(now), _per_person(before))
    link = board.view.link("/costs")
    return Kpi(_("Cost per active user"), _money_each(now), moved, _("no earlier data"), course, link)


def adoption_then(board: Board) -> Row:
    """Adoption on the last day and before: 28 days earlier, or on the last day of the chosen comparison."""
    now = _adoption(board, board.period.last)
    if board.compare == "previous" and not board.role:
        return now
    then = {}
    day = (
        board.period.last - timedelta(days=28)
        if board.compare == "previous"
        else (board.before or (DAY0, DAY0))[1] - DAY
    )
    if day >= board.facts.first_day:
        then = _adoption(board, day)
    return {**now, "mau_before": then.get("mau"), "adoption_rate_before": then.get("adoption_rate")}


def _adoption(board: Board, day: date) -> Row:
    """The row of adoption of the chosen role, else of everybody."""
    if not board.role:
        return adoption_by_unit(board, day).get(board.unit, {})
    rows = board.ask("adoption/adoption_by_role", units=[board.unit], day=day)
    return _one([r for r in rows if r["role"] == board.role])


def _summaries(board: Board) -> tuple[Row, Row]:
    before: Row = {}
    if board.has_before and board.before:
        before = usage_by_unit(board, *board.before).get(board.unit, {})
    return usage_by_unit(board, board.period.start, board.period.end).get(board.unit, {}), before


def _money_each(now: Row) -> str:
    active = now.get("active_persons")
    return fmt.derived(active) if isinstance(active, Hidden) else fmt.money(_per_person(now))


def habitual(board: Board) -> Kpi:
    """Share of the people active in 28 days who have made it a habit, at the end of the period and before it."""
    last, first = board.period.last, board.period.start
    days = [first + (last - first) * i // COURSE_POINTS for i in range(COURSE_POINTS + 1)]
    then = board.before[1] - DAY if board.before and board.has_before else None
    held = _habitual_shares(board, [day for day in (*days, then) if day and day >= board.facts.first_day])
    shares = [held.get(day) for day in days]
    now, before = shares[-1], held.get(then) if then else None
    moved = fmt.points(known(now) - known(before)) if known(now) is not None and known(before) is not None else None
    why = _("no earlier data")
    return Kpi(_("Habitual share"), fmt.share(now), moved, why, shares, board.view.link("/adoption"))


def _habitual_shares(board: Board, days: list[date]) -> dict[date, Any]:
    rows = board.ask("adoption/habitual", units=[board.unit], on_days=[str(day) for day in days]) if days else []
    return {row["day"]: _habitual_share(row) for row in rows}


def _habitual_share(row: Row) -> Any:
    often, active = row["habitual"], row["active_28d"]
    hidden = next((v for v in (often, active) if isinstance(v, Hidden)), None)
    return hidden or (often / active if active else None)


def status(board: Board) -> Markup:
    """The state of the data in one line, with the way to the details."""
    scope = board.viewer.scope
    said, is_well = [_("Data to {day}", day=fmt.day(board.facts.through))], not board.is_stale
    if scope.allows(query("data/sources").access):
        rows = board.ask("data/sources")
        failed = [r["source"] for r in rows if r["last_status"] == "FAILED"]
        said.append(_("{ok} of {all} sources in order", ok=len(rows) - len(failed), all=len(rows)))
        is_well = is_well and not failed
        found = sum(1 for r in board.ask("data/checks") if r["offending_rows"])
        said.append(ngettext("{n} check found something", "{n} checks found something", found))
    dot = tag("i", class_="dot" if is_well else "dot is-stale")
    link = tag("a", _("Details of the data"), href=board.view.link("/data"))
    return tag("p", dot, tag("span", " · ".join(said), " · ", link), class_="freshness status")


def _one(rows: list[Row]) -> Row:
    return rows[0] if rows else {}


def _moved(now: Any, before: Any) -> str | None:
    return fmt.change(known(now), known(before))


def _adoption_moved(row: Row) -> str | None:
    now, before = known(row.get("adoption_rate")), known(row.get("adoption_rate_before"))
    return fmt.points(now - before) if now is not None and before is not None else None


def _per_person(row: Row) -> Any:
    persons, cost = known(row.get("active_persons")), row.get("metered_czk")
    return cost / persons if persons and cost is not None else None


def faculties(board: Board) -> Card | Empty:
    """All units directly below the university in one table, special lines last."""
    title = _("How do the faculties compare?")
    rows, _whole = university_parts(board)
    if not rows:
        return Empty(title, _("No usage in this period"))
    rates = adoption_by_unit(board, board.period.last)
    named = [{**r, "rate": None if r["is_own"] else rates.get(r["unit"], {}).get("adoption_rate")} for r in rows]
    columns = unit_columns(board)
    columns.insert(3, Column("rate", _("Adoption"), "share"))
    sheet = Sheet(columns, named)
    apart = [_named_apart(board, r) for r in named]
    picture = table(Sheet(columns, apart), caption=title, current=lambda r: r["code"] == board.view.unit)
    with_rate = [r for r in named if known(r["rate"]) is not None]
    finding: str = ""
    if with_rate:
        best = max(with_rate, key=lambda r: r["rate"])
        finding = _("The highest adoption is at {unit}: {share}.", unit=best["unit"], share=fmt.share(best["rate"], 1))
    partial = None if board.period.end <= board.facts.through + DAY else _("not over yet")
    queries = ("cost/by_unit", "adoption/adoption")
    return Card(title, finding, [picture], sheet, queries, partial=partial, is_table=True)


def _named_apart(board: Board, row: Row) -> Row:
    """The row as it is shown: what is no faculty goes by its name, not by a code nobody knows."""
    is_apart = row["is_own"] or board.is_special(row["unit"])
    return {**row, "code": row["unit"], **({"unit": row["name"], "name": ""} if is_apart else {})}


PAGE = Page(
    path="/",
    name="overview",
    icon="overview",
    title=lambda: _("Overview"),
    filters=FILTERS,
    specs=(
        Spec("kpis", kpis),
        Spec("changes", largest, 8),
        Spec("cost-by-faculty", cost_by_unit, 4, tall=True),
        Spec("active-users", active_users, 8),
        Spec("model-share", model_share, 8),
        Spec("overview-budget", budget),
        Spec("seats-or-metered", seats_or_metered),
        Spec("faculties", faculties),
        Spec("data-status", status),
    ),
)
