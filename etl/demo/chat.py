"""Puts an invented world into a SQLite file as Open WebUI would have: its tables, its clones, its usage objects."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from etl.demo.requests import WORKSPACE
from etl.demo.world import ARENA, MARKER, Person, Rating, Turn, World

_SCHEMA = Path(__file__).parent / "chat_schema.sql"
_USER = (
    'insert into "user" (id, name, email, role, last_active_at, updated_at, created_at, oauth, settings)'
    " values (?, ?, ?, ?, ?, ?, ?, ?, 'null')"
)
_CHAT = """
insert into chat (id, user_id, title, created_at, updated_at, archived, chat, pinned)
values (?, ?, ?, ?, ?, 0, ?, 0)
on conflict (id) do update set chat = json_patch(chat.chat, excluded.chat), updated_at = excluded.updated_at
"""
_MESSAGE = """
insert into chat_message (
    id, chat_id, user_id, role, parent_id, content, output, model_id, files, done, error, usage, created_at, updated_at
)
values (?, ?, ?, ?, ?, ?, 'null', ?, 'null', 1, ?, ?, ?, ?)
"""
_FEEDBACK = (
    "insert into feedback (id, user_id, version, type, data, meta, snapshot, created_at, updated_at)"
    " values (?, ?, 0, 'rating', ?, ?, ?, ?, ?)"
)
_CONTENT = json.dumps(f"{MARKER} message")
_ERROR = json.dumps({"content": f"{MARKER} error"})


def write_chat(file: Path, world: World) -> None:
    """Makes the file anew and fills it; what people have deleted since is gone."""
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = off")  # the file is not there yet; nothing can be lost
        connection.execute("pragma foreign_keys = on")
        connection.executescript(_SCHEMA.read_text("utf-8"))
        connection.execute("begin")
        add_people(connection, world)
        add_turns(connection, world, world.turns)
        add_ratings(connection, world, world.ratings)
        delete_chats(connection, world.deleted_chats)
        delete_users(connection, (p for p in world.persons if p.is_deleted))
        connection.execute("commit")


def make_tables(connection: sqlite3.Connection) -> None:
    """The empty tables."""
    connection.executescript(_SCHEMA.read_text("utf-8"))


def add_people(connection: sqlite3.Connection, world: World) -> None:
    """Accounts, groups (fac:..., aff:...) with their members, and the workspace models."""
    start = _epoch(datetime.combine(world.first_day, datetime.min.time()))
    connection.executemany(_USER, [_user(p) for p in world.persons])
    members = [(group, p) for p in world.persons for group in groups_of(p)]
    names = sorted({g for g, _ in members})
    connection.executemany(
        'insert into "group" (id, name, description, created_at, updated_at) values (?, ?, ?, ?, ?)',
        [(f"group-{n}", n, "created automatically via OAuth", start, start) for n in names],
    )
    connection.executemany(
        "insert into group_member (id, group_id, user_id, created_at, updated_at) values (?, ?, ?, ?, ?)",
        [(f"{g}/{p.number}", f"group-{g}", p.chat_account, start, start) for g, p in members],
    )
    connection.executemany(
        "insert into model (id, base_model_id, name, params, meta, updated_at, created_at)"
        " values (?, ?, ?, ?, '{}', ?, ?)",
        [(m, base, m, json.dumps({"system": f"{MARKER} system"}), start, start) for m, base in WORKSPACE.items()],
    )


def groups_of(person: Person) -> tuple[str, ...]:
    """The groups that the single sign-on gives a person: faculty and affiliation, or a group that says nothing."""
    if person.known_by == "group":
        home = person.homes[0]
        return f"fac:{home.unit}", f"aff:{home.role}"
    return ("fac:NEZNAMA",) if person.number % 36 == 11 else ()


def _user(person: Person) -> Sequence[object]:
    role = "pending" if person.is_pending else "admin" if person.number == 1 else "user"
    created = _epoch(person.created_at)
    subject = json.dumps({"oidc": {"sub": f"sub-{person.number}"}})
    return person.chat_account, person.name, person.email, role, created, created, created, subject


def add_turns(connection: sqlite3.Connection, world: World, turns: Iterable[Turn]) -> None:
    """Chats with their messages: a person's and the assistant's for every turn."""
    chats: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        chats[turn.chat].append(turn)
    connection.executemany(_CHAT, (_chat(world, chat, found) for chat, found in chats.items()))
    connection.executemany(_MESSAGE, (m for found in chats.values() for t in found for m in _messages(world, t)))


def _chat(world: World, chat: str, turns: list[Turn]) -> Sequence[object]:
    account = world.persons[turns[0].person].chat_account
    history = {t.message: _in_history(t) for t in turns}
    document = {"title": f"{MARKER} title", "models": [turns[0].picked], "history": {"messages": history}}
    start, end = _epoch(turns[0].at), max(_epoch(t.at) for t in turns)
    return chat, account, f"{MARKER} title", start, end, json.dumps(document)


def _in_history(turn: Turn) -> dict[str, object]:
    message = {"id": turn.message, "role": "assistant", "model": turn.picked, "timestamp": _epoch(turn.at),
               "content": MARKER}  # fmt: skip
    return {**message, "selectedModelId": turn.model} if turn.picked == ARENA else dict(message)


def _messages(world: World, t: Turn) -> list[Sequence[object]]:
    account, at, asked = world.persons[t.person].chat_account, _epoch(t.at), f"q-{t.message}"
    usage = "null" if t.usage is None else json.dumps(usage_object(t))
    # imports from elsewhere leave milliseconds
    stored = at * 1000 + 123 if t.message.startswith("00") else at
    return [
        (f"{t.chat}-{asked}", t.chat, account, "user", None, _CONTENT, None, "null", "null", at, at),
        (
            f"{t.chat}-{t.message}", t.chat, account, "assistant", asked, _CONTENT, t.picked,
            _ERROR if t.is_error else "null", usage, stored, at,
        ),
    ]  # fmt: skip


def usage_object(turn: Turn) -> dict[str, object]:
    """The usage as the model's server words it."""
    assert turn.usage is not None
    input_, cached, written, output, reasoning = turn.usage
    match turn.dialect:
        case "ollama":
            return {"prompt_eval_count": input_, "eval_count": output, "total_duration": 5}
        case "anthropic":
            return {
                "input_tokens": input_,
                "output_tokens": output,
                "cache_read_input_tokens": cached,
                "cache_creation_input_tokens": written,
            }
        case _:
            return {
                "prompt_tokens": input_ + cached + written,
                "completion_tokens": output,
                "prompt_tokens_details": {"cached_tokens": cached, "cache_creation_tokens": written},
                "completion_tokens_details": {"reasoning_tokens": reasoning},
            }


