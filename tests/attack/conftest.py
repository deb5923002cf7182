"""A university with sign-ins, and one running dashboard for each way in."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from queries.keyed import normalised, pseudonym, sign_in_mark
from tests.attack.browser import Browser
from tests.attack.provider import PEOPLE, provider
from tests.attack.servers import SECRETS, Running, dashboard, free_port
from tests.queries.synthetic import NAME, publish

KNOWN = ("dean", "student", "boss")  # their persons are the first of the made-up ones


def with_sign_ins(folder: Path) -> Path:
    """A folder with a snapshot of the made-up university in which some people find themselves."""
    publish(folder, persons=300)
    secret = SECRETS["SANDBOX_SECRET"].encode()
    with duckdb.connect(str(folder / NAME)) as connection:
        found = connection.sql("select distinct person_no from own_month order by person_no limit 3").fetchall()
        for (person,), name in zip(found, KNOWN, strict=True):
            key = pseudonym(secret, normalised(PEOPLE[name]["email"]))
            connection.execute("insert into sign_in values (?, ?)", [sign_in_mark(secret, key), person])
    return folder


def oidc_config(issuer: str, port: int) -> str:
    """What stands under [dashboard] for OpenID Connect, self-service and the public page."""
    return f"""auth = "oidc"
public_url = "http://127.0.0.1:{port}"
self_service = true
public_page = true
requests_a_minute = 100000
[dashboard.oidc]
issuer = "{issuer}"
client_id = "usage"
"""


@pytest.fixture(scope="session")
def attacked_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of snapshots that all servers of the attack read."""
    return with_sign_ins(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A running provider's address."""
    with provider() as address:
        yield address


@pytest.fixture(scope="session")
def oidc(tmp_path_factory: pytest.TempPathFactory, attacked_data: Path, issuer: str) -> Iterator[Running]:
    """A dashboard with OpenID Connect and self-service."""
    port = free_port()
    with dashboard(tmp_path_factory.mktemp("oidc") / "home", attacked_data, oidc_config(issuer, port), port) as running:
        yield running


@pytest.fixture
def browser(oidc: Running) -> Browser:
    """A browser that nobody signed in with."""
    return Browser(oidc.address)


@pytest.fixture(scope="session")
def signed_in(oidc: Running) -> dict[str, dict[str, str]]:
    """{person: the cookies of a session}, signed in once."""
    found = {}
    for sub in ("boss", "dean", "lawyer", "student", "operator"):
        one = Browser(oidc.address)
        one.sign_in(sub)
        found[sub] = dict(one.cookies)
    return found
