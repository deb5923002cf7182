"""The real LiteLLM dump in a real PostgreSQL, and a stand-in for LiteLLM's REST API that serves the same rows."""

import functools
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyarrow as pa
import pytest

from etl.identity import Pseudonyms
from etl.sections import Gateway
from etl.sources.base import Source, Window
from etl.tables import Table
from tests.conftest import DOMAINS, TEST_SECRET

SETTINGS = Gateway(database_url_env="UNUSED", chat_key_aliases=("open-webui-service",))
READONLY = Path(__file__).resolve().parents[3] / "deploy" / "postgres" / "litellm_readonly.sql"
DAY = Window()


def restore(dump: Path, url: str) -> None:
    """Runs a plain pg_dump: statements as they stand, COPY blocks as copies."""
    with psycopg.connect(url, autocommit=True) as connection, gzip.open(dump, "rt", encoding="utf-8") as lines:
        statements: list[str] = []
        for line in lines:
            if line.startswith("COPY "):
                connection.execute("".join(statements).encode())
                statements = []
                with connection.cursor().copy(line.encode()) as copy:
                    for row in iter(lambda: next(lines), "\\.\n"):
                        copy.write(row)
            elif not line.startswith("\\"):
                statements.append(line)
        connection.execute("".join(statements).encode())


def at_database(url: str, name: str) -> str:
    """The server's URL with another database in it."""
    return url.replace("/postgres?", f"/{name}?")


@functools.cache
def _restored(postgres_url: str, dump: Path) -> str:
    """URL of the dump's database, made once a session: a fixture imported by several modules would make it again."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(b"create database litellm_real")
    restore(dump, at_database(postgres_url, "litellm_real"))
    return at_database(postgres_url, "litellm_real")


@pytest.fixture(scope="session")
def real_url(postgres_url: str, shared_data: Path) -> str:
    """URL of a database with the real dump; not to be changed by a test (see `real_copy`)."""
    return _restored(postgres_url, shared_data / "litellm" / "litellm_real.sql.gz")


@functools.cache
def _emptied(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(b"create database litellm_empty template litellm_real")
    return at_database(postgres_url, "litellm_empty")


@pytest.fixture
def empty(postgres_url: str, real_url: str) -> str:
    """URL of the real database without requests; only requests may be added, and names of teams changed."""
    url = _emptied(postgres_url)
    execute(url, 'truncate "LiteLLM_SpendLogs"')
    return url


@pytest.fixture
def real_copy(postgres_url: str, real_url: str) -> Iterator[str]:
    """URL of a copy of the real database that a test may change."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(b"create database litellm_copy template litellm_real")
    yield at_database(postgres_url, "litellm_copy")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(b"drop database litellm_copy with (force)")
        connection.execute(b"drop role if exists sandbox_usage")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def as_role(url: str, role: str) -> str:
    return url.replace("//postgres:@", f"//{role}@")


def pseudonyms() -> Pseudonyms:
    return Pseudonyms(TEST_SECRET, DOMAINS)


def rows(source: Source, table: Table, window: Window = DAY, *, without: str = "") -> list[dict[str, Any]]:
    """All rows in the order of their key, without one column if named; each batch has exactly the table's schema."""
    found = list(source.extract(table, window))
    assert all(batch.schema.equals(table.schema) for batch in found)
    whole = pa.Table.from_batches(found, table.schema).sort_by(table.key[0])
    return (whole.drop_columns([without]) if without else whole).to_pylist()