def add_ratings(connection: sqlite3.Connection, world: World, ratings: Iterable[Rating]) -> None:
    """Rows of feedback; of an arena's answer the rating names the real model."""
    rows = []
    for r in ratings:
        data = {
            "rating": r.value,
            "model_id": r.model if r.picked == ARENA else r.picked,
            "comment": f"{MARKER} comment",
        }
        meta = {"model_id": r.picked, "message_id": r.message, "chat_id": r.chat, "arena": r.picked == ARENA}
        snapshot = {"chat": {"title": f"{MARKER} snapshot"}}
        at = _epoch(r.at)
        account = world.persons[r.person].chat_account
        rows.append((r.rating, account, json.dumps(data), json.dumps(meta), json.dumps(snapshot), at, at))
    connection.executemany(_FEEDBACK, rows)


def delete_chats(connection: sqlite3.Connection, chats: Iterable[str]) -> None:
    """Deletes chats for good, their messages with them, as Open WebUI does."""
    gone = [(c,) for c in chats]
    connection.executemany("delete from chat_message where chat_id = ?", gone)
    connection.executemany("delete from chat where id = ?", gone)


def delete_users(connection: sqlite3.Connection, persons: Iterable[Person]) -> None:
    """Deletes accounts for good, their chats, memberships and ratings with them."""
    for person in persons:
        gone = (person.chat_account,)
        connection.execute("delete from chat_message where user_id = ?", gone)
        connection.execute("delete from chat where user_id = ?", gone)
        connection.execute("delete from feedback where user_id = ?", gone)
        connection.execute("delete from group_member where user_id = ?", gone)
        connection.execute('delete from "user" where id = ?', gone)


def _epoch(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())
