"""Orders placed on the pages: who may, from where, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.access import Viewer
from dashboard.app import UsageDash
from dashboard.orders import RIGHT_FOR
from queries.inbox import Outcome, finish, pending
from queries.reader import Scope
from tests.queries.synthetic import publish

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
ANNOTATION = {"day": "2026-11-02", "kind": "training", "name_cs": "Školení"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage folder of its own, for orders stay in it."""
    made = tmp_path_factory.mktemp("ordered")
    publish(made, persons=60)
    return made


@pytest.fixture
def app(make_app: Callable[..., UsageDash], folder: Path) -> UsageDash:
    """An app with an empty inbox."""
    for order in pending(folder):
        finish(folder, order, Outcome("DONE", ""))
    return make_app(folder)


@pytest.fixture
def client(app: UsageDash) -> FlaskClient:
    """A client of it."""
    made: FlaskClient = app.server.test_client()
    return made


def said(answer: TestResponse) -> dict[str, str]:
    """What the answer's JSON says."""
    found: dict[str, str] = answer.get_json()
    return found


def with_rights(app: UsageDash, *rights: str) -> FlaskClient:
    """A client whose viewer has these rights and no other."""

    def narrow() -> None:
        g.user = Viewer("bob", Scope(("UK",), "rse"), "someone", frozenset(rights))

    app.server.before_request(narrow)
    made: FlaskClient = app.server.test_client()
    return made


def test_an_order_is_left_in_the_inbox_under_the_viewers_name(client: FlaskClient, folder: Path) -> None:
    answer = client.post("/order/annotation", json=ANNOTATION, headers=FROM_HERE)
    assert answer.status_code == 202
    [order] = pending(folder)
    assert (order.id, order.kind, order.by, order.values) == (said(answer)["id"], "annotation", "demo", ANNOTATION)


def test_a_page_learns_what_became_of_its_order(client: FlaskClient, folder: Path) -> None:
    address = "/order/" + said(client.post("/order/run", json={"job": "fx"}, headers=FROM_HERE))["id"]
    assert said(client.get(address + "?lang=en")) == {"state": "WAITING", "said": "Waiting to be done."}
    finish(folder, pending(folder)[0], Outcome("FAILED", "no answer"))
    assert said(client.get(address + "?lang=en")) == {"state": "FAILED", "said": "Not done: no answer"}
    assert said(client.get("/order/nothing?lang=en"))["state"] == "UNKNOWN"


@pytest.mark.parametrize("kind", sorted(RIGHT_FOR))
def test_who_lacks_the_right_can_t_order(app: UsageDash, folder: Path, kind: str) -> None:
    others = set(RIGHT_FOR.values()) - {RIGHT_FOR[kind]}
    client = with_rights(app, *others)
    assert client.post(f"/order/{kind}", json={}, headers=FROM_HERE).status_code == 403
    assert pending(folder) == []


def test_who_may_order_nothing_learns_nothing_of_orders(app: UsageDash) -> None:
    assert with_rights(app, "persons", "audit").get("/order/x").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_no_other_site_can_have_an_order_placed(client: FlaskClient, folder: Path, headers: dict[str, str]) -> None:
    assert client.post("/order/run", json={"job": "fx"}, headers=headers).status_code == 403
    assert pending(folder) == []


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(client: FlaskClient) -> None:
    headers = {"Origin": "http://localhost"}
    assert client.post("/order/run", json={"job": "fx"}, headers=headers).status_code == 202


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("run", {"job": "fx", "as": "root"}, "unknown field as; known: job"),
        ("run", [], "one object"),
        ("run", {"job": 5}, "texts of at most"),
        ("annotation", ANNOTATION | {"name_cs": "x" * 2001}, "texts of at most 2000"),
        ("annotation", ANNOTATION | {"name_cs": "\ud800"}, "not Unicode"),
        ("invoice", {"x\udfff": "1"}, "not Unicode"),
        ("run", {"job": "fx", "\ud800": "x"}, "unknown field"),
        ("invoice", {str(n): "x" * 100 for n in range(500)}, "at most 32768"),
    ],
)
def test_what_no_page_would_send_is_refused(
    client: FlaskClient, folder: Path, kind: str, values: Any, reason: str
) -> None:
    answer = client.post(f"/order/{kind}", json=values, headers=FROM_HERE)
    assert answer.status_code == 400
    assert reason in said(answer)["said"]
    assert pending(folder) == []


def test_a_form_can_t_order_and_an_unknown_kind_is_not_there(client: FlaskClient) -> None:
    assert client.post("/order/run", data={"job": "fx"}, headers=FROM_HERE).status_code == 415
    assert client.post("/order/delete", json={}, headers=FROM_HERE).status_code == 404
