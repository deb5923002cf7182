"""Orders from the pages: each is carried out once, and what became of it is published."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from apscheduler.schedulers.blocking import BlockingScheduler

from etl import inbox, schedule
from etl.identity import Pseudonyms
from etl.inbox import carry_out
from etl.load import Clock
from etl.run import Runner
from etl.schedule import scheduler, watch_inbox
from etl.sections import Storage
from etl.settings import Settings
from queries.inbox import Outcome, outcome_of, pending, put
from tests.etl.builders import rates

NOW = datetime(2026, 11, 23, 12)
TRAINING = {"day": "2026-11-02", "kind": "training", "name_cs": "Školení knihovníků", "name_en": "Librarians' training"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a storage folder."""
    return Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)


@pytest.fixture
def runner(settings: Settings, pseudonyms: Pseudonyms) -> Iterator[Runner]:
    """A Runner whose only job is that of the exchange rates."""
    made = Runner(settings, Clock(NOW), pseudonyms, [rates().job("fx")])
    yield made
    made.close()


def folder(runner: Runner) -> Path:
    return runner.settings.path(runner.settings.storage.folder)


def place(runner: Runner, kind: str, values: dict[str, str], seconds: int = 0) -> str:
    return put(folder(runner), kind, "ann", values, NOW - timedelta(minutes=1) + timedelta(seconds=seconds))


def published(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    """Rows of a new snapshot."""
    file = folder(runner) / runner.publish()
    with duckdb.connect(str(file), read_only=True) as snapshot:
        return snapshot.execute(text).fetchall()


def test_a_job_is_run_again_and_the_outcome_is_published(runner: Runner) -> None:
    order_id = place(runner, "run", {"job": "fx"})
    assert carry_out(runner) == 1
    assert pending(folder(runner)) == []
    assert outcome_of(folder(runner), order_id) == Outcome("DONE", "1 rows read, 0 days changed")
    said = published(runner, "select kind, subject, asked_by, asked_at, done_at, status from order_done")
    assert said == [("run", "fx", "ann", NOW - timedelta(minutes=1), NOW, "DONE")]
    assert published(runner, "select job, status from run") == [("fx", "DONE")]


def test_an_annotation_entered_on_a_page_stands_beside_those_of_the_file(runner: Runner) -> None:
    runner.build.connection.execute("insert into annotation values ('2026-10-01', 'launch', 'a', 'b')")
    place(runner, "annotation", TRAINING)
    carry_out(runner)
    assert published(runner, "select kind, name_cs, name_en from annotation") == [
        ("launch", "a", "b"),
        ("training", "Školení knihovníků", "Librarians' training"),
    ]


def test_an_annotation_entered_twice_stands_once_and_can_be_removed(runner: Runner) -> None:
    for second, more in enumerate(({}, {"name_en": "Again"}, {"remove": "yes"})):
        place(runner, "annotation", TRAINING | more, second)
    carry_out(runner)
    assert published(runner, "select * from annotation") == []
    assert published(runner, "select message from order_done where status = 'DONE' order by asked_at") == [
        ("annotation of 2026-11-02 kept",),
        ("annotation of 2026-11-02 kept",),
        ("annotation of 2026-11-02 removed",),
    ]


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("run", {"job": "nowhere"}, "unknown job nowhere; known: fx"),
        ("annotation", TRAINING | {"day": "soon"}, "found 'soon'; allowed: a day"),
        ("annotation", TRAINING | {"kind": "party"}, "allowed: training, launch, outage, other"),
        ("annotation", TRAINING | {"name_cs": " "}, "allowed: 1 to 80 characters"),
        ("annotation", TRAINING | {"name_cs": "x" * 81}, "allowed: 1 to 80 characters"),
        ("annotation", TRAINING | {"remove": "yes"}, "one that was entered on a page"),
    ],
)
def test_a_wrong_order_is_refused_with_the_choices_and_the_next_one_is_done(
    runner: Runner, kind: str, values: dict[str, str], said: str
) -> None:
    wrong, right = place(runner, kind, values), place(runner, "run", {"job": "fx"}, 1)
    carry_out(runner)
    refused, done = (outcome_of(folder(runner), order) for order in (wrong, right))
    assert refused
    assert refused.status == "FAILED"
    assert said in refused.message
    assert done == Outcome("DONE", "1 rows read, 0 days changed")


def test_an_order_is_not_carried_out_twice_when_its_file_outlived_it(runner: Runner) -> None:
    order_id = place(runner, "annotation", TRAINING)
    file = folder(runner) / "inbox" / f"{order_id}.json"
    text = file.read_bytes()
    carry_out(runner)
    runner.build.connection.execute("delete from annotation_entered")
    file.write_bytes(text)
    carry_out(runner)
    assert published(runner, "select * from annotation") == []
    assert not file.exists()
    assert len(published(runner, "select * from order_done")) == 1


def test_a_handler_that_breaks_does_not_leave_its_order_to_come_again(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("somebody@example.org")

    monkeypatch.setitem(inbox.HANDLERS, "run", broken)
    order_id = place(runner, "run", {"job": "fx"})
    carry_out(runner)
    found = outcome_of(folder(runner), order_id)
    assert found
    assert found.message.startswith("unexpected ValueError")


def test_no_address_is_kept_with_an_order(runner: Runner) -> None:
    put(folder(runner), "run", "ann@cuni.cz", {"job": "ann@cuni.cz"}, NOW)
    carry_out(runner)
    [row] = published(runner, "select asked_by, subject, message from order_done")
    assert row[:2] == ("…@…", "…@…")
    assert "ann" not in row[2]


def test_the_scheduler_carries_out_an_order_soon_and_asks_for_it_once(
    settings: Settings, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    made = scheduler(settings)
    monkeypatch.setattr(schedule, "Runner", lambda s: Runner(s, Clock(NOW), pseudonyms, [rates().job("fx")]))
    monkeypatch.setattr(made, "add_job", remembering(made.add_job, asked))
    watch_inbox(made, settings)
    look = added(made, "inbox")
    look()
    assert asked == ["inbox"]
    var = settings.path(settings.storage.folder)
    var.mkdir()
    put(var, "run", "ann", {"job": "fx"}, NOW)
    look()
    look()
    assert asked == ["inbox", "orders"]
    added(made, "orders")()
    assert pending(var) == []
    put(var, "run", "ann", {"job": "fx"}, NOW)
    look()
    assert asked == ["inbox", "orders", "orders"]


def added(made: BlockingScheduler, name: str) -> Callable[[], None]:
    """What the job of that name does, in a scheduler that has not started."""
    found: Callable[[], None] = next(job.func for job in made.get_jobs() if job.id == name)
    return found


def remembering(add: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    """`add`, noting the ids of the jobs."""

    def noted(*arguments: Any, **options: Any) -> Any:
        asked.append(options["id"])
        return add(*arguments, **options)

    return noted
