"""A real PostgreSQL that ends the connection in mid read: nothing of the piece is kept, the next run has everything."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from etl.demo import __file__ as demo
from etl.identity import Pseudonyms
from etl.jobs import Job
from etl.load import Clock
from etl.run import Outcome, Runner
from etl.sections import Gateway, Storage
from etl.settings import Settings
from etl.sources import litellm_database
from etl.sources.base import Source, Window
from etl.sources.litellm import litellm_source
from etl.tables import REQUEST, Table
from tests.etl.builders import chat, rates, turn

ROWS = 20_000
FILL = f"""
    insert into "LiteLLM_SpendLogs" (request_id, call_type, api_key, spend, prompt_tokens, completion_tokens,
        total_tokens, "startTime", "endTime", model, model_group, custom_llm_provider, "user", status,
        created_at, updated_at)
    select 'r' || n, 'acompletion', md5('k'), 0.01, 10, 5, 15, t, t, 'openai/gpt-5.5', 'gpt-5.5', 'openai',
        'p' || n % 50 || '@cuni.cz', 'success', t, t
    from generate_series(1, {ROWS}) as n,
        lateral (select timestamp '2026-11-20 06:00' + n * interval '1 second') as x (t)
"""


class CutOff:
    """A source whose server ends its connections once the first batch of requests has been read."""

    def __init__(self, source: Source, url: str) -> None:
        self._source, self._url = source, url
        self.name, self.tables = source.name, source.tables
        self.bounds, self.notes, self.examine, self.close = source.bounds, source.notes, source.examine, source.close
        self.is_cut = False

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        for batch in self._source.extract(table, window):
            yield batch
            if table is REQUEST and not self.is_cut:
                self.is_cut = True
                with psycopg.connect(self._url) as connection:
                    connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where datname = current_database() and pid <> pg_backend_pid()"
                    )


@pytest.mark.postgres
def test_a_connection_the_server_ends_in_mid_read_loses_nothing(
    new_database: Callable[[str], str], tmp_path: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database("litellm")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((Path(demo).parent / "gateway_schema.sql").read_bytes())
        connection.execute(FILL.encode())
    monkeypatch.setenv("A_DATABASE", url)
    monkeypatch.setattr(litellm_database, "BATCH_BYTES", 2**18)  # many batches, so that most are still at the server
    settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
    gateway = Gateway(database_url_env="A_DATABASE")

    def ran(is_cut: bool) -> tuple[dict[str, Outcome], int]:
        def source() -> Source:
            real = litellm_source(gateway, pseudonyms)
            return CutOff(real, url) if is_cut else real

        turns = chat(turn("m", "2026-11-20 10:00"))
        known = [rates().job("fx"), Job("litellm", "gateway", lambda: closing(source())), turns.job("chat")]
        with closing(Runner(settings, Clock(datetime(2026, 11, 23)), pseudonyms, known)) as runner:
            outcomes = {o.job: o for o in runner.run()}
            [(count,)] = runner.build.connection.execute("select count(*) from fact_request").fetchall()
        return outcomes, count

    outcomes, count = ran(is_cut=True)
    assert [o.status for o in outcomes.values()] == ["DONE", "FAILED", "DONE"]
    assert outcomes["gateway:litellm"].message.startswith("litellm: ")
    assert count == 0
    outcomes, count = ran(is_cut=False)
    assert [o.status for o in outcomes.values()] == ["DONE", "DONE", "DONE"]
    assert count == ROWS
