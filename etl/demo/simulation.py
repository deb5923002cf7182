"""An invented university from a seed: the same arguments give the same world, to the last digit."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from etl.demo import people, plans
from etl.demo.bills import make_bills
from etl.demo.requests import Days
from etl.demo.world import Turn, World


def make_world(*, persons: int, days: int, last_day: date, seed: int = 1, timezone: str = "Europe/Prague") -> World:
    """Everything that is and happens in `days` local days up to and including `last_day`."""
    dice = Random(seed)
    world = _empty_world(dice, persons, last_day - timedelta(days - 1), last_day, ZoneInfo(timezone))
    Days(world, dice).live()
    end = _midnight(last_day + timedelta(1), world.zone)
    world = replace(
        world,
        requests=sorted((r for r in world.requests if r.at < end), key=lambda r: r.at),
        turns=sorted((t for t in [*world.turns, *_clones(world, dice)] if t.at < end), key=lambda t: t.at),
        ratings=[r for r in world.ratings if r.at < end],
    )
    chats = sorted({t.chat for t in world.turns})
    deleted = frozenset(dice.sample(chats, len(chats) // 40))
    return replace(
        world,
        deleted_chats=deleted,
        bills=make_bills(world, dice),
        budgets=plans.make_budgets(world),
        annotations=plans.make_annotations(world),
        targets=plans.make_targets(world),
        prices=plans.make_prices(world.first_day),
    )


def _empty_world(dice: Random, persons: int, first: date, last: date, zone: ZoneInfo) -> World:
    units = people.read_units()
    everybody = people.make_persons(dice, units, first, last, persons)
    teams = people.make_teams(dice)
    return World(
        first_day=first,
        last_day=last,
        zone=zone,
        units=units,
        models=people.read_models(),
        persons=everybody,
        absent=people.make_absent(units),
        teams=teams,
        keys=people.make_keys(dice, everybody, teams, first),
        population=people.make_population(units, first),
        rates=people.make_rates(dice, first, last),
    )


def _clones(world: World, dice: Random) -> Iterator[Turn]:
    """Copies that people make of a chat some days later: the same messages in another chat."""
    chats: dict[str, list[Turn]] = defaultdict(list)
    for turn in world.turns:
        chats[turn.chat].append(turn)
    for turns in chats.values():
        if dice.random() < 0.01:
            chat, later = people.identifier(dice), timedelta(hours=dice.randrange(1, 90))
            yield from (t._replace(chat=chat, at=t.at + later, is_clone=True) for t in turns)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
