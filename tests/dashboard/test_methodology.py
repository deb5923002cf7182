"""The methodology is generated: every metric stands on it with its SQL, and the way leads to the pages that use it."""

import html
import re

import pytest
from flask.testing import FlaskClient

from dashboard.pages import PAGES, costs, overview
from dashboard.pages.used_queries import queries_of
from queries.catalogue import catalogue


@pytest.fixture
def page(client: FlaskClient) -> str:
    """The page in English, as text."""
    return html.unescape(client.get("/methodology?lang=en").text.partition('<script type="application/json"')[0])


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_metric_stands_there_with_its_meaning_columns_and_sql(page: str, name: str) -> None:
    query = catalogue()[name]
    article = re.search(rf'<article class="metric" id="{name.replace("/", "-")}">.*?</article>', page, re.S)
    assert article
    for text in (query.title, query.about, query.grain, query.sql):
        assert text in article[0]
    for column in query.columns:
        assert f"<code>{column.name}</code>" in article[0]


def test_a_metric_leads_to_the_pages_that_use_it(page: str) -> None:
    article = re.search(r'<article class="metric" id="cost-children">.*?</article>', page, re.S)
    assert article
    assert re.findall(r'<a href="([^"]+)"', article[0]) == ["/costs", "/faculty"]


def test_the_rules_state_the_minimum_group_and_the_data_version(page: str) -> None:
    assert "Groups smaller than 5, and some a little larger, are not shown." in page
    assert "Data version 20261123T041000Z" in page


def test_queries_of_a_card_are_found_through_the_functions_it_calls() -> None:
    cards = {s.id: s.build for p in (costs.PAGE, overview.PAGE) for s in p.specs}
    assert queries_of(cards["who-spends"]) == {"cost/by_unit", "cost/children"}
    assert "adoption/habitual" in queries_of(cards["kpis"])
    assert {name for p in PAGES for s in p.specs for name in queries_of(s.build)} <= set(catalogue())
