"""What a real LiteLLM 1.106.2 wrote, read by us: counted against figures taken from it independently."""

import re
from decimal import Decimal

import psycopg
import pytest

from etl.sources.base import Window
from etl.sources.litellm_database import Database
from etl.sources.litellm_database_sql import COLUMNS, REQUESTS
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM
from tests.etl.sources.litellm_databases import (
    READONLY,
    SETTINGS,
    as_role,
    execute,
    pseudonyms,
    real_copy,
    real_url,
    rows,
)

__all__ = ["real_copy", "real_url"]
pytestmark = pytest.mark.postgres

PERSONAL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|\b\d{1,3}(\.\d{1,3}){3}\b", re.IGNORECASE)


def source(url: str) -> Database:
    return Database(SETTINGS, pseudonyms(), url)


def test_requests_tokens_and_dollars_are_those_of_the_gateway(real_url: str) -> None:
    found = rows(source(real_url), REQUEST)
    good = [r for r in found if r["status"] == "success"]
    billed = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
    assert (len(found), len(good)) == (4371, 4084)
    assert round(sum(r["metered_usd"] for r in found), 6) == Decimal("13.412734")
    assert round(sum(r["metered_usd"] for r in good), 6) == Decimal("13.411984")
    assert sum(r[name] for r in good for name in billed) == 5_521_642


def test_every_row_agrees_with_a_plain_reading_of_its_json(real_url: str) -> None:
    plain = """
        select request_id, spend::text::numeric(18, 12),
            prompt_tokens - coalesce((metadata #>> '{usage_object,prompt_tokens_details,cached_tokens}')::int, 0)
                - coalesce((metadata #>> '{usage_object,prompt_tokens_details,cache_creation_tokens}')::int, 0),
            coalesce((metadata #>> '{usage_object,completion_tokens_details,reasoning_tokens}')::int, 0),
            case when status = 'failure' then metadata #>> '{error_information,error_class}' end,
            coalesce(metadata ->> 'original_model_group', nullif(model_group, ''), nullif(model, '')),
            "startTime", greatest(created_at, updated_at)
        from "LiteLLM_SpendLogs" order by request_id collate "C"
    """
    with psycopg.connect(real_url) as connection:
        expected = connection.execute(plain.encode()).fetchall()
    names = ("request_id", "metered_usd", "input_tokens", "reasoning_tokens", "error_class", "requested_model")
    times = ("started_at", "updated_at")
    assert [tuple(r[n] for n in (*names, *times)) for r in rows(source(real_url), REQUEST)] == expected


def test_a_fallback_shows_what_was_asked_for_and_what_served(real_url: str) -> None:
    pairs = [
        (r["requested_model"], r["model"])
        for r in rows(source(real_url), REQUEST)
        if r["model"] != r["requested_model"]
    ]
    assert pairs == [("brittle", "gpt-5.4-mini")] * 40


def test_cache_hits_cost_nothing_and_tell_what_they_saved(real_url: str) -> None:
    hits = [r for r in rows(source(real_url), REQUEST) if r["is_cache_hit"]]
    others = [r for r in rows(source(real_url), REQUEST) if not r["is_cache_hit"]]
    assert len(hits) == 94
    assert {r["metered_usd"] for r in hits} == {Decimal(0)}
    assert sum(r["uncached_usd"] for r in hits) == Decimal("0.02313")
    assert {r["uncached_usd"] for r in others} == {None}


def test_chat_requests_are_those_of_the_chat_key_or_tagged_by_it(real_url: str) -> None:
    plain = """
        select count(*) from "LiteLLM_SpendLogs" as s
        where metadata ->> 'user_api_key_alias' = 'open-webui-service' or exists (
            select from jsonb_array_elements_text(request_tags) as t (tag) where tag like 'x-openwebui-%'
        )
    """
    with psycopg.connect(real_url) as connection:
        (expected,) = connection.execute(plain.encode()).fetchone() or (None,)
    found = [r for r in rows(source(real_url), REQUEST) if r["is_chat_ui"]]
    assert len(found) == expected == 2341


