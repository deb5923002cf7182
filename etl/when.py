"""When a job runs: an interval, or a cron line in the university's own zone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

_INTERVAL = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAY = "|".join((*_WEEKDAYS, "[0-7]"))
_WEEKDAY_ITEM = re.compile(
    rf"(?P<day>{_WEEKDAY})|(?:\*|(?P<first>{_WEEKDAY})-(?P<last>{_WEEKDAY}))(?:/(?P<step>[1-7]))?"
)
_INSTANT = timedelta(microseconds=1)


def trigger(text: str, timezone: str) -> BaseTrigger:
    """The trigger that '15m', '1h' or a cron line of five fields means. Raises ValueError for anything else."""
    if match := _INTERVAL.fullmatch(text):
        return IntervalTrigger(seconds=int(match[1]) * _SECONDS[match[2]], timezone="UTC")
    return WallClock(text, ZoneInfo(timezone))


class WallClock(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """Fires when the clock on the wall shows the cron line's time, each such time once.

    A time that clocks skip in spring fires an hour later; one they show twice in autumn fires the first time.
    APScheduler's own cron trigger gives the second such instant again and again, and counts weekdays from Monday.
    """

    def __init__(self, line: str, zone: ZoneInfo) -> None:
        self._cron, self._zone = _cron(line), zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first instant (UTC) not before `now` and after the previous one; None if there is none ever."""
        start = now if previous_fire_time is None else min(now, previous_fire_time + _INSTANT)
        wall = start.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while shown := self._cron.get_next_fire_time(None, wall):
            instant: datetime = shown.replace(tzinfo=self._zone).astimezone(UTC)
            if instant >= start:
                return instant
            wall = shown + _INSTANT
        return None


def _cron(line: str) -> CronTrigger:
    """A cron line on a clock that never changes."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError("use an interval like 15m, 1h or 1d, or five cron fields like '30 3 * * *'")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":  # cron would take either, APScheduler both
        raise ValueError("a cron line names days of the month or weekdays, not both")
    days = None if weekday == "*" else ",".join(_weekdays(weekday))
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=days, timezone="UTC")


def _weekdays(text: str) -> Iterator[str]:
    """Names of the days a cron field means, in which 0 and 7 are Sunday."""
    for item in text.lower().split(","):
        match = _WEEKDAY_ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"'{item}' is no weekday; use 0-7 (0 and 7 are Sunday) or {', '.join(_WEEKDAYS)}")
        first = _weekday(match["day"] or match["first"] or "sun")
        last = _weekday(match["day"] or match["last"] or "sat")
        if last < first:  # fri-mon
            last += 7
        yield from (_WEEKDAYS[n % 7] for n in range(first, last + 1, int(match["step"] or 1)))


def _weekday(text: str) -> int:
    return _WEEKDAYS.index(text) if text in _WEEKDAYS else int(text)
