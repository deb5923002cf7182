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
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from queries.keyed import pseudonym
from tests.etl.test_person import ANN, BOB, TOTALS, World, rows

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
