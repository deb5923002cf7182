"""Every page renders from real queries, in both languages, and says so when it can't."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import plotly.graph_objects as go
import pytest
from flask.testing import FlaskClient

from dashboard.app import UsageDash
from dashboard.cards import Spec
from dashboard.pages import PAGES, costs
from queries.errors import WarehouseError

ADDRESSES = [p.path for p in PAGES]
CARDS = [(p.path, s.id) for p in PAGES for s in p.specs]
NO_CSV = {"kpis", "seat-price", "seat-holders", "caveats", "which", "faculty-kpis", "place", "data-status",
          "typed-invoice"}  # fmt: skip


def shown(client: FlaskClient, address: str) -> str:
    """HTML of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return response.text


def layout(page: str) -> Any:
    """The Dash layout that came with a page."""
    found = re.search(r'<script type="application/json" id="first-layout"[^>]*>(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def figures(node: Any) -> Iterator[Any]:
    """Every figure of a layout."""
    if isinstance(node, list):
        for child in node:
            yield from figures(child)
    if isinstance(node, dict) and node.get("type") == "Graph":
        yield node["props"]["figure"]
    elif isinstance(node, dict):
        yield from figures(node.get("props", {}).get("children"))


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_card_of_every_page_is_drawn(client: FlaskClient, address: str, language: str) -> None:
    page = shown(client, f"{address}?lang={language}")
    assert f'<html lang="{language}"' in page
    assert "is-failed" not in page
    for path, card in CARDS:
        assert (f'id="{card}"' in page) == (path == address)


@pytest.mark.parametrize("query", ["period=7d", "period=28d", "period=12m", "period=term", "unit=MFF", "unit=MFF-KSI",
                                   "unit=UNKNOWN", "from=2026-01-01&to=2026-01-01", "from=2019-01-01&to=2019-02-01",
                                   "seat=0", "seat=100000",
                                   "month=2026-10&unit=MFF", "month=2026-11", "month=never",
                                   "model=x&instead=y"])  # fmt: skip
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_filter_breaks_a_card(client: FlaskClient, address: str, query: str) -> None:
    assert "is-failed" not in shown(client, f"{address}?{query}")


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a != "/data"])
def test_figures_are_valid_to_plotly(client: FlaskClient, address: str) -> None:
    found = list(figures(layout(shown(client, address))))
    assert found
    for figure in found:
        go.Figure(figure)


@pytest.mark.parametrize(("path", "card"), [(p, c) for p, c in CARDS if c not in NO_CSV])
def test_each_card_downloads_what_it_draws(client: FlaskClient, path: str, card: str) -> None:
    response = client.get(f"/export/{card}.csv?lang=en")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f"attachment; filename={card}.csv"
    lines = response.data.decode("utf-8-sig").splitlines()
    assert len(lines) > 1
    assert f"/export/{card}.csv?lang=en" in shown(client, path)


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("card", [c for _p, c in CARDS if c not in NO_CSV])
def test_the_workbook_holds_the_cells_of_the_csv_and_says_where_they_come_from(
    client: FlaskClient, card: str, language: str
) -> None:
    separator = {"cs": ";", "en": ","}[language]
    text = client.get(f"/export/{card}.csv?lang={language}").data.decode("utf-8-sig")
    response = client.get(f"/export/{card}.xlsx?lang={language}")
    assert response.headers["Content-Disposition"] == f"attachment; filename={card}.xlsx"
    data, about = openpyxl.load_workbook(BytesIO(response.data)).worksheets[:2]
    written = [[_text(c.value) for c in row] for row in data.iter_rows()]
    expected = [[_number(c) for c in row] for row in csv.reader(StringIO(text), delimiter=separator)]
    assert [[_number(c) for c in row] for row in written[:1]] == expected[:1]
    assert len(written) == len(expected) > 1
    for mine, theirs in zip(written[1:], expected[1:], strict=True):
        for cell, other in zip(mine, theirs, strict=True):
            if isinstance(other, float):
                assert _number(cell) == pytest.approx(other, rel=1e-12, abs=1e-12)
    version = {"cs": "Verze dat", "en": "Data version"}[language]
    assert version in [row[0].value for row in about.iter_rows()]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def test_there_is_no_csv_of_what_does_not_exist(client: FlaskClient) -> None:
    assert client.get("/export/nothing.csv").status_code == 404
    assert client.get("/export/caveats.csv").status_code == 404
    assert client.get("/export/faculties.exe").status_code == 404


