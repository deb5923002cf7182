"""DeepSeek's exports: cost (a day, model and wallet a row) and amount (a day, model, key and kind of token a row).

Source of the rules: exports of the DeepSeek platform. Cost is in the currency stated. What a granted wallet pays is no
cost. In the amount export `amount` counts tokens (or requests) and `price` is for one: the cost export holds the money.
"""

from collections.abc import Iterator
from decimal import Decimal

from etl.sources.fields import Row
from etl.sources.invoices.document import Usage
from etl.sources.invoices.line import Line, charge_period
from etl.sources.invoices.usage import Key, needed
from etl.sources.sheets import Sheet

_COST = frozenset({"start_time_iso", "end_time_iso", "model", "wallet_type", "cost", "currency"})
_AMOUNT = frozenset({"start_time_iso", "end_time_iso", "model", "type", "price", "amount"})
_TYPES = {
    "output_tokens": "output_tokens",
    "input_cache_hit_tokens": "cached_tokens",
    "input_cache_miss_tokens": "input_tokens",
    "input_tokens": "input_tokens",
    "prompt_cache_hit_tokens": "cached_tokens",
    "prompt_cache_miss_tokens": "input_tokens",
    "request_count": "requests",
}
_ENDS = ("start_time_iso", "end_time_iso")


def is_cost(header: frozenset[str]) -> bool:
    """Whether the columns are those of the cost export."""
    return header >= _COST


def is_amount(header: frozenset[str]) -> bool:
    """Whether the columns are those of the amount export."""
    return header >= _AMOUNT


def cost_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row. What was paid from a granted wallet is a line of no cost whose worth is its list cost."""
    for row in sheet.records():
        start, end = charge_period(row, row.instant(_ENDS[0]), row.instant(_ENDS[1]), _ENDS)
        cost = row.money("cost")
        is_granted = "grant" in (row.text("wallet_type") or "").lower()
        yield Line(
            key=row.place.rpartition(" ")[2],
            provider="deepseek",
            billed_cost=Decimal(0) if is_granted else cost,  # what is drawn from a grant is neither paid nor a cost
            list_cost=cost if is_granted else None,
            billing_currency=row.currency("currency"),
            charge_description=f"{row.text('model') or 'usage'}, {row.text('wallet_type') or 'wallet'}",
            credit_kind="burn_down" if is_granted else None,
            invoice_issuer_name="DeepSeek",
            service_name="DeepSeek API",
            model=row.text("model"),
            charge_period_start=start,
            charge_period_end=end,
        )


def amount_usage(sheet: Sheet, key: Key) -> Iterator[Usage]:
    """One row per row, its amount in the column of its type; a type we don't know is refused."""
    for row in sheet.records():
        start, _ = charge_period(row, row.instant(_ENDS[0]), row.instant(_ENDS[1]), _ENDS)
        counted = {row_type(row): needed(row, "amount")}
        yield Usage(
            key=f"{start:%Y-%m-%d}",
            provider="deepseek",
            day=start.date(),
            model=row.text("model"),
            api_key_key=key(row.text("api_key_name")),
            **counted,  # type: ignore[arg-type]
        )


def row_type(row: Row) -> str:
    """The column of tables.PROVIDER_USAGE that the row counts."""
    return _TYPES[row.choice("type", tuple(_TYPES))]
