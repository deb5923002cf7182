"""Turns and ratings of both generations, in both databases: every test runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.tables import CHAT_TURN, RATING, Table
from tests.etl.sources.openwebui_databases import (
    NEW,
    OLD,
    PLANTED,
    T0,
    Rows,
    answer,
    chat,
    copy_to_postgres,
    make_sqlite,
    rating,
    user,
)

Make = Callable[[Mapping[str, str], Mapping[str, Rows]], Source]
DAY = datetime(2025, 10, 9)
NEXT_DAY = datetime(2025, 10, 10)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def make(request: Any, tmp_path: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A function that makes a database of the given tables and rows and gives the source that reads it."""

    def build(tables: Mapping[str, str], rows: Mapping[str, Rows]) -> Source:
        file = make_sqlite(tmp_path / "webui.db", tables, rows)
        if request.param == "sqlite":
            return openwebui_source(Chat(sqlite_file=file), pseudonyms, tmp_path)
        url = request.getfixturevalue("new_database")("webui")
        copy_to_postgres(file, url)
        monkeypatch.setenv("WEBUI_URL", url)
        return openwebui_source(Chat(database_url_env="WEBUI_URL"), pseudonyms, tmp_path)

    return build


def taken(source: Source, table: Table, window: Window | None = None) -> list[dict[str, Any]]:
    """All rows of a table; fails when a batch is not of its schema or holds what was planted as content."""
    batches = list(source.extract(table, window or Window()))
    assert all(b.schema.equals(table.schema) for b in batches)
    rows = [row for b in batches for row in b.to_pylist()]
    assert PLANTED not in str(rows)
    return rows


def test_each_assistant_message_is_one_turn_and_user_messages_are_none(make: Make, pseudonyms: Pseudonyms) -> None:
    question = answer("c1", "m0", "jana", role="user", model_id=None)
    source = make(NEW, {"user": [user("jana")], "chat": [chat("c1", "jana")], "chat_message": [
        question, answer("c1", "m1", "jana"), answer("c1", "m2", "jana", created_at=T0 + 5)]})  # fmt: skip

    assert taken(source, CHAT_TURN)[0] == {
        "account_key": pseudonyms.key("jana"),
        "message_id": "m1",
        "started_at": datetime(2025, 10, 9, 8, 53, 20),
        "model": "gpt-4o",
        "workspace_model": "gpt-4o",
        "is_error": False,
        "input_tokens": 10,
        "cached_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 5,
        "reasoning_tokens": None,
    }
    assert [t["message_id"] for t in taken(source, CHAT_TURN)] == ["m1", "m2"]


def test_a_clone_counts_once_with_the_earliest_copy_wherever_the_window_lies(make: Make) -> None:
    source = make(NEW, {"chat_message": [
        answer("clone", "m1", "jana", created_at=T0 + 86_400, updated_at=T0 + 86_400),
        answer("original", "m1", "jana", created_at=T0 * 1000),
        answer("other", "m1", "petr", created_at=T0 + 86_401, updated_at=T0 + 86_401)]})  # fmt: skip

    everything = [(t["message_id"], t["started_at"].day) for t in taken(source, CHAT_TURN)]
    next_day = taken(source, CHAT_TURN, Window(NEXT_DAY, None))
    changed = taken(source, CHAT_TURN, Window(since=NEXT_DAY))

    assert sorted(everything) == [("m1", 9), ("m1", 10)]  # jana's and petr's
    assert len(next_day) == 1
    assert len(changed) == 1


def test_regenerated_answers_are_all_turns(make: Make) -> None:
    source = make(NEW, {"chat_message": [answer("c", "a", "jana"), answer("c", "b", "jana")]})

    assert len(taken(source, CHAT_TURN)) == 2


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
def test_a_time_in_seconds_or_finer_is_the_same_instant_and_lies_in_the_same_window(make: Make, factor: int) -> None:
    source = make(NEW, {"chat_message": [answer("c", "m", "jana", created_at=T0 * factor)]})
    first, second = datetime(2025, 10, 9, 8, 53, 20), datetime(2025, 10, 9, 8, 53, 21)

    assert [t["started_at"] for t in taken(source, CHAT_TURN, Window(first, second))] == [first]
    assert taken(source, CHAT_TURN, Window(second, None)) == []
    assert taken(source, CHAT_TURN, Window(None, first)) == []


def test_a_window_that_starts_or_ends_within_a_second_cuts_exactly(make: Make) -> None:
    source = make(NEW, {"chat_message": [answer("c", "m", "jana", created_at=T0, updated_at=T0)]})
    within = datetime(2025, 10, 9, 8, 53, 20, 500_000)

    assert len(taken(source, CHAT_TURN, Window(None, within))) == 1
    assert taken(source, CHAT_TURN, Window(within, None)) == []
    assert taken(source, CHAT_TURN, Window(since=within)) == []


