"""The catalogue: every .sql file with its described header becomes a frozen Query; one that lies doesn't load.

Header: the comment lines at the top of a metric file.

    -- title: Active users per day
    -- about: Distinct persons with at least one successful request of their own, trailing 1, 7 and 28 local days.
    -- grain: one row per day and unit
    -- access: faculty
    -- param: start date  first day
    -- param: units list  units asked for, bound by the reader
    -- column: day date [day]  local day
    -- column: mau bigint [persons]  trailing 28 days
    -- siblings: day

Optional, for the suppression of small groups: `siblings: a b` (rows that agree in these columns are parts of one whole;
without it all rows are), `parts: a b c` (these columns of one row are parts of one whole), `derived: rate mau` (`mau`
could be computed back from `rate`, which is therefore hidden with it; a third word says how it follows a count that is
given in steps: `times`, `over`, `rest` or `digits`, see queries/suppression.py), `empty: left out` (a row that
would count nobody is not there, so neither is one that is all hidden).

Types of parameters: date, text, integer, decimal, list. A query with `access: faculty` must declare `units` (bound by
the Reader from the viewer's scope) and use $units; `access: all` gives nothing that depends on a unit; `access: self`
gives the viewer's own use, declares `person` (bound by the Reader as well) and no other query may.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from queries.errors import CatalogueError, UnknownQuery

FOLDER = Path(__file__).parent / "metrics"
PARAMETER_TYPES = ("date", "text", "integer", "decimal", "list")
ACCESS = ("faculty", "university", "rse", "all", "self")
BOUND = frozenset({"units", "person"})  # bound by the Reader from the viewer's scope, never given by whoever asks
_HEADER = re.compile(r"--\s*(title|about|grain|access|param|column|siblings|parts|derived|empty|reads):\s*(.*\S)\s*")
_MORE = re.compile(r"--\s{2,}(.*\S)\s*")
_PARAM = re.compile(r"(\w+)\s+(\w+)(?:\s+=\s*(\S+))?\s*(.*)")
_COLUMN = re.compile(r"(\w+)\s+([\w(), ]+?)\s+\[(\w+)\]\s*(.*)")
_DERIVED = re.compile(r"(\w+) (\w+)(?: (times|over \w+|rest|rest \w+|digits))?")
_USED = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Param:
    """A declared parameter; `default` is the text in the header, None if it must be given."""

    name: str
    type: str
    default: str | None
    about: str


@dataclass(frozen=True)
class Column:
    """A declared column. Unit `persons` marks counts of people, which the Reader suppresses below the minimum."""

    name: str
    type: str
    unit: str
    about: str


@dataclass(frozen=True)
class Query:
    """One described query: `name` is area/file without the ending, `sql` the text below the header."""

    name: str
    title: str
    about: str
    grain: str
    access: str
    params: tuple[Param, ...]
    columns: tuple[Column, ...]
    sql: str = field(repr=False)
    siblings: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    derived: tuple[tuple[str, str], ...] = ()
    scaled: Mapping[tuple[str, str], str] = field(default_factory=dict, hash=False)
    is_empty_left_out: bool = False

    @property
    def area(self) -> str:
        return self.name.partition("/")[0]

    @property
    def person_columns(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.unit == "persons")


def parsed(name: str, text: str) -> Query:
    """The Query a file's text describes. Raises CatalogueError naming the file and what disagrees."""
    fields: dict[str, list[str]] = {}
    lines = text.splitlines()
    body = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("--")), len(lines))
    last = ""
    for line in lines[:body]:
        if match := _HEADER.fullmatch(line):
            last = match[1]
            fields.setdefault(last, []).append(match[2])
        elif last and (match := _MORE.fullmatch(line)):
            fields[last][-1] += " " + match[1]
    for key in ("title", "about", "grain", "access", "column"):
        if key not in fields:
            raise CatalogueError(f"{name}: the header has no '{key}:' line")
    query = Query(
        name=name,
        title=fields["title"][0],
        about=fields["about"][0],
        grain=fields["grain"][0],
        access=fields["access"][0],
        params=tuple(_param(name, p) for p in fields.get("param", [])),
        columns=tuple(_column(name, c) for c in fields["column"]),
        sql="\n".join(lines[body:]).strip(),
        siblings=tuple(name for line in fields.get("siblings", []) for name in line.split()),
        parts=tuple(tuple(line.split()) for line in fields.get("parts", [])),
        derived=tuple(_derived(name, line)[:2] for line in fields.get("derived", [])),
        scaled={_derived(name, line)[:2]: _derived(name, line)[2] for line in fields.get("derived", [])},
        is_empty_left_out=fields.get("empty") == ["left out"],
    )
    _refuse_lies(query)
    return query


def _param(name: str, text: str) -> Param:
    match = _PARAM.fullmatch(text)
    if not match or match[2] not in PARAMETER_TYPES:
        raise CatalogueError(f"{name}: 'param: {text}' is not 'name type about'; types: {', '.join(PARAMETER_TYPES)}")
    return Param(match[1], match[2], match[3], match[4])


def _column(name: str, text: str) -> Column:
    if not (match := _COLUMN.fullmatch(text)):
        raise CatalogueError(f"{name}: 'column: {text}' is not 'name type [unit] about'")
    return Column(match[1], match[2], match[3], match[4])


def _derived(name: str, text: str) -> tuple[str, str, str]:
    match = _DERIVED.fullmatch(text)
    if not match:
        raise CatalogueError(f"{name}: 'derived: {text}' is not 'column column-of-persons [times|over|rest|digits]'")
    return match[1], match[2], match[3] or ""


def _refuse_lies(query: Query) -> None:
    declared, used = {p.name for p in query.params}, set(_USED.findall(query.sql))
    if declared != used:
        raise CatalogueError(f"{query.name}: declared parameters {sorted(declared)}, used {sorted(used)}")
    if query.access not in ACCESS:
        raise CatalogueError(f"{query.name}: access '{query.access}'; known: {', '.join(ACCESS)}")
    if query.access == "faculty" and "units" not in declared:
        raise CatalogueError(f"{query.name}: access faculty needs the parameter 'units'")
    if (query.access == "self") != ("person" in declared):
        raise CatalogueError(f"{query.name}: access self and the parameter 'person' go together")
    columns = [c.name for c in query.columns]
    named = {*query.siblings, *(c for part in query.parts for c in part), *(c for pair in query.derived for c in pair)}
    if unknown := named - set(columns):
        raise CatalogueError(f"{query.name}: no column {', '.join(sorted(unknown))}; known: {', '.join(columns)}")
    if wrong := {source for _, source in query.derived} - set(query.person_columns):
        raise CatalogueError(f"{query.name}: {', '.join(sorted(wrong))} is not a column of persons")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*.sql")):
        yield file.relative_to(folder).with_suffix("").as_posix(), file


@cache
def catalogue(folder: Path = FOLDER) -> dict[str, Query]:
    """{name: Query} of every metric, in order of name."""
    return {name: parsed(name, file.read_text("utf-8")) for name, file in _files(folder)}


def query(name: str) -> Query:
    """The query of that name. Raises UnknownQuery naming the nearest ones."""
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.4) or list(known)
        raise UnknownQuery(f"unknown query '{name}'; did you mean: {', '.join(near)}")
    return known[name]
