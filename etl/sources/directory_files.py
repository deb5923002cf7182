"""The directory's CSV files, read and checked: units, people, domains, head-counts, service accounts.

A missing or empty file has no rows. A wrong value is an InputError with file, line, column and what is allowed; a
person's id is never shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from etl.errors import SourceError
from etl.identity import is_email, masked, normalised
from etl.sources.fields import Row
from etl.sources.sheets import open_sheet

SOURCE = "directory"
SHIPPED = Path(__file__).parents[1] / "reference"
SHIPPED_ROOT = "UK"
ROLES = ("staff", "student", "other")
LEVELS = ("university", "faculty", "department")
ACCOUNT_KINDS = ("key_alias", "key", "team", "user")
SPECIAL = frozenset({"UNKNOWN", "SHARED", "UNALLOCATED"})
ALWAYS = date(1970, 1, 1)  # where valid_from is left empty
_CODE = re.compile(r"[^\W_][\w.-]{0,30}")
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")
_SHOWN = 60


@dataclass(frozen=True)
class Unit:
    """A unit of the university; `parent_unit` is None for the root alone."""

    unit: str
    parent_unit: str | None
    level: str
    name_cs: str
    name_en: str
    cost_centre: str | None


@dataclass(frozen=True)
class Period:
    """Days a row is valid for: from `start` up to, not including, `end`; None = open."""

    start: date
    end: date | None

    def overlaps(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)


@dataclass(frozen=True)
class Membership:
    """A person in a unit for a period; ids as typed, normalised, to be turned into pseudonyms at once."""

    person: str
    aliases: tuple[str, ...]
    unit: str
    role: str
    period: Period
    weight: Decimal


@dataclass(frozen=True)
class Headcount:
    """Persons who could use the services."""

    unit: str
    role: str
    period: Period
    persons: int


@dataclass(frozen=True)
class ServiceAccount:
    """A key, team or user that no single human drives."""

    kind: str
    id: str
    name: str
    unit: str | None


def rows(file: Path, *required: str) -> Iterator[Row]:
    """The rows of a CSV file with these columns; none when it is missing or empty. Lines with # are comments."""
    if raw := content(file):
        sheet = open_sheet(SOURCE, file.name, raw, wanted=frozenset(required), comments=True)
        yield from sheet.records()


def content(file: Path) -> bytes:
    """The file's bytes; none where it is missing or blank. Raises SourceError if it can't be read."""
    try:
        raw = file.read_bytes() if file.is_file() else b""
    except OSError as error:
        raise SourceError(SOURCE, file.name, error.strerror or type(error).__name__) from None
    return raw if raw.strip(b"\xef\xbb\xbf \t\r\n") else b""


def read_units(folder: Path, root: str) -> dict[str, Unit]:
    """Units by code: of units.csv, else the shipped faculties where the root is theirs. Every parent is a unit."""
    own = folder / "units.csv"
    file = own if own.is_file() else SHIPPED / "faculties.csv"
    if file != own and root != SHIPPED_ROOT:
        return {}
    found: dict[str, Unit] = {}
    places: dict[str, Row] = {}
    for row in rows(file, "unit", "parent_unit", "level", "name_cs"):
        unit = _unit(row, root)
        if unit.unit in found:
            raise row.refusal("unit", f"each code once; it is also on {places[unit.unit].place}")
        found[unit.unit], places[unit.unit] = unit, row
    for code, unit in found.items():
        if unit.parent_unit not in (None, root, *found):
            raise places[code].refusal("parent_unit", _codes({*found, root}))
        _require_no_cycle(code, found, places[code])
    return found


def _unit(row: Row, root: str) -> Unit:
    code = row.required("unit").upper()
    if not _CODE.fullmatch(code) or code in SPECIAL:
        raise row.refusal("unit", f"a code of letters, digits, . and -, none of {', '.join(sorted(SPECIAL))}")
    parent = (row.text("parent_unit") or "").upper() or None
    if code == root and parent is not None:
        raise row.refusal("parent_unit", "nothing: this unit is the root (university.root_unit)")
    name = row.required("name_cs")
    return Unit(
        unit=code,
        parent_unit=None if code == root else parent or root,
        level=row.choice("level", LEVELS),
        name_cs=name,
        name_en=row.text("name_en") or name,
        cost_centre=row.text("cost_centre"),
    )


def _require_no_cycle(code: str, units: dict[str, Unit], row: Row) -> None:
    seen = [code]
    while (parent := units[seen[-1]].parent_unit) is not None and parent in units:
        if parent in seen:
            raise row.refusal("parent_unit", "a tree; this one goes round", found=" > ".join([*seen, parent]))
        seen.append(parent)