def test_json_null_usage_and_no_usage_are_unknown_tokens(make: Make) -> None:
    missing = answer("c", "b", "jana")
    del missing["usage"]
    source = make(NEW, {"chat_message": [answer("c", "a", "jana", usage=None), missing]})

    assert [(t["input_tokens"], t["cached_tokens"], t["output_tokens"]) for t in taken(source, CHAT_TURN)] == [
        (None, None, None),
        (None, None, None),
    ]


def test_cached_written_and_reasoning_tokens_come_through_the_projection(make: Make) -> None:
    usage = {
        "prompt_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 30, "cache_creation_tokens": 20},
        "completion_tokens": 40,
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    turn = taken(make(NEW, {"chat_message": [answer("c", "m", "jana", usage=usage)]}), CHAT_TURN)[0]

    assert [turn[f"{part}_tokens"] for part in ("input", "cached", "cache_write", "output", "reasoning")] == [
        50, 30, 20, 40, 12]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "is_error"), [({"content": PLANTED}, True), (True, True), (False, False), (None, False)]
)
def test_an_error_object_makes_the_turn_an_error(make: Make, error: object, is_error: bool) -> None:
    source = make(NEW, {"chat_message": [answer("c", "m", "jana", error=error)]})

    assert [t["is_error"] for t in taken(source, CHAT_TURN)] == [is_error]


def test_a_workspace_model_is_shown_with_its_base_model(make: Make) -> None:
    models = [{"id": "tutor", "base_model_id": "gpt-4o"}, {"id": "tutor-2", "base_model_id": "tutor"},
              {"id": "loop", "base_model_id": "loop"}, {"id": "gpt-4o", "base_model_id": None}]  # fmt: skip
    picked = ["tutor", "tutor-2", "loop", "gpt-4o", None]
    answers = [answer("c", f"m{i}", "jana", model_id=m) for i, m in enumerate(picked)]
    turns = taken(make(NEW, {"model": models, "chat_message": answers}), CHAT_TURN)

    assert [t["workspace_model"] for t in turns] == picked
    assert [t["model"] for t in turns] == ["gpt-4o", "gpt-4o", "loop", "gpt-4o", None]


def test_the_arena_shows_the_real_model_from_the_chat_or_the_rating_or_stays_the_arena(make: Make) -> None:
    said = {"m1": {"role": "assistant", "content": PLANTED, "selectedModelId": "tutor"}, "m2": {"content": PLANTED}}
    judged = rating("f", "jana", 1, data={"rating": 1, "model_id": "o4-mini"},
                    meta={"model_id": "arena-model", "message_id": "m2"})  # fmt: skip
    answers = [answer("c", m, "jana", model_id="arena-model") for m in ("m1", "m2", "m3")]
    source = make(NEW, {"model": [{"id": "tutor", "base_model_id": "gpt-4o"}], "chat": [chat("c", "jana", said)],
                        "feedback": [judged], "chat_message": answers})  # fmt: skip
    turns = taken(source, CHAT_TURN)

    assert [t["model"] for t in turns] == ["gpt-4o", "o4-mini", "arena-model"]
    assert {t["workspace_model"] for t in turns} == {"arena-model"}


def test_an_odd_message_id_and_an_escaped_zero_character_do_no_harm(make: Make) -> None:
    odd = "x\"].y'%(1)s"
    said = {odd: {"role": "assistant", "content": f"{PLANTED} \x00 \\u0000", "selectedModelId": "o4-mini"}}
    source = make(NEW, {"chat": [chat("c", "jana", said)],
                        "chat_message": [answer("c", odd, "jana", model_id="arena-model")]})  # fmt: skip

    assert [(t["message_id"], t["model"]) for t in taken(source, CHAT_TURN)] == [(odd, "o4-mini")]


def test_copies_made_for_shares_and_answers_to_nobody_are_no_turns(make: Make) -> None:
    source = make(
        NEW,
        {
            "chat_message": [
                answer("c", "m", "shared-c0"),
                answer("d", "m", "jana"),
                answer("e", "m", ""),
                answer("f", "m", None),
            ]
        },
    )

    assert len(taken(source, CHAT_TURN)) == 1


def test_since_gives_what_was_changed_and_the_window_what_was_made(make: Make) -> None:
    source = make(NEW, {"chat_message": [
        answer("c", "old", "jana", created_at=T0, updated_at=T0),
        answer("c", "revised", "jana", created_at=T0, updated_at=T0 + 86_400)]})  # fmt: skip

    assert [t["message_id"] for t in taken(source, CHAT_TURN, Window(since=NEXT_DAY))] == ["revised"]
    assert len(taken(source, CHAT_TURN, Window(DAY, NEXT_DAY))) == 2
    assert taken(source, CHAT_TURN, Window(NEXT_DAY, None)) == []


