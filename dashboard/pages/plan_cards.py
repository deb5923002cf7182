"""Pay for use or buy seats: the cards that Overview and Plans share, and those of the chosen plan."""

from decimal import Decimal
from typing import Any

from dash import html
from markupsafe import Markup

from dashboard import figures_plans
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import Option, hidden_note, options, subhead
from dashboard.format import Hidden
from dashboard.language import _, ngettext
from dashboard.markup import Static, tag
from dashboard.pages.plan_question import Basis, basis, study, unpriced_said
from dashboard.pages.plan_words import definitions, few_above, headline, plan_name, recommendation, why_not
from dashboard.pages.shared_cards import part
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet
from queries.plan_answer import PlanStudy, Study


def title() -> str:
    """The question."""
    return _("Pay for use, or buy seats?")


def no_months() -> Empty:
    """Before there is a whole month to count with."""
    hint = _("The comparison needs a whole calendar month of data and the price of a seat.")
    return Empty(title(), _("Not enough data to compare"), hint)


def answered(board: Board) -> tuple[Basis, Study] | None:
    """The months and the answer to the view's question; None where there is nothing to weigh."""
    on, found = basis(board), study(board)
    if on is None or found is None or found.by_use is None or found.persons == 0:
        return None
    return on, found


def weighed(board: Board) -> tuple[Basis, Study, PlanStudy] | None:
    """The same where the first plan could be weighed."""
    both = answered(board)
    if both is None or both[1].first is None or both[1].first.note or both[1].persons is None:
        return None
    return (*both, both[1].first)


def cannot(board: Board, question: str) -> Empty:
    """A card that rests on a plan that can't be weighed, or on nobody."""
    both = answered(board)
    if both is None:
        return Empty(question, _("Not enough data to compare"), no_months().hint)
    first = both[1].first
    return Empty(question, (why_not(first) if first and first.note else headline(both[1])) or _("Too few people"))


def seats_or_metered(board: Board) -> Card | Empty:
    """Overview: the cost of each way beside the people's costs, and the answer in one sentence."""
    found = weighed(board)
    if found is None:
        return cannot(board, title()) if answered(board) else no_months()
    on, answer, _first = found
    parts = [
        html.Div(
            [
                html.Div([Static(subhead(_("People by monthly cost"))), _curve(answer, "seats-or-metered")]),
                html.Div(
                    Static(subhead(_("Cost per month of each way")) + options(ways(answer)) + basis_line(on, answer))
                ),
            ],
            className="halves",
        )
    ]
    note = tag("a", _("Change the price and see what the comparison rests on"), href=board.view.link("/plans"))
    sheet = Sheet(ways_columns(), ways_rows(answer))
    about = definitions()["ways"]
    return Card(title(), headline(answer), parts, sheet, as_of=on.end - DAY, note=note, about=about)


def decide(board: Board) -> Card | Empty:
    """The recommendation in one paragraph, and the cost of each way."""
    both = answered(board)
    if both is None:
        return no_months()
    on, answer = both
    sheet = Sheet(ways_columns(), ways_rows(answer))
    picture = options(ways(answer), are_across=True) + basis_line(on, answer)
    said, about, note = recommendation(answer, on), definitions()["ways"], unpriced_said(board)
    return Card(_("What should we do?"), said, [picture], sheet, as_of=on.end - DAY, note=note, about=about)


def people(board: Board) -> Card | Empty:
    """The cost of each person with the line of the seat."""
    question = _("Who costs more than a seat?")
    found = weighed(board)
    if found is None:
        return cannot(board, question)
    on, answer, first = found
    columns = [
        Column("start", _("After person"), "count"),
        Column("end", _("To person"), "count"),
        Column("by_use", _("By use, mean a month"), "czk"),
        Column("with_seat", _("With a seat"), "czk"),
    ]
    rows = [{"start": p.start, "end": p.end, "by_use": p.by_use, "with_seat": p.with_seat} for p in answer.people]
    note = _("Means of at least {n} people who cost nearly the same; nobody is shown alone.", n=answer.minimum_group)
    return Card(
        question,
        _above(answer, first),
        [_curve(answer, "person-costs")],
        Sheet(columns, rows),
        as_of=on.end - DAY,
        note=note,
        about=definitions()["people"],
    )


