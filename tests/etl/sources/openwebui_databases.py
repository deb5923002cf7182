"""Small Open WebUI databases of every generation, and the same put into PostgreSQL with its types."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PLANTED = "PLANTED-CONTENT-7f3a"  # must appear in no batch
T0 = 1_760_000_000  # 2025-10-09 08:53:20 UTC

_USERS = "id varchar primary key, name varchar, email varchar, role varchar, created_at bigint, updated_at bigint"
_CHATS = "id varchar primary key, user_id varchar, title text, chat json, created_at bigint, updated_at bigint"
_FEEDBACK = (
    "id text primary key, user_id text, version bigint, type text, data json, meta json, snapshot json, "
    "created_at bigint, updated_at bigint"
)
_MODEL = "id text primary key, user_id text, base_model_id text, name text"
_MESSAGES = (
    "id text primary key, chat_id text, user_id text, role text, parent_id text, content json, output json, "
    "model_id text, done boolean, error json, usage json, created_at bigint, updated_at bigint"
)

NEW: Mapping[str, str] = {
    "user": f"{_USERS}, oauth json",
    "chat": _CHATS,
    "chat_message": _MESSAGES,
    "feedback": _FEEDBACK,
    "model": _MODEL,
    "group": "id text primary key, name text",
    "group_member": "id text primary key, group_id text, user_id text",
    "auth": "id varchar primary key, email varchar, password text",
}
OLD: Mapping[str, str] = {  # 0.6.36
    "user": f"{_USERS}, oauth_sub text, api_key varchar",
    "chat": _CHATS,
    "feedback": _FEEDBACK,
    "model": _MODEL,
    "group": "id text primary key, name text, user_ids json",
}
OLDEST: Mapping[str, str] = {"user": _USERS, "chat": _CHATS}  # 0.3

Rows = list[dict[str, Any]]


def user(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": f"Name {PLANTED}",
        "email": f"{key}@mff.cuni.cz",
        "role": "user",
        "created_at": T0,
        "updated_at": T0,
        **changes,
    }


def chat(key: str, owner: str, messages: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "id": key,
        "user_id": owner,
        "title": PLANTED,
        "chat": {"title": PLANTED, "history": {"messages": messages or {}}},
        "created_at": T0,
        "updated_at": T0 + 60,
        **changes,
    }


def answer(chat_id: str, message: str, owner: str | None, **changes: Any) -> dict[str, Any]:
    """A chat_message row as 0.8+ writes it: JSON columns without a value hold JSON null."""
    return {
        "id": f"{chat_id}-{message}",
        "chat_id": chat_id,
        "user_id": owner,
        "role": "assistant",
        "content": PLANTED,
        "output": [{"text": PLANTED}],
        "model_id": "gpt-4o",
        "done": True,
        "error": None,
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "note": PLANTED},
        "created_at": T0,
        "updated_at": T0,
        **changes,
    }


def rating(key: str, owner: str, value: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": key,
        "user_id": owner,
        "version": 0,
        "type": "rating",
        "data": {"rating": value, "model_id": "gpt-4o", "comment": PLANTED},
        "meta": {"model_id": "gpt-4o", "message_id": "m1"},
        "snapshot": {"chat": PLANTED},
        "created_at": T0,
        "updated_at": T0,
        **changes,
    }


def make_sqlite(file: Path, tables: Mapping[str, str], rows: Mapping[str, Rows]) -> Path:
    """A new SQLite file with these tables and rows."""
    with closing(sqlite3.connect(file)) as connection:
        for table, columns in tables.items():
            connection.execute(f'create table "{table}" ({columns})')
        for table, some in rows.items():
            add(connection, table, some)
        connection.commit()
    return file


def add(connection: sqlite3.Connection, table: str, rows: Rows) -> None:
    """Inserts rows; a JSON column's None becomes JSON null, as SQLAlchemy writes it."""
    types = {n: t.lower() for _, n, t, *_ in connection.execute(f'pragma table_info("{table}")')}
    for row in rows:
        stored = [json.dumps(v) if types[c] == "json" and not isinstance(v, bytes) else v for c, v in row.items()]
        names = ", ".join(f'"{c}"' for c in row)
        connection.execute(f'insert into "{table}" ({names}) values ({", ".join("?" * len(row))})', stored)


def copy_to_postgres(file: Path, url: str) -> None:
    """The SQLite database put into an empty PostgreSQL one, with its types: json, bigint, boolean, else text."""
    kinds = {"json": "json", "bigint": "bigint", "boolean": "boolean", "integer": "bigint"}
    with closing(sqlite3.connect(file)) as source, psycopg.connect(url) as target:
        tables = [n for (n,) in source.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            columns = [
                (n, kinds.get(t.lower(), "text")) for _, n, t, *_ in source.execute(f'pragma table_info("{table}")')
            ]
            listed = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(k)) for n, k in columns)
            target.execute(sql.SQL("create table {} ({})").format(sql.Identifier(table), listed))
            names = sql.SQL(", ").join(sql.Identifier(n) for n, _ in columns)
            with target.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)) as copy:
                for row in source.execute(f'select * from "{table}"'):
                    values = zip(row, columns, strict=True)
                    copy.write_row([bool(v) if k == "boolean" and v is not None else v for v, (_, k) in values])
