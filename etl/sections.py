"""The sections of the configuration file, each with its keys, their types and defaults, and what they refuse.

Every key has a default and is shown with it in config.example.toml (a test keeps the two alike).
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from etl.when import trigger
from queries.dashboard_settings import EnvName
from queries.rights import Section


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("not a known time zone, e.g. Europe/Prague or UTC")
    return value


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("not a day like 2025-01-01") from None


def _code(value: str) -> str:
    code = value.strip().upper()
    if not re.fullmatch(r"[^\W_][\w.-]{0,30}", code) or code in ("UNKNOWN", "SHARED", "UNALLOCATED"):
        raise ValueError("not a code of letters, digits, . and -; UNKNOWN, SHARED and UNALLOCATED are taken")
    return code


def _when(value: str) -> str:
    trigger(value, "UTC")
    return value


When = Annotated[str, AfterValidator(_when)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class University(Section):
    """Who we are and how days and money are counted."""

    name_cs: str = "Univerzita Karlova"
    name_en: str = "Charles University"
    root_unit: Annotated[str, AfterValidator(_code)] = Field("UK", description="code of the root of the tree of units")
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Prague"
    language: Literal["cs", "en"] = "cs"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Storage(Section):
    """Where the warehouse lies. Relative paths are relative to the configuration file."""

    folder: Path = Path("var")
    keep_snapshots: int = Field(3, ge=2, le=100)
    memory_limit: str = Field("2GB", pattern=r"^[1-9][0-9]*(MB|GB)$")
    threads: int = Field(2, ge=1, le=64)


class Identity(Section):
    """How persons become pseudonyms."""

    secret_env: EnvName = "SANDBOX_SECRET"  # noqa: S105  (a name, not the secret)


class Privacy(Section):
    """Figures about fewer persons than this are suppressed."""

    minimum_group: int = Field(5, ge=3, le=100)


class Retention(Section):
    """After how many whole months use no longer stands under persons; null: never. See docs/privacy.md."""

    person_months: int | None = Field(None, ge=2, le=240)


class Gateway(Section):
    """One LiteLLM: read from its PostgreSQL database, or over REST where no database access is given."""

    name: Name = "litellm"
    database_url_env: EnvName | None = None
    api_url: str | None = Field(None, pattern=r"^https?://\S+$")
    api_key_env: EnvName | None = None
    chat_key_aliases: tuple[str, ...] = ()
    chat_teams: tuple[str, ...] = ()
    unit_metadata_keys: tuple[str, ...] = ("faculty_code", "unit")
    lookback_days: int = Field(7, ge=1, le=400)
    overlap_minutes: int = Field(15, ge=1, le=1440)
    accept_readable_content: bool = False

    @model_validator(mode="after")
    def _one_way_in(self) -> "Gateway":
        if (self.database_url_env is None) == (self.api_url is None):
            raise ValueError("give exactly one of database_url_env and api_url")
        if self.api_url is not None and self.api_key_env is None:
            raise ValueError("api_url needs api_key_env")
        return self


class Chat(Section):
    """One Open WebUI: a SQLite file or a PostgreSQL database."""

    name: Name = "openwebui"
    sqlite_file: Path | None = None
    database_url_env: EnvName | None = None
    audit_log: Path | None = None
    direct_models: tuple[str, ...] = Field(
        (), description="models (glob patterns) that never go through the gateway, whatever the gateway knows"
    )
    lookback_days: int = Field(7, ge=1, le=400)
    accept_readable_content: bool = False

    @model_validator(mode="after")
    def _one_way_in(self) -> "Chat":
        if (self.sqlite_file is None) == (self.database_url_env is None):
            raise ValueError("give exactly one of sqlite_file and database_url_env")
        return self


class Directory(Section):
    """Units and who belongs where: CSV files in one folder (see docs/directory.md). Missing files are empty."""

    folder: Path = Path("reference")
    group_pattern: str = Field(r"^fac:(?P<unit>.+)$", description="groups of the chat UI that name a unit")
    role_pattern: str = Field(r"^aff:(?P<role>.+)$", description="groups of the chat UI that name a role")

    @model_validator(mode="after")
    def _patterns(self) -> "Directory":
        for key, group in (("group_pattern", "unit"), ("role_pattern", "role")):
            try:
                pattern = re.compile(getattr(self, key))
            except re.error as error:
                raise ValueError(f"{key} is no regular expression: {error}") from None
            if group not in pattern.groupindex:
                raise ValueError(f"{key} needs a named group (?P<{group}>...)")
        return self


class ColumnMapping(Section):
    """How one kind of invoice file (CSV or XLSX) maps to FOCUS columns."""

    files: str = Field(description="glob pattern of file names, e.g. 'mistral-*.csv'")
    provider: Name
    columns: dict[str, str] = Field(description="our column -> their header")
    constants: dict[str, str] = {}  # noqa: RUF012  (frozen: a pydantic model)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    decimal_comma: bool = False
    day_format: str = "%Y-%m-%d"
    sheet: str | None = None


class InvoiceApi(Section):
    """A provider's cost API."""

    provider: Literal["openai", "anthropic"]
    key_env: EnvName
    url: str | None = Field(None, pattern=r"^https?://\S+$")
    first_day: Annotated[str, AfterValidator(_day)] = "2025-01-01"
    revised_days: int = Field(35, ge=1, le=400, description="days read again at each run, since providers revise them")
    usage: bool = Field(False, description="also ask for quantities (tokens by day), for reconciliation")


