"""Open WebUI's audit log: one JSON line per event, of which only model usage is taken.

AUDIT_LOG_LEVEL=METADATA (0.12.4 and later) writes `extra.event = "model_usage"` with user, model and tokens, without
content. It survives the deletion of chats and covers temporary chats and API keys. Names, e-mail and IP addresses
stand in the same line; they are not kept. Rotated files (audit.<time>.log, also .zip and .gz) are read too.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import orjson
import pyarrow as pa

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sources.base import Window
from etl.sources.openwebui_rows import instants, microseconds, token_columns
from etl.sources.openwebui_usage import projected, tokens
from etl.tables import LEDGER_EVENT, TEXT

BATCH_ROWS = 10_000
_CHAT_PATH = "/api/chat/completions"
_NAMED_LINES = 5
_DISORDER = 3_600 * 10**6  # more than any two lines can have changed places by, in microseconds


@dataclass
class AuditLog:
    """The log and its rotated files. `skipped` holds the malformed lines, per file, of what was read so far."""

    source: str
    file: Path
    skipped: dict[str, list[int]] = field(default_factory=dict)

    def batches(self, window: Window, pseudonyms: Pseudonyms) -> Iterator[pa.RecordBatch]:
        """LEDGER_EVENT batches of [start, end); `since` is ignored, as a log may be copied here late.

        Raises SourceError when there is no log or a packed one is damaged.
        """
        start = _micro(window.start) if window.start is not None else 0
        end = _micro(window.end) if window.end is not None else None
        self.skipped = {}
        taken: list[dict[str, Any]] = []
        for event in self._events(self.files(), start):
            at = microseconds(event["timestamp"]) or 0
            if end is not None and at >= end + _DISORDER:
                break  # lines are written in order of time, and so are the files
            if start <= at and (end is None or at < end):
                taken.append(event)
            if len(taken) == BATCH_ROWS:
                yield _batch(taken, pseudonyms)
                taken = []
        if taken:
            yield _batch(taken, pseudonyms)

    def bounds(self) -> tuple[int, int] | None:
        """First and last instant in microseconds, or None for a log without model usage; reads the end files only."""
        files = self.files()
        first = next((microseconds(e["timestamp"]) for e in self._events(files)), None)
        times = ([microseconds(e["timestamp"]) or 0 for e in self._events([file])] for file in reversed(files))
        last = next((max(some) for some in times if some), None)
        return None if first is None or last is None else (first, last)

    def notes(self) -> list[str]:
        """One line per file with malformed lines, naming the first few; of the newest file if none was read yet."""
        try:
            if not self.skipped:
                sum(1 for _ in self._events(self.files()[-1:]))
        except SourceError as error:
            return [str(error)]
        return [
            f"{name}: {len(lines)} malformed line(s) skipped: {', '.join(map(str, lines[:_NAMED_LINES]))}"
            + (" ..." if len(lines) > _NAMED_LINES else "")
            for name, lines in self.skipped.items()
        ]

    def files(self) -> list[Path]:
        """The rotated files by name, which is by time, and the log itself last. Raises SourceError if there is none."""
        rotated = set(self.file.parent.glob(f"{self.file.stem}.*{self.file.suffix}"))
        packed = {
            p for end in (".zip", ".gz") for p in self.file.parent.glob(f"{self.file.stem}*{self.file.suffix}{end}")
        }
        rotated |= {p for p in packed if p.with_suffix("") not in rotated}  # being packed just now: both are there
        found = sorted(rotated - {self.file}) + ([self.file] if self.file.is_file() else [])
        if not found:
            raise SourceError(self.source, f"audit_log {self.file}", "no such file; set AUDIT_LOG_LEVEL=METADATA")
        return found

    def _events(self, files: list[Path], start: int = 0) -> Iterator[dict[str, Any]]:
        """Events of the files last written at or after `start` (microseconds)."""
        try:
            for file in files:
                if file.stat().st_mtime * 10**6 >= start:
                    yield from self._of_file(file)
        except (OSError, zipfile.BadZipFile, EOFError) as error:
            raise SourceError(self.source, f"audit_log {self.file}", error) from error

    def _of_file(self, file: Path) -> Iterator[dict[str, Any]]:
        bad: list[int] = []
        with _opened(file) as lines:
            for number, line in enumerate(lines, 1):
                event = _usage_event(line)
                if event:
                    yield event
                elif event is None and line.endswith(b"\n"):  # else still being written: read when it is complete
                    bad.append(number)
                    self.skipped[file.name] = bad


def _usage_event(line: bytes) -> dict[str, Any] | None:
    """What is kept of a model usage line; {} for any other line, None for a malformed one.

    Other lines are not even parsed: at AUDIT_LOG_LEVEL=REQUEST_RESPONSE they hold what people wrote.
    """
    text = line.strip()
    if b"model_usage" not in text:
        return {} if not text or (text.startswith(b"{") and text.endswith(b"}")) else None
    try:
        entry = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(entry, dict):
        return None
    extra = entry.get("extra")
    return _kept(entry) if isinstance(extra, dict) and extra.get("event") == "model_usage" else {}


def _kept(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    if not isinstance(entry.get("id"), str) or not isinstance(entry.get("timestamp"), int | float):
        return None
    user = entry.get("user")
    return {
        "id": entry["id"],
        "timestamp": entry["timestamp"],
        "user": user.get("id") if isinstance(user, dict) else None,
        "model": entry.get("model_id"),
        "channel": _channel(str(entry.get("request_uri") or "")),
        "tokens": tokens(projected(entry.get("usage"))),
    }


def _channel(uri: str) -> str:
    return "chat" if urlsplit(uri).path.rstrip("/").endswith(_CHAT_PATH) else "api"


def _batch(events: list[dict[str, Any]], pseudonyms: Pseudonyms) -> pa.RecordBatch:
    columns = {
        "event_id": pa.array([e["id"] for e in events], TEXT),
        "account_key": pseudonyms.keys(pa.array([e["user"] for e in events], TEXT)),
        "started_at": instants([e["timestamp"] for e in events]),
        "model": pa.array([e["model"] for e in events], TEXT),
        "channel": pa.array([e["channel"] for e in events], TEXT),
        **token_columns([e["tokens"] for e in events]),
    }
    return pa.RecordBatch.from_arrays([columns[f.name] for f in LEDGER_EVENT.schema], schema=LEDGER_EVENT.schema)


def _micro(instant: datetime) -> int:
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return int((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 10**6)


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if file.suffix == ".gz":
        with gzip.open(file) as packed:
            yield io.BufferedReader(packed)
    elif file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as packed:
            yield packed
    else:
        with file.open("rb") as plain:
            yield plain
