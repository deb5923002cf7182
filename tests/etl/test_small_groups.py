"""What is never shown is decided at publishing, and published without the numbers it follows from."""

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from etl.identity import Pseudonyms
from etl.tables import REQUEST
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.etl.builders import home, request
from tests.etl.test_person import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published snapshot: eleven persons of MFF use two models, three of them a third, and FF is three persons."""
    made = World(tmp_path, Pseudonyms("s" * 40))
    made.gateway[REQUEST] = [
        request(f"{n}-{model}", "2026-10-05 10:00", user_key=f"p{n}", model=model)
        for n in range(14)
        for model in ("gpt-5.5", "llama", *(("rare",) if n < 3 else ()))
    ]
    made.homes = [home(f"p{n}", "MFF" if n < 11 else "FF") for n in range(14)]
    with closing(made.runner()) as runner:
        runner.publish()
    return tmp_path / "var"


def test_small_units_and_rare_models_are_closed_in_the_snapshot(folder: Path) -> None:
    reader = Reader(Warehouse(folder))
    period = {"start": "2026-10-01", "end": "2026-11-01"}
    everything = Scope(("UK",), "rse")
    counts = reader.run("adoption/active_period", everything, units=["MFF", "FF", "UK"], **period)
    assert {r["unit"]: r["active_persons"] for r in counts.rows.to_pylist() if r["unit"] == "FF"} == {"FF": None}
    models = reader.run("cost/by_model", everything, units=["MFF", "FF"], **period).rows.to_pylist()
    assert ("MFF", "rare") not in {(r["unit"], r["model"]) for r in models}
    assert [r for r in models if r["unit"] == "FF"] == []
    bills = {
        r["unit"]: r["requests"]
        for r in reader.run("cost/by_unit", everything, units=["MFF", "FF"], **period).rows.to_pylist()
    }
    assert bills == {"MFF": 29, "FF": 6}  # four of them chat turns
    hours = reader.run("adoption/usage_hours", everything, units=["FF", "MFF", "UK"], **period).rows
    assert set(hours.column("unit").to_pylist()) == {"UK"}  # MFF's would leave those of FF as the remainder


def test_the_steps_differ_between_builds_and_no_question_tells_them(folder: Path) -> None:
    (current,) = folder.glob("warehouse-*.duckdb")
    copy = folder / "copy"
    copy.write_bytes(current.read_bytes())
    with closing(duckdb.connect(str(copy), read_only=True)) as connection:
        ((key,),) = connection.execute("select key from step_key").fetchall()
    assert len(key) == 64
    settings = Reader(Warehouse(folder)).run("reference/settings", Scope((), "all")).rows.to_pylist()
    assert key not in str(settings)
