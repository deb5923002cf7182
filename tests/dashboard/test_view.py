"""The address is the view, and the view is the address."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import period as periods
from dashboard.period import Period, Term
from dashboard.view import View, parsed

THROUGH = date(2026, 11, 22)
TERM = Term("winter", date(2026, 10, 1), date(2027, 1, 12))
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def read(address: str, **cookies: str) -> View:
    """The view of an address."""
    path, _mark, query = address.partition("?")
    return parsed(path, query, cookies=cookies, default_language="cs")


@given(
    preset=st.sampled_from(periods.PRESETS),
    unit=st.sampled_from([None, "MFF", "PřF", "MFF-KSI"]),
    days=st.one_of(st.none(), st.tuples(DAYS, DAYS)),
    seat=st.one_of(st.none(), st.decimals(0, 90_000, places=2)),
)
def test_a_link_reproduces_the_view(
    preset: str, unit: str | None, days: tuple[date, date] | None, seat: Decimal | None
) -> None:
    first, last = sorted(days) if days else (None, None)
    view = View("/plans", preset if first is None else periods.DEFAULT, first, last, unit, seat)
    again = read(view.link())
    assert (again.preset, again.first, again.last, again.unit, again.seat_czk) == (
        view.preset, first, last, unit, seat,
    )  # fmt: skip
    assert again.refused == ()


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("/?period=forever", ("period=forever",)),
        ("/?from=2026-13-01&to=2026-11-01", ("from=2026-13-01, to=2026-11-01",)),
        ("/?from=2026-11-02&to=2026-11-01", ("from=2026-11-02, to=2026-11-01",)),
        ("/?from=2026-01-01&to=9999-12-31", ("from=2026-01-01, to=9999-12-31",)),
        ("/?from=0001-01-01&to=2026-10-01", ("from=0001-01-01, to=2026-10-01",)),
        ("/?from=1999-12-31&to=2101-01-01", ("from=1999-12-31, to=2101-01-01",)),
        ("/?period=m9999-12", ("period=m9999-12",)),
        ("/?period=m1999-12", ("period=m1999-12",)),
        ("/?period=t9999-12-31", ("period=t9999-12-31",)),
        ("/?period=y2101-10-01", ("period=y2101-10-01",)),
        ("/?period=m٢٠٢٦-10", ("period=m٢٠٢٦-10",)),
        ("/?month=9999-12", ("month=9999-12",)),
        ("/?month=1999-12", ("month=1999-12",)),
        ("/plans?seat=NaN", ("seat=NaN",)),
        ("/plans?seat=-5", ("seat=-5",)),
        ("/plans?seat=1e9", ("seat=1e9",)),
    ],
)
def test_what_makes_no_sense_is_left_out_and_named(address: str, refused: tuple[str, ...]) -> None:
    view = read(address)
    assert view.refused == refused
    assert (view.preset, view.first, view.seat_czk) == (periods.DEFAULT, None, None)


def test_a_czech_price_is_read() -> None:
    assert read("/plans?seat=1%C2%A0250,50").seat_czk == Decimal("1250.50")


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_default() -> None:
    assert read("/?lang=en&theme=dark", lang="cs", theme="light").language == "en"
    assert read("/", lang="en").language == "en"
    assert read("/?lang=xx").language == "cs"
    assert read("/?theme=dark", theme="light").theme == "dark"


def test_the_price_of_a_seat_stays_on_its_page() -> None:
    view = View("/plans", unit="MFF", seat_czk=Decimal(600))
    assert view.link() == "/plans?unit=MFF&seat=600"
    assert view.link("/costs") == "/costs?unit=MFF"


@pytest.mark.parametrize(
    ("name", "start"),
    [("7d", date(2026, 11, 16)), ("28d", date(2026, 10, 26)), ("90d", date(2026, 8, 25)), ("12m", date(2025, 11, 23)),
     ("term", date(2026, 10, 1))],
)  # fmt: skip
def test_presets_end_with_the_last_day_of_data(name: str, start: date) -> None:
    period = periods.preset(name, THROUGH, [TERM])
    assert period is not None
    assert (period.start, period.end) == (start, date(2026, 11, 23))


def test_a_term_that_runs_is_partial_and_compared_with_as_many_days() -> None:
    period = periods.preset("term", THROUGH, [TERM])
    assert period is not None
    assert period.is_partial
    assert period.before == (date(2026, 8, 9), date(2026, 10, 1))
    assert periods.preset("term", date(2026, 9, 1), [TERM]) is None


def test_a_custom_period_ends_where_the_data_ends() -> None:
    period = periods.custom(date(2026, 11, 20), date(2026, 12, 31), THROUGH)
    assert period == Period("", date(2026, 11, 20), date(2026, 11, 23), date(2027, 1, 1))
    assert period.is_partial
    assert periods.custom(date(2026, 11, 21), date(2026, 11, 20), THROUGH) is None


def test_a_leap_day_has_a_year_before() -> None:
    assert periods.year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert periods.months_back(date(2026, 1, 1), 2) == date(2025, 11, 1)
    assert periods.months_back(date(2025, 12, 1), -1) == date(2026, 1, 1)


def test_what_belongs_to_one_page_stays_on_it() -> None:
    view = parsed("/models", "unit=MFF&model=a&instead=b&month=2026-10", cookies={}, default_language="en")
    assert (view.model, view.instead, view.month) == ("a", "b", date(2026, 10, 1))
    assert view.link(unit=None) == "/models?month=2026-10&model=a&instead=b"
    assert view.link("/costs") == "/costs?unit=MFF"


@given(
    first=DAYS,
    last=DAYS,
    name=st.sampled_from([*periods.PRESETS, "m2000-01", "m2100-12", "t2100-12-31", "y2000-01-01", "y2100-12-31"]),
    how=st.sampled_from(periods.COMPARISONS),
    through=DAYS,
)
def test_every_period_that_may_be_asked_for_has_days_to_compare_with(
    first: date, last: date, name: str, how: str, through: date
) -> None:
    terms = [Term("t", date(2000, 1, 1), date(2000, 2, 1), "term_winter"),
             Term("u", date(2100, 12, 31), date(2101, 2, 1), "term_winter"), TERM]  # fmt: skip
    assert periods.is_preset(name)
    for found in (periods.preset(name, through, terms), periods.custom(first, last, through)):
        if found is not None:
            found.compared(how, terms)
