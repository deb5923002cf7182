"""Loading: the facts and marts that follow from landing rows, whatever the order they arrive in."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.tables import REQUEST
from tests.etl.builders import MemorySource, chat, directory, gateway, home, rates, request, turn, unit, usd

NOW = datetime(2026, 11, 23, 12)
Make = Callable[..., Runner]


@pytest.fixture
def make(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over in-memory sources; closed after the test."""
    made: list[Runner] = []

    def runner(*sources: tuple[str, MemorySource], now: datetime = NOW) -> Runner:
        for open_one in made:
            open_one.close()
        made.clear()
        settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
        jobs = [source.job(kind) for kind, source in sources]
        made.append(Runner(settings, Clock(now), pseudonyms, jobs))
        return made[0]

    yield runner
    for left in made:
        left.close()


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


def ran(runner: Runner) -> None:
    assert [o.message for o in runner.run() if o.status != "DONE"] == []


USAGE = "select day::varchar, unit, requests, user_requests, metered_usd, metered_czk from usage_daily order by all"


def test_a_request_is_paid_by_its_persons_unit_at_the_days_rate(make: Make) -> None:
    runner = make(
        ("fx", rates()),
        ("directory", directory(home("ann", "MFF"))),
        ("gateway", gateway(request("1", "2026-10-05 10:00"))),
    )
    ran(runner)
    assert rows(runner, USAGE) == [("2026-10-05", "MFF", 1, 1, Decimal("0.01"), Decimal("0.2"))]


def test_the_directory_may_arrive_after_the_requests(make: Make) -> None:
    source = gateway(request("1", "2026-10-05 10:00"))
    ran(make(("fx", rates()), ("gateway", source)))
    runner = make(("fx", rates()), ("directory", directory(home("ann", "MFF"))), ("gateway", source))
    ran(runner)
    assert [r[1] for r in rows(runner, USAGE)] == ["MFF"]


def test_nobody_known_pays_under_unknown(make: Make) -> None:
    runner = make(("fx", rates()), ("gateway", gateway(request("1", "2026-10-05 10:00"))))
    ran(runner)
    assert [r[1] for r in rows(runner, USAGE)] == ["UNKNOWN"]


def test_a_double_affiliation_splits_exactly_and_the_primary_unit_keeps_the_remainder(make: Make) -> None:
    people = directory(home("ann", "MFF", "2"), home("ann", "FF", "1"))
    asked = [request(str(n), "2026-10-05 10:00", metered_usd=Decimal("0.000000000001")) for n in range(4)]
    runner = make(("fx", rates()), ("directory", people), ("gateway", gateway(*asked)))
    ran(runner)
    assert [r[1:5] for r in rows(runner, USAGE)] == [
        ("FF", 1, 1, Decimal("0.000000000001")),
        ("MFF", 3, 3, Decimal("0.000000000003")),
    ]
    assert rows(runner, "select member, dau from active_daily where dimension = 'unit' order by 1") == [
        ("FF", 1),
        ("MFF", 1),
        ("UK", 1),
    ]


def test_a_day_is_a_local_day_also_when_clocks_change(make: Make) -> None:
    moments = ["2026-10-24 22:00", "2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 22:59", "2026-10-25 23:00"]
    runner = make(("fx", rates()), ("gateway", gateway(*[request(m, m) for m in moments])))
    ran(runner)
    assert rows(runner, "select day::varchar, requests from usage_daily order by 1") == [
        ("2026-10-25", 4),
        ("2026-10-26", 1),
    ]
    assert rows(runner, "select hour, user_requests from usage_hourly where day = '2026-10-25' order by 1") == [
        (0, 1),
        (2, 2),
        (23, 1),
    ]


def test_loading_again_changes_nothing(make: Make) -> None:
    sources = (
        ("fx", rates()),
        ("directory", directory(home("ann", "MFF"))),
        ("gateway", gateway(request("1", "2026-10-05 10:00"))),
    )
    ran(make(*sources))
    runner = make(*sources)
    assert [o.days_changed for o in runner.run()] == [0, 0, 0]
    assert len(rows(runner, "from fact_request")) == 1


def test_a_late_row_within_the_lookback_is_found_and_only_its_day_is_rebuilt(make: Make) -> None:
    source = gateway(request("1", "2026-11-20 10:00"), request("2", "2026-11-23 10:00"))
    ran(make(("fx", rates()), ("gateway", source)))
    late = request("3", "2026-11-22 10:00", updated_at=datetime(2026, 11, 23, 13))
    source.rows[REQUEST].append(late)
    runner = make(("fx", rates()), ("gateway", source), now=datetime(2026, 11, 23, 14))
    assert [o.days_changed for o in runner.run()] == [0, 1]
    assert len(rows(runner, "from fact_request")) == 3


def test_rows_the_source_has_lost_stay(make: Make) -> None:
    source = gateway(request("1", "2026-11-22 10:00"), request("2", "2026-11-23 10:00"))
    ran(make(("fx", rates()), ("gateway", source)))
    source.rows[REQUEST].clear()
    runner = make(("fx", rates()), ("gateway", source))
    ran(runner)
    assert len(rows(runner, "from fact_request")) == 2


def test_a_changed_row_replaces_the_old_one(make: Make) -> None:
    source = gateway(request("1", "2026-11-23 10:00"))
    ran(make(("fx", rates()), ("gateway", source)))
    source.rows[REQUEST] = [request("1", "2026-11-23 10:00", metered_usd=Decimal("0.5"), updated_at=NOW)]
    runner = make(("fx", rates()), ("gateway", source))
    ran(runner)
    assert rows(runner, "select metered_usd from usage_daily") == [(Decimal("0.5"),)]


