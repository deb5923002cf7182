"""Loading bit by bit gives the same facts and marts as loading all at once."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from etl.load import Clock
from etl.run import Runner
from etl.settings import load
from tests.truth.systems import Systems, day_of, instant, small_world

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LAST_DAY, DAYS, SEED = date(2026, 11, 9), 40, 5
# Every fact and mart with the numbers that stand for accounts, keys and persons put back into what they stand for.
TABLES = {
    "fact_request": """
        select
            f.* exclude (key_no, user_account_no, end_user_account_no),
            k.api_key_key, u.account_key, e.account_key as end_user
        from fact_request as f
        left join api_key as k on k.key_no = f.key_no
        left join account as u on u.account_no = f.user_account_no
        left join account as e on e.account_no = f.end_user_account_no
    """,
    "fact_chat_turn": """
        select f.* exclude (account_no), a.account_key
        from fact_chat_turn as f
        join account as a on a.account_no = f.account_no
    """,
    "fact_rating": """
        select f.* exclude (account_no), a.account_key
        from fact_rating as f
        join account as a on a.account_no = f.account_no
    """,
    "fact_invoice_line": "select * from fact_invoice_line",
    "fact_invoice_day": "select * from fact_invoice_day",
    "usage_daily": """
        select u.* exclude (person_no), p.person_key
        from usage_daily as u
        left join person as p on p.person_no = u.person_no
    """,
    "person_daily": """
        select d.* exclude (person_no), p.person_key
        from person_daily as d
        join person as p on p.person_no = d.person_no
    """,
    "active_daily": "select * from active_daily",
    "active_bits": """
        select b.day, b.dimension, b.member, p.person_key
        from active_bits as b
        join person as p on p.bit_no is not null and get_bit(b.persons, p.bit_no) = 1
    """,
    "rating_daily": "select * from rating_daily",
    "usage_hourly": "select * from usage_hourly",
    "coverage_daily": "select * from coverage_daily",
    "latency_daily": "select * from latency_daily",
    "error_daily": "select * from error_daily",
    "key_daily": """
        select d.* exclude (key_no), k.source, k.api_key_key
        from key_daily as d
        left join api_key as k on k.key_no = d.key_no
    """,
    "budget": "select * from budget",
    "annotation": "select * from annotation",
    "target": "select * from target",
    "price_listed": "select * from price_listed",
}


def contents(folder: Path) -> dict[str, list[str]]:
    """{table: its rows as sorted texts} of the build in a folder."""
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return {name: sorted(map(repr, connection.execute(text).fetchall())) for name, text in TABLES.items()}


def all_at_once(systems: Systems, clock: Clock, folder: Path) -> dict[str, list[str]]:
    """What one run over the systems as they are now loads into a new folder."""
    settings = load(systems.folder / "config.toml")
    fresh = settings.model_copy(update={"storage": settings.storage.model_copy(update={"folder": folder})})
    runner = Runner(fresh, clock=clock)
    assert [o.message for o in runner.run() if o.status != "DONE"] == []
    runner.close()
    return contents(folder)


def test_many_small_runs_give_the_same_as_one_over_everything(
    tmp_path: Path, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small_world(LAST_DAY, DAYS, seed=SEED)
    url = new_database("incremental")
    monkeypatch.setenv("DEMO_GATEWAY_URL", url)
    monkeypatch.setenv("DEMO_SECRET", "incremental-secret-incremental-secret")
    systems = Systems(tmp_path, url, world, seed=SEED)
    for day, hour in ((11, 10), (12, 10), (12, 11), (20, 3), (31, 23), (39, 12), (40, 12), (45, 12), (45, 12)):
        now = instant(world, day_of(world, 0) + timedelta(days=day), hour)
        systems.grow(now, is_last=day == 45)
        runner = Runner(load(systems.folder / "config.toml"), clock=Clock(now))
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        runner.close()

    bit_by_bit = contents(tmp_path / "var")
    at_once = all_at_once(systems, Clock(now), tmp_path / "var-at-once")

    assert {name: len(rows) > 0 for name, rows in bit_by_bit.items()} == dict.fromkeys(TABLES, True)
    for name in TABLES:
        assert bit_by_bit[name] == at_once[name], name


def test_a_second_backfill_over_everything_changes_no_fact(
    tmp_path: Path, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small_world(LAST_DAY, 12, seed=SEED)
    url = new_database("backfill")
    monkeypatch.setenv("DEMO_GATEWAY_URL", url)
    monkeypatch.setenv("DEMO_SECRET", "incremental-secret-incremental-secret")
    systems = Systems(tmp_path, url, world, seed=SEED)
    now = instant(world, LAST_DAY + timedelta(days=5), 12)
    systems.grow(now, is_last=True)
    runner = Runner(load(systems.folder / "config.toml"), clock=Clock(now))
    runner.run()
    runner.close()
    before = contents(tmp_path / "var")
    systems.forget_requests(instant(world, day_of(world, 4), 0))  # what the gateway has deleted since stays
    runner = Runner(load(systems.folder / "config.toml"), clock=Clock(now))
    outcomes = runner.backfill(instant(world, day_of(world, 0), 0), now)
    runner.close()

    assert [(o.status, o.days_changed) for o in outcomes] == [("DONE", 0), ("DONE", 0)]
    assert contents(tmp_path / "var") == before
