"""Seats or use: the whole study of one question about plans, as aggregates that may be shown (plans.md).

Every number of persons, and every amount from which one could be had, is hidden (None, and named in `hidden`) where it
would tell of fewer than the minimum group, on either side of the line between those with a seat and those without.
Below the university as a whole (a unit, a role, or few people) holders are weighed in steps of the minimum group and
counts are given in these steps, so that no two answers differ by a few people (as queries/suppression.py has it).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from queries.analysis.break_even import break_even
from queries.analysis.commitment import backtest, holders, net_present_value
from queries.analysis.mix import (
    all_metered,
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
    cost_of_all,
    cost_of_asked_seats,
    hidden_where_few,
    is_telling,
    people_steps,
    roughly,
    shown_count,
    shown_curve,
    shown_mix,
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
from queries.suppression import CROWD as EXACT_CROWD
from queries.suppression import SMALL_UNIT
from queries.warehouse import Snapshot

ADOPTIONS = (0, 25, 50, 100)
ADOPTION_ROWS = 12_000  # who uses little is joined with neighbours: more people are an assumption in any case
DISCOUNT_RATE = Decimal("0.04")
CROWD = 4  # minimum groups: from how many on groups of a university are exact that is itself counted exactly


@dataclass(frozen=True)
class _Ground:
    """What a question rests on besides its assumptions."""

    snapshot: Snapshot
    unit: str
    start: date
    end: date
    usage: Usage
    rates: dict[str, Rate]
    tax: Tax
    plans: dict[str, Plan]
    role: str

    @property
    def is_whole(self) -> bool:
        """True for everybody of the university."""
        return self.unit == self.snapshot.root_unit and not self.role


class PlanStudies:
    """Studies of a reader; usage and finished answers are kept for the snapshots they came from."""

    def __init__(self) -> None:
        self._usages, self._rest, self._studies = Cache(4), Cache(64), Cache(32)

    def study(self, snapshot: Snapshot, unit: str, months: tuple[date, date], role: str, asked: Asked) -> Study:
        """The study of `asked` on the use of the unit's people of that role ('' is everybody) in [start, end)."""
        ground = self._ground(snapshot, unit, months, role)
        key = (snapshot.version, unit, role, months, asked)
        found: Study = self._studies.get(key, lambda: _studied(ground, asked, self._rest))
        return found

    def holders(
        self, snapshot: Snapshot, unit: str, months: tuple[date, date], role: str, asked: Asked
    ) -> tuple[Holder, ...]:
        """For whom the best mix of the first plan has a seat, as the use was: without people added by assumption.

        One line per person: only for who may see persons. Empty where the plan can't be weighed.
        """
        ground = self._ground(snapshot, unit, months, role)
        plan = ground.plans.get(asked.plans[0]) if asked.plans else None
        plan = asked.own_plan if asked.own_plan and asked.plans[:1] in ((), (asked.own_plan.plan,)) else plan
        if plan is None or plan.kind == "gateway":
            return ()
        try:
            made = offer(_of_unit(plan, ground), _conditions(ground, asked))
        except NotComparable:
            return ()
        return _listed(ground.usage, made)

    def _ground(self, snapshot: Snapshot, unit: str, months: tuple[date, date], role: str) -> _Ground:
        version, keep = snapshot.version, self._rest.get
        start, end = months
        return _Ground(
            snapshot, unit, start, end,
            self._usages.get((version, unit, role, start, end), lambda: loaded_usage(snapshot, unit, role, start, end)),
            keep((version, "rates"), lambda: known_rates(snapshot)),
            keep((version, "tax", unit), lambda: known_tax(snapshot, unit)),
            keep((version, "plans", end), lambda: known_plans(snapshot, end)),
            role,
        )  # fmt: skip


def _studied(ground: _Ground, asked: Asked, kept: Cache) -> Study:
    usage, joined = _people(ground, asked, kept)
    least = ground.snapshot.minimum_group
    given = _conditions(ground, asked)
    rate = ground.rates.get("USD")
    is_small = 0 < usage.persons < least * (1 if ground.is_whole else SMALL_UNIT)
    is_priced = rate is not None or asked.usd_czk is not None
    shown = Study(
        version=ground.snapshot.version,
        months=usage.months,
        persons=None if is_small else shown_count(usage.persons, given),
        by_use=all_metered(usage, given.factor) if is_priced else None,
        plans=tuple(_weighed(ground, asked, usage, given, is_small=is_small)) if is_priced else (),
        rate=rate,
        usd_czk=given.czk["USD"],
        band=rate_band(given.czk["USD"], rate.deviation, 1.0) if rate and rate.deviation else None,
        tax=ground.tax,
        minimum_group=least,
        joined=joined,
        notes=_notes(usage, is_priced=is_priced),
    )
    studied = shown if is_small or not usage.persons or not is_priced else _in_depth(shown, usage, given, asked)
    return studied if given.exact_from is not None else roughly(studied)


def _conditions(ground: _Ground, asked: Asked) -> Conditions:
    czk = {"CZK": Decimal(1), **{c: r.czk for c, r in ground.rates.items()}}
    czk["USD"] = asked.usd_czk or czk.get("USD") or Decimal(1)
    tax = {"none": Decimal(0), "part": ground.tax.non_deductible, "full": ground.tax.vat}[asked.tax]
    step = ground.snapshot.minimum_group
    is_exact = ground.is_whole and ground.usage.persons >= EXACT_CROWD * step
    exact_from = CROWD * step if is_exact else None
    return Conditions(czk, asked.growth, asked.price, tax, asked.seat_czk, asked.discount, step, exact_from)


