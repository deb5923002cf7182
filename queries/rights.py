"""Who may see and do what, as data: roles, and the grants that give them to persons and groups.

A role is a level of access, a source of units and rights; a grant gives a role to a user, a group or everyone who may
sign in. Both come from the configuration and from a file; nothing here knows a faculty by name.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from queries.errors import RightsError
from queries.keyed import normalised

RIGHTS = frozenset({"rerun", "annotate", "close", "invoice", "persons", "audit"})
LEVELS = ("faculty", "university", "rse")
COLUMNS = ("kind", "value", "role", "unit")


class Section(BaseModel):
    """A table of the configuration file: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _known_rights(value: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := set(value) - RIGHTS:
        raise ValueError(f"unknown right '{min(unknown)}'; known: {', '.join(sorted(RIGHTS))}")
    return value


class Role(Section):
    """What a role lets see and do. `units`: root = the whole university, own = those its grants name, none."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    level: Literal["faculty", "university", "rse"] = "faculty"
    units: Literal["root", "own", "none"] = "own"
    rights: Annotated[tuple[str, ...], AfterValidator(_known_rights)] = ()


class Grant(Section):
    """One rule: whoever is `value` (a user, a member of a group) has `role`, for `unit` where the role has own units.

    `{unit}` in the value of a group stands for a unit's code, which `unit` may then name: 'fac-{unit}-deans'.
    """

    kind: Literal["user", "group", "everyone"]
    value: str | None = None
    role: str
    unit: str | None = None


class Access(Section):
    """Roles and grants; the file of further grants is access.csv in the folder of the directory."""

    roles: tuple[Role, ...] = ()
    grants: tuple[Grant, ...] = ()


SHIPPED = (
    Role(name="rse", level="rse", units="root", rights=("rerun", "annotate", "persons", "audit")),
    Role(name="finance", level="university", units="root", rights=("invoice", "close")),
    Role(name="management", level="university", units="root"),
    Role(name="faculty", level="faculty", units="own"),
    Role(name="self", level="faculty", units="none"),
)


@dataclass(frozen=True)
class Standing:
    """What somebody may: the strongest role's name and level, its units ('' stands for the root), all their rights."""

    role: str
    level: str
    units: tuple[str, ...]
    rights: frozenset[str]


class Rules:
    """Roles by name and the grants in order. Raises RightsError for a grant of a role that is not there."""

    def __init__(self, access: Access, further: Sequence[Grant] = ()) -> None:
        self.roles = {role.name: role for role in (*SHIPPED, *access.roles)}
        self.grants = (*access.grants, *further)
        for grant in self.grants:
            self._refuse_nonsense(grant)

    def _refuse_nonsense(self, grant: Grant) -> None:
        where = f"grant of {grant.kind} '{_masked(grant.value or '')}'"
        if grant.role not in self.roles:
            raise RightsError(f"{where}: unknown role '{grant.role}'; known: {', '.join(sorted(self.roles))}")
        if not grant.value and grant.kind != "everyone":
            raise RightsError(f"{where}: the value is missing")
        if self.roles[grant.role].units == "own" and not grant.unit:
            raise RightsError(f"{where}: role '{grant.role}' needs a unit")
        if "{unit}" in (grant.unit or "") and (grant.kind != "group" or "{unit}" not in (grant.value or "")):
            raise RightsError(f"{where}: unit '{grant.unit}' needs {{unit}} in the value of a group")

    def held(self, user: str, groups: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """(role, unit) of every grant that fits the user, in order; the unit is '' where the role has no own units."""
        who, members = normalised(user), [normalised(group) for group in groups]
        found = [(grant.role, unit) for grant in self.grants for unit in self._units(grant, who, members)]
        return tuple(dict.fromkeys(found))

    def _units(self, grant: Grant, user: str, groups: Sequence[str]) -> list[str]:
        """The unit of the grant once for each way it fits; none when it doesn't."""
        fits: list[Mapping[str, str]]
        if grant.kind == "everyone":
            fits = [{}]
        elif grant.kind == "user":
            fits = [{}] if normalised(grant.value or "") == user else []
        else:
            pattern = _pattern(grant.value or "")
            fits = [found.groupdict() for group in groups if (found := pattern.fullmatch(group))]
        is_own = self.roles[grant.role].units == "own"
        return [(grant.unit or "").replace("{unit}", fit.get("unit", "")).upper() if is_own else "" for fit in fits]

    def standing(self, held: Iterable[tuple[str, str]], known_units: Mapping[str, str], root: str) -> Standing | None:
        """What these roles let, or None for nothing. `known_units` is {upper case: code}.

        The strongest role counts and only its own units, so that a stronger level never reaches the units of a weaker
        grant; rights of all roles add up. A unit that is not known is left out.
        """
        units: dict[str, list[str]] = {}
        for name, unit in held:
            if name in self.roles:
                units.setdefault(name, []).extend(self._reach(self.roles[name], unit, known_units, root))
        able = [self.roles[name] for name, reached in units.items() if reached or self.roles[name].units == "none"]
        if not able:
            return None
        best = max(able, key=lambda role: (role.units != "none", LEVELS.index(role.level), role.units == "root"))
        rights = frozenset(right for role in able for right in role.rights)
        return Standing(best.name, best.level, tuple(sorted(set(units[best.name]))), rights)

    @staticmethod
    def _reach(role: Role, unit: str, known_units: Mapping[str, str], root: str) -> list[str]:
        if role.units == "root":
            return [root]
        return [known_units[unit]] if role.units == "own" and unit in known_units else []


def _masked(value: str) -> str:
    """The value as a log may say it: of an address the first letter and the domain."""
    name, at, domain = value.partition("@")
    return f"{name[:1]}…@{domain}" if at else value


def _pattern(value: str) -> re.Pattern[str]:
    """The group's name as a pattern in which {unit} stands for a code of letters, digits, dots and dashes."""
    before, mark, after = normalised(value).partition("{unit}")
    middle = r"(?P<unit>[\w.-]{1,40})" if mark else ""
    return re.compile(re.escape(before) + middle + re.escape(after))


def grants_in(file: Path) -> tuple[Grant, ...]:
    """Grants of an access.csv with the columns kind, value, role, unit; none when there is no such file.

    Raises RightsError naming the line, the value and the choices.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, restkey="further", restval="")
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise RightsError(f"{file}: columns {reader.fieldnames}; needed: {', '.join(COLUMNS)}")
            return tuple(_grant(file, reader.line_num, row) for row in reader)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RightsError(f"{file} can't be read: {error}") from None


def _grant(file: Path, line: int, row: Mapping[str, str]) -> Grant:
    if "further" in row:
        raise RightsError(f"{file} line {line}: more cells than columns")
    try:
        return Grant.model_validate({key: value.strip() for key, value in row.items()})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise RightsError(f"{file} line {line}: {key} is {first['input']!r}: {first['msg']}") from None
