"""The one door: scope and parameters; small groups are tested in test_small_groups."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from queries.errors import ParameterError, ScopeError, UnknownQuery, WarehouseError
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse

WHOLE = Scope(("UK",), "university")
WEEK = {"start": date(2026, 11, 9), "end": date(2026, 11, 16)}


@pytest.fixture(scope="module")
def reader(synthetic_folder: Path) -> Reader:
    return Reader(Warehouse(synthetic_folder))


def _units(reader: Reader, scope: Scope, units: list[str]) -> list[str]:
    rows = reader.run("cost/by_unit", scope, units=units, **WEEK).rows
    return rows.column("unit").to_pylist()


def test_a_scope_without_units_sees_nothing(reader: Reader) -> None:
    assert _units(reader, Scope(()), ["UK", "MFF", "FF"]) == []


def test_asking_for_no_unit_gives_nothing_even_to_the_whole_university(reader: Reader) -> None:
    assert _units(reader, WHOLE, []) == []


def test_units_outside_the_scope_are_dropped(reader: Reader) -> None:
    assert _units(reader, Scope(("MFF",)), ["UK", "MFF", "FF", "MFF-KSI", "nowhere"]) == ["MFF", "MFF-KSI"]


def test_a_department_does_not_see_its_faculty(reader: Reader) -> None:
    assert _units(reader, Scope(("MFF-KSI",)), ["MFF", "MFF-KSI"]) == ["MFF-KSI"]


def test_the_whole_university_is_a_unit_that_only_its_own_scope_sees(reader: Reader) -> None:
    assert _units(reader, WHOLE, ["UK"]) == ["UK"]
    assert _units(reader, Scope(("MFF", "FF")), ["UK"]) == []


@pytest.mark.parametrize("name", ["adoption/active_by_model", "cost/invoiced", "plans/comparison", "data/unmapped"])
def test_a_faculty_may_not_ask_what_concerns_the_whole_university(reader: Reader, name: str) -> None:
    with pytest.raises(ScopeError, match=f"{name} needs the access 'university'"):
        reader.run(name, Scope(("MFF",)), units=["MFF"])


def test_the_university_may_not_read_what_is_for_those_who_run_it(reader: Reader) -> None:
    with pytest.raises(ScopeError, match="data/runs needs the access 'rse'"):
        reader.run("data/runs", WHOLE)


def test_what_is_for_all_needs_no_unit(reader: Reader) -> None:
    assert reader.run("reference/units", Scope((), "all")).rows.num_rows == 27


def test_an_answer_names_its_version_and_keeps_decimals(reader: Reader) -> None:
    answer = reader.run("cost/by_unit", WHOLE, units=["UK"], **WEEK)
    assert answer.version == reader.version == "warehouse-20261123T041000Z"
    assert isinstance(answer.rows.column("metered_czk")[0].as_py(), Decimal)
    assert answer.rows.column_names == [c.name for c in answer.query.columns]


def test_texts_are_read_as_their_types(reader: Reader) -> None:
    typed = reader.run("cost/daily", WHOLE, units=["UK"], **WEEK)
    text = reader.run("cost/daily", WHOLE, units=["UK"], start="2026-11-09", end="2026-11-16")
    assert text.rows == typed.rows
    assert typed.rows.num_rows == 7


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("cost/daily", {"start": "2026-11-09"}, r"cost/daily: parameter end \(date\) is missing: day after the last"),
        ("cost/daily", WEEK | {"unit": "MFF"}, "cost/daily: unknown parameter unit; known: start, end"),
        ("cost/daily", WEEK | {"start": "9. 11. 2026"}, "parameter start is '9. 11. 2026'; expected date"),
        ("data/sources", {"day": "2026-11-09"}, "data/sources: unknown parameter day; known: none"),
        ("plans/comparison", WEEK | {"seat_czk": "a lot"}, "parameter seat_czk is 'a lot'; expected decimal"),
        ("plans/comparison", WEEK | {"seat_czk": "NaN"}, "parameter seat_czk is 'NaN'; expected decimal"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(reader: Reader, name: str, params: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        reader.run(name, WHOLE, units=["UK"], **params)


def test_an_unknown_query_is_refused(reader: Reader) -> None:
    with pytest.raises(UnknownQuery, match="did you mean: adoption/adoption"):
        reader.run("adoption/adoptoin", WHOLE)


def test_a_folder_without_a_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing is published"):
        Reader(Warehouse(tmp_path)).run("data/sources", WHOLE)


def test_the_door_hides_small_groups_and_counts_the_rest_in_steps(reader: Reader) -> None:
    units = ["UK", "MFF", "FF", "ETF", "KTF", "HTF"]
    answer = reader.run("adoption/active_period", WHOLE, units=units, **WEEK)
    rows = {r["unit"]: r["active_persons"] for r in answer.rows.to_pylist()}
    assert answer.hidden
    assert all(rows[unit] is None or rows[unit] % 5 == 0 for unit in units if unit != "UK")
    assert {r for r, _ in answer.hidden} == {n for n, v in enumerate(rows.values()) if v is None}
