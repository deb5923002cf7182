"""One viewer looking at one view: answers questions through the Reader and knows the units, models and settings."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from dashboard import period as periods
from dashboard.access import Viewer
from dashboard.answers import Answers
from dashboard.format import Hidden
from dashboard.language import _, language, ngettext
from dashboard.period import Period, Term
from dashboard.view import FILTERS, View
from queries.catalogue import query
from queries.reader import Reader

Row = dict[str, Any]
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Facts:
    """What hardly changes within a snapshot: settings, units, models, calendar. One per data version and viewer."""

    version: str
    settings: dict[str, str]
    units: tuple[Row, ...]
    models: tuple[Row, ...]
    calendar: tuple[Row, ...]
    first_day: date
    roles: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        return self.settings["root_unit"]

    @property
    def zone(self) -> str:
        return self.settings.get("timezone", "Europe/Prague")

    @property
    def minimum_group(self) -> int:
        return int(self.settings["minimum_group"])

    @property
    def through(self) -> date:
        return date.fromisoformat(self.settings["data_through_day"])

    @property
    def published_at(self) -> datetime:
        """UTC, without a zone (as instants are stored)."""
        read = datetime.fromisoformat(self.settings["published_at"].replace("Z", "+00:00"))
        return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read

    @cached_property
    def by_unit(self) -> dict[str, Row]:
        """The units by their codes, in the order of the reference."""
        return {row["unit"]: row for row in self.units}

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each mapped model stands among them in the reference."""
        mapped = (row["model"] for row in self.models if row["is_mapped"])
        return {model: place for place, model in enumerate(mapped)}

    @property
    def terms(self) -> tuple[Term, ...]:
        kinds = (row for row in self.calendar if row["kind"].startswith("term"))
        return tuple(Term(row[f"name_{language()}"], row["start_day"], row["end_day"], row["kind"]) for row in kinds)

    def age_hours(self, now: datetime) -> int:
        """Whole hours since the data was loaded, or since its last day ended, whichever is longer ago."""
        day_end = datetime.combine(self.through, datetime.min.time()) + timedelta(days=1)
        return int((now - min(self.published_at, day_end)).total_seconds() // 3600)


@dataclass
class Board:
    """Questions of one request. Equal questions are asked once."""

    reader: Reader
    viewer: Viewer
    view: View
    facts: Facts
    now: datetime
    stale_hours: int
    shared: Answers = field(default_factory=Answers)
    applies: frozenset[str] = FILTERS  # those of the filters that mean something on this page
    unmet: set[str] = field(default_factory=set)  # chosen filters that a query asked since the last reset can't honour
    _answers: dict[Hashable, tuple[Row, ...]] = field(default_factory=dict)

    def on(self, filters: frozenset[str]) -> "Board":
        """The board of a page on which these filters mean something."""
        self.applies = filters
        return self

    def ask(self, name: str, *, units: Sequence[str] = (), **params: Any) -> list[Row]:
        """Rows of the query; a suppressed count of persons is a Hidden, unknown is None.

        The chosen channel is asked for where the query can tell channels apart; where it can't, and where roles can't
        be told apart, the card says so (`unmet`).
        """
        params |= self._narrowed(name)
        asked = {key: tuple(value) if isinstance(value, list) else value for key, value in params.items()}
        key = (name, tuple(units), tuple(sorted(asked.items())))
        if key not in self._answers:
            kept = self.shared.get(self.facts.version, self.viewer.scope, key)
            self._answers[key] = self._read(name, units, asked, key) if kept is None else kept
        return list(self._answers[key])

    def _read(self, name: str, units: Sequence[str], asked: dict[str, Any], key: Hashable) -> tuple[Row, ...]:
        answer = self.reader.run(name, self.viewer.scope, units=units, **asked)
        rows = tuple(answer.rows.to_pylist())
        for position, column in answer.hidden:
            rows[position][column] = Hidden()
        self.shared.keep(answer.version, self.viewer.scope, key, rows)
        return rows

    def ask_of_all(self, name: str, *, units: Sequence[str] = (), **params: Any) -> list[Row]:
        """Rows of the query for all roles and channels whatever is chosen, for who says so in words of their own."""
        unmet = set(self.unmet)
        rows = self.ask(name, units=units, **params)
        self.unmet = unmet
        return rows

    def over_period(self, name: str, *, units: Sequence[str] | None = None, **params: Any) -> list[Row]:
        """Rows of the query for the chosen period, and for the chosen unit unless others are named."""
        asked = [self.unit] if units is None else units
        return self.ask(name, units=asked, start=self.period.start, end=self.period.end, **params)

    def _narrowed(self, name: str) -> dict[str, str]:
        if name.partition("/")[0] in ("reference", "data"):
            return {}
        known = {p.name for p in query(name).params}
        split = {"split": ("role", "channel"), "adoption/adoption_by_role": ("role",)}
        met = known.union(*(told for key, told in split.items() if key in known or key == name))
        self.unmet |= {f for f in ("role", "channel") if getattr(self, f) and f not in met}
        return {"channel": self.channel} if self.channel and "channel" in known else {}

    @property
    def channel(self) -> str | None:
        """The chosen channel, chat or api; None is both."""
        return self.view.channel if "channel" in self.applies else None

    @property
    def role(self) -> str | None:
        """The chosen role; None is everybody."""
        return self.view.role if "role" in self.applies else None

    @property
    def money(self) -> tuple[str, Decimal]:
        """(currency to show, CZK for one of it on the last day of data); CZK where its rate is not known."""
        asked = self.view.currency if "currency" in self.applies else "CZK"
        rate = Decimal(1) if asked == "CZK" else self.rate(asked)
        return (asked, rate) if rate else ("CZK", Decimal(1))

    @property
    def before(self) -> tuple[date, date] | None:
        """The days to compare with, as many as the period has so far; None when the calendar knows no such term."""
        return self.period.compared(self.compare, self.facts.terms)

    @property
    def compare(self) -> str:
        """How to compare: previous, year or term."""
        return self.view.compare if "compare" in self.applies else "previous"

    @property
    def before_said(self) -> str:
        """What is compared with, in words that follow "against"."""
        if self.compare == "year":
            return _("the same days a year earlier")
        if self.compare == "term":
            return _("the same weeks of last year's term")
        return ngettext("the {n} day before", "the {n} days before", self.period.days)

    @cached_property
    def unit(self) -> str:
        """The chosen unit; the first of the viewer's own when none, or one out of reach, was asked for."""
        if self.view.unit in self.facts.by_unit and self._is_own(self.view.unit):
            return self.view.unit
        return next(iter(self.viewer.scope.units), self.facts.root)  # without own units every answer is empty

    def _is_own(self, unit: str | None) -> bool:
        """Whether the viewer may see the unit: their own and all below them."""
        while unit is not None and unit not in self.viewer.scope.units:
            unit = self.facts.by_unit.get(unit, {}).get("parent_unit")
        return unit is not None

    @cached_property
    def period(self) -> Period:
        view, through = self.view, self.facts.through
        if view.first and view.last and (chosen := periods.custom(view.first, view.last, through)):
            return chosen
        found = periods.preset(view.preset, through, self.facts.terms) or periods.preset(
            periods.DEFAULT, through, self.facts.terms
        )
        assert found is not None  # the default preset needs no calendar
        return found

    @property
    def has_before(self) -> bool:
        """True when the data reaches back over the whole period to compare with."""
        return self.before is not None and self.before[0] >= self.facts.first_day

    @property
    def is_stale(self) -> bool:
        return self.age_hours > self.stale_hours

    @property
    def age_hours(self) -> int:
        return self.facts.age_hours(self.now)

    @property
    def faculties(self) -> list[str]:
        """Codes of the faculties that the viewer may see, in the order of the reference."""
        return [row["unit"] for row in self.facts.units if row["level"] == "faculty" and self._is_own(row["unit"])]

    @property
    def specials(self) -> list[str]:
        """Codes of the lines for what belongs to no faculty: unknown, shared, unallocated."""
        return [row["unit"] for row in self.facts.units if row["level"] == "special"]

    def is_special(self, unit: str) -> bool:
        return bool(self.facts.by_unit.get(unit, {}).get("level") == "special")

    def unit_name(self, unit: str) -> str:
        """The unit's name in the current language; the code itself when nobody knows it."""
        found = self.facts.by_unit.get(unit)
        return str(found[f"name_{language()}"]) if found else unit

    def unit_label(self, unit: str) -> str:
        """The short label: the code, but the name for the special lines."""
        return self.unit_name(unit) if self.is_special(unit) else unit

    def model_position(self, model: str) -> int | None:
        """Place of the model in the reference, the base of its colour; None for what is not mapped."""
        return self.facts.places.get(model)

    @property
    def seat_czk(self) -> Decimal | None:
        """Monthly price of a seat in CZK: the reader's, or the configured one at the last rate; None if unknown."""
        if self.view.seat_czk is not None:
            return self.view.seat_czk
        price, currency = self.facts.settings.get("seat_price"), self.facts.settings.get("seat_currency", "CZK")
        rate = Decimal(1) if currency == "CZK" else self.rate(currency)
        return round(Decimal(price) * rate, 0) if price and rate else None

    def rate(self, currency: str) -> Decimal | None:
        """CZK per unit of the currency on the last day of data, as the central bank published it."""
        found = self.rate_row(currency)
        return found["czk_per_unit"] if found else None

    def rate_row(self, currency: str) -> Row | None:
        """The row of reference/rates that holds on the last day of data."""
        through = self.facts.through
        rows = self.ask("reference/rates", start=through, end=through + periods.DAY)
        return next((row for row in rows if row["currency"] == currency), None)


def gathered_facts(reader: Reader, viewer: Viewer) -> Facts:
    """Facts of the current snapshot for this viewer."""
    ask: Callable[..., list[Row]] = lambda name, **p: reader.run(name, viewer.scope, **p).rows.to_pylist()  # noqa: E731
    asked = reader.run("reference/settings", viewer.scope)
    settings = {row["key"]: row["value"] for row in asked.rows.to_pylist()}
    through = date.fromisoformat(settings["data_through_day"])
    summary = ask("overview/summary", units=viewer.scope.units, start=EARLIEST, end=through + periods.DAY)
    first_days = [row["first_day"] for row in summary if row["first_day"]]
    return Facts(
        version=asked.version,
        settings=settings,
        units=tuple(ask("reference/units")),
        models=tuple(ask("reference/models")),
        calendar=tuple(ask("reference/calendar")),
        first_day=min(first_days, default=through),
        roles=tuple(row["role"] for row in ask("reference/roles")),
    )
