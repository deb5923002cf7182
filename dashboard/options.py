"""What the dashboard must be told at its start: where the data is, where to listen, who may come in."""

import tomllib
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from dashboard.errors import OptionsError
from dashboard.language import LANGUAGES

AUTH_MODES = ("demo",)


@dataclass(frozen=True)
class Options:
    """Checked options. Raises OptionsError naming the option, its value and the choices.

    Everything about the university (name, time zone, seat price, smallest group) comes with the data instead.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8050
    auth: str = "demo"
    language: str = "cs"
    stale_hours: int | None = None  # None: what the snapshot says
    workers: int = 2

    def __post_init__(self) -> None:
        if self.auth not in AUTH_MODES:
            raise OptionsError(f"auth is '{self.auth}'; known: {', '.join(AUTH_MODES)}")
        if self.language not in LANGUAGES:
            raise OptionsError(f"language is '{self.language}'; known: {', '.join(LANGUAGES)}")
        if self.auth == "demo" and not is_loopback(self.host):
            raise OptionsError(f"host is '{self.host}': demo mode shows all to anyone, so only loopback will do")
        if not 0 < self.port < 65536 or self.workers < 1:
            raise OptionsError(f"port {self.port} or workers {self.workers} is out of range")


def configured(file: Path) -> dict[str, Any]:
    """What a configuration file says of the dashboard, as arguments of Options.

    The ETL validates the file as a whole; here only what is used is read. Raises OptionsError naming file and key.
    """
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionsError(f"{file} can't be read: {error}") from None
    own = said.get("dashboard", {})
    known = {f.name for f in fields(Options)} - {"folder", "language"}
    if unknown := set(own) - known:
        raise OptionsError(f"{file}: unknown key dashboard.{min(unknown)}; known: {', '.join(sorted(known))}")
    language = said.get("university", {}).get("language")
    folder = file.resolve().parent / said.get("storage", {}).get("folder", "var")
    return {**own, "folder": folder} | ({"language": language} if language else {})


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses; a name that would have to be resolved is not one."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
