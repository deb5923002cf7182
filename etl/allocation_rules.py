"""The written rules by which costs go to units (allocation.toml), read, checked and dated."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from etl.errors import InputError

NAME = "allocation.toml"
SHIPPED = Path(__file__).parent / "reference" / NAME
ALGORITHM = "2"  # counts up whenever etl/allocation.py or etl/booking.py gives other amounts for the same input
_EVER = date(9999, 12, 31)


def _exact(value: object) -> Fraction:
    """A share or rate from 0 to 1, as an exact fraction. A number without quotes has been a float already."""
    if not isinstance(value, str):
        raise ValueError('must be a text in quotes, e.g. "0.21"')
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'\'{value}\' is no number from 0 to 1, e.g. "0.21" or "1/3"') from None
    if not 0 <= found <= 1:
        raise ValueError(f"'{value}' is not from 0 to 1")
    return found


Share = Annotated[Fraction, BeforeValidator(_exact)]
Code = Annotated[str, BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Dated(_Strict):
    """Holds from `valid_from` up to, not including, `valid_to`."""

    valid_from: date = date(1970, 1, 1)
    valid_to: date = _EVER

    @model_validator(mode="after")
    def _in_order(self) -> "Dated":
        if self.valid_to <= self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} must be later than valid_from {self.valid_from}")
        return self

    def holds(self, day: date) -> bool:
        return self.valid_from <= day < self.valid_to


class Matching(Dated):
    """A rule for the lines that fit every pattern given."""

    provider: str = "*"
    project: str = "*"
    model: str = "*"
    service: str = "*"
    category: str = "*"
    sku: str = "*"

    def fits(self, said: Mapping[str, str], day: date) -> bool:
        """Whether the rule is for a line that says this of itself, on that day."""
        return self.holds(day) and all(
            fnmatchcase(said.get(name, "").lower(), getattr(self, name).lower())
            for name in ("provider", "project", "model", "service", "category", "sku")
        )


class Owner(Matching):
    unit: Code


class Seats(Matching):
    product: str


class ByUse(Matching):
    pass


class Agreed(Matching):
    shares: dict[Code, Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> "Agreed":
        if (total := sum(self.shares.values(), Fraction(0))) != 1:
            raise ValueError(f"shares add up to {total}, not to 1")
        return self


class Even(Matching):
    units: tuple[Code, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> "Even":
        if len(set(self.units)) < len(self.units):
            raise ValueError("each unit once")
        return self


class Rate(Dated):
    rate: Share


class Deductible(Dated):
    units: tuple[Code, ...] = Field(min_length=1)
    share: Share


class Vat(_Strict):
    country: str = "CZ"
    rates: tuple[Rate, ...] = ()
    deductible: tuple[Deductible, ...] = ()


class Metered(_Strict):
    tolerance: Share = Fraction(2, 100)


class Rules(_Strict):
    """All rules; `text` is what they were read from."""

    metered: Metered = Metered()
    vat: Vat = Vat()
    countries: dict[str, str] = {}
    owners: tuple[Owner, ...] = ()
    seats: tuple[Seats, ...] = ()
    by_use: tuple[ByUse, ...] = ()
    shares: tuple[Agreed, ...] = ()
    even: tuple[Even, ...] = ()
    text: str = ""

    @property
    def version(self) -> str:
        """Hash of the rules' text and of the algorithm they are applied by."""
        return hashlib.sha256(f"{ALGORITHM}\n{self.text}".encode()).hexdigest()[:16]

    @property
    def unit_codes(self) -> set[str]:
        """Every unit that the rules name."""
        named = {o.unit for o in self.owners} | {u for e in self.even for u in e.units}
        named |= {u for a in self.shares for u in a.shares}
        return named | {u for d in self.vat.deductible for u in d.units if u != "*"}

    def vat_rate(self, day: date) -> Fraction | None:
        """The standard rate of our own country on the day; None where no row says it."""
        return next((r.rate for r in self.vat.rates if r.holds(day)), None)

    def deductible(self, lineage: tuple[str, ...], day: date) -> Fraction:
        """The deductible share of the unit that starts `lineage` (then its parent, ...): the nearest row's, else 0."""
        held = [d for d in self.vat.deductible if d.holds(day)]
        for code in (*lineage, "*"):
            if (found := next((d for d in held if code in d.units), None)) is not None:
                return found.share
        return Fraction(0)


_Rule = TypeVar("_Rule", bound=Matching)


def first_fitting(rules: tuple[_Rule, ...], said: Mapping[str, str], day: date) -> _Rule | None:
    """The first rule, in the order written, that is for a line that says this of itself; None without one."""
    return next((r for r in rules if r.fits(said, day)), None)


def parse_rules(text: str, place: str = NAME, *, defaults: str = "") -> Rules:
    """The rules of a TOML text; what it does not speak of is as in `defaults`.

    A key of [vat] or a section of another name stands for the whole of it. Raises InputError naming the key, the value
    and what is allowed.
    """
    try:
        own, shipped = tomllib.loads(text), tomllib.loads(defaults)
        vat = {**shipped.get("vat", {}), **own.get("vat", {})}
        return Rules(**{**shipped, **own, "vat": vat}, text=defaults + text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("allocation", place, str(error), "TOML, see etl/reference/allocation.toml") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError("allocation", f"{place} {where}", first.get("input"), first["msg"]) from None


def read_rules(folder: Path) -> Rules:
    """The rules of allocation.toml in `folder` over the shipped ones. Raises InputError."""
    own = folder / NAME
    try:
        text = own.read_text("utf-8") if own.is_file() else ""
    except UnicodeDecodeError as error:
        raise InputError("allocation", own.name, str(error), "UTF-8 text") from None
    return parse_rules(text, defaults=SHIPPED.read_text("utf-8"))


def require_units(rules: Rules, known: set[str]) -> None:
    """Nothing when every unit the rules name is one. Raises InputError."""
    if unknown := sorted(rules.unit_codes - known):
        raise InputError("allocation", f"{NAME} unit", ", ".join(unknown), ", ".join(sorted(known)[:60]))