def test_a_source_cut_off_in_mid_read_keeps_nothing_of_the_piece_and_leaves_the_others_alone(make: Make) -> None:
    def cut(table: object) -> None:
        raise SourceError("litellm", "request", "connection lost")

    source = gateway(*[request(str(n), "2026-11-23 10:00") for n in range(5)])
    source.failure = cut
    runner = make(("fx", rates()), ("gateway", source), ("chat", chat(turn("m", "2026-11-23 10:00"))))
    outcomes = {o.job: o.status for o in runner.run()}
    assert outcomes == {"fx": "DONE", "gateway:litellm": "FAILED", "chat:openwebui": "DONE"}
    assert rows(runner, "from fact_request") == []
    source.failure = None
    ran(runner)
    assert len(rows(runner, "from fact_request")) == 5


def test_a_cost_without_any_rate_is_refused_and_nothing_of_it_is_kept(make: Make) -> None:
    runner = make(("fx", rates(usd("2026-12-01"))), ("gateway", gateway(request("1", "2026-11-23 10:00"))))
    failed = [o for o in runner.run() if o.status == "FAILED"]
    assert [o.job for o in failed] == ["gateway:litellm"]
    assert "rate_missing" in failed[0].message
    assert "remedy" in failed[0].message
    assert rows(runner, "from fact_request") == []


def test_a_turn_counts_once_whether_the_gateway_or_the_chat_arrives_first(make: Make) -> None:
    seen = gateway(request("1", "2026-11-23 10:00", is_chat_ui=True, end_user_key="ann", user_key=None))
    turns = chat(turn("m", "2026-11-23 10:00", model="gpt-5.5"), turn("n", "2026-11-23 10:01"))
    orders = [[("chat", turns), ("gateway", seen)], [("gateway", seen), ("chat", turns)]]
    counted = []
    for order in orders:
        runner = make(("fx", rates()), *order)
        ran(runner)
        counted.append(rows(runner, "select origin, model, requests from usage_daily order by 1"))
    assert counted[0] == counted[1]
    assert [(c[0], c[2]) for c in counted[0]] == [("chat_ui", 1), ("gateway", 1)]


def test_the_same_human_under_two_accounts_is_one_person(make: Make) -> None:
    accounts = [{"account_key": "ann-chat", "person_key": "ann", "is_pending": False, "is_service": False}]
    runner = make(
        ("fx", rates()),
        ("chat", chat(turn("n", "2026-11-23 10:01"), accounts=accounts)),
        ("gateway", gateway(request("1", "2026-11-23 10:00"))),
    )
    ran(runner)
    assert rows(runner, "select dau, wau, mau from active_daily where member = 'UK'") == [(1, 1, 1)]


def test_mau_holds_for_28_days_and_no_longer(make: Make) -> None:
    asked = [
        request("1", "2026-10-01 10:00"),
        request("2", "2026-10-29 10:00", user_key="bob"),
        request("3", "2026-10-30 10:00", user_key="bob"),
    ]
    runner = make(("fx", rates()), ("gateway", gateway(*asked)))
    ran(runner)
    found = {
        r[0]: r[1:] for r in rows(runner, "select day::varchar, dau, wau, mau from active_daily where member = 'UK'")
    }
    assert found["2026-10-28"] == (0, 0, 1)
    assert found["2026-10-29"] == (1, 1, 1)
    assert found["2026-10-07"] == (0, 1, 1)
    assert found["2026-10-08"] == (0, 0, 1)


def test_more_people_than_the_bit_strings_hold_make_them_grow(make: Make) -> None:
    first = [request(f"a{n}", "2026-11-20 10:00", user_key=f"p{n}") for n in range(10)]
    source = gateway(*first)
    source.batch_rows = 5000
    ran(make(("fx", rates()), ("gateway", source)))
    source.rows[REQUEST] += [request(f"b{n}", "2026-11-22 10:00", user_key=f"q{n}") for n in range(1500)]
    runner = make(("fx", rates()), ("gateway", source))
    ran(runner)
    assert rows(runner, "select mau from active_daily where member = 'UK' and day = '2026-11-22'") == [(1510,)]
    assert rows(runner, "select distinct length(persons) from active_bits") == [(2048,)]


def test_departments_count_for_their_faculty_and_the_university(make: Make) -> None:
    units = [unit("UK", None, "university"), unit("MFF"), unit("UFAL", "MFF", "department")]
    runner = make(
        ("fx", rates()),
        ("directory", directory(home("ann", "UFAL"), units=units)),
        ("gateway", gateway(request("1", "2026-11-23 10:00"))),
    )
    ran(runner)
    assert rows(runner, "select member from active_bits where dimension = 'unit' order by 1") == [
        ("MFF",),
        ("UFAL",),
        ("UK",),
    ]


def test_a_snapshot_is_published_and_holds_no_pseudonym(make: Make, tmp_path: Path) -> None:
    runner = make(
        ("fx", rates()),
        ("directory", directory(home("ann", "MFF"))),
        ("gateway", gateway(request("1", "2026-11-23 10:00"))),
    )
    ran(runner)
    name = runner.publish()
    assert (tmp_path / "var" / "current").read_text().strip() == name
    runner.build.connection.execute(f"attach '{tmp_path / 'var' / name}' as s (read_only)")
    columns = rows(
        runner,
        "select distinct column_name from duckdb_columns() where database_name = 's' and column_name like '%_key'",
    )
    assert columns == []
    assert rows(runner, "select unit, requests from s.usage_total_daily order by unit") == [("MFF", 1), ("UK", 1)]
