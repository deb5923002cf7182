"""A slip in one of the operator's files stops the directory alone: everything else is loaded by what is held."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.__main__ import FAILED, OK, main
from etl.doctor import examine
from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.schedule import task
from etl.sections import Storage
from etl.settings import Settings
from etl.sources.directory import directory_source
from etl.tables import GROUP_MEMBER
from tests.conftest import TEST_SECRET
from tests.etl.builders import MemorySource, chat, gateway, rates, request, turn
from tests.etl.test_run import NOW

Make = Callable[..., Runner]

GOOD = {
    "units.csv": "unit,parent_unit,level,name_cs\nMFF,,faculty,Matfyz\n",
    "domains.csv": "domain;unit\nmff.example.org;MFF\n",
    "groups.csv": "group;unit\nmathematicians;MFF\n",
    "models.csv": "pattern;model;title;family;provider;hosting\nours*;ours;Ours;ours;us;self_hosted\n",
    "calendar.csv": "kind;name_cs;name_en;start;end\nexam;Zkouškové;Exams;2026-01-01;2026-02-01\n",
}
SLIPS = {
    "units.csv": ("unit,parent_unit,level,name_cs\nMFF,nowhere,faculty,Matfyz\n", "units.csv line 2, parent_unit"),
    "domains.csv": ("domain;unit\nnot a domain;MFF\n", "domains.csv line 2, domain"),
    "groups.csv": ("group;unit\nmathematicians;MFF;a;b\n", "groups.csv line 2"),
    "models.csv": ("pattern;model;title;family;provider;hosting\na;b;c;d;e;cloud\n", "models.csv line 2 hosting"),
    "calendar.csv": ("kind;name_cs;name_en;start;end\nexam;a;b;soon;later\n", "calendar.csv line 2"),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a directory without a slip, saved by a Czech Excel."""
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    (tmp_path / "reference").mkdir()
    for name, text in GOOD.items():
        (tmp_path / "reference" / name).write_bytes(text.encode("cp1250"))
    return Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)


@pytest.fixture
def make(settings: Settings, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over the directory's files and in-memory sources."""
    made: list[Runner] = []

    def runner(*sources: MemorySource) -> Runner:
        while made:
            made.pop().close()
        files = directory_source(settings, pseudonyms, settings.base)
        kinds = {"litellm": "gateway", "openwebui": "chat"}
        known = [s.job(kinds.get(s.name, s.name)) for s in (rates(), *sources)]
        known.append(MemorySource.job(files, "directory"))  # type: ignore[arg-type]
        made.append(Runner(settings, Clock(NOW), pseudonyms, known, 0))
        return made[0]

    yield runner
    while made:
        made.pop().close()


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


def test_files_saved_with_semicolons_in_windows_1250_are_all_read(make: Make) -> None:
    member = {"account_key": "ann-chat", "group_name": "mathematicians"}
    runner = make(chat(turn("1", "2026-11-20 10:00", model="ours-1"), groups=[member]))
    assert {o.status for o in runner.run()} == {"DONE"}
    runner.publish()
    assert rows(runner, "select unit, model from usage_daily") == [("MFF", "ours")]
    assert rows(runner, "select name_cs from calendar") == [("Zkouškové",)]


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_fails_the_directory_and_the_others_go_on_with_what_is_held(
    name: str, make: Make, settings: Settings
) -> None:
    member = {"account_key": "ann-chat", "group_name": "mathematicians"}
    talk = chat(turn("1", "2026-11-20 10:00", model="ours-1"), groups=[member])
    make(talk).run()
    make(talk).publish()
    text, place = SLIPS[name]
    (settings.base / "reference" / name).write_text(text, "utf-8")
    talk.rows[GROUP_MEMBER].append({"account_key": "bob-chat", "group_name": "mathematicians"})
    runner = make(talk, gateway(request("1", "2026-11-21 10:00", model="new")))
    found = {o.job: o for o in runner.run()}
    assert {n: o.status for n, o in found.items()} == {
        "fx": "DONE", "chat:openwebui": "DONE", "gateway:litellm": "DONE", "directory": "FAILED",
    }  # fmt: skip
    assert place in found["directory"].message
    runner.publish()
    assert rows(runner, "select unit, model from usage_daily order by day") == [("MFF", "ours"), ("UNKNOWN", "new")]
    assert rows(runner, "select name_cs from calendar") == [("Zkouškové",)]


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_that_was_there_from_the_first_day_lets_the_others_be_loaded(
    name: str, settings: Settings, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.base / "reference" / name).write_text(SLIPS[name][0], "utf-8")
    (settings.base / "config.toml").write_text("", "utf-8")
    (settings.base / "invoices").mkdir()
    assert main(["--config", str(settings.base / "config.toml"), "run"]) == FAILED
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[:3]] == [["DONE", "fx"], ["FAILED", "directory"], ["DONE", "invoices"]]
    assert SLIPS[name][1] in told[1]
    assert told[-1].startswith("published")
    caplog.clear()
    task(settings, ("invoices",))()
    assert not [m for m in caplog.messages if m.startswith("not done")]


@pytest.mark.parametrize("name", SLIPS)
def test_the_doctor_names_the_slip_and_tries_the_others(name: str, settings: Settings) -> None:
    (settings.base / "reference" / name).write_text(SLIPS[name][0], "utf-8")
    found = list(examine(settings))
    failed = [f for source, f in found if f.level == "fail" and source == "directory"]
    assert failed
    assert all(SLIPS[name][1] in f.found and f.remedy for f in failed)
    assert "seats" in dict(found)


def test_without_a_slip_the_real_process_is_content(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    (settings.base / "config.toml").write_text("", "utf-8")
    (settings.base / "invoices").mkdir()
    assert main(["--config", str(settings.base / "config.toml"), "run"]) == OK
    assert "FAILED" not in capsys.readouterr().out
