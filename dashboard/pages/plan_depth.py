"""Plans in depth: from when on a seat pays, what moves the answer, plans and scenarios side by side."""

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import figures_plans, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import legend
from dashboard.figures_plans import Bar
from dashboard.format import Hidden
from dashboard.language import _
from dashboard.markup import tag
from dashboard.pages.plan_cards import answered, cannot, no_months, weighed
from dashboard.pages.plan_forecast import coming, tested_said, year_said
from dashboard.pages.plan_forecast import sheet as forecast_sheet
from dashboard.pages.plan_words import definitions, headline, plan_name, swing_titles, why_not, within
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table
from queries.plan_answer import Adoption, PlanStudy, Study


def break_even(board: Board) -> Card | Empty:
    """From when on a seat pays, for a person and for a block of seats."""
    question = _("When does a seat pay?")
    found = weighed(board)
    if found is None:
        return cannot(board, question)
    on, answer, first = found
    facts = _break_even_rows(answer, first)
    columns = [Column("what", _("Figure")), Column("value", _("Value"))]
    pairs = tag("dl", [tag("div", tag("dt", f["what"]), tag("dd", f["value"])) for f in facts], class_="pairs")
    about = definitions()["break_even"]
    return Card(question, _pays(first), [pairs], Sheet(columns, facts), as_of=on.end - DAY, about=about)


def _pays(first: PlanStudy) -> str:
    even = first.break_even
    if even is None or even.czk is None:
        return _("Never: what this seat includes is worth less than its fee.")
    return _("For a person whose use would cost more than {czk} a month.", czk=fmt.money(even.czk))


def _break_even_rows(answer: Study, first: PlanStudy) -> list[Row]:
    even, tested = first.break_even, first.backtest
    assert even is not None
    assert answer.by_use is not None
    hidden = Hidden()
    above: Any = hidden if "above" in first.hidden else even.persons
    mean = answer.by_use / answer.persons if answer.persons else None
    facts = [
        (_("Price of a seat a month"), fmt.money(first.seat_czk)),
        (_("People above it"), fmt.number(above)),
        (_("Share of people above it"), fmt.share(hidden if "above" in first.hidden else even.share, 1)),
        (_("Mean cost of an active person a month"), fmt.money(mean)),
        (_("Tokens a month worth one seat"), _or_never(even.tokens, fmt.compact(even.tokens))),
        (_("Requests a month worth one seat"), _or_never(even.messages, fmt.number(even.messages))),
        (_("Share of bought seats that must be in use"), _utilisation(even.utilisation)),
        (_("Seats for a demand that differs by month"),
         fmt.number(hidden if even.newsvendor < 0 else even.newsvendor)),
        (_("Use that would be under seats"), fmt.share(first.coverage, 1)),
        (_("Saved share of the bill"), _signed_share(first.savings_rate)),
        (_("Present value of a year with seats"), fmt.money(first.npv)),
        (_("Regret of choosing by the months before"), fmt.money(tested.regret if tested else None)),
        (_("Fewest seats the plan sells"), fmt.number(first.plan.minimum_seats or None)),
    ]  # fmt: skip
    if first.pooling is not None:
        facts.append((_("Worth of the common pool a month"), fmt.money(first.pooling)))
    return [{"what": what, "value": value} for what, value in facts]


def _or_never(value: int | None, text: str) -> str:
    return _("never") if value is None else text


def _utilisation(value: float | None) -> str:
    return _("never") if value is None or value > 1 else fmt.share(value)


def _signed_share(value: float | None) -> str:
    """A share that may be negative: a loss is shown as one."""
    if value is None:
        return fmt.NONE
    return (fmt.MINUS if value < 0 else "") + fmt.share(abs(value), 1)


