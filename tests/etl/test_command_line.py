"""`python -m etl`: every command is run, exit codes are kept, and what is wrong is said in one line."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl.__main__ import FAILED, OK, USAGE, main
from etl.run import Runner
from queries.warehouse import Build
from tests.conftest import TEST_SECRET

COSTS = "provider,description,amount,currency,period_start,period_end\ne-infra,GPU lease,3000,CZK,2026-11,2026-12\n"
Etl = Callable[..., int]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """A command sets the process's file mode mask and log; the next test shall not see that."""
    mask, handlers = os.umask(0o022), logging.root.handlers[:]
    yield
    os.umask(mask)
    logging.root.handlers[:] = handlers


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of files only, one invoice among them."""
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    (tmp_path / "config.toml").write_text("[storage]\nthreads = 1\n", "utf-8")
    (tmp_path / "invoices").mkdir()
    (tmp_path / "invoices" / "costs.csv").write_text(COSTS, "utf-8")
    return tmp_path


@pytest.fixture
def etl(folder: Path) -> Etl:
    """A function that runs one command in this process and gives its exit code."""
    return lambda *arguments: main(["--config", str(folder / "config.toml"), *arguments])


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_run_loads_everything_and_publishes(etl: Etl, capsys: pytest.CaptureFixture[str]) -> None:
    assert etl("run") == OK
    found = lines(capsys)
    assert [line.split()[:2] for line in found[:3]] == [["DONE", "fx"], ["DONE", "directory"], ["DONE", "invoices"]]
    assert found[2] == "DONE invoices 1 rows 0 days"
    assert found[3] == "DONE seats 0 rows 0 days"
    assert found[4].startswith("published warehouse-")


def test_run_of_a_name_loads_only_that(etl: Etl, capsys: pytest.CaptureFixture[str]) -> None:
    assert etl("run", "invoices") == OK
    assert [line.split()[1] for line in lines(capsys)][:-1] == ["invoices"]


def test_a_source_that_fails_makes_exit_code_1_and_the_others_are_published(
    etl: Etl, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "config.toml").write_text("[[chats]]\nsqlite_file = 'none.db'\n", "utf-8")
    assert etl("run") == FAILED
    found = lines(capsys)
    assert [line.split()[0] for line in found] == ["DONE", "DONE", "FAILED", "DONE", "DONE", "published"]
    assert "none.db" in found[2]


def test_status_before_anything_is_published_says_what_to_run(etl: Etl, capsys: pytest.CaptureFixture[str]) -> None:
    assert etl("status") == FAILED
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing is published in " in told.err
    assert told.err.count("\n") == 1


def test_status_tells_of_every_source(etl: Etl, capsys: pytest.CaptureFixture[str]) -> None:
    etl("run", "invoices")
    capsys.readouterr()
    assert etl("status") == OK
    found = lines(capsys)
    assert found[0].startswith("published warehouse-")
    assert found[1:3] == [
        "- directory last success never, 0 rows",
        "- fx last success never, 0 rows",
    ]
    assert found[3].startswith("DONE invoices last success 2")
    assert found[3].endswith(", 30 rows")


def test_publish_makes_a_snapshot_of_what_is_loaded(etl: Etl, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert etl("publish") == OK
    [line] = lines(capsys)
    assert line == f"published {(folder / 'var' / 'current').read_text('utf-8').strip()}"


def test_a_backfill_reads_local_days(
    etl: Etl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(Runner, "backfill", lambda _, *given: asked.extend(given) or [])
    assert etl("backfill", "--from", "2026-10-25", "--to", "2026-10-26") == OK
    assert [str(a) for a in asked] == ["2026-10-24 22:00:00", "2026-10-25 23:00:00", "[]"]


def test_a_backfill_of_an_unknown_source_is_refused(etl: Etl, capsys: pytest.CaptureFixture[str]) -> None:
    assert etl("backfill", "--from", "2026-10-25", "--to", "2026-10-26", "litellm") == USAGE
    assert capsys.readouterr().err == "unknown job litellm; known: none is configured\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "fxx"], "unknown job fxx; known: fx, directory, invoices, seats\n"),
        (
            ["backfill", "--from", "2026-10-02", "--to", "2026-10-01"],
            "--to 2026-10-01 must be after --from 2026-10-02\n",
        ),
    ],
)
def test_wrong_use_is_exit_code_2_and_one_line(
    arguments: list[str], said: str, etl: Etl, capsys: pytest.CaptureFixture[str]
) -> None:
    assert etl(*arguments) == USAGE
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backfill", "--from", "yesterday", "--to", "2026-10-01"], "'yesterday' is not a day like 2026-10-01"),
        (["backfill", "--from", "2026-10-01T12:00", "--to", "2026-10-02"], "is not a day like 2026-10-01"),
        (["fly"], "invalid choice: 'fly'"),
        ([], "the following arguments are required: command"),
    ],
)
def test_arguments_that_are_not_understood_are_exit_code_2(
    arguments: list[str], said: str, etl: Etl, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        etl(*arguments)
    assert ended.value.code == USAGE
    assert said in capsys.readouterr().err


def test_a_missing_secret_is_exit_code_2_and_names_the_variable(
    etl: Etl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_SECRET", "")
    assert etl("run") == USAGE
    assert "environment variable SANDBOX_SECRET is not set" in capsys.readouterr().err


def test_another_time_zone_after_a_load_is_exit_code_2(
    etl: Etl, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    etl("publish")
    build = Build(folder / "var")
    build.connection.execute(
        "insert into fact_chat_turn by name select 'c' as source, 1 as turn_key, timestamp '2026-01-01' as started_at,"
        " date '2026-01-01' as day, 0 as hour, 1 as account_no, 'm' as model, 'm' as workspace_model, false as is_error"
    )
    build.close()
    (folder / "config.toml").write_text("[university]\ntimezone = 'UTC'\n", "utf-8")
    assert etl("run") == USAGE
    assert "days are stored in Europe/Prague" in capsys.readouterr().err


def test_doctor_says_what_is_wrong_and_how_to_mend_it(
    etl: Etl, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert etl("doctor") == OK
    assert lines(capsys)[0] == "OK identity: SANDBOX_SECRET: the secret for pseudonyms is set"
    monkeypatch.setenv("SANDBOX_SECRET", "short")
    assert etl("doctor") == FAILED
    found = lines(capsys)
    assert found[:2] == ["FAIL identity: SANDBOX_SECRET: the secret has only 5 characters", "-> use at least 32"]


def test_what_is_written_is_for_its_owner_alone(etl: Etl, folder: Path) -> None:
    etl("run")
    modes = {f.name: f.stat().st_mode & 0o077 for f in (folder / "var").iterdir()}
    assert set(modes.values()) == {0}
    assert len(modes) >= 3


def test_a_wrong_configuration_ends_the_real_process_with_2_and_one_line(folder: Path) -> None:
    (folder / "config.toml").write_text("[storage]\nfoldr = 'x'\n", "utf-8")
    command = [sys.executable, "-m", "etl", "--config", str(folder / "config.toml"), "run"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == USAGE
    assert ended.stdout == ""
    known = "known: folder, keep_snapshots, memory_limit, threads"
    assert ended.stderr == f"{folder / 'config.toml'}: unknown key storage.foldr; {known}\n"
