"""Whoever sees less is told nothing else: each answer to a role is a part of the answer to who may see everything.

What somebody who asks everything can't find (test_small_groups_amounts.py, test_small_groups_adoption.py), nobody else
can: a faculty, the management, finances and the public page hold some of the same equations.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from queries.catalogue import Query, catalogue
from queries.reader import Answer, Reader, Scope
from queries.warehouse import Warehouse
from tests.queries.attacked_amounts import DAYS, _charged, published, spent
from tests.queries.attacked_world import MONTH, university
from tests.queries.attacked_world import published as with_people

FIRST, AFTER = date(2026, 8, 31), date(2026, 11, 23)
PARAMS: dict[str, Any] = {
    "start": FIRST, "end": AFTER, "day": DAYS[-1], "parent": "F0", "split": "role", "channel": "api", "members":
    ["student", "staff"], "chosen": [d.isoformat() for d in DAYS], "on_days": [DAYS[-1].isoformat()], "seat_czk": 400,
}  # fmt: skip
NUMBERED = {"invoices/focus"}  # its rows are numbered anew in each answer
WORLDS = ("amounts", "people")


@pytest.fixture(scope="module", params=WORLDS)
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "amounts":
        return Reader(Warehouse(published(folder, spent(3, 40))))
    return Reader(Warehouse(with_people(folder, university(10, 60), "key 10")))


def asked(reader: Reader, metric: Query, scope: Scope, units: list[str]) -> Answer:
    params = {p.name: PARAMS[p.name] for p in metric.params if p.name in PARAMS}
    return reader.run(metric.name, scope, units=units, **params)


def lines(answer: Answer, units: set[str]) -> list[list[tuple[str, Any]]]:
    """Each row of these units, with what is hidden marked."""
    return [
        [(name, "hidden" if (place, name) in answer.hidden else value) for name, value in row.items()]
        for place, row in enumerate(answer.rows.to_pylist())
        if row.get("unit", "F0") in units
    ]


@pytest.mark.parametrize("access", ["faculty", "university"])
def test_a_narrower_role_is_told_what_the_widest_is_told_of_its_units(reader: Reader, access: str) -> None:
    listed = reader.run("reference/units", Scope((), "all")).rows.to_pylist()
    every = [row["unit"] for row in listed]
    own = {unit for unit in every if unit.startswith("F0")} if access == "faculty" else set(every)
    scope, compared = Scope(("F0" if access == "faculty" else "UK",), access), 0
    for metric in catalogue().values():
        if metric.name in NUMBERED or metric.access == "self" or not scope.allows(metric.access):
            continue
        told, widest = (asked(reader, metric, one, every) for one in (scope, Scope(("UK",), "rse")))
        assert lines(told, own) == lines(widest, own), metric.name
        compared += told.rows.num_rows > 0
    assert compared > 15


def test_what_a_plan_leaves_of_the_seats_bought_tells_no_holder(tmp_path: Path) -> None:
    folder = with_people(tmp_path, university(10, 60), "key 10")
    seats = Reader(Warehouse(folder)).run(
        "plans/seat_funnel", Scope(("UK",), "rse"), units=["UK"], start=MONTH, end=AFTER
    )
    (row,) = seats.rows.to_pylist()
    assert row["assigned"] % 5 == 0
    assert row["bought"] - row["unassigned"] == row["assigned"]
    assert row["unassigned_czk"] == row["unassigned"] * row["seat_czk"]


def test_a_bill_by_model_adds_up_and_names_no_model_of_a_few_persons(tmp_path: Path) -> None:
    world = spent(3, 40)
    reader = Reader(Warehouse(published(tmp_path, world)))
    few = {
        (unit, model)
        for unit in world.made.parents
        for model in "abcdefgh"
        if 0 < len({u.person for u in world.uses if u.unit == unit and u.model == model} - {None}) < 5
    }
    period: dict[str, Any] = {"start": FIRST, "end": AFTER, "units": list(world.made.parents)}
    rows = reader.run("invoices/allocation", Scope(("UK",), "rse"), **period).rows.to_pylist()
    named = {(r["paying_unit"], r["model"]) for r in rows if r["model"] is not None}
    assert few
    assert named
    assert {(unit, model) for unit, model in few & named if model != "h"} == set()  # h is banned and shown
    assert {(r["line_no"], r["share"]) for r in rows if r["model"] is None} == {(None, None)}
    whole = [r for r in rows if r["unit"] == "UK"]
    assert sum(r["net_czk"] for r in whole) == sum(r["net_czk"] for r in _charged(world))  # type: ignore[misc]
    keys = ("month_start", "provider", "document_name", "service_name", "paying_unit")
    assert len({tuple(r[k] for k in keys) for r in whole if r["model"] is None}) == sum(
        r["model"] is None for r in whole
    )
    assert Decimal(0) not in {r["net_czk"] for r in whole}
