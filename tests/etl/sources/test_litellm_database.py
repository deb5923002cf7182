"""The database way: windows, versions, odd rows, cut-off reads, and what the doctor says."""

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from etl.errors import ConfigError, SourceError
from etl.sections import Gateway
from etl.sources import litellm_database
from etl.sources.base import Finding, Window
from etl.sources.litellm import litellm_source
from etl.sources.litellm_database import Database
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM
from tests.etl.sources.litellm_databases import (
    READONLY,
    SETTINGS,
    as_role,
    empty,
    execute,
    pseudonyms,
    real_copy,
    real_url,
    rows,
)

__all__ = ["empty", "real_copy", "real_url"]
pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 23, 12)
LOGS = '"LiteLLM_SpendLogs"'


def source(url: str, settings: Gateway = SETTINGS, now: datetime = datetime(2026, 11, 23, 16, tzinfo=UTC)) -> Database:
    return Database(settings, pseudonyms(), url, clock=lambda: now)


def add(url: str, **columns: Any) -> None:
    """One request of a user of one's own, with defaults for what is not given."""
    row = {
        "request_id": "r1", "call_type": "acompletion", "api_key": "hash", "startTime": NOON, "endTime": NOON,
        "model": "openai/m", "model_group": "m", "custom_llm_provider": "openai", "status": "success", "user": "u",
        "prompt_tokens": 100, "completion_tokens": 7, "spend": 0.5, "metadata": "{}", "request_tags": "[]", **columns,
    }  # fmt: skip
    for name in ("metadata", "request_tags"):
        row[name] = row[name] if isinstance(row[name], str) else json.dumps(row[name])
    names, places = ", ".join(f'"{c}"' for c in row), ", ".join(["%s"] * len(row))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"insert into {LOGS} ({names}) values ({places})".encode(), list(row.values()))


def only(url: str, **columns: Any) -> dict[str, Any]:
    add(url, **columns)
    (row,) = rows(source(url), REQUEST)
    return row


def test_a_window_is_half_open(empty: str) -> None:
    for second in range(4):
        add(empty, request_id=f"r{second}", startTime=NOON + timedelta(seconds=second))
    window = Window(NOON + timedelta(seconds=1), NOON + timedelta(seconds=3))
    assert [r["request_id"] for r in rows(source(empty), REQUEST, window)] == ["r1", "r2"]
    aware = Window(*(t.replace(tzinfo=UTC) for t in (window.start, window.end) if t))
    assert rows(source(empty), REQUEST, aware) == rows(source(empty), REQUEST, window)


def test_since_asks_for_rows_written_or_changed_later(empty: str) -> None:
    for name, hour_written, hour_changed in (("old", 1, 1), ("late", 9, 9), ("changed", 1, 9)):
        written, changed = NOON + timedelta(hours=hour_written), NOON + timedelta(hours=hour_changed)
        add(empty, request_id=name, created_at=written, updated_at=changed)
    found = rows(source(empty), REQUEST, Window(since=NOON + timedelta(hours=9)))
    assert [r["request_id"] for r in found] == ["changed", "late"]


def test_rows_come_in_order_of_their_start_and_in_batches(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm_database, "BATCH_BYTES", 2000)
    for n in range(30):
        add(empty, request_id=f"r{n}", startTime=NOON + timedelta(seconds=n * 7 % 30))
    batches = list(source(empty).extract(REQUEST, Window()))
    starts = [t for batch in batches for t in batch.column("started_at").to_pylist()]
    assert len(batches) > 1
    assert (len(starts), starts) == (30, sorted(starts))


def test_an_empty_table_gives_no_batches_and_no_bounds(empty: str) -> None:
    assert list(source(empty).extract(REQUEST, Window())) == []
    assert source(empty).bounds() is None


USAGE_SHAPES = {
    "openai": {"prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 5}},
    "anthropic": {"cache_read_input_tokens": 60, "cache_creation_input_tokens": 30},
    "both": {
        "cache_read_input_tokens": 60,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 30},
    },
    "nulls": {"prompt_tokens_details": None, "completion_tokens_details": {"reasoning_tokens": None}},
    "not objects": {"prompt_tokens_details": [1], "completion_tokens_details": "x"},
}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("openai", (40, 60, 0, 7, 5)),
        ("anthropic", (10, 60, 30, 7, 0)),
        ("both", (10, 60, 30, 7, 0)),
        ("nulls", (100, 0, 0, 7, 0)),
        ("not objects", (100, 0, 0, 7, 0)),
    ],
)
def test_tokens_are_split_for_every_shape_of_usage(empty: str, shape: str, expected: tuple[int, ...]) -> None:
    row = only(empty, metadata={"usage_object": USAGE_SHAPES[shape]})
    names = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    assert tuple(row[n] for n in names) == expected


