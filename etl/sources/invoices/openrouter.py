"""OpenRouter's activity: the answer of /api/v1/activity, one row a UTC day, model and endpoint.

Source of the rules: OpenRouter API reference, Activity: `usage` is in US dollars; `byok_usage_inference` is what the
same calls cost at a provider whose own key was brought: it is on that provider's invoice and is not OpenRouter's.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from etl.sources.fields import Row
from etl.sources.invoices.document import Usage
from etl.sources.invoices.line import SOURCE, Line
from etl.sources.invoices.usage import count

_FIELDS = frozenset({"date", "model", "usage", "requests", "prompt_tokens", "completion_tokens"})


def is_activity(pages: list[Any]) -> bool:
    """Whether these are answers of the activity API."""
    rows = [r for p in pages if isinstance(p, dict) for r in _data(p)]
    return bool(rows) and all(isinstance(r, dict) and r.keys() >= _FIELDS for r in rows)


def _data(page: dict[str, Any]) -> list[Any]:
    data = page.get("data")
    return data if isinstance(data, list) else []


def rows(name: str, pages: list[Any]) -> list[Row]:
    """Each row of the activity, knowing where it stands."""
    plain = [{k: v for k, v in r.items() if not isinstance(v, dict | list)} for p in pages for r in _data(p)]
    return [Row(SOURCE, f"{name} data[{n}]", cells) for n, cells in enumerate(plain)]


def activity_lines(found: list[Row]) -> Iterator[Line]:
    """One line per row: what OpenRouter itself charges, in dollars."""
    for row in found:
        day = _day(row)
        model, via = row.text("model"), row.text("provider_name")
        start = datetime.combine(day, time())
        yield Line(
            key=f"{day}|{model}|{row.text('endpoint_id') or via or ''}",
            provider="openrouter",
            billed_cost=row.money("usage"),
            billing_currency="USD",
            charge_description=f"{model} via {via}" if via else model,
            invoice_issuer_name="OpenRouter",
            service_name="OpenRouter",
            sku_id=row.text("model_permaslug"),
            model=model,
            charge_period_start=start,
            charge_period_end=start + timedelta(days=1),
        )


def activity_usage(found: list[Row]) -> Iterator[Usage]:
    """One row per row. Prompt tokens are given whole: the activity doesn't say which of them were cached."""
    for row in found:
        yield Usage(
            key=f"{_day(row)}",
            provider="openrouter",
            day=_day(row),
            model=row.text("model"),
            requests=count(row, "requests"),
            input_tokens=count(row, "prompt_tokens"),
            output_tokens=count(row, "completion_tokens"),
            reasoning_tokens=count(row, "reasoning_tokens"),
        )


def _day(row: Row) -> date:
    # also met as 2026-11-01 00:00:00
    if (day := row.day("date")) is None:
        raise row.refusal("date", "a day, e.g. 2026-11-01")
    return day
