"""Numbers, money and dates as people of each language write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboard import format as fmt
from dashboard.language import ngettext, speaking


def said(text: str) -> str:
    """The text with plain spaces, so that the cases can be read."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "decimals", "cs", "en"),
    [
        (0, 0, "0", "0"),
        (1234567, 0, "1 234 567", "1,234,567"),
        (Decimal("1234.565"), 2, "1 234,56", "1,234.56"),
        (Decimal("-0.4"), 0, "0", "0"),
        (-12, 0, "−12", "−12"),
        (None, 0, "–", "–"),
        (fmt.Hidden(), 0, "málo", "few"),
    ],
)
def test_a_number_is_grouped_and_rounded_half_to_even(value: object, decimals: int, cs: str, en: str) -> None:
    for language, expected in (("cs", cs), ("en", en)):
        with speaking(language):
            assert said(fmt.number(value, decimals)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "currency", "cs", "en"),
    [
        (Decimal("497989.4"), "CZK", "497 989 Kč", "CZK 497,989"),
        (Decimal("65.689"), "CZK", "65,69 Kč", "CZK 65.69"),
        (Decimal("-1500"), "CZK", "−1 500 Kč", "−CZK 1,500"),
        (Decimal("9.87"), "USD", "9,87 USD", "USD 9.87"),
        (Decimal(0), "CZK", "0 Kč", "CZK 0"),
        (fmt.Hidden(), "CZK", "skryto", "hidden"),
    ],
)
def test_money_stands_as_each_language_writes_it(value: object, currency: str, cs: str, en: str) -> None:
    for language, expected in (("cs", cs), ("en", en)):
        with speaking(language):
            assert said(fmt.money(value, currency)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "cs", "en"),
    [
        (126_900_000, "126,9 mil.", "126.9M"),
        (1_200_000_000, "1,2 mld.", "1.2B"),
        (45_300, "45,3 tis.", "45.3k"),
        (9_999, "9 999", "9,999"),
    ],
)
def test_large_counts_are_shortened(value: int, cs: str, en: str) -> None:
    for language, expected in (("cs", cs), ("en", en)):
        with speaking(language):
            assert said(fmt.compact(value)) == expected


@pytest.mark.parametrize(
    ("value", "decimals", "cs", "en"),
    [(0.1718, 0, "17 %", "17%"), (0.004, 0, "<1 %", "<1%"), (0.0, 0, "0 %", "0%"), (0.1718, 1, "17,2 %", "17.2%")],
)
def test_a_small_share_never_reads_as_nothing(value: float, decimals: int, cs: str, en: str) -> None:
    for language, expected in (("cs", cs), ("en", en)):
        with speaking(language):
            assert said(fmt.share(value, decimals)) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (139, 100, "+39 %"),
        (98, 100, "−2,0 %"),
        (100, 100, "±0 %"),
        (801, 100, "×8,0"),
        (2000, 100, "×20"),
        (5, 0, None),
        (5, None, None),
        (None, 5, None),
    ],
)
def test_a_change_on_a_tiny_base_is_a_factor_and_on_none_is_nothing(
    now: int | None, before: int | None, expected: str | None, in_czech: None
) -> None:
    shown = fmt.change(now, before)
    assert (said(shown) if shown else shown) == expected


def test_days_are_numeric_on_axes_and_genitive_in_prose() -> None:
    day = date(2026, 11, 22)
    with speaking("cs"):
        assert said(fmt.day(day)) == "22. 11. 2026"
        assert said(fmt.day_short(day)) == "22. 11."
        assert said(fmt.day_long(day)) == "22. listopadu 2026"
        assert said(fmt.days(date(2026, 8, 25), day)) == "25. 8. – 22. 11. 2026"
        assert said(fmt.days(date(2025, 8, 25), day)) == "25. 8. 2025 – 22. 11. 2026"
    with speaking("en"):
        assert said(fmt.day(day)) == "22 Nov 2026"
        assert said(fmt.month(day)) == "November 2026"


@pytest.mark.parametrize(
    ("utc", "cs"),
    [
        (datetime(2026, 11, 23, 4, 10), "23. 11. 2026 5:10"),
        (datetime(2026, 7, 1, 22, 30), "2. 7. 2026 0:30"),
        (datetime(2026, 10, 25, 0, 30), "25. 10. 2026 2:30"),
        (datetime(2026, 10, 25, 1, 30), "25. 10. 2026 2:30"),
    ],
)
def test_instants_are_shown_in_local_time_also_when_the_clock_changes(utc: datetime, cs: str, in_czech: None) -> None:
    assert said(fmt.instant(utc, "Europe/Prague")) == cs


@pytest.mark.parametrize(("n", "cs"), [(1, "1 den"), (2, "2 dny"), (4, "4 dny"), (5, "5 dní"), (1200, "1 200 dní")])
def test_czech_has_three_plural_forms(n: int, cs: str, in_czech: None) -> None:
    assert said(ngettext("{n} day", "{n} days", n)) == cs


@pytest.mark.parametrize(
    ("difference", "cs", "en"),
    [
        (0.0123, "+1,2 p. b.", "+1.2 pp"),
        (-0.034, "−3,4 p. b.", "−3.4 pp"),
        (0.0004, "±0,0 p. b.", "±0.0 pp"),
        (-0.0004, "±0,0 p. b.", "±0.0 pp"),
        (0.0, "±0,0 p. b.", "±0.0 pp"),
    ],
)
def test_a_change_that_rounds_to_nothing_has_no_direction(difference: float, cs: str, en: str) -> None:
    for language, expected in (("cs", cs), ("en", en)):
        with speaking(language):
            assert said(fmt.points(difference) or "") == expected
