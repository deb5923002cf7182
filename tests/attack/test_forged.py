"""Requests that no page of ours makes: forged bodies, odd methods, forms of other sites, paths that climb. None gives
data it shouldn't, none gives a 500."""

import pytest

from tests.attack.browser import CALLBACK, NAVIGATION, SCRIPT, Browser, asked_for
from tests.attack.fuzz import Fuzz
from tests.attack.servers import SECRETS, Running

INTERNAL = [
    "/_dash-layout",
    "/_dash-dependencies",
    "/_reload-hash",
    "/_favicon.ico",
    "/assets/style.css",
    "/vendor/x.js",
    "/export/faculties.csv",
    "/export/own-models.csv",
    "/order/abc",
    "/me",
    "/nowhere",
    "/auth/x",
    "/auth/sign-in/",
    "/public/x",
    "/healthz/x",
]


@pytest.fixture
def dean(oidc: Running, signed_in: dict[str, dict[str, str]]) -> Browser:
    """The browser of somebody who may see the faculty MFF."""
    return Browser(oidc.address, dict(signed_in["dean"]))


@pytest.mark.parametrize("path", INTERNAL)
def test_nobody_unknown_is_given_anything(browser: Browser, path: str) -> None:
    assert browser.send("GET", path, headers=SCRIPT).status == 401
    assert browser.open(path).status in (302, 401)
    assert browser.send("HEAD", path).status in (302, 401)
    assert browser.send("OPTIONS", path).status in (302, 401, 405)
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"):
        assert browser.send(method, path).status in (400, 401, 405), method


def test_nobody_unknown_runs_a_callback_or_places_an_order(browser: Browser) -> None:
    assert browser.show("/").status == 401
    assert browser.show("/public").status == 401
    assert browser.show("/auth/sign-in").status == 401
    assert browser.post("/order/close_month", {"month": "2026-10"}).status == 401
    assert browser.send("POST", "/public", b"{}", {"Content-Type": "application/json"}).status == 405
    assert browser.send("POST", "/auth/callback", b"x=1").status == 415


def test_only_health_the_totals_and_the_sign_in_are_open(browser: Browser) -> None:
    assert browser.send("GET", "/healthz").text == "ok"
    assert browser.send("GET", "/readyz").status == 200
    page = browser.open("/public")
    assert page.status == 200
    assert "Requests" in page.text
    assert "<script" not in page.text
    assert "MFF" not in page.text


def test_the_layout_and_the_list_of_callbacks_hold_no_data(dean: Browser) -> None:
    layout = dean.send("GET", "/_dash-layout", headers=SCRIPT)
    assert (layout.status, '"children":[],"id":"view"' in layout.text) == (200, True)
    assert "MFF" not in dean.send("GET", "/_dash-dependencies", headers=SCRIPT).text


FORGED = [
    {"output": "app.children"},
    {"output": "view.children...address.data"},
    {"output": "..view.children.."},
    {"output": 1},
    {"output": None},
    {"outputs": {"id": "app", "property": "children"}},
    {"outputs": {"id": "view", "property": "style"}},
    {"outputs": [{"id": "view", "property": "children"}, {"id": "x", "property": "y"}]},
    {"outputs": None},
    {"inputs": []},
    {"inputs": None},
    {"inputs": [{"id": "address", "property": "pathname", "value": "/"}]},
    {"inputs": [{"id": "store", "property": "data", "value": "/"}]},
    {"inputs": [{"id": {"type": "x", "index": 1}, "property": "data", "value": "/"}]},
    {"inputs": [[{"id": "address", "property": "data", "value": "/"}]]},
    {"inputs": [{"id": "address", "property": "data", "value": "/"}] * 2},
    {"inputs": [{"id": "address", "property": "data", "value": {"path": "/"}}]},
    {"inputs": [{"id": "address", "property": "data", "value": ["/"]}]},
    {"inputs": [{"id": "address", "property": "data", "value": "/" * 5000}]},
    {"inputs": [{"id": "address", "property": "data", "value": "/\ud800"}]},
    {"inputs": [{"id": "address", "property": "data", "value": "/\x00"}]},
    {"state": [{"id": "user", "property": "role", "value": "rse"}]},
    {"changedPropIds": "address.data"},
    {"changedPropIds": [1]},
]


@pytest.mark.parametrize("change", FORGED)
def test_a_callback_of_another_shape_is_refused(dean: Browser, change: dict[str, object]) -> None:
    assert dean.show("/", **change).status == 400


@pytest.mark.parametrize("extra", [{"user": "boss"}, {"scope": {"units": ["UK"], "access": "rse"}}, {"viewer": "rse"}])
def test_nothing_that_a_body_says_of_the_viewer_counts(dean: Browser, extra: dict[str, object]) -> None:
    plain = dean.show("/costs").text
    assert dean.show("/costs", **extra).text == plain
    assert dean.post(CALLBACK + "?scope=UK&role=rse", asked_for("/costs")).text == plain
    assert dean.post(CALLBACK, asked_for("/costs"), {"X-Remote-User": "boss", "X-Role": "rse"}).text == plain


def test_a_faculty_is_shown_its_own_whatever_unit_the_address_names(dean: Browser) -> None:
    own = dean.show("/faculty?unit=MFF").text
    for unit in ("PrF", "UK", "mff,PrF", "%", "MFF' or '1'='1"):
        answer = dean.show(f"/faculty?unit={unit}")
        assert answer.status == 200
        assert '"selected"' not in answer.text or "PrF –" not in answer.text
    lawyer_only = dean.show("/faculty?unit=PrF").text
    assert "is-failed" not in lawyer_only
    assert own.count("MFF") > 1


