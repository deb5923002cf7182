"""Invoices are loaded document by document: a bad one leaves the others alone, a replaced one replaces its lines."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from etl.identity import Pseudonyms
from etl.sources.base import Window
from etl.tables import Table
from tests.etl.invoice_world import World, costs


@pytest.fixture
def world(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[World]:
    made = World(tmp_path, pseudonyms)
    yield made
    made.runner.close()


def test_a_document_that_can_not_be_read_leaves_the_others_alone_and_says_why(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.put("b.csv", costs("many"))
    world.put("c.csv", costs("300"))
    outcome = world.run()
    assert outcome.status == "FAILED"
    assert "b.csv" in outcome.message
    assert "many" in outcome.message
    assert world.lines() == [("a.csv", 100), ("c.csv", 300)]
    assert world.documents() == [("a.csv", True), ("b.csv", False), ("c.csv", True)]


def test_a_document_that_was_mended_is_loaded_and_its_error_forgotten(world: World) -> None:
    world.put("b.csv", costs("many"))
    world.run()
    world.put("b.csv", costs("200"))
    assert world.run().status == "DONE"
    assert world.lines() == [("b.csv", 200)]
    assert world.documents() == [("b.csv", True)]


def test_the_same_bytes_again_change_nothing(world: World) -> None:
    world.put("a.csv", costs("100"))
    assert world.run().rows_read == 1
    assert world.run().rows_read == 0
    world.put("copy.csv", costs("100"))
    assert world.run().rows_read == 0
    assert world.lines() == [("a.csv", 100)]


def test_a_document_replaced_under_its_name_replaces_its_lines(world: World) -> None:
    world.put("2026/a.csv", costs("100"))
    world.run()
    world.put("2026/a.csv", costs("150"))
    world.run()
    assert world.lines() == [("2026/a.csv", 150)]
    assert world.documents() == [("2026/a.csv", True)]


def test_a_document_replaced_by_one_that_can_not_be_read_stays_until_it_can(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.run()
    world.put("a.csv", costs("many"))
    assert world.run().status == "FAILED"
    assert world.lines() == [("a.csv", 100)]
    assert world.run().status == "FAILED"
    assert world.lines() == [("a.csv", 100)]
    world.put("a.csv", costs("150"))
    assert world.run().status == "DONE"
    assert world.lines() == [("a.csv", 150)]


def test_a_document_the_folder_has_lost_stays_though_another_folder_has_one_of_its_name(world: World) -> None:
    world.put("2025/costs.csv", costs("100"))
    world.run()
    (world.folder / "2025" / "costs.csv").unlink()
    world.put("2026/costs.csv", costs("200"))
    world.run()
    assert world.lines() == [("2025/costs.csv", 100), ("2026/costs.csv", 200)]


def test_a_document_overwritten_with_one_loaded_already_counts_once(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.put("b.csv", costs("200"))
    world.run()
    world.put("a.csv", costs("200"))
    world.run()
    assert world.lines() == [("b.csv", 200)]


def test_a_renamed_document_is_not_loaded_twice(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.run()
    (world.folder / "a.csv").rename(world.folder / "b.csv")
    world.put("a.csv", costs("200"))
    world.run()
    assert [cost for _, cost in world.lines()] == [100, 200]


def test_a_missing_folder_has_no_documents(world: World) -> None:
    world.folder.rmdir()
    assert world.run().status == "DONE"
    assert world.lines() == []


def test_an_api_is_asked_for_everything_once_and_then_for_what_may_have_been_revised(world: World) -> None:
    world.api.charges = {1: "10", 30: "20"}
    assert world.run("openai_costs").rows_read == 2
    assert world.run("openai_costs").status == "DONE"
    assert [w.since for w in world.api.asked] == [None, datetime(2026, 11, 24)]
    assert {w.end for w in world.api.asked} == {datetime(2026, 11, 24)}
    assert [cost for _, cost in world.lines()] == [10, 20]


def test_what_an_api_revised_replaces_the_days_asked_and_leaves_the_older_ones(world: World) -> None:
    world.api.charges = {1: "10", 25: "15", 30: "20"}
    world.run("openai_costs")
    world.api.charges = {30: "22"}  # asked from 20 October on: 35 days before the end of the last run
    world.run("openai_costs")
    assert [cost for _, cost in world.lines()] == [10, 22]


def test_an_api_that_fails_midway_leaves_what_was_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.api.charges = {1: "10"}
    world.run("openai_costs")
    real = world.api.extract

    def cut(table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        yield from real(table, window)
        raise OSError("connection lost")

    monkeypatch.setattr(world.api, "extract", cut)
    assert world.run("openai_costs").status == "FAILED"
    assert [cost for _, cost in world.lines()] == [10]
