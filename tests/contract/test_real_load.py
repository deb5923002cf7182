"""What the real LiteLLM and Open WebUI wrote, loaded the whole way: the known totals, whatever happens on the way."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.jobs import Job
from etl.load import Clock
from etl.run import Runner
from etl.sections import Chat, Gateway, Storage
from etl.settings import Settings
from etl.sources.base import Source, Window
from etl.sources.directory import directory_source
from etl.sources.fx import fx_source
from etl.sources.litellm import litellm_source
from etl.sources.openwebui import openwebui_source
from etl.tables import REQUEST, Table
from tests.conftest import postgres_program

NOW = datetime(2026, 11, 24)
GATEWAY = Gateway(name="litellm", database_url_env="LITELLM_DATABASE_URL", chat_key_aliases=("open-webui-service",))
Make = Callable[..., Runner]


@pytest.fixture
def litellm_url(new_database: Callable[[str], str], shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as the real LiteLLM left it."""
    url = new_database("litellm_real")
    dump = subprocess.run(
        ["gunzip", "-c", str(shared_data / "litellm" / "litellm_real.sql.gz")], capture_output=True, check=True
    )
    subprocess.run([postgres_program("psql"), "-q", "-d", url], input=dump.stdout, capture_output=True, check=True)
    monkeypatch.setenv("LITELLM_DATABASE_URL", url)
    return url


@pytest.fixture
def chat_file(tmp_path: Path, shared_data: Path) -> Path:
    """A writable copy of the real Open WebUI database."""
    file = tmp_path / "webui.db"
    shutil.copyfile(shared_data / "openwebui" / "webui_real.db", file)
    return file


@dataclass
class CutOff:
    """A source that fails after `batches` batches of requests; otherwise the real one."""

    source: Source
    batches: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(self.source.extract(table, window)):
            if table is REQUEST and number >= self.batches:
                raise SourceError(self.source.name, table.name, "cut off")
            yield batch
        if table is REQUEST:
            raise SourceError(self.source.name, table.name, "cut off at the very end")


@pytest.fixture
def make(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over the given folder and real sources; one at a time, closed after the test."""
    open_now: list[Runner] = []

    def runner(folder: str, *, chat: Path | None = None, cut_off: int | None = None) -> Runner:
        while open_now:
            open_now.pop().close()
        settings = Settings(storage=Storage(folder=tmp_path / folder), base=tmp_path)

        def gateway() -> Any:
            real = litellm_source(GATEWAY, pseudonyms)
            return closing(real if cut_off is None else CutOff(real, cut_off))

        known = [
            Job("fx", "fx", lambda: closing(fx_source(settings.fx, tmp_path))),
            Job("directory", "directory", lambda: closing(directory_source(settings, pseudonyms, tmp_path))),
        ]
        if chat:
            chats = Chat(sqlite_file=chat)
            known.append(Job("openwebui", "chat", lambda: closing(openwebui_source(chats, pseudonyms, tmp_path))))
        else:
            known.append(Job("litellm", "gateway", gateway))
        open_now.append(Runner(settings, Clock(NOW), pseudonyms, known))
        return open_now[0]

    yield runner
    for left in open_now:
        left.close()


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


FACTS = (
    "select request_key, started_at, day, hour, u.account_key, e.account_key, k.api_key_key, r.team_id, model, status,"
    " error_class, metered_usd, uncached_usd, input_tokens, cached_tokens, cache_write_tokens, output_tokens"
    " from fact_request as r left join account as u on u.account_no = r.user_account_no"
    " left join account as e on e.account_no = r.end_user_account_no left join api_key as k on k.key_no = r.key_no"
    " order by request_key"
)
TOTALS = (
    "select count(*), count(*) filter (status = 'success'), round(sum(metered_usd), 6),"
    " round(sum(metered_usd) filter (status = 'success'), 6),"
    " sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) filter (status = 'success')"
    " from fact_request"
)
EXPECTED = (4371, 4084, Decimal("13.412734"), Decimal("13.411984"), 5521642)


@pytest.mark.postgres
def test_the_real_gateway_gives_the_totals_the_handbook_states_and_loading_again_changes_nothing(
    make: Make, litellm_url: str
) -> None:
    runner = make("var")
    assert [o.message for o in runner.run() if o.status != "DONE"] == []
    assert rows(runner, TOTALS) == [EXPECTED]
    before = rows(runner, FACTS), rows(runner, "from usage_daily order by all")
    again = make("var")
    assert [o.days_changed for o in again.run()] == [0, 0, 0]
    assert (rows(again, FACTS), rows(again, "from usage_daily order by all")) == before


@pytest.mark.postgres
def test_loading_in_ten_interrupted_pieces_gives_the_same(make: Make, litellm_url: str) -> None:
    whole = make("whole")
    whole.run()
    expected = rows(whole, FACTS)
    with psycopg.connect(litellm_url) as connection:
        found = connection.execute('select min("startTime"), max("startTime") from "LiteLLM_SpendLogs"').fetchone()
    assert found
    step = (found[1] - found[0]) / 10 + timedelta(milliseconds=1)
    for piece in reversed(range(10)):  # the latest first, each cut off once before it is read
        start = found[0] + piece * step
        cut = make("pieces", cut_off=piece % 2)
        cut.run(["fx", "directory"])
        assert [o.status for o in cut.backfill(start, start + step)] == ["FAILED"]
        good = make("pieces")
        assert [o.status for o in good.backfill(start, start + step)] == ["DONE"]
    pieces = make("pieces")
    assert rows(pieces, FACTS) == expected
    assert rows(pieces, TOTALS) == [EXPECTED]


def test_the_real_chat_gives_what_plain_sql_over_it_says_and_keeps_what_is_deleted(make: Make, chat_file: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(chat_file)) as plain:
        people, pending = plain.execute("select count(*), sum(role = 'pending') from user").fetchone()
        members = plain.execute("select count(*) from group_member").fetchone()[0]
        turns = plain.execute(
            "select count(distinct user_id || ':' || substr(id, length(chat_id) + 2)) from chat_message"
            " where role = 'assistant'"
        ).fetchone()[0]
        ratings = plain.execute("select count(*) from feedback").fetchone()[0]
    runner = make("var", chat=chat_file)
    assert [o.message for o in runner.run() if o.status != "DONE"] == []
    count = "select (select count(*) from fact_chat_turn), (select count(*) from fact_rating)"
    assert rows(
        runner, "select count(*), count(*) filter (is_pending) from source_account where source = 'openwebui'"
    ) == [(people, pending)]
    assert rows(runner, "select count(*) from group_membership") == [(members,)]
    assert rows(runner, count) == [(turns, ratings)]
    with closing(sqlite3.connect(chat_file)) as plain, plain:
        plain.execute("delete from chat_message")
        plain.execute("delete from chat")
        plain.execute("delete from feedback")
        plain.execute("delete from user where role = 'pending'")
    again = make("var", chat=chat_file)
    assert [o.message for o in again.run() if o.status != "DONE"] == []
    assert rows(again, count) == [(turns, ratings)]
    assert rows(again, "select count(*) from source_account where source = 'openwebui' and is_gone") == [(pending,)]
