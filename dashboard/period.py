"""Periods a reader can ask for: presets, months, terms, academic years and custom days, half-open, with the period to
compare with.

In an address: 7d, 28d, 90d, 12m, term (the current one); m2026-10 a month; t2026-02-16 the term that starts on that
day; y2025-10-01 the academic year that starts with the winter term of that day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
PRESETS = ("7d", "28d", "90d", "12m", "term")
COMPARISONS = ("previous", "year", "term")
DEFAULT = "90d"
FIRST_YEAR, LAST_YEAR = 2000, 2100  # that an address may ask for: no reckoning with days leaves the calendar
_YEAR = "(?:20[0-9]{2}|2100)"
_NAMED = re.compile(f"m{_YEAR}-[0-9]{{2}}|[ty]{_YEAR}-[0-9]{{2}}-[0-9]{{2}}")
_DAYS = {"7d": 7, "28d": 28, "90d": 90}


@dataclass(frozen=True)
class Term:
    """An academic term of the calendar, `[start, end)`."""

    name: str
    start: date
    end: date
    kind: str = "term"

    @property
    def first_monday(self) -> date:
        """Monday of its first week: weeks of term are counted from it."""
        return self.start - DAY * self.start.weekday()


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

    def compared(self, how: str, terms: Sequence[Term]) -> tuple[date, date] | None:
        """The period to compare with, of as many elapsed days; None where the calendar has no such term.

        previous: the days just before. year: the same dates a year earlier. term: the same weeks of the term of that
        kind a year earlier, Monday on Monday.
        """
        if how == "year":
            start = year_before(self.start)
            return start, start + (self.end - self.start)
        if how == "term":
            moved = weeks_to_last_year(self.last, terms)
            return (self.start - moved, self.end - moved) if moved else None
        return self.before


def weeks_to_last_year(day: date, terms: Sequence[Term]) -> timedelta | None:
    """Whole weeks from the term that `day` is in (or the last one before it) to that of its kind a year earlier."""
    begun = [t for t in terms if t.start <= day]
    now = max(begun, key=lambda t: t.start, default=None)
    if now is None:
        return None
    earlier = [t for t in begun if t.kind == now.kind and timedelta(300) < now.start - t.start < timedelta(430)]
    return now.first_monday - earlier[-1].first_monday if earlier else None


def day_of(text: str) -> date:
    """The day that an address names. Raises ValueError for what is no day, or one outside 2000 to 2100."""
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text} is not in {FIRST_YEAR} to {LAST_YEAR}")
    return day


def is_preset(name: str) -> bool:
    """Whether an address may ask for a period by this name."""
    return name in PRESETS or _NAMED.fullmatch(name) is not None


def preset(name: str, through: date, terms: Sequence[Term]) -> Period | None:
    """The preset as far as there is data; None for a term outside any, and for what has not begun yet."""
    if _NAMED.fullmatch(name):
        return _named(name, through, terms)
    end = through + DAY
    if name in _DAYS:
        return Period(name, end - timedelta(days=_DAYS[name]), end, end)
    if name == "12m":
        return Period(name, year_before(end), end, end)
    for term in terms:
        if name == "term" and term.start <= through < term.end:
            return Period(name, term.start, end, term.end)
    return None


def _named(name: str, through: date, terms: Sequence[Term]) -> Period | None:
    try:
        start = date.fromisoformat(f"{name[1:]}-01" if name[0] == "m" else name[1:])
    except ValueError:
        return None
    ends = {
        "m": months_back(start, -1),
        "t": next((t.end for t in terms if t.start == start), None),
        "y": _academic_year_end(start, terms),
    }
    end = ends[name[0]]
    if end is None or start > through:
        return None
    return Period(name, start, min(end, through + DAY), end)


def _academic_year_end(start: date, terms: Sequence[Term]) -> date | None:
    """The day the next winter term starts, else a year later; None when no winter term starts on `start`."""
    winters = sorted(t.start for t in terms if t.kind == "term_winter")
    if start not in winters:
        return None
    return next((day for day in winters if day > start), date(start.year + 1, start.month, start.day))


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
