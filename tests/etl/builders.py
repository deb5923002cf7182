"""Rows with defaults, and a source that holds them in memory: it obeys the Source contract and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from etl.jobs import Job
from etl.sources.base import Finding, Window
from etl.tables import (
    ACCOUNT,
    API_KEY,
    CHAT_TURN,
    FX_RATE,
    GROUP_MEMBER,
    PERSON_UNIT,
    POPULATION,
    RATING,
    REQUEST,
    SERVICE_ACCOUNT,
    TEAM,
    UNIT,
    Table,
)

Row = dict[str, Any]
_TIME = {"request": "started_at", "chat_turn": "started_at", "rating": "rated_at"}


def request(request_id: str, started_at: str, **changes: Any) -> Row:
    """A successful API call of 10 + 5 tokens for 0.01 USD."""
    start = datetime.fromisoformat(started_at)
    row = dict.fromkeys(REQUEST.schema.names) | {
        "request_id": request_id,
        "started_at": start,
        "ended_at": start + timedelta(seconds=2),
        "updated_at": start + timedelta(seconds=5),
        "call_type": "acompletion",
        "user_key": "ann",
        "model": "gpt-5.5",
        "requested_model": "gpt-5.5",
        "provider_model": "openai/gpt-5.5",
        "provider": "openai",
        "status": "success",
        "is_cache_hit": False,
        "is_chat_ui": False,
        "is_health_check": False,
        "metered_usd": Decimal("0.01"),
        "input_tokens": 10,
        "cached_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 5,
        "reasoning_tokens": 0,
    }
    return row | changes


def turn(message_id: str, started_at: str, **changes: Any) -> Row:
    """A chat turn of a model that the gateway does not serve."""
    row = dict.fromkeys(CHAT_TURN.schema.names) | {
        "account_key": "ann-chat",
        "message_id": message_id,
        "started_at": datetime.fromisoformat(started_at),
        "model": "pipe.claude",
        "workspace_model": "pipe.claude",
        "is_error": False,
        "input_tokens": 7,
        "output_tokens": 3,
    }
    return row | changes


def usd(day: str, rate: str = "20") -> Row:
    """A Czech National Bank rate of the dollar."""
    return {"day": date.fromisoformat(day), "currency": "USD", "origin": "cnb", "czk_per_unit": Decimal(rate)}


def unit(code: str, parent: str | None = "UK", level: str = "faculty") -> Row:
    """A unit under the root."""
    return {"unit": code, "parent_unit": parent, "level": level, "name_cs": code, "name_en": code, "cost_centre": None}


def home(person: str, code: str, weight: str = "1", start: str = "2000-01-01", end: str | None = None) -> Row:
    """Where a person belongs by people.csv."""
    return {
        "person_key": person,
        "unit": code,
        "valid_from": date.fromisoformat(start),
        "valid_to": date.fromisoformat(end) if end else None,
        "weight": Decimal(weight),
        "role": "staff",
    }


@dataclass
class MemorySource:
    """Landing rows held in memory; `fail_after` batches a SourceError-like exception is raised."""

    name: str
    rows: dict[Table, list[Row]] = field(default_factory=dict)
    failure: Callable[[Table], None] | None = None
    batch_rows: int = 2
    has_written: bool = True

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.rows)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        rows = [r for r in self.rows[table] if self._within(table, r, window)]
        for start in range(0, len(rows), self.batch_rows):
            if self.failure and start:
                self.failure(table)
            yield pa.RecordBatch.from_pylist(rows[start : start + self.batch_rows], table.schema)

    def _within(self, table: Table, row: Row, window: Window) -> bool:
        if (column := _TIME.get(table.name)) is None:
            return True
        moment = row[column]
        written = row.get("updated_at") or moment
        return (
            (window.start is None or moment >= window.start)
            and (window.end is None or moment < window.end)
            and (window.since is None or not self.has_written or written >= window.since)
        )

    def bounds(self) -> Window | None:
        times = [r[_TIME[t.name]] for t, rows in self.rows.items() if t.name in _TIME for r in rows]
        return Window(min(times), max(times)) if times else None

    def notes(self) -> list[str]:
        return []

    def examine(self) -> Iterator[Finding]:
        yield Finding("ok", self.name, "in memory")

    def close(self) -> None:
        return None

    def job(self, kind: str) -> Job:
        """A job over this source."""
        return Job(self.name, kind, lambda: closing(self))


@dataclass
class MemoryDirectory(MemorySource):
    """A directory, which also says which e-mail domain belongs to which unit."""

    domain_units: dict[str, tuple[str, str]] = field(default_factory=dict)

    def domains(self) -> dict[str, tuple[str, str]]:
        return self.domain_units


def gateway(
    *requests: Row, accounts: list[Row] | None = None, keys: list[Row] | None = None, teams: list[Row] | None = None
) -> MemorySource:
    """A gateway of these requests."""
    rows = {ACCOUNT: accounts or [], API_KEY: keys or [], TEAM: teams or [], REQUEST: list(requests)}
    return MemorySource("litellm", rows)


def chat(
    *turns: Row, accounts: list[Row] | None = None, groups: list[Row] | None = None, ratings: list[Row] | None = None
) -> MemorySource:
    """A chat UI of these turns."""
    rows = {ACCOUNT: accounts or [], GROUP_MEMBER: groups or [], CHAT_TURN: list(turns), RATING: ratings or []}
    return MemorySource("openwebui", rows)


def directory(
    *homes: Row, units: list[Row] | None = None, services: list[Row] | None = None, population: list[Row] | None = None
) -> MemorySource:
    """A directory of the faculties MFF and FF, or of `units`."""
    rows = {
        UNIT: units if units is not None else [unit("UK", None, "university"), unit("MFF"), unit("FF")],
        PERSON_UNIT: list(homes),
        POPULATION: population or [],
        SERVICE_ACCOUNT: services or [],
    }
    return MemoryDirectory("directory", rows)


def rates(*rows: Row) -> MemorySource:
    """Exchange rates; 20 CZK a dollar from 2000 on by default."""
    return MemorySource("fx", {FX_RATE: list(rows) or [usd("2020-01-01")]})
