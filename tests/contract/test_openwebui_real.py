"""What a real Open WebUI 0.12.4 wrote, read by the source and counted by plain SQL beside it."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.tables import ACCOUNT, CHAT_TURN, GROUP_MEMBER, LEDGER_EVENT, RATING, Table
from tests.etl.sources.openwebui_databases import copy_to_postgres


@pytest.fixture
def file(shared_data: Path, tmp_path: Path) -> Path:
    """A copy of the real database and audit log."""
    for name in ("webui_real.db", "audit_real.log"):
        shutil.copyfile(shared_data / "openwebui" / name, tmp_path / name)
    return tmp_path / "webui_real.db"


@pytest.fixture
def source(file: Path, pseudonyms: Pseudonyms) -> Source:
    settings = Chat(sqlite_file=Path(file.name), audit_log=Path("audit_real.log"))
    return openwebui_source(settings, pseudonyms, file.parent)


def taken(source: Source, table: Table) -> list[dict[str, Any]]:
    return [row for batch in source.extract(table, Window()) for row in batch.to_pylist()]


def plain(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_people_and_activation_are_what_plain_sql_counts(file: Path, source: Source) -> None:
    accounts = taken(source, ACCOUNT)

    assert len(accounts) == 35
    assert plain(file, "select count(*), sum(role = 'pending') from user") == [
        (len({a["account_key"] for a in accounts}), sum(a["is_pending"] for a in accounts))
    ]
    assert sum(a["is_pending"] for a in accounts) == 7


def test_memberships_are_what_plain_sql_counts(file: Path, source: Source, pseudonyms: Pseudonyms) -> None:
    members = taken(source, GROUP_MEMBER)
    expected = plain(file, 'select m.user_id, g.name from group_member m join "group" g on g.id = m.group_id')

    assert len(members) == 35
    assert {(m["account_key"], m["group_name"]) for m in members} == {(pseudonyms.key(u), n) for u, n in expected}


def test_turns_are_one_a_person_and_message_with_the_tokens_of_the_usage(file: Path, source: Source) -> None:
    turns = taken(source, CHAT_TURN)
    counted = plain(
        file,
        "select count(distinct user_id || substr(id, length(chat_id) + 2)) from chat_message where role = 'assistant'",
    )
    tokens = plain(
        file,
        """
        select sum(json_extract(usage, '$.input_tokens')), sum(json_extract(usage, '$.output_tokens'))
        from (select usage, row_number() over (partition by user_id, substr(id, length(chat_id) + 2)
                                               order by iif(created_at > 1e11, created_at / 1e3, created_at)) as copy
              from chat_message where role = 'assistant') where copy = 1
        """,
    )

    assert counted == [(len(turns),)]
    assert len({(t["account_key"], t["message_id"]) for t in turns}) == 190
    known = [t for t in turns if t["output_tokens"] is not None]
    inputs = sum(t["input_tokens"] + t["cached_tokens"] + t["cache_write_tokens"] for t in known)
    assert tokens == [(inputs, sum(t["output_tokens"] for t in known))]
    assert sum(t["is_error"] for t in turns) == 3
    assert min(t["started_at"] for t in turns) == datetime(2024, 1, 1, 10, 1)
    assert max(t["started_at"] for t in turns).year == 2026


def test_workspace_and_arena_models_are_shown_with_what_answered(source: Source) -> None:
    turns = taken(source, CHAT_TURN)

    assert {t["model"] for t in turns if t["workspace_model"] == "mff-tutor"} == {"gpt-4o"}
    arena = [t["model"] for t in turns if t["workspace_model"] == "arena-model"]
    assert len(arena) == 10
    assert "arena-model" not in arena


def test_ratings_are_what_plain_sql_counts(file: Path, source: Source) -> None:
    ratings = taken(source, RATING)

    assert len(ratings) == 30
    assert plain(
        file, "select count(*), sum(json_extract(data, '$.rating') = 1) from feedback"
    ) == [(len(ratings), sum(r["rating"] == 1 for r in ratings))]  # fmt: skip
    keys = {(t["account_key"], t["message_id"]) for t in taken(source, CHAT_TURN)}
    assert sum((r["account_key"], r["message_id"]) in keys for r in ratings) >= 25


def test_the_audit_log_gives_every_model_usage(source: Source) -> None:
    events = taken(source, LEDGER_EVENT)
    accounts = {a["account_key"] for a in taken(source, ACCOUNT)}

    assert [sum(e["channel"] == c for e in events) for c in ("chat", "api")] == [171, 4]
    assert len({e["event_id"] for e in events}) == 175
    assert sum(e["account_key"] in accounts for e in events) >= 170  # the others' accounts were deleted
    assert source.notes() == []


def test_no_content_name_or_address_stands_in_any_batch(file: Path, source: Source) -> None:
    given = json.dumps([row for table in source.tables for row in taken(source, table)], default=str)
    private = {
        text
        for query in (
            "select name from user",
            "select email from user",
            "select id from user",
            "select title from chat",
            "select json_extract(content, '$') from chat_message where json_type(content) = 'text'",
            "select json_extract(data, '$.comment') from feedback",
            "select json_extract(error, '$.content') from chat_message",
        )
        for (text,) in plain(file, query)
        if text is not None and len(text) > 3
    }

    assert len(private) > 80
    assert [text for text in private if text in given] == []
    assert "@" not in given


def test_pieces_of_the_bounds_put_together_are_the_whole(source: Source) -> None:
    bounds = source.bounds()
    assert bounds is not None
    assert bounds.start is not None
    assert bounds.end is not None
    middle = datetime.fromisoformat("2026-11-23T15:20:00+00:00")
    pieces = [Window(bounds.start, middle), Window(middle, bounds.end)]
    got = [r for w in pieces for t in (CHAT_TURN, RATING) for b in source.extract(t, w) for r in b.to_pylist()]

    assert min(sum(b.num_rows for b in source.extract(CHAT_TURN, w)) for w in pieces) > 0
    assert sorted(map(str, got)) == sorted(map(str, taken(source, CHAT_TURN) + taken(source, RATING)))
    assert bounds.end - bounds.start > timedelta(days=365)


def test_after_chats_were_deleted_the_source_gives_fewer_turns(file: Path, source: Source) -> None:
    before = len(taken(source, CHAT_TURN))
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("delete from chat_message where chat_id in (select id from chat order by id limit 20)")
        writer.execute("delete from chat where id in (select id from chat order by id limit 20)")
        writer.commit()

    assert 0 < len(taken(source, CHAT_TURN)) < before


@pytest.mark.postgres
def test_postgresql_gives_the_same_batches(
    file: Path,
    source: Source,
    pseudonyms: Pseudonyms,
    new_database: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = new_database("webui_real")
    copy_to_postgres(file, url)
    monkeypatch.setenv("WEBUI_URL", url)
    theirs = openwebui_source(Chat(database_url_env="WEBUI_URL"), pseudonyms, file.parent)

    def batches(of: Source, table: Table) -> list[Any]:
        return sorted((r for b in of.extract(table, Window()) for r in b.to_pylist()), key=str)

    for table in theirs.tables:
        assert batches(theirs, table) == batches(source, table)
        assert len(batches(theirs, table)) >= 30


def test_the_doctor_finds_the_database_well_and_names_models_without_usage(source: Source) -> None:
    findings = list(source.examine())

    assert {f.level for f in findings} == {"ok", "warn"}
    assert "openwebui model mistral-large-latest" in [f.subject for f in findings if f.level == "warn"]
    assert any("31 content and secret columns" in f.found for f in findings)
