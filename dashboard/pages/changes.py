"""What changed most between the period and the one before it: found and worded by the program."""

from collections.abc import Iterator, Sequence
from typing import Any

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import bullet_list
from dashboard.findings import Found, Observed, largest_changes
from dashboard.language import _
from dashboard.pages.shared_cards import known, usage_by_unit
from dashboard.sheets import Column, Sheet

Names = dict[tuple[str, str], str]  # (kind, code) -> the name to show


def largest(board: Board) -> Card | Empty:
    """The three largest changes across units and models, by cost and by active users."""
    title = _("What changed most?")
    if not board.has_before or board.before is None:
        return Empty(title, _("There is no earlier period to compare with"), _("Try a shorter period."))
    names: Names = {}
    found = largest_changes(observed(board, names))
    if not found:
        return Empty(title, _("Nothing changed by more than a few percent"))
    sentences = [sentence(f, names[f.observed.kind, f.observed.name]) for f in found]
    columns = [
        Column("name", _("What")),
        Column("measure", _("Measure")),
        Column("before", _("Before"), "count"),
        Column("now", _("Now"), "count"),
        Column("difference", _("Difference"), "count"),
        Column("weight", _("Share of all"), "share"),
    ]
    measures = {"cost": _("Metered cost, {currency}", currency=fmt.currency()), "persons": _("Active users")}
    rows = [
        {"name": names[f.observed.kind, f.observed.name], "measure": measures[f.observed.measure],
         "before": _shown(f, f.observed.before), "now": _shown(f, f.observed.now),
         "difference": _shown(f, f.difference), "weight": f.weight}
        for f in found
    ]  # fmt: skip
    finding = _("Against {what}, from {day}.", what=board.before_said, day=fmt.day(board.before[0]))
    queries = ("cost/by_unit", "cost/by_model", "adoption/active_by_model")
    return Card(title, finding, [bullet_list(sentences)], Sheet(columns, rows), queries)


def _shown(found: Found, value: Any) -> Any:
    return fmt.converted(value) if found.observed.measure == "cost" else value


def sentence(found: Found, name: str) -> str:
    """One change in words; a percentage only over a base that is not tiny."""
    seen = found.observed
    show = fmt.money if seen.measure == "cost" else fmt.number
    said = {"name": name, "now": show(seen.now), "before": show(seen.before)}
    moved = fmt.change(seen.now, seen.before) if found.has_base else None
    if seen.measure == "cost" and moved:
        return _("{name}: cost {now}, {change} (before {before}).", change=moved, **said)
    if seen.measure == "cost":
        return _("{name}: cost {now}, before only {before}.", **said)
    if moved:
        return _("{name}: {now} active people, {change} (before {before}).", change=moved, **said)
    return _("{name}: {now} active people, before only {before}.", **said)


def observed(board: Board, names: Names) -> Iterator[Observed]:
    """All that is compared; `names` gets the name to show of each."""
    parent = board.unit
    asks = [("model", "cost/by_model", [parent])]
    if parent == board.facts.root:
        asks.append(("model", "adoption/active_by_model", []))
    then, now = board.before or board.period.before, (board.period.start, board.period.end)
    below = {r["unit"] for r in board.facts.units if r["parent_unit"] == parent}
    units = [{u: r for u, r in usage_by_unit(board, *days).items() if u in below} for days in (now, then)]
    yield from _compared(board, "unit", units, names)
    for kind, query, asked in asks:
        held = [{r[kind]: r for r in board.ask(query, units=asked, start=a, end=b)} for a, b in (now, then)]
        yield from _compared(board, kind, held, names)


def _compared(board: Board, kind: str, held: Sequence[dict[str, Row]], names: Names) -> Iterator[Observed]:
    now, before = held
    for code in sorted({*now, *before}):
        names[kind, code] = _name(board, kind, now.get(code) or before[code])
        yield from _pairs(kind, code, now.get(code), before.get(code))


def _pairs(kind: str, code: str, now: Row | None, before: Row | None) -> Iterator[Observed]:
    """Cost and persons of both periods; a thing that stands in one of them only was 0 in the other."""
    for measure, key in (("cost", "metered_czk"), ("persons", "active_persons")):
        if key in (now or before or {}):
            values = [0 if row is None else known(row[key]) for row in (now, before)]
            yield Observed(kind, code, measure, values[0], values[1])


def _name(board: Board, kind: str, row: Row) -> str:
    return board.unit_label(row["unit"]) if kind == "unit" else str(row["title"])
