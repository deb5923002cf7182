"""The scheduler: when jobs run, that one runs at a time, and that a crash leaves nothing locked."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from etl import schedule
from etl.errors import ConfigError, LockError
from etl.schedule import held, scheduler, task
from etl.sections import Chat, Gateway, Schedule, Storage
from etl.settings import Settings
from etl.when import trigger
from tests.conftest import TEST_SECRET

PRAGUE = ZoneInfo("Europe/Prague")
REPOSITORY = Path(__file__).parents[2]


def fires(text: str, start: str, count: int) -> list[str]:
    """The next times on a Prague wall, each asked for as the scheduler does, just after the one before."""
    when, now, previous, found = trigger(text, "Europe/Prague"), datetime.fromisoformat(start), None, []
    now = now.replace(tzinfo=PRAGUE)
    for _ in range(count):
        previous = when.get_next_fire_time(previous, now)
        now = previous + timedelta(microseconds=1)
        found.append(f"{previous.astimezone(PRAGUE):%m-%d %H:%M %Z}")
    return found


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("15m", 900), ("2h", 7200), ("1d", 86400)])
def test_an_interval_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert trigger(text, "Europe/Prague").interval == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "0m", "1.5h", "m", "15 m", "* * * *", "61 * * * *", "* * 1 * 1", "* * * * 8", "* * * * x"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        trigger(text, "Europe/Prague")


def test_a_cron_line_is_in_the_universitys_zone_on_both_sides_of_a_change_of_clocks() -> None:
    assert fires("40 14 * * *", "2026-10-24 00:00", 3) == ["10-24 14:40 CEST", "10-25 14:40 CET", "10-26 14:40 CET"]
    assert fires("30 3 * * *", "2027-03-27 00:00", 3) == ["03-27 03:30 CET", "03-28 03:30 CEST", "03-29 03:30 CEST"]


def test_a_time_that_clocks_show_twice_fires_once() -> None:
    assert fires("30 2 * * *", "2026-10-24 12:00", 3) == ["10-25 02:30 CEST", "10-26 02:30 CET", "10-27 02:30 CET"]


def test_a_time_that_clocks_skip_fires_an_hour_later() -> None:
    assert fires("30 2 * * *", "2027-03-27 12:00", 3) == ["03-28 03:30 CEST", "03-29 02:30 CEST", "03-30 02:30 CEST"]


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", "Sun"),
        ("7", "Sun"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("sat,sun", "Sat Sun"),
        ("fri-mon", "Mon Fri Sat Sun"),
        ("*/3", "Wed Sat Sun"),
        ("1-5/2", "Mon Wed Fri"),
    ],
)
def test_weekdays_are_those_of_cron(field: str, days: str) -> None:
    start = "2026-11-22 12:00"  # a Sunday, after the line's time
    wanted = set(days.split())
    found = [datetime.strptime(f"2026-{f[:5]}", "%Y-%m-%d") for f in fires(f"0 3 * * {field}", start, len(wanted))]
    assert [f"{day:%a}" for day in sorted(found)] == days.split()
    assert max(found) <= datetime(2026, 11, 29)


def test_a_line_that_never_comes_true_never_fires() -> None:
    assert trigger("0 0 30 2 *", "UTC").get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_missed_times_are_counted_from_the_last_one_so_that_they_can_be_run_as_one() -> None:
    when, last = trigger("0 * * * *", "UTC"), datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert when.get_next_fire_time(last, datetime(2026, 11, 23, 9, tzinfo=UTC)) == last + timedelta(hours=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A gateway and a chat that are never reached."""
    return Settings(
        storage=Storage(folder=tmp_path / "var"),
        gateways=(Gateway(database_url_env="NO_SUCH_DATABASE"),),
        chats=(Chat(sqlite_file=tmp_path / "none.db"),),
        base=tmp_path,
    )


def test_every_kind_has_a_job_and_one_that_nothing_is_configured_for_has_none(settings: Settings) -> None:
    names = {job.id for job in scheduler(settings).get_jobs()}
    assert names == {"fx", "directory", "gateway", "chat", "invoices", "seats", "reconcile"}
    bare = settings.model_copy(update={"gateways": (), "chats": ()})
    assert {job.id for job in scheduler(bare).get_jobs()} == {"fx", "directory", "invoices", "seats"}


Served = Callable[[dict[str, str], Callable[[str], None], float], None]