def _above(answer: Study, first: PlanStudy) -> str:
    even, seat = first.break_even, fmt.money(first.seat_czk)
    if first.plan.includes == "none":
        return _("A seat at {seat} a month includes no use, so nobody's use can be worth it.", seat=seat)
    if even is None or "above" in first.hidden or even.persons == 0:
        return few_above(seat)
    return ngettext(
        "A seat at {seat} a month would pay off for {n} of {active} active people.",
        "A seat at {seat} a month would pay off for {n} of {active} active people.",
        even.persons,
        seat=seat,
        active=fmt.number(answer.persons),
    )


def _curve(answer: Study, spec_id: str) -> Any:
    first = answer.first
    seat = first.seat_czk if first else None
    is_plain = first is not None and first.plan.includes == "unlimited"
    figure = figures_plans.person_curve(
        [p.end for p in answer.people],
        [fmt.converted(p.by_use) for p in answer.people],
        [None if is_plain else fmt.converted(p.with_seat) for p in answer.people],
        seat=float(fmt.converted(seat)) if seat else None,
        names=(_("by use"), _("with a seat"), _("seat {price}", price=fmt.money(seat))),
        x_title=_("people in order of their use"),
        unit=fmt.currency_sign(),
    )
    alt = _("What people cost a month in order of their use; the line is the price of a seat.")
    return chart(spec_id, figure, alt=alt, height=270)


def by_seats(board: Board) -> Card | Empty:
    """Cost against the number of seats."""
    question = _("How many seats?")
    found = weighed(board)
    if found is None:
        return cannot(board, question)
    on, answer, first = found
    mix = first.mix
    figure = figures_plans.seat_curve(
        [k for k, _czk in first.curve],
        [fmt.converted(czk) for _k, czk in first.curve],
        best=mix.holders if mix else None,
        best_title=_("least: {n}", n=fmt.number(mix.holders)) if mix else "",
        flat=mix.flat if mix else None,
        until=_seats_drawn(board, first),
        x_title=_("people with a seat, those who use most first"),
        unit=fmt.currency_sign(),
    )
    columns = [Column("holders", _("People with a seat"), "count"), Column("czk", _("Cost a month"), "czk")]
    rows = [{"holders": k, "czk": czk} for k, czk in first.curve]
    alt = _("Cost a month by the number of people with a seat; the cheapest number is marked.")
    return Card(
        question,
        _number_said(answer, first),
        [chart("cost-curve", figure, alt=alt, height=270)],
        Sheet(columns, rows),
        as_of=on.end - DAY,
        about=definitions()["seats"],
        note=_asked_number(board, first),
    )


def _number_said(answer: Study, first: PlanStudy) -> str:
    mix = first.mix
    if mix is None:
        return hidden_note(answer.minimum_group)
    if mix.holders == 0:
        return _("The cheapest number of seats is none.")
    low, high = (fmt.number(n) for n in mix.flat)
    said = ngettext("Least with {n} seat", "Least with {n} seats", mix.bought)
    if mix.flat[1] > mix.flat[0]:
        said += _("; between {low} and {high} it costs the same within 2% (shaded)", low=low, high=high)
    if mix.empty:
        said += "; " + ngettext("the plan's minimum leaves {n} of them empty",
                                "the plan's minimum leaves {n} of them empty", mix.empty)  # fmt: skip
    return said + "."


def _seats_drawn(board: Board, first: PlanStudy) -> int:
    """So many seats that the least can be seen; beyond it the cost only rises, up to a seat for everybody."""
    most = max((k for k, _czk in first.curve), default=0)
    asked = int(dict(board.view.what_if).get("seats") or 0)
    flat = first.mix.flat[1] if first.mix else 0
    return min(most, max(3 * flat, 2 * first.plan.minimum_seats, 2 * asked, 50))


def _asked_number(board: Board, first: PlanStudy) -> str | None:
    seats = dict(board.view.what_if).get("seats")
    if seats is None or first.seats_czk is None:
        return None
    return ngettext("With {n} seat it would cost {cost} a month.", "With {n} seats it would cost {cost} a month.",
                    int(seats), cost=fmt.money(first.seats_czk))  # fmt: skip