def test_units_and_unassigned_lines_add_up_to_the_university(client: FlaskClient) -> None:
    rows = client.get("/export/cost-by-faculty.csv?lang=en").data.decode("utf-8-sig").splitlines()
    parts = [line.split(",") for line in rows[1:]]
    metered = rows[0].split(",").index("Metered cost")
    assert {"UNKNOWN", "SHARED", "UNALLOCATED"} <= {p[0] for p in parts}
    summed = sum(float(p[metered]) for p in parts)
    months = client.get("/export/cost-by-day.csv?lang=en").data.decode("utf-8-sig").splitlines()
    assert summed == pytest.approx(sum(float(line.split(",")[2]) for line in months[1:]))


def test_small_groups_are_not_shown_anywhere(client: FlaskClient) -> None:
    rows = client.get("/export/faculties.csv?lang=en").data.decode("utf-8-sig").splitlines()
    active = [line.split(",")[2] for line in rows[1:]]
    assert "few" in active
    assert [a for a in active if a.isdigit() and 0 < int(a) < 5] == []


def test_a_failing_card_leaves_the_others_alone(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_board: object) -> None:
        raise WarehouseError("the disk is gone")

    specs = (Spec("who-spends", broken), *costs.PAGE.specs[1:])  # type: ignore[arg-type]
    monkeypatch.setitem(costs.PAGE.__dict__, "specs", specs)
    page = shown(client, "/costs?lang=en")
    assert "This could not be loaded" in page
    assert "How does the cost develop?" in page
    assert "the disk is gone" not in page


def test_an_empty_selection_says_what_to_try(client: FlaskClient) -> None:
    page = shown(client, "/?lang=en&from=2019-01-01&to=2019-02-01")
    assert "Nobody was active in this selection" in page
    assert "Try a longer period or another unit." in page


def test_old_data_is_announced_and_fresh_data_is_not(make_app: Callable[..., UsageDash]) -> None:
    fresh = make_app(now=datetime(2026, 11, 23, 6)).server.test_client()
    stale = make_app(now=datetime(2026, 11, 25, 9)).server.test_client()
    assert "The data is" not in shown(fresh, "/?lang=en")
    assert "The data is 57 h old." in shown(stale, "/?lang=en")
    patient = make_app(now=datetime(2026, 11, 25, 9), stale_hours=100).server.test_client()
    assert "The data is" not in shown(patient, "/?lang=en")


def test_what_was_not_understood_is_said(client: FlaskClient) -> None:
    assert "Ignored: period=forever." in shown(client, "/?lang=en&period=forever")
    assert "There is no unit “XXX”." in shown(client, "/?lang=en&unit=XXX")


def test_an_unknown_page_says_so(client: FlaskClient) -> None:
    response = client.get("/nowhere?lang=en")
    assert response.status_code == 404
    assert "There is no such page" in response.text


def test_names_from_the_address_are_escaped(client: FlaskClient) -> None:
    assert "<script>alert" not in shown(client, "/?unit=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in shown(client, "/?period=%3Cscript%3Ealert(1)%3C/script%3E")


def test_a_callback_gives_the_same_page_as_its_address(client: FlaskClient) -> None:
    page = layout(shown(client, "/costs?unit=MFF&lang=en"))
    view = page["props"]["children"][1]["props"]["children"]
    response = client.post(
        "/_dash-update-component",
        json={
            "output": "view.children",
            "outputs": {"id": "view", "property": "children"},
            "inputs": [{"id": "address", "property": "data", "value": "/costs?unit=MFF"}],
            "changedPropIds": ["address.data"],
        },
    )
    assert response.json is not None
    shown_again = response.json["response"]["view"]["children"]
    assert shown_again[-1]["props"].pop("data-address") == "/costs?unit=MFF"
    view[-1]["props"].pop("data-address")
    assert shown_again == view


def test_a_snapshot_that_is_replaced_is_seen_at_once(make_app: Callable[..., UsageDash], tmp_path: Path) -> None:
    from tests.queries.synthetic import publish

    publish(tmp_path, persons=60, days=120)
    client = make_app(tmp_path).server.test_client()
    before = shown(client, "/")
    assert shown(client, "/") == before
    first = (tmp_path / "current").read_text().strip()
    other = tmp_path / "other"
    other.mkdir()
    publish(other, persons=90, days=120)
    (tmp_path / "warehouse-20261124T041000Z.duckdb").write_bytes((other / first).read_bytes())
    (tmp_path / "current").write_text("warehouse-20261124T041000Z.duckdb\n")
    assert shown(client, "/") != before
