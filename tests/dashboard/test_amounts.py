"""Rounded lines add up to the rounded total, and parts of a change to the change, whatever the figures."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dashboard.amounts import booked, explained

money = st.decimals(min_value=-1000, max_value=10**6, places=18)
used = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(0, 10**9), st.decimals(min_value=0, max_value=10**6, places=18)),
    max_size=6,
)


@given(st.lists(money, max_size=12))
def test_booked_amounts_add_up_to_the_rounded_sum_and_none_is_off_by_a_cent(amounts: list[Decimal]) -> None:
    lines = booked(amounts)
    whole = sum((Fraction(a) for a in amounts), Fraction(0))
    assert abs(sum((Fraction(line) for line in lines), Fraction(0)) - whole) <= Fraction(1, 200)
    assert all(abs(Fraction(line) - Fraction(a)) < Fraction(1, 100) for line, a in zip(lines, amounts, strict=True))


def test_thirds_are_booked_without_losing_a_cent() -> None:
    third = Decimal("0.333333333333333333")
    assert booked([third, third, third]) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


@given(used, used)
def test_the_parts_of_a_change_add_up_to_it_exactly(
    before: dict[str, tuple[int, Decimal]], after: dict[str, tuple[int, Decimal]]
) -> None:
    change = explained(before, after)
    assert sum(change.parts, Fraction(0)) == change.after - change.before
    assert change.after == sum((Fraction(cost) for _tokens, cost in after.values()), Fraction(0))


def test_each_cause_alone_is_called_by_its_name() -> None:
    old = {"a": (100, Decimal(10)), "b": (100, Decimal(30))}
    doubled = {"a": (200, Decimal(20)), "b": (200, Decimal(60))}
    shifted = {"a": (150, Decimal(15)), "b": (50, Decimal(15))}
    dearer = {"a": (100, Decimal(15)), "b": (100, Decimal(30))}
    assert explained(old, doubled).parts == (40, 0, 0, 0)
    assert explained(old, shifted).parts == (0, -10, 0, 0)
    assert explained(old, dearer).parts == (0, 0, 5, 0)


def test_new_and_gone_models_are_named_and_move_the_mix_not_the_price() -> None:
    change = explained({"a": (100, Decimal(10))}, {"b": (100, Decimal(50))})
    assert (change.volume, change.mix, change.price) == (0, 40, 0)
    assert (change.new, change.gone) == (("b",), ("a",))


def test_cost_without_tokens_has_a_part_of_its_own() -> None:
    change = explained({"pictures": (0, Decimal(5))}, {"pictures": (0, Decimal(9)), "a": (10, Decimal(1))})
    assert (change.without_tokens, change.volume) == (4, 1)


def test_nothing_before_is_all_volume_and_nothing_after_too() -> None:
    some = {"a": (100, Decimal(10))}
    assert explained({}, some).parts == (10, 0, 0, 0)
    assert explained(some, {}).parts == (-10, 0, 0, 0)
