"""Periods a reader can ask for: presets and custom days, half-open, with the period to compare with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
PRESETS = ("7d", "28d", "90d", "12m", "term")
DEFAULT = "90d"
_DAYS = {"7d": 7, "28d": 28, "90d": 90}


@dataclass(frozen=True)
class Term:
    """An academic term of the calendar, `[start, end)`."""

    name: str
    start: date
    end: date


@dataclass(frozen=True)
class Period:
    """Local days `[start, end)`. `asked_end` is later than `end` when the data does not reach that far yet."""

    preset: str
    start: date
    end: date
    asked_end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        return self.end - DAY

    @property
    def is_partial(self) -> bool:
        return self.asked_end > self.end

    @property
    def before(self) -> tuple[date, date]:
        """The period of as many elapsed days just before: like with like also while this one is not over."""
        return self.start - (self.end - self.start), self.start


def preset(name: str, through: date, terms: Sequence[Term]) -> Period | None:
    """The preset ending with the last day of data; None for `term` outside any term."""
    end = through + DAY
    if name in _DAYS:
        return Period(name, end - timedelta(days=_DAYS[name]), end, end)
    if name == "12m":
        return Period(name, year_before(end), end, end)
    for term in terms:
        if name == "term" and term.start <= through < term.end:
            return Period(name, term.start, end, term.end)
    return None


def custom(first: date, last: date, through: date) -> Period | None:
    """Days from `first` to `last`, both included, as far as there is data; None when that is nothing."""
    if last < first:
        return None
    end = min(last, through) + DAY
    return Period("", first, max(end, first), last + DAY)


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def month_start(day: date) -> date:
    """First day of the month."""
    return day.replace(day=1)


def months_back(first: date, count: int) -> date:
    """First day of the month `count` months before the month that starts on `first`."""
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