def sensitivity(board: Board) -> Card | Empty:
    """What a fifth more or less of each input does to the saving, and where the answer turns."""
    question = _("What would change the answer?")
    found = weighed(board)
    if found is None or not found[2].swings:
        return cannot(board, question)
    on, answer, first = found
    titles = swing_titles()
    rows = [
        {"what": titles[s.name], "low": s.low, "high": s.high, "switch": s.switch and s.switch - 1,
         "switch_said": _switch_said(s.switch)}
        for s in first.swings
    ]  # fmt: skip
    bars = [
        Bar(titles[s.name], float(fmt.converted(s.low)), float(fmt.converted(s.high)), fmt.money(s.low),
            fmt.money(s.high))
        for s in first.swings
    ]  # fmt: skip
    now = first.saving or Decimal(0)
    figure = figures_plans.tornado(
        bars,
        now=float(fmt.converted(now)),
        now_said=_("now {saved}", saved=fmt.money(now)),
        lower=_("20% less"),
        higher=_("20% more"),
    )
    columns = [
        Column("what", _("What changes"), width=34),
        Column("low", _("Saved with 20% less"), "czk"),
        Column("high", _("Saved with 20% more"), "czk"),
        Column("switch_said", _("The answer turns at")),
    ]
    alt = _("What seats save a month when one input is a fifth lower or higher.")
    picture = chart("tornado", figure, alt=alt, height=46 * len(bars) + 70)
    marks = [(theme.DATA["amber"], _("20% less"), ""), (theme.DATA["blue"], _("20% more"), "")]
    note = _("Saving of seats for at least {n} people, a month; below zero they cost more than paying for use.",
             n=answer.minimum_group)  # fmt: skip
    about = definitions()["sensitivity"]
    return Card(
        question,
        _turns(rows),
        [picture, legend(marks)],
        Sheet(columns, rows),
        as_of=on.end - DAY,
        note=note,
        about=about,
    )


def _switch_said(switch: Decimal | None) -> str:
    if switch is None:
        return _("nowhere near")
    change = switch - 1
    return ("+" if change > 0 else fmt.MINUS) + fmt.share(abs(change))


def _turns(rows: list[Row]) -> str:
    turning = [f"{within(r['what'])} {r['switch_said']}" for r in rows if r["switch"] is not None]
    if not turning:
        return _("Nothing alone turns the answer within an eighth and eight times its value.")
    return _("The answer turns at: {list}.", list="; ".join(turning))


def compared(board: Board) -> Card | Empty:
    """The chosen plans side by side, and all of them together."""
    question = _("How do the plans compare?")
    both = answered(board)
    if both is None:
        return Empty(question, _("Not enough data to compare"), no_months().hint)
    on, answer = both
    rows = [_plan_row(answer, p) for p in answer.plans]
    columns = [
        Column("plan", _("Plan"), width=30),
        Column("seat", _("Seat"), "czk"),
        Column("mix", _("Cheapest mix"), "czk"),
        Column("saved", _("Saved against use"), "czk"),
        Column("bought", _("Seats in it"), "count"),
        Column("empty", _("Of them empty"), "count"),
        Column("all_seats", _("A seat for everybody"), "czk"),
        Column("months", _("Bound, months"), "count"),
        Column("said", _("Remark"), "name", width=60),
    ]
    sheet = Sheet(columns, rows)
    finding = _together(answer) or headline(answer)
    about, picture = definitions()["ways"], table(sheet, caption=question)
    return Card(question, finding, [picture], sheet, as_of=on.end - DAY, is_table=True, about=about)


def _together(answer: Study) -> str:
    if answer.together is None or answer.together_holders is None or answer.by_use is None:
        return ""
    able = [p for p in answer.plans if not p.note]
    parts = [f"{plan_name(p)} {fmt.number(n)}" for p, n in zip(able, answer.together_holders, strict=True)]
    saved = answer.by_use - answer.together
    return _("All together, each person on the cheapest: {cost} a month, {saved} less than by use ({parts}).",
             cost=fmt.money(answer.together), saved=fmt.money(saved), parts=", ".join(parts))  # fmt: skip


def _plan_row(answer: Study, one: PlanStudy) -> Row:
    hidden = Hidden()
    row: Row = {"plan": plan_name(one), "seat": one.seat_czk, "months": one.plan.commitment_months or None,
                "said": why_not(one) or _remark(one)}  # fmt: skip
    if one.note:
        return row
    mix = one.mix
    row["all_seats"] = one.all_seats if one.all_seats is not None else hidden
    if mix is None:
        return row | {"mix": hidden, "saved": hidden, "bought": hidden, "empty": hidden}
    saved = answer.by_use - mix.czk if answer.by_use is not None else None
    return row | {"mix": mix.czk, "saved": saved, "bought": mix.bought, "empty": mix.empty}


