"""PostgreSQL: the read-only role can read facts and no content, and its views give what our own SELECTs give."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources import openwebui_postgres, openwebui_postgres_sql
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.sources.openwebui_postgres import without_driver
from etl.tables import CHAT_TURN
from tests.etl.sources.openwebui_databases import (
    NEW,
    OLD,
    OLDEST,
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

SCRIPT = Path(__file__).parents[3] / "deploy" / "postgres" / "openwebui_readonly.sql"
ALL = Window()
SAID = {
    "m1": {"role": "assistant", "content": PLANTED, "model": "arena-model", "selectedModelId": "o4-mini"},
    "m2": {"role": "assistant", "content": PLANTED, "model": "gpt-4o", "timestamp": T0, "usage": {"prompt_tokens": 3}},
}
PEOPLE: Mapping[str, Rows] = {
    "user": [user("jana"), user("petr", email="")],
    "chat": [chat("c", "jana", SAID)],
}
RATED: Mapping[str, Rows] = {
    "feedback": [rating("f", "jana", -1)],
    "model": [{"id": "gpt-4o", "base_model_id": "base"}],
}
GENERATIONS = {
    "new": (
        NEW,
        {
            **PEOPLE,
            **RATED,
            "chat_message": [answer("c", "m1", "jana", model_id="arena-model"), answer("c", "m2", "jana", usage=None)],
            "group": [{"id": "g", "name": "fac:MFF"}],
            "group_member": [{"id": "1", "group_id": "g", "user_id": "jana"}],
            "auth": [{"id": "jana", "email": "", "password": PLANTED}],
        },
    ),
    "old": (OLD, {**PEOPLE, **RATED, "group": [{"id": "g", "name": "fac:MFF", "user_ids": ["jana"]}]}),
    "oldest": (OLDEST, PEOPLE),
}
pytestmark = pytest.mark.postgres
Made = Callable[[str], str]


@pytest.fixture
def made(tmp_path: Path, new_database: Callable[[str], str]) -> Made:
    """A function that makes a database of a generation and gives the URL of its owner."""

    def make(generation: str) -> str:
        url = new_database("webui")
        copy_to_postgres(make_sqlite(tmp_path / f"{generation}.db", *GENERATIONS[generation]), url)
        return url

    return make


def with_role(url: str, script: str | None = None) -> str:
    """The URL of usage_reader, after the operator's script (or another one) has run."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute((script or SCRIPT.read_text("utf-8")).encode())
    return re.sub(r"//[^@/]*@", "//usage_reader@", url)


@pytest.fixture
def source_at(monkeypatch: pytest.MonkeyPatch, pseudonyms: Pseudonyms, tmp_path: Path) -> Callable[..., Source]:
    """A function that gives the source reading at a URL."""

    def make(url: str, *, accept: bool = False) -> Source:
        monkeypatch.setenv("WEBUI_URL", url)
        settings = Chat(database_url_env="WEBUI_URL", accept_readable_content=accept)
        return openwebui_source(settings, pseudonyms, tmp_path)

    return make


def everything(source: Source) -> dict[str, list[dict[str, Any]]]:
    return {t.name: [r for b in source.extract(t, ALL) for r in b.to_pylist()] for t in source.tables}


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_the_operators_views_give_what_our_own_selects_give(
    generation: str, made: Made, source_at: Callable[..., Source]
) -> None:
    owner = made(generation)
    ours = everything(source_at(owner))
    theirs = everything(source_at(with_role(owner)))

    assert theirs == ours
    assert len(ours["account"]) == 2
    assert PLANTED not in str(ours)


@pytest.mark.parametrize(
    "query",
    [
        "select content from chat_message",
        "select chat from chat",
        "select data from feedback",
        "select email from public.user",
        "select password from auth",
        "select count(*) from chat",
        "create temp table t (x int)",
    ],
)
def test_the_role_is_refused(query: str, made: Made) -> None:
    with psycopg.connect(with_role(made("new"))) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(query.encode())

    assert refused.value.sqlstate in ("42501", "25006")  # no privilege, read-only


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_no_view_shows_content(generation: str, made: Made) -> None:
    with psycopg.connect(with_role(made(generation))) as connection:
        shown = [
            connection.execute(f"select * from usage.{view}".encode()).fetchall()
            for view in ("answer", "rating", "person", "membership", "base_model")
        ]

    assert len(shown[0]) >= (0 if generation == "oldest" else 1)
    assert len(shown[2]) == 2
    assert PLANTED not in str(shown)


