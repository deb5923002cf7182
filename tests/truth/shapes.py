"""The plain values the truth is told in."""

from datetime import date
from typing import NamedTuple


class Named(NamedTuple):
    """What a model name is counted as."""

    model: str
    title: str
    family: str
    provider: str
    hosting: str
    is_mapped: bool
    policy: str | None = None
    data_category: str | None = None


class Use(NamedTuple):
    """One request or direct chat turn: who asked, who pays, what it was. Money in picodollars; None = unknown."""

    source: str
    day: date
    hour: int
    person: int | None
    is_service: bool
    payer: str | None
    model: str
    provider: str
    channel: str
    status: str
    origin: str
    is_user: bool
    tokens: tuple[int, int, int, int, int]
    pico: int | None
    saved_pico: int
    is_mapped: bool
    is_without_tokens: bool
    error: str | None  # class of a failure
    ms: int | None  # how long an answer took that was no cache hit
    first_ms: int | None
    key: tuple[str, str] | None  # kind and name the gateway's key is shown under


class Cell(NamedTuple):
    """Uses alike in all but time of day, as one unit pays for them."""

    day: date
    person: int | None
    unit: str
    model: str
    provider: str
    channel: str
    status: str
    requests: int
    user_requests: int
    tokens: tuple[int, int, int, int, int]
    pico: int
    saved_pico: int
    without_cost: int
    without_tokens: int
