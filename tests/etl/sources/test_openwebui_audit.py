"""The audit log: rotated, half-written and malformed files; what is kept of a line."""

import gzip
import json
import os
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources import openwebui_audit
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.tables import LEDGER_EVENT
from tests.etl.sources.openwebui_databases import NEW, PLANTED, T0, add, answer, make_sqlite


def line(key: str, **changes: Any) -> str:
    entry = {
        "id": key,
        "timestamp": T0,
        "user": {"id": "jana", "email": f"{PLANTED}@cuni.cz", "role": "user", "name": PLANTED},
        "audit_level": "METADATA",
        "verb": "POST",
        "request_uri": "http://127.0.0.1:8080/api/chat/completions",
        "source_ip": PLANTED,
        "model_id": "gpt-4o",
        "usage": {"input_tokens": 39, "output_tokens": 686, "total_tokens": 725},
        "request_object": None,
        "extra": {"event": "model_usage", "request_id": PLANTED},
        **changes,
    }
    return json.dumps(entry) + "\n"


@pytest.fixture
def source(tmp_path: Path, pseudonyms: Pseudonyms) -> Source:
    """A source whose log is audit.log in the test's folder, not there yet."""
    make_sqlite(tmp_path / "webui.db", NEW, {})
    settings = Chat(sqlite_file=Path("webui.db"), audit_log=Path("audit.log"))
    return openwebui_source(settings, pseudonyms, tmp_path)


def events(source: Source, window: Window | None = None) -> list[dict[str, Any]]:
    rows = [r for b in source.extract(LEDGER_EVENT, window or Window()) for r in b.to_pylist()]
    assert PLANTED not in str(rows)
    return rows


