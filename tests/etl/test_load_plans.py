"""The marts of latency, errors and keys, and what the directory says of plans, from landing rows to the snapshot."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.tables import ANNOTATION, API_KEY, BUDGET, PRICE, TARGET
from tests.etl.builders import MemorySource, Row, chat, directory, gateway, home, rates, request, turn

NOW = datetime(2026, 11, 23, 12)
Make = Callable[..., Runner]


@pytest.fixture
def make(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over in-memory sources; closed after the test."""
    made: list[Runner] = []

    def runner(*sources: tuple[str, MemorySource]) -> Runner:
        while made:
            made.pop().close()
        settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
        made.append(Runner(settings, Clock(NOW), pseudonyms, [source.job(kind) for kind, source in sources]))
        return made[0]

    yield runner
    for left in made:
        left.close()


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


def ran(runner: Runner) -> None:
    assert [o.message for o in runner.run() if o.status != "DONE"] == []


def publish(runner: Runner, folder: Path) -> None:
    """Publishes, and attaches the snapshot as `s`."""
    runner.build.connection.execute(f"attach '{folder / 'var' / runner.publish()}' as s (read_only)")


def key(name: str, **changes: Any) -> Row:
    """A key of nobody."""
    return (
        dict.fromkeys(API_KEY.schema.names) | {"api_key_key": name, "is_chat_ui": False, "is_deleted": False} | changes
    )


def test_answers_are_timed_in_buckets_without_cache_hits_failures_and_answers_in_one_piece(make: Make) -> None:
    start = datetime(2026, 11, 23, 10)
    took: list[tuple[int, dict[str, object]]] = [
        (0, {}), (1, {}), (1000, {"first_token_at": start + timedelta(milliseconds=200)}),
        (1000, {"first_token_at": start + timedelta(seconds=1)}), (9000, {"is_cache_hit": True}),
        (9000, {"status": "failure", "error_class": "Timeout"}),
    ]  # fmt: skip
    ends = [start + timedelta(milliseconds=ms) for ms, _ in took]
    asked = [request(str(n), "2026-11-23 10:00", ended_at=ends[n], **more) for n, (_, more) in enumerate(took)]
    asked.append(request("open", "2026-11-23 10:00", ended_at=None))
    runner = make(("fx", rates()), ("gateway", gateway(*asked)))
    ran(runner)
    assert rows(runner, "select measure, bucket, requests from latency_daily order by all") == [
        ("duration", 0, 2),
        ("duration", 69, 2),
        ("first_token", 52, 1),
    ]
    assert rows(runner, "select error_class, failures from error_daily") == [("Timeout", 1)]


def test_a_failed_turn_is_an_error_of_an_unknown_class(make: Make) -> None:
    runner = make(("fx", rates()), ("chat", chat(turn("m", "2026-11-23 10:00", is_error=True))))
    ran(runner)
    assert rows(runner, "select model, error_class, failures from error_daily") == [("pipe.claude", "unknown", 1)]
    assert rows(runner, "from key_daily") == []


def test_keys_are_published_by_service_team_and_kind_and_never_by_person(make: Make, tmp_path: Path) -> None:
    keys = [
        key("k-ann", owner_key="ann"), key("k-bob", owner_key="bob"), key("k-chat", is_chat_ui=True), key("k-bare"),
        key("k-team", owner_key="bob", team_id="t1"), key("k-bot", owner_key="ann", team_id="t1", alias_key="alias"),
    ]  # fmt: skip
    teams = [{"team_id": "t1", "name": "Corpora", "unit": "FF", "is_chat_ui": False, "is_deleted": False}]
    services = [{"match_key": "alias", "kind": "key_alias", "name": "library-bot", "unit": "MFF"}]
    asked = [
        request(k, "2026-11-23 10:00", api_key_key=k, user_key=None)
        for k in (*[k["api_key_key"] for k in keys], "k-bad")
    ]
    asked += [
        request("none", "2026-11-23 10:00"),
        request("failed", "2026-11-23 11:00", api_key_key="k-ann", status="failure"),
    ]
    people = directory(home("ann", "MFF"), home("bob", "MFF"), services=services)
    runner = make(("fx", rates()), ("directory", people), ("gateway", gateway(*asked, keys=keys, teams=teams)))
    ran(runner)
    ran(runner)  # now the names of units that the team's is one of are known
    publish(runner, tmp_path)
    found = rows(
        runner, "select kind, name, unit, requests, failures, metered_usd, metered_czk from s.key_daily order by all"
    )
    bare = rows(runner, "select key_no from api_key where api_key_key = 'k-bare'")[0][0]
    cent, crown = Decimal("0.01"), Decimal("0.2")
    assert found == [
        ("chat", "chat UI", "UNKNOWN", 1, 0, cent, crown),
        ("key", f"key {bare}", "UNKNOWN", 1, 0, cent, crown),
        ("none", "no key", "MFF", 1, 0, cent, crown),
        ("personal", "personal keys", "MFF", 2, 1, 3 * cent, 3 * crown),
        ("service", "library-bot", "MFF", 1, 0, cent, crown),
        ("team", "Corpora", "FF", 1, 0, cent, crown),
        ("unlisted", "unlisted keys", "UNKNOWN", 1, 0, cent, crown),
    ]


def test_plans_are_published_and_a_refused_file_keeps_the_old_ones(make: Make, tmp_path: Path) -> None:
    day = date(2026, 1, 1)
    people = directory()
    people.rows[BUDGET] = [
        {"unit": "MFF", "period_start": day, "period_end": NOW.date(), "amount_czk": Decimal(5), "note": None}
    ]
    people.rows[TARGET] = [{"unit": "MFF", "metric": "mau", "day": day, "value": Decimal(7)}]
    people.rows[ANNOTATION] = [{"day": day, "kind": "other", "name_cs": "a", "name_en": "b"}]
    people.rows[PRICE] = [
        {"model": "gpt", "valid_from": day, "kind": "list", "input_usd": Decimal(1), "output_usd": None}
    ]
    runner = make(("fx", rates()), ("directory", people))
    ran(runner)
    ran(runner)
    publish(runner, tmp_path)
    assert rows(runner, "select unit, amount_czk from s.budget") == [("MFF", Decimal(5))]
    assert rows(runner, "select unit, metric, value from s.target") == [("MFF", "mau", Decimal(7))]
    assert rows(runner, "select kind, name_cs, name_en from s.annotation") == [("other", "a", "b")]
    assert rows(runner, "select model, input_usd, output_usd, valid_to, origin from s.price") == [
        ("gpt", Decimal(1), None, date(9999, 12, 31), "prices.csv")
    ]


def test_a_changed_policy_of_a_model_recounts_no_day(make: Make, tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    file = tmp_path / "reference" / "models.csv"
    text = "pattern,model,title,family,provider,hosting,policy\ngpt*,gpt,GPT,GPT,openai,commercial,"
    sources = (("fx", rates()), ("directory", directory()), ("gateway", gateway(request("1", "2026-11-23 10:00"))))
    found = []
    for policy in ("allowed", "banned"):
        file.write_text(text + policy + "\n", "utf-8")
        runner = make(*sources)
        days = [o.days_changed for o in runner.run()]
        found.append((days, rows(runner, "select distinct policy from model")))
    assert found == [([0, 0, 1], [("allowed",)]), ([0, 0, 0], [("banned",)])]
