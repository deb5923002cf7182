"""The SQLite file as such: what it refuses, a live writer, copies, and files that can't be read."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources import openwebui_sqlite
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.sources.openwebui_sqlite import SqliteDatabase
from etl.tables import ACCOUNT, CHAT_TURN
from tests.etl.sources.openwebui_databases import NEW, OLD, PLANTED, add, answer, chat, make_sqlite, user


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one account, one chat and one answer."""
    said = {"m1": {"role": "assistant", "content": PLANTED, "model": "gpt-4o"}}
    rows = {"user": [user("jana")], "chat": [chat("c", "jana", said)], "chat_message": [answer("c", "m1", "jana")]}
    return make_sqlite(tmp_path / "webui.db", NEW, rows)


def source_of(file: Path, pseudonyms: Pseudonyms) -> Source:
    return openwebui_source(Chat(sqlite_file=Path(file.name)), pseudonyms, file.parent)


def turns(source: Source) -> int:
    return sum(batch.num_rows for batch in source.extract(CHAT_TURN, Window()))


@pytest.mark.parametrize(
    "query",
    [
        "select content from chat_message",
        "select output from chat_message",
        "select title from chat",
        "select chat from chat",
        "select json_extract(chat, '$.history') from chat",
        "with answer as (select chat from chat) select * from answer",
        "select data from feedback",
        "select snapshot from feedback",
        "select email from user",
        "select name from user",
        "select password from auth",
        "select count(*) from auth",
        "select id from chat_message",
        "attach ':memory:' as other",
        "pragma table_info(user)",
        "delete from user",
        "create temp table theirs as select content from chat_message",
        "create temp view answer2 as select content from chat_message",
    ],
)
def test_the_connection_refuses(query: str, file: Path) -> None:
    with closing(SqliteDatabase("chat", file)) as database:
        assert database.is_refused(query)


def test_even_within_a_view_only_declared_columns_may_be_read() -> None:
    decide = openwebui_sqlite._authorizer({"view": {("chat", "id")}})

    assert decide(sqlite3.SQLITE_READ, "chat", "id", "main", "view") == sqlite3.SQLITE_OK
    assert decide(sqlite3.SQLITE_READ, "chat", "title", "main", "view") == sqlite3.SQLITE_DENY
    assert decide(sqlite3.SQLITE_READ, "chat", "id", "main", "other") == sqlite3.SQLITE_DENY
    assert decide(sqlite3.SQLITE_INSERT, "chat", None, "main", "view") == sqlite3.SQLITE_DENY


def test_old_databases_refuse_the_chats_too(tmp_path: Path) -> None:
    old = make_sqlite(tmp_path / "old.db", OLD, {"chat": [chat("c", "jana", {"m": {"role": "assistant"}})]})
    with closing(SqliteDatabase("chat", old)) as database:
        assert database.is_refused("select chat from chat")
        assert database.is_refused("with answer as (select chat from chat) select * from answer")
        assert not database.is_refused("select id from answer")


def test_committed_rows_are_seen_while_a_writer_holds_the_write_ahead_log(file: Path, pseudonyms: Pseudonyms) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
        add(writer, "chat_message", [answer("c", "m2", "jana")])
        writer.commit()
        add(writer, "chat_message", [answer("c", "m3", "jana")])  # not committed

        assert Path(f"{file}-wal").stat().st_size > 0
        assert turns(source_of(file, pseudonyms)) == 2


