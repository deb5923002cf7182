"""Lists of units add up to the university's total also when units that are no faculties, and the root itself, pay."""

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from flask.testing import FlaskClient

from dashboard.app import UsageDash
from tests.queries.synthetic import publish


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A university whose rectorate and whose root pay something themselves."""
    folder = tmp_path_factory.mktemp("central")
    publish(folder, persons=150, days=120)
    file = folder / (folder / "current").read_text().strip()
    with duckdb.connect(str(file)) as open_file:
        open_file.execute(
            "insert into unit select 'RUK', unit, 'department', 'Rektorát', 'Rectorate', null "
            "from unit where level = 'university'"
        )
        open_file.execute("insert into unit_closure select 'RUK', unit from unit where unit in ('RUK', 'UK')")
        # on days 3, 13, ... the rectorate pays for all, on days 7, 17, ... the university itself
        open_file.execute("delete from usage_total_daily where unit <> 'UK' and day(day) % 10 in (3, 7)")
        open_file.execute(
            "insert into usage_total_daily select * replace ('RUK' as unit) from usage_total_daily "
            "where unit = 'UK' and day(day) % 10 = 3"
        )
    return folder


@pytest.fixture
def client(make_app: Callable[..., UsageDash], central: Path) -> FlaskClient:
    """A client of that university."""
    return make_app(central).server.test_client()


def rows(client: FlaskClient, card: str, query: str = "") -> list[dict[str, str]]:
    """Rows of a card's CSV."""
    text = client.get(f"/export/{card}.csv?lang=en{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def summed(found: list[dict[str, str]], column: str) -> Decimal:
    """Sum of a column; what is unknown counts as nothing."""
    return sum((Decimal(r[column] or 0) for r in found), Decimal(0))


@pytest.mark.parametrize("card", ["cost-by-faculty", "faculties", "who-spends"])
@pytest.mark.parametrize("query", ["", "&period=28d", "&period=12m"])
def test_every_crown_of_the_university_stands_in_the_list(client: FlaskClient, card: str, query: str) -> None:
    listed, days = rows(client, card, query), rows(client, "cost-by-day", query)
    assert {"RUK", "UK", "MFF", "UNKNOWN", "SHARED", "UNALLOCATED"} <= {r["Code"] for r in listed}
    assert min(Decimal(r["Metered cost"]) for r in listed if r["Code"] in ("RUK", "UK")) > 0
    assert summed(listed, "Metered cost") == summed(days, "Metered cost") > 0
    assert summed(listed, "Requests") == summed(days, "Requests")


def test_the_finding_states_the_total_of_the_strip(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text.replace("\u00a0", " ")
    strip = re.search(r"Metered cost</a></dt><dd class=\"value\">([^<]+)<", page)
    finding = re.search(r"(CZK [\d,]+) in total; the largest share", page)
    assert strip is not None
    assert finding is not None
    assert strip[1] == finding[1]


def test_what_the_university_pays_itself_has_no_number_of_persons(client: FlaskClient) -> None:
    own = next(r for r in rows(client, "faculties") if r["Code"] == "UK")
    assert own["Active users"] == ""
    assert own["Unit"] == "Central, directly under the university"


def test_parts_of_a_faculty_add_up_to_the_faculty(client: FlaskClient) -> None:
    parts, days = rows(client, "who-spends", "&unit=MFF"), rows(client, "cost-by-day", "&unit=MFF")
    assert len(parts) > 1
    assert summed(parts, "Metered cost") == summed(days, "Metered cost") > 0


def test_the_way_down_is_a_way_back_up(client: FlaskClient) -> None:
    page = client.get("/costs?lang=en&unit=MFF-KSI").text
    path = re.search(r'<nav class="path".*?</nav>', page, re.S)
    assert path is not None
    assert re.findall(r'href="([^"]+)"', path[0]) == ["/costs", "/costs?unit=MFF"]


def test_the_parts_of_a_change_of_cost_add_up_on_the_screen(client: FlaskClient) -> None:
    lines = rows(client, "why-it-changed", "&period=28d")
    amounts = [Decimal(r["Amount before tax"]) for r in lines]
    assert sum(amounts[:-1]) == amounts[-1]
    assert len(amounts) >= 5
