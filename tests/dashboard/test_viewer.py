"""Secrets at the start, and what a page keeps of whom it was made for."""

from pathlib import Path

import pytest

from dashboard.errors import OptionsError
from dashboard.options import Options, Secrets, secrets_for
from dashboard.viewer import Viewer
from queries.dashboard_settings import Dashboard, Oidc
from queries.reader import Scope

OIDC = Oidc(issuer="https://idp.example.cz", client_id="usage")
GOOD = {"DASHBOARD_SECRET": "d" * 32, "OIDC_CLIENT_SECRET": "c", "SANDBOX_SECRET": "s" * 32, "PROXY_SECRET": "p" * 32}


def oidc(**more: object) -> Options:
    """Options with OpenID Connect."""
    return Options(Path("var"), auth="oidc", oidc=OIDC, public_url="https://usage.example.cz", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["DASHBOARD_SECRET", "OIDC_CLIENT_SECRET", "SANDBOX_SECRET"])
def test_a_missing_secret_is_named_and_no_value_is_shown(name: str) -> None:
    with pytest.raises(OptionsError, match=f"environment variable {name} is not set") as error:
        secrets_for(oidc(self_service=True), {k: v for k, v in GOOD.items() if k != name})
    assert "dddd" not in str(error.value)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(OptionsError, match="DASHBOARD_SECRET has 31 characters; at least 32"):
        secrets_for(oidc(), GOOD | {"DASHBOARD_SECRET": "d" * 31})


def test_secrets_are_read_only_where_they_are_needed_and_never_shown() -> None:
    assert secrets_for(Options(Path("var")), {}) == Secrets()
    found = secrets_for(oidc(), GOOD)
    assert (found.identity, found.proxy) == (b"", "")
    assert repr(found) == "Secrets()"


@pytest.mark.parametrize("given", [{"oidc": None}, {"public_url": None}])
def test_openid_connect_needs_a_provider_and_our_own_address(given: dict[str, None]) -> None:
    options = {"auth": "oidc", "oidc": OIDC, "public_url": "https://usage.example.cz"} | given
    with pytest.raises(OptionsError, match="needs"):
        Options(Path("var"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["http://usage.example.cz", "usage.example.cz", "https://a:b@x.cz", "https://x.cz/?a=1"]
)
def test_an_address_that_is_not_ours_and_https_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Dashboard(public_url=address)


def test_the_options_say_what_the_configuration_says() -> None:
    """Every key of [dashboard] is an option with the same default, apart from what the data says by itself."""
    options = Options(Path("var"))
    differing = {key for key in Dashboard.model_fields if getattr(options, key) != getattr(Dashboard(), key)}
    assert differing == {"stale_hours"}


def test_pages_are_shared_by_equal_roles_and_by_nobody_else() -> None:
    one, other = Viewer("faculty-1", Scope(("MFF",)), "faculty"), Viewer("faculty-2", Scope(("MFF",)), "faculty")
    assert one.key == other.key
    for differing in (
        Viewer("x", Scope(("PrF",)), "faculty"),
        Viewer("x", Scope(("MFF",), "university"), "faculty"),
        Viewer("x", Scope(("MFF",)), "dean"),
        Viewer("x", Scope(("MFF",)), "faculty", frozenset({"close"})),
    ):
        assert differing.key != one.key
