"""The Invoices page: the steps add up, units add up, orders are offered to those who may place them alone."""

import csv
import html
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from dashboard.app import UsageDash
from dashboard.figures_steps import steps_across
from dashboard.pages.invoices_month import CAUSES, cause_names
from queries.catalogue import query

TOTALS = ("metered", "billed_net", "billed")


def rows_of(client: FlaskClient, card: str, address: str = "month=2026-10") -> list[dict[str, str]]:
    """The card's CSV."""
    text = client.get(f"/export/{card}.csv?{address}&lang=en").data.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize("provider", ["", "openai", "google", "anthropic", "self_hosted"])
def test_the_steps_shown_add_up_to_the_bill(client: FlaskClient, provider: str) -> None:
    steps = {
        r["Step"]: Decimal(r["CZK"]) for r in rows_of(client, "reconciliation", f"month=2026-10&provider={provider}")
    }
    named = {cause: steps[name] for cause, (name, _about) in cause_names().items()}
    assert sum(named[c] for c in ("metered", *CAUSES)) == named["billed_net"]
    assert named["billed_net"] + named["vat"] == named["billed"]
    assert named["billed"] > 0


def test_every_cause_of_the_query_has_a_name_and_a_place() -> None:
    said = query("invoices/reconciliation").about
    assert [c for c in (*CAUSES, "vat") if c not in said] == []
    assert set(cause_names()) == {*TOTALS, *CAUSES, "vat"}


def test_the_providers_of_a_month_add_up_and_the_total_says_so(client: FlaskClient) -> None:
    *rows, whole = rows_of(client, "invoices")
    assert {r["Result"] for r in rows} == {"agrees", "report only", "nothing metered"}
    for title in ("Metered cost", "Billed before tax", "Billed − metered", "Unexplained"):
        assert sum(Decimal(r[title]) for r in rows) == Decimal(whole[title])
    for row in rows:
        assert Decimal(row["Billed before tax"]) - Decimal(row["Metered cost"]) == Decimal(row["Billed − metered"])


def test_units_and_what_no_rule_places_add_up_to_all_that_is_booked(client: FlaskClient) -> None:
    *rows, whole = rows_of(client, "allocation")
    assert rows[-1]["Unit"] == "Unallocated cost"
    assert sum(Decimal(r["Before tax"]) for r in rows) == Decimal(whole["Before tax"])
    booked = next(r for r in rows_of(client, "month-close") if r["Month"] == "2026-10-01")
    assert Decimal(booked["Before tax"]) == Decimal(whole["Before tax"])
    assert Decimal(booked["Unallocated"]) == Decimal(rows[-1]["Before tax"])
    billed = rows_of(client, "invoices")[-1]
    assert Decimal(billed["Billed before tax"]) == Decimal(whole["Before tax"])


def test_a_refused_document_stands_on_top_with_its_reason(client: FlaskClient) -> None:
    rows = rows_of(client, "invoice-register")
    assert (rows[0]["Kind"], rows[0]["State"]) == ("refused", "refused")
    assert "currency" in rows[0]["What to do"]
    page = html.unescape(client.get("/invoices?lang=en").text)
    assert f"{rows[0]['Document']}: {rows[0]['What to do']}" in page


def test_months_say_whether_they_are_closed_and_offer_what_can_be_done(client: FlaskClient) -> None:
    states = {r["Month"]: r["State"] for r in rows_of(client, "month-close")}
    assert states["2026-11-01"] == "running"
    assert states["2026-10-01"] == "open"
    assert states["2026-09-01"].replace("\u00a0", " ").startswith("closed 12 Oct 2026")
    assert states["2026-08-01"] == "open again: Google opravil fakturu"
    page = client.get("/invoices?lang=en").text
    close = re.search(r'<form[^>]*data-order="close_month".*?</form>', page, re.S)
    again = re.search(r'<form[^>]*data-order="reopen_month".*?</form>', page, re.S)
    assert close
    assert again
    assert re.findall(r'value="(\d{4}-\d\d)"', close[0]) == ["2026-08", "2026-10"]
    assert "2026-09" in again[0]
    assert 'name="reason" required' in again[0]


def test_the_form_of_an_invoice_has_the_fields_that_are_read(client: FlaskClient) -> None:
    from etl.sources.invoices.typed import HEADER, LINE

    page = client.get("/invoices?lang=en").text
    form = re.search(r'<form[^>]*data-order="invoice".*?</form>', page, re.S)
    assert form
    names = set(re.findall(r'<(?:input|select)[^>]*name="([^"]+)"', form[0]))
    assert len(names) > 30
    assert {re.sub(r"_\d$", "", n) for n in names} <= {*HEADER, *LINE}
    assert set(HEADER) <= names


def test_what_the_form_sends_is_taken_as_it_is(client: FlaskClient, tmp_path: Path) -> None:
    from etl.sources.invoices.typed import put_form

    form = re.search(r'<form[^>]*data-order="invoice".*?</form>', client.get("/invoices?lang=cs").text, re.S)
    assert form
    values = dict.fromkeys(re.findall(r'<(?:input|select)[^>]*name="([^"]+)"', form[0]), "")
    values |= {"issuer": "OpenAI Ireland Ltd", "invoice_id": "7/2026", "kind": "invoice", "currency": "USD",
               "tax_point": "2026-10-31", "net_total": "12,50", "description_1": "API", "amount_1": "12,50",
               "period_start_1": "2026-10"}  # fmt: skip
    name = put_form(tmp_path, values, {"OpenAI": "openai"}, lambda key: None)
    assert "12,50" in (tmp_path / name).read_text("utf-8")


def test_who_has_no_right_is_offered_no_order(
    make_app: Callable[..., UsageDash], monkeypatch: pytest.MonkeyPatch
) -> None:
    import dashboard.access as access

    allowed = access.demo_viewer
    monkeypatch.setattr(access, "demo_viewer", lambda *a, **k: replace(allowed(*a, **k), rights=frozenset()))
    page = make_app().server.test_client().get("/invoices?lang=en").text
    assert "Which months are closed?" in page
    assert "data-order" not in page


def test_the_charges_download_as_focus(client: FlaskClient) -> None:
    response = client.get("/export/focus.csv?month=2026-10")
    assert response.headers["Content-Disposition"] == "attachment; filename=focus-2026-10.csv"
    rows = list(csv.DictReader(StringIO(response.text)))
    whole = Decimal(rows_of(client, "allocation")[-1]["Before tax"])
    assert sum(Decimal(r["BilledCost"]) for r in rows) == whole > 0
    parquet = client.get("/export/focus.parquet?month=2026-10")
    from io import BytesIO

    assert pq.read_table(BytesIO(parquet.data)).num_rows == len(rows)
    assert client.get("/export/focus.csv?month=never").status_code == 400
    assert "/export/focus.parquet?month=2026-10" in html.unescape(client.get("/invoices?month=2026-10").text)


def test_bars_start_where_the_one_before_ended_and_totals_are_points() -> None:
    figure = steps_across(
        ["a", "b", "c", "d"], [100, -30, 10, 80], totals=[True, False, False, True], texts=list("wxyz")
    )
    bars, points = figure["data"]
    assert (bars["base"], bars["x"]) == ([100, 70], [-30, 10])
    assert points["x"] == [100, 80]
    assert figure["layout"]["yaxis"]["categoryarray"] == ["a", "b", "c", "d"]
