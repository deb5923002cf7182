"""Every metric against the truth: an invented world, loaded the hard way, figure by figure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from etl.demo.world import MARKER
from queries import catalogue
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.truth import adoption, details, filtered, held, money, statement
from tests.truth.asked import Asked, month_after
from tests.truth.conftest import Loaded
from tests.truth.uses import SPECIAL, Truth

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

TRUTHS: dict[str, Callable[[Truth, Asked], adoption.Rows]] = {
    **{f"adoption/{f.__name__}": f for f in (
        adoption.active_daily, adoption.active_period, adoption.active_by_model, adoption.active_by_channel,
        adoption.active_by_role, adoption.adoption, adoption.funnel, adoption.habitual, adoption.lifecycle_weekly,
        adoption.retention_weekly, adoption.active_days_28, adoption.usage_hours, adoption.satisfaction,
    )},
    **{f"cost/{f.__name__}": f for f in (
        money.by_unit, money.children, money.daily, money.monthly, money.by_model, money.by_provider, money.invoiced,
    )},
    **{f"models/{f.__name__}": f for f in (
        money.usage, money.share_daily, money.share_weekly, details.errors, details.latency, details.policy,
        details.satisfaction, details.list_cost,
    )},
    **{f"cost/{f.__name__}": f for f in (details.by_key, details.budget)},
    "adoption/active_split": filtered.active_split,
    "adoption/adoption_by_role": filtered.adoption_by_role,
    "models/share_monthly": filtered.share_monthly,
    **{f"cost/{f.__name__}": f for f in (filtered.anomalies, filtered.anomaly_parts)},
    "adoption/targets": details.targets,
    "invoices/statement_usage": statement.statement_usage,
    "reference/annotations": details.annotations,
    "reference/prices": details.prices,
    **{f"plans/{f.__name__}": f for f in (money.person_costs, money.comparison)},
    "overview/summary": money.summary,
    **{f"data/{f.__name__}": f for f in (held.source_days, held.coverage, held.unmapped)},
    **{f"reference/{f.__name__}": f for f in (held.calendar, held.dates, held.models, held.units, held.rates)},
}  # fmt: skip
EXEMPT = {
    "data/runs": "how often the test itself ran the jobs",
    "data/sources": "when the test itself ran the jobs",
    "data/checks": "no figure of the world; the checks have tests of their own",
    "data/notes": "what a version of a source lacks; tested with each source",
    "data/documents": "when files were seen; tested with the invoices",
    "self/usage": "one person's rows; tests/etl/test_sign_in.py adds them up to all use",
    "invoices/reconciliation": "each cause is planted and found in tests/etl/test_reconciliation.py",
    "invoices/register": "documents as they were read; golden case, and the ledger's own tests",
    "invoices/credits": "the invented world buys no credits; golden case, and tests/etl/test_reconciliation.py",
    "invoices/months": "the ledger by month; golden case, and test_what_is_charged_is_what_the_ledger_holds",
    "invoices/allocation": "the ledger row by row; the ledger's own tests add it up to the invoices",
    "invoices/focus": "the ledger in other columns; tests/queries/test_focus.py adds it up to cost/statement",
    "data/orders": "what people asked for; tested with the inbox",
    "reference/roles": "names, no figure; the golden case has them all",
    "reference/settings": "the configuration as it is",
    "cost/allocated": "sums of the ledger, which tests/etl/test_ledger.py makes by hand and for any story",
    "cost/statement": "sums of the ledger, as cost/allocated",
    "invoices/closes": "who closed a month when; tests/etl/test_ledger.py",
    "plans/plans": "plans.csv as it is; what is read from it is tested with the file and at publication",
    **dict.fromkeys(
        ("plans/seat_funnel", "plans/seat_idle", "plans/seat_overlap", "plans/seat_reclaim", "plans/seat_twice"),
        "each month is its last report, a state and no sum of events: golden cases, and from file to snapshot every"
        " boundary in tests/etl/test_load_seats.py; the demo's reports in tests/truth/test_demo_seats.py",
    ),
}


def periods(world: Loaded) -> dict[str, tuple[date, date]]:
    """Name and [start, end) of the periods compared."""
    first, last = world.world.first_day, world.world.last_day
    month = last.replace(day=1) - timedelta(1)
    clocks = date(2026, 10, 25) if last.month == 11 else date(2026, 3, 29)
    return {
        "a day": (clocks - timedelta(17), clocks - timedelta(16)),
        "the day the clocks change": (clocks, clocks + timedelta(1)),
        "a month": (month.replace(day=1), month + timedelta(1)),
        "a month that is not over": (last.replace(day=1), last + timedelta(1)),
        "weeks cut at both ends": (clocks - timedelta(17), clocks + timedelta(3)),
        "everything": (first, last + timedelta(1)),
        "everything and what is to come": (first - timedelta(40), last + timedelta(11)),
        "nothing": (date(2024, 3, 1), date(2024, 3, 11)),
    }


def test_every_metric_has_a_truth_or_a_reason_why_not() -> None:
    names = set(catalogue.catalogue())
    assert names - set(TRUTHS) - set(EXEMPT) == set(), "metrics that nothing compares with the truth"
    assert set(TRUTHS) - names == set(), "truths of metrics that are gone"


@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_a_metric_is_true_cell_by_cell_for_every_unit_and_period(loaded: Loaded, name: str) -> None:
    units = (*loaded.world.units, *SPECIAL)
    for period, (start, end) in periods(loaded).items():
        for parent in ("UK", "MFF") if name == "cost/children" else ("UK",):
            asked = Asked(start, end, units, parent)
            if name.startswith("plans/"):  # these are asked for whole months
                asked = replace(asked, start=start.replace(day=1), end=month_after(end - timedelta(1)))
            difference = differences(loaded, name, asked)
            assert not difference, f"{name}, {period} [{start}, {end}): {len(difference)} rows\n" + "\n".join(
                difference[:12]
            )


def differences(loaded: Loaded, name: str, asked: Asked) -> list[str]:
    """Rows that only the product gives (-) or only the truth (+)."""
    query = catalogue.query(name)
    values = asked.values({p.name for p in query.params})
    given = [tuple(row.values()) for row in loaded.snapshot.rows(query.sql, values).to_pylist()]
    true = TRUTHS[name](loaded.truth, asked)
    ours, theirs = [_comparable(r) for r in given], [_comparable(r) for r in true]
    found = [(r, "-") for r in _without(ours, theirs)] + [(r, "+") for r in _without(theirs, ours)]
    return [f"{sign} {row}" for row, sign in sorted(found, key=lambda f: (str(f[0][:2]), f[1]))]


def _without(some: list[tuple[object, ...]], others: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    left = list(others)
    found = []
    for row in some:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found


def _comparable(row: tuple[object, ...]) -> tuple[object, ...]:
    """Decimals exactly; shares, which are floats on both sides, to 12 digits."""
    return tuple(
        float(f"{v:.12g}") if isinstance(v, float) else v.normalize() + 0 if isinstance(v, Decimal) else v for v in row
    )


def test_the_world_is_as_rich_as_the_comparison_needs(loaded: Loaded) -> None:
    world, truth = loaded.world, loaded.truth
    ways = {r.way for r in world.requests}
    assert ways == {"chat", "task", "embedding", "own_key", "team_key", "service", "master", "bad_key", "health"}
    assert any(r.is_hit for r in world.requests)
    assert any(r.requested != r.model for r in world.requests)
    assert any(r.error and r.spent_pico for r in world.requests)
    assert any(t.is_clone for t in world.turns)
    assert any(t.chat in world.deleted_chats and not truth.is_gateway_model(t.model, t.at.date()) for t in world.turns)
    assert any(
        u.person is not None
        and u.payer is not None
        and u.payer not in dict(h[:2] for h in truth.homes(u.person, u.day))
        for u in truth.uses
    )
    assert any(t.usage is None and not t.is_error for t in world.turns)
    assert any(c.unit in SPECIAL and c.user_requests for c in truth.cells)
    assert {len(p.homes) for p in world.persons} == {0, 1, 2}
    assert any(truth.first_active.get(p.number) for p in world.persons if p.is_deleted)


def test_no_content_address_or_name_is_in_a_file_or_a_log(loaded: Loaded) -> None:
    secrets = {MARKER, "192.0.2.7"}
    for person in loaded.world.persons:
        secrets |= {person.name, person.email, person.email_at_gateway, person.email.split("@")[0]}
        secrets |= {person.chat_account, person.gateway_account or MARKER}
    files = [f for f in (loaded.folder / "var").iterdir() if f.is_file()]
    assert {f.suffix for f in files} >= {".duckdb"}
    for file in files:
        held_bytes = file.read_bytes()
        assert [s for s in secrets if s.encode() in held_bytes] == [], file.name
    assert "gateway:litellm" in loaded.log
    assert [s for s in secrets if s in loaded.log] == []


def test_a_reader_hides_what_fewer_than_five_persons_are_behind(loaded: Loaded) -> None:
    units = (*loaded.world.units, *SPECIAL)
    first, last = loaded.world.first_day, loaded.world.last_day
    asked = Asked(first, last + timedelta(1), units)
    reader = Reader(Warehouse(loaded.folder / "var"))
    answer = reader.run("adoption/active_period", Scope(("UK",), "rse"), units=units, start=asked.start, end=asked.end)
    true = dict(adoption.active_period(loaded.truth, asked))
    shown = {row["unit"]: row["active_persons"] for row in answer.rows.to_pylist()}
    assert shown.keys() == true.keys()
    assert any(v is None for v in shown.values())
    for unit, count in shown.items():
        assert count is None or abs(count - true[unit]) < 5
        assert count is None or count % 5 == 0 or (unit == "UK" and count == true[unit] >= 100)
