"""What a way in makes of the words of a provider and of an address."""

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask

from dashboard.entry import local_path
from dashboard.entry_oidc import OidcEntry
from dashboard.orders import is_from_here
from dashboard.viewer import Who
from queries.dashboard_settings import Oidc


class Members:
    """Tells what it was asked."""

    def who(self, user: str, *, shown: str, groups: Iterable[str], persons: Iterable[str]) -> Who:
        """The user and the persons, plainly."""
        return Who(user, shown, tuple(("group", group) for group in groups), tuple(persons))


def who(claims: dict[str, Any], **options: Any) -> Who:
    """Who these claims are of."""
    entry = OidcEntry.__new__(OidcEntry)
    entry._oidc = Oidc(issuer="https://idp.example", client_id="usage", **options)
    entry._members = Members()  # type: ignore[assignment]
    return entry._who(claims)


@pytest.mark.parametrize("said", [False, "false", "False", 0, "0", "no", "", [], {}])
def test_an_address_that_the_provider_does_not_call_verified_is_nobodys(said: object) -> None:
    claims = {"email": "rector@cuni.cz", "email_verified": said}
    with pytest.raises(ValueError, match="no claim email"):
        who(claims)


@pytest.mark.parametrize("said", [False, "false", 0])
def test_an_address_that_is_not_verified_finds_no_use_and_no_group_either(said: object) -> None:
    claims = {"preferred_username": "eve", "email": "rector@cuni.cz", "email_verified": said}
    found = who(claims, user_claim="preferred_username", group_claims=("email",))
    assert (found.mark, found.persons, found.held) == ("eve", (), ())


@pytest.mark.parametrize("said", [{"email_verified": True}, {"email_verified": "true"}, {"email_verified": None}, {}])
def test_an_address_of_which_nothing_bad_is_said_counts(said: dict[str, object]) -> None:
    found = who({"email": "rector@cuni.cz"} | said)
    assert (found.mark, found.persons) == ("rector@cuni.cz", ("rector@cuni.cz",))


@pytest.mark.parametrize("said", ["//[", "http://[", "https://[::1", "//]x", "/\\[", "//\u2100x", "//a@[b", "/\ud800"])
def test_an_address_that_is_none_leads_to_the_start(said: str) -> None:
    assert local_path(said) == "/"


@pytest.mark.parametrize("said", ["/[", "/costs?unit=[", "/x?next=//["])
def test_brackets_within_our_own_addresses_are_kept(said: str) -> None:
    assert local_path(said) == said


@pytest.mark.parametrize("origin", ["http://[", "//[", "http://]", "[", "http://[::1"])
def test_an_origin_that_is_no_address_is_not_ours(origin: str) -> None:
    with Flask("any").test_request_context("/", headers={"Origin": origin}):
        assert not is_from_here()
