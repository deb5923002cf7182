"""Every metric file says the truth about itself, and the reference is generated from what it says."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from queries import documentation
from queries.catalogue import catalogue, parsed, query
from queries.errors import CatalogueError, UnknownQuery
from tests.queries.snapshots import empty_schema

VALUES: dict[str, object] = {
    "start": date(2026, 8, 1),
    "end": date(2026, 11, 1),
    "day": date(2026, 10, 31),
    "parent": "UK",
    "seat_czk": Decimal("420.50"),
    "person": 1,
    "channel": "all",
    "split": "role",
    "members": ["student"],
    "floor_czk": Decimal(0),
    "on_days": ["2026-10-31"],
    "chosen": ["2026-10-13", "2026-10-20"],
    "units": ["UK"],
}
UNITS = {"day", "count", "tokens", "usd", "czk", "share", "text", "s", "instant", "persons"}
TEXT = """-- title: Persons
-- about: How many
--        there are.
-- grain: one row per unit
-- access: faculty
-- param: units list  units asked for
-- param: least integer = 3  fewest
-- column: unit varchar [text]  the unit
-- column: persons bigint [persons]  how many
select unit, $least as persons from unit where unit in (select unnest($units)) order by unit
"""


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        empty_schema(connection)
        yield connection


@pytest.mark.parametrize("name", catalogue())
def test_the_header_lists_the_columns_the_query_gives(name: str, empty: duckdb.DuckDBPyConnection) -> None:
    found = catalogue()[name]
    values = {p.name: VALUES[p.name] for p in found.params}
    given = empty.execute(f"describe {found.sql}", values).fetchall()
    declared = [(c.name, c.type.replace(" ", "")) for c in found.columns]
    assert [(column, kind.lower().replace(" ", "")) for column, kind, *_ in given] == declared


@pytest.mark.parametrize("name", catalogue())
def test_the_header_uses_known_units_and_suffixes(name: str) -> None:
    for column in catalogue()[name].columns:
        assert column.unit in UNITS
        assert column.about
        for suffix, unit in (("_usd", "usd"), ("_czk", "czk"), ("_tokens", "tokens"), ("_share", "share")):
            if column.name.endswith(suffix) and column.name != "effective_usd_per_million_tokens":
                assert column.unit == unit
        if column.unit in ("usd", "czk"):
            assert column.type.startswith("decimal")


@pytest.mark.parametrize("name", [n for n, q in catalogue().items() if q.access == "all"])
def test_what_everybody_may_read_counts_no_persons(name: str) -> None:
    assert catalogue()[name].person_columns == ()


@pytest.mark.parametrize("name", [n for n, q in catalogue().items() if q.person_columns])
def test_what_is_divided_by_persons_is_hidden_with_them(name: str) -> None:
    found = catalogue()[name]
    derived = {column for column, _ in found.derived}
    of_persons = {c.name for c in found.columns if "adoption_rate" in c.name or "per_active" in c.name}
    assert of_persons <= derived


def test_the_reference_is_current() -> None:
    assert documentation.is_current(), "run python -m queries docs --write"


def test_the_reference_names_every_metric_parameter_and_column() -> None:
    text = documentation.reference()
    for found in catalogue().values():
        entry = text.split(f"### {found.name}: ")[1].split("\n### ")[0]
        assert all(f"| `{p.name}` |" in entry for p in (*found.params, *found.columns))


def test_a_header_becomes_a_query() -> None:
    found = parsed("area/persons", TEXT)
    assert (found.about, found.area, found.person_columns) == ("How many there are.", "area", ("persons",))
    assert [(p.name, p.type, p.default) for p in found.params] == [("units", "list", None), ("least", "integer", "3")]
    assert found.sql.startswith("select unit")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-- title: Persons\n", "", "area/x: the header has no 'title:' line"),
        ("units list", "units array", "types: date, text, integer, decimal, list"),
        ("$least", "3", r"declared parameters \['least', 'units'\], used \['units'\]"),
        ("access: faculty", "access: dean", "access 'dean'; known: faculty, university, rse, all"),
        ("unit varchar [text]", "unit varchar", "is not 'name type .unit. about'"),
        ("-- grain", "-- siblings: town\n-- grain", "no column town; known: unit, persons"),
        ("-- grain", "-- derived: unit\n-- grain", "'derived: unit' is not 'column column-of-persons"),
        ("-- grain", "-- derived: persons unit\n-- grain", "unit is not a column of persons"),
    ],
)
def test_a_header_that_lies_is_refused(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(CatalogueError, match=message):
        parsed("area/x", TEXT.replace(old, new))


def test_a_metric_for_faculties_must_be_bound_to_units() -> None:
    text = "\n".join(line for line in TEXT.splitlines() if "units list" not in line)
    with pytest.raises(CatalogueError, match="access faculty needs the parameter 'units'"):
        parsed("area/x", text.replace("where unit in (select unnest($units)) ", ""))


def test_an_unknown_metric_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownQuery, match="unknown query 'cost/daly'; did you mean: cost/daily"):
        query("cost/daly")


def test_every_file_is_in_the_catalogue() -> None:
    folder = Path(documentation.__file__).parent / "metrics"
    assert {f.relative_to(folder).with_suffix("").as_posix() for f in folder.rglob("*.sql")} == set(catalogue())
