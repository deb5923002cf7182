"""Each formula of docs/plans.md by hand. One dollar is one crown here, so that amounts read the same in both."""

from dataclasses import replace
from decimal import Decimal
from math import exp, log
from statistics import stdev
from typing import Any

import numpy as np
import pytest

from queries.analysis.break_even import break_even, newsvendor
from queries.analysis.commitment import backtest, net_present_value, regret
from queries.analysis.mix import all_metered, all_seats, best_mix, curve, curve_points, overage, value_of_pooling
from queries.analysis.plan import Conditions, NotComparable, Offer, Plan, offer
from queries.analysis.several import portfolio
from queries.analysis.uncertainty import rate_band, resampled, tornado, yearly_deviation
from queries.analysis.usage import NANO
from tests.queries.analysis.worlds import AT_RATE, IN_DOLLARS, used

FIVE = used([100], [60], [30], [10], [5])  # 205 together; ten messages and 10,000 tokens each


def seat(price: int = 20, **given: Any) -> Offer:
    """An offer of a plan whose seat costs `price`."""
    return offer(Plan("seat", currency="USD", seat_fee=Decimal(price), **given), IN_DOLLARS)


def test_a_seat_that_includes_everything_pays_from_its_price_on() -> None:
    even = break_even(FIVE, seat())
    assert even.czk == 20
    assert (even.persons, even.share) == (3, 0.6)  # 100, 60 and 30 are above 20
    assert even.tokens == 4878  # 205 / 50,000 tokens = 0.0041 each; 20 / 0.0041
    assert even.messages == 4  # 205 / 50 messages = 4.1 each; 20 / 4.1


def test_with_an_allowance_worth_less_than_the_seat_cheaper_overage_must_make_up_for_it() -> None:
    plan = {"includes": "usd", "allowance": Decimal(15)}
    half = seat(20, **plan, overage_price=Decimal("0.5"))
    assert break_even(FIVE, half).czk == 25  # c - (c - 15) / 2 = 20
    assert break_even(FIVE, seat(20, **plan)).czk is None  # never: beyond 15 every dollar costs a dollar
    assert break_even(FIVE, seat(12, **plan)).czk == 12


def test_messages_pay_by_their_mean_price() -> None:
    even = break_even(FIVE, seat(20, includes="messages", allowance=Decimal(8)))  # 8 x 4.1 = 32.8 are included
    assert (even.czk, even.messages) == (20, 4)
    short = seat(20, includes="messages", allowance=Decimal(4), overage_price=Decimal("2.05"))
    assert break_even(FIVE, short).czk == pytest.approx(Decimal("23.6"))  # 16.4 + (c - 16.4) / 2 = 20


def test_a_block_of_seats_pays_from_a_share_of_active_seats_on() -> None:
    assert break_even(FIVE, seat()).utilisation == pytest.approx(20 / 41)  # a mean active month costs 205 / 5 = 41
    assert break_even(FIVE, seat(50)).utilisation == pytest.approx(50 / 41)  # above 1: never


def test_a_seat_that_includes_nothing_is_a_pure_premium() -> None:
    made = seat(20, includes="none")
    even = break_even(FIVE, made)
    assert (even.czk, even.tokens, even.messages, even.persons, even.utilisation) == (None, None, None, 0, None)
    assert all_seats(curve(FIVE, made)) == 205 + 5 * 20
    assert best_mix(curve(FIVE, made)).czk == 205


def test_the_best_mix_seats_those_above_the_price() -> None:
    found = curve(FIVE, seat())
    mix = best_mix(found)
    assert (mix.czk, mix.holders, mix.bought, mix.empty) == (75, 3, 3, 0)  # 3 x 20 + 10 + 5
    assert all_metered(FIVE, Decimal(1)) == 205
    assert all_seats(found) == 100
    assert mix.flat == (3, 3)
    assert [(k, int(czk)) for k, czk in curve_points(found, 1)] == [
        (0, 205),
        (1, 125),
        (2, 85),
        (3, 75),
        (4, 85),
        (5, 100),
    ]


def test_a_minimum_is_used_up_once_it_is_paid_and_what_is_left_stands_empty() -> None:
    four = best_mix(curve(FIVE, seat(minimum_seats=4)))
    assert (four.czk, four.holders, four.bought) == (85, 4, 4)  # the fourth seat is paid anyway and replaces 10
    six = best_mix(curve(FIVE, seat(minimum_seats=6)))
    assert (six.czk, six.holders, six.empty) == (120, 5, 1)
    assert best_mix(curve(FIVE, seat(minimum_seats=11))).holders == 0  # 220 > 205


def test_no_more_seats_than_the_plan_sells() -> None:
    two = curve(FIVE, seat(maximum_seats=2))
    assert (best_mix(two).czk, best_mix(two).holders) == (85, 2)  # 2 x 20 + 30 + 10 + 5
    assert all_seats(two) == 85