def read_domains(folder: Path, units: dict[str, Unit], root: str) -> dict[str, tuple[str, str]]:
    """{e-mail domain: (unit, role)} of domains.csv, else the shipped ones of the units there are."""
    own = folder / "domains.csv"
    found: dict[str, tuple[str, str]] = {}
    if not own.is_file():
        shipped = rows(SHIPPED / "faculties.csv", "unit", "email_domains") if root == SHIPPED_ROOT else iter(())
        pairs = [(row.required("unit"), d) for row in shipped for d in (row.text("email_domains") or "").split()]
        return {domain: (unit, "other") for unit, domain in pairs if unit in units or unit == root}
    for row in rows(own, "domain", "unit"):
        domain = row.required("domain").lower().removeprefix("@")
        if not _DOMAIN.fullmatch(domain):
            raise row.refusal("domain", "an e-mail domain, e.g. mff.cuni.cz")
        if domain in found:
            raise row.refusal("domain", "each domain once")
        found[domain] = known_unit(row, units, root), row.choice("role", ROLES, default="other")
    return found


def read_people(folder: Path, units: dict[str, Unit], root: str) -> list[Membership]:
    """Memberships of people.csv; a person's periods in one unit don't overlap, an alias belongs to one person."""
    found: list[Membership] = []
    periods: dict[tuple[str, str], list[tuple[Period, str]]] = {}
    owners: dict[str, str] = {}
    for row in rows(folder / "people.csv", "id", "unit"):
        member = _membership(row, units, root)
        earlier = periods.setdefault((member.person, member.unit), [])
        for period, place in earlier:
            if period.overlaps(member.period):
                raise row.refusal("valid_from", f"a period that does not overlap that of {place}", found=period.start)
        earlier.append((member.period, row.place))
        for name in (member.person, *member.aliases):
            if owners.setdefault(name, member.person) != member.person:
                allowed = "ids that belong to one person only; an alias may not be another person's id"
                raise row.refusal("also" if name in member.aliases else "id", allowed, found="(an id)")
        found.append(member)
    return found


def _membership(row: Row, units: dict[str, Unit], root: str) -> Membership:
    person = normalised(row.required("id"))
    aliases = {normalised(a) for a in re.split(r"[\s,;]+", row.text("also") or "") if a.strip()}
    weight = Decimal(1)
    if (text := row.text("weight")) is not None:
        weight = (row.amount("weight", decimal_comma="," in text) or Decimal(0)).quantize(Decimal("1e-6"))
    if not 0 < weight < 1000:
        raise row.refusal("weight", "a number above 0 and below 1000, e.g. 0.5")
    return Membership(
        person=person,
        aliases=tuple(sorted(aliases - {person})),
        unit=known_unit(row, units, root),
        role=row.choice("role", ROLES, default="other"),
        period=_period(row),
        weight=weight,
    )


def read_population(folder: Path, units: dict[str, Unit], root: str) -> list[Headcount]:
    """Head-counts of population.csv; the periods of one unit and role don't overlap."""
    found: list[Headcount] = []
    for row in rows(folder / "population.csv", "unit", "persons"):
        persons = row.money("persons")
        if persons < 0 or persons != persons.to_integral_value():
            raise row.refusal("persons", "a whole number, 0 or more")
        count = Headcount(
            known_unit(row, units, root), row.choice("role", ROLES, default="other"), _period(row), int(persons)
        )
        for other in found:
            if (other.unit, other.role) == (count.unit, count.role) and other.period.overlaps(count.period):
                raise row.refusal("valid_from", "a period that does not overlap an earlier line of this unit and role")
        found.append(count)
    return found


def read_service_accounts(folder: Path, units: dict[str, Unit], root: str) -> list[ServiceAccount]:
    """Service accounts of service_accounts.csv, each named once. A key is named by its alias or its hash."""
    found: dict[tuple[bool, str], ServiceAccount] = {}
    for row in rows(folder / "service_accounts.csv", "kind", "id"):
        kind, name = row.choice("kind", ACCOUNT_KINDS), row.required("id")
        if name.lower().startswith("sk-"):
            raise row.refusal("id", "the key's alias or its hash, never the key itself", found="(a key)")
        if (same := (kind == "key_alias", normalised(name))) in found:
            raise row.refusal("id", "each id once", found="(an id)" if is_email(name) else None)
        unit = known_unit(row, units, root) if row.text("unit") else None
        shown = masked(row.text("name") or (kind if kind == "user" else name))
        found[same] = ServiceAccount(kind, name, shown, unit)
    return list(found.values())


def check_groups(folder: Path, units: dict[str, Unit], root: str) -> int:
    """How many rules groups.csv has (they are applied elsewhere); refuses an unknown unit or role."""
    count = 0
    for row in rows(folder / "groups.csv", "group", "unit"):
        row.required("group")
        if row.text("unit"):
            known_unit(row, units, root)
        row.choice("role", ROLES, default="other")
        count += 1
    return count


def known_unit(row: Row, units: Mapping[str, Unit], root: str) -> str:
    """The code in the column `unit`, in upper case. Raises InputError for one that isn't a unit nor the root."""
    code = row.required("unit").upper()
    if code not in units and code != root:
        raise row.refusal("unit", _codes({*units, root}))
    return code


def _codes(known: set[str]) -> str:
    listed = sorted(known)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"a unit of units.csv: {', '.join(listed[:_SHOWN])}{more}"


def _period(row: Row) -> Period:
    start, end = row.day("valid_from") or ALWAYS, row.day("valid_to")
    if end is not None and end <= start:
        raise row.refusal("valid_to", f"a later day than valid_from, {start} (exclusive; empty = still valid)")
    return Period(start, end)
