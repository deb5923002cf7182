"""Quantities by the provider's day: cached tokens are counted once, days are UTC, and no money comes of them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import InputError
from etl.sources.invoices.folder import InvoiceFolder
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE
from tests.etl.sources.einvoice_files import landed, used
from tests.etl.sources.invoice_files import DAY, NOVEMBER_1, as_json

COUNTS = ("requests", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
EXPORT = (
    "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,"
    "service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens\n"
)


def openai(start: int = NOVEMBER_1, end: int = NOVEMBER_1 + DAY, more: bool = False, **fields: Any) -> str:
    """An answer of OpenAI's usage API of one bucket: 5000 tokens in, of which 1800 read from and 200 written to it."""
    usual = {
        "object": "organization.usage.completions.result", "input_tokens": 5000, "input_cached_tokens": 1800,
        "input_cache_write_tokens": 200, "output_tokens": 1000, "num_model_requests": 5, "project_id": "proj_a",
        "user_id": "user-a", "api_key_id": "key_a", "model": "gpt-5.5",
    }  # fmt: skip
    result = {k: v for k, v in {**usual, **fields}.items() if v is not None}
    bucket = {"object": "bucket", "start_time": start, "end_time": end, "results": [result]}
    return as_json({"object": "page", "data": [bucket], "has_more": more, "next_page": "p" if more else None})


def anthropic(start: str = "2026-11-01T00:00:00Z", end: str = "2026-11-02T00:00:00Z", **fields: Any) -> str:
    """An answer of Anthropic's usage report of one bucket."""
    usual = {
        "uncached_input_tokens": 1500, "cache_read_input_tokens": 200, "output_tokens": 500, "model": "claude-opus-5",
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "server_tool_use": {"web_search_requests": 10}, "api_key_id": "apikey_1", "workspace_id": None,
    }  # fmt: skip
    result = {k: v for k, v in {**usual, **fields}.items() if k not in fields or v is not None}
    return as_json({"data": [{"starting_at": start, "ending_at": end, "results": [result]}], "has_more": False})


def counts(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[c] for c in COUNTS)


def test_openais_input_tokens_hold_the_cached_and_the_written_ones_which_are_counted_once(tmp_path: Path) -> None:
    [row] = used(tmp_path, "u.json", openai())

    assert counts(row) == (5, 3000, 1800, 200, 1000)
    assert sum(counts(row)[1:4]) == 5000
    assert (row["provider"], row["model"], row["sub_account_id"]) == ("openai", "gpt-5.5", "proj_a")
    assert (row["day"], row["api_key_key"]) == (date(2026, 11, 1), "key of key_a")


def test_who_asked_is_not_kept(tmp_path: Path) -> None:
    [row] = used(tmp_path, "u.json", openai())

    assert "user-a" not in str(row)


def test_openais_dashboard_export_counts_the_same_and_skips_days_without_use(tmp_path: Path) -> None:
    text = EXPORT + (
        f"{NOVEMBER_1},{NOVEMBER_1 + DAY},2026-11-01T00:00:00+00:00,2026-11-02T00:00:00+00:00,proj_a,10.0,user-a,key_a,"
        "gpt-5.5,FALSE,default,59200.0,10646.0,5760.0,53440.0,53440.0\n"
        f"{NOVEMBER_1 + DAY},{NOVEMBER_1 + 2 * DAY},,,,,,,,,,,,,,\n"
    )

    [row] = used(tmp_path, "u.csv", text)

    assert counts(row) == (10, 53440, 5760, 0, 10646)


def test_anthropics_kinds_of_input_exclude_each_other_and_writing_to_the_cache_is_an_object(tmp_path: Path) -> None:
    [row] = used(tmp_path, "u.json", anthropic())

    assert counts(row) == (None, 1500, 200, 1500, 500)
    assert row["web_searches"] == 10