def test_the_script_runs_twice_and_holds_each_select_word_for_word(made: Made) -> None:
    owner = made("new")
    with_role(owner)
    with_role(owner)
    script = " ".join(SCRIPT.read_text("utf-8").split())
    selects = {n: v for n, v in vars(openwebui_postgres_sql).items() if n.isupper() and n != "USAGE_FIELDS"}

    assert len(selects) == 12
    assert [name for name, text in selects.items() if " ".join(text.split()) not in script] == []


def test_the_doctor_praises_a_role_that_can_read_no_content(made: Made, source_at: Callable[..., Source]) -> None:
    found = {f.subject: (f.level, f.found) for f in source_at(with_role(made("new"))).examine()}

    assert found["openwebui content"] == ("ok", "the role can read no content and no secrets")
    assert {level for level, _ in found.values()} == {"ok", "warn"}  # warn: an answer without usage


@pytest.mark.parametrize(("accept", "level"), [(False, "fail"), (True, "warn")])
def test_a_role_that_can_read_content_fails_unless_accepted(
    accept: bool, level: str, made: Made, source_at: Callable[..., Source]
) -> None:
    found = [f for f in source_at(made("new"), accept=accept).examine() if f.subject == "openwebui content"]

    assert [f.level for f in found] == [level]
    assert "auth.password, chat.chat, chat.title, chat_message.content" in found[0].found
    assert "openwebui_readonly.sql" in found[0].remedy


def test_missing_grants_are_named_column_by_column(made: Made, source_at: Callable[..., Source]) -> None:
    grants = """
        drop schema if exists usage cascade;
        do $$ begin if not exists (select from pg_roles where rolname = 'usage_reader') then
            create role usage_reader login; end if; end $$;
        grant select (id, email, role, created_at) on "user" to usage_reader;
        grant select on "group", group_member, model, feedback to usage_reader;
        grant select (id, chat_id, user_id, role, model_id, error, created_at, updated_at) on chat_message
            to usage_reader;
        grant select on chat to usage_reader;
    """
    source = source_at(with_role(made("new"), grants))
    found = [f.found for f in source.examine() if f.subject == "openwebui role"]

    assert found == ["may not read chat_message.usage, user.oauth"]
    with pytest.raises(SourceError, match=r"may not read: user\.oauth$"):
        everything(source)


def test_after_the_views_were_dropped_for_an_upgrade_the_source_says_what_it_may_not_read(
    made: Made, source_at: Callable[..., Source]
) -> None:
    owner = made("new")
    role = with_role(owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("drop schema usage cascade")

    with pytest.raises(SourceError, match=r"may not read: user\.created_at, user\.email"):
        everything(source_at(role))


def test_batches_are_bounded_and_streamed(
    made: Made, source_at: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openwebui_postgres, "BATCH_ROWS", 1)

    assert [b.num_rows for b in source_at(made("new")).extract(CHAT_TURN, ALL)] == [1, 1]


def test_a_server_that_does_not_answer_is_an_error_without_the_password(source_at: Callable[..., Source]) -> None:
    with pytest.raises(SourceError) as refused:
        everything(source_at("postgresql://reader:geheim@127.0.0.1:1/webui"))

    assert "geheim" not in str(refused.value)
    assert [f.level for f in source_at("postgresql://reader:geheim@127.0.0.1:1/webui").examine()] == ["fail"]


def test_sqlalchemys_driver_name_in_the_url_is_no_trouble() -> None:
    assert without_driver("postgresql+psycopg2://u@h/d") == "postgresql://u@h/d"
    assert without_driver("postgres://u@h/d") == "postgresql://u@h/d"
