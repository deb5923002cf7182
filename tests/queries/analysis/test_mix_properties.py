"""What must hold for every usage and every plan, and the same answers by trying every number of seats."""

from calendar import monthrange
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.analysis.mix import all_metered, all_seats, best_mix, curve, overage, value_of_pooling
from queries.analysis.plan import Conditions, Offer, Plan, offer
from queries.analysis.several import portfolio
from queries.analysis.usage import NANO, Usage, usage_of
from tests.queries.analysis.worlds import AT_RATE, money, plans, usages

HALER = Decimal("0.005")
ROOM = st.integers(0, 3)
CONDITIONS = st.builds(
    Conditions,
    st.just(AT_RATE.czk),
    growth=st.sampled_from([Decimal(1), Decimal("1.25"), Decimal(2)]),
    price=st.sampled_from([Decimal(1), Decimal("0.8")]),
    tax=st.sampled_from([Decimal(0), Decimal("0.105"), Decimal("0.21")]),
    seat_czk=st.one_of(st.none(), money(0, 900)),
    discount=st.sampled_from([Decimal(0), Decimal("0.1")]),
)


@settings(max_examples=60, deadline=None)
@given(usages(negative=True), plans(), CONDITIONS)
def test_the_best_mix_never_costs_more_than_any_pure_way(usage: Usage, plan: Plan, given: Conditions) -> None:
    found = curve(usage, offer(plan, given))
    mix = best_mix(found)
    assert mix.czk <= all_metered(usage, given.factor) + HALER
    assert mix.czk <= all_seats(found) + HALER
    assert mix.flat[0] <= mix.holders <= mix.flat[1]


@settings(max_examples=60, deadline=None)
@given(usages(), plans(), CONDITIONS, st.data())
def test_more_use_never_lowers_the_cost_of_one_fixed_plan(
    usage: Usage, plan: Plan, given: Conditions, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, usage.persons - 1))
    month = data.draw(st.integers(0, len(usage.months) - 1))
    more = usage.nano_usd.copy()
    more[month, row] += data.draw(st.integers(1, 40)) * NANO
    written = usage.messages.copy()
    written[month, row] += 1 if plan.includes == "messages" else 0
    after = usage_of(usage.months, more, usage.tokens, written)
    made = offer(plan, given)
    assert all_seats(curve(after, made)) >= all_seats(curve(usage, made)) - HALER
    assert all_metered(after, given.factor) > all_metered(usage, given.factor)
    assert best_mix(curve(after, made)).czk >= best_mix(curve(usage, made)).czk - HALER


@settings(max_examples=40, deadline=None)
@given(usages(negative=True), plans(includes="none"), CONDITIONS)
def test_a_seat_that_includes_nothing_never_saves(usage: Usage, plan: Plan, given: Conditions) -> None:
    found = curve(usage, offer(plan, given))
    by_use = all_metered(usage, given.factor)
    assert all(found.at(i) >= by_use - HALER for i in range(len(found.holders)))
    assert best_mix(found).holders == 0


@settings(max_examples=60, deadline=None)
@given(usages(), plans(includes="usd", is_pooled=True, minimum_seats=0), CONDITIONS)
def test_a_pool_never_costs_more_than_allowances_of_each_person(usage: Usage, plan: Plan, given: Conditions) -> None:
    pooled, own = (curve(usage, offer(replace(plan, is_pooled=p), given)) for p in (True, False))
    assert all(pooled.at(i) <= own.at(i) + HALER for i in range(len(own.holders)))
    assert value_of_pooling(usage, offer(plan, given)) >= 0


@settings(max_examples=40, deadline=None)
@given(usages(negative=True), plans(), CONDITIONS)
def test_no_seats_is_all_metered(usage: Usage, plan: Plan, given: Conditions) -> None:
    assert abs(curve(usage, offer(plan, given)).at(0) - all_metered(usage, given.factor)) < HALER