def test_numbers_within_two_percent_of_the_least_are_flat() -> None:
    close = best_mix(curve(used([100], [21], [20], [19], [900]), seat()))
    # 100 and 900 and 21 have a seat: 60 + 20 + 19 = 99; one fewer 100, one more 99 (20 for 20): within 2 %; then 100
    assert (close.czk, close.holders, close.flat) == (99, 3, (2, 5))


def test_a_demand_that_differs_is_met_as_far_as_a_seat_is_worth_its_risk() -> None:
    # every month some write for 50: 1, 2, 3 and 4 persons; a seat of 20: (50 - 20) / 50 = 0.6 of the months
    usage = used([50, 50, 50, 50], [0, 50, 50, 50], [0, 0, 50, 50], [0, 0, 0, 50])
    assert newsvendor(usage, seat(20)) == 3  # two suffice in half of the months, three in three quarters
    assert newsvendor(usage, seat(30)) == 2  # 0.4
    assert newsvendor(usage, seat(50)) == 0  # c <= p


def test_the_present_value_discounts_by_parts_of_a_year() -> None:
    by_use = [Decimal(0)] * 5 + [Decimal(110)]
    assert net_present_value(by_use, [Decimal(0)] * 6, Decimal("0.21")) == pytest.approx(Decimal(100))  # 1.21^(1/2)
    assert net_present_value([Decimal(1)] * 3, [Decimal(2)] * 3, Decimal(0)) == -3


def test_regret_is_the_cost_over_the_best_fixed_number() -> None:
    # 0: 205, 2: 40 + 45 = 85, 3: 75 (the best), 5: 100, 7: 140 with two empty seats
    assert regret(FIVE, seat(), [0, 2, 3, 5, 7]) == [130, 10, 0, 25, 65]


def test_what_was_chosen_beforehand_is_paid_afterwards() -> None:
    usage = used([50, 50, 0])
    tested = backtest(usage, seat(), training=1)
    assert tested is not None
    # September: the seat bought for August's use costs 20 instead of 50; October: 20 instead of nothing
    assert (tested.by_use, tested.chosen, tested.hindsight) == (25, 20, 10)
    assert (tested.months, tested.wins, tested.saved, tested.regret, tested.fewest) == (2, 1, 5, 10, 1)
    assert backtest(usage, seat(), training=3) is None


def test_a_pool_of_credits_is_shared() -> None:
    usage = used([30], [5], [5])
    plan = Plan("pool", currency="USD", seat_fee=Decimal(10), includes="credits", allowance=Decimal(1500),
                overage_price=Decimal("0.01"), is_pooled=True)  # fmt: skip
    pooled, own = (offer(replace(plan, is_pooled=p), IN_DOLLARS) for p in (True, False))
    assert value_of_pooling(usage, pooled) == 15  # alone the first pays 30 - 15 more; three times 15 cover 40
    assert all_seats(curve(usage, pooled)) == 30
    assert all_seats(curve(usage, own)) == 45
    assert best_mix(curve(usage, pooled)).czk == 30  # one seat: 10 + 15 + 10 = 35; two: 20 + 5 + 5 = 30
    assert best_mix(curve(usage, pooled)).holders == 2


def test_messages_beyond_the_allowance_cost_their_price_or_the_mean() -> None:
    usage = used([100])  # ten messages
    assert overage(usage, seat(includes="messages", allowance=Decimal(4)))[0] == 60 * NANO
    priced = seat(includes="messages", allowance=Decimal(4), overage_price=Decimal(2))
    assert overage(usage, priced)[0] == 12 * NANO
    blocked = seat(includes="messages", allowance=Decimal(4), overage_price=Decimal(2), overage="blocked")
    assert overage(usage, blocked)[0] == 60 * NANO  # what is blocked is taken by use


