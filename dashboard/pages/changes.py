"""What changed most between the period and the one before it: found and worded by the program."""

from collections.abc import Iterator
from typing import Any

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import bullet_list
from dashboard.findings import Found, Observed, largest_changes
from dashboard.language import _
from dashboard.pages.shared_cards import known
from dashboard.sheets import Column, Sheet


def largest(board: Board) -> Card | Empty:
    """The three largest changes across units, models and providers, by cost and by active users."""
    title = _("What changed most?")
    if not board.has_before:
        return Empty(title, _("There is no earlier period to compare with"), _("Try a shorter period."))
    names: dict[tuple[str, str], str] = {}
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
    measures = {"cost": _("Metered cost, CZK"), "persons": _("Active users")}
    rows = [
        {"name": names[f.observed.kind, f.observed.name], "measure": measures[f.observed.measure],
         "before": f.observed.before, "now": f.observed.now, "difference": f.difference, "weight": f.weight}
        for f in found
    ]  # fmt: skip
    start, end = board.period.before
    finding = _("Against the {days} days before, from {day}.", days=(end - start).days, day=fmt.day(start))
    queries = ("cost/by_unit", "cost/by_model", "cost/by_provider", "adoption/active_by_model")
    return Card(title, finding, [bullet_list(sentences)], Sheet(columns, rows), queries)


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


def observed(board: Board, names: dict[tuple[str, str], str]) -> Iterator[Observed]:
    """All that is compared; `names` gets the name to show of each."""
    parent = board.unit
    units = [r["unit"] for r in board.facts.units if r["parent_unit"] == parent]
    asks: list[tuple[str, str, dict[str, Any]]] = [
        ("unit", "cost/by_unit", {"units": units}),
        ("model", "cost/by_model", {"units": [parent]}),
        ("provider", "cost/by_provider", {"units": [parent]}),
    ]
    if parent == board.facts.root:
        asks.append(("model", "adoption/active_by_model", {"units": []}))
    start, end = board.period.before
    for kind, query, given in asks:
        now = {r[kind]: r for r in board.ask(query, start=board.period.start, end=board.period.end, **given)}
        before = {r[kind]: r for r in board.ask(query, start=start, end=end, **given)}
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
    if kind == "unit":
        return board.unit_label(row["unit"])
    return fmt.provider_name(row["provider"]) if kind == "provider" else str(row["title"])
