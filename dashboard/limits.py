"""How much one viewer or address may ask of one process: token buckets in memory, bounded in number."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEPT = 10_000


class Limits:
    """`a_minute` requests for each name on average, a minute's worth at once. Names asked for longest ago go first."""

    def __init__(self, a_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = float(a_minute), now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """0 when the request may be answered now (it is counted), else the seconds until one may."""
        now = self._now()
        with self._lock:
            left, since = self._buckets.pop(name, (self._most, now))
            left = min(self._most, left + (now - since) * self._most / 60)
            is_allowed = left >= 1
            self._buckets[name] = (left - 1 if is_allowed else left, now)
            while len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) * 60 / self._most