def test_orders_need_the_right_and_our_own_page(oidc: Running, signed_in: dict[str, dict[str, str]]) -> None:
    for name in ("dean", "boss", "student"):
        person = Browser(oidc.address, dict(signed_in[name]))
        for kind in ("run", "annotation", "close_month", "reopen_month", "invoice"):
            assert person.post(f"/order/{kind}", {"job": "gateway", "month": "2026-10"}).status == 403, (name, kind)
    operator = Browser(oidc.address, dict(signed_in["operator"]))
    assert operator.post("/order/close_month", {"month": "2026-10"}).status == 403
    assert operator.post("/order/run", {"job": "gateway"}, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert operator.post("/order/run", {"job": "gateway"}, {"Sec-Fetch-Site": "same-site"}).status == 403
    assert operator.post("/order/../order/run", {"job": "x"}, {"Sec-Fetch-Site": "cross-site"}).status in (
        403,
        404,
        405,
    )
    assert not list((oidc.folder / "inbox").glob("*.json"))
    assert operator.post("/order/run", {"job": "gateway"}).status == 202


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/json",
        "application/json-seq",
        "",
    ],
)
@pytest.mark.parametrize("path", [CALLBACK, "/order/run"])
def test_a_form_of_another_site_changes_nothing(
    oidc: Running, signed_in: dict[str, dict[str, str]], path: str, kind: str
) -> None:
    operator = Browser(oidc.address, dict(signed_in["operator"]))
    body = b'{"output":"view.children","x":"=y"}'
    assert (
        operator.send("POST", path, body, NAVIGATION | {"Content-Type": kind, "Sec-Fetch-Site": "cross-site"}).status
        == 415
    )


@pytest.mark.parametrize(
    "path",
    [
        "/export/../../etc/passwd.csv",
        "/export/..%2f..%2fetc%2fpasswd.csv",
        "/export/%2e%2e/x.csv",
        "/export/....//x.csv",
        "/export/faculties.csv/../../x",
        "/export/\\..\\x.csv",
        "/export/%00.csv",
        "/export/faculties.parquet",
        "/export/faculties.",
        "/assets/../access.py",
        "/assets/%2e%2e/access.py",
        "/assets/..%2faccess.py",
        "/vendor/..%2f..%2faccess.py",
        "/vendor/%2e%2e%2foptions.py",
        "/_dash-component-suites/dash/../../dash.py",
        "/order/..%2f..%2fconfig.toml",
        "/order/../../config",
        "/_dash-component-suites/dash/deps/../../../x",
    ],
)
def test_no_path_climbs_out(oidc: Running, signed_in: dict[str, dict[str, str]], path: str) -> None:
    operator = Browser(oidc.address, dict(signed_in["operator"]))
    for headers in (SCRIPT, NAVIGATION):
        reply = operator.send("GET", path, headers=headers)
        assert reply.status in (200, 400, 404), path
        assert not any(word in reply.text for word in ("from dashboard", "root:x:", "[dashboard]", "import os"))
        assert reply.status != 200 or "There is no such page" in reply.text or "no-such" in reply.text, path


def test_what_is_too_large_is_refused(dean: Browser, browser: Browser) -> None:
    assert dean.post(CALLBACK, b" " * 70_000).status == 413
    assert dean.post(CALLBACK, b"[" * 60_000).status == 400
    assert dean.post(CALLBACK, b'{"a":' * 9_000 + b"1" + b"}" * 9_000).status == 400
    assert dean.post(CALLBACK, b"9" * 20_000).status == 400
    assert (
        dean.send(
            "POST",
            CALLBACK,
            b"2\r\n{}\r\n0\r\n\r\n",
            SCRIPT | {"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        ).status
        == 411
    )
    assert browser.send("GET", "/?" + "x" * 5000).status in (400, 414)
    assert browser.send("GET", "/", headers=[(f"X-{n}", "y") for n in range(100)]).status in (400, 431)
    assert browser.send("GET", "/", headers={"X-Long": "y" * 9000}).status in (400, 431)


def test_headers_tell_no_versions_and_pages_no_faults(dean: Browser) -> None:
    for reply in (dean.open("/"), dean.open("/nowhere"), dean.post(CALLBACK, b"{"), dean.send("GET", "/healthz")):
        said = f"{reply.headers} {reply.text if reply.status >= 400 else ''}".lower()
        assert not any(word in said for word in ("gunicorn", "werkzeug", "python/", "flask", "traceback"))
        assert reply.header("content-security-policy").startswith("default-src 'none'")
        assert reply.header("x-content-type-options") == "nosniff"


def test_three_hundred_requests_at_random_give_no_500_and_nobody_elses_data(
    oidc: Running, signed_in: dict[str, dict[str, str]]
) -> None:
    fuzz = Fuzz(oidc.address, signed_in, seed=1)
    fuzz.run(300)
    assert fuzz.faults == []
    assert fuzz.statuses[200] >= 20  # some of it must get through, else nothing is tried


def test_no_secret_stands_in_a_log_or_a_file(oidc: Running, signed_in: dict[str, dict[str, str]]) -> None:
    cookie = signed_in["dean"]["__Host-session"].encode()
    said = oidc.log.read_bytes()
    files = [file for file in (oidc.folder / "dashboard").rglob("*") if file.is_file()]
    assert files
    for content in (said, *(file.read_bytes() for file in files)):
        assert not [name for name, value in SECRETS.items() if value.encode() in content]
        assert cookie not in content
        assert b"code_verifier" not in content
        assert b"cuni.cz" not in content
    assert {oct(file.stat().st_mode & 0o077) for file in files} == {"0o0"}
