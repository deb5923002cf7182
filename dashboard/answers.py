"""Answers kept across requests: whoever looks at the same units and days, on whatever page, asks the snapshot once.

Kept per data version and scope, so that new data or other rights never meet old rows; the least used go first.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from queries.reader import Scope

LIMIT_ROWS = 40_000  # of all answers together, some 40 MB
Row = dict[str, Any]


class Answers:
    """A bounded store of rows; safe to use from many threads. Rows are shared: nobody may change one."""

    def __init__(self, limit_rows: int = LIMIT_ROWS) -> None:
        self._kept: OrderedDict[Hashable, tuple[Row, ...]] = OrderedDict()
        self._rows, self._limit = 0, limit_rows
        self._lock = threading.Lock()

    def get(self, version: str, scope: Scope, asked: Hashable) -> tuple[Row, ...] | None:
        """Rows of the question in that data version for that scope; None when nobody has asked it lately."""
        with self._lock:
            rows = self._kept.get((version, scope, asked))
            if rows is not None:
                self._kept.move_to_end((version, scope, asked))
            return rows

    def keep(self, version: str, scope: Scope, asked: Hashable, rows: tuple[Row, ...]) -> None:
        """Keeps the rows, and lets go of the least used when there are too many."""
        with self._lock:
            key = (version, scope, asked)
            if key in self._kept or len(rows) > self._limit:
                return
            self._kept[key] = rows
            self._rows += len(rows) + 1
            while self._rows > self._limit:
                _oldest, old = self._kept.popitem(last=False)
                self._rows -= len(old) + 1
