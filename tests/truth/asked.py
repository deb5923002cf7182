"""What a metric is asked for, and the days that can be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.truth.uses import Truth


@dataclass(frozen=True)
class Asked:
    """A period [start, end) and units; the other parameters have one value for all periods."""

    start: date
    end: date
    units: tuple[str, ...]
    parent: str = "UK"
    seat_czk: Decimal = Decimal("120.50")
    channel: str = "all"
    split: str = "role"
    members: tuple[str, ...] = ("staff", "student", "other")
    floor_czk: Decimal = Decimal(1)

    @property
    def chosen(self) -> list[str]:
        """Three days: the first two of the period and its last."""
        return sorted({str(self.start), str(self.start + timedelta(1)), str(self.day)})

    @property
    def day(self) -> date:
        """The last day included."""
        return self.end - timedelta(1)

    @property
    def on_days(self) -> list[str]:
        """Some days, each as text: the day before the period, its first and its last."""
        return [day.isoformat() for day in (self.start - timedelta(1), self.start, self.day)]

    def values(self, names: set[str]) -> dict[str, object]:
        """The parameters a query declares."""
        return {name: sorted(self.units) if name == "units" else getattr(self, name) for name in names}

    def holds(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.start <= day < self.end

    def days(self, truth: Truth) -> Iterator[date]:
        """The days of the period on which there can be data: from the first month on to the last day with use."""
        day = max(self.start, truth.first_date)
        while day < self.end and day <= truth.through:
            yield day
            day += timedelta(1)

    def months(self, truth: Truth) -> int:
        """How many months have a day in `days`."""
        return len({d.replace(day=1) for d in self.days(truth)})


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(day.weekday())


def month_after(day: date) -> date:
    """The first day of the month after the day's."""
    return (day.replace(day=1) + timedelta(32)).replace(day=1)
