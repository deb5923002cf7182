"""My usage: each sees their own figures and nobody else's, and nothing of it is kept for others."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.options import Options
from queries.keyed import pseudonym, sign_in_mark
from queries.reader import Reader
from queries.rights import Access, Grant
from queries.warehouse import Warehouse
from tests.attack.browser import CALLBACK, asked_for
from tests.attack.servers import SECRETS
from tests.dashboard.conftest import NOW
from tests.queries.synthetic import NAME, publish

PEOPLE = ("anna@cuni.cz", "petr@cuni.cz")


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Decimal]]:
    """A folder in which two people find themselves, and what each cost in the thirteen months that are shown."""
    folder, secret = tmp_path_factory.mktemp("owned"), SECRETS["SANDBOX_SECRET"].encode()
    publish(folder, persons=300)
    costs: dict[str, Decimal] = {}
    with duckdb.connect(str(folder / NAME)) as connection:
        persons = connection.sql("select person_no from own_month group by 1 order by sum(metered_czk) desc limit 2")
        for name, (person,) in zip(PEOPLE, persons.fetchall(), strict=True):
            mark = sign_in_mark(secret, pseudonym(secret, name))
            connection.execute("insert into sign_in values (?, ?)", [mark, person])
            text = "select sum(metered_czk) from own_month where person_no = ? and month_start >= date '2025-11-01'"
            costs[name] = connection.execute(text, [person]).fetchall()[0][0]
    return folder, costs


@pytest.fixture
def client(owned: tuple[Path, dict[str, Decimal]], monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of an app with self-service in which everybody may see MFF as well."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    access = Access(grants=(Grant(kind="everyone", role="faculty", unit="MFF"),))
    options = Options(owned[0], auth="proxy", self_service=True, access=access, requests_a_minute=10**6)
    return create_app(options, Reader(Warehouse(owned[0])), clock=lambda: NOW).server.test_client()


def by(user: str) -> dict[str, str]:
    """Headers of a request of that user."""
    return {"X-Proxy-Secret": SECRETS["PROXY_SECRET"], "X-Remote-User": user, "Accept": "text/html"}


def months(client: FlaskClient, user: str) -> Decimal:
    """What the user's own table of months adds up to."""
    text = client.get("/export/own-months.csv?lang=en", headers=by(user)).data.decode("utf-8-sig")
    return sum((Decimal(line.split(",")[1]) for line in text.splitlines()[1:]), Decimal())


def test_everybody_sees_what_they_cost(client: FlaskClient, owned: tuple[Path, dict[str, Decimal]]) -> None:
    assert {name: months(client, name) for name in PEOPLE} == owned[1]
    page = client.get("/me?lang=en", headers=by(PEOPLE[0])).text
    assert "is-failed" not in page
    assert "What did your use cost?" in page


def test_a_page_of_ones_own_is_kept_for_nobody(client: FlaskClient) -> None:
    body = json.dumps(asked_for("/me"))
    for _round in range(2):
        pages = [client.get("/me", headers=by(name)) for name in PEOPLE]
        calls = [
            client.post(CALLBACK, data=body, headers=by(name) | {"Content-Type": "application/json"}) for name in PEOPLE
        ]
        for first, second in (pages, calls):
            assert first.text != second.text
            assert {first.headers["Cache-Control"], second.headers["Cache-Control"]} == {"private, no-store"}
    faculty = [client.get("/costs", headers=by(name)).data for name in PEOPLE]
    assert faculty[0] == faculty[1]


def test_whose_use_is_not_known_is_told_so(client: FlaskClient) -> None:
    page = client.get("/me?lang=en", headers=by("new@cuni.cz")).text
    assert "Your sign-in is not linked to any use." in page
    assert "is-failed" not in page
    for word in ("person=1", "user=anna@cuni.cz", "scope=1"):
        assert "not linked" in client.get(f"/me?lang=en&{word}", headers=by("new@cuni.cz")).text


def test_without_self_service_there_is_no_such_page(owned: tuple[Path, dict[str, Decimal]]) -> None:
    app = create_app(Options(owned[0]), Reader(Warehouse(owned[0])), clock=lambda: NOW)
    client = app.server.test_client()
    assert client.get("/me").status_code == 404
    assert client.get("/export/own-months.csv").status_code == 404
