"""Figures agree with each other, and the ones taken from bit strings with counting persons one by one."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from queries.catalogue import query
from queries.warehouse import Snapshot, Warehouse

FACULTIES = ["MFF", "FF", "PF", "UNKNOWN", "UK"]
DAY = date(2026, 11, 22)
AUTUMN = {"start": date(2026, 9, 7), "end": date(2026, 11, 23)}
MONTHS = {"start": date(2026, 9, 1), "end": date(2026, 11, 1)}
Row = dict[str, object]
Active = dict[date, set[int]]


@pytest.fixture(scope="module")
def snapshot(synthetic_folder: Path) -> Iterator[Snapshot]:
    with Warehouse(synthetic_folder).snapshot() as opened:
        yield opened


@pytest.fixture(scope="module")
def active(snapshot: Snapshot) -> dict[str, Active]:
    """The persons of each unit and day, read from the bit strings place by place."""
    sql = "select member, day, cast(persons as varchar) as bits from active_bits where dimension = 'unit'"
    found: defaultdict[str, Active] = defaultdict(dict)
    for row in snapshot.rows(sql, {}).to_pylist():
        found[row["member"]][row["day"]] = {place for place, bit in enumerate(row["bits"]) if bit == "1"}
    return found


def _ask(snapshot: Snapshot, name: str, **values: object) -> list[Row]:
    """The rows as the SQL gives them, nothing suppressed."""
    asked = query(name)
    defaults = {p.name: p.default for p in asked.params if p.default is not None}
    return snapshot.rows(asked.sql, {**defaults, **values}).to_pylist()


def _within(days: Active, last: date, count: int) -> list[set[int]]:
    return [days.get(last - timedelta(n), set()) for n in range(count)]


def _union(sets: list[set[int]]) -> set[int]:
    return set().union(*sets)


def _weeks(days: Active) -> dict[date, set[int]]:
    weeks: defaultdict[date, set[int]] = defaultdict(set)
    for day, persons in days.items():
        weeks[day - timedelta(day.weekday())] |= persons
    return weeks


def test_active_daily_is_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/active_daily", units=FACULTIES, **AUTUMN)
    expected = [
        (day, unit, *(len(_union(_within(active[unit], day, n))) for n in (1, 7, 28)))
        for day in (AUTUMN["start"] + timedelta(n) for n in range(77))
        for unit in sorted(FACULTIES)
    ]
    assert [tuple(row.values()) for row in rows] == expected


def test_the_active_in_a_period_are_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/active_period", units=FACULTIES, **AUTUMN)
    expected = [{"unit": u, "active_persons": len(_union(_within(active[u], DAY, 77)))} for u in sorted(FACULTIES)]
    assert rows == expected


def test_days_active_are_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/active_days_28", units=FACULTIES, day=DAY)
    expected = []
    for unit in sorted(FACULTIES):
        days = _within(active[unit], DAY, 28)
        counts = [sum(person in day for day in days) for person in _union(days)]
        expected += [{"unit": unit, "active_days": n, "persons": counts.count(n)} for n in range(1, 29)]
    assert rows == expected


def test_the_habitual_are_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/funnel", units=FACULTIES, day=DAY)
    expected = {}
    for unit in FACULTIES:
        weeks = [_union(_within(active[unit], DAY - timedelta(7 * n), 7)) for n in range(12)]
        expected[unit] = sum(sum(person in week for week in weeks) >= 9 for person in _union(weeks))
    assert {row["unit"]: row["habitual"] for row in rows} == expected
    assert expected["UK"] > 0


def test_the_life_cycle_is_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/lifecycle_weekly", units=FACULTIES, **AUTUMN)
    expected = []
    for week in (AUTUMN["start"] + timedelta(7 * n) for n in range(11)):
        seen = _union([persons for day, persons in active["UK"].items() if day < week])
        for unit in sorted(FACULTIES):
            weeks = _weeks(active[unit])
            now, before = weeks.get(week, set()), weeks.get(week - timedelta(7), set())
            counts = (len(now - seen), len(now & before), len((now & seen) - before), len(before - now))
            expected.append((week, unit, *counts, True))
    assert [tuple(row.values()) for row in rows] == expected


def test_retention_is_what_counting_gives(snapshot: Snapshot, active: dict[str, Active]) -> None:
    rows = _ask(snapshot, "adoption/retention_weekly", units=["FF", "UK"], **AUTUMN)
    starts = [AUTUMN["start"] + timedelta(7 * n) for n in range(11)]
    expected = []
    for unit in ("FF", "UK"):
        weeks = _weeks(active[unit])
        for cohort_week in starts:
            cohort = weeks[cohort_week] - _union([p for day, p in active["UK"].items() if day < cohort_week])
            for week in starts:
                if cohort and week >= cohort_week:
                    number = (week - cohort_week).days // 7
                    expected.append((unit, cohort_week, number, len(cohort), len(cohort & weeks[week]), True))
    assert [tuple(row.values()) for row in rows] == expected


def test_the_parts_of_the_university_add_up_to_it(snapshot: Snapshot) -> None:
    everything = sorted(snapshot.units_below(("UK",)))
    (whole,) = _ask(snapshot, "cost/by_unit", units=["UK"], **AUTUMN)
    parts = _ask(snapshot, "cost/children", units=everything, parent="UK", **AUTUMN)
    for column in ("metered_usd", "metered_czk", "requests"):
        assert sum(part[column] for part in parts) == whole[column] > 0


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("cost/daily", ("metered_usd", "metered_czk", "requests")),
        ("cost/monthly", ("metered_usd", "metered_czk")),
        ("cost/by_model", ("metered_usd", "metered_czk", "requests", "billed_tokens")),
        ("cost/by_provider", ("metered_usd", "metered_czk")),
        ("models/usage", ("metered_usd", "metered_czk", "requests", "user_requests", "billed_tokens")),
        ("models/share_daily", ("user_requests",)),
        ("models/share_weekly", ("user_requests", "billed_tokens", "metered_czk")),
        ("adoption/usage_hours", ("user_requests",)),
        ("cost/by_key", ("metered_usd", "metered_czk")),  # what has not gone through the gateway costs nothing there
        ("models/policy", ("metered_usd", "metered_czk", "requests")),
        ("models/list_cost", ("metered_usd", "billed_tokens")),
        ("overview/summary", ("requests", "metered_czk", "billed_tokens", "active_persons")),
    ],
)
def test_every_breakdown_adds_up_to_the_units_total(snapshot: Snapshot, name: str, columns: tuple[str, ...]) -> None:
    totals = {row["unit"]: row for row in _ask(snapshot, "cost/by_unit", units=FACULTIES, **AUTUMN)}
    rows = _ask(snapshot, name, units=FACULTIES, **AUTUMN)
    for unit in FACULTIES:
        for column in columns:
            parts = [r[column] for r in rows if r["unit"] == unit and r[column] is not None]  # null: a cost unknown
            assert sum(parts) == totals[unit][column], (unit, column)


def test_errors_by_class_are_the_failures_of_the_university(snapshot: Snapshot) -> None:
    by_class = _ask(snapshot, "models/errors", **AUTUMN)
    by_model = _ask(snapshot, "models/policy", units=["UK"], **AUTUMN)
    assert sum(row["failures"] for row in by_class) == sum(row["failures"] for row in by_model) > 0


def test_ratings_by_model_are_the_ratings_of_each_unit(snapshot: Snapshot) -> None:
    by_model = _ask(snapshot, "models/satisfaction", units=FACULTIES, **AUTUMN)
    for whole in _ask(snapshot, "adoption/satisfaction", units=FACULTIES, **AUTUMN):
        parts = [row for row in by_model if row["unit"] == whole["unit"]]
        assert sum(row["ratings_up"] for row in parts) == whole["ratings_up"]
        assert sum(row["ratings"] for row in parts) == whole["ratings"]


def test_a_budget_is_spent_as_the_days_of_its_period_cost(snapshot: Snapshot) -> None:
    budgets = _ask(snapshot, "cost/budget", units=FACULTIES, day=DAY)
    assert {row["unit"] for row in budgets} == {"FF", "MFF", "UK"}
    for row in budgets:
        days = _ask(snapshot, "cost/daily", units=[row["unit"]], start=row["period_start"], end=DAY + timedelta(1))
        assert row["spent_czk"] == sum(day["metered_czk"] for day in days) > 0


def test_invoices_by_provider_are_the_invoices_of_the_university(snapshot: Snapshot) -> None:
    by_provider = _ask(snapshot, "cost/by_provider", units=["UK"], **MONTHS)
    invoiced = _ask(snapshot, "cost/invoiced", **MONTHS)
    assert {r["provider"]: r["effective_czk"] for r in by_provider if r["effective_czk"] is not None} == {
        r["provider"]: r["effective_czk"] for r in invoiced
    }


def test_the_buckets_hold_every_active_person(snapshot: Snapshot) -> None:
    given = {"units": FACULTIES, "seat_czk": Decimal(420), **MONTHS}
    buckets = _ask(snapshot, "plans/person_costs", **given)
    for row in _ask(snapshot, "plans/comparison", **given):
        held = [b["persons"] for b in buckets if b["unit"] == row["unit"]]
        assert sum(held) == row["active_persons"]


@pytest.mark.parametrize("seat", ["0.5", "20", "120", "5000"])
def test_whoever_costs_more_than_a_seat_is_counted(snapshot: Snapshot, seat: str) -> None:
    given = {"units": FACULTIES, "seat_czk": Decimal(seat), **MONTHS}
    sql = """
        select c.ancestor as unit, sum(p.metered_czk) as czk
        from person_month as p join unit_closure as c on c.unit = p.unit
        where p.month_start >= $start and p.month_start < $end and p.user_requests > 0
        group by c.ancestor, p.person_no
    """
    persons: defaultdict[str, list[Decimal]] = defaultdict(list)
    for row in snapshot.rows(sql, dict(MONTHS)).to_pylist():
        persons[row["unit"]].append(row["czk"] / 2)
    for row in _ask(snapshot, "plans/comparison", **given):
        costs = persons[row["unit"]]
        assert row["persons_above"] == sum(cost > Decimal(seat) for cost in costs)
        assert row["all_seats_czk"] == len(costs) * Decimal(seat)
        assert row["all_metered_czk"] == pytest.approx(sum(costs), abs=Decimal("0.001"))
