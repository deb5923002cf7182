"""LiteLLM read over its REST API, where no database access is given: slower, the same rows.

Endpoints and shapes: LiteLLM 1.106.2 run for real. What the API does not tell stays null: `updated_at` of requests.
A listing by pages can shift while it is read (rows arrive late); each is therefore counted against the total the
API names, read again in smaller pieces when they differ, and given up as a SourceError when they still do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.identity import Pseudonyms
from etl.settings import Gateway
from etl.sources.base import Finding, Window
from etl.sources.http import Http, RefusedError, Retries
from etl.sources.litellm_rest_rows import account_row, key_row, request_row, team_row
from etl.sources.litellm_shape import RAW_ACCOUNT, RAW_KEY, RAW_REQUEST, RAW_TEAM, Shape
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM, Table

LOGS = "/spend/logs/v2"
LOG_PAGE_SIZES = (1000, 100)  # older versions refuse more than 100 with 422
LIST_PAGE_SIZE = 100
ATTEMPTS = 4
SECOND = timedelta(seconds=1)
EVER = (datetime(2020, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - naive UTC, as everywhere behind the source edge

Row = Mapping[str, Any]


class Rest:
    """A LiteLLM behind its REST API as a Source; `key` is an admin's or admin viewer's."""

    tables: tuple[Table, ...] = (REQUEST, ACCOUNT, API_KEY, TEAM)

    def __init__(
        self,
        settings: Gateway,
        pseudonyms: Pseudonyms,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        retries: Retries = Retries(),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = settings.name
        self._settings, self._clock = settings, clock
        self._shape = Shape(settings, pseudonyms)
        headers = {"Authorization": f"Bearer {key}"}
        self._http = Http(self.name, str(settings.api_url), headers=headers, retries=retries, transport=transport)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """Batches of `table`; requests by start time. `since` is ignored: the API can't tell when a row was written."""
        if table == REQUEST:
            yield from self._requests(window)
        else:
            raw, shape, rows = {
                ACCOUNT.name: (RAW_ACCOUNT, self._shape.accounts, self._accounts),
                API_KEY.name: (RAW_KEY, self._shape.keys, self._keys),
                TEAM.name: (RAW_TEAM, self._shape.teams, self._teams),
            }[table.name]
            if found := rows():
                yield shape(_raw(raw, found))

    def bounds(self) -> Window | None:
        """Start times of the first and the last request, or None where there are none."""
        ends = [self._page(*EVER, 1, size=1, order=order)["data"] for order in ("asc", "desc")]
        if not all(ends):
            return None
        first, last = (request_row(self.name, rows[0])["started_at"] for rows in ends)
        return Window(first, last)

    def notes(self) -> list[str]:
        """What the API does not tell, and each oddity met so far."""
        known = ["read over REST: when a request was written is not told, so late rows are found by reading again"]
        for path, thing in (("/key/list", "deleted keys"), ("/v2/team/list", "deleted teams")):
            if self._deleted(path) is None:
                known.append(f"this version does not list {thing}")
        return [*known, *self._shape.oddities.notes()]

    def examine(self) -> Iterator[Finding]:
        """See etl.sources.litellm_examine."""
        from etl.sources.litellm_examine import examine_rest  # noqa: PLC0415 - the two know each other

        return examine_rest(self, self._settings, self._clock)

    def close(self) -> None:
        """Gives the connections back."""
        self._http.close()

    def _requests(self, window: Window) -> Iterator[pa.RecordBatch]:
        bounds = self.bounds()
        if bounds is None or bounds.start is None or bounds.end is None:
            return
        start = max(_naive(window.start) or bounds.start, bounds.start)
        end = min(_naive(window.end) or bounds.end + SECOND, bounds.end + SECOND)
        for low, high in _days(start, end):
            for rows in self._slice(low, high):
                kept = [r for r in rows if low <= r["started_at"] < high]
                if kept:
                    yield self._shape.requests(_raw(RAW_REQUEST, kept))

    def _slice(self, low: datetime, high: datetime) -> Iterator[list[Row]]:
        """All rows of [low, high), maybe with neighbours within a second; in halves where they can't be counted."""
        rows, doubt = self._counted(low, high)
        if not doubt:
            yield rows
        elif high - low > SECOND:
            middle = low + (high - low) / 2
            for part in ((low, middle), (middle, high)):
                for found in self._slice(*part):
                    yield [r for r in found if part[0] <= r["started_at"] < part[1]]
        else:
            raise SourceError(self.name, f"requests of [{low}, {high})", doubt)

    def _counted(self, low: datetime, high: datetime) -> tuple[list[Row], str]:
        """The rows of one span and, where they are not surely all of them, why."""
        doubt = ""
        for _ in range(ATTEMPTS if high - low <= SECOND else 2):
            rows: dict[str, Row] = {}
            totals, capped = set(), False
            for page in self._log_pages(low, high):
                totals.add(page["total"])
                capped = capped or page.get("total_is_capped") is True
                if capped and high - low > SECOND:
                    return [], "more rows than are counted"
                rows.update((row["request_id"], row) for row in (request_row(self.name, r) for r in page["data"]))
            if capped or totals <= {len(rows)}:
                return sorted(rows.values(), key=lambda r: (r["started_at"], r["request_id"])), ""
            doubt = f"{len(rows)} different rows came where the API counts {', '.join(map(str, sorted(totals)))}"
        return [], doubt

    def _log_pages(self, low: datetime, high: datetime) -> Iterator[Any]:
        """Pages until one is short: past 10,000 rows the named total stays there while the pages go on."""
        number, size = 1, self._log_page_size()
        while True:
            page = self._page(low, high, number, size=size, order="asc")
            yield page
            if len(page["data"]) < size:
                return
            number += 1

    def _log_page_size(self) -> int:
        for size in LOG_PAGE_SIZES:
            try:
                self._page(EVER[0], EVER[0], 1, size=size, order="asc")
            except RefusedError as refused:
                if refused.status != 422:
                    raise
            else:
                return size
        raise SourceError(self.name, LOGS, f"refuses pages of {LOG_PAGE_SIZES} rows")

    def _page(self, low: datetime, high: datetime, number: int, *, size: int, order: str) -> Any:
        """One page; the API takes whole seconds and both ends of a span, so a second more is asked for."""
        params = {
            "start_date": f"{low:%Y-%m-%d %H:%M:%S}",
            "end_date": f"{high:%Y-%m-%d %H:%M:%S}",
            "page": number,
            "page_size": size,
            "sort_by": "startTime",
            "sort_order": order,
        }
        page = self._http.get(LOGS, params)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list) or not isinstance(page.get("total"), int):
            raise InputError(self.name, f"GET {LOGS}", type(page).__name__, "an object with data (list) and total")
        return page
