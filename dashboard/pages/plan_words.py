"""The answer about plans in words: from the numbers alone, and never surer than they are."""

from decimal import Decimal

from dashboard import format as fmt
from dashboard.language import _, ngettext
from dashboard.pages.plan_question import Basis
from queries.analysis.mix import Mix
from queries.analysis.uncertainty import Ranges
from queries.plan_answer import PlanStudy, Study


def plan_name(study: PlanStudy) -> str:
    """The plan as people call it."""
    return study.plan.name or study.plan.plan


def why_not(study: PlanStudy) -> str:
    """Why a plan can't be weighed; '' where it can."""
    if study.note is None:
        return ""
    name = plan_name(study)
    said = {
        "unknown_plan": _("There is no plan “{plan}”.", plan=name),
        "gateway": _("{plan} has no seats: it is paying for use.", plan=name),
        "no_price": _("The price of {plan} is not public; enter one to compare.", plan=name),
        "no_rate": _("No exchange rate is known for the currency of {plan}.", plan=name),
        "no_credit_price": _("What a credit of {plan} is worth is not known, so what its seat includes can't be.",
                             plan=name),
    }  # fmt: skip
    return said.get(study.note, _("What a seat of {plan} includes is not known.", plan=name))


def headline(study: Study) -> str:
    """The finding in one sentence, with its range."""
    first = study.first
    if first is None:
        return _("Without an exchange rate nothing can be compared.")
    if first.note:
        return why_not(first)
    if study.persons is None or first.mix is None:
        return _("Too few people to compare a seat at {seat} a month.", seat=fmt.money(first.seat_czk))
    if first.mix.holders == 0:
        return _no_seat(first)
    return f"{_mix(study, first, first.mix)} {_sure(first.ranges)}"


def few_above(seat: str) -> str:
    """Whether it is nobody isn't told of a part of the people."""
    return _("Few people, if any, use as much as a seat at {seat} a month costs.", seat=seat)


def _no_seat(first: PlanStudy) -> str:
    seat = fmt.money(first.seat_czk)
    if first.plan.includes == "none":
        return _(
            "A seat of {plan} includes no use: its {seat} a month come on top of every token, and no number of seats "
            "saves anything.", plan=plan_name(first), seat=seat,
        )  # fmt: skip
    if first.break_even and first.break_even.persons == 0:
        return few_above(seat) + " " + _("Paying for use is cheapest.")
    return _("No number of seats at {seat} a month costs less than paying for use.", seat=seat)


def _mix(study: Study, first: PlanStudy, mix: Mix) -> str:
    assert study.by_use is not None
    saved = study.by_use - mix.czk
    return ngettext(
        "With {n} seat of {plan} for those who use most, and the others by use, a month would cost {cost}: {saved} "
        "({share}) less than paying for use.",
        "With {n} seats of {plan} for those who use most, and the others by use, a month would cost {cost}: {saved} "
        "({share}) less than paying for use.",
        mix.bought,
        plan=plan_name(first),
        cost=fmt.money(mix.czk),
        saved=fmt.money(saved),
        share=fmt.share(saved / study.by_use if study.by_use else None, 1),
    )


def _sure(ranges: Ranges | None) -> str:
    """How sure that is: by persons and months drawn anew."""
    if ranges is None:
        return ""
    low, high = ranges.mix_saves.p10, ranges.mix_saves.p90
    said = {"low": fmt.money(low), "high": fmt.money(high)}
    if low > 0:
        return _("With other months and people of the same kind it would save between {low} and {high}.", **said)
    if high > 0:
        return _("This is not certain: with other months and people of the same kind anything from {low} to {high} "
                 "would be saved.", **said)  # fmt: skip
    return _("With other months and people of the same kind it would more likely cost more ({low} to {high}).", **said)


def recommendation(study: Study, on: Basis) -> str:
    """One paragraph for whoever decides: finding, range, what it rests on, what would change it."""
    first = study.first
    said = [_ground(study, on), headline(study)]
    if first and not first.note and study.persons is not None:
        said += [_flat(first), _tested(first), _bound(first), _flips(first), _certain(first)]
    return " ".join(s for s in said if s)


def _ground(study: Study, on: Basis) -> str:
    if study.by_use is None:
        return ""
    if study.persons is None:
        return _("Paying for use costs {cost} a month (mean of {months}).", cost=fmt.money(study.by_use),
                 months=on.months_said)  # fmt: skip
    return ngettext(
        "The use of {n} person costs {cost} a month (mean of {months}).",
        "The use of {n} people costs {cost} a month (mean of {months}).",
        study.persons,
        cost=fmt.money(study.by_use),
        months=on.months_said,
    )


