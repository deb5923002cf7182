"""The inbox: an order is whole or not there, small, and kept with its outcome."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from queries import inbox
from queries.errors import OrderError
from queries.inbox import Order, Outcome, finish, is_waiting, outcome_of, pending, put

NOW = datetime(2026, 11, 23, 12)


def test_orders_come_out_in_the_order_they_were_placed_in_and_as_they_were(tmp_path: Path) -> None:
    second = put(tmp_path, "annotation", "ann", {"name_cs": "Školení"}, NOW + timedelta(seconds=1))
    first = put(tmp_path, "run", "bob", {"job": "fx"}, NOW)
    assert pending(tmp_path) == [
        Order(first, "run", "bob", NOW, {"job": "fx"}),
        Order(second, "annotation", "ann", NOW + timedelta(seconds=1), {"name_cs": "Školení"}),
    ]


def test_only_their_owner_can_read_an_order_and_its_outcome(tmp_path: Path) -> None:
    order_id = put(tmp_path, "run", "ann", {}, NOW)
    assert (tmp_path / "inbox").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "inbox" / f"{order_id}.json").stat().st_mode & 0o777 == 0o600
    finish(tmp_path, pending(tmp_path)[0], Outcome("DONE", "x"))
    assert (tmp_path / "inbox" / "done" / f"{order_id}.json").stat().st_mode & 0o777 == 0o600


def test_a_finished_order_is_gone_and_its_outcome_known(tmp_path: Path) -> None:
    order_id = put(tmp_path, "run", "ann", {"job": "fx"}, NOW)
    assert (is_waiting(tmp_path, order_id), outcome_of(tmp_path, order_id)) == (True, None)
    finish(tmp_path, pending(tmp_path)[0], Outcome("FAILED", "no answer"))
    assert pending(tmp_path) == []
    assert (is_waiting(tmp_path, order_id), outcome_of(tmp_path, order_id)) == (False, Outcome("FAILED", "no answer"))


def test_what_is_too_large_too_many_or_unknown_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OrderError, match="unknown order 'delete'; known: run, annotation"):
        put(tmp_path, "delete", "ann", {}, NOW)
    with pytest.raises(OrderError, match="at most 32768 are taken"):
        put(tmp_path, "run", "ann", {"job": "x" * 40_000}, NOW)
    monkeypatch.setattr(inbox, "MAX_PENDING", 2)
    for _ in range(2):
        put(tmp_path, "run", "ann", {}, NOW)
    with pytest.raises(OrderError, match="2 orders are waiting already"):
        put(tmp_path, "run", "ann", {}, NOW)
    assert len(pending(tmp_path)) == 2


def test_a_folder_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file", "utf-8")
    with pytest.raises(OrderError, match="can't be written"):
        put(tmp_path, "run", "ann", {}, NOW)


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "run"}', '{"kind": "x", "by": "a", "at": "b", "values": {}}'])
def test_a_file_that_is_no_order_is_put_aside_and_the_others_are_read(tmp_path: Path, text: str) -> None:
    good = put(tmp_path, "run", "ann", {}, NOW)
    bad = "20261123T110000000000Z-000000000000"
    (tmp_path / "inbox" / f"{bad}.json").write_text(text, "utf-8")
    assert [o.id for o in pending(tmp_path)] == [good]
    assert outcome_of(tmp_path, bad) == Outcome("FAILED", "the file is no order")
    assert [o.id for o in pending(tmp_path)] == [good]


def test_an_id_that_is_a_path_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"status": "DONE", "message": "secret"}), "utf-8")
    (tmp_path / "inbox" / "done").mkdir(parents=True)
    assert outcome_of(tmp_path, "../../secret") is None
    assert not is_waiting(tmp_path, "../secret")


def test_a_half_written_order_is_not_seen(tmp_path: Path) -> None:
    put(tmp_path, "run", "ann", {}, NOW)
    (tmp_path / "inbox" / ".20261123T110000000000Z-000000000000.json.abcd").write_text('{"kind"', "utf-8")
    assert len(pending(tmp_path)) == 1
