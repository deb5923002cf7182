"""What there is and what happened in an invented university: plain values, nothing about the systems they end up in.

Money is whole picodollars (10^-12 USD), so that every sum is exact. Instants are UTC without a zone.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

PICO = 10**12
MARKER = "PLANTED-CONTENT"  # stands wherever a real system keeps what must never be read
EMBEDDING = "text-embedding-3-small"
ARENA = "arena-model"


@dataclass(frozen=True)
class Unit:
    """A unit with its e-mail domain, its share of the users and its head-counts."""

    unit: str
    parent: str | None
    level: str
    name_cs: str
    name_en: str
    cost_centre: str
    domain: str
    share: float
    staff: int
    students: int


@dataclass(frozen=True)
class Model:
    """A model of the gateway: prices in picodollars per token; `appears` and `disappears` as parts of the period."""

    name: str
    provider_model: str
    provider: str
    invoiced_by: str
    input_pico: int
    output_pico: int
    cached_pico: int
    write_pico: int
    appears: float
    disappears: float
    liking: float
    api_liking: float


@dataclass(frozen=True)
class Home:
    """Where somebody belongs from a day up to, not including, another; None = open."""

    unit: str
    role: str
    weight: Decimal = Decimal(1)
    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is valid on the day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Person:
    """A human. `known_by` says who tells where they belong: people | group | domain | nobody."""

    number: int
    name: str
    email: str
    email_at_gateway: str  # another spelling of the same address
    homes: tuple[Home, ...]
    known_by: str
    chat_account: str
    gateway_account: str | None  # a row of the gateway's user table; None: only seen as an end user
    created_at: datetime
    is_pending: bool
    is_deleted: bool  # the chat UI's account was removed on the last day
    alias: str | None  # a second address in people.csv
    leaves: date | None
    chat_chance: float  # of a chat on an ordinary working day
    chat_length: float  # mean answers a day with chats
    api_chance: float
    api_length: float
    heft: float  # how long their texts are
    is_power: bool  # works with long texts every day, and with the best model there is
    favourite: int


class Absent(NamedTuple):
    """Somebody in people.csv who has no account anywhere."""

    email: str
    alias: str
    unit: str


@dataclass(frozen=True)
class Team:
    """A team of the gateway. `unit` is what its metadata says, `payer` the unit that is meant (None: no known one)."""

    team: str
    alias: str
    unit: str | None
    payer: str | None
    is_service: bool = False


@dataclass(frozen=True)
class Key:
    """A key of the gateway. `payer` pays for its use; None: the homes of whoever asks, or nobody in particular."""

    alias: str
    token: str
    owner: int | None
    team: str | None
    payer: str | None
    created_at: datetime
    is_service: bool = False
    is_deleted: bool = False


class Request(NamedTuple):
    """One request at the gateway. `way` says how it came about (see etl.demo.requests.WAYS)."""

    request_id: str
    at: datetime
    way: str
    person: int | None  # the human who asked
    key: str | None  # alias
    chat: str | None
    task: str | None
    call_type: str
    model: str  # that answered
    requested: str  # that was asked for
    error: tuple[str, str] | None  # class and code; None = success
    is_hit: bool
    spent_pico: int
    saved_pico: int  # what a cache hit would have cost
    input: int  # uncached
    cached: int
    written: int  # to the cache
    output: int
    reasoning: int
    duration_ms: int
    first_token_ms: int | None  # None: the answer came in one piece
    delay_ms: int  # until the gateway wrote the row


class Turn(NamedTuple):
    """An answer in the chat UI. `usage` is (input, cached, written, output, reasoning); None: the UI does not know."""

    chat: str
    message: str
    person: int
    at: datetime
    picked: str  # as the person picked it: a model, a workspace model or the arena
    model: str  # behind it
    is_error: bool
    usage: tuple[int, int, int, int, int] | None
    dialect: str  # of the usage object: openai | anthropic | ollama
    is_clone: bool  # a copy of a message that is there already


class Rating(NamedTuple):
    """A thumb up (1) or down (-1) on an answer."""

    rating: str
    person: int
    message: str
    chat: str
    at: datetime
    picked: str
    model: str
    value: int


@dataclass(frozen=True)
class Bill:
    """A charge of a provider for its own days [start, end), before tax; `unit` owns it directly."""

    document: str
    provider: str
    service: str | None
    model: str | None
    description: str
    start: date
    end: date
    amount: Decimal
    currency: str
    category: str = "Usage"
    unit: str | None = None


@dataclass(frozen=True)
class Headcount:
    """Persons who could use the services."""

    unit: str
    role: str
    start: date | None
    end: date | None
    persons: int


class Budget(NamedTuple):
    """What a unit and all below it may spend in [start, end)."""

    unit: str
    start: date
    end: date
    amount_czk: Decimal
    note: str


class Annotation(NamedTuple):
    """Something worth showing on a time axis; `kind`: training | launch | outage | other."""

    day: date
    kind: str
    name_cs: str
    name_en: str


class Target(NamedTuple):
    """What a unit means to reach by a day; `metric`: mau | adoption_rate."""

    unit: str
    metric: str
    day: date
    value: Decimal


class Price(NamedTuple):
    """USD per million tokens of a model, as typed, from a day on; '' = unknown. `kind`: list | internal | shadow."""

    model: str
    start: date | None
    kind: str
    input_usd: str
    cached_usd: str
    cache_write_usd: str
    output_usd: str


@dataclass(frozen=True)
class World:
    """Everything that is true. Days are local, both ends included."""

    first_day: date
    last_day: date
    zone: ZoneInfo
    units: dict[str, Unit]
    models: dict[str, Model]
    persons: tuple[Person, ...]
    absent: tuple[Absent, ...]
    teams: dict[str, Team]
    keys: dict[str, Key]
    population: tuple[Headcount, ...]
    rates: dict[tuple[date, str], Decimal]  # published, CZK for one unit
    requests: list[Request] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    deleted_chats: frozenset[str] = frozenset()
    budgets: tuple[Budget, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    targets: tuple[Target, ...] = ()
    prices: tuple[Price, ...] = ()
