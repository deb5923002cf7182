"""Small made-up universities with what was asked of which model, by whom and at whose cost, published to be attacked.

What is closed is decided by the query and the code that decide it at every publishing.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from etl.small_groups import keep_closed
from tests.queries.attacked_world import MINIMUM, University, university
from tests.queries.snapshots import _CLOSURE, _DATES, NAME, ROLLUP, empty_schema

DAYS = (date(2026, 10, 5), date(2026, 10, 12), date(2026, 11, 2))  # of two months and three weeks
PROVIDERS = {"big": ("a", "b", "c", "d"), "other": ("e", "f"), "alone": ("g",), "own": ("d", "h")}  # d comes from two
BANNED, UNMAPPED = "h", "f"
CHANNELS = ("chat", "api")


@dataclass(frozen=True)
class Use:
    """What a person (None: a service account) asked for on a day, and which unit paid."""

    day: date
    person: int | None
    unit: str
    model: str
    provider: str
    channel: str
    hour: int
    requests: int

    @property
    def usd(self) -> Decimal:
        """What it cost: never the same twice, so that equal figures are the same figure."""
        return Decimal(self.requests) / 100


@dataclass(frozen=True)
class Rating:
    """A person's ratings of a model on a day, at home in the unit."""

    day: date
    person: int
    unit: str
    model: str
    up: int
    down: int


@dataclass(frozen=True)
class Spent:
    """A university and everything its people did."""

    made: University
    uses: list[Use]
    ratings: list[Rating]
    homes: dict[int, str]


def spent(seed: int, people: int) -> Spent:
    """Most use a model or two of a few, in their own unit; some elsewhere, and service accounts anywhere."""
    dice, made = random.Random(seed), university(seed, people)
    served = [(model, provider) for provider, models in PROVIDERS.items() for model in models]
    liked = [dice.choice((1, 1, 2, 6, 20)) for _ in served]
    units = [u for u in made.parents if u != "UK"]
    uses, ratings, homes = [], [], {}
    for n, person in enumerate([*made.people, *[None] * 3]):
        home = person.home if person else dice.choice(units)
        if dice.random() < 0.15:  # at home in what has units below it, as secretaries are
            home = made.parents[home] if made.parents[home] not in (None, "UK") else home  # type: ignore[assignment]
        homes[n] = home
        ways = dice.choice((("chat",), ("chat",), CHANNELS, ("api",)))
        for model, provider in dict(dice.choices(served, liked, k=dice.choice((1, 2, 3, 5)))).items():
            for day in dice.sample(DAYS, dice.choice((1, 2, 3))):
                unit = home if dice.random() < 0.95 else dice.choice(units)
                uses.append(
                    Use(day, n if person else None, unit, model, provider, dice.choice(ways), dice.randrange(8, 11),
                        dice.randint(1, 50))
                )  # fmt: skip
            if person and dice.random() < 0.4:
                ratings.append(Rating(dice.choice(DAYS), n, home, model, dice.randint(0, 3), dice.randint(1, 2)))
    return Spent(made, uses, ratings, homes)


def published(folder: Path, world: Spent) -> Path:
    """`folder` with a snapshot of the world."""
    path = folder / NAME
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        empty_schema(connection)
        (made,) = connection.sql("select sql from duckdb_tables() where table_name = 'usage_total_daily'").fetchall()[0]
        connection.execute(made.replace("CREATE TABLE usage_total_daily", "CREATE TEMP TABLE usage_unit_daily"))
        for table, rows in _tables(world).items():
            for columns in rows[:1]:
                text = f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
                connection.executemany(text, [list(row.values()) for row in rows])
        connection.execute(_DATES + ";" + _CLOSURE)
        connection.execute(ROLLUP.read_text("utf-8"))
        connection.execute("commit")
    (folder / "current").write_text(NAME, "utf-8")
    return folder


def closed_cells(world: Spent) -> list[tuple[str, str, str]]:
    """(breakdown, unit, member) as the publishing of such a build decides."""
    with closing(duckdb.connect()) as build:
        build.execute(
            """
            create table usage_daily (
                unit varchar, model varchar, provider varchar, channel varchar, person_no integer
            );
            create table person_daily (unit varchar, role varchar, person_no integer);
            create table fact_rating (account_no integer, model varchar, day date);
            create table account_rule (account_no integer, person_no integer);
            create table model (name varchar, model varchar, policy varchar);
            create table home_unit (
                person_no integer, unit varchar, is_primary boolean, valid_from date, valid_to date
            );
            create table active_weeks (unit varchar, persons bit);
            create table unit (unit varchar, parent_unit varchar);
            create table unit_closure (unit varchar, ancestor varchar);
            create table closed_cell (breakdown varchar, unit varchar, member varchar);
            """
        )
        models = {model for given in PROVIDERS.values() for model in given}
        persons = {u.person for u in world.uses if u.person is not None}
        _fill(build, "usage_daily", [(u.unit, u.model, u.provider, u.channel, u.person) for u in world.uses])
        _fill(build, "person_daily", [(unit, role, n) for n, unit, role in {at[1:] for at in months(world)}])
        _fill(build, "fact_rating", [(r.person, r.model, r.day) for r in world.ratings])
        _fill(build, "account_rule", [(n, n) for n in persons])
        _fill(build, "model", [(m, m, "banned" if m == BANNED else None) for m in models])
        homes = {r.person: r.unit for r in world.ratings}
        _fill(build, "home_unit", [(n, u, True, date(1970, 1, 1), date(9999, 12, 31)) for n, u in homes.items()])
        _fill(build, "unit", list(world.made.parents.items()))
        build.execute(_CLOSURE)
        keep_closed(build, MINIMUM)
        found: list[tuple[str, str, str]] = build.sql("select breakdown, unit, member from closed_cell").fetchall()
        return found


