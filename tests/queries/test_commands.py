"""python -m queries: what it prints and how it ends."""

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from queries import documentation
from queries.__main__ import main
from queries.catalogue import catalogue

WEEK = ["--param", "start=2026-11-09", "--param", "end=2026-11-16"]


def _run(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    assert main(arguments) == 0
    return capsysbinary.readouterr().out


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert captured.err.count("\n") == 1
    return captured.err.strip()


def test_list_names_every_metric(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = _run(capsysbinary, "list").decode().splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())


def test_show_gives_the_description_and_the_sql(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text = _run(capsysbinary, "show", "cost/daily").decode()
    assert text.startswith("### cost/daily: Cost per day")
    assert catalogue()["cost/daily"].sql in text


def test_csv_keeps_every_digit(capsysbinary: pytest.CaptureFixture[bytes], synthetic_folder: Path) -> None:
    arguments = ["run", "cost/daily", *WEEK, "--folder", str(synthetic_folder), "--format"]
    rows = list(csv.DictReader(io.StringIO(_run(capsysbinary, *arguments, "csv").decode())))
    exact = json.loads(_run(capsysbinary, *arguments, "json"))
    assert len(rows) == 7
    assert [row["unit"] for row in rows] == ["UK"] * 7
    assert [row["metered_czk"] for row in rows] == [row["metered_czk"] for row in exact["rows"]]
    assert all(Decimal(row["metered_usd"]).as_tuple().exponent == -12 for row in rows)
    assert rows[0]["effective_czk"] == ""
    assert exact["rows"][0]["effective_czk"] is None


def test_parquet_holds_the_declared_types(tmp_path: Path, synthetic_folder: Path) -> None:
    target = tmp_path / "daily.parquet"
    arguments = ["run", "cost/daily", *WEEK, "--units", "MFF,FF", "--folder", str(synthetic_folder)]
    assert main([*arguments, "--format", "parquet", "--output", str(target)]) == 0
    table = pq.read_table(target)
    assert table.num_rows == 14
    assert str(table.schema.field("metered_czk").type) == "decimal128(38, 18)"


def test_a_hidden_count_says_so_in_every_text_format(
    capsysbinary: pytest.CaptureFixture[bytes], synthetic_folder: Path
) -> None:
    arguments = ["run", "adoption/active_period", *WEEK, "--units", "ETF,KTF,HTF,UK", "--folder", str(synthetic_folder)]
    table = _run(capsysbinary, *arguments).decode()
    exact = json.loads(_run(capsysbinary, *arguments, "--format", "json"))
    assert exact["hidden"]
    assert table.count("hidden") == len(exact["hidden"])
    assert table.splitlines()[0].split() == ["unit", "active_persons"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required"),
        (["run"], "the following arguments are required: NAME"),
        (["run", "cost/daily", "--format", "xml"], "invalid choice: 'xml'"),
        (["run", "cost/daily", "--param", "start"], "--param start is not NAME=VALUE"),
        (["run", "cost/daily", "--param", "start=2026-11-09"], "parameter end (date) is missing"),
        (["run", "cost/dally"], "did you mean: cost/daily"),
        (["show", "cost/dally"], "did you mean: cost/daily"),
        (["docs"], "one of the arguments --check --write is required"),
    ],
)
def test_what_is_not_understood_ends_with_one_line_and_2(
    capsys: pytest.CaptureFixture[str], synthetic_folder: Path, arguments: list[str], message: str
) -> None:
    folder = ["--folder", str(synthetic_folder)] if arguments[1:] and arguments[0] == "run" else []
    assert message in _refused(capsys, *arguments, *folder)


def test_a_folder_without_a_snapshot_ends_with_one_line_and_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "nothing is published" in _refused(capsys, "run", "data/sources", "--folder", str(tmp_path))


def test_docs_check_tells_current_from_outdated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "FILE", tmp_path / "docs" / "metrics.md")
    assert main(["docs", "--check"]) == 1
    assert main(["docs", "--write"]) == 0
    assert main(["docs", "--check"]) == 0
    (tmp_path / "docs" / "metrics.md").write_text("old", "utf-8")
    assert main(["docs", "--check"]) == 1


def test_the_module_can_be_run(synthetic_folder: Path) -> None:
    command = [sys.executable, "-m", "queries", "run", "data/checks", "--folder", str(synthetic_folder)]
    ended = subprocess.run(command, capture_output=True, check=True, cwd=Path(documentation.__file__).parents[1])
    assert b"models_are_mapped" in ended.stdout
