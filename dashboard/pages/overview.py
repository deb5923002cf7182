"""Overview: is it used, is it affordable, is it worth extending?"""

from datetime import date
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import Kpi, kpi_strip
from dashboard.format import Hidden
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.budget_card import budget
from dashboard.pages.changes import largest
from dashboard.pages.model_share import model_share
from dashboard.pages.plan_cards import seats_or_metered
from dashboard.pages.shared_cards import active_users, known
from dashboard.pages.unit_cards import cost_by_unit, unit_columns, university_parts
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table
from queries.catalogue import query

COURSE_POINTS = 8


def kpis(board: Board) -> Markup:
    """The strip of five figures, each against the period before (persons: against the 28 days before)."""
    now, before = _summaries(board)
    adoption = _one(board.ask("adoption/adoption", units=[board.unit], day=board.period.last))
    daily, cost = board.over_period("adoption/active_daily"), board.over_period("cost/daily")
    why = _("no earlier data")
    people, money = board.view.link("/adoption"), board.view.link("/costs")
    mau, spent = [r["mau"] for r in daily], [r["metered_czk"] for r in cost]
    moved = {
        "mau": _moved(adoption.get("mau"), adoption.get("mau_before")),
        "cost": _moved(now.get("metered_czk"), before.get("metered_czk")),
        "each": _moved(_per_person(now), _per_person(before)),
    }
    return kpi_strip(
        [
            Kpi(_("Active in 28 days"), fmt.number(adoption.get("mau")), moved["mau"], why, mau, people),
            Kpi(_("Adoption"), fmt.share(adoption.get("adoption_rate"), 1), _adoption_moved(adoption), "", mau, people),
            habitual(board),
            Kpi(_("Metered cost"), fmt.money(now.get("metered_czk")), moved["cost"], why, spent, money),
            Kpi(_("Cost per active user"), _money_each(now), moved["each"], why, _cost_course(daily, cost), money),
        ]
    )


def _summaries(board: Board) -> tuple[Row, Row]:
    start, end = board.period.before
    before = _one(board.ask("overview/summary", units=[board.unit], start=start, end=end)) if board.has_before else {}
    return _one(board.over_period("overview/summary")), before


def _money_each(now: Row) -> str:
    active = now.get("active_persons")
    return fmt.derived(active) if isinstance(active, Hidden) else fmt.money(_per_person(now))


def habitual(board: Board) -> Kpi:
    """Share of the people active in 28 days who have made it a habit, at the end of the period and before it."""
    last, first = board.period.last, board.period.start
    days = [first + (last - first) * i // COURSE_POINTS for i in range(COURSE_POINTS + 1)]
    shares = [_habitual_share(board, day) if day >= board.facts.first_day else None for day in days]
    now, before = shares[-1], _habitual_share(board, first - DAY) if board.has_before else None
    moved = fmt.points(known(now) - known(before)) if known(now) is not None and known(before) is not None else None
    why = _("no earlier data")
    return Kpi(_("Habitual share"), fmt.share(now), moved, why, shares, board.view.link("/adoption"))


def _habitual_share(board: Board, day: date) -> Any:
    row = _one(board.ask("adoption/funnel", units=[board.unit], day=day))
    often, active = row.get("habitual"), row.get("active_28d")
    hidden = next((v for v in (often, active) if isinstance(v, Hidden)), None)
    return hidden or (often / active if active and often is not None else None)


def status(board: Board) -> Markup:
    """The state of the data in one line, with the way to the details."""
    scope = board.viewer.scope
    said = [_("Data to {day}", day=fmt.day(board.facts.through))]
    if scope.allows(query("data/sources").access):
        rows = board.ask("data/sources")
        failed = [r["source"] for r in rows if r["last_status"] == "FAILED"]
        said.append(_("{ok} of {all} sources in order", ok=len(rows) - len(failed), all=len(rows)))
        found = sum(1 for r in board.ask("data/checks") if r["offending_rows"])
        said.append(ngettext("{n} check found something", "{n} checks found something", found))
    dot = tag("i", class_="dot is-stale" if board.is_stale else "dot")
    link = tag("a", _("Details of the data"), href=board.view.link("/data"))
    return tag("p", dot, " · ".join(said), " · ", link, class_="freshness status")


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


def _cost_course(daily: list[Row], cost: list[Row]) -> list[Any]:
    """Cost of each day per person active that week: smoother than per day, and never divided by zero."""
    weekly = {r["day"]: known(r["wau"]) for r in daily}
    return [r["metered_czk"] / weekly[r["day"]] if weekly.get(r["day"]) else None for r in cost]


def faculties(board: Board) -> Card | Empty:
    """All units directly below the university in one table, special lines last."""
    title = _("How do the faculties compare?")
    rows, _whole = university_parts(board)
    if not rows:
        return Empty(title, _("No usage in this period"))
    units = [r["unit"] for r in rows if not r["is_own"]]
    rates = {r["unit"]: r["adoption_rate"] for r in board.ask("adoption/adoption", units=units, day=board.period.last)}
    named = [{**r, "rate": rates.get(r["unit"])} for r in rows]
    columns = unit_columns(board)
    columns.insert(3, Column("rate", _("Adoption"), "share"))
    sheet = Sheet(columns, named)
    picture = table(sheet, caption=title, current=lambda r: r["unit"] == board.view.unit)
    with_rate = [r for r in named if known(r["rate"]) is not None]
    finding: str = ""
    if with_rate:
        best = max(with_rate, key=lambda r: r["rate"])
        finding = _("The highest adoption is at {unit}: {share}.", unit=best["unit"], share=fmt.share(best["rate"], 1))
    partial = None if board.period.end <= board.facts.through + DAY else _("not over yet")
    queries = ("cost/by_unit", "adoption/adoption")
    return Card(title, finding, [picture], sheet, queries, partial=partial, is_table=True)


PAGE = Page(
    path="/",
    name="overview",
    icon="overview",
    title=lambda: _("Overview"),
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