def test_more_cached_than_prompt_tokens_is_noted_and_never_below_zero(empty: str) -> None:
    add(empty, prompt_tokens=10, metadata={"usage_object": {"cache_read_input_tokens": 60}})
    read = source(empty)
    assert [(r["input_tokens"], r["cached_tokens"]) for r in rows(read, REQUEST)] == [(0, 60)]
    assert read.notes() == ["1 requests have more cached than prompt tokens; their uncached input is taken as 0"]


def test_dollars_are_exact_to_twelve_digits(empty: str) -> None:
    assert only(empty, spend=123.1234567890126)["metered_usd"] == Decimal("123.123456789013")


@pytest.mark.parametrize("metadata", ["[]", '"text"', "null", "{}"])
def test_metadata_that_is_not_an_object_is_no_metadata(empty: str, metadata: str) -> None:
    row = only(empty, metadata=metadata)
    assert (row["requested_model"], row["cached_tokens"], row["status"]) == ("m", 0, "success")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["owui"], (True, None, False)),
        (["x-openwebui-chat-id: 7"], (True, None, False)),
        (["task=title_generation"], (False, "title_generation", False)),
        (["owui", "task="], (True, None, False)),
        (["litellm-internal-health-check"], (False, None, True)),
        (["my owui", "a x-openwebui- b", "subtask=x"], (False, None, False)),
        ({"owui": 1}, (True, None, False)),
        ([], (False, None, False)),
    ],
)
def test_tags_tell_the_chat_ui_its_tasks_and_probes(empty: str, tags: Any, expected: tuple[object, ...]) -> None:
    row = only(empty, request_tags=tags)
    assert (row["is_chat_ui"], row["task"], row["is_health_check"]) == expected


@pytest.mark.parametrize(
    "row",
    [
        {"api_key": "litellm-internal-health-check"},
        {"team_id": "litellm-internal-health-check"},
        {"metadata": {"user_api_key_alias": "litellm-internal-health-check"}},
        {"call_type": "ahealth_check"},
    ],
)
def test_probes_are_known_by_any_of_their_marks(empty: str, row: dict[str, Any]) -> None:
    assert only(empty, **row)["is_health_check"] is True


@pytest.mark.parametrize("team", ["chat-team", "Chat UI"])
def test_chat_teams_are_named_by_id_or_alias(empty: str, team: str) -> None:
    execute(
        empty,
        """update "LiteLLM_TeamTable" set team_id = 'chat-team', team_alias = 'Chat UI' where team_id = 'openwebui'""",
    )
    add(empty, team_id="chat-team", metadata={"user_api_key_team_alias": "Chat UI"})
    read = source(empty, Gateway(database_url_env="UNUSED", chat_teams=(team,)))
    assert [r["is_chat_ui"] for r in rows(read, REQUEST)] == [True]
    assert [t["team_id"] for t in rows(read, TEAM) if t["is_chat_ui"]] == ["chat-team"]


def test_addresses_typed_into_names_are_masked_but_model_versions_are_not(empty: str) -> None:
    row = only(empty, model="vertex/claude@20240620", model_group="for jan@cuni.cz", request_tags=["task=mail a@b.cz"])
    assert (row["provider_model"], row["model"], row["task"]) == ("vertex/claude@20240620", "for …@…", "mail …@…")


def test_failures_alone_carry_an_error_and_an_unknown_status_is_a_failure(empty: str) -> None:
    error = {"error_information": {"error_class": "Timeout", "error_code": "408", "error_message": "secret"}}
    for status in ("success", "failure", "cancelled"):
        add(empty, request_id=status, status=status, metadata=error)
    read = source(empty)
    assert [(r["request_id"], r["status"], r["error_class"], r["error_code"]) for r in rows(read, REQUEST)] == [
        ("cancelled", "failure", "Timeout", "408"),
        ("failure", "failure", "Timeout", "408"),
        ("success", "success", None, None),
    ]
    assert read.notes() == ["unknown request status, counted as failure: cancelled; known: success, failure"]


