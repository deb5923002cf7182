"""Sign-in by a reverse proxy: through a real nginx, and past it."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attack.browser import NAVIGATION, SCRIPT, Browser
from tests.attack.servers import SECRETS, Running, dashboard, free_port
from tests.conftest import refuse_skip_in_ci

TEMPLATE = Path(__file__).parents[2] / "deploy" / "nginx" / "usage.conf"
USERS = "boss:{PLAIN}boss\ndean:{PLAIN}dean\nstudent:{PLAIN}student\n"
SECRET, USER, GROUPS = "X-Proxy-Secret", "X-Remote-User", "X-Remote-Groups"
SIGNED = {SECRET: SECRETS["PROXY_SECRET"], USER: "dean@mff.cuni.cz", GROUPS: "fac-mff-deans;staff"}


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory, attacked_data: Path) -> Iterator[Running]:
    """A dashboard that believes a proxy's headers, reached past the proxy."""
    config = 'auth = "proxy"\nrequests_a_minute = 100000\n[dashboard.proxy]\n'
    config += """
[[access.grants]]
kind = "user"
value = "boss"
role = "management"
[[access.grants]]
kind = "user"
value = "dean"
role = "faculty"
unit = "MFF"
"""
    with dashboard(tmp_path_factory.mktemp("proxy") / "home", attacked_data, config, free_port()) as running:
        yield running


