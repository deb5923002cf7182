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
