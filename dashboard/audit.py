"""Who looked at or took away what, and when: lines of JSON in a folder of their own, one file a day, readable by the
service's user alone. A viewer is a role and a pseudonym; nothing of the content is written.

Writing never holds up a request: lines go through a queue that one thread empties; what doesn't fit is counted and
the count is written.
"""

import atexit
import json
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

WAITING = 10_000


class Audit:
    """The writer of one process. Several may write to one folder: a line is one write at the file's end."""

    def __init__(self, folder: Path, *, days: int, clock: Callable[[], datetime]) -> None:
        self._folder, self._days, self._clock = folder, days, clock
        self._lines: queue.Queue[dict[str, object] | None] = queue.Queue(WAITING)
        self._lost = 0
        self._pruned = date.min
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, by: str, role: str, what: str, subject: str, **selection: object) -> None:
        """Puts one line in the queue: `what` (page, export, order, sign_in, ...) of `subject`; never waits or fails."""
        line: dict[str, object] = {
            "at": self._clock().isoformat(timespec="seconds"),
            "by": by,
            "role": role,
            "what": what,
        }
        line |= {"of": subject[:200]} | {key: value for key, value in selection.items() if value}
        self._start()
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._lost += 1

    def wait(self) -> None:
        """Until all that was noted is written."""
        self._lines.join()

    def _start(self) -> None:
        """The thread is begun with the first line: a process that forks would leave it behind."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._write_all, name="audit", daemon=True)
                    self._thread.start()
                    atexit.register(self._end)

    def _end(self) -> None:
        """Writes the rest and ends the thread: left standing, it would hold all it can reach past the end."""
        self.wait()
        self._lines.put(None)
        if self._thread:
            self._thread.join(1)

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            lost, self._lost = self._lost, 0
            try:
                self._write(line | ({"lost_before": lost} if lost else {}))
            except OSError:
                self._lost += lost + 1
            finally:
                self._lines.task_done()

    def _write(self, line: dict[str, object]) -> None:
        today = self._clock().date()
        if today != self._pruned:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            prune(self._folder, today - timedelta(days=self._days))
            self._pruned = today
        handle = os.open(self._folder / f"{today}.jsonl", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            os.write(handle, (json.dumps(line) + "\n").encode("ascii"))  # so nothing in it can look like a line's end
        finally:
            os.close(handle)


def prune(folder: Path, before: date) -> int:
    """Removes the files of days before that day; gives their number."""
    old = [file for file, day in _files(folder) if day < before]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def lines(
    folder: Path,
    *,
    since: date,
    until: date,
    by: str = "",
    what: str = "",
    unreadable: Callable[[str], object] = lambda _where: None,
) -> Iterator[dict[str, Any]]:
    """Lines of the days [since, until) in order of time; `by` is the end of a name (its pseudonym).

    `unreadable` is told the file and number of every line that can't be read, as of one cut short by a full disk.
    """
    for file, day in _files(folder):
        if since <= day < until:
            for number, text in enumerate(file.read_bytes().split(b"\n"), 1):
                line = _line(text)
                if line is None and text:
                    unreadable(f"{file} line {number}")
                elif line and line["by"].endswith(by) and what in ("", line["what"]):
                    yield line


def _line(text: bytes) -> dict[str, Any] | None:
    """What one line says; None for what is no line of ours."""
    try:
        line = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(line, dict) and all(isinstance(line.get(key), str) for key in ("by", "what"))
    return line if is_ours else None


def _files(folder: Path) -> Iterator[tuple[Path, date]]:
    for file in sorted(folder.glob("*.jsonl")):
        with suppress(ValueError):
            yield file, date.fromisoformat(file.stem)