@dataclass(frozen=True)
class Front:
    """A running nginx before a dashboard."""

    address: str


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, direct: Running) -> Iterator[Front]:
    """nginx with the shipped configuration, signing people in by name and password."""
    program = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    if program is None:
        refuse_skip_in_ci("nginx is not installed: the proxy is tested without one")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    site = TEMPLATE.read_text("utf-8").replace(
        "include /etc/ai-sandbox-usage/proxy-secret.conf;",
        f'proxy_set_header X-Proxy-Secret "{SECRETS["PROXY_SECRET"]}";',
    )
    site = site.replace("127.0.0.1:8050", direct.address.removeprefix("http://")).replace(
        "listen 443 ssl;", f"listen 127.0.0.1:{port};"
    )
    site = "\n".join(line for line in site.splitlines() if not line.strip().startswith(("ssl_", "server_name", "#")))
    (folder / "users").write_text(USERS, "utf-8")
    site = site.replace("/etc/ai-sandbox-usage/users", str(folder / "users"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;"
        + ("user root;\n" if os.geteuid() == 0 else "\n")
        + f"events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;"
        f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{site}\n}}\n",
        "utf-8",
    )
    with subprocess.Popen(
        [str(program), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    ) as process:
        try:
            answers_at(port, process, folder / "error.log")
            yield Front(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def answers_at(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until somebody listens there."""
    import time

    for _try in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text("utf-8") if log.exists() else "nginx stopped"
        time.sleep(0.05)
    raise TimeoutError


def by_name(name: str) -> dict[str, str]:
    """Basic authentication as the proxy asks for it."""
    from base64 import b64encode

    return {"Authorization": "Basic " + b64encode(f"{name}:{name}".encode()).decode()}


def test_whom_nginx_signed_in_sees_what_their_role_lets(front: Front) -> None:
    browser = Browser(front.address)
    assert browser.open("/").status == 401
    boss, dean, student = (browser.open("/", by_name(name)) for name in ("boss", "dean", "student"))
    assert [reply.status for reply in (boss, dean, student)] == [200, 200, 403]
    assert "Charles University" in boss.text
    assert browser.open("/healthz").status == 200


@pytest.mark.parametrize(
    "smuggled",
    [
        {USER: "boss"},
        {"x-remote-user": "boss"},
        {"X_Remote_User": "boss"},
        {"X-Remote_User": "boss"},
        {GROUPS: "usage-management"},
        {"X_REMOTE_GROUPS": "usage-management"},
        {SECRET: SECRETS["PROXY_SECRET"], USER: "boss", GROUPS: "usage-management"},
        {"X-Remote-Email": "boss@cuni.cz", "X-Remote-Name": "boss"},
        {"Connection": "close, X-Proxy-Secret, X-Remote-User"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
        {"Script-Name": "/x", "X-Forwarded-Prefix": "/x", "X-Forwarded-Host": "evil.example"},
    ],
)
def test_nobody_becomes_another_by_headers_sent_through_nginx(front: Front, smuggled: dict[str, str]) -> None:
    browser = Browser(front.address)
    assert browser.open("/", smuggled).status == 401
    assert browser.open("/", by_name("student") | smuggled).status == 403
    plain = browser.open("/costs", by_name("dean"))
    assert browser.open("/costs", by_name("dean") | smuggled).content == plain.content


def asked(direct: Running, headers: list[tuple[str, str]], path: str = "/") -> int:
    """Status of a page asked for past the proxy, with exactly these headers."""
    return Browser(direct.address).send("GET", path, headers=[*NAVIGATION.items(), *headers]).status


def test_the_headers_of_the_proxy_let_in(direct: Running) -> None:
    assert asked(direct, list(SIGNED.items())) == 200


@pytest.mark.parametrize("name", [SECRET, USER])
def test_without_the_secret_or_the_user_nobody_comes_in(direct: Running, name: str) -> None:
    assert asked(direct, [(k, v) for k, v in SIGNED.items() if k != name]) == 401


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "wrong",
        SECRETS["PROXY_SECRET"] + "x",
        SECRETS["PROXY_SECRET"][:-1],
        SECRETS["PROXY_SECRET"].upper(),
        "\xff\xfe",
        SECRETS["DASHBOARD_SECRET"],
    ],
)
def test_another_secret_lets_nobody_in(direct: Running, secret: str) -> None:
    assert asked(direct, list((SIGNED | {SECRET: secret}).items())) == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (USER, "boss"),
        (USER.lower(), "boss"),
        (SECRET, SECRETS["PROXY_SECRET"]),
        (GROUPS, "usage-management"),
        (GROUPS, "fac-prf-deans"),
        ("X-Remote-Email", "boss@cuni.cz"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_header_sent_twice_is_believed_neither_time(direct: Running, name: str, value: str, is_first: bool) -> None:
    both = [*SIGNED.items(), ("X-Remote-Email", "dean@mff.cuni.cz")]
    both = [(name, value), *both] if is_first else [*both, (name, value)]
    assert asked(direct, both) == 401


@pytest.mark.parametrize("name", ["X_Remote_User", "X-Remote_User", "X_REMOTE_GROUPS", "X_Proxy_Secret"])
def test_a_header_with_an_underscore_is_no_header(direct: Running, name: str) -> None:
    without = [(k, v) for k, v in SIGNED.items() if k.replace("-", "_").lower() != name.replace("-", "_").lower()]
    value = {k.replace("-", "_").lower(): v for k, v in SIGNED.items()}[name.replace("-", "_").lower()]
    expected = 403 if "groups" in name.lower() else 401  # without groups the dean is known and has no role
    assert asked(direct, [*without, (name, value)]) == expected


@pytest.mark.parametrize("user", ["boss,dean", "x" * 300, "boss\u00a0,x", " ", "bo\tss"])
def test_a_name_that_could_be_two_or_none_is_nobodys(direct: Running, user: str) -> None:
    assert asked(direct, list((SIGNED | {USER: user}).items())) == 401


def test_scripts_without_a_sign_in_are_told_401_everywhere(direct: Running) -> None:
    browser = Browser(direct.address)
    for path in (
        "/",
        "/costs",
        "/_dash-layout",
        "/_dash-dependencies",
        "/export/faculties.csv",
        "/assets/style.css",
        "/order/abc",
        "/_dash-component-suites/dash/deps/react@18.js",
        "/nowhere",
        "/auth/sign-in",
    ):
        assert browser.send("GET", path, headers=SCRIPT).status == 401, path
    assert browser.show("/").status == 401
    assert browser.post("/order/run", {"job": "x"}).status == 401
