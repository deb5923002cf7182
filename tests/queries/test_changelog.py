"""The changelog of definitions: found by comparing, one entry a day and definition."""

from dataclasses import replace
from datetime import date

from queries import changelog
from queries.catalogue import Query, parsed
from queries.changelog import Entry, digest, updated

TEXT = """\
-- title: Days
-- about: The days.
-- grain: one row per day
-- access: all
-- column: day date [day]  local day
select
    day,
from dates
order by day
"""
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
DAYS: Query = parsed("reference/days", TEXT)


def test_a_new_definition_is_added_once() -> None:
    first = updated([], {"reference/days": DAYS}, MONDAY)
    assert first == [Entry(MONDAY, "reference/days", "added", "Days", digest(DAYS))]
    assert updated(first, {"reference/days": DAYS}, TUESDAY) == first


def test_other_sql_for_the_same_is_no_change_and_another_meaning_is() -> None:
    first = updated([], {"reference/days": DAYS}, MONDAY)
    assert updated(first, {"reference/days": replace(DAYS, sql="select 1")}, TUESDAY) == first
    other = replace(DAYS, about="All days.")
    second = updated(first, {"reference/days": other}, TUESDAY)
    assert second == [*first, Entry(TUESDAY, "reference/days", "changed", "Days", digest(other))]


def test_of_one_day_the_last_state_counts() -> None:
    first = updated([], {"reference/days": DAYS}, MONDAY)
    drafts = [replace(DAYS, about=f"Draft {n}.") for n in range(3)]
    found = first
    for draft in drafts:
        found = updated(found, {"reference/days": draft}, TUESDAY)
    assert found == [*first, Entry(TUESDAY, "reference/days", "changed", "Days", digest(drafts[-1]))]
    same_day = updated(first, {"reference/days": drafts[0]}, MONDAY)
    assert [(e.change, e.digest) for e in same_day] == [("added", digest(drafts[0]))]


def test_a_definition_that_is_gone_is_removed_and_may_come_back() -> None:
    first = updated([], {"reference/days": DAYS}, MONDAY)
    gone = updated(first, {}, TUESDAY)
    assert [e.change for e in gone] == ["added", "removed"]
    assert updated(gone, {}, TUESDAY) == gone
    back = updated(gone, {"reference/days": DAYS}, date(2026, 11, 25))
    assert [e.change for e in back] == ["added", "removed", "added"]
    assert updated(first, {}, MONDAY) == []


def test_the_file_knows_every_definition() -> None:
    assert changelog.is_current(), "run python -m queries docs --write"