def _flat(first: PlanStudy) -> str:
    if first.mix is None or first.mix.flat[1] <= first.mix.flat[0]:
        return ""
    low, high = (fmt.number(n) for n in first.mix.flat)
    said = _("Any number of holders between {low} and {high} costs the same within 2%.", low=low, high=high)
    return said + (" " + _("So does buying no seat at all.") if first.mix.is_none_flat else "")


def _tested(first: PlanStudy) -> str:
    tested = first.backtest
    if tested is None or tested.chosen == tested.by_use:  # never was a seat worth it
        return ""
    values = {"wins": tested.wins, "cost": fmt.money(abs(tested.saved))}
    if tested.saved >= 0:
        return ngettext(
            "Chosen anew each month by the three months before, seats would have saved {cost} a month in the past "
            "({wins} of {n} month).",
            "Chosen anew each month by the three months before, seats would have saved {cost} a month in the past "
            "({wins} of {n} months).",
            tested.months,
            **values,
        )
    return ngettext(
        "But chosen anew each month by the three months before, seats would have cost {cost} a month more in the past "
        "(they saved in {wins} of {n} month).",
        "But chosen anew each month by the three months before, seats would have cost {cost} a month more in the past "
        "(they saved in {wins} of {n} months).",
        tested.months,
        **values,
    )


def _bound(first: PlanStudy) -> str:
    months = first.plan.commitment_months
    if months <= 1 or first.mix is None or first.mix.holders == 0:
        return ""
    if first.plan.is_removable:
        return ngettext("The contract binds for {n} month.", "The contract binds for {n} months.", months)
    return ngettext(
        "The contract binds for {n} month and seats can't be taken off within it.",
        "The contract binds for {n} months and seats can't be taken off within them.",
        months,
    )


def swing_titles() -> dict[str, str]:
    """{input of the tornado: its name} in the current language."""
    return {
        "seat_price": _("Price of a seat"),
        "people": _("Number of people"),
        "use_per_person": _("Use per person"),
        "model_mix": _("Price of use (mix of models)"),
        "exchange_rate": _("Exchange rate"),
        "tax": _("VAT not deducted"),
    }


def _flips(first: PlanStudy) -> str:
    """The input nearest to turning the answer."""
    near = [s for s in first.swings if s.switch is not None and s.switch > 0]
    if not near:
        return ""
    titles = swing_titles()
    closest = min(near, key=lambda s: max(s.switch, 1 / s.switch) if s.switch else Decimal(99))
    change = (closest.switch or Decimal(1)) - 1
    moved, what = fmt.share(abs(change)), within(titles[closest.name])
    if change > 0:
        return _("The answer would turn if one thing alone rose by {change}: {what}.", change=moved, what=what)
    return _("The answer would turn if one thing alone fell by {change}: {what}.", change=moved, what=what)


def within(title: str) -> str:
    """A title as it stands within a sentence; what is written in capitals (VAT) stays so."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _certain(first: PlanStudy) -> str:
    plan = first.plan
    words = {"high": _("high"), "medium": _("medium"), "low": _("low")}
    if not plan.source:
        return ""
    certainty = words.get(plan.certainty, plan.certainty)
    if plan.source_day is None:
        return _("Price of the plan: {source}; certainty {certainty}.", source=plan.source, certainty=certainty)
    return _("Price of the plan: {source}, {day}; certainty {certainty}.", source=plan.source,
             day=fmt.day(plan.source_day), certainty=certainty)  # fmt: skip


def definitions() -> dict[str, str]:
    """{card: how its figures are worked out}, in the current language; docs/plans.md has the formulas."""
    return {
        "ways": _(
            "Each person's metered cost in dollars, at one rate; a seat includes what its plan says, and what is "
            "beyond is paid on top. The mix gives seats to those for whom a seat saves most, as many as make the sum "
            "least, and never fewer than the plan sells. It never costs more than either pure way."
        ),
        "people": _(
            "A person's mean metered cost a month against the same person's cost with a seat: fee, and use beyond what "
            "is included. People with at least one request of their own; the unit is their home."
        ),
        "seats": _(
            "cost(k) = seats x price + use beyond what seats include + use of those without a seat, for every number "
            "k, those who save most first. The shaded numbers cost at most 2% more than the least."
        ),
        "break_even": _(
            "Break-even: use a month at which a seat replaces as much as it costs; in tokens and requests at their "
            "mean price. Share in use: fee / what an active month replaces. Demand that differs: the number of persons "
            "worth a seat that is reached in a share (c - p) / c of months. Regret: cost of choosing by the three "
            "months before, over the best choice afterwards. Present value at 4% a year."
        ),
        "sensitivity": _(
            "One input at a time is set a fifth lower and a fifth higher; the answer turns where seats for at least "
            "the smallest group that is shown save neither more nor less than nothing. With very many people means of "
            "neighbours are used."
        ),
        "funding": _("More people of the same kind: everybody stands for as many more. A year is twelve mean months."),
    }
