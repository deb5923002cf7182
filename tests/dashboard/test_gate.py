"""The gate by role: what is refused, what is left out, and how much may be asked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.options import Options
from dashboard.pages import PAGES
from queries.dashboard_settings import Proxy
from queries.reader import Reader
from queries.rights import Access, Grant, Role
from tests.attack.servers import SECRETS
from tests.dashboard.conftest import NOW

GRANTS = (
    Grant(kind="user", value="boss", role="management"),
    Grant(kind="user", value="payer", role="finance"),
    Grant(kind="user", value="operator", role="rse"),
    Grant(kind="group", value="fac-{unit}", role="faculty", unit="{unit}"),
    Grant(kind="user", value="guest", role="guest", unit="FF"),
)
ROLES = (Role(name="guest", level="university", units="own"),)
Make = Callable[..., FlaskClient]


@pytest.fixture
def make(university: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A function that makes a client of an app behind a proxy, with further options."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def client(**more: object) -> FlaskClient:
        given = {"requests_a_minute": 10**6, "access": Access(roles=ROLES, grants=GRANTS), "language": "en"} | more
        options = Options(university, auth="proxy", **given)  # type: ignore[arg-type]
        return create_app(options, reader, clock=lambda: NOW).server.test_client()

    return client


def by(user: str, groups: str = "") -> dict[str, str]:
    """Headers of a person's request through the proxy."""
    return {
        "X-Proxy-Secret": SECRETS["PROXY_SECRET"],
        "X-Remote-User": user,
        "X-Remote-Groups": groups,
        "Accept": "text/html",
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (by("boss"), 200),
        (by("payer"), 200),
        (by("operator"), 200),
        (by("x", "fac-mff;other"), 200),
        (by("x", "fac-nowhere"), 403),
        (by("x"), 403),
        ({}, 401),
    ],
)
def test_a_role_opens_the_pages_and_nothing_else_does(make: Make, headers: dict[str, str], status: int) -> None:
    assert make().get("/", headers=headers).status_code == status


@pytest.mark.parametrize("address", [page.path for page in PAGES])
@pytest.mark.parametrize("headers", [by("x", "fac-mff"), by("x", "fac-mff-ksi"), by("boss"), by("payer"), by("guest")])
def test_no_card_fails_because_of_a_role(make: Make, address: str, headers: dict[str, str]) -> None:
    answer = make().get(address, headers=headers)
    assert answer.status_code == 200
    assert "is-failed" not in answer.text


def test_a_card_for_the_whole_university_says_that_it_is_not_for_a_faculty(make: Make) -> None:
    client = make()
    cards = [(page.path, spec.id) for page in PAGES for spec in page.specs]
    refused = {
        card
        for _path, card in cards
        if client.get(f"/export/{card}.csv", headers=by("x", "fac-mff")).status_code == 403
    }
    assert refused
    for path, card in cards:
        if card in refused:
            assert "Not for your role" in client.get(path, headers=by("x", "fac-mff")).text
            assert client.get(f"/export/{card}.csv", headers=by("operator")).status_code != 403


def test_the_units_to_choose_from_are_ones_own(make: Make) -> None:
    page = make().get("/costs", headers=by("x", "fac-mff")).text
    chosen = page.partition('<select name="unit"')[2].partition("</select>")[0]
    assert "MFF" in chosen
    assert "FF –" not in chosen.replace("MFF –", "")


def test_a_unit_of_others_is_answered_with_ones_own(make: Make) -> None:
    page = make().get("/costs?unit=FF", headers=by("x", "fac-mff")).text
    assert "There is no unit “FF”." in page
    assert "Shown instead: Faculty of Mathematics and Physics" in page


def test_who_asks_too_often_waits_and_others_do_not(make: Make) -> None:
    client = make(requests_a_minute=10)
    statuses = [client.get("/healthz" if n % 2 else "/costs", headers=by("boss")).status_code for n in range(20)]
    assert statuses == [200] * 20
    refused = client.get("/costs", headers=by("boss"))
    assert (refused.status_code, int(refused.headers["Retry-After"]) >= 1) == (429, True)
    assert client.get("/assets/style.css", headers=by("boss")).status_code == 200
    assert client.get("/costs", headers=by("operator")).status_code == 200
    assert [client.get("/", headers={"X-Forwarded-For": "10.0.0.9"}).status_code for _ in range(11)][-2:] == [401, 429]
    assert client.get("/", headers={"X-Forwarded-For": "10.0.0.9, 10.0.0.10"}).status_code == 401


def test_the_proxys_sign_in_is_told_where_to_come_back_to(make: Make) -> None:
    client = make(proxy=Proxy(sign_in_url="/Shibboleth.sso/Login?target={next}"))
    sent = client.get("/costs?unit=MFF&x=%26", headers={"Accept": "text/html"})
    assert sent.headers["Location"] == "/Shibboleth.sso/Login?target=%2Fcosts%3Funit%3DMFF%26x%3D%2526"
    assert client.get("/_dash-layout", headers={"Accept": "text/html"}).status_code == 401


def test_a_secret_from_elsewhere_than_the_proxy_lets_nobody_in(make: Make) -> None:
    far = {"REMOTE_ADDR": "10.0.0.7"}
    assert make().get("/", headers=by("boss"), environ_base=far).status_code == 401
    near = make(trusted_proxies=("10.0.0.0/24",))
    assert near.get("/", headers=by("boss"), environ_base=far).status_code == 200
    assert near.get("/", headers=by("boss")).status_code == 401
    assert make().get("/", headers=by("boss") | {"X-Forwarded-For": "127.0.0.1"}, environ_base=far).status_code == 401


def test_the_public_page_is_there_only_if_asked_for(make: Make) -> None:
    assert make().get("/public").status_code == 401
    client = make(public_page=True)
    assert "Active users" in client.get("/public").text
    assert client.get("/public?lang=cs&unit=MFF").status_code == 200
    assert client.get("/public/").status_code == 401


@pytest.mark.parametrize("address", ["/public?lang=en", "/public?theme=dark", "/assets/style.css?v=1&lang=en"])
def test_no_cache_that_others_share_keeps_a_cookie(make: Make, address: str) -> None:
    answer = make(public_page=True).get(address, headers=by("boss"))
    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_the_public_page_may_be_kept_by_anybody_in_the_language_of_their_cookie(make: Make) -> None:
    client = make(public_page=True)
    pages = []
    for code in ("cs", "en"):
        client.set_cookie("lang", code)
        pages.append(client.get("/public"))
    assert {page.headers["Cache-Control"] for page in pages} == {"public, max-age=300"}
    assert pages[0].text != pages[1].text
    assert all("Cookie" in page.headers["Vary"] for page in pages)
