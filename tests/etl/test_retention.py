"""Retention: what is older than configured stands under units alone, and no amount moves by a haléř."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from etl.identity import Pseudonyms
from etl.retention import cutoff, fold
from etl.run import Runner
from etl.sections import Retention  # at least 2 months may be configured; the world is younger
from etl.tables import REQUEST
from tests.etl.builders import home, request
from tests.etl.test_person import ANN, BOB, TOTALS, World, rows

COUNTS = "select * from active_daily order by all"
OLD = """
select count(*)
from usage_daily as u
join person as p on p.person_no = u.person_no
where u.day < '2026-10-01' and """


def kept_for(runner: Runner, months: int | None) -> Runner:
    runner.settings = runner.settings.model_copy(update={"retention": Retention.model_construct(person_months=months)})
    return runner


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, Pseudonyms("s" * 40, frozenset({"cuni.cz"})))
    bob = made.pseudonyms.key("bob@cuni.cz")
    made.gateway[REQUEST].append(request("old", "2026-08-03 10:00", user_key=bob))
    return made


def test_old_use_loses_its_persons_and_keeps_its_amounts(world: World) -> None:
    with closing(world.runner()) as runner:
        totals, counts = rows(runner, TOTALS), rows(runner, COUNTS)
        recent = "select * from usage_daily where day >= '2026-10-01' order by all"
        young = rows(runner, recent)
        assert fold(kept_for(runner, 1)) == 4
        assert rows(runner, TOTALS) == totals
        assert rows(runner, COUNTS) == counts
        assert rows(runner, recent) == young
        assert rows(runner, OLD + "p.person_key not like 'forgotten%'") == [(0,)]
        assert rows(runner, OLD + "p.person_key like 'forgotten%'")[0][0] > 0
        assert fold(runner) == 0
        assert "warehouse" in runner.publish()


def test_nothing_is_given_up_unless_it_is_configured(world: World) -> None:
    with closing(world.runner()) as runner:
        before = rows(runner, "select * from fact_request order by all")
        assert fold(runner) == 0
        assert fold(kept_for(runner, 6)) == 0
        assert rows(runner, "select * from fact_request order by all") == before


def test_what_is_read_again_later_adds_nothing(world: World) -> None:
    with closing(world.runner()) as runner:
        totals = rows(runner, TOTALS)
        fold(kept_for(runner, 1))
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        assert rows(runner, TOTALS) == totals


EARLY = "select * from active_daily where day < '2026-10-01' order by all"
ODD_STRINGS = """
select 1
from (select persons from active_bits union all select persons from active_weeks)
where bit_length(persons) <> (select cast(value as integer) from ops.setting where key = 'bit_capacity')
"""
WEEKS = """
select cast(date_trunc('week', day) as date), member, bit_or(persons)
from active_bits
where dimension = 'unit'
group by all
order by all
"""


def test_folded_days_keep_their_active_persons_when_the_bit_strings_grow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.load._FIRST_CAPACITY", 2)
    with closing(world.runner()) as runner:
        fold(kept_for(runner, 1))
        counts = rows(runner, EARLY)
    for number in range(3):
        user = world.pseudonyms.key(f"carl{number}@cuni.cz")
        world.gateway[REQUEST].append(request(f"c{number}", f"2026-11-1{number} 10:00", user_key=user))
    with closing(world.runner()) as runner:  # which asserts that every job is done
        assert rows(runner, EARLY) == counts
        assert rows(runner, "select max(bit_no) >= 2 from person") == [(True,)]
        assert rows(runner, ODD_STRINGS) == []
        assert rows(runner, "select * from active_weeks order by all") == rows(runner, WEEKS)


def test_a_folded_day_that_is_made_anew_keeps_its_persons_and_gains_who_is_told_of_later(world: World) -> None:
    world.homes = [home(str(world.pseudonyms.key(who)), "FF") for who in (ANN, BOB)]  # so one account stands for both
    with closing(world.runner()) as runner:
        counts = rows(runner, EARLY)
        fold(kept_for(runner, 1))
        with runner.build.transaction() as connection:
            connection.execute("insert into ops.dirty_day select distinct day from usage_daily")
            runner.loader.rebuild()
        assert rows(runner, EARLY) == counts
        assert rows(runner, "select * from active_weeks order by all") == rows(runner, WEEKS)
        university = "select dau from active_daily where dimension = 'unit' and member = 'UK' and day = '2026-08-03'"
        assert rows(runner, university) == [(1,)]
        late = request("late", "2026-08-03 11:00", user_key=world.pseudonyms.key("carl@cuni.cz"))
        world.gateway[REQUEST].append(late)
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 8, 5))
        assert rows(runner, university) == [(2,)]


@pytest.mark.parametrize(
    ("today", "months", "first"), [((2026, 11, 23), 1, (2026, 10, 1)), ((2026, 1, 1), 13, (2024, 12, 1))]
)
def test_whole_months_are_kept(today: tuple[int, int, int], months: int, first: tuple[int, int, int]) -> None:
    assert cutoff(date(*today), months) == date(*first)
