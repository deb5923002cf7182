"""Valid and odd: years at the ends of the calendar, odd Unicode and brackets get an answer, never an error."""

import json

import pytest
from flask.testing import FlaskClient

from dashboard.orders import checked
from queries.errors import OrderError
from tests.attack.browser import CALLBACK, SCRIPT, asked_for
from tests.attack.fuzz import ODD_PAIRS


@pytest.mark.parametrize("pair", ODD_PAIRS)
def test_an_odd_address_is_answered_without_a_failed_card(client: FlaskClient, pair: str) -> None:
    page = client.get(f"/costs?lang=en&{pair}")
    assert (page.status_code, "is-failed" in page.text) == (200, False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/export/focus.csv?month=9999-12", 400),
        ("/export/focus.csv?month=0001-01", 400),
        ("/export/focus.csv?month=2026-10", 200),
        ("/export/faculties.csv?from=0001-01-01&to=2026-10-01", 200),
        ("/invoices?month=9999-11", 200),
        ("/models?period=m9999-12&compare=term", 200),
    ],
)
def test_years_at_the_ends_of_the_calendar_are_no_error(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("/costs?unit=%E2%80%A8&role=%C2%85", 200),
        ("/?unit=🎓&from=2026-01-01&to=9999-12-31", 200),
        ("/models?period=y9999-12-31&compare=year", 200),
        ("/?unit=\ud800", 400),
        ("/models?model=\u2028", 400),
        ("/?role=\u0085", 400),
        ("/costs?to=\x00", 400),
    ],
)
def test_a_callback_takes_what_can_be_shown_and_refuses_the_rest(client: FlaskClient, text: str, status: int) -> None:
    headers = SCRIPT | {"Content-Type": "application/json"}
    answer = client.post(CALLBACK, data=json.dumps(asked_for(text)), headers=headers)
    assert (answer.status_code, "is-failed" in answer.text) == (status, False)


def test_half_a_character_is_no_text_of_an_order() -> None:
    with pytest.raises(OrderError, match="not Unicode"):
        checked("annotation", {"day": "2026-10-01", "name_cs": "\udcff"})
    assert checked("annotation", {"name_cs": " 🎓 "}) == {"name_cs": "🎓"}