def test_people_are_one_account_and_end_users_do_not_double_users(real_copy: str) -> None:
    execute(
        real_copy,
        """insert into "LiteLLM_UserTable" (user_id, user_email, sso_user_id) values
            ('id-1', 'Jan.Novak@CUNI.cz', 'sso-1'), ('id-2', null, 'sso-2'), ('id-3', 'not an address', null)""",
        """insert into "LiteLLM_EndUserTable" (user_id) values ('ID-1'), ('anna@gmail.com'), ('jan.novak@cuni.cz')""",
    )
    key = pseudonyms().key
    found = {a["account_key"]: a for a in rows(source(real_copy), ACCOUNT)}
    persons = {i: found[key(i)]["person_key"] for i in ("id-1", "id-2", "id-3", "anna@gmail.com", "jan.novak@cuni.cz")}
    assert persons == {
        "id-1": key("jan.novak@cuni.cz"), "id-2": key("sso-2"), "id-3": key("id-3"),
        "anna@gmail.com": key("anna@gmail.com"), "jan.novak@cuni.cz": key("jan.novak@cuni.cz"),
    }  # fmt: skip
    assert found[key("id-1")]["email_domain"] == "cuni.cz"
    assert found[key("anna@gmail.com")]["email_domain"] is None
    assert len(found) == 193 + 5


def test_a_live_key_or_team_wins_over_its_deleted_self_and_ui_sessions_are_left_out(real_copy: str) -> None:
    execute(
        real_copy,
        """insert into "LiteLLM_DeletedVerificationToken" (id, token, key_alias) select 'x', token, 'was'
            from "LiteLLM_VerificationToken" where key_alias = 'tiny-budget'""",
        """insert into "LiteLLM_VerificationToken" (token, team_id) values ('session', 'litellm-dashboard')""",
        """insert into "LiteLLM_DeletedTeamTable" (id, team_id, team_alias) values ('x', 'openwebui', 'was')""",
    )
    keys, teams = rows(source(real_copy), API_KEY), {t["team_id"]: t for t in rows(source(real_copy), TEAM)}
    assert [k["is_deleted"] for k in keys if k["alias_key"] == pseudonyms().key("alias:tiny-budget")] == [False]
    assert len(keys) == 36
    assert (teams["openwebui"]["name"], teams["openwebui"]["is_deleted"]) == ("Open WebUI", False)


def test_a_teams_unit_is_the_first_filled_key_and_its_name_is_masked(real_copy: str) -> None:
    execute(
        real_copy,
        """update "LiteLLM_TeamTable" set metadata = '{"unit": " ff ", "faculty_code": ""}', team_alias = 'of a@b.cz x'
            where team_id = 'openwebui'""",
    )
    (team,) = [t for t in rows(source(real_copy), TEAM) if t["team_id"] == "openwebui"]
    assert (team["unit"], team["name"]) == ("FF", "of …@… x")


NEWER_COLUMNS = (
    "session_id",
    "status",
    "organization_id",
    "agent_id",
    "request_duration_ms",
    "created_at",
    "updated_at",
)


def age(url: str) -> None:
    """Makes the database one of LiteLLM before 1.70: without newer columns and tables."""
    execute(
        url,
        *(f'alter table {LOGS} drop column if exists "{c}" cascade' for c in NEWER_COLUMNS),
        'drop table "LiteLLM_DeletedTeamTable", "LiteLLM_DeletedVerificationToken" cascade',
    )


@pytest.mark.parametrize("role", ["postgres", "sandbox_usage"])
def test_an_old_version_gives_the_same_rows_with_nulls_and_says_so(real_copy: str, real_url: str, role: str) -> None:
    age(real_copy)
    url = real_copy
    if role != "postgres":
        execute(real_copy, READONLY.read_text("utf-8"))
        url = as_role(real_copy, role)
    old = source(url)
    assert rows(old, REQUEST, without="updated_at") == rows(source(real_url), REQUEST, without="updated_at")
    assert {r["updated_at"] for r in rows(old, REQUEST)} == {None}
    assert len(rows(old, REQUEST, Window(since=datetime(2100, 1, 1)))) == 4371, (
        "since is ignored, not answered with nothing"
    )
    assert len(rows(old, API_KEY)) == 34
    notes = "\n".join(old.notes())
    assert '"LiteLLM_DeletedTeamTable" is missing or not granted; it counts as empty' in notes
    assert ("created_at, updated_at, status" in notes) == (role == "postgres")


def test_a_killed_connection_is_a_source_error_and_nothing_more(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm_database, "BATCH_BYTES", 20_000)
    execute(
        empty,
        f"""insert into {LOGS} (request_id, call_type, "startTime", "endTime", metadata)
            select 'r' || n, repeat('x', 300), now(), now(), '{{}}' from generate_series(1, 60000) as n""",
    )
    batches = source(empty).extract(REQUEST, Window())
    next(batches)
    execute(
        empty,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid()",
    )
    with pytest.raises(SourceError, match=r"litellm: request of \[start, end\)"):
        list(batches)
    assert list(batches) == []


