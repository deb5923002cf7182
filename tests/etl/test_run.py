"""Runs: what is read when, what a failure leaves, and that a run cut short goes on where it stopped."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.errors import ConfigError, LockError, SourceError
from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage, University
from etl.settings import Settings
from etl.sources.base import Window
from etl.tables import CHAT_TURN, REQUEST, Table
from queries.errors import WarehouseError
from tests.etl.builders import MemorySource, Row, chat, directory, gateway, home, rates, request, turn

NOW = datetime(2026, 11, 23, 12)
Make = Callable[..., Runner]


class Watched(MemorySource):
    """A source that remembers which windows of timed rows it was asked for, and can stop in the middle."""

    def __init__(self, *requests: Row) -> None:
        super().__init__("litellm", {REQUEST: list(requests)})
        self.asked: list[Window] = []
        self.stop_after: int | None = None
        self.known: Window | None = None

    def extract(self, table: Table, window: Window) -> Iterator[Any]:
        if self.stop_after is not None and len(self.asked) >= self.stop_after:
            raise SourceError(self.name, table.name, "connection lost")
        self.asked.append(window)
        return super().extract(table, window)

    def bounds(self) -> Window | None:
        return self.known or super().bounds()


@pytest.fixture
def make(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over in-memory sources, after letting go of the one before."""
    made: list[Runner] = []

    def runner(
        *sources: MemorySource, now: datetime = NOW, timezone: str = "Europe/Prague", wait_s: float = 0
    ) -> Runner:
        while made:
            made.pop().close()
        storage = Storage(folder=tmp_path / "var")
        settings = Settings(storage=storage, base=tmp_path, university=University(timezone=timezone))
        kinds = {"litellm": "gateway", "openwebui": "chat"}
        jobs = [source.job(kinds.get(source.name, source.name)) for source in (rates(), *sources)]
        made.append(Runner(settings, Clock(now), pseudonyms, jobs, wait_s))
        return made[0]

    yield runner
    while made:
        made.pop().close()


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


def loaded(runner: Runner) -> list[str]:
    """Days with requests, each as often as it has some."""
    return [day for (day,) in rows(runner, "select strftime(started_at, '%m-%d') from fact_request order by 1")]


def status(runner: Runner, *names: str) -> dict[str, str]:
    return {o.job: o.status for o in runner.run(names)}


def mark(runner: Runner) -> list[tuple[Any, ...]]:
    return rows(runner, "select loaded_through, written_through from ops.watermark")


def test_a_first_load_is_cut_into_pieces_that_leave_no_gap_and_end_a_day_ahead(make: Make) -> None:
    source = Watched(request("1", "2026-08-01 10:00"), request("2", "2026-11-20 10:00"))
    make(source).run()
    ends = [window.end for window in source.asked]
    assert [window.start for window in source.asked] == [datetime(2026, 8, 1, 10), *ends[:-1]]
    assert ends[-2:] == [datetime(2026, 11, 20, 10, 0, 0, 1), NOW + timedelta(days=1)]
    assert max((w.end or NOW) - (w.start or NOW) for w in source.asked[:-1]) == timedelta(days=31)


def test_a_first_load_cut_short_goes_on_where_it_stopped(make: Make) -> None:
    source = Watched(*[request(str(n), f"2026-{n:02}-15 10:00") for n in range(5, 12)])
    source.stop_after = 3
    runner = make(source)
    assert status(runner)["gateway:litellm"] == "FAILED"
    assert loaded(runner) == ["05-15", "06-15", "07-15", "08-15"]
    read, source.stop_after = len(source.asked), None
    runner = make(source)
    assert status(runner)["gateway:litellm"] == "DONE"
    assert loaded(runner) == [f"{n:02}-15" for n in range(5, 12)]
    assert source.asked[read].since is not None
    assert source.asked[read + 1].start == source.asked[read - 1].end


def test_a_row_written_during_a_long_first_load_is_found_by_the_next_run(make: Make) -> None:
    source = Watched(request("1", "2026-11-01 10:00"), request("2", "2026-11-20 10:00"))
    make(source).run()
    source.rows[REQUEST].append(request("3", "2026-11-19 10:00", updated_at=NOW + timedelta(hours=1)))
    runner = make(source, now=NOW + timedelta(hours=2))
    runner.run()
    assert loaded(runner) == ["11-01", "11-19", "11-20"]


@pytest.mark.parametrize(("day", "is_found"), [("2026-11-17 10:00", True), ("2026-11-01 10:00", False)])
def test_late_rows_are_looked_for_within_the_lookback_and_no_further(day: str, is_found: bool, make: Make) -> None:
    source = Watched(request("1", "2026-11-01 09:00"), request("2", "2026-11-18 10:00"))
    make(source).run()
    source.rows[REQUEST].append(request("3", day, updated_at=NOW + timedelta(hours=1)))
    runner = make(source, now=NOW + timedelta(hours=2))
    runner.run()
    assert (len(loaded(runner)) == 3) is is_found


