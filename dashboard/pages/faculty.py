"""My faculty: what one unit uses and pays, against the median of the faculties, and its monthly statement."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, unmet_said
from dashboard.comparison import median
from dashboard.components import Kpi, kpi_strip, notice
from dashboard.language import _
from dashboard.markup import join, tag
from dashboard.pages.cost_more import by_key
from dashboard.pages.costs import by_model, by_month
from dashboard.pages.model_share import model_share
from dashboard.pages.shared_cards import (
    active_users,
    adoption_by_unit,
    charged_in,
    cost_course,
    known,
    part,
    usage_by_unit,
)
from dashboard.pages.statement import statement
from dashboard.pages.unit_cards import path_to, who_spends
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table
from dashboard.view import FILTERS

PEOPLE = ("mau", "adoption_rate")


def scoped(board: Board) -> Board:
    """The board of the unit this page is about: the chosen one, or an example when the whole university is."""
    if board.unit != board.facts.root or not board.faculties:
        return board
    return replace(board, view=replace(board.view, unit=board.faculties[0]))


def which(board: Board) -> Markup:
    """The unit's full name and place, and the other faculties to choose from."""
    shown = scoped(board)
    hint = None
    if shown is not board:
        text = _("Shown as an example: {unit}. Choose yours below.", unit=shown.unit_name(shown.unit))
        hint = notice("info", _("No unit is chosen."), text)
    links = [
        tag("a", code, href=board.view.link(unit=code), title=board.unit_name(code),
            aria_current="true" if code == shown.unit else None)
        for code in board.faculties
    ]  # fmt: skip
    chips = tag("nav", links, class_="chips", aria_label=_("Faculties")) if len(links) > 1 else None
    return tag("div", hint, path_to(shown), chips, class_="which")


def kpis(board: Board) -> Markup:
    """Five figures of the unit, each against the period before and beside the faculties' median."""
    shown = scoped(board)
    now, before = _usage(shown, shown.period.start, shown.period.end), {}
    if shown.has_before and shown.before:
        before = _usage(shown, *shown.before)
    daily, cost = shown.over_period("adoption/active_daily"), shown.over_period("cost/daily")
    mau = [r["mau"] for r in daily]  # adoption goes the same way: head-counts hold for a term and longer
    courses = {
        "mau": mau,
        "adoption_rate": mau,
        "requests": [r["requests"] for r in cost],
        "metered_czk": [r["metered_czk"] for r in cost],
        "cost_per_active_czk": cost_course(daily, cost),
    }
    said = _unmet(shown)
    strip = kpi_strip([_kpi(key, now, before, course, said[key in PEOPLE]) for key, course in courses.items()])
    against = tag("p", _("Change against {what}.", what=shown.before_said), class_="note compared") if before else None
    return join([strip, against])


def _usage(board: Board, start: Any, end: Any) -> dict[str, Row]:
    """{unit: row} of the faculties and the unit itself, with usage and cost of the days and adoption at their end."""
    rates = adoption_by_unit(board, end - DAY)
    found = {unit: {**row, **rates.get(unit, {})} for unit, row in usage_by_unit(board, start, end).items()}
    peers = [found[f] for f in board.faculties if f in found]
    medians = {key: median([r.get(key) for r in peers]) for key in _labels()}
    return {"unit": found.get(board.unit, {}), "median": medians}


def _unmet(board: Board) -> tuple[list[str], list[str]]:
    """What of the chosen filters use and cost can't honour, and what people can't; both were asked before."""
    said = []
    for ask in (usage_by_unit, lambda b, _start, end: adoption_by_unit(b, end - DAY)):
        board.unmet.clear()
        ask(board, board.period.start, board.period.end)
        said.append(unmet_said(board))
    return said[0], said[1]


def _labels() -> dict[str, tuple[str, Callable[[Any], str]]]:
    return {
        "mau": (_("Active in 28 days"), fmt.number),
        "adoption_rate": (_("Adoption"), lambda v: fmt.share(v, 1)),
        "requests": (_("Requests"), fmt.number),
        "metered_czk": (_("Metered cost"), fmt.money),
        "cost_per_active_czk": (_("Cost per active user"), fmt.money),
    }


