"""What the dashboard must be told at its start: where the data is, where to listen, who may come in."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from dashboard.errors import OptionsError
from dashboard.language import LANGUAGES
from queries.dashboard_settings import Dashboard, Oidc, Proxy
from queries.keyed import MINIMUM_SECRET
from queries.rights import Access

AUTH_MODES: tuple[str, ...] = get_args(Dashboard.model_fields["auth"].annotation)
_DEFAULT = Dashboard()


@dataclass(frozen=True)
class Options:
    """Checked options. Raises OptionsError naming the option, its value and the choices.

    Everything about the university (name, time zone, seat price, smallest group) comes with the data instead.
    """

    folder: Path
    host: str = _DEFAULT.host
    port: int = _DEFAULT.port
    auth: str = _DEFAULT.auth
    language: str = "cs"
    stale_hours: int | None = None  # None: what the snapshot says
    workers: int = _DEFAULT.workers
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = _DEFAULT.trusted_proxies
    secret_env: str = _DEFAULT.secret_env
    session_idle_minutes: int = _DEFAULT.session_idle_minutes
    session_hours: int = _DEFAULT.session_hours
    requests_a_minute: int = _DEFAULT.requests_a_minute
    audit_days: int = _DEFAULT.audit_days
    self_service: bool = _DEFAULT.self_service
    public_page: bool = _DEFAULT.public_page
    oidc: Oidc | None = None
    proxy: Proxy | None = None
    access: Access = field(default_factory=Access)
    grants_file: Path | None = None  # access.csv in the folder of the directory
    identity_secret_env: str = "SANDBOX_SECRET"  # noqa: S105  (a name, not the secret)

    def __post_init__(self) -> None:
        if self.auth not in AUTH_MODES:
            raise OptionsError(f"auth is '{self.auth}'; known: {', '.join(AUTH_MODES)}")
        if self.language not in LANGUAGES:
            raise OptionsError(f"language is '{self.language}'; known: {', '.join(LANGUAGES)}")
        if self.auth == "demo" and not is_loopback(self.host):
            raise OptionsError(f"host is '{self.host}': demo mode shows all to anyone, so only loopback will do")
        if self.auth == "oidc" and (self.oidc is None or self.public_url is None):
            raise OptionsError("auth is 'oidc', which needs [dashboard.oidc] and public_url")
        if not 0 < self.port < 65536 or self.workers < 1:
            raise OptionsError(f"port {self.port} or workers {self.workers} is out of range")

    @property
    def state_folder(self) -> Path:
        """Where the dashboard keeps what it writes itself: the audit and the sign-ins that were ended."""
        return self.folder / "dashboard"


@dataclass(frozen=True)
class Secrets:
    """The secrets that the options name, read once; never shown. `former` still verifies cookies while it changes."""

    own: bytes = field(default=b"", repr=False)
    former: bytes = field(default=b"", repr=False)
    client: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    identity: bytes = field(default=b"", repr=False)


def secrets_for(options: Options, environment: Mapping[str, str] = os.environ) -> Secrets:
    """The secrets these options need. Raises OptionsError naming the variable that is missing or too short."""
    if options.auth == "demo":
        return Secrets()

    def read(name: str, at_least: int = MINIMUM_SECRET) -> str:
        value = environment.get(name, "")
        if len(value) < at_least:
            held = f"has {len(value)} characters" if value else "is not set"
            raise OptionsError(f"environment variable {name} {held}; at least {at_least} are needed")
        return value

    proxy = options.proxy or Proxy()
    return Secrets(
        own=read(options.secret_env).encode(),
        former=environment.get(f"{options.secret_env}_FORMER", "").encode(),
        client=read(options.oidc.client_secret_env, 1) if options.auth == "oidc" and options.oidc else "",
        proxy=read(proxy.secret_env) if options.auth == "proxy" else "",
        identity=read(options.identity_secret_env).encode() if options.self_service else b"",
    )


def configured(file: Path) -> dict[str, Any]:
    """What a configuration file says of the dashboard, as arguments of Options.

    The ETL validates the file as a whole; here only what is used is read. Raises OptionsError naming file and key.
    """
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionsError(f"{file} can't be read: {error}") from None
    own = said.get("dashboard", {})
    known = {f.name for f in fields(Options)} & set(Dashboard.model_fields)
    if unknown := set(own) - known:
        raise OptionsError(f"{file}: unknown key dashboard.{min(unknown)}; known: {', '.join(sorted(known))}")
    try:
        checked = Dashboard.model_validate(own)
        access = Access.model_validate(said.get("access", {}))
    except ValidationError as error:
        raise OptionsError("\n".join(f"{file}: {_line(dict(e))}" for e in error.errors())) from None
    base = file.resolve().parent
    found = {key: getattr(checked, key) for key in own} | {
        "folder": base / said.get("storage", {}).get("folder", "var"),
        "access": access,
        "grants_file": base / said.get("directory", {}).get("folder", "reference") / "access.csv",
    }
    elsewhere = {
        "language": said.get("university", {}).get("language"),
        "identity_secret_env": said.get("identity", {}).get("secret_env"),
    }
    return found | {key: value for key, value in elsewhere.items() if value}


def _line(error: Mapping[str, Any]) -> str:
    """One line for a wrong value; one that may hold a secret is not shown."""
    key = ".".join(str(part) for part in error["loc"])
    shown = "" if key.endswith("_env") or not isinstance(error["input"], str | int) else f" is {error['input']!r}"
    return f"{key}{shown}: {error['msg'].removeprefix('Value error, ')}"


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses; a name that would have to be resolved is not one."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