@settings(max_examples=40, deadline=None)
@given(usages(negative=True), plans(), CONDITIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(usage: Usage, plan: Plan, given: Conditions, random: Random) -> None:
    places = list(range(usage.persons))
    random.shuffle(places)
    other = usage_of(usage.months, *(a[:, places] for a in (usage.nano_usd, usage.tokens, usage.messages)))
    made = offer(plan, given)
    assert best_mix(curve(other, made)) == best_mix(curve(usage, made))


@settings(max_examples=60, deadline=None)
@given(usages(negative=True), plans(is_pooled=False), CONDITIONS, st.integers(2, 4))
def test_persons_of_equal_use_may_stand_in_one_row(usage: Usage, plan: Plan, given: Conditions, n: int) -> None:
    one_row = usage.with_persons(usage.persons * n)
    rows = [np.repeat(a, n, axis=1) for a in (usage.nano_usd, usage.tokens, usage.messages)]
    apart = usage_of(usage.months, *rows)
    made = offer(plan, given)
    assert abs(best_mix(curve(one_row, made)).czk - best_mix(curve(apart, made)).czk) < HALER
    assert abs(all_seats(curve(one_row, made)) - all_seats(curve(apart, made))) < HALER


def tried(usage: Usage, plan: Plan, given: Conditions, made: Offer, chosen: tuple[int, ...]) -> Decimal:
    """CZK a month with seats for exactly these persons, in Decimal, month by month, by the words of the plan."""
    usd = given.czk["USD"]
    full = usd * given.growth * given.price * (1 + given.tax)
    rate = given.czk[plan.currency]
    months = usage.months
    total = Decimal(0)
    halves: dict[tuple[int, bool], list[int]] = {}
    for i, month in enumerate(months):
        key = (month.year - (month.month < 4), 4 <= month.month <= 9) if plan.reset == "term" else (i, False)
        halves.setdefault(key, []).append(i)
    for person in range(usage.persons):
        if person not in chosen or plan.includes == "none":
            total += sum(Decimal(int(usage.nano_usd[i, person])) / NANO * full for i in range(len(months)))
    for group in halves.values():
        allowance = plan.allowance or Decimal(0)
        if plan.reset == "week":
            allowance = allowance * monthrange(months[group[0]].year, months[group[0]].month)[1] / 7
        if plan.reset == "term":
            allowance = allowance * len(group) / 6
        if plan.includes in ("usd", "credits"):
            price = Decimal(1) if plan.includes == "usd" else plan.overage_price or Decimal(0)
            worth = allowance * price * (usd if plan.includes == "usd" else rate) * (1 + given.tax)
            share = Decimal(1)
            if plan.includes == "usd" and plan.overage == "metered" and plan.overage_price is not None:
                share = plan.overage_price * rate / usd
            spent = [
                sum(max(Decimal(int(usage.nano_usd[i, p])), Decimal(0)) for i in group) / NANO * full for p in chosen
            ]
            if plan.is_pooled:
                bought = max(len(chosen), plan.minimum_seats)
                total += max(sum(spent, Decimal(0)) - worth * bought, Decimal(0)) * share
            else:
                total += sum((max(s - worth, Decimal(0)) for s in spent), Decimal(0)) * share
        if plan.includes == "messages":
            for p in chosen:
                written = Decimal(sum(int(usage.messages[i, p]) for i in group)) * given.growth
                spent_here = sum(max(Decimal(int(usage.nano_usd[i, p])), Decimal(0)) for i in group) / NANO * full
                beyond = max(written - allowance, Decimal(0))
                if plan.overage == "metered" and plan.overage_price is not None:
                    total += beyond * plan.overage_price * rate * (1 + given.tax)
                else:
                    total += spent_here * beyond / written
    seats = max(len(chosen), plan.minimum_seats) if chosen else 0
    return total / len(months) + made.seat_czk * seats


@settings(max_examples=150, deadline=None)
@given(usages(persons=5), plans(is_pooled=False), CONDITIONS)
def test_the_best_mix_is_the_cheapest_of_all_sets_of_persons(usage: Usage, plan: Plan, given: Conditions) -> None:
    made = offer(plan, given)
    most = min(usage.persons, plan.maximum_seats or usage.persons)
    ways = [
        tried(usage, plan, given, made, chosen)
        for size in range(most + 1)
        for chosen in combinations(range(usage.persons), size)
    ]
    assert abs(best_mix(curve(usage, made)).czk - min(ways)) < HALER


@settings(max_examples=100, deadline=None)
@given(usages(persons=5, months=1), plans(includes="usd", is_pooled=True, reset="month", currency="USD"), CONDITIONS)
def test_a_pool_within_one_month_is_shared_by_the_cheapest_of_all_sets(
    usage: Usage, plan: Plan, given: Conditions
) -> None:
    made = offer(plan, given)
    most = min(usage.persons, plan.maximum_seats or usage.persons)
    ways = [
        tried(usage, plan, given, made, chosen)
        for size in range(most + 1)
        for chosen in combinations(range(usage.persons), size)
    ]
    assert abs(best_mix(curve(usage, made)).czk - min(ways)) < HALER


@settings(max_examples=60, deadline=None)
@given(usages(persons=6), plans(is_pooled=True, includes="usd"), CONDITIONS)
def test_a_pool_over_months_is_never_dearer_than_the_dearest_users_in_it(
    usage: Usage, plan: Plan, given: Conditions
) -> None:
    made = offer(plan, given)
    most = min(usage.persons, plan.maximum_seats or usage.persons)
    ways = [tried(usage, plan, given, made, tuple(range(size))) for size in range(most + 1)]
    assert best_mix(curve(usage, made)).czk <= min(ways) + HALER


@settings(max_examples=60, deadline=None)
@given(usages(persons=4), plans(is_pooled=False, minimum_seats=0, maximum_seats=None),
       plans(is_pooled=False, minimum_seats=0, maximum_seats=None), CONDITIONS)  # fmt: skip
def test_two_plans_are_shared_out_as_by_trying_every_assignment(
    usage: Usage, first: Plan, second: Plan, given: Conditions
) -> None:
    given = replace(given, seat_czk=None)
    offers = [offer(p, given) for p in (first, second)]
    ways = []
    for places in product(range(3), repeat=usage.persons):
        cost = Decimal(0)
        for column, made in enumerate(offers):
            chosen = [p for p, place in enumerate(places) if place == column + 1]
            cost += made.seats_czk(len(chosen)) + made.czk(int(overage(usage, made)[chosen].sum()), len(usage.months))
        left = [p for p, place in enumerate(places) if place == 0]
        ways.append(cost + offers[0].czk(int(usage.totals[left].sum()), len(usage.months)))
    found = portfolio(usage, offers)
    assert abs(found.czk - min(ways)) < HALER
    assert sum(found.holders) <= usage.persons


@settings(max_examples=60, deadline=None)
@given(usages(persons=5), plans(is_pooled=False), plans(is_pooled=False), st.tuples(ROOM, ROOM), CONDITIONS)
def test_several_scarce_plans_are_never_below_the_cheapest_assignment_that_is_for_sale(
    usage: Usage, first: Plan, second: Plan, room: tuple[int, int], given: Conditions
) -> None:
    pair = [replace(p, minimum_seats=0, maximum_seats=m) for p, m in zip((first, second), room, strict=True)]
    offers = [offer(p, replace(given, seat_czk=None)) for p in pair]
    ways = []
    for places in product(range(3), repeat=usage.persons):
        chosen = [[p for p, place in enumerate(places) if place == column] for column in (1, 2)]
        if any(len(held) > most for held, most in zip(chosen, room, strict=True)):
            continue
        left = [p for p, place in enumerate(places) if place == 0]
        cost = offers[0].czk(int(usage.totals[left].sum()), len(usage.months))
        for made, held in zip(offers, chosen, strict=True):
            cost += made.seats_czk(len(held)) + made.czk(int(overage(usage, made)[held].sum()), len(usage.months))
        ways.append(cost)
    found = portfolio(usage, offers)
    assert all(bought <= most for bought, most in zip(found.bought, room, strict=True))
    assert found.czk >= min(ways) - HALER


@settings(max_examples=60, deadline=None)
@given(usages(), plans(), plans(), CONDITIONS)
def test_several_plans_never_cost_more_than_the_best_mix_with_one(
    usage: Usage, first: Plan, second: Plan, given: Conditions
) -> None:
    offers = [offer(p, given) for p in (first, second)]
    found = portfolio(usage, offers)
    for made in offers:
        most, alone = made.plan.maximum_seats, best_mix(curve(usage, made))
        if most is None or alone.bought <= most:  # a plan may sell fewer seats than it makes one buy
            assert found.czk <= alone.czk + HALER
    assert all(b >= h for b, h in zip(found.bought, found.holders, strict=True))
    for plan, bought in zip((first, second), found.bought, strict=True):
        assert bought == 0 or bought >= plan.minimum_seats


def test_usage_of_other_shapes_is_refused() -> None:
    square = np.zeros((2, 2), dtype=np.int64)
    with pytest.raises(ValueError, match=r"expected \(months, persons\)"):
        usage_of((), square, square, square)
