"""Sign-in with a real provider: the way in, the way out, and what must not lead in."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.attack.browser import SCRIPT, Browser
from tests.attack.servers import Running

SESSION = "__Host-session"


def test_whoever_opens_a_page_signs_in_and_comes_to_that_page(browser: Browser) -> None:
    page = browser.sign_in("dean", "/costs?unit=MFF&period=28d")
    assert (page.status, page.address) == (200, f"{browser.base}/costs?unit=MFF&period=28d")
    assert "Sign out" in page.text


def test_the_request_to_the_provider_carries_state_nonce_and_a_challenge(browser: Browser) -> None:
    first = browser.open("/models")
    assert first.header("location") == "/auth/sign-in?next=%2Fmodels"
    asked = parse_qs(urlsplit(browser.open(first.header("location")).header("location")).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {len(asked[key][0]) >= 20 for key in ("state", "nonce", "code_challenge")} == {True}
    assert asked["redirect_uri"] == [f"{browser.base}/auth/callback"]


def test_the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(browser: Browser) -> None:
    browser.sign_in("boss")
    line = next(line for line in reversed(browser.set_cookies) if line.startswith(SESSION))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
    assert "Domain" not in line


def test_the_session_is_another_one_after_the_sign_in(browser: Browser) -> None:
    browser.follow(browser.open("/"))
    before = browser.cookies[SESSION]
    browser.sign_in("boss")
    assert browser.cookies[SESSION] != before
    stolen = Browser(browser.base, {SESSION: before})
    assert stolen.open("/").status == 302


def test_two_tabs_may_sign_in_at_once(browser: Browser) -> None:
    first, second = (browser.follow(browser.open(page)) for page in ("/models", "/costs"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    came = [browser.follow(browser.send("POST", tab.address, b"sub=boss", form)) for tab in (first, second)]
    assert [tab.address for tab in came] == [f"{browser.base}/models", f"{browser.base}/costs"]


def test_many_tabs_that_wait_do_not_fill_the_cookie(browser: Browser) -> None:
    forms = [browser.follow(browser.open(f"/costs?period=28d&unit=MFF{n}")) for n in range(12)]
    assert len(browser.cookies[SESSION]) < 4000
    answer = browser.send("POST", forms[-1].address, b"sub=boss", {"Content-Type": "application/x-www-form-urlencoded"})
    assert browser.follow(answer).address == f"{browser.base}/costs?period=28d&unit=MFF11"


def test_a_session_that_was_signed_out_is_worth_nothing_in_any_worker(browser: Browser) -> None:
    browser.sign_in("boss")
    stolen = Browser(browser.base, dict(browser.cookies))
    assert stolen.open("/").status == 200
    away = browser.open("/auth/sign-out", {"Sec-Fetch-Site": "same-origin"})
    assert "/oauth2/end_session?" in away.header("location")
    assert parse_qs(urlsplit(away.header("location")).query)["client_id"] == ["usage"]
    assert {stolen.open("/").status for _try in range(8)} == {302}
    assert stolen.show("/").status == 401
    assert browser.open("/auth/signed-out").status == 200


def test_another_site_signs_nobody_out(browser: Browser) -> None:
    browser.sign_in("boss")
    assert browser.open("/auth/sign-out", {"Sec-Fetch-Site": "cross-site"}).header("location") == "/"
    assert browser.open("/").status == 200


def test_whoever_is_known_and_has_no_role_sees_their_own_use_alone(browser: Browser) -> None:
    page = browser.sign_in("student")
    assert (page.status, page.address) == (200, f"{browser.base}/me")
    assert "Requests this month" in page.text
    refused = browser.open("/costs")
    assert (refused.status, "no role gives you access" in refused.text) == (403, True)
    assert "žádná role" in browser.open("/costs?lang=cs").text
    assert browser.open("/export/faculties.csv").status == 404


def test_an_address_that_is_not_verified_is_nobodys(browser: Browser) -> None:
    assert browser.sign_in("unverified").status == 400
    assert browser.open("/").status == 302


def test_without_the_claim_that_names_them_nobody_comes_in(browser: Browser) -> None:
    assert browser.sign_in("nobody").status == 400


@pytest.mark.parametrize(
    "change", [{"state": "other"}, {"state": ""}, {"code": "made-up"}, {"code": ""}, {"error": "x"}]
)
def test_a_callback_that_was_not_asked_for_signs_nobody_in(browser: Browser, change: dict[str, str]) -> None:
    asked = parse_qs(urlsplit(browser.follow(browser.open("/models")).address).query)
    given = {"state": asked["state"][0], "code": "x"} | change
    reply = browser.open("/auth/callback?" + "&".join(f"{k}={v}" for k, v in given.items()))
    assert (reply.status, "Try again" in reply.text) == (400, True)
    assert browser.open("/").status == 302


def test_a_code_of_another_browser_signs_nobody_in(browser: Browser) -> None:
    """Login CSRF: the victim is led to the attacker's callback address."""
    attacker = Browser(browser.base)
    form = attacker.follow(attacker.open("/"))
    answer = attacker.send("POST", form.address, b"sub=boss", {"Content-Type": "application/x-www-form-urlencoded"})
    callback = answer.header("location")
    assert browser.open(callback).status == 400
    browser.follow(browser.open("/"))  # even while a sign-in of their own is under way
    assert browser.open(callback).status == 400
    assert browser.open("/").status == 302


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/auth/sign-out",
        "//evil.example/%2e%2e",
        "\t//evil.example",
        "/%0d%0aSet-Cookie:x=1",
        "evil.example",
    ],
)
def test_a_sign_in_leads_to_our_own_pages_only(browser: Browser, next_: str) -> None:
    from urllib.parse import quote

    for asked in (next_, quote(next_, safe="")):
        try:
            form = browser.follow(browser.open(f"/auth/sign-in?next={quote(asked, safe='%/')}"))
        except ValueError:
            continue
        came = browser.send("POST", form.address, b"sub=boss", {"Content-Type": "application/x-www-form-urlencoded"})
        back = browser.open(came.header("location"))
        target = urlsplit(back.header("location"))
        assert (target.scheme, target.netloc) == ("", ""), back.header("location")
        assert not back.header("location").startswith(("//", "/\\", "/auth"))
        browser.open("/auth/sign-out", {"Sec-Fetch-Site": "same-origin"})
        browser.cookies.clear()


