"""Anthropic's cost report: the answer of /v1/organizations/cost_report, one UTC day a bucket.

Source of the rule: Anthropic Admin API reference, Cost Report: `amount` is a decimal string in the currency's lowest
unit (cents), e.g. "123.45" in USD is 1.23 USD. A null workspace is the organization's default one.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from etl.sources.fields import Row
from etl.sources.invoices.line import Line, charge_period
from etl.sources.invoices.pages import Bucket

_CENTS = 100
_SKU = ("cost_type", "model", "token_type", "context_window", "service_tier", "inference_geo")


def is_report(pages: list[Any]) -> bool:
    """Whether these are answers of the cost report (a page without results is one too)."""
    return all(isinstance(p, dict) and "has_more" in p and _holds_costs(p.get("data")) for p in pages)


def _holds_costs(data: Any) -> bool:
    if not isinstance(data, list):
        return False
    results = [r for b in data if isinstance(b, dict) for r in b.get("results") or ()]
    only_buckets = all(isinstance(b, dict) and {"starting_at", "results"} <= b.keys() for b in data)
    return only_buckets and all(isinstance(r, dict) and "amount" in r for r in results[:1])


def report_lines(found: Iterator[Bucket]) -> Iterator[Line]:
    """One line per day, workspace and description (model, kind of token, tier, region). Cost in USD, before tax."""
    for bucket in found:
        start, end = bucket.day.instant("starting_at"), bucket.day.instant("ending_at")
        period = charge_period(bucket.day, start, end, ("starting_at", "ending_at"))
        for result in bucket.results:
            sku = "/".join(t for c in _SKU if (t := result.text(c)) is not None) or None
            workspace, description = result.text("workspace_id"), result.text("description")
            yield Line(
                key=f"{start:%Y-%m-%d}|{workspace or ''}|{description or ''}|{sku or ''}",
                provider="anthropic",
                billed_cost=_dollars(result),
                billing_currency="USD",
                charge_description=description,
                invoice_issuer_name="Anthropic",
                service_name="Claude API",
                sku_id=sku,
                model=result.text("model"),
                sub_account_id=workspace,
                charge_period_start=period[0],
                charge_period_end=period[1],
            )


def _dollars(result: Row) -> Decimal:
    """The amount in dollars: it is reported in cents."""
    if result.currency("currency") != "USD":
        raise result.refusal("currency", "USD: for other currencies the lowest unit of `amount` is not known")
    return result.money("amount", divided_by=_CENTS)
