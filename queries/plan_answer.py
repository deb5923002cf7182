"""What one asks about plans and what one is told: aggregates that may be shown (plans.md)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from queries.analysis.break_even import BreakEven
from queries.analysis.commitment import Backtest
from queries.analysis.mix import Mix
from queries.analysis.plan import Plan
from queries.analysis.uncertainty import Ranges, Swing
from queries.plan_usage import Rate, Tax

TAXES = ("none", "part", "full")


@dataclass(frozen=True)
class Asked:
    """A question: the plans to weigh (the first is the one looked at closely) and what is assumed of the future."""

    plans: tuple[str, ...] = ()
    seat_czk: Decimal | None = None  # a month, before tax, instead of the first plan's own price
    discount: Decimal = Decimal(0)  # on top of the plans' own
    usd_czk: Decimal | None = None  # instead of the last published rate
    growth: Decimal = Decimal(1)  # of what each person uses
    people: Decimal = Decimal(1)  # of how many they are
    price: Decimal = Decimal(1)  # of a unit of use: another mix of models
    tax: str = "none"  # none | part (what can't be deducted) | full
    seats: int | None = None  # a number of seats to weigh beside the best one
    joining: tuple[str, ...] = ()  # faculties that join at the adoption of the others
    own_plan: Plan | None = None  # weighed as if it stood in the list (a configured price)


@dataclass(frozen=True)
class PlanStudy:
    """One plan weighed; CZK a month. `note` says why it can't be (the others are then empty). None: hidden, or never.

    `seats_czk` is what the asked number of seats would cost; `coverage` the share of use that would be under seats;
    `savings_rate` = 1 - mix / by use; `curve` (holders, CZK) in steps of at least the minimum group.
    """

    plan: Plan
    note: str | None = None
    seat_czk: Decimal | None = None
    all_seats: Decimal | None = None
    mix: Mix | None = None
    break_even: BreakEven | None = None
    ranges: Ranges | None = None
    pooling: Decimal | None = None
    coverage: float | None = None
    savings_rate: float | None = None
    seats_czk: Decimal | None = None
    backtest: Backtest | None = None
    npv: Decimal | None = None
    curve: tuple[tuple[int, Decimal], ...] = ()
    swings: tuple[Swing, ...] = ()
    saving: Decimal | None = None  # of seats for at least the minimum group: what the swings start from
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PeopleStep:
    """Persons `start` to `end` in order of falling use: what one costs a month on average by use, and with a seat."""

    start: int
    end: int
    by_use: Decimal
    with_seat: Decimal | None


@dataclass(frozen=True)
class Holder:
    """A person for whom the mix has a seat: place in the order of person numbers (never the number), CZK a month."""

    place: int
    by_use: Decimal
    with_seat: Decimal


@dataclass(frozen=True)
class Adoption:
    """What `percent` more people would cost a month, each way; `cheapest` is use, mix or seats."""

    percent: int
    persons: int
    by_use: Decimal
    all_seats: Decimal | None
    mix: Mix | None
    cheapest: str


@dataclass(frozen=True)
class Study:
    """The answer: persons and CZK a month under the question's assumptions; None is hidden."""

    version: str
    months: tuple[date, ...]
    persons: int | None
    by_use: Decimal | None  # None: no exchange rate is known
    plans: tuple[PlanStudy, ...]
    rate: Rate | None
    usd_czk: Decimal
    band: tuple[Decimal, Decimal] | None  # of the rate in a year, four of five
    tax: Tax
    minimum_group: int
    people: tuple[PeopleStep, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    together: Decimal | None = None  # the cheapest assignment over all plans asked
    together_holders: tuple[int, ...] | None = None
    joined: int = 0
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> PlanStudy | None:
        """The plan looked at closely."""
        return self.plans[0] if self.plans else None
