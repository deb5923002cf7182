"""What units mean to reach, and how far they are."""

from datetime import date
from typing import Any

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Step, funnel, hidden_note
from dashboard.language import _, ngettext
from dashboard.pages.shared_cards import adoption_by_unit, known, part
from dashboard.sheets import Column, Sheet

SHOWN = 6


def targets(board: Board) -> Card | Empty:
    """Targets of the chosen unit, or of all units below the university, against the last day of the period."""
    title = _("Do we reach our targets?")
    below = [r["unit"] for r in board.facts.units if r["parent_unit"] == board.unit]
    asked = board.ask("adoption/targets", units=[board.unit, *below])
    if not asked:
        return Empty(title, _("No target is set"), _("Targets stand in targets.csv."))
    now = adoption_by_unit(board, board.period.last)
    rows = [_line(r, now.get(r["unit"], {})) for r in asked if r["day"] >= board.period.start]
    if not rows:
        return Empty(title, _("No target falls into this period"))
    rows.sort(key=lambda r: (r["unit"] != board.unit, r["day"], r["unit"], r["metric"]))
    reached = sum(1 for r in rows if r["done"] is not None and r["done"] >= 1)
    steps = [_step(board, r) for r in rows[:SHOWN]]
    columns = [
        Column("name", _("Unit")),
        Column("what", _("Measure")),
        Column("day", _("By when"), "day"),
        Column("target", _("Target")),
        Column("now", _("Now")),
        Column("done", _("Reached"), "share"),
    ]
    sheet = Sheet(columns, [{**r, "name": board.unit_name(r["unit"])} for r in rows])
    finding = ngettext("{n} of {all} targets is reached.", "{n} of {all} targets are reached.", reached, all=len(rows))
    note = hidden_note(board.facts.minimum_group) if any(r["done"] is None for r in rows) else None
    return Card(
        title, finding, [funnel(steps)], sheet, ("adoption/targets", "adoption/adoption"), board.period.last, note=note
    )


def _step(board: Board, row: Row) -> Step:
    said = {"target": row["target"], "day": fmt.day(row["day"])}
    name, done = f"{board.unit_label(row['unit'])}: {row['what']}", row["done"]
    if done is None:
        return Step(name, _("target {target} by {day}", **said), row["now"], None, "")
    about = _("{done} of {target} by {day}", done=fmt.share(done), **said)
    return Step(name, about, row["now"], min(1.0, done), "")


def _line(target: Row, now: Row) -> Row:
    measures = {"mau": _("active in 28 days"), "adoption_rate": _("adoption")}
    value: Any = now.get(target["metric"])
    is_rate = target["metric"] == "adoption_rate"
    day: date = target["day"]
    goal = float(target["value"])
    return {
        "unit": target["unit"],
        "metric": target["metric"],
        "what": measures.get(target["metric"], target["metric"]),
        "day": day,
        "target": fmt.share(goal, 1) if is_rate else fmt.number(goal),
        "now": fmt.share(value, 1) if is_rate else fmt.number(value),
        "done": part(value, goal) if known(value) is not None and goal else None,
    }
