"""The demo's reports on seats are read like real ones and tell a university's story."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from etl.demo.files import write_directory
from etl.demo.seats import MONTHS, make_leavers, write_seats
from etl.demo.simulation import make_world
from etl.demo.world import World
from etl.identity import Pseudonyms
from etl.sources.plan_catalogue import read_plans
from etl.sources.seats.folder import SeatFolder
from etl.sources.seats.report import Report, Seat

LAST_DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    """Few requests, many persons, over the demo's time."""
    return make_world(persons=700, days=300, last_day=LAST_DAY, seed=1)


@pytest.fixture
def reports(world: World, tmp_path: Path, pseudonyms: Pseudonyms) -> list[Report]:
    """Every report of the demo as it is read; none is refused."""
    write_seats(tmp_path, world)
    results = list(SeatFolder(tmp_path, (), pseudonyms).results())
    assert [str(r.error) for r in results if r.error] == []
    return [r.report for r in results if r.report is not None]


def last(reports: list[Report], product: str) -> list[Seat]:
    seats = [s for report in reports for s in report.seats if s.product == product]
    newest = max(s.report_day for s in seats)
    return [s for s in seats if s.report_day == newest]


def test_there_is_a_report_for_each_of_the_last_months(reports: list[Report]) -> None:
    days = {s.report_day for report in reports for s in report.seats if s.product == "chatgpt-edu"}
    assert len(days) == MONTHS
    assert max(days) == LAST_DAY
    counted = {c.product for report in reports for c in report.counts}
    assert counted == {"chatgpt-edu", "m365-copilot-academic", "claude-enterprise"}


def test_some_use_their_seat_some_stopped_and_some_never_came(reports: list[Report]) -> None:
    seats = last(reports, "chatgpt-edu")
    assert all(s.is_identified for s in seats)
    told = Counter(
        "never" if s.last_active_day is None else "stopped" if (LAST_DAY - s.last_active_day).days >= 30 else "active"
        for s in seats
    )
    assert told["active"] > told["stopped"] > 0
    assert told["never"] > 0


def test_copilots_names_are_hashed_and_belong_to_nobody_known(reports: list[Report]) -> None:
    assert {s.is_identified for s in last(reports, "m365-copilot-academic")} == {False}


def test_holders_are_the_persons_of_the_sandbox_the_absent_and_some_who_have_left(
    world: World, reports: list[Report], pseudonyms: Pseudonyms
) -> None:
    holders = {s.holder_key for s in last(reports, "chatgpt-edu")}
    persons = {pseudonyms.key(p.email_at_gateway) for p in world.persons}
    absent = {pseudonyms.key(a.email) for a in world.absent}
    left = {pseudonyms.key(a.email) for a, _ in make_leavers(world)}
    assert len(holders & persons) > 20
    assert absent <= holders
    assert left <= holders
    assert holders <= persons | absent | left


def test_the_demos_plan_stands_before_the_shipped_one(world: World, tmp_path: Path) -> None:
    write_directory(tmp_path, world)
    [plan] = [p for p in read_plans(tmp_path) if p.plan == "chatgpt-edu"]
    assert (plan.source, plan.includes, plan.seat_fee is not None) == ("contract of the demo", "credits", True)


def test_the_same_world_gives_the_same_reports(world: World, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_seats(tmp_path / name, world)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()
