"""The configuration: one TOML file, typed and validated once at start; secrets come from the environment only."""

import os
import re
import tomllib
from pathlib import Path
from typing import TypeGuard, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from etl.errors import ConfigError
from etl.sections import (
    Chat,
    Directory,
    Fx,
    Gateway,
    Identity,
    Invoices,
    Plan,
    Privacy,
    Retention,
    Schedule,
    Seats,
    Storage,
    University,
)
from queries.dashboard_settings import Dashboard
from queries.rights import Access, Section

TAKEN = frozenset({"fx", "directory", "invoices", "seats", "ledger", "openai_costs", "anthropic_costs"})


class Settings(Section):
    """Everything. `base` is the folder relative paths start from."""

    university: University = University()
    storage: Storage = Storage()
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    retention: Retention = Retention()
    gateways: tuple[Gateway, ...] = ()
    chats: tuple[Chat, ...] = ()
    directory: Directory = Directory()
    invoices: Invoices = Invoices()
    seats: Seats = Seats()
    fx: Fx = Fx()
    plan: Plan = Plan()
    schedule: Schedule = Schedule()
    dashboard: Dashboard = Dashboard()
    access: Access = Access()
    base: Path = Field(Path(), exclude=True)

    @model_validator(mode="after")
    def _distinct_names(self) -> "Settings":
        names = [g.name for g in self.gateways] + [c.name for c in self.chats]
        if taken := sorted(TAKEN & set(names)):
            raise ValueError(f"no gateway or chat can be called {taken[0]}; taken: {', '.join(sorted(TAKEN))}")
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
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}; give a file like config.example.toml") from None
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
    return not get_args(kind) and issubclass(kind, Section)


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
