"""LiteLLM read over its REST API, where no database access is given: slower, the same rows.

Endpoints and shapes: LiteLLM 1.106.2 run for real. What the API does not tell stays null: `updated_at` of requests.
A listing by pages can shift while it is read (rows arrive late); each is therefore counted against the total the
API names, read again in smaller pieces when they differ, and given up as a SourceError when they still do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.identity import Pseudonyms
from etl.sections import Gateway
from etl.sources.base import Finding, Window
from etl.sources.http import PATIENT, Http, RefusedError, Retries
from etl.sources.litellm_rest_rows import account_row, key_row, request_row, team_row
from etl.sources.litellm_shape import RAW_ACCOUNT, RAW_KEY, RAW_REQUEST, RAW_TEAM, Shape
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM, Table

LOGS = "/spend/logs/v2"
LOG_PAGE_SIZES = (1000, 100)  # older versions refuse more than 100 with 422
LIST_PAGE_SIZE = 100
ATTEMPTS = 4
SECOND = timedelta(seconds=1)
LESS_THAN_SECOND = timedelta(microseconds=999_999)
MOST_PAGES = 100_000
EVER = (datetime(2020, 1, 1), datetime(2100, 1, 1))  # naive UTC, as everywhere behind the source edge

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
        retries: Retries = PATIENT,
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
        listings = (("/key/list", "keys", "token"), ("/v2/team/list", "teams", "team_id"))
        known += [
            f"this version does not list deleted {n}" for p, n, k in listings if self._deleted(p, n, k, {}) is None
        ]
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
        size = self._log_page_size()
        for low, high in _days(start, end):
            for rows in self._slice(low, high, size):
                if rows:
                    yield self._shape.requests(_raw(RAW_REQUEST, rows))

    def _slice(self, low: datetime, high: datetime, size: int) -> Iterator[list[Row]]:
        """All rows of [low, high) in order; in halves where the span has more than the API counts, or shifts."""
        rows, doubt = self._counted(low, high, size)
        if not doubt:
            yield [r for r in rows if low <= r["started_at"] < high]
        elif high - low > SECOND:
            middle = low + (high - low) / 2
            yield from self._slice(low, middle, size)
            yield from self._slice(middle, high, size)
        else:
            raise SourceError(self.name, f"requests of [{low}, {high})", doubt)

    def _counted(self, low: datetime, high: datetime, size: int) -> tuple[list[Row], str]:
        """The rows of one span, some of its neighbours' too, and, where they are not surely all, why."""
        doubt = ""
        for _ in range(ATTEMPTS if high - low <= SECOND else 2):
            rows: dict[str, Row] = {}
            totals: set[int] = set()
            capped = False
            for page in self._log_pages(low, high, size):
                totals.add(page["total"])
                capped = capped or page.get("total_is_capped") is True
                if capped and high - low > SECOND:
                    return [], "more rows than are counted"
                rows.update((row["request_id"], row) for row in (request_row(self.name, r) for r in page["data"]))
            if capped or totals == {len(rows)}:
                return sorted(rows.values(), key=lambda r: (r["started_at"], r["request_id"])), ""
            doubt = f"{len(rows)} different rows came where the API counts {', '.join(map(str, sorted(totals)))}"
        return [], doubt

    def _log_pages(self, low: datetime, high: datetime, size: int) -> Iterator[Any]:
        """Pages until one is short: past 10,000 rows the named total stays there while the pages go on."""
        for number in range(1, MOST_PAGES):
            page = self._page(low, high, number, size=size, order="asc")
            yield page
            if len(page["data"]) < size:
                return
        raise SourceError(self.name, f"requests of [{low}, {high})", f"more than {MOST_PAGES} pages")

    def _log_page_size(self) -> int:
        for size in LOG_PAGE_SIZES[:-1]:
            try:
                self._page(EVER[0], EVER[0], 1, size=size, order="asc")
            except RefusedError as refused:
                if refused.status != 422:
                    raise
            else:
                return size
        return LOG_PAGE_SIZES[-1]

    def _page(self, low: datetime, high: datetime, number: int, *, size: int, order: str) -> Any:
        """One page; the API takes whole seconds and both ends of a span: somewhat more may come."""
        params: dict[str, str | int] = {
            "start_date": f"{low:%Y-%m-%d %H:%M:%S}",
            "end_date": f"{high + LESS_THAN_SECOND:%Y-%m-%d %H:%M:%S}",
            "page": number,
            "page_size": size,
            "sort_by": "startTime",
            "sort_order": order,
        }
        page = self._http.get(LOGS, params)
        if (
            not isinstance(page, dict)
            or not isinstance(page.get("data"), list)
            or not isinstance(page.get("total"), int)
        ):
            raise InputError(self.name, f"GET {LOGS}", type(page).__name__, "an object with data (list) and total")
        return page

    def _accounts(self) -> list[Row]:
        users = self._listing("/user/list", "users", "user_id", {"sort_by": "user_id", "sort_order": "asc"})
        customers = self._customers()
        return [
            *sorted((account_row(self.name, u) for u in users), key=lambda r: str(r["user_id"])),
            *sorted((account_row(self.name, c) for c in customers), key=lambda r: str(r["user_id"])),
        ]

    def _customers(self) -> list[Row]:
        """End users; without the endpoint (older versions) there are none, and requests carry them anyway."""
        try:
            found = self._http.get("/customer/list")
        except RefusedError as refused:
            if refused.status != 404:
                raise
            return []
        if not isinstance(found, list):
            raise InputError(self.name, "GET /customer/list", type(found).__name__, "a list")
        return [{"user_id": row.get("user_id"), "user_email": row.get("user_id")} for row in found]

    def _keys(self) -> list[Row]:
        more = {"return_full_object": "true", "sort_by": "created_at", "sort_order": "asc"}
        live = self._listing("/key/list", "keys", "token", more)
        deleted = _newest_first(self._deleted("/key/list", "keys", "token", more) or [])
        return [
            *(key_row(self.name, k, is_deleted=False) for k in live),
            *(key_row(self.name, k, is_deleted=True) for k in deleted),
        ]

    def _teams(self) -> list[Row]:
        more = {"sort_by": "created_at", "sort_order": "asc"}
        wanted = self._settings.unit_metadata_keys
        live = self._listing("/v2/team/list", "teams", "team_id", more)
        deleted = _newest_first(self._deleted("/v2/team/list", "teams", "team_id", more) or [])
        return [
            *(team_row(t, wanted, is_deleted=False) for t in live),
            *(team_row(t, wanted, is_deleted=True) for t in deleted),
        ]

    def _deleted(self, path: str, name: str, key: str, more: dict[str, str]) -> list[Row] | None:
        """Deleted keys or teams; None where this version refuses to list them.

        A version that overlooks `status` gives the live ones again; those are dropped later, since live ones win.
        """
        try:
            return self._listing(path, name, key, {**more, "status": "deleted"})
        except RefusedError as refused:
            if refused.status not in (400, 404, 422):
                raise
            return None

    def _listing(self, path: str, name: str, key: str, more: dict[str, str]) -> list[Row]:
        """All rows of a listing by pages, each once. Raises SourceError when they are not as many as the API counts."""
        doubt = ""
        for _ in range(ATTEMPTS):
            rows: dict[str, Row] = {}
            total = 0
            for page in self._http.pages(path, {**more, **_SIZES}, _next_page):
                total = self._total(path, name, page)
                rows.update((str(row.get("id") or row.get(key)), row) for row in page[name])
            if len(rows) == total:
                return list(rows.values())
            doubt = f"{len(rows)} different rows came where the API counts {total}"
        raise SourceError(self.name, f"GET {path}", doubt)

    def _total(self, path: str, name: str, page: Any) -> int:
        total = page.get("total", page.get("total_count")) if isinstance(page, dict) else None
        if not isinstance(total, int) or not isinstance(page.get(name), list):
            raise InputError(self.name, f"GET {path}", type(page).__name__, f"an object with {name} (list) and a total")
        return total


# /key/list calls it size, the others page_size; each overlooks the other's word.
_SIZES: dict[str, str | int] = {"page": 1, "size": LIST_PAGE_SIZE, "page_size": LIST_PAGE_SIZE}


def _next_page(answer: Any) -> dict[str, int] | None:
    number = answer.get("page", answer.get("current_page")) or 1
    return {"page": number + 1} if number < (answer.get("total_pages") or 0) else None


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    """A key deleted twice counts as deleted last."""
    return sorted(rows, key=lambda row: str(row.get("deleted_at") or ""), reverse=True)


def _raw(schema: pa.Schema, rows: Sequence[Row]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([dict(row) for row in rows], schema=schema)


def _naive(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant is not None and instant.tzinfo else instant


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[start, end) cut at midnights, UTC."""
    low = start
    while low < end:
        midnight = low.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        high = min(midnight, end)
        yield low, high
        low = high