@pytest.mark.parametrize("hour", [0, 23])
def test_an_hour_belongs_to_its_day_in_utc_whatever_the_local_day(tmp_path: Path, hour: int) -> None:
    start = NOVEMBER_1 + hour * 3600  # 23:00 UTC is the next day in Prague

    [one] = used(tmp_path, "a.json", openai(start, start + 3600))
    [other] = used(tmp_path, "b.json", anthropic(f"2026-11-01T{hour:02}:00:00Z", f"2026-11-01T{hour:02}:59:59Z"))

    assert (one["day"], other["day"]) == (date(2026, 11, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (openai(more=True), "has_more: found 'True'; allowed: false: save every page"),
        (openai(input_cached_tokens=6000), "input_uncached_tokens"),
        (openai(input_uncached_tokens=5000), "input_uncached_tokens: found '5000'; allowed: 5000 less the cached 1800"),
        (openai(input_tokens=-1), "input_tokens: found '-1'"),
        (openai(output_tokens=1.5), "output_tokens: found '1.5'; allowed: a whole number"),
        (openai(NOVEMBER_1 + 3600, NOVEMBER_1 + DAY + 3600), "start_time.*a bucket within one UTC day"),
        (openai(NOVEMBER_1 * 1000), "seconds since 1970"),
        (anthropic(cache_creation=700), "cache_creation: found '700'; allowed: an object"),
        (anthropic(cache_creation={}), "cache_creation: found ''; allowed: an object"),
        (anthropic(end="2026-11-08T00:00:00Z"), "starting_at.*a bucket within one UTC day"),
        (anthropic(output_tokens="many"), "output_tokens: found 'many'"),
    ],
)
def test_a_usage_report_that_is_wrong_is_refused_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        used(tmp_path, "u.json", content)


def test_a_usage_report_has_an_invoice_row_of_its_own_and_no_line(tmp_path: Path) -> None:
    (tmp_path / "u.json").write_text(openai())
    folder = InvoiceFolder(tmp_path)

    found = folder.landed(tmp_path / "u.json")
    [head] = found.invoice.to_pylist()

    assert (head["kind"], head["provider"], head["net_total"], found.lines) == ("report", "openai", None, [])
    assert [b.schema for b in found.usage] == [PROVIDER_USAGE.schema]
    assert found.invoice.schema == INVOICE.schema
    assert found.usage[0].column("api_key_key").to_pylist() == [None]  # without a secret no pseudonym
    assert folder.tables == (INVOICE, INVOICE_LINE, PROVIDER_USAGE)


ACTIVITY = {
    "date": "2026-11-01", "model": "openai/gpt-4.1", "model_permaslug": "openai/gpt-4.1-2025-04-14",
    "endpoint_id": "e1", "provider_name": "OpenAI", "usage": 0.015, "byok_usage_inference": 0.012, "requests": 5,
    "prompt_tokens": 50, "completion_tokens": 125, "reasoning_tokens": 25,
}  # fmt: skip


def test_openrouters_activity_charges_dollars_without_what_another_provider_bills(tmp_path: Path) -> None:
    text = as_json({"data": [ACTIVITY, {**ACTIVITY, "date": "2026-11-02 00:00:00", "usage": 0}]})

    head, lines = landed(tmp_path, "a.json", text)
    quantities = used(tmp_path, "a.json", text)

    assert (head["provider"], head["currency"]) == ("openrouter", "USD")
    assert [(n["billed_cost"], n["billing_currency"]) for n in lines] == [(Decimal("0.015"), "USD"), (0, "USD")]
    assert [n["charge_period_start"].day for n in lines] == [1, 2]
    assert counts(quantities[0]) == (5, 50, None, None, 125)
    assert quantities[0]["reasoning_tokens"] == 25


def test_an_activity_without_a_charge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.json data\[0\], usage: found ''"):
        landed(tmp_path, "a.json", as_json({"data": [{**ACTIVITY, "usage": None}]}))


COST = "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\n"
AMOUNT = "user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount\n"
SPAN = "u1,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,deepseek-chat"


def test_deepseeks_cost_is_in_its_currency_and_a_granted_wallet_pays_nothing(tmp_path: Path) -> None:
    _, lines = landed(tmp_path, "c.csv", f"{COST}{SPAN},topped_up,1.23,CNY\n{SPAN},granted,0.40,CNY\n")

    assert [(n["billed_cost"], n["list_cost"], n["credit_kind"], n["billing_currency"]) for n in lines] == [
        (Decimal("1.23"), None, None, "CNY"), (0, Decimal("0.4"), "burn_down", "CNY"),
    ]  # fmt: skip


def test_deepseeks_amounts_are_tokens_and_no_money_though_they_name_a_price(tmp_path: Path) -> None:
    kinds = (("output_tokens", 7), ("input_cache_hit_tokens", 5), ("input_cache_miss_tokens", 3), ("request_count", 2))
    text = AMOUNT + "".join(f"{SPAN},gateway,sk-1,{kind},0.000001,{amount}\n" for kind, amount in kinds)

    found = used(tmp_path, "a.csv", text)
    _, lines = landed(tmp_path, "a.csv", text)

    assert [sum(r[c] or 0 for r in found) for c in COUNTS] == [2, 3, 5, 0, 7]
    assert lines == []
    assert "sk-1" not in str(found)


def test_a_kind_of_amount_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="type: found 'wishes'; allowed: output_tokens"):
        used(tmp_path, "a.csv", f"{AMOUNT}{SPAN},g,sk,wishes,1,1\n")
