"""What changes at a source later does not rewrite what was: models, teams, people, rates, starts; names of sources."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from etl.run import Runner
from etl.tables import ACCOUNT, API_KEY, CHAT_TURN, FX_RATE, REQUEST
from queries.warehouse import sql
from tests.etl.builders import MemorySource, Row, chat, directory, gateway, home, rates, request, turn, usd
from tests.etl.test_load import NOW, make, ran, rows

__all__ = ["make"]
Make = Callable[..., Runner]
LATER = NOW + timedelta(hours=1)


def by_day(runner: Runner, column: str) -> list[tuple[Any, ...]]:
    return rows(
        runner, f"select strftime(day, '%m-%d'), {column}, sum(requests) from usage_daily group by all order by all"
    )


def test_turns_made_before_the_gateway_served_their_model_stay_and_later_ones_count_once(make: Make) -> None:
    old, new = turn("1", "2026-05-01 10:00", model="gpt-5.5"), turn("2", "2026-11-02 10:00", model="gpt-5.5")
    talk = chat(old, new)
    served = gateway(request("1", "2026-11-02 10:00", is_chat_ui=True, end_user_key="ann-chat"))
    known = (("fx", rates()), ("directory", directory(home("ann-chat", "MFF"))))
    runner = make(*known, ("chat", talk))
    ran(runner)
    assert by_day(runner, "origin") == [("05-01", "chat_ui", 1), ("11-02", "chat_ui", 1)]
    runner = make(*known, ("chat", talk), ("gateway", served))
    ran(runner)
    assert by_day(runner, "origin") == [("05-01", "chat_ui", 1), ("11-02", "gateway", 1)]
    # older requests come to light: the turn of that day is the gateway's now, the one before it still is not
    served.rows[REQUEST].append(request("0", "2026-04-30 10:00", is_chat_ui=True, end_user_key="ann-chat"))
    talk.rows[CHAT_TURN].append(turn("0", "2026-04-29 10:00", model="gpt-5.5"))
    runner = make(*known, ("chat", talk), ("gateway", served), now=LATER)
    runner.backfill(datetime(2026, 4, 1), datetime(2026, 6, 1))
    assert by_day(runner, "origin") == [("04-29", "chat_ui", 1), ("04-30", "gateway", 1), ("11-02", "gateway", 1)]


def key(team: str | None) -> Row:
    return dict.fromkeys(API_KEY.schema.names) | {
        "api_key_key": "k", "owner_key": "ann", "team_id": team, "is_chat_ui": False, "is_deleted": False,
    }  # fmt: skip


def team(name: str, unit: str) -> Row:
    return {"team_id": name, "name": name, "unit": unit, "is_chat_ui": False, "is_deleted": False}


def test_a_key_that_moves_to_another_team_leaves_its_past_with_the_old_one(make: Make) -> None:
    teams = [team("A", "MFF"), team("B", "FF")]
    source = gateway(request("1", "2026-11-01 10:00", api_key_key="k", team_id="A"), keys=[key("A")], teams=teams)
    known = (("fx", rates()), ("directory", directory()))
    ran(make(*known, ("gateway", source)))
    source.rows[API_KEY] = [key("B")]
    source.rows[REQUEST].append(request("2", "2026-11-20 10:00", api_key_key="k", team_id="B"))
    runner = make(*known, ("gateway", source), now=LATER)
    ran(runner)
    assert by_day(runner, "unit") == [("11-01", "MFF", 1), ("11-20", "FF", 1)]


def linked(account: str, person: str) -> Row:
    return dict.fromkeys(ACCOUNT.schema.names) | {
        "account_key": account, "person_key": person, "is_pending": False, "is_service": False,
    }  # fmt: skip


PERSONS = "select count(*) from person_daily"


def test_an_id_taken_back_from_a_person_is_a_person_of_its_own_again(make: Make) -> None:
    source = gateway(request("1", "2026-11-01 10:00"), request("2", "2026-11-01 10:00", user_key="bob"))
    files = directory(home("ann", "MFF"))
    files.rows[ACCOUNT] = [linked("bob", "ann")]
    known = (("fx", rates()), ("directory", files), ("gateway", source))
    runner = make(*known)
    ran(runner)
    assert rows(runner, PERSONS) == [(1,)]
    files.rows[ACCOUNT] = []
    runner = make(*known, now=LATER)
    ran(runner)
    assert rows(runner, PERSONS) == [(2,)]


def test_whom_the_directory_names_stands_before_the_gateway_in_any_order(make: Make) -> None:
    files = directory(home("ann", "MFF"))
    files.rows[ACCOUNT] = [linked("novak", "ann")]
    source = gateway(request("1", "2026-11-01 10:00", user_key="novak"), accounts=[linked("novak", "novak@mff")])
    for known in ((("directory", files), ("gateway", source)), (("gateway", source), ("directory", files))):
        runner = make(("fx", rates()), *known)
        ran(runner)
        assert by_day(runner, "unit") == [("11-01", "MFF", 1)]
        assert [o.days_changed for o in runner.run()] == [0, 0, 0]


def test_a_request_whose_start_was_corrected_counts_once(make: Make) -> None:
    source = gateway(request("1", "2026-11-22 10:00"))
    known = (("fx", rates()), ("directory", directory(home("ann", "MFF"))), ("gateway", source))
    ran(make(*known))
    for start in ("2026-11-21 23:30", "2026-11-21 10:00", "2026-11-21 11:00"):
        source.rows[REQUEST] = [request("1", start, updated_at=LATER)]
        runner = make(*known, now=LATER)
        ran(runner)
        assert rows(runner, "select started_at from fact_request") == [(datetime.fromisoformat(start),)]
        assert rows(runner, "select sum(requests) from usage_daily") == [(1,)]


def test_a_request_that_never_ended_in_time_is_loaded_without_a_duration(make: Make) -> None:
    odd = request("1", "2026-11-01 10:00", ended_at=datetime(2027, 3, 1), first_token_at=datetime(2099, 1, 1))
    early = request("2", "2026-11-01 10:00", ended_at=datetime(2026, 10, 1))
    runner = make(("fx", rates()), ("directory", directory(home("ann", "MFF"))), ("gateway", gateway(odd, early)))
    ran(runner)
    assert rows(runner, "select duration_ms, first_token_ms from fact_request order by duration_ms nulls first") == [
        (None, None),
        (0, None),
    ]


def test_a_rate_that_was_mended_in_its_file_counts_from_then_on(make: Make) -> None:
    fx = rates(usd("2026-01-01", "200"))
    known = (
        ("fx", fx),
        ("directory", directory(home("ann", "MFF"))),
        ("gateway", gateway(request("1", "2026-11-01 10:00"))),
    )
    ran(make(*known))
    fx.rows[FX_RATE] = [usd("2026-01-01", "20")]
    runner = make(*known, now=LATER)
    ran(runner)
    assert rows(runner, "select metered_czk from usage_daily") == [(Decimal("0.2"),)]
    assert rows(runner, "select day, czk_per_unit from fx_rate") == [(date(2026, 1, 1), Decimal(20))]


def test_what_the_last_attempt_said_is_nothing_once_it_went_well(make: Make) -> None:
    source = MemorySource("litellm", {REQUEST: [request(str(n), "2026-11-01 10:00") for n in range(3)]})

    def fail(_: object) -> None:
        raise RuntimeError

    source.failure = fail
    known = (("fx", rates()), ("directory", directory(home("ann", "MFF"))), ("gateway", source))
    make(*known).run()
    source.failure = None
    runner = make(*known, now=LATER)
    ran(runner)
    told = rows(runner, sql("publish/source_status"))
    assert [row[5] for row in told if row[0] == "litellm"] == [None]


def test_a_source_loaded_again_under_another_name_is_warned_of(make: Make) -> None:
    known = (("fx", rates()), ("directory", directory(home("ann", "MFF"))))
    found = [request(str(n), f"2026-11-0{n} 10:00") for n in range(1, 4)]
    same_day = [request(f"more{n}", "2026-11-03 11:00") for n in range(3)]
    source = gateway(*found, *same_day)
    other = MemorySource("elsewhere", {REQUEST: [request(f"x{n}", "2026-11-03 11:00") for n in range(3)]})
    runner = make(*known, ("gateway", source), ("gateway", other))
    ran(runner)
    runner.publish()
    warned = "select offending_rows, example from ops.check_result where name = 'source_twice'"
    assert rows(runner, warned) == [(0, None)]
    source.name = "renamed"
    runner = make(*known, ("gateway", source))
    ran(runner)
    runner.publish()
    assert rows(runner, warned) == [(1, "one litellm, other renamed, day 2026-11-03, rows 4")]
