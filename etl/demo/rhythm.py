"""How busy a day and an hour are at a Czech university: terms, examinations, holidays, weekends."""

from collections.abc import Sequence
from datetime import date, timedelta

_PUBLIC = {(1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17), (12, 24), (12, 25), (12, 26)}
_WEEKDAY = (1.0, 1.08, 1.05, 1.0, 0.8, 0.22, 0.3)
_SEASONS = (  # from month and day: students, staff
    ((1, 1), 0.35, 0.4),
    ((1, 4), 1.25, 0.95),
    ((2, 10), 1.0, 1.0),
    ((5, 22), 1.2, 0.95),
    ((7, 1), 0.22, 0.5),
    ((8, 1), 0.18, 0.38),
    ((9, 1), 0.55, 0.85),
    ((9, 28), 1.0, 1.05),
    ((12, 20), 0.25, 0.3),
)
# An hour's share of the day, from midnight, local.
HOURS = (1.0, 0.6, 0.3, 0.15, 0.1, 0.2, 0.8, 2.5, 6, 9, 10, 9.5, 7, 8, 9.5, 9.5, 8.5, 6.5, 5, 4.6, 4.8, 4.4, 3.4, 2.1)


def busyness(day: date, role: str) -> float:
    """How much of an ordinary working day's use a day sees; 1 = an ordinary Thursday of the term."""
    _, students, staff = max(s for s in _SEASONS if s[0] <= (day.month, day.day))
    if (day.month, day.day) in _PUBLIC:
        return 0.15
    return _WEEKDAY[day.weekday()] * (students if role == "student" else staff)


def newcomers(day: date, first: date, days: int) -> float:
    """How many people open an account on a day, as a weight: word spreads, and terms begin."""
    spread = 0.4 + 1.6 * ((day - first).days / days)
    term = any(timedelta(0) <= day - date(day.year, *start) < timedelta(24) for start in ((10, 1), (2, 14)))
    launch = 6.0 if day - first < timedelta(10) else 1.0
    return launch * spread * (3.2 if term else 1.0) * busyness(day, "staff")


def days_of(first: date, last: date) -> Sequence[date]:
    """The days from `first` to `last`, both included."""
    return [first + timedelta(n) for n in range((last - first).days + 1)]