def _kpi(key: str, now: dict[str, Row], before: dict[str, Row], course: list[Any], unmet: list[str]) -> Kpi:
    label, show = _labels()[key]
    value, earlier = known(now["unit"].get(key)), known(before.get("unit", {}).get(key))
    moved = fmt.change(value, earlier)
    if key == "adoption_rate":
        moved = fmt.points(value - earlier) if value is not None and earlier is not None else None
    beside = " · ".join([_("faculties' median: {value}", value=show(now["median"][key])), *unmet])
    why = _("no earlier data") if not before else ""
    return Kpi(label, show(now["unit"].get(key)), moved, why, course, beside=beside)


def invoiced(board: Board) -> Card | Empty:
    """What is charged to the unit from invoices beside what was metered, and what no rule could place."""
    shown = scoped(board)
    title = _("What do invoices say?")
    root, label = board.facts.root, shown.unit_label(shown.unit)
    charged = charged_in(shown, (shown.unit, root, "UNALLOCATED"))
    if not charged:
        return Empty(title, _("No invoice covers this period"), _("Metered cost is an estimate until invoices arrive."))
    rows = usage_by_unit(shown, shown.period.start, shown.period.end)
    lines = [
        {"what": _("Metered at {unit}", unit=label), "czk": rows.get(shown.unit, {}).get("metered_czk")},
        {"what": _("Charged to {unit}", unit=label), "czk": charged.get(shown.unit, Decimal(0))},
    ]
    finding = _("{amount} is charged to {unit}.", amount=fmt.money(charged.get(shown.unit, Decimal(0))), unit=label)
    if root in charged:  # who sees one unit alone is not told of the others
        loose = charged.get("UNALLOCATED", Decimal(0))
        lines += [
            {"what": _("Charged to the university in all"), "czk": charged[root]},
            {"what": _("Of that placed by no rule"), "czk": loose},
        ]
        share = fmt.share(part(charged.get(shown.unit), charged[root]), 1)
        amount = fmt.money(charged.get(shown.unit, Decimal(0)))
        finding = _("{unit} is charged {amount}, {share} of all invoices.", unit=label, amount=amount, share=share)
    sheet = Sheet([Column("what", _("Amount of the period")), Column("czk", _("CZK, before tax"), "czk_exact")], lines)
    note = _("What is charged counts in whole months; the statement below explains it line by line.")
    queries = ("cost/allocated", "cost/by_unit")
    return Card(title, finding, [table(sheet, caption=title)], sheet, queries, note=note, is_table=True)


def active(board: Board) -> Card | Empty:
    """Active users of the unit."""
    return active_users(scoped(board), "faculty-active")


def share(board: Board) -> Card | Empty:
    """Models the unit chooses."""
    return model_share(scoped(board), "faculty-models")


def cost_by_month(board: Board) -> Card | Empty:
    """Cost of the unit per month."""
    return by_month(scoped(board), "faculty-months")


def cost_by_model(board: Board) -> Card | Empty:
    """Cost of the unit per model."""
    return by_model(scoped(board))


def departments(board: Board) -> Card | Empty:
    """Who within the unit spends; where all is paid by the unit itself, its keys and projects."""
    shown = scoped(board)
    below = [r["unit"] for r in shown.facts.units if r["parent_unit"] == shown.unit]
    rows = shown.over_period("cost/children", units=[*below, shown.unit], parent=shown.unit)
    return who_spends(shown) if any(r["unit"] != shown.unit for r in rows) else by_key(shown)


def month_statement(board: Board) -> Card | Empty:
    """The unit's statement of a closed month."""
    return statement(scoped(board))


PAGE = Page(
    path="/faculty",
    name="faculty",
    icon="faculty",
    title=lambda: _("My faculty"),
    filters=FILTERS,
    specs=(
        Spec("which", which),
        Spec("faculty-kpis", kpis),
        Spec("faculty-months", cost_by_month, 7),
        Spec("faculty-invoiced", invoiced, 5, keeps_czk=True),
        Spec("statement", month_statement, keeps_czk=True),
        Spec("faculty-departments", departments, 5),
        Spec("faculty-active", active, 7),
        Spec("faculty-by-model", cost_by_model, 5),
        Spec("faculty-models", share, 7),
    ),
)
