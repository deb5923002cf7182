"""An invented university of 50,000 persons that gives its rows by number: any window of any history, made by SQL.

What is few rows (invoices, seats, plans, budgets, rules) lies in files, which the real sources of the ETL read.
"""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.identity import Pseudonyms
from etl.jobs import Job
from etl.sections import Invoices, Storage
from etl.settings import Settings
from etl.sources.base import Finding, Window
from etl.sources.directory import directory_source
from etl.sources.invoices.folder import folder_source
from etl.sources.seats.folder import seat_source
from etl.tables import (
    ACCOUNT,
    ANNOTATION,
    API_KEY,
    BUDGET,
    CHAT_TURN,
    FX_RATE,
    GROUP_MEMBER,
    PERSON_UNIT,
    PLAN,
    POPULATION,
    PRICE,
    RATING,
    REQUEST,
    SERVICE_ACCOUNT,
    TARGET,
    TEAM,
    UNIT,
    Table,
)
from queries.dashboard_settings import Dashboard
from tests.bench.increment_money import write_invoices
from tests.bench.increment_plans import PRODUCTS, holders, mail, write_reference, write_seats

START = datetime(2023, 12, 31, 23)  # midnight in Prague
DAYS = 730
BATCH_ROWS = 50_000
_MACROS = {REQUEST: "requests", CHAT_TURN: "turns", RATING: "ratings"}
_WRITTEN_AFTER = timedelta(seconds=5)
_TO_MIDNIGHT = timedelta(hours=1)  # from START's 23:00 to the day that begins in Prague
VIEWS = {
    "fx": {FX_RATE: "rates"},
    "directory": {UNIT: "units", PERSON_UNIT: "homes", POPULATION: "populations", SERVICE_ACCOUNT: "services"},
    "gateway": {ACCOUNT: "accounts", API_KEY: "keys", TEAM: "teams", REQUEST: "requests"},
    "chat": {ACCOUNT: "chat_accounts", GROUP_MEMBER: "groups", CHAT_TURN: "turns", RATING: "ratings"},
}


IN_FILES = (BUDGET, ANNOTATION, TARGET, PRICE, PLAN)


def settings_for(folder: Path) -> Settings:
    """The configuration of the invented university: everything lies in one folder."""
    return Settings(
        storage=Storage(folder=folder),
        invoices=Invoices(issuers={"Prodejce": "licences"}, gateway_projects=("openai:proj_sandbox",)),
        dashboard=Dashboard(self_service=True),
        base=folder,
    )


@dataclass(frozen=True)
class Stretch:
    """`rows` requests, evenly over [start, end), numbered from `first`."""

    first: int
    rows: int
    start: datetime
    end: datetime

    @property
    def step(self) -> timedelta:
        """Time between two requests."""
        return (self.end - self.start) // self.rows

    def numbers(self, window: Window) -> tuple[int, int]:
        """Numbers [a, b) of the requests within the window."""
        starts = [t for t in (window.start, window.since and window.since - _WRITTEN_AFTER) if t]
        return self._number(max(starts, default=self.start)), self._number(window.end or self.end)

    def _number(self, moment: datetime) -> int:
        return self.first + min(max(math.ceil((moment - self.start) / self.step), 0), self.rows)


