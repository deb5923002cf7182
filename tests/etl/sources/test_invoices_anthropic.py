from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from tests.etl.sources.invoice_files import anthropic_page, anthropic_result, as_json, rows_of


@pytest.mark.parametrize(
    ("cents", "dollars"), [("123.45", "1.2345"), ("123.78912", "1.2378912"), ("100", "1"), ("-5", "-0.05")]
)
def test_amounts_are_in_cents(tmp_path: Path, cents: str, dollars: str) -> None:
    (row,) = rows_of(tmp_path, "report.json", as_json(anthropic_page([anthropic_result(cents)])))

    assert (row["billed_cost"], row["billing_currency"]) == (Decimal(dollars), "USD")


def test_cents_with_more_decimals_than_are_stored_are_rounded_not_refused(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "report.json", as_json(anthropic_page([anthropic_result("0.12345678901234")])))

    assert row["billed_cost"] == Decimal("0.001234567890")


def test_a_line_says_its_day_workspace_and_model(tmp_path: Path) -> None:
    result = anthropic_result(workspace_id="wrkspc_1", token_type="output_tokens", service_tier="batch")

    (row,) = rows_of(tmp_path, "report.json", as_json(anthropic_page([result])))

    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 11, 2))
    assert (row["sub_account_id"], row["model"]) == ("wrkspc_1", "claude-opus-5")
    assert row["sku_id"] == "claude-opus-5/output_tokens/batch"


def test_a_bucket_with_an_offset_is_read_as_utc(tmp_path: Path) -> None:
    text = as_json(anthropic_page([anthropic_result()])).replace("2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00")

    (row,) = rows_of(tmp_path, "report.json", text)

    assert row["charge_period_start"] == datetime(2026, 11, 1)


def test_a_report_without_its_last_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"report.json page 1 of 1, has_more: found 'True'; allowed: false"):
        rows_of(tmp_path, "report.json", as_json(anthropic_page([anthropic_result()], more="page_2")))


def test_another_currency_is_refused_since_its_lowest_unit_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"results\[0\], currency: found 'JPY'; allowed: USD"):
        rows_of(tmp_path, "report.json", as_json(anthropic_page([anthropic_result(currency="JPY")])))


def test_an_empty_report_gives_no_lines(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "report.json", as_json(anthropic_page([], []))) == []