def test_the_gateways_own_user_and_empty_ids_are_nobody(real_url: str) -> None:
    found = rows(source(real_url), REQUEST)
    nobody = {pseudonyms().key("default_user_id"), pseudonyms().key("")} - {None}
    assert not nobody & {r["user_key"] for r in found}
    assert sum(r["user_key"] is None for r in found) == 4371 - 1750
    assert "" not in {r["team_id"] for r in found} | {r["model"] for r in found} | {r["provider"] for r in found}


def test_accounts_keys_and_teams_are_those_of_the_gateway_deleted_ones_included(real_url: str) -> None:
    accounts, keys, teams = (rows(source(real_url), table) for table in (ACCOUNT, API_KEY, TEAM))
    by_key = {a["account_key"]: a for a in accounts}
    assert len(accounts) == len(by_key) == 193
    assert by_key[pseudonyms().key("user0@mff.cuni.cz")]["email_domain"] == "mff.cuni.cz"
    assert [a["role"] for a in accounts if a["is_service"]] == ["internal_user"]
    assert (len(keys), sum(k["is_deleted"] for k in keys)) == (36, 2)
    assert [k["alias_key"] for k in keys if k["is_chat_ui"]] == [pseudonyms().key("alias:open-webui-service")]
    assert {(t["unit"], t["is_deleted"]) for t in teams} == {
        *((u, False) for u in ("MFF", "FF", "PRF", "FSV", "LF1", "NATUR", None)), (None, True),
    }  # fmt: skip
    assert {k["api_key_key"] for k in keys} & {r["api_key_key"] for r in rows(source(real_url), REQUEST)}


def test_nothing_personal_leaves_the_source(real_url: str) -> None:
    for table in source(real_url).tables:
        text = "\n".join(str(value) for row in rows(source(real_url), table) for value in row.values())
        assert text.strip()
        assert PERSONAL.search(text) is None, table.name


def test_bounds_are_the_first_and_last_start(real_url: str) -> None:
    starts = [r["started_at"] for r in rows(source(real_url), REQUEST)]
    assert source(real_url).bounds() == Window(min(starts), max(starts))
    assert source(real_url).notes() == []


@pytest.fixture
def readonly_url(real_copy: str) -> str:
    """The copy as the shipped read-only role, with messages planted where LiteLLM keeps them."""
    planted = """update "LiteLLM_SpendLogs" set messages = '["my secret"]', response = '{"text": "my secret"}'"""
    execute(real_copy, planted, READONLY.read_text("utf-8"))
    return as_role(real_copy, "sandbox_usage")


def test_the_read_only_role_gives_the_same_rows(readonly_url: str, real_copy: str) -> None:
    assert source(readonly_url).has_view()
    for table in (ACCOUNT, API_KEY, TEAM, REQUEST):
        assert rows(source(readonly_url), table) == rows(source(real_copy), table)
    assert source(readonly_url).bounds() == source(real_copy).bounds()
    assert source(readonly_url).notes() == []


@pytest.mark.parametrize(
    "column", ["messages", "response", "proxy_server_request", "requester_ip_address", "metadata", "*"]
)
def test_the_read_only_role_is_refused_content(readonly_url: str, column: str) -> None:
    with (
        psycopg.connect(readonly_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table LiteLLM_SpendLogs"),
    ):
        connection.execute(f'select {column} from "LiteLLM_SpendLogs"'.encode())


def test_the_read_only_role_is_refused_writing_and_passwords(readonly_url: str) -> None:
    with psycopg.connect(readonly_url, autocommit=True) as connection:
        for statement in ('delete from "LiteLLM_UserTable"', 'select password from "LiteLLM_UserTable"'):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement.encode())


def test_the_script_can_be_run_twice(real_copy: str) -> None:
    execute(real_copy, READONLY.read_text("utf-8"), READONLY.read_text("utf-8"))
    assert len(rows(source(as_role(real_copy, "sandbox_usage")), REQUEST)) == 4371


def test_the_shipped_view_and_the_source_use_one_text() -> None:
    script = READONLY.read_text("utf-8")
    assert REQUESTS.strip() in script
    for table, columns in COLUMNS.items():
        named = [f"'{name}'" for name in columns if f"'{name}'" not in script]
        assert (table in script, named) == (True, [])
