"""Changing the key: every pseudonym changes, every person and figure stays, and a load finds them again."""

import re
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from etl import rekey as rekeying
from etl.errors import ConfigError
from etl.identity import Pseudonyms
from etl.person import find, forget
from etl.rekey import COLUMNS, rekey
from etl.retention import fold
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.tables import ACCOUNT, CHAT_TURN
from queries.errors import WarehouseError
from queries.keyed import forgotten_mark, pseudonym
from tests.etl.builders import turn
from tests.etl.test_person import ANN, BOB, TOTALS, World, rows
from tests.etl.test_retention import kept_for

OLD, NEW = "o" * 40, "n" * 40
DOMAINS = frozenset({"cuni.cz"})
FACTS = "select source, started_at, model, workspace_model, account_no from fact_chat_turn order by all"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path, Pseudonyms(OLD, DOMAINS))
    monkeypatch.setenv("SANDBOX_SECRET", OLD)
    monkeypatch.setenv("FURTHER", NEW)
    monkeypatch.setattr(rekeying, "Runner", lambda settings: Runner(settings, known=[]))
    return made


def changed(world: World) -> World:
    """The key is changed; the same sources, read under the new secret."""
    settings = Settings(storage=Storage(folder=world.folder / "var"), base=world.folder)
    assert "now set SANDBOX_SECRET to the old and the new secret" in rekey(settings, "SANDBOX_SECRET", "FURTHER")
    return World(world.folder, Pseudonyms(f"{OLD} {NEW}", DOMAINS))


def held(runner: Runner) -> set[str]:
    """Everything in the build that looks like a pseudonym."""
    columns = rows(
        runner,
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' "
        "and database_name = 'build' and schema_name in ('main', 'ops')",
    )
    found = {v for table, column in columns for (v,) in rows(runner, f"select distinct {column} from {table}") if v}
    return {v for v in found if re.fullmatch("[0-9a-f]{32}", v)}


def test_a_change_of_key_leaves_no_old_pseudonym_and_every_figure(world: World) -> None:
    with closing(world.runner()) as runner:
        before, old, turns = rows(runner, TOTALS), held(runner), rows(runner, FACTS)
        runner.build.connection.execute("insert into service_account values (?, 'user', 'bot', 'MFF')", ["a" * 32])
        persons = rows(runner, "select person_no, bit_no from person order by all")
    fresh = changed(world)
    with closing(fresh.runner()) as runner:
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 11, 25))
        assert held(runner) & (old | {"a" * 32}) == set()
        assert rows(runner, TOTALS) == before
        assert rows(runner, FACTS) == turns
        assert rows(runner, "select person_no, bit_no from person order by all") == persons
        assert find(runner, ANN).person_no is not None


def test_who_was_forgotten_before_the_change_stays_forgotten_after_it(world: World) -> None:
    with closing(world.runner()) as runner:
        forget(runner, find(runner, ANN))
        before = rows(runner, TOTALS)
    fresh = changed(world)
    with closing(fresh.runner()) as runner:
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 11, 25))
        assert str(fresh.pseudonyms.key(ANN)) not in held(runner)
        assert str(fresh.pseudonyms.key(BOB)) in held(runner)
        assert rows(runner, TOTALS) == before


def again(world: World, secret: str) -> Runner:
    """The build of the world under a secret, without any source."""
    settings = Settings(storage=Storage(folder=world.folder / "var"), base=world.folder)
    return Runner(settings, known=[], pseudonyms=Pseudonyms(secret, DOMAINS))


def test_the_same_change_twice_changes_once_and_another_secret_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(world.runner()) as runner:
        persons = rows(runner, "select count(*) from person")
    settings = Settings(storage=Storage(folder=world.folder / "var"), base=world.folder)
    with monkeypatch.context() as broken:
        broken.setattr("etl.unfinished.rewritten", _without_room)
        with pytest.raises(WarehouseError, match="may still hold what was removed from it: no room"):
            rekey(settings, "SANDBOX_SECRET", "FURTHER")
    assert "0 pseudonyms were changed" in rekey(settings, "SANDBOX_SECRET", "FURTHER")
    for wrong in (OLD, NEW, f"{OLD} {NEW} {'x' * 40}"):
        with pytest.raises(ConfigError, match="kept under another secret"):
            again(world, wrong)
    with closing(World(world.folder, Pseudonyms(f"{OLD} {NEW}", DOMAINS)).runner()) as runner:
        assert rows(runner, "select count(*) from person") == persons
        assert rows(runner, "select 1 from ops.setting where key = 'rewriting_wanted'") == []


