"""The dashboard's part of the configuration file: both sides that read the file know it from here."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from queries.rights import Section

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def env_name(value: str) -> str:
    """The name of an environment variable; a secret itself is refused."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise ValueError(
            "not the name of an environment variable (capitals, digits, _); never put the secret itself here"
        )
    return value


def web_address(value: str) -> str:
    """An https address without a slash at its end; http only on this machine, for trying things."""
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("not an https address (http only for 127.0.0.1)")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("not a plain address like https://usage.example.cz")
    return value.rstrip("/")


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError(f"not an address or network: {error}") from None


def _header(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", value):
        raise ValueError("not the name of a header (letters, digits, dashes; an underscore would be ambiguous)")
    return value


def _target(value: str) -> str:
    if value and not re.match(r"/(?![/\\])|https://", value):
        raise ValueError("neither a path like /oauth2/start?rd={next} nor an https address")
    return value


EnvName = Annotated[str, AfterValidator(env_name)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Header = Annotated[str, AfterValidator(_header)]
Target = Annotated[str, AfterValidator(_target)]
Network = Annotated[str, AfterValidator(_network)]


class Oidc(Section):
    """An identity provider that speaks OpenID Connect (auth = 'oidc')."""

    issuer: WebAddress
    client_id: str = Field(min_length=1)
    client_secret_env: EnvName = "OIDC_CLIENT_SECRET"  # noqa: S105  (a name, not the secret)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    user_claim: str = Field("email", description="who it is in grants and in the audit")
    name_claim: str = "name"
    group_claims: tuple[str, ...] = ("groups", "eduperson_entitlement", "eduperson_scoped_affiliation")
    person_claims: tuple[str, ...] = Field(("email",), description="ids by which the usage knows the person")


class Proxy(Section):
    """A reverse proxy that signs people in and says so in headers (auth = 'proxy')."""

    secret_env: EnvName = "PROXY_SECRET"  # noqa: S105  (a name, not the secret)
    secret_header: Header = "X-Proxy-Secret"  # noqa: S105
    user_header: Header = "X-Remote-User"
    name_header: Header = "X-Remote-Name"
    groups_header: Header = "X-Remote-Groups"
    email_header: Header = "X-Remote-Email"
    group_separator: str = Field(";", min_length=1, max_length=1)
    sign_in_url: Target = Field("", description="where to send whom nobody signed in; {next} is the page asked for")
    sign_out_url: Target = ""


class Dashboard(Section):
    """The web server."""

    host: str = "127.0.0.1"
    port: int = Field(8050, ge=1, le=65535)
    auth: Literal["demo", "oidc", "proxy"] = "demo"
    stale_hours: int = Field(26, ge=1)
    workers: int = Field(2, ge=1, le=16)
    public_url: WebAddress | None = Field(None, description="the address under which people reach the dashboard")
    trusted_proxies: tuple[Network, ...] = ("127.0.0.1/32", "::1/128")
    secret_env: EnvName = "DASHBOARD_SECRET"  # noqa: S105  (a name, not the secret)
    session_idle_minutes: int = Field(60, ge=5, le=1440)
    session_hours: int = Field(10, ge=1, le=168)
    requests_a_minute: int = Field(240, ge=10, description="of one viewer or address and process")
    audit_days: int = Field(400, ge=1, le=4000)
    self_service: bool = False
    public_page: bool = False
    oidc: Oidc | None = None
    proxy: Proxy | None = None

    @model_validator(mode="after")
    def _demo_stays_home(self) -> "Dashboard":
        if self.auth == "demo" and self.host not in _LOOPBACK:
            raise ValueError("auth = 'demo' has no sign-in and may only listen on 127.0.0.1, localhost or ::1")
        return self

    @model_validator(mode="after")
    def _mode_is_described(self) -> "Dashboard":
        if self.auth == "oidc" and (self.oidc is None or self.public_url is None):
            raise ValueError("auth = 'oidc' needs [dashboard.oidc] and public_url")
        return self