def test_what_the_lookback_misses_a_backfill_brings(make: Make) -> None:
    source = Watched(request("1", "2026-10-01 09:00"), request("2", "2026-11-18 10:00"))
    make(source).run()
    source.rows[REQUEST].append(request("3", "2026-10-01 10:00"))
    runner = make(source)
    before = mark(runner)
    assert [o.rows_read for o in runner.backfill(datetime(2026, 10, 1), datetime(2026, 10, 2))] == [2]
    assert loaded(runner) == ["10-01", "10-01", "11-18"]
    assert mark(runner) == before


def test_a_row_dated_in_the_future_neither_stops_the_load_nor_hides_the_rows_to_come(make: Make) -> None:
    source = Watched(request("1", "2026-11-20 10:00"), request("ahead", "2031-01-01 10:00"))
    runner = make(source)
    assert status(runner)["gateway:litellm"] == "DONE"
    source.rows[REQUEST].append(request("2", "2026-11-23 13:00"))
    runner = make(source, now=NOW + timedelta(hours=2))
    runner.run()
    assert loaded(runner) == ["11-20", "11-23"]
    runner.publish()
    assert rows(runner, "select value from ops.setting where key = 'data_through_day'") == [("2026-11-23",)]
    runner = make(source, now=datetime(2031, 1, 2))
    runner.run()
    assert loaded(runner) == ["01-01", "11-20", "11-23"]


def test_a_clock_some_hours_ahead_is_read_at_once_but_is_not_called_the_last_day(make: Make) -> None:
    runner = make(Watched(request("1", "2026-11-20 10:00"), request("ahead", "2026-11-24 09:00")))
    assert status(runner)["gateway:litellm"] == "DONE"
    runner.publish()
    assert loaded(runner) == ["11-20", "11-24"]
    assert rows(runner, "select value from ops.setting where key = 'data_through_day'") == [("2026-11-20",)]


def test_a_clock_set_back_does_not_read_backwards(make: Make) -> None:
    source = Watched(request("1", "2026-11-20 10:00"))
    make(source).run()
    runner = make(source, now=datetime(2026, 11, 1))
    assert status(runner)["gateway:litellm"] == "DONE"
    assert all(w.start < w.end for w in source.asked if w.start and w.end and w.since is None)
    assert mark(runner)[0][0] == datetime(2026, 11, 20, 10, 0, 0, 1)


def test_a_source_whose_old_rows_were_deleted_keeps_its_mark_and_ours(make: Make) -> None:
    source = Watched(request("1", "2026-10-01 10:00"), request("2", "2026-11-20 10:00"))
    make(source).run()
    source.rows[REQUEST] = [request("0", "2026-11-15 10:00", updated_at=datetime(2026, 11, 15))]
    runner = make(source, now=NOW + timedelta(hours=1))
    runner.run()
    assert loaded(runner) == ["10-01", "11-20"]
    assert mark(runner) == [(datetime(2026, 11, 20, 10, 0, 0, 1), NOW + timedelta(hours=1))]


def test_an_empty_source_is_no_failure_and_leaves_no_mark(make: Make) -> None:
    runner = make(Watched())
    assert status(runner) == {"fx": "DONE", "gateway:litellm": "DONE"}
    assert mark(runner) == []


def test_bounds_with_a_zone_are_understood_as_utc(make: Make) -> None:
    source = Watched(request("1", "2026-11-20 10:00"))
    source.known = Window(datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC))
    runner = make(source)
    runner.run()
    assert mark(runner)[0][0] == datetime(2026, 11, 20, 10, 0, 0, 1)


def test_each_timed_table_has_a_mark_of_its_own(make: Make) -> None:
    rating = {"rating_id": "r", "account_key": "a", "message_id": "m", "rated_at": NOW, "model": "x", "rating": 1}
    runner = make(chat(turn("m", "2026-11-20 10:00"), ratings=[rating]))
    assert status(runner)["chat:openwebui"] == "DONE"
    names = [n for (n,) in rows(runner, "select table_name from ops.watermark order by 1")]
    assert names == ["chat_turn", "rating"]


def test_a_job_is_named_by_itself_its_source_or_its_kind(make: Make) -> None:
    runner = make(Watched(), chat(turn("m", "2026-11-20 10:00")))
    assert list(status(runner, "gateway:litellm")) == ["gateway:litellm"]
    assert list(status(runner, "openwebui", "fx")) == ["fx", "chat:openwebui"]
    assert list(status(runner, "chat")) == ["chat:openwebui"]


def test_an_unknown_name_is_refused_with_the_known_ones_and_nothing_runs(make: Make) -> None:
    runner = make(Watched(request("1", "2026-11-20 10:00")))
    with pytest.raises(ConfigError, match="unknown job litelm; known: fx, gateway:litellm"):
        runner.run(["gateway", "litelm"])
    with pytest.raises(ConfigError, match="unknown job fx; known: gateway:litellm"):
        runner.backfill(NOW - timedelta(days=1), NOW, ["fx"])
    assert rows(runner, "from ops.run") == []


