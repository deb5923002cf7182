"""How much one may ask: a minute's worth at once, then as it refills; nobody's limit is another's."""

import pytest

from dashboard import limits
from dashboard.limits import Limits


class Clock:
    """Seconds that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    held = Limits(60, now=clock)
    assert [held.wait_s("a") for _ in range(60)] == [0] * 60
    assert held.wait_s("a") == pytest.approx(1)
    assert held.wait_s("b") == 0
    clock.now = 1.01
    assert [held.wait_s("a") == 0 for _ in range(2)] == [True, False]
    clock.now = 1000
    assert [held.wait_s("a") == 0 for _ in range(61)] == [True] * 60 + [False]


def test_names_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT", 3)
    held = Limits(60, now=Clock())
    for name in "abcdef":
        held.wait_s(name)
    assert list(held._buckets) == ["d", "e", "f"]