def test_a_copy_without_its_write_ahead_log_gives_what_it_holds(
    file: Path, tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
        add(writer, "chat_message", [answer("c", "m2", "jana")])
        writer.commit()
        copy = tmp_path / "copy" / "webui.db"
        copy.parent.mkdir()
        copy.write_bytes(file.read_bytes())

    assert turns(source_of(copy, pseudonyms)) == 1


def test_the_chat_ui_can_write_while_the_reader_dawdles(
    file: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openwebui_sqlite, "BATCH_ROWS", 1)
    with closing(sqlite3.connect(file, timeout=0)) as writer:
        assert writer.execute("pragma journal_mode").fetchone() == ("delete",)
        add(writer, "chat_message", [answer("c", "m2", "jana"), answer("c", "m3", "jana")])
        writer.commit()
        batches = source_of(file, pseudonyms).extract(CHAT_TURN, Window())
        next(batches)
        add(writer, "chat_message", [answer("c", "m4", "jana")])
        writer.commit()

        assert len(list(batches)) == 2


def test_rows_come_in_batches_of_bounded_size(
    file: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openwebui_sqlite, "BATCH_ROWS", 4)
    with closing(sqlite3.connect(file)) as writer:
        add(writer, "chat_message", [answer("c", f"n{i}", "jana") for i in range(9)])
        writer.commit()

    assert [b.num_rows for b in source_of(file, pseudonyms).extract(CHAT_TURN, Window())] == [4, 4, 2]


def test_turns_deleted_in_the_chat_ui_are_gone_here(file: Path, pseudonyms: Pseudonyms) -> None:
    source = source_of(file, pseudonyms)
    before = turns(source)
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("delete from chat_message")
        writer.commit()

    assert (before, turns(source)) == (1, 0)


def test_a_malformed_json_value_is_unknown_and_stops_nothing(file: Path, pseudonyms: Pseudonyms) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("update chat_message set usage = '{half', error = 'oops'")
        writer.execute("update chat set chat = 'not json'")
        writer.execute("update user set oauth = '{'")
        writer.commit()
    source = source_of(file, pseudonyms)

    turn = next(source.extract(CHAT_TURN, Window())).to_pylist()[0]
    assert (turn["input_tokens"], turn["is_error"]) == (None, True)
    assert sum(b.num_rows for b in source.extract(ACCOUNT, Window())) == 1


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """The body runs as a user that can read the folder and can't write it (root may write anywhere)."""
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    passable = stat.S_IXGRP | stat.S_IXOTH
    for above in folder.parents:
        if above.stat().st_uid == folder.stat().st_uid and above.stat().st_mode & passable != passable:
            above.chmod(above.stat().st_mode | passable)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was == 0:
            os.seteuid(0)
        folder.chmod(stat.S_IRWXU)


def test_a_wal_file_in_a_folder_we_cannot_write_is_read_and_the_notes_say_how(
    file: Path, pseudonyms: Pseudonyms
) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
    file.chmod(0o644)
    source = source_of(file, pseudonyms)
    with as_somebody_else(file.parent):
        assert turns(source) == 1
        assert ["folder that can't be written" in note for note in source.notes()] == [True]


def test_rows_in_a_write_ahead_log_we_cannot_use_are_an_error_and_never_left_out(
    file: Path, tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    copy = tmp_path / "copy" / "webui.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
        add(writer, "chat_message", [answer("c", "m2", "jana")])
        writer.commit()
        for end in ("", "-wal"):
            Path(f"{copy}{end}").write_bytes(Path(f"{file}{end}").read_bytes())
            Path(f"{copy}{end}").chmod(0o644)
    with as_somebody_else(copy.parent), pytest.raises(SourceError, match="while a -wal lies beside it"):
        turns(source_of(copy, pseudonyms))


def test_a_missing_file_is_named(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    with pytest.raises(SourceError, match=r"webui\.db: no such file"):
        turns(source_of(tmp_path / "webui.db", pseudonyms))


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    (tmp_path / "webui.db").write_text("hello, this is not a database at all")
    with pytest.raises(SourceError, match="not a SQLite database"):
        turns(source_of(tmp_path / "webui.db", pseudonyms))


def test_another_products_database_is_refused(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    make_sqlite(tmp_path / "webui.db", {"songs": "id text"}, {})
    with pytest.raises(SourceError, match="not an Open WebUI database"):
        turns(source_of(tmp_path / "webui.db", pseudonyms))


def test_a_version_that_lost_a_column_is_an_error_and_never_read_as_an_old_one(
    tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    tables = {**NEW, "chat_message": NEW["chat_message"].replace("usage json", "tokens json")}
    make_sqlite(tmp_path / "webui.db", tables, {})
    with pytest.raises(SourceError, match=r"missing columns: chat_message\.usage"):
        turns(source_of(tmp_path / "webui.db", pseudonyms))


def test_a_file_locked_for_too_long_is_an_error_that_says_so(
    file: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openwebui_sqlite, "_WAIT_S", 0)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("begin exclusive")
        with pytest.raises(SourceError, match="locked by another process"):
            turns(source_of(file, pseudonyms))
