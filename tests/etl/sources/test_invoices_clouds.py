"""Google Cloud and Azure: credits lessen the cost once, days and marks are not mixed up, nothing is paid twice."""

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.errors import InputError
from tests.etl.sources.einvoice_files import landed

TABLE = (
    "Billing account name,Billing account ID,Project name,Project ID,Service description,SKU description,SKU ID,"
    "Credit type,Cost type,Usage start date,Usage end date,Usage amount,Usage unit,Unrounded Cost ($),Cost ($)\n"
)


def table(
    cost: str = "12.34", kind: str = "Usage", credit: str = "", start: str = "2026-11-01", end: str = "2026-11-30"
) -> str:
    """A row of the console's cost table."""
    what = f"Main,01AB,Sandbox,sandbox,Vertex AI,Gemini input,SKU1,{credit},{kind}"
    return f'{what},{start},{end},"1,000.5",count,0,{cost}\n'


def test_the_consoles_table_is_in_the_headers_currency_and_its_last_day_is_included(tmp_path: Path) -> None:
    head, lines = landed(tmp_path, "g.csv", (TABLE + table()).replace("Cost ($)", "Cost (€)"))

    assert (head["provider"], head["currency"]) == ("google", "EUR")
    assert [(n["billed_cost"], n["billing_currency"], n["consumed_quantity"]) for n in lines] == [
        (Decimal("12.34"), "EUR", Decimal("1000.5"))
    ]
    assert (lines[0]["charge_period_start"], lines[0]["charge_period_end"]) == (
        datetime(2026, 11, 1), datetime(2026, 12, 1),
    )  # fmt: skip


def test_credits_of_the_consoles_table_are_rows_of_their_own_and_are_not_taken_off_again(tmp_path: Path) -> None:
    rows = table("10") + table("-4", credit="Promotion") + table("-1", credit="Committed use discount")
    rows += table("0.01", "Rounding error") + table("2.1", "Tax")

    _, lines = landed(tmp_path, "g.csv", TABLE + rows)

    assert [(n["billed_cost"], n["charge_category"], n["credit_kind"]) for n in lines] == [
        (10, "Usage", None), (-4, "Credit", "grant"), (-1, "Credit", None), (Decimal("0.01"), "Adjustment", None),
        (Decimal("2.1"), "Tax", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (table("12,340"), "line 2: found '16 fields'"),
        (table('"12,340"'), r"Cost \(\$\): found '12,340'"),
        (table(kind="Total"), "Cost type: found 'Total'; allowed: usage"),
        (table(start=""), "Usage start date: found ''.*a row of totals must be removed"),
        (table(end="2026-10-01"), "Usage end date"),
    ],
)
def test_a_wrong_row_of_the_consoles_table_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "g.csv", TABLE + row)


EXPORT = (
    "billing_account_id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,project.id,cost,"
    "currency,currency_conversion_rate,usage.amount,usage.unit,credits,cost_type\n"
)


def export(cost: str = "10", credit: str = "[]", kind: str = "regular", start: str = "2026-11-01 22:00:00 UTC") -> str:
    """A row of the BigQuery export as CSV; the rate was applied already."""
    quoted = credit.replace('"', '""')
    end = start.replace("22:00", "23:00").replace("23:30", "23:59")
    return f'01AB,Vertex AI,SKU1,Gemini output,{start},{end},sandbox,{cost},CZK,23.5,5,count,"{quoted}",{kind}\n'


def test_the_net_of_bigquerys_export_is_the_cost_and_its_credits_at_no_rate(tmp_path: Path) -> None:
    credit = '[{"name":"promo","amount":-4.25,"type":"PROMOTION"},{"name":"cud","amount":-1,"type":"DISCOUNT"}]'

    _, lines = landed(tmp_path, "b.csv", EXPORT + export("10", credit) + export("2", kind="tax"))

    assert [(n["billed_cost"], n["charge_category"], n["credit_kind"], n["billing_currency"]) for n in lines] == [
        (10, "Usage", None, "CZK"), (Decimal("-4.25"), "Credit", "grant", "CZK"), (-1, "Credit", None, "CZK"),
        (2, "Tax", None, "CZK"),
    ]  # fmt: skip
    assert len({n["line_id"] for n in lines}) == 4


def test_an_hour_of_bigquerys_export_keeps_its_instant_in_utc(tmp_path: Path) -> None:
    _, [line] = landed(tmp_path, "b.csv", EXPORT + export(start="2026-11-01 23:30:00 UTC"))

    assert line["charge_period_start"] == datetime(2026, 11, 1, 23, 30)


