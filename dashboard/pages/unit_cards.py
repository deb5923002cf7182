"""Who spends: all units directly below the university, so that the list adds up to its total to the last crown."""

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Bar, ranked_bars
from dashboard.icons import icon
from dashboard.language import _
from dashboard.markup import Child, tag
from dashboard.pages.shared_cards import part, total, usage_by_unit
from dashboard.sheets import Column, Sheet

SUMS = ("requests", "billed_tokens", "metered_czk")


def university_parts(board: Board) -> tuple[list[Row], Row]:
    """(rows, the whole): one row per unit directly below the university, dearest first, then the special lines, then
    what the university itself pays. Their amounts add up to the whole. Every row has `name` and `is_own`.
    """
    root = board.facts.root
    below = [r["unit"] for r in board.facts.units if r["parent_unit"] == root]
    rows = usage_by_unit(board, board.period.start, board.period.end)
    whole = rows.get(root)
    held = [rows[unit] for unit in below if unit in rows]
    parts = [{**r, "name": board.unit_name(r["unit"]), "is_own": False} for r in held]
    parts.sort(key=lambda r: (board.is_special(r["unit"]), -(r["metered_czk"] or 0), r["unit"]))
    if whole is None:  # the viewer may see some units only: the whole is what they see
        return parts, {key: total(parts, key) for key in SUMS}
    own = _own(whole, parts)
    return ([*parts, own] if own["metered_czk"] or own["requests"] else parts), whole


def _own(whole: Row, parts: list[Row]) -> Row:
    """What no unit below holds. The amounts come by subtraction; persons can't be subtracted and stay unknown."""
    left: Row = {key: None if whole[key] is None else whole[key] - total(parts, key) for key in SUMS}
    left |= {key: int(left[key]) for key in ("requests", "billed_tokens")}
    shown = {"active_persons": None, "cost_per_active_czk": None}
    name = _("Central, directly under the university")
    return {"unit": whole["unit"], "name": name, "is_own": True, **left, **shown}


def cost_by_unit(board: Board) -> Card | Empty:
    """Cost of every unit directly below the university as ranked bars whose labels filter."""
    title = _("Which faculties spend the most?")
    rows, whole = university_parts(board)
    amount = whole["metered_czk"]
    if not amount:
        return Empty(title, _("No cost in this period"), _("Try a longer period."))
    peak = max(r["metered_czk"] or 0 for r in rows)
    bars = [_unit_bar(board, row, amount, peak) for row in rows]
    top = rows[0]
    finding = _(
        "{total} in total; the largest share is {unit} with {share}.",
        total=fmt.money(amount),
        unit=board.unit_label(top["unit"]),
        share=fmt.share(part(top["metered_czk"], amount)),
    )
    is_filtered = board.unit != board.facts.root
    picture = ranked_bars(bars, has_current=is_filtered)
    return Card(title, finding, [picture], Sheet(unit_columns(board), rows), ("cost/by_unit",))


def _unit_bar(board: Board, row: Row, amount: Any, peak: Any) -> Bar:
    unit = row["unit"]
    is_current, is_apart = unit == board.view.unit, board.is_special(unit) or row["is_own"]
    return Bar(
        label=row["name"] if is_apart else unit,
        name="" if is_apart else row["name"],
        value=fmt.money(row["metered_czk"], decimals=0),
        extra=fmt.share(part(row["metered_czk"], amount)),
        part=part(row["metered_czk"], peak),
        link=None if row["is_own"] else board.view.link(unit=None if is_current else unit),
        is_current=is_current,
        is_special=is_apart,
    )


def unit_columns(board: Board) -> list[Column]:
    """Columns of a table of units; `code` of a row is that of its link where another text stands for it."""

    def link(row: Row) -> str | None:
        return None if row.get("is_own") else board.view.link(unit=row.get("code", row["unit"]))

    return [
        Column("unit", _("Code"), link=link),
        Column("name", _("Unit"), "name"),
        Column("active_persons", _("Active users"), "count"),
        Column("requests", _("Requests"), "count", minor=True),
        Column("billed_tokens", _("Tokens"), "compact", minor=True),
        Column("metered_czk", _("Metered cost"), "czk", bar=True),
        Column("cost_per_active_czk", _("Cost per active user"), "czk"),
    ]


def who_spends(board: Board) -> Card | Empty:
    """Cost one level below the chosen unit: faculties of the university, departments of a faculty."""
    if board.unit == board.facts.root:
        return cost_by_unit(board)
    title = _("Who spends at {unit}?", unit=board.unit_label(board.unit))
    below = [r["unit"] for r in board.facts.units if r["parent_unit"] == board.unit]
    rows = board.over_period("cost/children", units=[*below, board.unit], parent=board.unit)
    amount = total(rows, "metered_czk")
    if not amount:
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    rows = sorted(rows, key=lambda r: -(r["metered_czk"] or 0))
    bars = [_child_bar(board, r, amount, rows[0]["metered_czk"]) for r in rows]
    columns = [
        Column("unit", _("Code")),
        Column("name", _("Unit")),
        Column("active_persons", _("Active users"), "count"),
        Column("requests", _("Requests"), "count"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
    ]
    finding = _("{total} in the period, before tax.", total=fmt.money(amount))
    sheet = Sheet(columns, [{**r, "name": _child_name(board, r)} for r in rows])
    return Card(title, finding, [ranked_bars(bars)], sheet, ("cost/children",))


def _child_name(board: Board, row: Row) -> str:
    return _("paid by {unit} itself", unit=row["unit"]) if row["unit"] == board.unit else board.unit_name(row["unit"])


def _child_bar(board: Board, row: Row, amount: Decimal, peak: Decimal) -> Bar:
    unit = row["unit"]
    link = None if unit == board.unit else board.view.link(unit=unit)
    cost = row["metered_czk"]
    share = fmt.share(part(cost, amount))
    return Bar(unit, _child_name(board, row), fmt.money(cost, decimals=0), share, part(cost, peak), link)


def path_to(board: Board) -> Markup:
    """The way from the university to the chosen unit; each step is a link up."""
    above = {r["unit"]: r["parent_unit"] for r in board.facts.units}
    codes = [board.unit]
    while codes[0] not in board.viewer.scope.units and (parent := above.get(codes[0])) is not None:
        codes.insert(0, parent)
    steps: list[Child] = [_step(board, code) for code in codes[:-1]]
    here = tag("b", board.unit_name(board.unit), aria_current="location")
    between = [part for step in steps for part in (step, icon("arrow"))]
    return tag("nav", [*between, here], class_="path", aria_label=_("Place in the university"))


def _step(board: Board, code: str) -> Markup:
    unit = None if code == board.viewer.scope.units[0] else code
    return tag("a", board.unit_name(code), href=board.view.link(unit=unit))
