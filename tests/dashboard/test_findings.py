"""The largest changes are large, fair and said once; medians keep what is hidden hidden."""

from decimal import Decimal

from dashboard.comparison import median
from dashboard.findings import Observed, largest_changes
from dashboard.format import Hidden


def observed(name: str, now: int | None, before: int | None, *, kind: str = "unit", measure: str = "cost") -> Observed:
    """An observation of a unit's cost unless told."""
    return Observed(kind, name, measure, now, before)


def names(*observations: Observed, count: int = 3) -> list[str]:
    """Names of what is found, in order."""
    return [f.observed.name for f in largest_changes(observations, count)]


def test_the_largest_changes_come_first_whether_up_or_down() -> None:
    assert names(observed("a", 1500, 1000), observed("b", 100, 2000), observed("c", 3000, 2900)) == ["b", "a"]


def test_a_tiny_base_neither_wins_nor_gets_a_percentage() -> None:
    found = largest_changes([observed("tiny", 50, 1), observed("young", 900, 3), observed("old", 9000, 8000)])
    assert [(f.observed.name, f.has_base) for f in found] == [("old", True), ("young", False)]


def test_what_is_hidden_or_unknown_is_left_out() -> None:
    assert names(observed("a", None, 1000), observed("b", 900, None)) == []


def test_each_thing_is_named_once_by_its_heavier_measure() -> None:
    cost, persons = observed("a", 1000, 500), observed("a", 400, 100, measure="persons")
    found = largest_changes([cost, persons])
    assert [(f.observed.measure, f.weight) for f in found] == [("persons", Decimal("0.75"))]


def test_small_movements_are_no_finding() -> None:
    assert names(observed("a", 1020, 1000), observed("b", 1000, 1000)) == []


def test_the_order_does_not_depend_on_the_order_of_what_was_seen() -> None:
    seen = [observed(n, 1000, 500) for n in "abcd"]
    assert names(*seen) == names(*reversed(seen)) == ["a", "b", "c"]


def test_the_median_of_known_values_is_their_middle() -> None:
    assert median([3, 1, None, 2]) == 2
    assert median([Decimal(1), Decimal(2)]) == Decimal("1.5")
    assert median([None]) is None


def test_hidden_values_pull_the_median_down_without_being_told() -> None:
    few = Hidden()
    assert median([few, 10, 20]) == 10
    assert median([few, few, 20]) is few
    assert median([few, 20]) is few