class Api:
    """Answers as LiteLLM 1.106.2 does, from the rows of a database; `recorded` answers give the keys of each row.

    `cap`: the highest total it names; `largest_page`: larger ones are refused (422); `most`: requests it knows;
    `spoil` may change an answer.
    """

    def __init__(
        self, url: str, recorded: Path, *, cap: int = 10_000, largest_page: int = 1000, most: int = 10**6
    ) -> None:
        self.cap, self.largest_page = cap, largest_page
        self.asked: list[httpx.URL] = []
        self.spoil: Callable[[str, dict[str, str], Any], Any] = lambda path, params, body: body
        self._keys = {
            name: _row_keys(recorded, name) for name in ("spend_logs_v2", "user_list", "v2_team_list", "key_list")
        }
        self._tables = dict(_served(url))
        self._tables["LiteLLM_SpendLogs"] = self._tables["LiteLLM_SpendLogs"][:most]

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def logs(self, **params: str) -> Any:
        return self._logs({"page": "1", "page_size": "50", **params})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        path, params = request.url.path, dict(request.url.params)
        deleted = "Deleted" if params.get("status") == "deleted" else ""
        if request.headers.get("Authorization") != "Bearer sk-admin":
            return httpx.Response(401, json={"error": {"message": "Authentication Error, sk-... is wrong"}})
        if path == "/spend/logs/v2":
            if int(params["page_size"]) > self.largest_page:
                return httpx.Response(422, json={"detail": "Input should be less than or equal"})
            body = self._logs(params)
        elif path == "/user/list":
            body = self._list("LiteLLM_UserTable", "user_list", "users", params, int(params["page_size"]))
        elif path == "/v2/team/list":
            body = self._list(f"LiteLLM_{deleted}TeamTable", "v2_team_list", "teams", params, int(params["page_size"]))
        elif path == "/key/list":
            table = f"LiteLLM_{deleted}VerificationToken"
            body = self._list(table, "key_list", "keys", params, int(params["size"]))
            body = {
                "keys": body["keys"],
                "total_count": body["total"],
                "current_page": body["page"],
                "total_pages": body["total_pages"],
            }
        elif path == "/customer/list":
            body = self._tables["LiteLLM_EndUserTable"]
        else:
            return httpx.Response(404, json={"detail": "Not Found"})
        body = self.spoil(path, params, body)
        return body if isinstance(body, httpx.Response) else httpx.Response(200, text=json.dumps(body))

    def _logs(self, params: dict[str, str]) -> Any:
        start, end = (params[f"{k}_date"].replace(" ", "T") for k in ("start", "end"))
        found = [r for r in self._tables["LiteLLM_SpendLogs"] if start <= r["startTime"][:23] <= end + ".000"]
        if params.get("sort_order") == "desc":
            found.reverse()
        page, size = int(params["page"]), int(params["page_size"])
        total = min(len(found), self.cap)
        shown = [{k: r.get(k) for k in self._keys["spend_logs_v2"]} for r in found[(page - 1) * size : page * size]]
        return {
            "data": shown, "total": total, "page": page, "page_size": size,
            "total_pages": -(-total // size), "total_is_capped": len(found) > self.cap,
        }  # fmt: skip

    def _list(self, table: str, name: str, key: str, params: dict[str, str], size: int) -> Any:
        page, found = int(params["page"]), self._tables[table]
        shown = [
            {k: r.get(k) for k in (*self._keys[name], "deleted_at")} for r in found[(page - 1) * size : page * size]
        ]
        return {key: shown, "total": len(found), "page": page, "page_size": size, "total_pages": -(-len(found) // size)}


TABLES = (
    "LiteLLM_SpendLogs", "LiteLLM_UserTable", "LiteLLM_EndUserTable", "LiteLLM_TeamTable",
    "LiteLLM_DeletedTeamTable", "LiteLLM_VerificationToken", "LiteLLM_DeletedVerificationToken",
)  # fmt: skip


@functools.cache
def _served(url: str) -> dict[str, list[dict[str, Any]]]:
    """Each table's rows as the API writes them, requests by start time."""
    with psycopg.connect(url) as connection:
        tables = {name: _json_rows(connection, name) for name in TABLES}
    tables["LiteLLM_SpendLogs"].sort(key=lambda row: row["startTime"])
    return tables


def _row_keys(recorded: Path, name: str) -> list[str]:
    body = json.loads((recorded / f"{name}.json").read_text("utf-8"))["body"]
    return list(next(rows for rows in body.values() if isinstance(rows, list))[0])


def _json_rows(connection: psycopg.Connection, table: str) -> list[dict[str, Any]]:
    found = [row for (row,) in connection.execute(f'select to_jsonb(t) from "{table}" as t'.encode())]
    return [{k: _zoned(k, v) for k, v in row.items()} for row in found]


def _zoned(key: str, value: Any) -> Any:
    """Times as the API writes them: milliseconds and a zone."""
    if value is None or not (key.endswith(("Time", "_at")) and isinstance(value, str)):
        return value
    whole, _, part = value.partition(".")
    return f"{whole}.{part:0<3}+00:00"
