"""The forecast: what it refuses, what it makes of odd months, and that it is as good as docs/forecast.md says."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from queries.analysis.forecast import Known, Month, NotEnoughData, backtest, closed_months, forecast
from queries.analysis.forecast_report import CHOSEN_ON, mean, terms, worlds

TERMS = terms()


def months(*costs: float | str, first: date = date(2024, 10, 1)) -> list[Known]:
    """Months in a row with these costs."""
    found = []
    for cost in costs:
        found.append((first, Decimal(str(cost))))
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return found


def year(level: float, growth: float = 0.0, count: int = 12) -> list[Known]:
    """Months from October on that cost `level` a month, less in holidays, and grow."""
    season = {7: 0.4, 8: 0.4, 9: 0.75}
    costs = [level * (1 + growth) ** n * season.get((9 + n) % 12 + 1, 1) for n in range(count)]
    return months(*(f"{cost:.2f}" for cost in costs))


def widths(found: Sequence[Month]) -> list[Decimal]:
    return [m.p90 / m.p10 for m in found]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_closed_months_are_not_enough(count: int) -> None:
    with pytest.raises(NotEnoughData, match=f"^{count} closed months; at least 3"):
        forecast(year(100)[:count], TERMS)


def test_history_is_the_closed_months_from_the_first_with_a_cost_on() -> None:
    costs = [("2026-04", 0), ("2026-06", 7), ("2026-05", 5), ("2026-07", 0), ("2026-08", 9)]
    rows = [
        {
            "month_start": date.fromisoformat(f"{month}-01"),
            "metered_czk": Decimal(cost),
            "is_complete": month < "2026-08",
        }
        for month, cost in costs
    ]
    assert closed_months(rows) == months(5, 7, 0, first=date(2026, 5, 1))
    assert closed_months(rows[:1]) == []


def test_three_months_are_enough_for_a_wide_band_that_widens() -> None:
    found = forecast(year(100)[:3], TERMS)
    assert [m.month for m in found][:2] == [date(2025, 1, 1), date(2025, 2, 1)]
    assert len(found) == 12
    assert all(0 < m.p10 < m.p50 < m.p90 for m in found)
    assert Decimal("1.3") < widths(found)[0] < widths(found)[-1]


@pytest.mark.parametrize("known", [months(1, 2, 3)[::-1], [*months(1, 2), *months(3, first=date(2025, 2, 1))]])
def test_months_out_of_order_or_with_a_gap_are_refused(known: list[Known]) -> None:
    with pytest.raises(ValueError, match="months must follow one another"):
        forecast(known, TERMS)


def test_the_same_months_give_the_same_forecast_and_more_history_a_narrower_one() -> None:
    assert forecast(year(100), TERMS) == forecast(year(100), TERMS)
    assert widths(forecast(year(100, count=24), TERMS))[-1] < widths(forecast(year(100, count=6), TERMS))[-1]


def test_summer_is_cheaper_before_any_summer_was_seen() -> None:
    found = {m.month.month: m.p50 for m in forecast(year(100)[:6], TERMS)}
    assert found[7] < found[5] * Decimal("0.8")
    assert found[8] < found[6] * Decimal("0.8")


def test_a_summer_that_was_seen_is_foretold_nearly_as_deep_as_it_was() -> None:
    found = {m.month.month: m.p50 for m in forecast(year(100, count=24), TERMS)}
    assert Decimal(35) < found[7] < Decimal(55)
    assert Decimal(85) < found[3] < Decimal(115)


def test_without_a_calendar_there_is_no_season_and_beyond_its_end_that_of_its_last_year() -> None:
    flat = {m.month.month: m.p50 for m in forecast(months(*[100] * 6), [])}
    assert flat[7] > flat[6] * Decimal("0.95")
    early = [(kind, start, end) for kind, start, end in TERMS if end <= date(2024, 10, 1)]
    later = {m.month.month: m.p50 for m in forecast(year(100)[:6], early)}
    assert later[7] < later[5] * Decimal("0.8")


def test_growth_without_a_full_season_goes_on_and_fades() -> None:
    found = forecast(year(100, growth=0.15)[:8], TERMS)
    assert found[0].p50 > Decimal(200)
    later = {m.month: m.p50 for m in found}
    first, last = later[date(2025, 10, 1)], later[date(2026, 5, 1)]
    assert first < last < first * Decimal("1.15") ** 7


@pytest.mark.parametrize("odd", [0, "-50", "-100000"])
def test_a_month_without_cost_or_with_credits_neither_breaks_nor_empties_the_forecast(odd: float | str) -> None:
    found = forecast(months(100, 105, 98, odd, 102, 99, 101, 97), TERMS)
    assert all(m.p10 > 0 for m in found)
    assert Decimal(30) < found[0].p50 < Decimal(150)


def test_a_credit_counts_as_no_cost_whatever_its_size() -> None:
    assert forecast(months(100, 100, -1, 100), TERMS) == forecast(months(100, 100, "-99999", 100), TERMS)


def test_nothing_but_months_without_cost_is_foretold_to_stay_so() -> None:
    zero = Decimal(0)
    assert {(m.p10, m.p50, m.p90) for m in forecast(months(0, 0, 0), TERMS)} == {(zero, zero, zero)}


def test_the_scale_of_money_does_not_matter() -> None:
    small, large = forecast(year(100), TERMS), forecast([(m, cost * 1000) for m, cost in year(100)], TERMS)
    assert [m.p50 for m in large] == [pytest.approx(m.p50 * 1000, rel=Decimal("1e-3")) for m in small]


def test_a_horizon_of_another_length_begins_alike() -> None:
    assert forecast(year(100), TERMS, horizon=3) == forecast(year(100), TERMS, horizon=24)[:3]


def test_a_backtest_needs_a_month_after_the_third_and_some_cost() -> None:
    assert backtest(year(100)[:3], TERMS) is None
    assert backtest(months(0, 0, 0, 0), TERMS) is None
    found = backtest(year(100)[:5], TERMS)
    assert found is not None
    assert found.forecasts == 3  # one and two months ahead after the third, one after the fourth


def test_a_backtest_looks_at_no_month_that_came_later() -> None:
    before, after = year(100), [*year(100)[:-1], (year(100)[-1][0], Decimal(10**6))]
    known = backtest(before, TERMS, horizon=1), backtest(after, TERMS, horizon=1)
    assert known[0] is not None
    assert known[1] is not None
    assert known[0].wape < 0.25 < known[1].wape  # only the last month was missed


def test_the_naive_forecast_is_last_years_month_else_the_last_one() -> None:
    found = backtest(months(*range(1, 14)), [], horizon=1)
    assert found is not None
    # after month n comes n + 1: one off each time, but for the thirteenth, which is twelve above the first
    assert found.naive_wape == pytest.approx((9 * 1 + 12) / sum(range(4, 14)))


def test_on_worlds_it_was_not_chosen_on_it_beats_the_naive_one_and_its_band_holds_what_it_says() -> None:
    found = {name: backtest(known, TERMS) for name, known in worlds().items()}
    assert len(found) == 28
    held = [b for name, b in found.items() if b and name not in CHOSEN_ON]
    assert len(held) == 21
    assert [name for name, b in found.items() if b and b.wape >= b.naive_wape] == []
    together = mean(held)
    assert together.wape < 0.7 * together.naive_wape
    assert 0.7 <= together.covered <= 0.9