def test_a_reader_that_stops_early_leaves_no_connection_behind(empty: str) -> None:
    add(empty)
    batches = source(empty).extract(REQUEST, Window())
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    with psycopg.connect(empty) as connection:
        others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert connection.execute(others.encode()).fetchone() == (0,)


def test_two_threads_can_read_at_once(real_url: str) -> None:
    read, counts = source(real_url), []
    threads = [threading.Thread(target=lambda: counts.append(len(rows(read, REQUEST)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [4371, 4371]


@pytest.mark.parametrize("added", ["schema=public&connection_limit=5&pool_timeout=20", "schema=public"])
def test_the_url_that_litellm_itself_uses_is_understood(real_url: str, added: str) -> None:
    url = real_url.replace("postgresql://", "postgres://") + "&" + added
    assert source(url).bounds() == source(real_url).bounds()


def test_the_facade_takes_the_url_from_the_environment(real_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Gateway(name="gate", database_url_env="GATE_URL")
    with pytest.raises(ConfigError, match="GATE_URL is not set"):
        litellm_source(settings, pseudonyms())
    monkeypatch.setenv("GATE_URL", real_url)
    read = litellm_source(settings, pseudonyms())
    assert (read.name, read.tables) == ("gate", (REQUEST, ACCOUNT, API_KEY, TEAM))
    assert len(rows(read, REQUEST)) == 4371
    read.close()


def levels(found: list[Finding], word: str = "") -> set[tuple[str, str]]:
    return {(f.level, f.subject) for f in found if word in f.subject}


def doctor(url: str, settings: Gateway = SETTINGS, **more: Any) -> list[Finding]:
    found = list(source(url, settings, **more).examine())
    assert all(f.remedy for f in found if f.level != "ok"), "what is not well says how to mend it"
    return found


def test_the_doctor_finds_nothing_wrong_with_the_shipped_role(real_copy: str) -> None:
    execute(real_copy, READONLY.read_text("utf-8"))
    found = doctor(as_role(real_copy, "sandbox_usage"), now=datetime.now(UTC))
    wrong = [f for f in found if f.level == "fail"]
    assert wrong == []
    assert ("ok", "litellm: content") in levels(found)


@pytest.mark.parametrize(("accepts", "level"), [(False, "fail"), (True, "warn")])
def test_the_doctor_refuses_a_role_that_could_read_messages(real_url: str, accepts: bool, level: str) -> None:
    settings = Gateway(database_url_env="UNUSED", chat_teams=("openwebui",), accept_readable_content=accepts)
    (content,) = [f for f in doctor(real_url, settings) if f.subject == "litellm: content"]
    assert (content.level, "superuser" in content.found) == (level, True)


def test_the_doctor_names_the_readable_columns(real_copy: str) -> None:
    execute(real_copy, READONLY.read_text("utf-8"), f"grant select (messages, response) on {LOGS} to sandbox_usage")
    (content,) = [f for f in doctor(as_role(real_copy, "sandbox_usage")) if f.subject == "litellm: content"]
    assert (content.level, content.found) == ("fail", "this role can read messages, response")


def test_the_doctor_names_the_exact_missing_grant(real_copy: str) -> None:
    execute(
        real_copy,
        READONLY.read_text("utf-8"),
        'revoke select (token) on "LiteLLM_VerificationToken" from sandbox_usage',
        "drop view usage.gateway_request",
    )
    url = as_role(real_copy, "sandbox_usage")
    remedies = {f.subject: f.remedy for f in doctor(url) if f.level == "fail"}
    assert set(remedies) == {"litellm: LiteLLM_SpendLogs", "litellm: LiteLLM_VerificationToken"}
    assert remedies["litellm: LiteLLM_VerificationToken"].startswith(
        'grant select ("token") on "LiteLLM_VerificationToken"'
    )
    with pytest.raises(SourceError, match=r'grant select \("token"\) on "LiteLLM_VerificationToken" to this role'):
        rows(source(url), API_KEY)


def test_the_doctor_says_that_it_is_not_litellms_database(postgres_url: str) -> None:
    found = doctor(postgres_url)
    assert "there is no such table" in {f.found for f in found if f.level == "fail"}


def test_the_doctor_says_that_the_server_is_not_there(real_url: str) -> None:
    (found,) = doctor("postgresql://nobody:top-secret@127.0.0.1:1/litellm")
    assert (found.level, "host and port" in found.remedy) == ("fail", True)
    assert "top-secret" not in str(found)
    (found,) = doctor(as_role(real_url, "stranger"))
    assert (found.level, "role" in found.remedy) == ("fail", True)


def test_the_doctor_sees_a_wrong_clock_and_silence(real_url: str) -> None:
    early = doctor(real_url, now=datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert ("warn", "litellm: clock") in levels(early)
    late = doctor(real_url, now=datetime(2026, 12, 23, tzinfo=UTC))
    assert any(f.found.startswith("none since 2026-11-23 15:29") for f in late)


def test_the_doctor_sees_chat_requests_that_name_nobody(real_copy: str) -> None:
    execute(real_copy, f"update {LOGS} set end_user = ''")
    (found,) = [f for f in doctor(real_copy) if "behind the chat UI" in f.subject]
    assert (found.level, found.found) == ("warn", "0 of 2341 requests of the last day name a person")
    (found,) = [f for f in doctor(real_copy, Gateway(database_url_env="UNUSED")) if "behind the chat UI" in f.subject]
    assert found.level == "warn"


def test_the_bounds_over_the_shipped_view_unpack_no_more_rows_than_the_first_and_the_newest(real_copy: str) -> None:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    times = [now - timedelta(days=900), now - timedelta(days=30), now]
    execute(real_copy, READONLY.read_text("utf-8"), f"truncate {LOGS}")
    for n, start in enumerate(times):
        # in the view of the middle one an error would tell that it was unpacked
        add(real_copy, request_id=f"r{n}", startTime=start, metadata=["x" * 200] if n == 1 else {})
    reader = source(as_role(real_copy, "sandbox_usage"))
    with pytest.raises(SourceError, match=r"metadata must be a JSON object; find it with: select request_id"):
        rows(reader, REQUEST)
    assert reader.bounds() == Window(times[0], times[2])
    for gone, expected in (("r2", None), ("r1", times[0])):
        execute(real_copy, f"delete from {LOGS} where request_id = '{gone}'")
        if expected:
            assert reader.bounds() == Window(expected, expected)
    execute(real_copy, f"truncate {LOGS}")
    assert reader.bounds() is None


@pytest.mark.parametrize("spend", ["NaN", "Infinity", "-Infinity", 1e6, 1e30])
def test_a_cost_that_is_none_is_unknown_and_noted_and_the_other_rows_are_loaded(spend: object, empty: str) -> None:
    add(empty, request_id="odd", spend=spend)
    add(empty, request_id="well", spend=999999.5)
    reader = source(empty)
    found = {r["request_id"]: r["metered_usd"] for r in rows(reader, REQUEST)}
    assert found == {"odd": None, "well": Decimal("999999.5")}
    assert "1 requests have a cost that is no amount below 1,000,000 USD; it is taken as unknown" in reader.notes()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"metadata": {"usage_object": {"cache_read_input_tokens": "many"}}}, "allowed: JSON numbers"),
        ({"metadata": {"usage_object": {"cache_read_input_tokens": 10**12}}}, "allowed: JSON numbers"),
        ({"metadata": ["x" * 200]}, "metadata must be a JSON object"),
    ],
)
def test_a_row_that_can_not_be_read_is_an_error_that_names_the_field(
    columns: dict[str, Any], said: str, empty: str
) -> None:
    add(empty, **columns)
    with pytest.raises(SourceError, match=said):
        rows(source(empty), REQUEST)


def test_a_start_beyond_every_calendar_is_an_error_that_says_how_to_find_it(empty: str) -> None:
    add(empty)
    execute(empty, f"""update {LOGS} set "startTime" = '20000-01-01'""")
    with pytest.raises(SourceError, match=r'"startTime" must lie in the years 1 to 9999; find it with'):
        source(empty).bounds()


def test_the_cost_a_hit_would_have_had_is_unknown_where_it_is_no_number(empty: str) -> None:
    assert only(empty, cache_hit="True", metadata={"cost_breakdown": {"total_cost": "x"}})["uncached_usd"] is None


def test_a_url_that_can_not_be_taken_apart_is_an_error_without_the_password() -> None:
    with pytest.raises(SourceError, match="database URL: can't be taken apart; percent-encode") as refused:
        source("postgresql://reader:se[cret@db/litellm")
    assert "cret" not in str(refused.value)


def test_parameters_of_the_url_keep_their_spaces(real_url: str) -> None:
    mark = "&" if "?" in real_url else "?"
    spaced = source(f"{real_url}{mark}options=-c%20work_mem%3D5MB\n")
    assert spaced.ask("select current_setting('work_mem')") == [("5MB",)]