def test_what_an_interrupted_process_left_is_marked_as_failed(make: Make) -> None:
    runner = make()
    left = "insert into ops.run (job, source, status, started_at) values ('x', 'x', 'STARTED', '2026-11-23 10:00')"
    runner.build.connection.execute(left)
    runner = make()
    [(state, finished, message)] = rows(runner, "select status, finished_at, message from ops.run")
    assert (state, finished) == ("FAILED", NOW)
    assert message.startswith("interrupted")


def test_a_run_is_recorded_with_what_it_did_and_how_long_it_took(make: Make) -> None:
    runner = make(Watched(request("1", "2026-11-20 10:00")))
    runner.run()
    [_, run] = rows(runner, "select job, source, status, rows_read, days_changed, message from ops.run order by run_no")
    assert run == ("gateway:litellm", "litellm", "DONE", 1, 1, None)
    [(started, finished)] = rows(runner, "select started_at, finished_at from ops.run where run_no = 2")
    assert started < finished < started + timedelta(minutes=1)
    assert started > NOW


def test_another_time_zone_is_refused_once_something_is_loaded_even_if_nothing_was_published(make: Make) -> None:
    make().run()
    make(timezone="UTC").close()
    make(chat(turn("m", "2026-11-20 10:00")), timezone="UTC").run()
    with pytest.raises(ConfigError, match=r"days are stored in UTC, .*timezone = Europe/Prague; put it back"):
        make()
    make(timezone="UTC")


def test_a_refused_start_lets_go_of_the_build(make: Make) -> None:
    make(chat(turn("m", "2026-11-20 10:00"))).run()
    with pytest.raises(ConfigError):
        make(timezone="UTC")
    assert status(make())["fx"] == "DONE"


def test_an_unexpected_error_is_an_outcome_that_quotes_nothing_of_it(make: Make) -> None:
    def burst(table: Table) -> None:
        raise RuntimeError("row of ann@cuni.cz: a secret prompt")

    source = gateway(*[request(str(n), "2026-11-20 10:00") for n in range(3)])
    source.failure = burst
    [failed] = make(source).run(["gateway"])
    assert failed.status == "FAILED"
    assert failed.message == "unexpected RuntimeError; run with --debug to see where"


def test_an_address_in_an_expected_error_is_masked(make: Make) -> None:
    def refuse(table: Table) -> None:
        raise SourceError("litellm", "row 3", "no such user ann@cuni.cz")

    source = gateway(*[request(str(n), "2026-11-20 10:00") for n in range(3)])
    source.failure = refuse
    [failed] = make(source).run(["gateway"])
    assert failed.message == "litellm: row 3: no such user …@…"


def test_days_of_a_backfill_are_local_also_when_clocks_change(make: Make) -> None:
    source = Watched(request("1", "2026-11-20 10:00"))
    make(source).run()
    instants = ["2026-10-24 21:59", "2026-10-24 22:00", "2026-10-25 22:59", "2026-10-25 23:00"]
    source.rows[REQUEST] += [request(i, i) for i in instants]
    runner = make(source)
    zone = runner.settings.university.zone
    start, end = (datetime(2026, 10, d, tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for d in (25, 26))
    assert (start, end) == (datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 23))
    [outcome] = runner.backfill(start, end)
    assert outcome.rows_read == 2
    assert rows(runner, "select day, count(*) from fact_request group by day order by 1") == [
        (date(2026, 10, 25), 2),
        (date(2026, 11, 20), 1),
    ]


def test_a_failing_snapshot_of_people_keeps_the_old_ones(make: Make) -> None:
    people = directory(home("ann", "MFF"))
    source = Watched(request("1", "2026-11-20 10:00"))
    make(people, source).run()
    people.rows = {table: [] for table in people.rows}

    def cut(table: Table, window: Window) -> Iterator[Any]:
        raise SourceError("directory", table.name, "disk error")

    people.extract = cut  # type: ignore[method-assign]
    runner = make(people, source)
    assert status(runner)["directory"] == "FAILED"
    assert rows(runner, "select distinct unit from usage_daily") == [("MFF",)]


def test_a_build_held_by_another_process_is_waited_for_and_then_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl import run

    tries: list[float] = []

    def held(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise run.HeldError("held by PID 1")

    monkeypatch.setattr(run, "Build", held)
    with pytest.raises(LockError, match=r"another process held the build for 0\.3 s: held by PID 1"):
        make(wait_s=0.3)
    assert len(tries) == 2


def test_a_build_that_is_no_database_is_not_waited_for(make: Make, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "build.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match="can't be opened"):
        make(wait_s=60)


def test_a_table_the_source_does_not_have_is_not_asked_for(make: Make) -> None:
    source = Watched(request("1", "2026-11-20 10:00"))
    assert CHAT_TURN not in source.tables
    assert status(make(source))["gateway:litellm"] == "DONE"