def _people(ground: _Ground, asked: Asked, kept: Cache) -> tuple[Usage, int]:
    """(usage with more people and with those of joining faculties, how many these are)."""
    usage, joined = ground.usage, 0
    if asked.joining:
        key = (ground.snapshot.version, "joining", ground.start, ground.end, asked.joining)
        joined = kept.get(key, lambda: joining_persons(ground.snapshot, ground.start, ground.end, asked.joining))
    # more people are as many times those who are said to be there: a hundred times the real number would tell it
    more = (
        int(shown_count(usage.persons, _conditions(ground, asked)) * asked.people)
        if asked.people != 1
        else usage.persons
    )
    persons = more + joined
    if persons != usage.persons:
        usage = usage.with_persons(persons)
    return usage, joined


def _notes(usage: Usage, *, is_priced: bool) -> tuple[str, ...]:
    found = ["negative_use"] if usage.has_negative else []
    return tuple(found if is_priced else [*found, "no_rate"])


def _weighed(ground: _Ground, asked: Asked, usage: Usage, given: Conditions, *, is_small: bool) -> list[PlanStudy]:
    studies = []
    own = {asked.own_plan.plan: asked.own_plan} if asked.own_plan else {}
    codes = asked.plans or tuple(own)
    for place, code in enumerate(codes):
        plan = (ground.plans | own).get(code)
        here = given if place == 0 else replace(given, seat_czk=None)
        if plan is None:
            studies.append(PlanStudy(Plan(code, name=code), note="unknown_plan"))
            continue
        studies.append(_one(usage, _of_unit(plan, ground), here, 10**9 if is_small else ground.snapshot.minimum_group))
    return studies


def _of_unit(plan: Plan, ground: _Ground) -> Plan:
    """The plan as it binds the unit: numbers of seats bind the university as a whole."""
    return plan if ground.unit == ground.snapshot.root_unit else replace(plan, minimum_seats=0, maximum_seats=None)


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


def _one(usage: Usage, plan: Plan, given: Conditions, least: int) -> PlanStudy:
    if plan.kind == "gateway":
        return PlanStudy(plan, note="gateway", seat_czk=Decimal(0))
    try:
        made = offer(plan, given)
    except NotComparable as error:
        return PlanStudy(plan, note=error.why)
    if usage.persons < least:
        return PlanStudy(plan, seat_czk=made.seat_czk, hidden=frozenset({"mix", "all_seats"}))
    found = curve(usage, made)
    mix = best_mix(found)
    covered = int(found.saved[found.best()])
    everybody = cost_of_all(found, given)
    study = PlanStudy(
        plan,
        seat_czk=made.seat_czk,
        all_seats=everybody,
        mix=shown_mix(mix, usage.persons, given, made),
        break_even=break_even(usage, made),
        coverage=covered / usage.base if usage.base > 0 else None,
        savings_rate=float(1 - mix.czk / found.at(0)) if found.at(0) > 0 else None,
        pooling=value_of_pooling(usage, made) if is_pooled(made) else None,
        curve=shown_curve(found, mix, given),
    )
    return hidden_where_few(study, usage.persons, given)


def _in_depth(study: Study, usage: Usage, given: Conditions, asked: Asked) -> Study:
    """What is worked out for the first plan alone, and for all together."""
    made = _offers(study, given)
    together, holders = _together(usage, list(made.values()), given.exact_from)
    first = study.plans[0] if study.plans else None
    closer = made.get(0)
    if first is None or closer is None:
        return replace(study, together=together, together_holders=holders, people=people_steps(usage, None, given,
                       study.minimum_group))  # fmt: skip
    looked = _closely(usage, closer, given, study, asked.seats)
    return replace(
        study,
        plans=(looked, *study.plans[1:]),
        people=people_steps(usage, closer, given, study.minimum_group),
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


def _together(
    usage: Usage, offers: Sequence[Offer], exact_from: int | None
) -> tuple[Decimal | None, tuple[int, ...] | None]:
    """The cheapest assignment over all plans: exact, and so told only of groups that are counted exactly."""
    if len(offers) < 2 or exact_from is None:
        return None, None
    found = portfolio(usage, offers)
    counts = (*found.holders, usage.persons - sum(found.holders))
    return (None, None) if any(0 < n < exact_from for n in counts) else (found.czk, found.holders)


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
        seats_czk=cost_of_asked_seats(curve(usage, made), seats, least) if seats is not None else None,
        hidden=first.hidden | ({"backtest"} if is_told else set()),
    )


def _present_value(first: PlanStudy, by_use: Decimal | None) -> Decimal | None:
    """Of the best mix over the plan's commitment, use staying as it is."""
    if first.mix is None or by_use is None:
        return None
    length = max(first.plan.commitment_months, 12)
    return net_present_value([by_use] * length, [first.mix.czk] * length, DISCOUNT_RATE)


def _adoption(usage: Usage, made: Offer, percent: int, least: int) -> Adoption:
    wanted = shown_count(usage.persons, made) * (100 + percent) // 100
    more = usage.thinned(ADOPTION_ROWS).with_persons(wanted) if percent else usage
    found = curve(more, made)
    mix, by_use, everybody = best_mix(found), made.czk(more.base, len(more.months)), cost_of_all(found, made)
    cheapest = "use" if mix.holders == 0 else "seats" if mix.holders == more.persons else "mix"
    shown = None if is_telling(mix.holders, more.persons, least) else shown_mix(mix, more.persons, made, made)
    return Adoption(percent, shown_count(more.persons, made), by_use, everybody, shown, cheapest)