def test_ratings_are_thumbs_only_with_message_and_base_model(make: Make, pseudonyms: Pseudonyms) -> None:
    source = make(NEW, {"model": [{"id": "gpt-4o", "base_model_id": "base"}], "feedback": [
        rating("up", "jana", 1), rating("down", "petr", -1, created_at=T0 + 86_400, updated_at=T0 + 86_400),
        rating("none", "jana", None), rating("other", "jana", 7), rating("empty", "jana", 1, data=None)]})  # fmt: skip

    assert taken(source, RATING, Window(DAY, NEXT_DAY)) == [
        {
            "rating_id": "up",
            "account_key": pseudonyms.key("jana"),
            "message_id": "m1",
            "rated_at": datetime(2025, 10, 9, 8, 53, 20),
            "model": "base",
            "rating": 1,
        }
    ]
    assert [(r["rating_id"], r["rating"]) for r in taken(source, RATING, Window(since=NEXT_DAY))] == [("down", -1)]


def test_bounds_reach_from_the_first_to_just_after_the_last_row(make: Make) -> None:
    source = make(NEW, {"chat_message": [answer("c", "a", "jana", created_at=(T0 + 10) * 1000)],
                        "feedback": [rating("f", "jana", 1, created_at=T0)]})  # fmt: skip
    bounds = source.bounds()
    assert bounds is not None
    assert bounds.start is not None
    assert bounds.end is not None

    assert (bounds.start.timestamp(), bounds.end.timestamp()) == (T0, T0 + 11)
    assert len(taken(source, CHAT_TURN, bounds)) == 1


def test_an_empty_database_gives_no_batch_and_no_bounds(make: Make) -> None:
    source = make(NEW, {})

    assert [list(source.extract(table, Window())) for table in source.tables] == [[], [], [], []]
    assert source.bounds() is None
    assert source.notes() == []


OLD_MESSAGES = {
    "q": {"role": "user", "content": PLANTED, "timestamp": T0},
    "openai": {"role": "assistant", "content": PLANTED, "model": "gpt-4o", "timestamp": T0 + 1,
               "usage": {"prompt_tokens": 10, "completion_tokens": 5}},
    "ollama": {"role": "assistant", "content": PLANTED, "model": "llama3", "timestamp": T0 + 2,
               "info": {"prompt_eval_count": 7, "eval_count": 3, "approximate_total": PLANTED}},
    "info": {"role": "assistant", "content": PLANTED, "model": "tutor", "timestamp": T0 + 3,
             "info": {"openai": True, "usage": {"prompt_tokens": 8, "completion_tokens": 4}}},
    "arena": {"role": "assistant", "content": PLANTED, "model": "arena-model", "selectedModelId": "gpt-4o",
              "timestamp": T0 + 4.5, "error": {"content": PLANTED}},
    "untimed": {"role": "assistant", "content": f"{PLANTED}\x00", "model": "gpt-4o"},
}  # fmt: skip


def test_before_chat_message_turns_come_from_the_message_maps(make: Make) -> None:
    source = make(OLD, {
        "model": [{"id": "tutor", "base_model_id": "gpt-4o"}],
        "chat": [chat("c", "jana", OLD_MESSAGES, created_at=T0 + 9), chat("s", "shared-c", OLD_MESSAGES),
                 chat("e", "jana", chat=None), chat("n", "jana", chat={"messages": [PLANTED]})]})  # fmt: skip
    turns = taken(source, CHAT_TURN)

    assert [(t["message_id"], t["model"], t["is_error"], t["input_tokens"], t["output_tokens"]) for t in turns] == [
        ("openai", "gpt-4o", False, 10, 5),
        ("ollama", "llama3", False, 7, 3),
        ("info", "gpt-4o", False, 8, 4),
        ("arena", "gpt-4o", True, None, None),
        ("untimed", "gpt-4o", False, None, None),
    ]
    assert turns[-1]["started_at"] == datetime(2025, 10, 9, 8, 53, 29)  # the chat's own time
    assert any("chat_message" in note for note in source.notes())


def test_before_chat_message_clones_windows_and_since_work_the_same(make: Make) -> None:
    source = make(OLD, {"chat": [chat("c", "jana", OLD_MESSAGES), chat("clone", "jana", OLD_MESSAGES,
                                                                      updated_at=T0 + 86_400)]})  # fmt: skip

    assert len(taken(source, CHAT_TURN)) == 5
    assert len(taken(source, CHAT_TURN, Window(DAY, NEXT_DAY))) == 5
    assert taken(source, CHAT_TURN, Window(NEXT_DAY, None)) == []
    assert taken(source, CHAT_TURN, Window(since=datetime(2025, 10, 11))) == []
