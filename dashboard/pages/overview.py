"""Overview: is it used, is it affordable, is it worth extending?"""

from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import Kpi, kpi_strip
from dashboard.language import _
from dashboard.pages.model_share import model_share
from dashboard.pages.plan_cards import seats_or_metered
from dashboard.pages.shared_cards import active_users, known
from dashboard.pages.unit_cards import cost_by_unit, unit_columns, university_parts
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table


def kpis(board: Board) -> Markup:
    """The strip of five figures, each against the period before."""
    period = board.period
    now = _one(board.over_period("overview/summary"))
    start, end = period.before
    before = _one(board.ask("overview/summary", units=[board.unit], start=start, end=end)) if board.has_before else {}
    adoption = _one(board.ask("adoption/adoption", units=[board.unit], day=period.last))
    daily, cost = board.over_period("adoption/active_daily"), board.over_period("cost/daily")
    why = _("no earlier data")
    per_user, per_user_before = _per_person(now), _per_person(before)
    active = now.get("active_persons")
    return kpi_strip(
        [
            Kpi(
                _("Active users"),
                fmt.number(active),
                _moved(active, before.get("active_persons")),
                why,
                [r["mau"] for r in daily],
                board.view.link("/adoption"),
            ),
            Kpi(
                _("Adoption"),
                fmt.share(adoption.get("adoption_rate"), 1),
                _adoption_moved(adoption),
                "",
                [r["mau"] for r in daily],
                board.view.link("/adoption"),
            ),
            Kpi(
                _("Requests"),
                fmt.number(now.get("requests")),
                _moved(now.get("requests"), before.get("requests")),
                why,
                [r["requests"] for r in cost],
                board.view.link("/models"),
            ),
            Kpi(
                _("Metered cost"),
                fmt.money(now.get("metered_czk")),
                _moved(now.get("metered_czk"), before.get("metered_czk")),
                why,
                [r["metered_czk"] for r in cost],
                board.view.link("/costs"),
            ),
            Kpi(
                _("Cost per active user"),
                fmt.money(per_user),
                _moved(per_user, per_user_before),
                why,
                _cost_course(daily, cost),
                board.view.link("/costs"),
            ),
        ]
    )


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
        Spec("active-users", active_users, 8),
        Spec("cost-by-faculty", cost_by_unit, 4, tall=True),
        Spec("model-share", model_share, 8),
        Spec("seats-or-metered", seats_or_metered),
        Spec("faculties", faculties),
    ),
)
