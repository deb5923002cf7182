"""Asks the questions of the views that people look at again when new data has come, before anybody waits for them.

A page asks ten questions of a few milliseconds each. Their answers are kept per data version (answers.py), so the first
who looks after each load would wait for all of them; the views of the last days are therefore drawn once by ourselves.
What is drawn here is thrown away: rights are checked, and answers are given, when somebody asks.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboard.view import View
from dashboard.viewer import Viewer
from queries.errors import QueriesError

log = logging.getLogger(__name__)
KEPT = 64
LOOK_S = 5.0  # between two looks whether there is new data
PAUSE_S = 0.02  # between two views: whoever asks in the meantime goes first
Draw = Callable[[Viewer, View], object]
Views = Sequence[tuple[Viewer, View]]


class Warm:
    """The views looked at last, whoever's they were, and the thread that draws them when the data changes."""

    def __init__(self, version: Callable[[], str], draw: Draw, kept: int = KEPT) -> None:
        self._version, self._draw, self._limit = version, draw, kept
        self._seen: OrderedDict[tuple[str, View], Viewer] = OrderedDict()
        self._lock = threading.Lock()
        self._drawn_version = ""

    def saw(self, viewer: Viewer, view: View) -> None:
        """Remembers that a viewer of these rights looked at this view, in whatever language and theme."""
        key = viewer.key, replace(view, language="en", theme=None)
        with self._lock:
            self._seen[key] = replace(viewer, own=None, shown="")
            self._seen.move_to_end(key)
            while len(self._seen) > self._limit:
                self._seen.popitem(last=False)

    def start(self, usual: Callable[[], Views]) -> None:
        """From now on draws what was seen, at first the usual views, whenever the data is another than before."""
        threading.Thread(target=self._watch, args=(usual,), name="warm", daemon=True).start()

    def _watch(self, usual: Callable[[], Views]) -> None:
        while True:
            try:
                self.look(usual)
            except QueriesError as error:  # nothing published yet, or a snapshot that can't be read: readyz says so
                log.debug("nothing to draw: %s", error)
            time.sleep(LOOK_S)

    def look(self, usual: Callable[[], Views] = tuple) -> int:
        """Draws what was seen (nothing yet: the usual views) if there is new data; how many views were drawn.

        The last seen come last: where answers are more than are kept, theirs stay.
        """
        version = self._version()
        if version == self._drawn_version:
            return 0
        with self._lock:
            views: Views = [(viewer, view) for (_key, view), viewer in self._seen.items()]
        views = views or usual()
        for place, (viewer, view) in enumerate(views):
            if self._version() != version:  # newer data still: the next look begins again with that
                return place
            self._draw_one(viewer, view)
            time.sleep(PAUSE_S)
        self._drawn_version = version
        return len(views)

    def _draw_one(self, viewer: Viewer, view: View) -> None:
        try:
            self._draw(viewer, view)
        except Exception:  # whatever is wrong with one view, the others are drawn; whoever asks for it is told
            log.exception("the view %s could not be drawn ahead", view.path)