@dataclass
class World:
    """The rows that exist so far."""

    stretches: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
        self.connection.execute(Path(__file__).with_name("increment_rows.sql").read_text("utf-8"))

    @property
    def end(self) -> datetime:
        """Midnight after the last request."""
        return self.stretches[-1].end if self.stretches else START

    def grow(self, rows: int, days: int = 1) -> None:
        """Adds `rows` requests over the next days."""
        first = sum(s.rows for s in self.stretches)
        self.stretches.append(Stretch(first, rows, self.end, self.end + timedelta(days=days)))

    def requests(self) -> dict[date, int]:
        """How many requests each local day has."""
        found: dict[date, int] = {}
        for stretch in self.stretches:
            first = (stretch.start + _TO_MIDNIGHT).date()
            days = (stretch.end - stretch.start).days
            found |= {first + timedelta(n): stretch.rows // days for n in range(days)}
        return found

    def write(self, folder: Path, *, is_late_there: bool = True) -> None:
        """Puts into the folder the files that have come so far; those that are there and say the same stay."""
        requests, end = self.requests(), (self.end + _TO_MIDNIGHT).date()
        units = self.connection.execute("from units").fetchall()
        write_reference(folder / "reference", units, requests)
        write_invoices(folder / "invoices", requests, end, is_late_there=is_late_there)
        write_seats(folder / "seats", min(requests), end)

    def jobs(self, settings: Settings, pseudonyms: Pseudonyms) -> list[Job]:
        """A job over each kind of source: invented rows, and the real folders of invoices and seats."""
        base, key = settings.base, pseudonyms.key
        return [
            Job("fx", "fx", lambda: closing(Invented("fx", self))),
            Job("directory", "directory", lambda: closing(Directory(self, settings, pseudonyms))),
            Job("gateway", "gateway", lambda: closing(Invented("gateway", self))),
            Job("chat", "chat", lambda: closing(Invented("chat", self))),
            Job("invoices", "invoices", lambda: closing(folder_source(settings.invoices, base, key))),
            Job("seats", "seats", lambda: closing(seat_source(settings.seats, pseudonyms, base))),
        ]


class Invented:
    """A source of one kind in the invented university."""

    def __init__(self, kind: str, world: World) -> None:
        self.name, self._world, self._views = kind, world, VIEWS[kind]
        self.tables: tuple[Table, ...] = tuple(self._views)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        view = self._views[table]
        if table not in _MACROS:
            yield from self._batches(table, f"from {view}", [])
            return
        for stretch in self._world.stretches:
            first, last = stretch.numbers(window)
            if first < last:
                start = stretch.start + (first - stretch.first) * stretch.step
                yield from self._batches(
                    table, f"from {view}(?, ?, ?, ?)", [first, last, start, stretch.step // timedelta(microseconds=1)]
                )

    def _batches(self, table: Table, text: str, values: list[object]) -> Iterator[pa.RecordBatch]:
        cursor = self._world.connection.cursor()
        for batch in cursor.sql(text, params=values).to_arrow_reader(BATCH_ROWS):
            yield (
                pa.Table.from_batches([batch])
                .select(table.schema.names)
                .cast(table.schema)
                .combine_chunks()
                .to_batches()[0]
            )

    def bounds(self) -> Window | None:
        return Window(START, self._world.end - timedelta(microseconds=1))

    def notes(self) -> list[str]:
        return []

    def examine(self) -> Iterator[Finding]:
        yield Finding("ok", self.name, "invented")

    def close(self) -> None:
        return None


class Directory(Invented):
    """The directory of the invented university: persons made by SQL, what is planned from the operator's files."""

    def __init__(self, world: World, settings: Settings, pseudonyms: Pseudonyms) -> None:
        super().__init__("directory", world)
        self._files, self._key = directory_source(settings, pseudonyms, settings.base), pseudonyms.key
        self.tables = (*self._views, ACCOUNT, *IN_FILES)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        if table in IN_FILES:
            return self._files.extract(table, window)
        return iter([self._addresses()]) if table is ACCOUNT else super().extract(table, window)

    def _addresses(self) -> pa.RecordBatch:
        """Who stands behind the addresses of the vendors' reports."""
        found = sorted({person for product in PRODUCTS for person in holders(product)})
        rows = [{"account_key": self._key(mail(n)), "person_key": f"p{n}"} for n in found]
        return pa.RecordBatch.from_pylist(
            [{**r, "is_pending": False, "is_service": False} for r in rows], ACCOUNT.schema
        )

    def notes(self) -> list[str]:
        return self._files.notes()

    def domains(self) -> dict[str, tuple[str, str]]:
        return {"mff.cuni.cz": ("F1", "staff")}
