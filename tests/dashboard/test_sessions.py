"""Sessions end after a while, when they are signed out and when the rules change, whatever cookie comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from dashboard.options import Options, Secrets
from dashboard.sessions import COOKIE, Sessions
from dashboard.viewer import Who

WHO = Who("0a1b2c", "Somebody", (("faculty", "MFF"),), ("mark",))
HTTPS = "https://usage.example.cz"


class Clock:
    """Seconds that the test sets."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The present second of a test."""
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Callable[..., FlaskClient]:
    """A function that makes a worker with a session of its own; all of them share the folder."""

    def client(own: bytes = b"k" * 32, former: bytes = b"", rules: str = "r1") -> FlaskClient:
        server = Flask("worker")
        sessions = Sessions(Options(tmp_path), rules=lambda: rules, now=clock)
        sessions.attach(server, Secrets(own=own, former=former))
        server.add_url_rule("/in", "in", lambda: (sessions.begin(WHO), "in")[1])
        server.add_url_rule("/out", "out", lambda: (sessions.end(), "out")[1])
        server.add_url_rule("/who", "who", lambda: jsonify(sessions.who() == WHO))
        server.add_url_rule("/assets/style.css", "file", lambda: jsonify(sessions.who() == WHO))
        return server.test_client()

    return client


def cookie(client: FlaskClient) -> str:
    """The session's cookie."""
    found = client.get_cookie(COOKIE, domain="usage.example.cz")
    return found.value if found else ""


def is_known(client: FlaskClient, value: str | None = None) -> bool:
    """Whether the cookie is somebody's."""
    if value is not None:
        client.set_cookie(COOKIE, value, domain="usage.example.cz", secure=True)
    return bool(client.get("/who", base_url=HTTPS).json)


def test_a_session_holds_in_every_worker(make: Callable[..., FlaskClient]) -> None:
    first = make()
    first.get("/in", base_url=HTTPS)
    assert is_known(first)
    assert is_known(make(), cookie(first))


def test_a_session_ends_after_an_hour_without_requests_and_after_ten_in_any_case(
    make: Callable[..., FlaskClient], clock: Clock
) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    start = clock.now
    clock.now = start + 3601
    assert not is_known(client)
    clock.now = start
    while clock.now < start + 10 * 3600:
        assert is_known(client)
        clock.now += 3500
    assert not is_known(client)


def test_an_old_copy_of_a_cookie_grows_no_younger(make: Callable[..., FlaskClient], clock: Clock) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    copy = cookie(client)
    for _step in range(3):
        clock.now += 1800
        assert is_known(client)
    assert not is_known(make(), copy)


def test_every_copy_of_a_cookie_dies_with_the_sign_out(make: Callable[..., FlaskClient], clock: Clock) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    copies = [cookie(client)]
    clock.now += 120
    assert is_known(client)
    copies.append(cookie(client))
    assert copies[0] != copies[1]
    client.get("/out", base_url=HTTPS)
    assert [is_known(make(), copy) for copy in copies] == [False, False]


def test_a_new_sign_in_ends_the_session_before(make: Callable[..., FlaskClient]) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    before = cookie(client)
    client.get("/in", base_url=HTTPS)
    assert cookie(client) != before
    assert not is_known(make(), before)


def test_a_session_of_other_rules_or_another_secret_is_nobodys(make: Callable[..., FlaskClient]) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    assert not is_known(make(rules="r2"), cookie(client))
    assert not is_known(make(own=b"x" * 32), cookie(client))
    assert is_known(make(own=b"x" * 32, former=b"k" * 32), cookie(client))


def test_what_was_ended_is_kept_by_random_id_alone(make: Callable[..., FlaskClient], tmp_path: Path) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    client.get("/out", base_url=HTTPS)
    (file,) = (tmp_path / "dashboard" / "ended").iterdir()
    assert (file.stat().st_size, file.stat().st_mode & 0o777, len(file.name)) == (0, 0o600, 32)


def test_a_file_brings_no_cookie_for_others_may_keep_it(make: Callable[..., FlaskClient], clock: Clock) -> None:
    client = make()
    client.get("/in", base_url=HTTPS)
    clock.now += 120
    file = client.get("/assets/style.css", base_url=HTTPS)
    assert (file.json, file.headers.get("Set-Cookie")) == (True, None)
    assert "Set-Cookie" in client.get("/who", base_url=HTTPS).headers