def _without_room(folder: Path) -> None:
    raise OSError("no room")


def test_who_is_forgotten_after_the_change_stays_forgotten_by_every_account(world: World) -> None:
    with closing(world.runner()):
        pass
    fresh = changed(world)
    with closing(again(fresh, f"{OLD} {NEW}")) as runner:
        person = find(runner, ANN)
        forget(runner, person)
    fresh.gateway[ACCOUNT] = fresh.gateway[ACCOUNT][1:]  # the account is deleted in the source, what it did is not
    with closing(fresh.runner()) as runner:
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 11, 25))
        assert held(runner) & set(person.keys) == set()


def test_the_old_secret_alone_no_longer_tells_who_asked_to_be_forgotten(world: World) -> None:
    with closing(world.runner()) as runner:
        forget(runner, find(runner, ANN))
        marks = set(rows(runner, "select mark from ops.forgotten"))
    leaked = forgotten_mark(OLD.encode(), pseudonym(OLD.encode(), ANN))
    assert (leaked,) in marks
    with closing(again(changed(world), f"{OLD} {NEW}")) as runner:
        assert marks & set(rows(runner, "select mark from ops.forgotten")) == set()


def test_an_account_of_nobody_with_a_name_of_32_characters_keeps_its_unit(world: World) -> None:
    name = f"forgotten MFF {'r' * 9} 1.000000"
    assert len(name) == 32
    world.homes = [{**h, "role": "r" * 9} for h in world.homes]
    with closing(world.runner()) as runner:
        forget(runner, find(runner, BOB))
        assert rows(runner, f"select count(*) from account where account_key = '{name}'") == [(1,)]
        before = rows(runner, TOTALS)
    with closing(again(changed(world), f"{OLD} {NEW}")) as runner:
        with runner.build.transaction():
            runner.loader.resolve()
            runner.loader.rebuild()
        assert rows(runner, TOTALS) == before
        assert rows(runner, f"select count(*) from account where account_key = '{name}'") == [(1,)]


def test_turns_of_folded_days_are_known_again_after_the_change(world: World) -> None:
    alike = [turn(f"{who}{n}", "2026-10-06 11:00", account_key=world.pseudonyms.key(who)) for who in (BOB, "c")
             for n in range(2)]  # fmt: skip
    world.chat[CHAT_TURN] += alike
    with closing(world.runner()) as runner:
        before, turns = rows(runner, TOTALS), rows(runner, "select count(*) from fact_chat_turn")
        assert fold(kept_for(runner, 0)) > 0
        assert rows(runner, "select count(*) from account where account_key like 'forgotten%'") > [(0,)]
    fresh = changed(world)
    fresh.chat[CHAT_TURN] += [{**t, "account_key": fresh.pseudonyms.key(who)} for t, who in
                              zip(alike, (BOB, BOB, "c", "c"), strict=True)]  # fmt: skip
    with closing(fresh.runner()) as runner:
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 11, 25))
        assert rows(runner, "select count(*) from fact_chat_turn") == turns
        assert rows(runner, TOTALS) == before


def test_a_pseudonym_under_two_secrets_is_the_second_of_the_first() -> None:
    first = pseudonym(OLD.encode(), ANN)
    assert pseudonym(f"{OLD} {NEW}".encode(), ANN) == pseudonym(NEW.encode(), first)
    assert Pseudonyms(f"{OLD} {NEW}").key(ANN) != Pseudonyms(OLD).key(ANN)


def test_a_wrong_old_or_a_short_new_secret_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(storage=Storage(folder=world.folder / "var"), base=world.folder)
    with pytest.raises(ConfigError, match="FURTHER is not the secret in SANDBOX_SECRET"):
        rekey(settings, "FURTHER", "SANDBOX_SECRET")
    monkeypatch.setenv("SHORT", "x")
    with pytest.raises(ConfigError, match="SHORT must be a new secret of at least 32"):
        rekey(settings, "SANDBOX_SECRET", "SHORT")


def test_every_column_of_pseudonyms_is_known(world: World) -> None:
    """A new column named like a key must be changed with the others, or be one that never holds a pseudonym."""
    with closing(world.runner()) as runner:
        named = rows(
            runner,
            "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and database_name = "
            "'build' and schema_name = 'main' and (column_name like '%\\_key' escape '\\')",
        )
    known = {(table, column) for table, columns in COLUMNS.items() for column in columns}
    assert set(named) - known == {("forgotten_home", "account_key")}
