"""A short run of the robustness scripts, and that what they look for would be found."""

from contextlib import closing
from pathlib import Path

import pytest

from queries.warehouse import Build
from tests.robustness import disk, kill, truth, world


@pytest.mark.slow
def test_a_loading_process_killed_at_random_moments_loses_and_tears_nothing(tmp_path: Path) -> None:
    tally = kill.trial(tmp_path, times=5, seed=5)
    assert tally.struck.total() == 5
    assert (tally.lost, tally.inconsistent) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [300, 1600])
def test_a_full_disk_tears_nothing_says_so_and_the_next_run_completes(kilobytes: int, tmp_path: Path) -> None:
    assert disk.trial(tmp_path, kilobytes * 1024) == (True, [])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one round loaded and published."""
    folder = tmp_path_factory.mktemp("robustness")
    with closing(world.runner(folder, 0)) as runner:
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        runner.publish()
    return folder


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("select 1", []),
        (
            "delete from usage_daily where day = (select max(day) from usage_daily)",
            ["gateway_days_agree", "marts_agree", "metered_days_agree", "usage_adds_up"],
        ),
        ("insert into fact_request from fact_request limit 1", ["request_twice", "usage_adds_up"]),
        ("insert into ops.dirty_day values ('2026-06-05')", ["1 dirty days"]),
    ],
)
def test_a_torn_build_is_recognised(damage: str, found: list[str], loaded: Path) -> None:
    with closing(Build(loaded)) as build:
        build.connection.execute("begin")
        build.connection.execute(damage)
        assert [what.partition(":")[0] for what in truth.torn(build)] == found
        build.connection.execute("rollback")


def test_a_row_that_is_missing_or_there_twice_is_recognised(loaded: Path) -> None:
    with closing(Build(loaded)) as build:
        [(count,)] = build.connection.execute("select count(*) from fact_request").fetchall()
        assert truth.incomplete(build, count) == []
        assert truth.incomplete(build, count + 1) == [f"{count + 1} rows were acknowledged, {count} are there"]
        build.connection.execute("begin")
        build.connection.execute("insert into fact_request from fact_request limit 3")
        assert truth.incomplete(build, count) == ["3 rows are there twice"]
        build.connection.execute("rollback")


def test_a_difference_to_a_clean_load_is_recognised(loaded: Path, tmp_path: Path) -> None:
    assert truth.differences(loaded, tmp_path / "clean", 0) == []
    assert "requests" in truth.differences(loaded, tmp_path / "clean", 1)


def test_a_snapshot_that_does_not_add_up_is_recognised(loaded: Path, tmp_path: Path) -> None:
    assert truth.snapshot_torn(loaded) == []
    (tmp_path / "build.duckdb").write_bytes((loaded / "build.duckdb").read_bytes())
    with closing(Build(tmp_path)) as build:
        build.connection.execute("delete from usage_hourly where day = (select min(day) from usage_hourly)")
        build.publish()
    [found] = truth.snapshot_torn(tmp_path)
    assert "hourly" in found
