"""Further cards of Adoption: faculties side by side, satisfaction, accounts nobody has used yet."""

from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Step, funnel, hidden_note, sparkline
from dashboard.figures import plain
from dashboard.language import _
from dashboard.markup import tag
from dashboard.pages.shared_cards import by_unit, funnel_by_unit, known, part
from dashboard.sheets import Column, Sheet

SHOWN = 6


def multiples(board: Board) -> Card | Empty:
    """Active users of every faculty over the period, all on one scale."""
    title = _("How do the faculties grow side by side?")
    rows = board.over_period("adoption/active_daily", units=board.faculties)
    courses: dict[str, list[Any]] = {unit: [] for unit in board.faculties}
    for row in rows:
        courses[row["unit"]].append(row["mau"])
    peaks = {unit: max((v for v in plain(course) if v is not None), default=0) for unit, course in courses.items()}
    peak = max(peaks.values(), default=0)
    if not peak:
        return Empty(title, _("Nobody was active in this selection"), _("Try a longer period or another unit."))
    ranked = sorted(courses, key=lambda u: (-(known(courses[u][-1]) or 0), u))
    picture = tag("div", [_multiple(board, unit, courses[unit], peak) for unit in ranked], class_="multiples")
    days = sorted({r["day"] for r in rows}, reverse=True)
    cells = {(r["day"], r["unit"]): r["mau"] for r in rows}
    columns = [Column("day", _("Day"), "day"), *(Column(u, u, "count") for u in ranked)]
    sheet = Sheet(columns, [{"day": d, **{u: cells.get((d, u)) for u in ranked}} for d in days])
    finding = _("{unit} has the most active people: {n}.", unit=ranked[0], n=fmt.number(courses[ranked[0]][-1]))
    note = _("Active in 28 days, every faculty on the same scale from 0 to {peak}.", peak=fmt.number(peak))
    if any(isinstance(v, fmt.Hidden) for course in courses.values() for v in course):
        note += " " + hidden_note(board.facts.minimum_group)
    return Card(title, finding, [picture], sheet, ("adoption/active_daily",), note=note)


def _multiple(board: Board, unit: str, course: list[Any], peak: float) -> Markup:
    link = tag("a", unit, href=board.view.link("/faculty", unit=unit), title=board.unit_name(unit))
    drawing = sparkline(course, height=52, top=peak) or tag("span", class_="spark", aria_hidden="true")
    return tag("div", tag("div", link, tag("span", fmt.number(course[-1])), class_="row"), drawing, class_="multiple")


def satisfaction(board: Board) -> Card | Empty:
    """Share of thumbs up, always beside how many rated and what share of answers that is."""
    title = _("Are people content with the answers?")
    days = {"start": board.period.start, "end": board.period.end}
    held = by_unit(board, "adoption/satisfaction", is_deep=False, **days)
    units = dict.fromkeys([board.unit, *board.faculties])
    rows = [held[unit] for unit in units if unit in held and held[unit]["ratings"]]
    mine = next((r for r in rows if r["unit"] == board.unit), None)
    if mine is None:
        return Empty(title, _("Nobody has rated an answer"), _("Try a longer period or another unit."))
    rows.sort(key=lambda r: (r["unit"] != board.unit, -r["ratings"], r["unit"]))
    columns = [
        Column("name", _("Unit"), "text"),
        Column("satisfaction", _("Thumbs up"), "share"),
        Column("ratings", _("Ratings"), "count"),
        Column("rated_share", _("Share of answers rated"), "share"),
    ]
    said = _(
        "{share} of {n} ratings are thumbs up; {rated} of answers were rated.",
        share=fmt.share(mine["satisfaction"]),
        n=fmt.number(mine["ratings"]),
        rated=fmt.share(mine["rated_share"], 1),
    )
    steps = [
        Step(board.unit_label(r["unit"]), _("{n} ratings", n=fmt.number(r["ratings"])),
             fmt.share(r["satisfaction"]), float(r["satisfaction"]), "")
        for r in rows[:SHOWN]
    ]  # fmt: skip
    note = _("Few rate: those who do are not everybody. Units with few ratings say little.")
    sheet = Sheet(columns, [{**r, "name": board.unit_name(r["unit"])} for r in rows])
    return Card(title, said, [funnel(steps)], sheet, ("adoption/satisfaction",), note=note)


def never_used(board: Board) -> Card | Empty:
    """Accounts that nobody has used yet: whom to invite."""
    title = _("Which accounts wait for their first question?")
    held = funnel_by_unit(board, board.period.last)
    units = dict.fromkeys([board.unit, *board.faculties])
    rows = [_unused(held[unit]) for unit in units if unit in held]
    mine = next((r for r in rows if r["unit"] == board.unit), None)
    if mine is None or not known(mine["accounts"]):
        return Empty(title, _("No accounts are known"))
    rows.sort(key=lambda r: (r["unit"] != board.unit, -(known(r["unused"]) or 0), r["unit"]))
    finding = _(
        "{n} of {all} accounts have never asked anything; {pending} wait for approval.",
        n=fmt.number(mine["unused"]),
        all=fmt.number(mine["accounts"]),
        pending=fmt.number(mine["pending_accounts"]),
    )
    steps = [
        Step(board.unit_label(r["unit"]), _("of {n} accounts", n=fmt.number(r["accounts"])), fmt.number(r["unused"]),
             part(r["unused"], r["accounts"]), fmt.share(r["share"]) if known(r["share"]) is not None else "")
        for r in rows[:SHOWN]
    ]  # fmt: skip
    columns = [
        Column("name", _("Unit"), "text"),
        Column("accounts", _("Accounts"), "count"),
        Column("activated", _("Activated"), "count"),
        Column("unused", _("Never used"), "count"),
        Column("share", _("Share never used"), "share"),
        Column("pending_accounts", _("Waiting for approval"), "count"),
    ]
    sheet = Sheet(columns, [{**r, "name": board.unit_name(r["unit"])} for r in rows])
    return Card(title, finding, [funnel(steps)], sheet, ("adoption/funnel",), as_of=board.period.last)


def _unused(row: Row) -> Row:
    """The row with accounts nobody has used: of counts in steps, so never a few."""
    accounts, activated = row["accounts"], row["activated"]
    if isinstance(accounts, fmt.Hidden) or isinstance(activated, fmt.Hidden):
        return {**row, "unused": fmt.Hidden(), "share": fmt.Hidden()}
    unused = max(0, (accounts or 0) - (activated or 0))
    return {**row, "unused": unused, "share": unused / accounts if accounts else None}
