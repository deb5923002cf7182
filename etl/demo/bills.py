"""What the providers charge: near what the gateway reckoned, since a gateway's figures are estimates."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from etl.demo.world import PICO, Bill, World

_CENT = Decimal("0.000001")
_EUR_IN_USD = Decimal("0.87")


def make_bills(world: World, dice: Random) -> list[Bill]:
    """Daily lines of OpenAI, Anthropic, Google and Azure, monthly ones of Mistral (EUR), flat costs (CZK)."""
    metered = _metered(world)
    return [*_daily(metered, dice), *_monthly(world, metered), *_flat(world)]


def _metered(world: World) -> dict[tuple[str, date, str], int]:
    """Picodollars by who invoices, UTC day and model; embeddings are OpenAI's."""
    found: dict[tuple[str, date, str], int] = defaultdict(int)
    for r in world.requests:
        if r.spent_pico:
            known = world.models.get(r.model)
            found[known.invoiced_by if known else "openai", r.at.date(), r.model] += r.spent_pico
    return found


def _daily(metered: dict[tuple[str, date, str], int], dice: Random) -> Iterator[Bill]:
    """What each provider's own day cost by model: a few per cent more or less than metered."""
    services = {
        "openai": "OpenAI API", "anthropic": "Claude API", "google": "Vertex AI", "azure": "Azure OpenAI Service",
    }  # fmt: skip
    for (provider, day, model), pico in sorted(metered.items()):
        if provider in services:
            amount = (Decimal(pico) / PICO * Decimal(f"{dice.gauss(1.02, 0.02):.4f}")).quantize(_CENT)
            yield Bill(
                f"{provider}-{day:%Y-%m}", provider, services[provider], model, f"{model}, usage", day,
                day + timedelta(1), amount, "USD",
            )  # fmt: skip


def _monthly(world: World, metered: dict[tuple[str, date, str], int]) -> Iterator[Bill]:
    """Mistral bills whole months in euros."""
    for start, end in months(world):
        pico = sum(v for (p, day, _), v in metered.items() if p == "mistral" and start <= day < end)
        if pico:
            amount = (Decimal(pico) / PICO * _EUR_IN_USD).quantize(Decimal("0.01"))
            yield Bill(
                f"mistral-{start:%Y-%m}", "mistral", "La Plateforme", "mistral-large", "API usage", start, end,
                amount, "EUR",
            )  # fmt: skip


def _flat(world: World) -> Iterator[Bill]:
    """A contribution to e-INFRA and a leased GPU that one faculty pays; both before tax, in crowns."""
    for start, end in months(world):
        flat = [("Příspěvek e-INFRA CZ", "llama-3.3-70b", "18000", None), ("Pronájem GPU", None, "9500", "MFF")]
        for description, model, amount, unit in flat:
            yield Bill(
                "costs", "self_hosted", None, model, description, start, end, Decimal(amount), "CZK", "Purchase", unit
            )


def months(world: World) -> Iterator[tuple[date, date]]:
    """[first day, first day of the next) of every month the world touches."""
    start = world.first_day.replace(day=1)
    while start <= world.last_day:
        end = (start + timedelta(32)).replace(day=1)
        yield start, end
        start = end
