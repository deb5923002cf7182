"""Seats or use: the whole study of one question about plans, as aggregates that may be shown (plans.md).

It is worked out for as many persons as the unit is said to have (queries/suppression.py), of whom steps of the smallest
group hold seats or don't: so no price, growth or number of people that is asked about tells of fewer. Counts that come
from the people themselves are given as everywhere, amounts in three digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from queries.analysis.break_even import BreakEven, break_even, utilisation
from queries.analysis.commitment import backtest, holders, net_present_value
from queries.analysis.mix import (
    all_metered,
    all_seats,
    best_mix,
    curve,
    is_pooled,
    overage,
    value_of_pooling,
)
from queries.analysis.plan import Conditions, NotComparable, Offer, Plan, offer
from queries.analysis.several import portfolio
from queries.analysis.uncertainty import ROWS, difference, rate_band, resampled, tornado
from queries.analysis.usage import Usage
from queries.plan_answer import Adoption, Asked, Holder, PlanStudy, Study
from queries.plan_groups import (
    cost_of_asked_seats,
    hidden_where_few,
    is_telling,
    people_steps,
    roughly,
    shown_curve,
)
from queries.plan_usage import (
    Cache,
    Rate,
    Tax,
    joining_persons,
    known_plans,
    known_rates,
    known_tax,
    loaded_usage,
)
from queries.suppression import Rules, shown_count
from queries.warehouse import Snapshot

ADOPTIONS = (0, 25, 50, 100)
ADOPTION_ROWS = 12_000  # who uses little is joined with neighbours: more people are an assumption in any case
DISCOUNT_RATE = Decimal("0.04")


@dataclass(frozen=True)
class People:
    """Whose use is looked at: persons at home in the unit (of a role, '' is any) in the months of [start, end)."""

    snapshot: Snapshot
    rules: Rules
    unit: str
    start: date
    end: date
    role: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        return self.snapshot.version, self.unit, self.role, self.start, self.end

    def shown(self, count: int) -> int | None:
        """A count of these people as it may be told; None: hidden."""
        return shown_count(count, self.unit, self.rules, is_part=bool(self.role))


@dataclass(frozen=True)
class _Ground:
    """What a question rests on besides its assumptions."""

    people: People
    usage: Usage
    rates: dict[str, Rate]
    tax: Tax
    plans: dict[str, Plan]

    @property
    def step(self) -> int:
        return max(self.people.rules.minimum, 1)

    @property
    def is_closed(self) -> bool:
        """True where not even what these people cost together may be told: too few ever had this role here."""
        of = self.people
        return (of.unit, of.role) in of.rules.closed.get("role", frozenset())

    @cached_property
    def persons(self) -> int | None:
        """How many people there are said to be; None: too few to tell."""
        return None if self.is_closed else self.people.shown(self.usage.persons)

    @cached_property
    def told(self) -> Usage:
        """The use as of the people that there are said to be."""
        key = f"told_{self.persons}"
        if key not in self.usage.__dict__:
            self.usage.__dict__[key] = self.usage.told_of(self.persons or 0, self.step)
        kept: Usage = self.usage.__dict__[key]
        return kept


class PlanStudies:
    """Studies of a reader; usage and finished answers are kept for the snapshots they came from."""

    def __init__(self) -> None:
        self._usages, self._rest, self._studies = Cache(4), Cache(64), Cache(32)

    def study(self, people: People, asked: Asked) -> Study:
        """The study of `asked` on what the people used."""
        ground = self._ground(people)
        found: Study = self._studies.get((people.key, asked), lambda: _studied(ground, asked, self._rest))
        return found

    def holders(self, people: People, asked: Asked) -> tuple[Holder, ...]:
        """For whom the best mix of the first plan has a seat, as the use was: without people added by assumption.

        One line per person: only for who may see persons. Empty where the plan can't be weighed.
        """
        ground = self._ground(people)
        plan = ground.plans.get(asked.plans[0]) if asked.plans else None
        plan = asked.own_plan if asked.own_plan and asked.plans[:1] in ((), (asked.own_plan.plan,)) else plan
        if plan is None or plan.kind == "gateway":
            return ()
        try:
            made = offer(_of_unit(plan, ground), _conditions(ground, asked, ground.step))
        except NotComparable:
            return ()
        return _listed(ground.usage, made)

    def _ground(self, of: People) -> _Ground:
        snapshot, keep = of.snapshot, self._rest.get
        version = snapshot.version
        return _Ground(
            of,
            self._usages.get(of.key, lambda: loaded_usage(snapshot, of.unit, of.role, of.start, of.end)),
            keep((version, "rates"), lambda: known_rates(snapshot)),
            keep((version, "tax", of.unit), lambda: known_tax(snapshot, of.unit)),
            keep((version, "plans", of.end), lambda: known_plans(snapshot, of.end)),
        )


def _studied(ground: _Ground, asked: Asked, kept: Cache) -> Study:
    usage, joined = _people(ground, asked, kept)
    given = _conditions(ground, asked, _step(ground, usage))
    rate = ground.rates.get("USD")
    is_priced = rate is not None or asked.usd_czk is not None
    shown = Study(
        version=ground.people.snapshot.version,
        months=usage.months,
        persons=None if ground.persons is None else usage.persons,
        by_use=all_metered(usage, given.factor) if is_priced and not ground.is_closed else None,
        plans=tuple(_weighed(ground, asked, usage, given)) if is_priced else (),
        rate=rate,
        usd_czk=given.czk["USD"],
        band=rate_band(given.czk["USD"], rate.deviation, 1.0) if rate and rate.deviation else None,
        tax=ground.tax,
        minimum_group=ground.step,
        joined=joined,
        notes=_notes(ground.usage, is_priced=is_priced),
    )
    studied = _in_depth(shown, usage, given, asked) if shown.persons and is_priced else shown
    return roughly(studied) if ground.step > 1 else studied


def _step(ground: _Ground, usage: Usage) -> int:
    """The smallest group, as many times as the people are more than there are."""
    return -(-ground.step * usage.persons // max(ground.told.persons, 1))


def _conditions(ground: _Ground, asked: Asked, step: int) -> Conditions:
    czk = {"CZK": Decimal(1), **{c: r.czk for c, r in ground.rates.items()}}
    czk["USD"] = asked.usd_czk or czk.get("USD") or Decimal(1)
    tax = {"none": Decimal(0), "part": ground.tax.non_deductible, "full": ground.tax.vat}[asked.tax]
    return Conditions(czk, asked.growth, asked.price, tax, asked.seat_czk, asked.discount, max(step, ground.step))


def _people(ground: _Ground, asked: Asked, kept: Cache) -> tuple[Usage, int]:
    """(usage with more people and with those of joining faculties, how many these are): of people who may be told."""
    if ground.persons is None:
        return ground.usage, 0
    usage, joined, of = ground.told, 0, ground.people
    if asked.joining:
        key = (of.snapshot.version, "joining", of.start, of.end, asked.joining)
        joined = kept.get(key, lambda: joining_persons(of.snapshot, of.rules, of.start, of.end, asked.joining))
    # more people are as many times those who are said to be there: a hundred times the real number would tell it
    return usage.with_persons(int(usage.persons * asked.people) + joined), joined


def _notes(usage: Usage, *, is_priced: bool) -> tuple[str, ...]:
    found = ["negative_use"] if usage.has_negative else []
    return tuple(found if is_priced else [*found, "no_rate"])


def _weighed(ground: _Ground, asked: Asked, usage: Usage, given: Conditions) -> list[PlanStudy]:
    studies = []
    own = {asked.own_plan.plan: asked.own_plan} if asked.own_plan else {}
    codes = asked.plans or tuple(own)
    for place, code in enumerate(codes):
        plan = (ground.plans | own).get(code)
        here = given if place == 0 else replace(given, seat_czk=None)
        if plan is None:
            studies.append(PlanStudy(Plan(code, name=code), note="unknown_plan"))
            continue
        studies.append(_one(ground, usage, _of_unit(plan, ground), here))
    return studies


def _of_unit(plan: Plan, ground: _Ground) -> Plan:
    """The plan as it binds the unit: numbers of seats bind the university as a whole."""
    of = ground.people
    return plan if of.unit == of.snapshot.root_unit else replace(plan, minimum_seats=0, maximum_seats=None)


def _listed(usage: Usage, made: Offer) -> tuple[Holder, ...]:
    held = np.flatnonzero(holders(usage, made))
    assert usage.places is not None
    order = held[np.argsort(usage.places[held])]
    over, months = overage(usage, made), len(usage.months)
    return tuple(
        Holder(
            int(usage.places[row]) + 1,
            made.czk(int(usage.totals[row]), months),
            made.seat_czk + made.czk(int(over[row]), months),
        )
        for row in order
    )


def _one(ground: _Ground, usage: Usage, plan: Plan, given: Conditions) -> PlanStudy:
    if plan.kind == "gateway":
        return PlanStudy(plan, note="gateway", seat_czk=Decimal(0))
    try:
        made = offer(plan, given)
    except NotComparable as error:
        return PlanStudy(plan, note=error.why)
    if not ground.persons:
        return PlanStudy(plan, seat_czk=made.seat_czk, hidden=frozenset({"mix", "all_seats"}))
    found = curve(usage, made)
    mix = best_mix(found)
    covered = int(found.saved[found.best()])
    study = PlanStudy(
        plan,
        seat_czk=made.seat_czk,
        all_seats=all_seats(found),
        mix=mix,
        break_even=_from_when(ground, usage, made),
        coverage=covered / usage.base if usage.base > 0 else None,
        savings_rate=float(1 - mix.czk / found.at(0)) if found.at(0) > 0 else None,
        pooling=value_of_pooling(usage, made) if is_pooled(made) else None,
        curve=shown_curve(found, mix, given),
    )
    return hidden_where_few(study, usage.persons, ground.step)


def _from_when(ground: _Ground, usage: Usage, made: Offer) -> BreakEven:
    """For how many people it pays, as any count of them is told; the rest as of the use that is told."""
    found, several = break_even(ground.usage, made), ground.told.persons
    above, wanted = (ground.people.shown(count) for count in (found.persons, found.newsvendor))
    return replace(
        found,
        persons=-1 if above is None else above * usage.persons // several,
        share=None if above is None or not several else above / several,
        newsvendor=-1 if wanted is None else wanted * usage.persons // several,
        utilisation=utilisation(ground.told, made),
    )


def _in_depth(study: Study, usage: Usage, given: Conditions, asked: Asked) -> Study:
    """What is worked out for the first plan alone, and for all together."""
    made = _offers(study, given)
    together, holders = _together(usage, list(made.values()), study.minimum_group)
    first = study.plans[0] if study.plans else None
    closer = made.get(0)
    if first is None or closer is None:
        return replace(study, together=together, together_holders=holders,
                       people=people_steps(usage, None, given))  # fmt: skip
    looked = _closely(usage, closer, given, study, asked.seats)
    return replace(
        study,
        plans=(looked, *study.plans[1:]),
        people=people_steps(usage, closer, given),
        adoptions=tuple(_adoption(usage, closer, percent, study.minimum_group) for percent in ADOPTIONS),
        together=together,
        together_holders=holders,
    )


def _offers(study: Study, given: Conditions) -> dict[int, Offer]:
    """Offers of the comparable plans by their place."""
    others = replace(given, seat_czk=None)
    return {
        place: offer(s.plan, given if place == 0 else others) for place, s in enumerate(study.plans) if s.note is None
    }


def _together(usage: Usage, offers: Sequence[Offer], least: int) -> tuple[Decimal | None, tuple[int, ...] | None]:
    """The cheapest assignment over all plans, in which neighbours go the same way."""
    if len(offers) < 2:
        return None, None
    found = portfolio(usage, offers, least)
    counts = (*found.holders, usage.persons - sum(found.holders))
    return (None, None) if any(0 < n < least for n in counts) else (found.czk, found.holders)


def _closely(usage: Usage, made: Offer, given: Conditions, study: Study, seats: int | None) -> PlanStudy:
    first, least = study.plans[0], study.minimum_group
    tested = backtest(usage.thinned(ROWS), made)
    is_told = tested is not None and tested.fewest < least
    return replace(
        first,
        ranges=resampled(usage, made) if first.mix is not None else None,
        backtest=None if is_told else tested,
        npv=_present_value(first, study.by_use),
        saving=difference(usage, made, least),
        swings=tuple(tornado(usage, first.plan, given, least=least, vat=study.tax.vat)),
        seats_czk=cost_of_asked_seats(curve(usage, made), seats, made.step) if seats is not None else None,
        hidden=first.hidden | ({"backtest"} if is_told else set()),
    )


def _present_value(first: PlanStudy, by_use: Decimal | None) -> Decimal | None:
    """Of the best mix over the plan's commitment, use staying as it is."""
    if first.mix is None or by_use is None:
        return None
    length = max(first.plan.commitment_months, 12)
    return net_present_value([by_use] * length, [first.mix.czk] * length, DISCOUNT_RATE)


def _adoption(usage: Usage, made: Offer, percent: int, least: int) -> Adoption:
    wanted = usage.persons * (100 + percent) // 100
    more = usage.thinned(ADOPTION_ROWS).with_persons(wanted) if percent else usage
    here = replace(made, step=-(-made.step * wanted // usage.persons)) if made.step > 1 else made
    found = curve(more, here)
    mix, by_use, everybody = best_mix(found), here.czk(more.base, len(more.months)), all_seats(found)
    cheapest = "use" if mix.holders == 0 else "seats" if mix.holders == more.persons else "mix"
    shown = None if is_telling(mix.holders, more.persons, least) else mix
    return Adoption(percent, more.persons, by_use, everybody, shown, cheapest)
