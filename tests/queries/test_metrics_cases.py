"""Golden cases: tests/cases/<area>/<metric>/<case>/ holds tiny tables, the question and the whole expected answer."""

import csv
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from queries.catalogue import BOUND, catalogue
from queries.output import HIDDEN
from queries.reader import Answer, Reader, Scope
from queries.warehouse import Warehouse
from tests.queries.snapshots import CASES, SHARED, snapshot_folder

FOLDERS = sorted(file.parent for file in CASES.rglob("params.toml"))
PARAMS = {"start": "2026-10-25", "end": "2026-11-01", "day": "2026-10-31"}
PARAMS |= {"seat_czk": "500", "parent": "UK", "split": "role", "channel": "all"}
PARAMS |= {"members": "staff,student"}
PARAMS |= {"chosen": "2026-10-25,2026-10-31", "floor_czk": "0", "on_days": "2026-10-31"}


def _name(folder: Path) -> str:
    return folder.relative_to(CASES).as_posix()


def _asked(folder: Path, tables: Path) -> Answer:
    given = tomllib.loads((folder / "params.toml").read_text("utf-8"))
    scope = Scope(tuple(given.get("scope", ["UK"])), given.get("access", "rse"), given.get("person"))
    reader = Reader(Warehouse(tables))
    return reader.run(folder.parent.relative_to(CASES).as_posix(), scope, units=given["units"], **given["params"])


def _value(text: str, kind: pa.DataType) -> object:
    """A cell of expect.csv as Python has it; '' is null, 'hidden' a suppressed cell."""
    if text in ("", HIDDEN):
        return text or None
    if pa.types.is_decimal(kind):
        return Decimal(text)
    if pa.types.is_floating(kind):
        return pytest.approx(float(text), rel=1e-12)
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[text]
    if pa.types.is_integer(kind):
        return int(text)
    return date.fromisoformat(text) if pa.types.is_date(kind) else text


def _found(answer: Answer) -> list[list[object]]:
    shown = answer.rows.to_pylist()
    return [
        [HIDDEN if (i, name) in answer.hidden else _printable(value) for name, value in row.items()]
        for i, row in enumerate(shown)
    ]


def _printable(value: object) -> object:
    return value.isoformat(sep=" ") if hasattr(value, "hour") else value


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_the_answer_is_exactly_the_expected_table(folder: Path, tmp_path: Path) -> None:
    answer = _asked(folder, snapshot_folder(tmp_path, SHARED, folder))
    with (folder / "expect.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    types = answer.rows.schema.types
    assert answer.rows.column_names == header
    assert _found(answer) == [[_value(cell, kind) for cell, kind in zip(row, types, strict=True)] for row in rows]


def test_every_metric_has_a_golden_case() -> None:
    assert {folder.parent.relative_to(CASES).as_posix() for folder in FOLDERS} == set(catalogue())


@pytest.fixture(scope="module")
def bare_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot with settings and nothing else."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("bare")
    (source / "setting.csv").write_text((SHARED / "setting.csv").read_text("utf-8"), "utf-8")
    (source / "dates.csv").write_text("day\n", "utf-8")
    return snapshot_folder(folder, source)


@pytest.mark.parametrize("name", catalogue())
def test_a_university_without_units_and_data_gives_no_rows(name: str, bare_folder: Path) -> None:
    params = {p.name: PARAMS[p.name] for p in catalogue()[name].params if p.name not in BOUND}
    answer = Reader(Warehouse(bare_folder)).run(name, Scope(("UK",), "rse", 1), units=["UK"], **params)
    assert answer.rows.num_rows == (3 if name == "reference/settings" else 0)


@pytest.mark.parametrize("name", [n for n, q in catalogue().items() if any(p.name == "units" for p in q.params)])
def test_asking_for_no_unit_gives_no_row_even_where_there_is_data(name: str, synthetic_folder: Path) -> None:
    params = {p.name: PARAMS[p.name] for p in catalogue()[name].params if p.name not in BOUND}
    params |= {"start": "2025-12-01"} if name == "cost/anomalies" else {}  # in one week there may be none
    reader = Reader(Warehouse(synthetic_folder))
    assert reader.run(name, Scope(("UK",), "rse"), units=["UK"], **params).rows.num_rows > 0
    assert reader.run(name, Scope(("UK",), "rse"), units=[], **params).rows.num_rows == 0