def test_a_model_usage_line_is_one_event(source: Source, tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    (tmp_path / "audit.log").write_text(line("e1"))

    assert events(source) == [
        {
            "event_id": "e1",
            "account_key": pseudonyms.key("jana"),
            "started_at": datetime(2025, 10, 9, 8, 53, 20),
            "model": "gpt-4o",
            "channel": "chat",
            "input_tokens": 39,
            "cached_tokens": 0,
            "cache_write_tokens": 0,
            "output_tokens": 686,
            "reasoning_tokens": None,
        }
    ]


def test_other_events_are_left_out_and_not_even_parsed(source: Source, tmp_path: Path) -> None:
    login, body = line("e1", extra={}), '{"request_object": "' + PLANTED + '", not even json}\n'
    quoted = line("e2", extra={}, request_object='{"event": "model_usage"}')
    (tmp_path / "audit.log").write_text(login + body + quoted + "\n" + line("e3"))

    assert [e["event_id"] for e in events(source)] == ["e3"]
    assert source.notes() == []


@pytest.mark.parametrize(
    ("uri", "channel"),
    [
        ("https://chat.cuni.cz/api/chat/completions", "chat"),
        ("https://cuni.cz/sandbox/api/chat/completions?x=1", "chat"),
        ("https://chat.cuni.cz/api/v1/messages", "api"),
        ("https://chat.cuni.cz/openai/chat/completions", "api"),
        (None, "api"),
    ],
)
def test_the_path_tells_the_channel(uri: str | None, channel: str, source: Source, tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text(line("e1", request_uri=uri))

    assert [e["channel"] for e in events(source)] == [channel]


def test_a_half_written_last_line_is_read_once_it_is_complete(source: Source, tmp_path: Path) -> None:
    log, whole = tmp_path / "audit.log", line("e2")
    log.write_text(line("e1") + whole[:-40])
    before = [e["event_id"] for e in events(source)], source.notes()
    log.write_text(line("e1") + whole)

    assert before == (["e1"], [])
    assert [e["event_id"] for e in events(source)] == ["e1", "e2"]


def test_a_complete_last_line_counts_though_the_line_end_is_missing(source: Source, tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text(line("e1").rstrip("\n"))

    assert len(events(source)) == 1


def test_malformed_lines_in_the_middle_are_skipped_counted_and_named(source: Source, tmp_path: Path) -> None:
    half = line("x")[:-40] + "\n"
    (tmp_path / "audit.log").write_text(half + line("e1") + "garbage\n" + line("y", timestamp="soon") + line("e2"))

    assert [e["event_id"] for e in events(source)] == ["e1", "e2"]
    assert source.notes() == ["audit.log: 3 malformed line(s) skipped: 1, 3, 4"]


def test_a_line_without_user_or_usage_is_an_event_of_nobody_with_unknown_tokens(source: Source, tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text(line("e1", user=None, usage=None))

    assert [(e["account_key"], e["input_tokens"], e["cached_tokens"]) for e in events(source)] == [(None, None, None)]


def test_rotated_and_packed_files_are_read_too_each_once(source: Source, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "audit.2025-10-01_00-00-00_1.log.zip", "w") as archive:
        archive.writestr("audit.2025-10-01_00-00-00_1.log", line("e1"))
    (tmp_path / "audit.2025-10-02_00-00-00_1.log").write_text(line("e2"))
    (tmp_path / "audit.2025-10-02_00-00-00_1.log.gz").write_bytes(gzip.compress(line("e2").encode()))
    (tmp_path / "audit.log.gz").write_bytes(gzip.compress(line("e3").encode()))
    (tmp_path / "audit.log").write_text(line("e4"))
    (tmp_path / "other.log").write_text(line("e5"))

    assert sorted(e["event_id"] for e in events(source)) == ["e1", "e2", "e3", "e4"]


def test_the_window_is_half_open_and_since_is_ignored_as_a_log_may_be_copied_late(
    source: Source, tmp_path: Path
) -> None:
    (tmp_path / "audit.log").write_text("".join(line(f"e{i}", timestamp=T0 + i) for i in range(4)))
    at = [datetime(2025, 10, 9, 8, 53, 20 + i) for i in range(4)]

    assert [e["event_id"] for e in events(source, Window(at[1], at[3]))] == ["e1", "e2"]
    assert [e["event_id"] for e in events(source, Window(at[1], at[3], since=at[2]))] == ["e1", "e2"]


def test_a_rotated_file_last_written_before_the_window_is_not_opened(source: Source, tmp_path: Path) -> None:
    rotated = tmp_path / "audit.2025-10-01_00-00-00_1.log.zip"
    rotated.write_bytes(b"not a zip file at all")
    os.utime(rotated, (T0, T0))
    (tmp_path / "audit.log").write_text(line("e1", timestamp=T0 + 100))

    assert len(events(source, Window(datetime(2025, 10, 9, 8, 54, 0)))) == 1
    with pytest.raises(SourceError, match="not a zip file"):
        events(source)


def test_reading_stops_an_hour_after_the_window(source: Source, tmp_path: Path) -> None:
    lines = [line("e1"), line("late", timestamp=T0 + 3_000), line("e2"), line("far", timestamp=T0 + 7_300), line("no")]
    (tmp_path / "audit.log").write_text("".join(lines))

    assert [e["event_id"] for e in events(source, Window(None, datetime(2025, 10, 9, 8, 54)))] == ["e1", "e2"]


def test_a_log_ahead_of_the_database_does_not_move_the_end_of_the_bounds(source: Source, tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text(line("e0", timestamp=T0 - 9) + line("e1", timestamp=T0 + 99))
    with closing(sqlite3.connect(tmp_path / "webui.db")) as writer:
        add(writer, "chat_message", [answer("c", "m", "jana")])
        writer.commit()
    bounds = source.bounds()

    assert bounds is not None
    assert bounds.start is not None
    assert bounds.end is not None
    assert (bounds.start.timestamp(), bounds.end.timestamp()) == (T0 - 9, T0 + 1)


def test_a_missing_log_is_named(source: Source) -> None:
    with pytest.raises(SourceError, match=r"audit\.log: no such file"):
        events(source)
    assert ["no such file" in note for note in source.notes()] == [True]
    assert source.bounds() is None


def test_events_come_in_batches_and_bounds_include_them(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openwebui_audit, "BATCH_ROWS", 2)
    (tmp_path / "audit.log").write_text("".join(line(f"e{i}", timestamp=T0 + i) for i in range(3)))
    bounds = source.bounds()

    assert [b.num_rows for b in source.extract(LEDGER_EVENT, Window())] == [2, 1]
    assert bounds is not None
    assert bounds.start is not None
    assert bounds.end is not None
    assert (bounds.start.timestamp(), bounds.end.timestamp()) == (T0, T0 + 3)
