"""The one door: scope, parameters and the suppression of small groups."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.catalogue import Query, parsed
from queries.errors import ParameterError, ScopeError, UnknownQuery, WarehouseError
from queries.reader import Reader, Scope
from queries.suppression import suppressed
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
        ("plans/comparison", WEEK | {"seat_czk": 1, "minimum_seats": "1.5"}, "'1.5'; expected integer"),
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


def _counted(*lines: str) -> Query:
    header = "\n".join(f"-- {line}" for line in lines)
    return parsed(
        "area/counts",
        "-- title: t\n-- about: a\n-- grain: g\n-- access: all\n"
        "-- column: day bigint [count]  d\n-- column: unit varchar [text]  u\n"
        "-- column: mau bigint [persons]  m\n-- column: new bigint [persons]  n\n-- column: rate double [share]  r\n"
        f"{header}\nselect 1",
    )


def _hidden(rows: list[tuple[int, str, int | None, int | None]], *lines: str) -> set[tuple[int, str]]:
    table = pa.table(
        {
            "day": pa.array([r[0] for r in rows], pa.int64()),
            "unit": pa.array([r[1] for r in rows], pa.string()),
            "mau": pa.array([r[2] for r in rows], pa.int64()),
            "new": pa.array([r[3] for r in rows], pa.int64()),
            "rate": pa.array([0.5 for _ in rows], pa.float64()),
        }
    )
    shown, hidden = suppressed(table, _counted(*lines), 5, "UK")
    nulls = {
        (row, name)
        for name in ("mau", "new", "rate")
        for row, (before, after) in enumerate(zip(table[name].to_pylist(), shown[name].to_pylist(), strict=True))
        if before is not None and after is None
    }
    assert nulls == hidden
    assert shown.schema == table.schema
    return set(hidden)


def test_nothing_is_hidden_where_every_group_is_large_enough() -> None:
    assert _hidden([(1, "A", 5, 0), (1, "B", 9, None)]) == set()


def test_a_small_group_is_hidden_and_so_is_the_next_smallest() -> None:
    assert _hidden([(1, "A", 4, 9), (1, "B", 7, 9), (1, "C", 6, 9), (1, "D", 0, 9)]) == {(0, "mau"), (2, "mau")}


def test_two_small_groups_hide_each_other() -> None:
    assert _hidden([(1, "A", 4, 9), (1, "B", 1, 9), (1, "C", 6, 9)]) == {(0, "mau"), (1, "mau")}


def test_the_total_of_the_university_is_never_hidden_for_a_small_part() -> None:
    assert _hidden([(1, "ETF", 4, 9), (1, "UK", 900, 9)]) == {(0, "mau")}


def test_siblings_are_looked_at_day_by_day() -> None:
    rows = [(1, "A", 4, 9), (1, "B", 7, 9), (2, "A", 3, 9), (2, "B", 8, 9)]
    assert _hidden(rows) == {(0, "mau"), (2, "mau")}
    assert _hidden(rows, "siblings: day") == {(0, "mau"), (1, "mau"), (2, "mau"), (3, "mau")}


def test_parts_of_one_row_hide_each_other() -> None:
    assert _hidden([(1, "UK", 4, 30)], "parts: mau new") == {(0, "mau"), (0, "new")}


def test_what_could_be_computed_back_is_hidden_too() -> None:
    assert _hidden([(1, "A", 4, 9), (1, "UK", 50, 9)], "derived: rate mau") == {(0, "mau"), (0, "rate")}


counts = st.one_of(st.none(), st.integers(0, 12))
tables = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ABCD"), counts, counts), max_size=12)


@given(tables)
def test_no_small_count_is_shown(rows: list[tuple[int, str, int | None, int | None]]) -> None:
    hidden = _hidden(rows, "siblings: day", "parts: mau new")
    shown = [r[2 + i] for n, r in enumerate(rows) for i, c in enumerate(("mau", "new")) if (n, c) not in hidden]
    assert [count for count in shown if count is not None and 0 < count < 5] == []


@given(tables)
def test_a_hidden_count_is_never_the_only_hidden_one_of_several(
    rows: list[tuple[int, str, int | None, int | None]],
) -> None:
    hidden = _hidden(rows, "siblings: day", "parts: mau new")
    wholes: defaultdict[object, list[tuple[int, str]]] = defaultdict(list)
    for n, row in enumerate(rows):
        for column, count in (("mau", row[2]), ("new", row[3])):
            if count:
                wholes[(row[0], column)].append((n, column))
                wholes[n].append((n, column))
    assert [whole for whole in wholes.values() if len(whole) > 1 and len(hidden & set(whole)) == 1] == []


@given(tables)
def test_only_as_much_is_hidden_as_small_counts_call_for(
    rows: list[tuple[int, str, int | None, int | None]],
) -> None:
    hidden = _hidden(rows)
    for column, place in (("mau", 2), ("new", 3)):
        small = sum(1 for row in rows if row[place] is not None and 0 < row[place] < 5)
        assert sum(name == column for _, name in hidden) <= max(small, 2 if small else 0)