@pytest.fixture
def served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A function that runs the real scheduler for some seconds with other schedules and another task."""

    def serve(when: dict[str, str], do: Callable[[str], None], seconds: float) -> None:
        def made(_: Settings, kinds: tuple[str, ...], *, again: bool = False) -> Callable[[], None]:
            return lambda: do(kinds[0] if kinds else "reconcile")

        monkeypatch.setattr(schedule, "task", made)
        running = scheduler(settings.model_copy(update={"schedule": Schedule(**{**NEVER, **when})}))
        thread = threading.Thread(target=running.start)
        thread.start()
        time.sleep(seconds)
        running.shutdown()
        thread.join()

    return serve


NEVER = dict.fromkeys(("gateway", "chat", "directory", "invoices", "seats", "fx", "reconcile"), "30d")


@pytest.mark.slow
def test_jobs_never_overlap_and_times_missed_meanwhile_are_run_as_one(served: Served) -> None:
    began: list[str] = []
    at_once: list[int] = []
    inside = threading.Lock()
    free = threading.Event()

    def slow(kind: str) -> None:
        at_once.append(inside.acquire(blocking=False))
        began.append(kind)
        if kind == "gateway":
            free.wait(3)
        inside.release()

    served({"gateway": "1s", "chat": "1s"}, slow, 4.5)
    free.set()
    assert set(at_once) == {True}
    assert {"gateway", "chat"} <= set(began)
    assert began.count("chat") <= 2


def test_a_job_that_is_late_by_hours_still_runs(settings: Settings) -> None:
    running, ran, now = scheduler(settings), set[int](), datetime.now(UTC)
    for hours in (1, 5, 7):
        running.add_job(ran.add, "date", args=[hours], run_date=now - timedelta(hours=hours))
    thread = threading.Thread(target=running.start)
    thread.start()
    time.sleep(0.5)
    running.shutdown()
    thread.join()
    assert ran == {1, 5}


def test_one_process_holds_the_lock_and_the_next_is_told_who(tmp_path: Path) -> None:
    file = tmp_path / "var" / "scheduler.lock"
    with held(file), pytest.raises(LockError, match=r"another scheduler is running \(pid \d+ since 2"), held(file):
        pass
    with held(file):
        assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that needs nothing from outside."""
    file = tmp_path / "config.toml"
    file.write_text("[storage]\nfolder = 'var'\n", "utf-8")
    return file


@pytest.fixture
def start(config: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """A function that starts `python -m etl serve` in a process of its own; all are ended after the test."""
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    started: list[subprocess.Popen[str]] = []

    def serve() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "etl", "--config", str(config), "serve", "--no-first-run"]
        # tests that run in the background of a shell ignore SIGINT, and what they start would too
        listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(  # the tests have no threads that a fork could leave a lock of
            command,
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=listening,  # noqa: PLW1509
        )
        started.append(process)
        return started[-1]

    yield serve
    for process in started:
        process.kill()
        process.communicate()


def holder(config: Path) -> int:
    """The process that says it holds the lock; waits for it."""
    file = config.parent / "var" / "scheduler.lock"
    for _ in range(200):
        if file.exists() and (text := file.read_text("utf-8")):
            return int(text.split()[1])
        time.sleep(0.1)
    raise TimeoutError("no scheduler took the lock within 20 s")


@pytest.mark.slow
def test_of_schedulers_started_at_the_same_time_exactly_one_runs(start: Any, config: Path) -> None:
    processes = [start() for _ in range(3)]
    running = holder(config)
    losers = [p for p in processes if p.pid != running]
    assert len(losers) == 2
    for process in losers:
        assert "another scheduler is running" in process.communicate(timeout=30)[1]
        assert process.returncode == 1
    assert [p.pid for p in processes if p.poll() is None] == [running]


@pytest.mark.slow
def test_a_scheduler_that_was_killed_leaves_the_lock_free(start: Any, config: Path) -> None:
    killed = start()
    assert holder(config) == killed.pid
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (config.parent / "var" / "scheduler.lock").write_text("", "utf-8")
    heir = start()
    assert holder(config) == heir.pid
    heir.send_signal(signal.SIGINT)
    assert "Traceback" not in heir.communicate(timeout=30)[1]


def test_what_a_task_can_not_do_is_logged_and_left_to_the_next_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise LockError("another process held the build")

    monkeypatch.setattr(schedule, "Runner", refuse)
    task(settings, ())()
    assert caplog.messages == ["not done: another process held the build"]


def test_without_a_secret_nothing_is_served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_SECRET", raising=False)
    with pytest.raises(ConfigError, match="SANDBOX_SECRET is not set"):
        schedule.serve(settings)


def test_a_task_runs_its_kinds_publishes_and_lets_go(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    caplog.set_level(logging.INFO)
    task(settings, ("fx", "invoices"))()
    assert [m.split()[:2] for m in caplog.messages if " rows=" in m] == [["fx", "DONE"], ["invoices", "DONE"]]
    assert caplog.messages[-1].startswith("published warehouse-")
    task(settings, (), again=True)()
    assert [m.split()[0] for m in caplog.messages if "FAILED" in m] == ["gateway:litellm", "chat:openwebui"]
