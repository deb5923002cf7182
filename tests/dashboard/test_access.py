"""The gate, the headers and what is kept."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import dashboard
from dashboard.__main__ import options
from dashboard.app import UsageDash
from dashboard.errors import OptionsError
from dashboard.options import Options, is_loopback

CALLBACK = "/_dash-update-component"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "dashboard.example", "::"])
def test_demo_mode_refuses_to_listen_to_others(host: str) -> None:
    with pytest.raises(OptionsError, match=r"only loopback"):
        Options(Path("var"), host=host)


def test_demo_mode_listens_on_loopback() -> None:
    assert [is_loopback(h) for h in ("localhost", "127.0.0.1", "::1", "[::1]")] == [True] * 4
    assert options(["--folder", "x", "--port", "8051"]) == Options(Path("x"), port=8051)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"auth": "none"}, "known: demo, oidc, proxy"),
        ({"language": "de"}, "known: cs, en"),
        ({"port": 0}, "port 0"),
        ({"workers": 0}, "0"),
    ],
)
def test_wrong_options_name_the_choices(option: dict[str, object], said: str) -> None:
    with pytest.raises(OptionsError, match=said):
        Options(Path("var"), **option)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", ["/", "/export/faculties.csv", "/assets/style.css", "/_dash-layout", "/_dash-dependencies"]
)
def test_nothing_is_given_to_another_machine_or_under_another_name(client: FlaskClient, path: str) -> None:
    assert client.get(path, environ_base={"REMOTE_ADDR": "192.168.1.5"}).status_code == 403
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 403
    assert client.get(path, headers={"Host": "localhost:8050"}).status_code == 200


def test_health_is_public_and_says_when_nothing_is_published(
    client: FlaskClient, make_app: Callable[..., UsageDash], tmp_path: Path
) -> None:
    far = {"REMOTE_ADDR": "192.168.1.5"}
    assert client.get("/healthz", environ_base=far).status_code == 200
    assert client.get("/readyz", environ_base=far).status_code == 200
    assert make_app(tmp_path).server.test_client().get("/readyz").status_code == 503


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_callbacks_take_json_only(client: FlaskClient, kind: str | None) -> None:
    assert client.post(CALLBACK, data=b"{}", content_type=kind).status_code == 415


def test_callbacks_take_small_bodies_only(client: FlaskClient) -> None:
    assert client.post(CALLBACK, data=b" " * 70_000, content_type="application/json").status_code == 413


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/assets/style.css", "/nowhere", "/export/faculties.csv"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "unsafe-eval" not in policy
        assert "unsafe-inline" not in policy.partition("style-src")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_the_configuration_tells_no_versions(client: FlaskClient) -> None:
    found = re.search(r'<script id="_dash-config" type="application/json">(.*?)</script>', client.get("/").text, re.S)
    assert found
    config = json.loads(found[1])
    assert [key for key in config if "version" in key and key != "disable_version_check"] == []


def test_the_layout_asked_for_alone_holds_no_data(client: FlaskClient) -> None:
    assert client.get("/_dash-layout").json["props"]["children"][1]["props"] == {"children": [], "id": "view"}  # type: ignore[index]


def test_an_equal_page_is_answered_from_memory_and_an_unchanged_one_with_304(client: FlaskClient) -> None:
    first = client.get("/", headers={"Accept-Encoding": "br"})
    again = client.get("/", headers={"Accept-Encoding": "br"})
    assert first.headers["Content-Encoding"] == "br"
    assert first.data == again.data
    unchanged = client.get("/", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "no-cache" in first.headers["Cache-Control"]


def test_languages_and_themes_are_not_mixed_up_in_memory(client: FlaskClient) -> None:
    def start() -> str:
        return client.get("/").text.partition("<body")[0]

    assert '<html lang="cs"><head>' in start()
    client.set_cookie("lang", "en")
    assert '<html lang="en"><head>' in start()
    client.set_cookie("theme", "dark")
    assert '<html lang="en" data-theme="dark"><head>' in start()
    client.delete_cookie("theme")
    assert '<html lang="en"><head>' in start()


def test_the_dashboard_never_imports_etl() -> None:
    found = []
    for file in Path(dashboard.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{file.name}: {n}" for n in names if n.split(".")[0] == "etl"]
    assert found == []


def test_a_worker_serves_scripts_before_it_has_rendered_any_page(make_app: Callable[..., UsageDash]) -> None:
    """Another worker may have answered the page: its scripts must not be refused here."""
    page = make_app().server.test_client().get("/").get_data(as_text=True)
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)
    assert scripts
    assert {make_app().server.test_client().get(script).status_code for script in scripts} == {200}
