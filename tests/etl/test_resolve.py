"""Deriving rules only when something changed, and remaking a long history in pieces."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.load import DAYS_AT_ONCE, Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.sources.base import Window
from etl.tables import ACCOUNT
from tests.etl.builders import MemorySource, directory, gateway, home, rates, request, usd

NOW = datetime(2026, 11, 23, 12)
ANN = {"account_key": "ann", "person_key": "ann", "is_pending": False, "is_service": False}
BOB = ANN | {"account_key": "bob", "person_key": "bob"}
Make = Callable[..., Runner]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A function that opens the build over in-memory sources; what was open before is closed."""
    made: list[Runner] = []

    def runner(*sources: MemorySource, secret: str = "s" * 40, now: datetime = NOW) -> Runner:
        for open_one in made:
            open_one.close()
        settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
        kinds = {"litellm": "gateway"}
        jobs = [source.job(kinds.get(source.name, source.name)) for source in sources]
        made[:] = [Runner(settings, Clock(now), Pseudonyms(secret), jobs)]
        return made[0]

    yield runner
    for left in made:
        left.close()


def ran(runner: Runner) -> Runner:
    assert [o.message for o in runner.run() if o.status != "DONE"] == []
    return runner


def derived(runner: Runner, act: Callable[[], Any]) -> list[str]:
    """The .sql files of resolving that `act` runs."""
    resolver: Any = runner.loader._resolver
    run_sql, files = resolver._sql, []

    def noted(file: str) -> None:
        files.append(file)
        run_sql(file)

    resolver._sql = noted
    act()
    return files


def sources(*accounts: dict[str, Any]) -> tuple[MemorySource, ...]:
    people = directory(home("ann", "MFF"))
    return rates(), people, gateway(request("1", "2026-10-05 10:00"), accounts=[dict(a) for a in accounts])


def test_nothing_is_derived_when_nothing_changed(make: Make) -> None:
    ran(make(*sources(ANN)))
    runner = make(*sources(ANN))
    assert derived(runner, lambda: ran(runner)) == []


def test_a_new_account_derives_people_alone(make: Make) -> None:
    ran(make(*sources(ANN)))
    runner = make(*sources(ANN, BOB))
    assert derived(runner, lambda: ran(runner)) == ["staging/resolve_rules", "staging/resolve_homes"]
    assert runner.build.connection.execute("select count(*) from account_rule").fetchall() == [(2,)]


def test_a_new_rate_or_day_derives_rates_alone(make: Make) -> None:
    ran(make(*sources(ANN)))
    runner = make(rates(usd("2020-01-01"), usd("2026-10-05", "21")), *sources(ANN)[1:])
    assert derived(runner, lambda: ran(runner)) == ["staging/resolve_rates"]
    later = make(*sources(ANN)[1:], now=NOW + timedelta(days=1))
    assert derived(later, lambda: ran(later)) == ["staging/resolve_rates"]


def test_another_secret_derives_everything_since_the_rules_themselves_changed(make: Make) -> None:
    before = ran(make(*sources(ANN)))
    # a change of the key notes the new one; any other secret is refused
    before.build.connection.execute("delete from ops.setting where key = 'secret_fingerprint'")
    runner = make(*sources(ANN), secret="t" * 40)
    files = derived(runner, runner.loader.resolve)
    assert [f.removeprefix("staging/resolve_") for f in files] == ["rules", "homes", "models", "rates"]


def test_what_was_rolled_back_is_derived_again(make: Make) -> None:
    runner = ran(make(*sources(ANN)))

    def land() -> None:
        runner.loader.land(ACCOUNT, gateway(accounts=[ANN, BOB]).extract(ACCOUNT, Window()))
        runner.loader.stage(ACCOUNT, "litellm")
        runner.loader.resolve()

    def lose() -> None:
        with runner.build.transaction():
            land()
            raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        lose()
    with runner.build.transaction():
        land()
    assert runner.build.connection.execute("select count(*) from account_rule").fetchall() == [(2,)]


def test_a_history_remade_in_pieces_is_the_same_history(make: Make) -> None:
    days = [datetime(2026, 8, 1, 10) + timedelta(days=n) for n in range(0, 2 * DAYS_AT_ONCE + 5)]
    asked = [request(f"{n}", str(day), user_key=f"p{n % 9}") for n, day in enumerate(days) if n % 4]
    runner = ran(make(rates(), directory(home("p1", "MFF")), gateway(*asked)))
    held = marts(runner)
    with runner.build.transaction() as connection:
        connection.execute("insert into ops.dirty_day select distinct day from fact_request")
        assert runner.loader.rebuild() == len(asked) > DAYS_AT_ONCE
    assert marts(runner) == held


def marts(runner: Runner) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the marts, in order."""
    tables = (
        "usage_daily",
        "usage_total_daily",
        "person_daily",
        "active_bits",
        "active_weeks",
        "active_daily",
        "coverage_daily",
    )
    found = {t: runner.build.connection.execute(f"from {t} order by all").fetchall() for t in tables}
    assert all(found.values())
    return found