def _remark(one: PlanStudy) -> str:
    plan = one.plan
    said = {
        "none": _("includes no use"),
        "unlimited": _("taken to include all use"),
    }.get(plan.includes, _("includes {n} a seat", n=_included(plan.allowance, plan.includes)))
    if plan.is_pooled:
        said += ", " + _("pooled")
    if plan.source:
        words = {"high": _("high"), "medium": _("medium"), "low": _("low")}
        said += "; " + _("price: {source}, certainty {certainty}", source=plan.source,
                         certainty=words.get(plan.certainty, plan.certainty))  # fmt: skip
    return said


def _included(allowance: Decimal | None, unit: str) -> str:
    """'400 credits', '20 USD'."""
    said = {"credits": _("{n} credits"), "messages": _("{n} messages"), "usd": "{n} USD"}
    return said.get(unit, "{n} " + unit).format(n=fmt.number(allowance))


def funding(board: Board) -> Card | Empty:
    """For management: the cost now and with more people, the cheapest way in each case, what would change it."""
    question = _("What do we have to fund?")
    found = weighed(board)
    if found is None:
        return cannot(board, question)
    on, answer, first = found
    rows = [_adoption_row(a) for a in answer.adoptions]
    columns = [
        Column("case", _("Adoption")),
        Column("persons", _("People"), "count"),
        Column("by_use", _("By use, a month"), "czk"),
        Column("all_seats", _("Seats for all"), "czk"),
        Column("mix", _("Cheapest mix"), "czk"),
        Column("bought", _("Seats in it"), "count"),
        Column("year", _("Cheapest, a year"), "czk"),
        Column("cheapest", _("Cheapest way")),
    ]
    sheet = Sheet(columns, rows)
    titles = swing_titles()
    turns = [{"what": titles[s.name], "at": _switch_said(s.switch)} for s in first.swings]
    more = [(_("What would change it"), Sheet([Column("what", _("What changes"), width=34),
                                               Column("at", _("The answer turns at"))], turns))]  # fmt: skip
    parts = [table(sheet, caption=question), _range_line(answer, first)]
    if ahead := coming(board):
        parts.append(tag("p", f"{year_said(ahead)} {tested_said(ahead)}", class_="hint"))
        more.append((_("Forecast"), forecast_sheet(ahead)))
    about = definitions()["funding"]
    return Card(question, _funding_said(rows), parts, sheet, as_of=on.end - DAY, is_table=True, more=tuple(more),
                about=about)  # fmt: skip


def _adoption_row(one: Adoption) -> Row:
    hidden = Hidden()
    names = {"use": _("pay for use"), "mix": _("seats where they pay"), "seats": _("a seat for everybody")}
    mix = one.mix
    row: Row = {
        "case": _("now") if one.percent == 0 else "+" + fmt.share(Decimal(one.percent) / 100),
        "persons": one.persons,
        "by_use": one.by_use,
        "all_seats": one.all_seats,
        "mix": hidden if mix is None else mix.czk,
        "bought": hidden if mix is None else mix.bought,
        "year": hidden if mix is None else mix.czk * 12,
    }
    return row | {"cheapest": fmt.NONE if mix is None else names[one.cheapest]}


def _funding_said(rows: list[Row]) -> str:
    now, most = rows[0], rows[-1]
    if isinstance(now["year"], Hidden) or isinstance(most["year"], Hidden):
        return ""
    return _("{now} a year as it is, {most} with twice as many people, each the cheapest way.",
             now=fmt.money(now["year"]), most=fmt.money(most["year"]))  # fmt: skip


def _range_line(answer: Study, first: PlanStudy) -> Markup:
    """Range of the cost by use, and of the rate of exchange."""
    said = []
    if first.ranges:
        spread = first.ranges.by_use
        said.append(_("By use, other months and people of the same kind would cost between {low} and {high} a month.",
                      low=fmt.money(spread.p10), high=fmt.money(spread.p90)))  # fmt: skip
    if answer.band:
        low, high = (fmt.number(v, 2) for v in answer.band)
        said.append(_("In four of five years a dollar ends between CZK {low} and {high}.", low=low, high=high))
    return tag("p", " ".join(said), class_="hint")
