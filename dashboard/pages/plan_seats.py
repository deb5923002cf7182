"""Seats that were bought: whether they are used, by whom twice, by nobody; and for whom the best mix has one."""

from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Step, bullet_list, funnel, hidden_note
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.plan_cards import cannot, weighed
from dashboard.pages.plan_question import holders, known_plans
from dashboard.pages.shared_cards import known, part
from dashboard.period import DAY, month_start, months_back
from dashboard.sheets import Column, Sheet, table
from dashboard.what_if import DEFAULT_MONTHS


def bought(board: Board) -> Card | Empty:
    """Of the seats bought: assigned, activated, active, at their limit; and those held twice or by nobody."""
    question = _("Are the bought seats used?")
    shown = _latest(board)
    if not shown:
        return Empty(question, _("No report of bought seats has been read"), _("Put reports into the folder of seats."))
    row = max(shown, key=lambda r: known(r["bought"]) or known(r["assigned"]) or 0)
    row = row | {"product": _plan_title(board, row["product"])}
    parts = [_steps(row)]
    if said := [*_several_plans(board), *_twice_or_nobody(row)]:
        parts.append(bullet_list(said))
    queries = ("plans/seat_funnel", "plans/seat_idle", "plans/seat_overlap", "plans/seat_twice")
    note = hidden_note(board.facts.minimum_group)
    return Card(
        question, _idle(row), parts, Sheet(_columns(), shown), queries, as_of=row["report_day"], note=note
    )  # fmt: skip


def _plan_title(board: Board, product: str) -> str:
    return next((r["name"] for r in known_plans(board) if r["plan"] == product and r["name"]), product)


def _latest(board: Board) -> list[Row]:
    """The last row of each plan, with what the two other metrics say of the same report."""
    through = board.facts.through
    asked: dict[str, Any] = {
        "units": [board.unit], "start": months_back(month_start(through), DEFAULT_MONTHS), "end": through,
    }  # fmt: skip
    latest = {r["product"]: r for r in sorted(board.ask("plans/seat_funnel", **asked), key=lambda r: r["month_start"])}
    more: dict[tuple[Any, ...], Row] = {}
    for name, columns in (("plans/seat_idle", ("left_university",)),
                          ("plans/seat_overlap", ("unmatched", "both", "sandbox_czk"))):  # fmt: skip
        for r in board.ask(name, **asked):
            more.setdefault((r["product"], r["month_start"]), {}).update({c: r[c] for c in columns})
    return [r | more.get((product, r["month_start"]), {}) for product, r in latest.items()]


def _columns() -> list[Column]:
    return [
        Column("product", _("Plan")),
        Column("report_day", _("Report of"), "day"),
        Column("bought", _("Bought"), "count"),
        Column("assigned", _("Assigned"), "count"),
        Column("activated", _("Activated"), "count"),
        Column("active", _("Active in 28 days"), "count"),
        Column("at_limit", _("At the limit"), "count"),
        Column("unused_czk", _("Idle, a month"), "czk"),
        Column("unassigned", _("Given to nobody"), "count"),
        Column("unassigned_czk", _("Given to nobody, a month"), "czk"),
        Column("both", _("Active here and in the Sandbox"), "count"),
        Column("left_university", _("Held by who has left"), "count"),
        Column("unmatched", _("Held under a hashed name"), "count"),
    ]


def _idle(row: Row) -> str:
    """What lies idle: seats of holders who are not active, and those given to nobody."""
    unused, empty, product = known(row["unused_czk"]), known(row["unassigned_czk"]), row["product"]
    if unused is not None and empty:
        return _("{product}: seats nobody was active under cost {czk} a month, those given to nobody {more}.",
                 product=product, czk=fmt.money(unused), more=fmt.money(empty))  # fmt: skip
    if unused is not None:
        return _("{product}: seats nobody was active under cost {czk} a month.", product=product, czk=fmt.money(unused))
    if empty:
        return _("{product}: seats given to nobody cost {czk} a month.", product=product, czk=fmt.money(empty))
    return _("{product}: what lies idle can't be told.", product=product)


def _several_plans(board: Board) -> list[str]:
    through = board.facts.through
    months = board.ask("plans/seat_twice", units=[board.unit], start=months_back(month_start(through), 1), end=through)
    several = known(months[-1]["holders_of_several"]) if months else None
    if not several:
        return []
    return [ngettext(
        "{n} person holds seats of more than one plan: one of them could be taken back.",
        "{n} people hold seats of more than one plan: one of them could be taken back.",
        several,
    )]  # fmt: skip


def _twice_or_nobody(row: Row) -> list[str]:
    """A person with two ways to pay, and seats without a person; groups too small are left out."""
    both, left, unmatched = (known(row.get(key)) or 0 for key in ("both", "left_university", "unmatched"))
    said = []
    if both:
        said.append(ngettext(
            "{n} holder also uses the Sandbox: one person, two plans. In the month holders used {czk} there.",
            "{n} holders also use the Sandbox: one person, two plans. In the month holders used {czk} there.",
            both, czk=fmt.money(row["sandbox_czk"]),
        ))  # fmt: skip
    if left:
        said.append(
            ngettext("{n} seat is held by somebody who has left.", "{n} seats are held by people who have left.", left)
        )
    if unmatched:
        said.append(ngettext(
            "{n} seat is held under a hashed name: whose it is, and whether they use the Sandbox, is not known.",
            "{n} seats are held under hashed names: whose they are, and whether they use the Sandbox, is not known.",
            unmatched,
        ))  # fmt: skip
    return said


def _steps(row: Row) -> Markup:
    titles = {
        "bought": (_("Bought"), ""),
        "assigned": (_("Assigned"), _("held by somebody, or invited")),
        "activated": (_("Activated"), _("ever used")),
        "active": (_("Active"), _("in the 28 days to the report")),
        "at_limit": (_("At the limit"), _("95% of what the seat includes, or more")),
    }
    whole = known(row["bought"]) or known(row["assigned"])
    steps = [
        Step(title, about, fmt.number(row[key]), part(row[key], whole), fmt.share(_rate(row[key], whole)))
        for key, (title, about) in titles.items()
        if row[key] is not None
    ]
    return funnel(steps)


def _rate(value: object, whole: object) -> float | None:
    count, of = known(value), known(whole)
    return float(count) / float(of) if count is not None and of else None


def seat_holders(board: Board) -> Card | Empty | Markup:
    """Person by person, without a name or number, for those who may see persons: for whom the mix has a seat."""
    if "persons" not in board.viewer.rights:
        return Markup("")
    question = _("Who would get a seat?")
    found = weighed(board)
    listed = holders(board) if found else ()
    if found is None or not listed:
        return cannot(board, question) if found is None else Empty(question, _("Nobody: no seat pays."))
    columns = [
        Column("place", _("Person"), "count"),
        Column("by_use", _("By use, a month"), "czk"),
        Column("with_seat", _("With a seat"), "czk"),
        Column("saved", _("Saved"), "czk"),
    ]
    rows = [{"place": h.place, "by_use": h.by_use, "with_seat": h.with_seat, "saved": h.by_use - h.with_seat}
            for h in listed]  # fmt: skip
    said = ngettext(
        "{n} person, as the use was, without assumed ones.",
        "{n} people, as the use was, without assumed ones.",
        len(rows),
    )
    sheet = Sheet(columns, rows)
    hidden = tag("details", tag("summary", _("Show")), table(sheet, caption=question))
    note = _("Only for those who may see persons. The number is the place in a list that nobody else has.")
    return Card(question, said, [hidden], sheet, as_of=found[0].end - DAY, is_table=True, note=note)
