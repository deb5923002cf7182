"""What the invented university plans and agreed on: budgets, targets, prices of its own, and what happened when."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from etl.demo.world import PICO, Annotation, Budget, Price, Target, World

_BUDGETED = {"UK": "1.15", "MFF": "0.85", "FSV": "1.3", "FF": "1.1", "PŘF": "0.95", "1LF": "1.6"}
_CZK = Decimal("21.4")  # for one dollar, near enough to plan with


def make_budgets(world: World) -> tuple[Budget, ...]:
    """Yearly budgets of the university and some faculties: some will last, some will not."""
    spent = _spent_by_year(world)
    found = []
    for (year, unit), pico in sorted(spent.items()):
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        days = (min(end, world.last_day + timedelta(1)) - max(start, world.first_day)).days
        whole = Decimal(pico) / PICO * _CZK * Decimal(_BUDGETED[unit]) * 365 / days
        found.append(
            Budget(
                unit,
                start,
                end,
                max(whole, Decimal(100)).quantize(Decimal("1E2")).quantize(Decimal(1)),
                f"rozpočet {year}",
            )
        )
    return tuple(found)


def _spent_by_year(world: World) -> dict[tuple[int, str], int]:
    """Picodollars by year and unit, a person's in their first home and the faculty above it."""
    found: dict[tuple[int, str], int] = defaultdict(int)
    for r in world.requests:
        home = world.persons[r.person].homes if r.person is not None else ()
        unit = world.units[home[0].unit] if home else None
        named = {"UK", *([unit.unit, unit.parent] if unit else [])}
        for place in named & _BUDGETED.keys():
            found[r.at.year, str(place)] += r.spent_pico
    return found


def make_annotations(world: World) -> tuple[Annotation, ...]:
    """Launches of models, trainings each term, an outage."""
    days = (world.last_day - world.first_day).days
    found = [
        Annotation(
            world.first_day + timedelta(int(m.appears * days)), "launch", f"Nový model {m.name}", f"{m.name} added"
        )
        for m in world.models.values()
        if 0 < m.appears < 1 and m.liking >= 5
    ]
    for part, cs, en in ((0.13, "Školení pro zaměstnance", "Staff training"), (0.5, "Školení na FF", "Training at FF")):
        found.append(Annotation(world.first_day + timedelta(int(part * days)), "training", cs, en))
    outage = world.first_day + timedelta(int(0.77 * days))
    return (*found, Annotation(outage, "outage", "Výpadek brány", "Gateway outage"))


def make_targets(world: World) -> tuple[Target, ...]:
    """What is meant to be reached by the end of the year and of the next term."""
    december, june = date(world.last_day.year, 12, 31), date(world.last_day.year + 1, 6, 30)
    active = max(20, len(world.persons) // 2)
    return (
        Target("UK", "mau", december, Decimal(active)),
        Target("UK", "mau", june, Decimal(active * 3 // 2)),
        Target("UK", "adoption_rate", december, Decimal("0.1")),
        Target("FF", "adoption_rate", december, Decimal("0.08")),
    )


def make_prices(first: date) -> tuple[Price, ...]:
    """What self-hosted models would cost elsewhere, list prices, and a price agreed with a provider from a day on.

    Listed are names without a version: of these no public price can be known (etl/prices.py).
    """
    return (
        Price("claude-sonnet", None, "list", "3", "0.3", "3.75", "15"),
        Price("claude-haiku", None, "list", "1", "0.1", "1.25", "5"),
        Price("gemini-flash", None, "list", "0.3", "0.03", "0.3", "2.5"),
        Price("mistral-large", None, "list", "2", "0.2", "2", "6"),
        Price("llama-3.3-70b", None, "shadow", "0.59", "0.59", "0.59", "0.79"),
        Price("qwen3-32b", None, "shadow", "0.29", "0.29", "0.29", "0.59"),
        Price("mistral-large", first + timedelta(300), "internal", "1.8", "0.18", "1.8", "5.4"),
    )