class Invoices(Section):
    """Invoices from a watched folder and from providers' APIs."""

    folder: Path = Path("invoices")
    prepaid: tuple[str, ...] = Field((), description="providers whose reported use is drawn from credits bought before")
    issuers: dict[str, str] = Field({}, description="part of the name of who bills (a reseller) -> provider")
    mappings: tuple[ColumnMapping, ...] = ()
    apis: tuple[InvoiceApi, ...] = ()
    gateway_projects: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*:\S+$")], ...] = Field(
        (), description="projects or workspaces at the providers that the gateway uses, as 'openai:proj_...'"
    )
    warn_share: float = Field(0.02, ge=0, le=1, description="part of a bill that may stay unexplained")
    warn_czk: int = Field(500, ge=0, description="CZK that may stay unexplained, whatever the bill")

    @model_validator(mode="after")
    def _one_api_a_provider(self) -> "Invoices":
        providers = [api.provider for api in self.apis]
        if len(set(providers)) < len(providers):
            raise ValueError(f"one API a provider; given: {', '.join(providers)}")
        return self


class SeatProduct(Section):
    """Which plan some reports on seats are about, where their kind does not say it."""

    files: str = Field(description="glob pattern of file names, e.g. 'chatgpt-mff-*.csv'")
    product: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="code of the plan in plans.csv")


class Seats(Section):
    """Reports on bought seats from a watched folder (see docs/seats.md)."""

    folder: Path = Path("seats")
    products: tuple[SeatProduct, ...] = ()


class Fx(Section):
    """Exchange rates. 'offline' uses the shipped history and the files in `folder` alone."""

    source: Literal["cnb", "ecb", "offline"] = "offline"
    folder: Path = Path("fx")


class Plan(Section):
    """The seat that pay-as-you-go is compared with."""

    name: str = "ChatGPT Edu"
    seat_price: Annotated[str, Field(pattern=r"^\d+(\.\d{1,4})?$")] = "600"
    currency: Literal["CZK", "USD", "EUR"] = "CZK"
    minimum_seats: int = Field(0, ge=0)


class Schedule(Section):
    """When jobs run: an interval like '15m', '1h', '1d' or a cron line of five fields, in the university's zone."""

    gateway: When = "15m"
    chat: When = "1h"
    directory: When = "1h"
    invoices: When = "1h"
    seats: When = "1h"
    fx: When = "40 14 * * *"
    reconcile: When = "30 3 * * *"