def test_bigquerys_export_as_parquet_keeps_the_credits_within_its_rows(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "service": {"id": "S", "description": "Vertex AI"},
            "sku": {"id": "SKU1", "description": "Gemini"},
            "project": {"id": "sandbox"},
            "usage_start_time": datetime(2026, 11, 1, 5),
            "usage_end_time": datetime(2026, 11, 1, 6),
            "usage": {"amount": 5.0, "unit": "count"},
            "cost": 0.1 + 0.2,
            "currency": "USD",
            "credits": [{"name": "promo", "amount": -0.1, "type": "PROMOTION"}],
            "cost_type": "regular",
            "labels": [{"key": "k", "value": "v"}],
        }
    ]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), target)

    _, lines = landed(tmp_path, "b.parquet", target.getvalue())

    assert [n["billed_cost"] for n in lines] == [Decimal("0.3"), Decimal("-0.1")]
    assert (lines[0]["service_name"], lines[0]["sub_account_id"]) == ("Vertex AI", "sandbox")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (EXPORT + export(credit='[{"amount": 4}]'), "credits: found '4.*amounts not above 0"),
        (EXPORT + export(credit="-4"), "credits: found '-4'; allowed: a JSON list"),
        (EXPORT + export(credit='[{"name": "x"}]'), "credits, amount: found ''"),
        (EXPORT + export(kind="gift"), "costtype: found 'gift'"),
        (EXPORT.replace(",credits", ",labels") + export(), "a column `credits`"),
    ],
)
def test_a_bigquery_export_whose_credits_are_unclear_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "b.csv", content)


AZURE = (
    "InvoiceId,BillingPeriodStartDate,BillingPeriodEndDate,Date,ChargeType,PricingModel,MeterCategory,MeterName,"
    "CostInBillingCurrency,CostInUsd,BillingCurrency,ExchangeRatePricingToBilling,Quantity,UnitOfMeasure,SubscriptionId\n"
)


def azure(cost: str = "10.5", day: str = "11/02/2026", kind: str = "Usage", model: str = "OnDemand") -> str:
    """A row of Azure's cost details, in crowns."""
    period = "11/01/2026,11/30/2026"
    return f"I1,{period},{day},{kind},{model},Azure OpenAI,gpt 5 tokens,{cost},0.45,CZK,23.3,1000,1K,sub-1\n"


def test_azures_details_are_in_the_billing_currency_and_their_days_are_american(tmp_path: Path) -> None:
    head, lines = landed(tmp_path, "a.csv", AZURE + azure() + azure("-1", kind="Refund"))

    assert (head["kind"], head["provider"], head["invoice_id"], head["net_total"]) == ("report", "azure", "I1", None)
    assert [(n["billed_cost"], n["billing_currency"], n["charge_category"]) for n in lines] == [
        (Decimal("10.5"), "CZK", "Usage"), (-1, "CZK", "Adjustment"),
    ]  # fmt: skip
    assert (lines[0]["charge_period_start"], lines[0]["charge_period_end"]) == (
        datetime(2026, 11, 2), datetime(2026, 11, 3),
    )  # fmt: skip
    assert lines[0]["service_name"] == "Azure OpenAI"


def test_a_share_of_a_reservation_in_the_amortised_file_is_used_and_not_paid_again(tmp_path: Path) -> None:
    rows = azure("3", model="Reservation") + azure("1", kind="UnusedReservation", model="Reservation") + azure("2")

    _, lines = landed(tmp_path, "a.csv", AZURE + rows)

    assert [(n["billed_cost"], n["effective_cost"]) for n in lines] == [(0, 3), (0, 1), (2, 2)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (azure(day="02/11/2026"), "date: found '02/11/2026'; allowed: a day of the billing period, 2026-11-01"),
        (azure(day="31/11/2026"), "date: found '31/11/2026'"),
        (azure(cost=""), "costinbillingcurrency: found ''"),
        (azure(kind="Wish"), "chargetype: found 'Wish'; allowed: usage"),
    ],
)
def test_a_wrong_row_of_azures_details_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "a.csv", AZURE + row)


def test_a_focus_export_with_azures_columns_is_in_the_billing_currency(tmp_path: Path) -> None:
    header = (
        "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,EffectiveCost,InvoiceId,"
        "ProviderName,InvoiceIssuerName,x_BilledCostInUsd,x_BillingExchangeRate\n"
    )
    row = "233,CZK,Usage,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,233,NULL,Microsoft,Microsoft,10,23.3\n"
    bedrock = row.replace("Microsoft,Microsoft", "AWS,Amazon Web Services")

    head, lines = landed(tmp_path, "f.csv", header + row)
    amazons, _ = landed(tmp_path, "aws.csv", header + bedrock)

    assert [(n["billed_cost"], n["billing_currency"]) for n in lines] == [(233, "CZK")]
    assert (head["provider"], head["kind"], head["invoice_id"], head["net_total"]) == ("azure", "report", None, None)
    assert amazons["provider"] == "aws"
