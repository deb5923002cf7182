"""What a page says first: the Overview in three sentences, what changes are measured against, where people are lost."""

import re
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient

from dashboard.language import speaking
from dashboard.pages import adoption, faculty
from dashboard.pages.me import _label
from dashboard.pages.overview_lead import _used


def shown(client: FlaskClient, address: str) -> str:
    """The text of a page without tags, with plain spaces."""
    page = client.get(address).text.split('id="react-entry-point"')[0]
    return unescape(re.sub(r"<[^>]+>", "|", page)).replace("\u00a0", " ")


def card(client: FlaskClient, address: str, card_id: str) -> str:
    """HTML of one card of the first paint, with plain spaces."""
    page = client.get(address).text.split(f'id="{card_id}"')[1].split("<section")[0]
    return unescape(page).replace("\u00a0", " ")


def test_the_overview_begins_with_the_figures_of_its_strip(client: FlaskClient) -> None:
    text = card(client, "/?lang=en", "kpis")
    answer, strip = text.split('class="kpis"')
    active, adopted, habitual, cost, each = re.findall(r'class="value">([^<]+)<', strip)
    assert f"Active in 28 days: {active}" in answer
    assert f"which is {adopted} of those eligible" in answer
    assert f"{habitual} of them come regularly." in answer
    assert f"In the period {cost}" in answer
    assert f"{each} per active user." in answer
    assert [h for h in ("/adoption", "/costs", "/plans") if f'href="{h}"' not in answer] == []


def test_an_empty_period_is_said_to_be_empty(client: FlaskClient) -> None:
    answer = card(client, "/?lang=en&from=2019-01-01&to=2019-02-01", "kpis").split('class="kpis"')[0]
    assert "Nobody was active in this selection." in answer
    assert "of those eligible" not in answer


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Change: active people and adoption against 28 days earlier, the rest against the 90 days before."),
        ("&period=28d", "Change against the 28 days before."),
        ("&period=28d&compare=year", "Change against the same days a year earlier."),
    ],
)
def test_the_strip_says_what_its_changes_are_measured_against(client: FlaskClient, query: str, said: str) -> None:
    assert said in shown(client, f"/?lang=en{query}")


def test_a_figure_that_is_not_there_is_left_out_of_the_answer() -> None:
    figures: dict[str, tuple[str, str | None]] = {"adopted": ("–", None), "habitual": ("–", None)}
    with speaking("en"):
        assert _used({**figures, "active": ("120", "+3%")}) == "Active in 28 days: 120 (+3%)."


def test_what_is_no_faculty_goes_by_its_name_in_the_league(client: FlaskClient) -> None:
    league = card(client, "/?lang=en", "faculties")
    assert re.search(r'<a href="[^"]*unit=UNKNOWN[^"]*">Unknown', league)
    assert ">UNKNOWN<" not in league
    assert "UNKNOWN" in client.get("/export/faculties.csv?lang=en").text


def test_the_funnel_says_at_which_step_most_are_lost() -> None:
    row = {"eligible_persons": 1000, "accounts": 300}
    steps = [{"step": name, "rate": rate} for name, rate in (("E", None), ("A", 0.3), ("B", 0.8), ("C", 0.25))]
    with speaking("en"):
        said = adoption._funnel_finding(row, steps)
    assert said == "30% of those eligible have an account. Most are lost on the way to “C”: 25% get there."


def test_nobody_has_gone_quiet_before_the_week_is_over(client: FlaskClient) -> None:
    file = "/export/lifecycle.csv?lang=en&from=2026-08-31&to="
    part, whole = (
        client.get(file + day).data.decode("utf-8-sig").splitlines()[1] for day in ("2026-11-18", "2026-11-22")
    )
    assert part.startswith("2026-11-16,")
    assert part.endswith(",")
    assert whole.startswith("2026-11-16,")
    assert int(whole.rsplit(",", 1)[1]) > 0


def test_thirteen_months_have_thirteen_names() -> None:
    months = [date(2025, 11, 1), *(date(2025 + (11 + n) // 12, (11 + n) % 12 + 1, 1) for n in range(12))]
    with speaking("cs"):
        names = [_label(m, m == months[0], is_open=m == months[-1]) for m in months]
    assert (names[0], names[-1]) == ("lis<br>2025", "lis*")
    assert len(set(names)) == 13


def test_a_faculty_without_departments_sees_its_keys_instead(client: FlaskClient) -> None:
    assert "Who spends at MFF?" in card(client, "/faculty?lang=en&unit=MFF", "faculty-departments")
    assert "Which keys and projects does it go to?" in card(client, "/faculty?lang=en&unit=FTVS", "faculty-departments")


def test_figures_of_a_faculty_say_which_filters_they_leave_out(client: FlaskClient) -> None:
    strip = card(client, "/faculty?lang=en&unit=MFF&role=student&channel=api", "faculty-kpis")
    said = re.findall(r'class="beside">([^<]+)<', strip)
    assert [("all roles" in text, "chat and API" in text) for text in said] == [(True, True)] * 2 + [(True, False)] * 3
    assert faculty.PEOPLE == ("mau", "adoption_rate")


def test_the_statement_stands_before_the_use(client: FlaskClient) -> None:
    page = client.get("/faculty?lang=en&unit=MFF").text
    assert page.index('id="statement"') < page.index('id="faculty-active"')
