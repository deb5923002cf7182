"""Chat and keys together are everything: every metric that can tell channels apart adds up to what it says of all."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from queries.catalogue import catalogue
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse

SPLIT = [n for n, q in catalogue().items() if any(p.name == "channel" for p in q.params)]
ADDITIVE = {
    "requests", "user_requests", "failures", "billed_tokens", "metered_usd", "metered_czk", "input_tokens", "list_usd",
    "requests_before", "cache_saved_usd",
}  # fmt: skip
PARAMS = {"start": date(2026, 10, 1), "end": date(2026, 11, 1), "parent": "UK"}


@pytest.mark.parametrize("name", SPLIT)
def test_the_channels_add_up_to_all(name: str, synthetic_folder: Path) -> None:
    sums = {channel: _sums(name, channel, synthetic_folder) for channel in ("all", "chat", "api")}
    together: dict[Any, Decimal] = defaultdict(Decimal)
    for channel in ("chat", "api"):
        for key, value in sums[channel].items():
            together[key] += value
    assert {k: v for k, v in together.items() if v} == {k: v for k, v in sums["all"].items() if v}
    assert sum(sums["api"].values()) > 0
    assert sum(sums["chat"].values()) > 0


def _sums(name: str, channel: str, folder: Path) -> dict[Any, Decimal]:
    """{(what does not add up of a row, column): value} of what adds up."""
    asked, warehouse = catalogue()[name], Warehouse(folder)
    with warehouse.snapshot() as snapshot:
        units = sorted(snapshot.units_below(("UK",)))
    params: Any = {p.name: PARAMS[p.name] for p in asked.params if p.name in PARAMS} | {"channel": channel}
    rows = Reader(warehouse).run(name, Scope(("UK",), "rse"), units=units, **params).rows.to_pylist()
    keys = [c.name for c in asked.columns if c.type in ("varchar", "date") and c.name not in ("first_day", "last_day")]
    keys += [c.name for c in asked.columns if c.name in ("weekday", "hour")]
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        for column in ADDITIVE & set(row):
            found[(*(row[k] for k in keys), column)] += Decimal(row[column] or 0)
    return found


@pytest.mark.parametrize(
    "name", [n for n in SPLIT if {"effective_czk", "active_persons"} & {c.name for c in catalogue()[n].columns}]
)
def test_invoices_and_persons_are_unknown_for_one_channel(name: str, synthetic_folder: Path) -> None:
    params: Any = {p.name: PARAMS[p.name] for p in catalogue()[name].params if p.name in PARAMS}
    reader = Reader(Warehouse(synthetic_folder))
    one = reader.run(name, Scope(("UK",), "rse"), units=["UK"], channel="chat", **params).rows.to_pylist()
    assert one
    assert {row.get(column) for row in one for column in ("effective_czk", "active_persons")} == {None}