def test_an_edited_or_made_up_cookie_is_nobodys(browser: Browser, signed_in: dict[str, dict[str, str]]) -> None:
    good = signed_in["dean"][SESSION]
    payload, stamp, signature = good.rsplit(".", 2)
    for bad in (
        good[:-2] + ("aa" if good[-2:] != "aa" else "bb"),
        "." + good,
        f"{payload[:-4]}AAAA.{stamp}.{signature}",
        f"{payload}.{stamp}.",
        "eyJpbiI6e319.aaaa.bbbb",
        "x" * 3000,
        "",
    ):
        stranger = Browser(browser.base, {SESSION: bad})
        assert stranger.open("/").status == 302
        assert stranger.send("GET", "/_dash-layout", headers=SCRIPT).status == 401
    assert Browser(browser.base, {SESSION: good}).open("/").status == 200


def test_the_rules_say_anew_who_may_what_once_they_change(oidc: Running) -> None:
    file = oidc.log.parent / "reference" / "access.csv"
    before = file.read_text("utf-8")
    operator = Browser(oidc.address)
    operator.sign_in("operator")
    assert operator.open("/").status == 200
    try:
        file.write_text(before.replace("user,operator@cuni.cz,rse,\n", ""), "utf-8")
        assert {operator.open("/").status for _try in range(6)} == {302}
        again = operator.sign_in("operator")
        assert (again.status, again.address) == (200, f"{operator.base}/me")
        file.write_text(before + "user,x,emperor,\n", "utf-8")  # wrong: nothing of it holds, in no worker
        assert {operator.open("/me").status for _try in range(6)} == {302}
        operator.sign_in("operator")
        assert {operator.open("/costs").status for _try in range(6)} == {403}
        assert {operator.open("/me").status for _try in range(6)} == {200}
    finally:
        file.write_text(before, "utf-8")


def test_the_audit_says_who_looked_at_and_took_away_what(oidc: Running) -> None:
    dean = Browser(oidc.address)
    dean.sign_in("dean")
    dean.open("/costs?unit=MFF")
    dean.show("/models?period=28d")
    dean.open("/export/faculties.csv")
    dean.post("/order/run", {"job": "gateway"})
    folder = oidc.folder / "dashboard" / "audit"
    (file,) = folder.iterdir()
    lines: list[dict[str, str]] = []
    for _try in range(50):
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        if any(line["what"] == "refused" and line["of"] == "/order/run" for line in lines):
            break
        import time

        time.sleep(0.1)
    seen = {(line["what"], line["of"]) for line in lines if line["role"] == "faculty"}
    assert {("page", "/costs"), ("page", "/models"), ("export", "faculties.csv"), ("refused", "/order/run")} <= seen
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    text = file.read_text("utf-8")
    assert "cuni.cz" not in text
    assert "Děkanka" not in text
    assert re.search(r'"by": "faculty-[0-9a-f]{12}"', text)