def test_very_many_messages_are_counted_exactly() -> None:
    usage = used(["123456.789"], messages=[[2_000_003]])
    found = overage(usage, seat(includes="messages", allowance=Decimal(1)))[0]
    assert abs(int(found) - 123_456_789_000_000 * 2_000_002 // 2_000_003) <= 1


def test_an_allowance_lasts_for_its_week_month_or_half_year() -> None:
    usage = used([30, 0, 5, 5])  # August, September (one half-year), October, November (another)
    assert overage(usage, seat(includes="usd", allowance=Decimal(7), reset="week"))[0] == 0  # August: 31 days, 31
    assert overage(usage, seat(includes="usd", allowance=Decimal(7), reset="month"))[0] == 23 * NANO
    assert overage(usage, seat(includes="usd", allowance=Decimal(60), reset="term"))[0] == 10 * NANO  # 2/6 of 60 = 20
    few = used([30, 0, 5, 5], messages=[[300, 1, 50, 50]])
    assert overage(few, seat(includes="messages", allowance=Decimal(301 * 3), reset="term"))[0] == 0


def test_a_fee_is_a_months_share_less_both_discounts_with_tax_at_the_rate() -> None:
    plan = Plan("a", currency="USD", seat_fee=Decimal(240), billing_months=12, discount=Decimal("0.1"))
    given = replace(AT_RATE, discount=Decimal("0.5"), tax=Decimal("0.21"))
    assert offer(plan, given).seat_czk == Decimal(20) * Decimal("0.9") * Decimal("23.5") * Decimal("0.5") * Decimal(
        "1.21"
    )
    assert offer(plan, replace(AT_RATE, seat_czk=Decimal(100))).seat_czk == 100


def test_growth_price_and_rate_multiply_use_and_tax_both_sides() -> None:
    given = Conditions(
        {"CZK": Decimal(1), "USD": Decimal(20)}, growth=Decimal("1.5"), price=Decimal("0.8"), tax=Decimal("0.1")
    )
    made = offer(Plan("a", currency="USD", seat_fee=Decimal(20)), given)
    assert made.factor == Decimal("26.4")  # 20 x 1.5 x 0.8 x 1.1
    mix = best_mix(curve(FIVE, made))
    # use in CZK: 2640, 1584, 792, 264, 132; a seat 440
    assert (mix.czk, mix.holders) == (Decimal("1716"), 3)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"seat_fee": None}, "no_price"),
        ({"currency": "GBP"}, "no_rate"),
        ({"includes": "usd"}, "no_allowance"),
        ({"includes": "credits", "allowance": Decimal(9)}, "no_credit_price"),
        ({"includes": "sometimes"}, "no_meaning"),
        ({"reset": "day"}, "no_meaning"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_no_number(plan: dict[str, Any], why: str) -> None:
    with pytest.raises(NotComparable) as caught:
        offer(Plan(**{"plan": "a", "seat_fee": Decimal(1), **plan}), AT_RATE)
    assert caught.value.why == why


def test_a_month_below_zero_is_paid_back_in_any_case() -> None:
    usage = used([-5, 25])
    found = curve(usage, seat(5))
    assert all_metered(usage, Decimal(1)) == 10
    assert best_mix(found).czk == 5  # use of 20 over two months is replaced by two fees of 5
    limited = curve(usage, seat(1, includes="usd", allowance=Decimal(10)))
    assert best_mix(limited).czk == Decimal("8.5")  # 1 + (25 - 10) / 2: nothing is included below zero


def test_nobody_costs_nothing() -> None:
    nobody = used([5], messages=[[0]])
    assert nobody.persons == 0
    assert best_mix(curve(nobody, seat())).czk == 0
    assert break_even(nobody, seat()).persons == 0
    assert all_seats(curve(nobody, seat(minimum_seats=3))) == 60


def test_a_fifth_more_or_less_of_each_input_moves_the_saving_by_so_much() -> None:
    plan = Plan("a", currency="USD", seat_fee=Decimal(20))
    swings = {s.name: s for s in tornado(FIVE, plan, IN_DOLLARS, least=1, vat=Decimal("0.21"))}
    assert (swings["seat_price"].low, swings["seat_price"].high) == (142, 118)  # 190 - 3 x 16; 190 - 3 x 24
    assert (swings["use_per_person"].low, swings["use_per_person"].high) == (92, 168)  # 152 - 60; 228 - 60
    assert swings["model_mix"] == replace(swings["use_per_person"], name="model_mix")
    assert (swings["exchange_rate"].low, swings["exchange_rate"].high) == (104, 156)  # 130 x 0.8; x 1.2
    # four persons: the middle one is left out, 160 - 40; six: there are two of them, 220 - 80
    assert (swings["people"].low, swings["people"].high) == (120, 140)
    assert float(swings["seat_price"].switch or 0) == pytest.approx(5, rel=0.01)  # 100 / 20
    assert float(swings["use_per_person"].switch or 0) == pytest.approx(0.2, rel=0.01)
    assert swings["exchange_rate"].switch is None


def test_worlds_without_chance_have_no_range() -> None:
    usage = used(*[[40, 40, 40]] * 30)
    found = resampled(usage, seat())
    assert (found.by_use.p10, found.by_use.p90) == (1200, 1200)
    assert (found.mix_saves.p10, found.mix_saves.p50, found.mix_saves.p90) == (600, 600, 600)
    assert found.seats_save == found.mix_saves


def test_a_range_holds_the_figure_and_grows_with_the_spread() -> None:
    calm, wild = (used(*[[50 + i % s, 50 - i % s, 50] for i in range(200)]) for s in (5, 50))
    spreads = []
    for usage in (calm, wild):
        found, exact = resampled(usage, seat()), 10000 - 200 * 20
        assert found.mix_saves.p10 <= exact * Decimal("1.02")
        assert found.mix_saves.p90 >= exact * Decimal("0.9")
        assert found.mix_saves.p10 <= found.mix_saves.p50 <= found.mix_saves.p90
        spreads.append(found.by_use.p90 - found.by_use.p10)
    assert spreads[1] > spreads[0] > 0
    assert resampled(wild, seat()) == resampled(wild, seat())


def test_means_of_neighbours_keep_the_sums() -> None:
    usage = used(*[[i, i * 2] for i in range(1, 400)])
    small = usage.thinned(50)
    assert (small.persons, len(small.weights)) == (399, 50)
    assert abs(small.base - usage.base) <= 2 * 399
    assert abs(best_mix(curve(small, seat(100))).czk / best_mix(curve(usage, seat(100))).czk - 1) < Decimal("0.01")


def test_more_people_of_the_same_kind_cost_in_proportion() -> None:
    doubled = FIVE.with_persons(10)
    assert (doubled.persons, doubled.base) == (10, 2 * FIVE.base)
    assert best_mix(curve(doubled, seat())).holders == 6
    assert FIVE.with_persons(6).persons == 6
    assert used([1], messages=[[0]]).with_persons(9).persons == 0


def test_two_plans_share_the_people() -> None:
    small, large = seat(6, includes="usd", allowance=Decimal(12)), seat(25)
    found = portfolio(FIVE, [small, large])
    # 100 and 60 on the large one (50), 30 and 10 on the small one (6 + 18 and 6), 5 by use
    assert (found.czk, found.holders, found.bought) == (85, (2, 2), (2, 2))


def test_seats_of_a_minimum_are_filled_and_a_maximum_is_kept_among_several_plans() -> None:
    small = seat(6, includes="usd", allowance=Decimal(12))
    found = portfolio(FIVE, [small, seat(25, minimum_seats=3)])
    # the third large seat is paid anyway and takes in 30, which would cost 24 on the small one: 75 + 6 + 5
    assert (found.czk, found.holders, found.bought) == (86, (1, 3), (1, 3))
    scarce = portfolio(FIVE, [small, seat(20, maximum_seats=1)])
    # 100 on the large one, 60, 30 and 10 on the small one, 5 by use: 20 + 54 + 24 + 6 + 5
    assert (scarce.czk, scarce.holders) == (109, (3, 1))


def test_who_finds_no_seat_left_in_one_plan_never_overfills_another() -> None:
    heavy = used(*[[55]] * 6)
    first, second = (seat(p, maximum_seats=2) for p in (10, 9))
    found = portfolio(heavy, [first, second])
    # two seats at 10, two at 9, and two people by use: 20 + 18 + 110
    assert (found.czk, found.holders, found.bought) == (148, (2, 2), (2, 2))


def test_a_plan_that_sells_fewer_seats_than_it_makes_one_buy_is_not_bought() -> None:
    found = portfolio(FIVE, [seat(1, minimum_seats=4, maximum_seats=2), seat(90)])
    assert (found.bought, found.czk) == ((0, 1), 195)


def test_with_growth_a_seat_is_worth_as_many_tokens_and_messages_of_tomorrow() -> None:
    grown = offer(Plan("seat", currency="USD", seat_fee=Decimal(20)), replace(IN_DOLLARS, growth=Decimal(2)))
    even = break_even(FIVE, grown)
    assert even.czk == 20
    assert (even.tokens, even.messages) == (
        4878,
        4,
    )  # a token still costs 0.0041: twice as many, each at the same price


def test_no_more_are_served_than_seats_were_bought() -> None:
    usage = used(*[[90]] * 30, *[[1]] * 30)
    found = resampled(usage, seat())
    assert found.mix_saves.p90 == 30 * 90 - 30 * 20  # more who would need one may be drawn, but thirty seats they are
    assert found.mix_saves.p10 < found.mix_saves.p90


def test_a_rate_moves_by_its_measured_deviation() -> None:
    low, high = rate_band(Decimal(20), 0.1, 1.0)
    assert float(high) == pytest.approx(20 * exp(0.12815515655), abs=0.001)
    assert float(low) == pytest.approx(20 * exp(-0.12815515655), abs=0.001)
    rates = [Decimal(20) if i % 2 else Decimal("20.2") for i in range(40)]
    changes = [log(20 / 20.2) if i % 2 == 0 else log(20.2 / 20) for i in range(39)]
    assert yearly_deviation(rates) == pytest.approx(stdev(changes) * 250**0.5)
    assert yearly_deviation(rates[:10]) is None


def test_amounts_never_become_floats() -> None:
    usage = used(["0.000000001"], ["0.1"])
    assert usage.nano_usd.dtype == np.int64
    assert all_metered(usage, Decimal("21.123")) == Decimal("0.100000001") * Decimal("21.123")
