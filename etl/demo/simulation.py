"""An invented university from a seed: the same arguments give the same world, to the last digit."""

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from etl.demo import people
from etl.demo.bills import make_bills
from etl.demo.requests import Days
from etl.demo.world import World


def make_world(*, persons: int, days: int, last_day: date, seed: int = 1, timezone: str = "Europe/Prague") -> World:
    """Everything that is and happens in `days` local days up to and including `last_day`."""
    dice = Random(seed)
    first = last_day - timedelta(days - 1)
    units = people.read_units()
    everybody = people.make_persons(dice, units, first, last_day, persons)
    teams = people.make_teams(dice)
    world = World(
        first_day=first,
        last_day=last_day,
        zone=ZoneInfo(timezone),
        units=units,
        models=people.read_models(),
        persons=everybody,
        absent=people.make_absent(units),
        teams=teams,
        keys=people.make_keys(dice, everybody, teams, first),
        population=people.make_population(units, first),
        rates=people.make_rates(dice, first, last_day),
    )
    Days(world, dice).live()
    world.requests.sort(key=lambda r: r.at)
    world.turns.sort(key=lambda t: t.at)
    world.bills.extend(make_bills(world, dice))
    return world
