"""A warehouse loaded in bits from an invented world, and the truth about the world."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from etl.demo.world import World
from etl.errors import SourceError
from etl.jobs import Job
from etl.load import Clock, Loader
from etl.run import Outcome, Runner
from etl.settings import load
from etl.sources.base import Window
from etl.tables import Table
from queries.warehouse import Snapshot
from tests.truth.systems import NAMES, Systems, day_of, instant, mover_of, small_world
from tests.truth.uses import Truth

SECRET = "truth-world-secret-truth-world-secret"


@dataclass(frozen=True)
class Loaded:
    """What a world has become: the product's folder, the snapshot, the truth, and everything logged."""

    world: World
    truth: Truth
    folder: Path
    snapshot: Snapshot
    log: str


class Breaking:
    """A source that gives one batch of a table and then fails, as a network does."""

    def __init__(self, source: object, table: str) -> None:
        self._source, self._table = source, table

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        for batch in self._source.extract(table, window):  # type: ignore[attr-defined]
            yield batch
            if table.name == self._table:
                raise SourceError("litellm", "requests", "the connection was lost")


def run(systems: Systems, now: datetime, *, breaks: str | None = None) -> list[Outcome]:
    """One run of all jobs at a moment, by a process that has just started."""
    runner = Runner(load(systems.folder / "config.toml"), clock=Clock(now))
    try:
        if breaks is not None:
            runner.jobs = [_breaking(job, breaks) for job in runner.jobs]
        return runner.run()
    finally:
        runner.close()


def _breaking(job: Job, table: str) -> Job:
    from contextlib import contextmanager
    from dataclasses import replace

    @contextmanager
    def opened() -> Iterator[object]:
        with job.open() as source:
            yield Breaking(source, table)

    return replace(job, open=opened)  # type: ignore[arg-type]


def publish(systems: Systems, now: datetime) -> Snapshot:
    """The snapshot published at a moment."""
    runner = Runner(load(systems.folder / "config.toml"), clock=Clock(now))
    name = runner.publish()
    runner.close()
    return Snapshot(systems.folder / "var" / name)


def failed(outcomes: list[Outcome]) -> list[str]:
    """The messages of jobs that failed."""
    return [f"{o.job}: {o.message}" for o in outcomes if o.status != "DONE"]


@pytest.fixture(scope="package")
def database(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """A function that makes an empty database and gives its URL; dropped after the package's tests."""
    made: list[str] = []

    def create(name: str) -> str:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())
            connection.execute(f'create database "{name}"'.encode())
        made.append(name)
        return postgres_url.replace("/postgres?", f"/{name}?")

    yield create
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())


@pytest.fixture(scope="package")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """The environment with the demo's secrets, for the package's tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEMO_SECRET", SECRET)
        yield patch


@pytest.fixture(
    scope="package",
    params=[
        pytest.param((date(2026, 11, 15), 100, 5), id="october"),  # clocks go back on 2026-10-25
        pytest.param((date(2026, 4, 20), 60, 5), id="march"),  # clocks go forward on 2026-03-29
    ],
)
def loaded(
    request: pytest.FixtureRequest,
    database: Callable[[str], str],
    environment: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Loaded]:
    """A world loaded in shuffled, overlapping, interrupted and repeated runs, while the sources lose rows."""
    last_day, days, seed = request.param
    moves = last_day - timedelta(days // 3)
    world = small_world(last_day, days, seed=seed, moves=moves)
    url = database(f"truth_{request.param_index}")
    environment.setenv("DEMO_GATEWAY_URL", url)
    systems = Systems(tmp_path_factory.mktemp("truth"), url, world, seed=seed)
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    logging.getLogger("etl").setLevel(logging.DEBUG)
    try:
        snapshot = _live(systems, moves)
    finally:
        logging.getLogger().removeHandler(handler)
    yield Loaded(
        world, Truth(world, NAMES, rated_until=last_day + timedelta(5 + 2)), systems.folder, snapshot, "\n".join(lines)
    )
    snapshot.close()


def _live(systems: Systems, moves: date) -> Snapshot:
    """The world's time in steps; each run sees the systems as they are then."""
    world = systems.world

    def at(day: date, hour: int) -> datetime:
        return instant(world, day, hour)

    half = at(day_of(world, 20), 13)
    systems.grow(half)
    assert [m for m in failed(run(systems, half, breaks="request")) if "connection was lost" in m]
    assert failed(run(systems, half)) == []
    assert failed(run(systems, half + timedelta(minutes=3))) == []  # nothing new

    systems.grow(at(day_of(world, 27), 9))
    _dies_within_a_transaction(systems, at(day_of(world, 27), 9))
    assert failed(run(systems, at(day_of(world, 27), 10))) == []

    systems.delete_chats()  # those of the first weeks are in the warehouse; the later ones are made and deleted too
    systems.forget_requests(at(day_of(world, 8), 0))
    systems.grow(at(moves - timedelta(1), 23))
    assert failed(run(systems, at(moves - timedelta(1), 23))) == []

    systems.delete_chats()
    systems.move(world.persons[mover_of(world).number])
    systems.grow(at(moves, 8))
    assert failed(run(systems, at(moves, 8))) == []

    for day in (-9, -5):
        systems.grow(at(day_of(world, day), 15))
        assert failed(run(systems, at(day_of(world, day), 15))) == []
    systems.forget_requests(at(day_of(world, -25), 0))

    end = at(day_of(world, -1) + timedelta(1), 1)
    systems.grow(end)
    assert failed(run(systems, end)) == []
    late = end + timedelta(days=4)  # the last late rows have come
    systems.grow(late, is_last=True)
    systems.delete_people(late)
    assert failed(run(systems, late)) == []
    assert failed(run(systems, late)) == []
    return publish(systems, late + timedelta(seconds=1))


def _dies_within_a_transaction(systems: Systems, now: datetime) -> None:
    """A run that ends, after rows were merged and before they were counted, as a process that is killed ends."""

    def killed(self: Loader) -> int:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loader, "rebuild", killed)
        with pytest.raises(KeyboardInterrupt):
            run(systems, now)
