"""Public list prices from the package genai-prices (its data is embedded; nothing is fetched), kept with their date.

Nobody publishes the history of prices, so a price once kept stays: what a later version of the package says differently
counts from the day it was noticed, or from the first day the package itself states.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version

from duckdb import DuckDBPyConnection
from genai_prices import types
from genai_prices.data_snapshot import get_snapshot

EVER = date(1970, 1, 1)  # a price without a first day
ORIGIN = f"genai-prices {version('genai-prices')}"
_KINDS = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok")
_STORED = Decimal("1e-6")
Prices = tuple[Decimal | None, ...]  # USD per 1,000,000 tokens: input, cached, cache write, output


@dataclass(frozen=True)
class PublicPrice:
    """A model's public list prices from `valid_from` on; EVER where the package names no first day."""

    valid_from: date
    prices: Prices


def public_prices(model: str, provider: str) -> list[PublicPrice]:
    """What the package knows of a model, in order of time; empty where it knows none.

    Of a tiered price the first tier counts, of one that depends on the time of day the one without a condition. Cached
    tokens and cache writes without a price of their own cost what input costs (genai-prices, decomposition of usage).
    A name without a version (gemini-pro, mistral-large) means now one model and now another: its price is unknown.
    """
    if not any(letter.isdigit() for letter in model):
        return []
    try:
        _, found = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return []
    return sorted(_dated(found.prices), key=lambda price: price.valid_from)


def _dated(prices: types.ModelPrice | list[types.ConditionalPrice]) -> Iterator[PublicPrice]:
    if isinstance(prices, types.ModelPrice):
        yield PublicPrice(EVER, _plain(prices))
        return
    for conditional in prices:
        if conditional.constraint is None:
            yield PublicPrice(EVER, _plain(conditional.prices))
        elif isinstance(conditional.constraint, types.StartDateConstraint):
            yield PublicPrice(conditional.constraint.start_date, _plain(conditional.prices))


def _plain(price: types.ModelPrice) -> Prices:
    given = {kind: _base(getattr(price, kind, None)) for kind in _KINDS}
    for kind in ("cache_read_mtok", "cache_write_mtok"):
        given[kind] = given["input_mtok"] if given[kind] is None else given[kind]
    return tuple(given.values())


def _base(price: object) -> Decimal | None:
    if isinstance(price, types.TieredPrices):
        price = price.base
    return None if price is None else Decimal(str(price)).quantize(_STORED)


def keep_public_prices(connection: DuckDBPyConnection, today: date) -> None:
    """Adds to price_public what the package says anew about the commercial models that were ever used."""
    models = connection.execute("select distinct model, provider from model where hosting = 'commercial' order by 1, 2")
    for model, provider in models.fetchall():
        rows = connection.execute(
            "select valid_from, input_usd, cached_usd, cache_write_usd, output_usd from price_public"
            " where model = ? order by valid_from, noted_day, rowid",
            [model],
        ).fetchall()
        kept = [PublicPrice(start, tuple(prices)) for start, *prices in rows]
        for new in _news(public_prices(model, provider), kept, today):
            connection.execute(
                "insert into price_public values (?, ?, ?, ?, ?, ?, ?, ?)",
                [model, new.valid_from, *new.prices, ORIGIN, today],
            )


def _news(said: Sequence[PublicPrice], kept: Sequence[PublicPrice], today: date) -> Iterator[PublicPrice]:
    """What is said and not kept; a price that says otherwise than the last one kept counts from today."""
    days = {price.valid_from for price in kept}
    for price in said:
        if not kept or (price.valid_from > EVER and price.valid_from not in days):
            yield price
        elif price is said[-1] and price.prices != kept[-1].prices:
            yield PublicPrice(today, price.prices)