def ways(answer: Study) -> list[Option]:
    """The three ways to pay, on one scale."""
    rows = ways_rows(answer)
    costs = {r["key"]: r["czk"] for r in rows if isinstance(r["czk"], Decimal)}
    peak = max(costs.values(), default=None)
    is_known = not any(isinstance(r["czk"], Hidden) for r in rows)
    order = ("by_use", "all_seats", "mix")  # of equals the simplest is called cheapest
    cheapest = min((k for k in order if k in costs), key=lambda k: costs[k]) if len(costs) > 1 and is_known else None
    return [
        Option(
            r["way"],
            fmt.money(r["czk"]),
            part(r["czk"], peak),
            badge=_("cheapest") if r["key"] == cheapest else _("today") if r["key"] == "by_use" else None,
            is_best=r["key"] == cheapest,
            detail=r["detail"],
        )
        for r in rows
    ]


def ways_rows(answer: Study) -> list[Row]:
    """The ways to pay as rows of a table: way, cost a month, difference from paying for use, and how sure that is."""
    first, hidden = answer.first, Hidden()
    by_use: Row = {"key": "by_use", "way": _("Everybody by use"), "detail": _("what the Sandbox costs now, before tax"),
              "czk": answer.by_use, "saved": None, "low": None, "high": None}  # fmt: skip
    if first is None or first.note:
        return [by_use]
    seats: Row = {"key": "all_seats", "way": _("A seat for everybody"), "detail": _everybody(answer, first),
             "czk": hidden if first.all_seats is None else first.all_seats}  # fmt: skip
    mix: Row = {"key": "mix", "way": _("Seats only where they pay"), "detail": _mix_detail(first),
           "czk": hidden if first.mix is None else first.mix.czk}  # fmt: skip
    ranges = first.ranges
    for row, spread in ((seats, ranges and ranges.seats_save), (mix, ranges and ranges.mix_saves)):
        czk = row["czk"]
        is_shown = isinstance(czk, Decimal) and answer.by_use is not None
        row["saved"] = (answer.by_use or Decimal(0)) - czk if is_shown else None
        is_spread = spread and not (row is mix and first.mix and first.mix.holders == 0)
        row["low"], row["high"] = (spread.p10, spread.p90) if spread and is_spread else (None, None)
    return [by_use, seats, mix]


def _everybody(answer: Study, first: PlanStudy) -> str:
    if answer.persons is None:
        return ""
    most = first.plan.maximum_seats
    count = max(answer.persons, first.plan.minimum_seats)
    if most is not None and most < count:
        return ngettext("{n} seat, the most the plan sells", "{n} seats, the most the plan sells", most)
    return ngettext("{n} seat", "{n} seats", count)


def _mix_detail(first: PlanStudy) -> str:
    mix = first.mix
    if mix is None:
        return fmt.NONE
    if not mix.holders:
        return _("no seats")
    said = ngettext("{n} seat, the others by use", "{n} seats, the others by use", mix.bought)
    if mix.empty:
        said += ngettext(", {n} of them empty", ", {n} of them empty", mix.empty)
    return said


def ways_columns() -> list[Column]:
    """Columns of the table of ways to pay."""
    return [
        Column("way", _("Way to pay")),
        Column("detail", _("Detail")),
        Column("czk", _("Cost a month"), "czk"),
        Column("saved", _("Saved against use"), "czk"),
        Column("low", _("in one of ten cases less than"), "czk"),
        Column("high", _("in one of ten cases more than"), "czk"),
    ]


def basis_line(on: Basis, answer: Study) -> Markup:
    """Months, price and exchange rate, under the bars."""
    first = answer.first
    said = _("Mean of {months}.", months=on.months_said)
    if first and first.seat_czk is not None:
        plan, seat = plan_name(first), fmt.money(first.seat_czk)
        said = _(
            "Mean of {months}; a seat of {plan} costs {seat} a month.", months=on.months_said, plan=plan, seat=seat
        )
    return tag("p", f"{said} {rate_line(answer)}", class_="hint")


def rate_line(answer: Study) -> str:
    """At which rate, of which day."""
    if answer.rate is None or answer.usd_czk != answer.rate.czk:
        return _("A dollar at CZK {rate}.", rate=fmt.number(answer.usd_czk, 3))
    return _("A dollar at CZK {rate} (Czech National Bank, {day}).", rate=fmt.number(answer.usd_czk, 3),
             day=fmt.day(answer.rate.day))  # fmt: skip
