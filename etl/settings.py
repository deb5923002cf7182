"""The configuration: one TOML file, typed and validated once at start; secrets come from the environment only.

Every key has a default and is shown with it in config.example.toml (a test keeps the two alike).
"""

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeGuard, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from etl.errors import ConfigError
from etl.when import trigger


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("not a known time zone, e.g. Europe/Prague or UTC")
    return value


def _env_name(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise ValueError(
            "not the name of an environment variable (capitals, digits, _); never put the secret itself here"
        )
    return value


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("not a day like 2025-01-01") from None


def _when(value: str) -> str:
    trigger(value, "UTC")
    return value


EnvName = Annotated[str, AfterValidator(_env_name)]
When = Annotated[str, AfterValidator(_when)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class University(_Part):
    """Who we are and how days and money are counted."""

    name_cs: str = "Univerzita Karlova"
    name_en: str = "Charles University"
    root_unit: str = Field("UK", description="code of the root of the tree of units")
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Prague"
    language: Literal["cs", "en"] = "cs"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Storage(_Part):
    """Where the warehouse lies. Relative paths are relative to the configuration file."""

    folder: Path = Path("var")
    keep_snapshots: int = Field(3, ge=2, le=100)
    memory_limit: str = Field("2GB", pattern=r"^[1-9][0-9]*(MB|GB)$")
    threads: int = Field(2, ge=1, le=64)


class Identity(_Part):
    """How persons become pseudonyms."""

    secret_env: EnvName = "SANDBOX_SECRET"  # noqa: S105  (a name, not the secret)


class Privacy(_Part):
    """Figures about fewer persons than this are suppressed."""

    minimum_group: int = Field(5, ge=2, le=100)


class Gateway(_Part):
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


class Chat(_Part):
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


class Directory(_Part):
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


class ColumnMapping(_Part):
    """How one kind of invoice file (CSV or XLSX) maps to FOCUS columns."""

    files: str = Field(description="glob pattern of file names, e.g. 'mistral-*.csv'")
    provider: Name
    columns: dict[str, str] = Field(description="our column -> their header")
    constants: dict[str, str] = {}
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    decimal_comma: bool = False
    day_format: str = "%Y-%m-%d"
    sheet: str | None = None


class InvoiceApi(_Part):
    """A provider's cost API."""

    provider: Literal["openai", "anthropic"]
    key_env: EnvName
    url: str | None = Field(None, pattern=r"^https?://\S+$")
    first_day: Annotated[str, AfterValidator(_day)] = "2025-01-01"
    revised_days: int = Field(35, ge=1, le=400, description="days read again at each run, since providers revise them")


class Invoices(_Part):
    """Invoices from a watched folder and from providers' APIs."""

    folder: Path = Path("invoices")
    mappings: tuple[ColumnMapping, ...] = ()
    apis: tuple[InvoiceApi, ...] = ()

    @model_validator(mode="after")
    def _one_api_a_provider(self) -> "Invoices":
        providers = [api.provider for api in self.apis]
        if len(set(providers)) < len(providers):
            raise ValueError(f"one API a provider; given: {', '.join(providers)}")
        return self


class Fx(_Part):
    """Exchange rates. 'offline' uses the shipped history and the files in `folder` alone."""

    source: Literal["cnb", "ecb", "offline"] = "offline"
    folder: Path = Path("fx")


class Plan(_Part):
    """The seat that pay-as-you-go is compared with."""

    name: str = "ChatGPT Edu"
    seat_price: Annotated[str, Field(pattern=r"^\d+(\.\d{1,4})?$")] = "600"
    currency: Literal["CZK", "USD", "EUR"] = "CZK"
    minimum_seats: int = Field(0, ge=0)


class Schedule(_Part):
    """When jobs run: an interval like '15m', '1h', '1d' or a cron line of five fields, in the university's zone."""

    gateway: When = "15m"
    chat: When = "1h"
    directory: When = "1h"
    invoices: When = "1h"
    fx: When = "40 14 * * *"
    reconcile: When = "30 3 * * *"


class Dashboard(_Part):
    """The web server."""

    host: str = "127.0.0.1"
    port: int = Field(8050, ge=1, le=65535)
    auth: Literal["demo"] = "demo"
    stale_hours: int = Field(26, ge=1)
    workers: int = Field(2, ge=1, le=16)

    @model_validator(mode="after")
    def _demo_stays_home(self) -> "Dashboard":
        if self.auth == "demo" and self.host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("auth = 'demo' has no sign-in and may only listen on 127.0.0.1, localhost or ::1")
        return self


class Settings(_Part):
    """Everything. `base` is the folder relative paths start from."""

    university: University = University()
    storage: Storage = Storage()
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    gateways: tuple[Gateway, ...] = ()
    chats: tuple[Chat, ...] = ()
    directory: Directory = Directory()
    invoices: Invoices = Invoices()
    fx: Fx = Fx()
    plan: Plan = Plan()
    schedule: Schedule = Schedule()
    dashboard: Dashboard = Dashboard()
    base: Path = Field(Path(), exclude=True)

    @model_validator(mode="after")
    def _distinct_names(self) -> "Settings":
        names = [g.name for g in self.gateways] + [c.name for c in self.chats]
        if len(set(names)) < len(names):
            raise ValueError(f"two sources have the same name; names: {', '.join(names)}")
        return self

    def path(self, part: Path) -> Path:
        """The path as the operator meant it: relative to the configuration file."""
        return part if part.is_absolute() else self.base / part


def secret(name: str) -> str:
    """The environment variable's value. Raises ConfigError, never showing a value, when it is missing or empty."""
    if not (value := os.environ.get(name, "")):
        raise ConfigError(f"environment variable {name} is not set; the configuration names it as a secret")
    return value


def load(file: Path) -> Settings:
    """Settings from a TOML file. Raises ConfigError with one clear line a wrong key, type or value."""
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file; start from config.example.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None
    try:
        return Settings.model_validate({**data, "base": file.resolve().parent})
    except ValidationError as error:
        raise ConfigError("\n".join(f"{file}: {_line(e)}" for e in error.errors())) from None


def _choices(location: tuple[int | str, ...]) -> str:
    """Names of the keys that may stand where the unknown one stands."""
    part: type[BaseModel] = Settings
    for step in location[:-1]:
        if isinstance(step, str):  # a number is the place in an array of tables, whose keys are those of one table
            annotation = part.model_fields[step].annotation
            part = next(t for t in (annotation, *get_args(annotation)) if isinstance(t, type) and _is_part(t))
    return ", ".join(sorted(set(part.model_fields) - {"base"}))


def _is_part(kind: type) -> TypeGuard[type[BaseModel]]:
    return not get_args(kind) and issubclass(kind, _Part)


_PLAIN = {
    "tuple_type": "a list is needed: [[{key}]] once for each table, or {key} = [...]",
    "model_type": "a table is needed: [{key}]",
    "missing": "this key is needed",
}


def _line(error: ErrorDetails) -> str:
    """One line naming the key, the value found and what is allowed; a value that may hold a secret is not shown."""
    location = error["loc"]
    key = ".".join(str(p + 1) if isinstance(p, int) else p for p in location) or "(file)"
    if error["type"] == "extra_forbidden":
        return f"unknown key {key}; known: {_choices(location)}"
    plain = _PLAIN.get(error["type"])
    reason = plain.format(key=key) if plain else error["msg"].removeprefix("Value error, ")
    return f"{key}{_shown(key, error['input'])}: {reason}"


def _shown(key: str, found: object) -> str:
    if not isinstance(found, str | int | float | bool):
        return ""
    if key.endswith("_env"):
        return " (value not shown)"
    return f" is {re.sub('//[^/@]*@', '//…@', repr(found))}"