def _fill(build: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    for row in rows[:1]:
        build.executemany(f"insert into {table} values ({', '.join('?' * len(row))})", rows)


def _tables(world: Spent) -> dict[str, list[dict[str, object]]]:
    settings = {"data_through_day": DAYS[-1].isoformat(), "root_unit": "UK", "minimum_group": str(MINIMUM)}
    providers = {model: provider for provider, models in PROVIDERS.items() for model in models}
    return {
        "setting": [{"key": k, "value": v} for k, v in settings.items()],
        "step_key": [{"key": "key"}],
        "unit": [
            {"unit": u, "parent_unit": p, "level": "x", "name_cs": u, "name_en": u}
            for u, p in world.made.parents.items()
        ],
        "model": [
            {"model": m, "title": m, "family": m, "provider": p, "hosting": "commercial", "is_mapped": m != UNMAPPED,
             "policy": "banned" if m == BANNED else None}
            for m, p in providers.items()
        ],
        "closed_cell": [{"breakdown": b, "unit": u, "member": m} for b, u, m in closed_cells(world)],
        "usage_unit_daily": list(_used(world)),
        "usage_hourly": _sums(world, ("day", "hour", "unit", "channel"), "user_requests"),
        "latency_daily": [
            r | {"measure": "duration", "bucket": 60} for r in _sums(world, ("day", "model", "channel"), "requests")
        ],
        "error_daily": [r | {"error_class": "timeout"} for r in _sums(world, ("day", "model"), "failures")],
        "rating_daily": [
            {"day": r.day, "unit": r.unit, "model": r.model, "ratings_up": r.up, "ratings_down": r.down}
            for r in world.ratings
        ],
        "unmapped": [
            {"kind": "model", "name": UNMAPPED, "requests": sum(u.requests for u in world.uses if u.model == UNMAPPED),
             "metered_usd": sum(u.usd for u in world.uses if u.model == UNMAPPED)}
        ],
        "allocation": list(_charged(world)),
        "person_month": [
            {"month_start": month, "person_no": n, "unit": unit, "role": role, "active_days": 1, "user_requests": 1,
             "billed_tokens": 0, "metered_usd": usd, "metered_czk": usd * 20}
            for (month, n, unit, role), usd in months(world).items()
        ],
    }  # fmt: skip


def _used(world: Spent) -> Iterator[dict[str, object]]:
    for u in world.uses:
        yield {
            "day": u.day, "unit": u.unit, "model": u.model, "provider": u.provider, "channel": u.channel,
            "status": "success", "origin": "gateway", "is_service": u.person is None, "requests": u.requests,
            "user_requests": 0 if u.person is None else u.requests, "input_tokens": u.requests * 7, "cached_tokens": 0,
            "cache_write_tokens": 0, "output_tokens": 0, "reasoning_tokens": 0, "requests_without_tokens": 0,
            "metered_usd": u.usd, "metered_czk": u.usd * 20, "cache_saved_usd": 0, "requests_without_cost": 0,
        }  # fmt: skip


def months(world: Spent) -> dict[tuple[date, int, str, str], Decimal]:
    """{(month, person, home, role): dollars} of everybody who used anything in the month."""
    found: defaultdict[tuple[date, int, str, str], Decimal] = defaultdict(Decimal)
    for u in world.uses:
        if u.person is not None:
            found[u.day.replace(day=1), u.person, world.homes[u.person], world.made.people[u.person].role] += u.usd
    return dict(found)


def _sums(world: Spent, keys: tuple[str, ...], amount: str) -> list[dict[str, object]]:
    """Requests added up by some of what is known of a use; of user_requests those of persons alone."""
    found: defaultdict[tuple[object, ...], int] = defaultdict(int)
    for u in world.uses:
        if amount != "user_requests" or u.person is not None:
            found[tuple(getattr(u, key) for key in keys)] += u.requests
    return [dict(zip(keys, names, strict=True)) | {amount: total} for names, total in found.items()]


def _charged(world: Spent) -> Iterator[dict[str, object]]:
    """A document per month and provider with a line per model, charged by what was metered."""
    found: defaultdict[tuple[date, str, str, str], Decimal] = defaultdict(Decimal)
    for u in world.uses:
        found[u.day.replace(day=1), u.provider, u.model, u.unit] += u.usd * 20
    for (month, provider, model, unit), czk in found.items():
        yield {
            "month_start": month, "origin_month": month, "provider": provider, "document_name": f"{provider}.pdf",
            "invoice_id": provider, "line_no": ord(model), "service_name": "API", "model": model, "unit": unit,
            "charge_category": "Usage", "booked_as": "invoice", "net_czk": czk, "vat_czk": czk / 5,
            "non_deductible_czk": 0, "rule": "metered", "basis": "by metered use", "share": 0,
        }  # fmt: skip
