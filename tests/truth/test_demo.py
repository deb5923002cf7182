"""The demo's systems have the shape of real ones, and its figures those of a university."""

import gzip
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, date
from pathlib import Path

import pytest

from etl.demo import chat, gateway
from etl.demo.simulation import make_world
from etl.demo.world import PICO, World

LAST_DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    """A fifth of the demo's persons, over the demo's time."""
    return make_world(persons=500, days=457, last_day=LAST_DAY, seed=1)


def columns_created(text: str) -> dict[str, list[str]]:
    """{table: its columns in order} of CREATE TABLE statements, one column a line."""
    found = {}
    for table, body in re.findall(
        r'create table (?:public\.)?"?(\w+)"? \(\n(.*?)\n\);', text, re.DOTALL | re.IGNORECASE
    ):
        names = [re.match(r'\s*"?(\w+)"?\s', line) for line in body.splitlines()]
        found[table] = [
            n[1] for n in names if n is not None and n[1].lower() not in ("unique", "primary", "constraint")
        ]
    return found


def test_the_gateway_has_the_columns_of_a_real_one_in_their_order(shared_data: Path) -> None:
    with gzip.open(shared_data / "litellm" / "litellm_real.sql.gz", "rt", encoding="utf-8") as file:
        real = columns_created(file.read())
    ours = columns_created((Path(gateway.__file__).parent / "gateway_schema.sql").read_text("utf-8"))
    assert len(ours) == 7
    assert ours["LiteLLM_SpendLogs"] == real["LiteLLM_SpendLogs"]
    for table, columns in ours.items():
        assert columns == [c for c in real[table] if c in columns], table


def test_the_chat_ui_has_the_columns_of_a_real_one_in_their_order(shared_data: Path) -> None:
    real_file = shared_data / "openwebui" / "webui_real.db"
    uri = f"file:{real_file}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as real, closing(sqlite3.connect(":memory:")) as ours:
        chat.make_tables(ours)
        tables = [t for (t,) in ours.execute("select name from sqlite_master where type = 'table' order by name")]
        assert tables == ["chat", "chat_message", "feedback", "group", "group_member", "model", "user"]
        for table in tables:
            described = f"select name, lower(type) from pragma_table_info('{table}') order by cid"
            assert ours.execute(described).fetchall() == real.execute(described).fetchall(), table


def test_the_same_arguments_give_the_same_world_and_another_seed_another() -> None:
    one, same, other = (make_world(persons=30, days=20, last_day=LAST_DAY, seed=s) for s in (7, 7, 8))
    assert one == same
    assert one.requests != other.requests


def test_use_grows_sleeps_at_weekends_and_rests_in_summer(world: World) -> None:
    active: dict[str, set[int]] = {}
    for r in world.requests:
        if r.way == "chat" and r.person is not None:
            active.setdefault(f"{r.at:%Y-%m}", set()).add(r.person)
    assert len(active["2026-10"]) > 2 * len(active["2025-10"])
    assert len(active["2026-08"]) < len(active["2026-05"])
    days = Counter(r.at.weekday() for r in world.requests if r.way == "chat")
    assert days[5] < days[1] / 2


def test_few_persons_do_most_and_most_do_little(world: World) -> None:
    counts = sorted(Counter(r.person for r in world.requests if r.way in ("chat", "own_key")).values(), reverse=True)
    assert sum(counts[: len(counts) // 10]) > 0.4 * sum(counts)
    assert counts[len(counts) // 2] < sum(counts) / len(counts)


def test_invoices_are_near_what_was_metered(world: World) -> None:
    metered = sum(r.spent_pico for r in world.requests if r.model.startswith("claude"))
    billed = sum(b.amount for b in world.bills if b.provider == "anthropic")
    assert 0.95 < float(billed) / (metered / PICO) < 1.1


def test_nothing_happens_before_the_first_or_after_the_last_day(world: World) -> None:
    moments = [*(r.at for r in world.requests), *(t.at for t in world.turns), *(r.at for r in world.ratings)]
    local = {m.replace(tzinfo=UTC).astimezone(world.zone).date() for m in (min(moments), max(moments))}
    assert world.first_day <= min(local)
    assert max(local) <= world.last_day
