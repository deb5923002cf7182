"""The sign-in as a person meets it: a real Chromium, the provider's form, the page asked for, the end of a session."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.attack.browser import Browser
from tests.attack.servers import Running
from tests.conftest import refuse_skip_in_ci
from tests.e2e.live import CHROMIUM, chromium


@pytest.mark.browser
def test_a_deep_link_leads_through_the_sign_in_and_a_session_that_ended_leads_there_again(oidc: Running) -> None:
    if not Path(CHROMIUM).exists():
        refuse_skip_in_ci(f"no Chromium at {CHROMIUM}")
    with chromium() as started:
        context = started.new_context(locale="en-GB")
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if "401" not in said.text else None)
        page.goto(f"{oidc.address}/costs?period=28d")
        page.get_by_role("button", name="dean", exact=True).click()
        expect(page).to_have_url(f"{oidc.address}/costs?period=28d")
        expect(page.locator("#react-entry-point h1")).to_be_visible()
        assert [said for said in complaints if "Content Security Policy" in said] == []

        cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
        assert "__Host-session" in cookies
        Browser(oidc.address, cookies).open(
            "/auth/sign-out", {"Sec-Fetch-Site": "same-origin"}
        )  # elsewhere, same session
        page.get_by_role("link", name=re.compile("Models")).first.click()
        page.wait_for_url(re.compile("/oauth2/authorize"))
        page.get_by_role("button", name="boss", exact=True).click()
        page.wait_for_url(re.compile(re.escape(f"{oidc.address}/models")))
        page.get_by_role("link", name="Sign out").click()
        page.wait_for_url(re.compile("/oauth2/end_session"))
        context.close()
