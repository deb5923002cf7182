"""A person's rights: everything held is handed over, forgetting leaves every total and comes back with no load."""

import json
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from etl.errors import PersonError
from etl.identity import Pseudonyms
from etl.load import Clock
from etl.person import asked_address, exported, find, forget
from etl.retention import fold
from etl.run import Runner
from etl.sections import Retention, Storage
from etl.settings import Settings
from etl.tables import ACCOUNT, API_KEY, CHAT_TURN, GROUP_MEMBER, RATING, REQUEST
from etl.unfinished import are_snapshots_unwanted, rewritten, with_rewriting
from queries.errors import WarehouseError
from tests.etl.builders import MemorySource, Row, directory, home, rates, request, turn

NOW = datetime(2026, 11, 23, 12)
ANN, BOB = "ann@cuni.cz", "bob@cuni.cz"
TOTALS = """
select day, unit, model, channel, status, is_service, sum(requests), sum(user_requests), sum(input_tokens),
    sum(metered_usd), sum(metered_czk)
from usage_daily
group by all
order by all
"""


class World:
    """Ann and Bob with accounts, keys, chats and ratings. Ann moved in October and has had two homes since."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms) -> None:
        self.folder, self.pseudonyms = folder, pseudonyms
        key = pseudonyms.key
        ann, bob, login = key(ANN), key(BOB), key("ann-id")
        asked = [
            request(f"{who}{month}{n}", f"2026-{month}-0{n} 10:00", user_key=user, metered_usd=Decimal("3e-12"))
            for who, user in (("a", login), ("b", bob)) for month in ("09", "10") for n in range(1, 4)
        ]  # fmt: skip
        asked.append(request("own", "2026-10-05 09:00", user_key=None, api_key_key="k1", team_id=None))
        self.gateway: dict[Any, list[Row]] = {
            REQUEST: asked,
            ACCOUNT: [_account(login, ann), _account(bob, bob)],
            API_KEY: [_row(API_KEY, api_key_key="k1", owner_key=login, is_chat_ui=False, is_deleted=False)],
        }
        self.chat: dict[Any, list[Row]] = {
            CHAT_TURN: [turn(f"m{n}", f"2026-10-0{n} 11:00", account_key=login) for n in range(1, 5)],
            RATING: [_rating("r1", "2026-10-02 12:00", login), _rating("r2", "2026-10-02 12:00", bob)],
            GROUP_MEMBER: [_row(GROUP_MEMBER, account_key=login, group_name="fac:MFF")],
        }
        self.homes = [
            home(str(ann), "FF", start="2026-01-01", end="2026-10-01"),
            home(str(ann), "FF", "0.3", start="2026-10-01"), home(str(ann), "MFF", "0.7", start="2026-10-01"),
            home(str(bob), "MFF"),
        ]  # fmt: skip

    def runner(self, now: datetime = NOW) -> Runner:
        settings = Settings(storage=Storage(folder=self.folder / "var"), base=self.folder)
        sources = [
            ("fx", rates()), ("directory", directory(*self.homes)),
            ("gateway", MemorySource("litellm", self.gateway)), ("chat", MemorySource("openwebui", self.chat)),
        ]  # fmt: skip
        runner = Runner(settings, Clock(now), self.pseudonyms, [source.job(kind) for kind, source in sources])
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        return runner


def _row(table: Any, **values: Any) -> Row:
    return dict.fromkeys(table.schema.names) | values


def _account(key: str | None, person: str | None) -> Row:
    return _row(ACCOUNT, account_key=key, person_key=person, email_domain="cuni.cz", role="user", is_pending=False)


def _rating(number: str, at: str, who: str | None) -> Row:
    return _row(RATING, rating_id=number, rated_at=datetime.fromisoformat(at), account_key=who, model="m", rating=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, Pseudonyms("s" * 40, frozenset({"cuni.cz"})))


def rows(runner: Runner, text: str) -> list[tuple[Any, ...]]:
    return runner.build.connection.execute(text).fetchall()


def traces(runner: Runner, keys: set[str]) -> list[tuple[str, str]]:
    """Tables and columns of the build in which one of the keys stands."""
    columns = rows(
        runner,
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' "
        "and database_name = 'build' and schema_name in ('main', 'ops')",
    )
    run = runner.build.connection.execute
    found = []
    for table, column in columns:
        text = f"select 1 from {table} where {column} in (select unnest($keys)) limit 1"
        if run(text, {"keys": sorted(keys)}).fetchone():
            found.append((table, column))
    return found


def test_an_export_holds_every_table_with_something_of_the_person_and_nothing_of_others(world: World) -> None:
    with closing(world.runner()) as runner:
        held = json.loads(exported(runner, find(runner, "  Ann@CUNI.cz ")))
        others = {str(world.pseudonyms.key(BOB))}
        text = json.dumps(held)
    assert {"main.fact_request", "main.fact_chat_turn", "main.fact_rating", "main.usage_daily", "main.person_daily",
            "main.account", "main.person_unit", "main.home_unit", "main.api_key", "main.source_account",
            "main.group_membership", "main.person"} <= set(held)  # fmt: skip
    assert len(held["main.fact_request"]) == 7
    assert len(held["main.fact_chat_turn"]) == 4
    assert not [key for key in others if key in text]
    assert "@" not in text


def test_forgetting_keeps_every_total_of_every_unit_and_leaves_no_key(world: World) -> None:
    with closing(world.runner()) as runner:
        before, ratings = rows(runner, TOTALS), rows(runner, "select * from rating_daily order by all")
        person = find(runner, ANN)
        keys = set(person.keys)
        assert traces(runner, keys)
        forget(runner, person)
        assert traces(runner, keys) == []
        assert rows(runner, TOTALS) == before
        assert rows(runner, "select * from rating_daily order by all") == ratings
        assert rows(runner, f"select 1 from usage_daily where person_no = {person.person_no}") == []
        with pytest.raises(PersonError, match="nothing is held"):
            find(runner, ANN)


def test_a_later_load_does_not_bring_a_forgotten_person_back(world: World) -> None:
    with closing(world.runner()) as runner:
        before = rows(runner, TOTALS)
        person = find(runner, ANN)
        forget(runner, person)
    login = world.pseudonyms.key("ann-id")
    world.chat[CHAT_TURN].append(turn("m9", "2026-11-24 10:00", account_key=login))
    world.gateway[REQUEST].append(request("a9", "2026-11-24 10:00", user_key=login))
    second = world.pseudonyms.key("ann-second-id")
    world.gateway[ACCOUNT].append(_account(second, world.pseudonyms.key(ANN)))
    world.gateway[REQUEST].append(request("a10", "2026-11-24 11:00", user_key=second))
    with closing(world.runner(datetime(2026, 11, 25))) as runner:
        runner.backfill(datetime(2026, 8, 1), datetime(2026, 11, 25))
        assert traces(runner, {*person.keys, str(second)}) == []
        assert [r for r in rows(runner, TOTALS) if r[0] < datetime(2026, 11, 24).date()] == before
        new = [(r[1], r[6]) for r in rows(runner, TOTALS) if r[0] >= datetime(2026, 11, 24).date()]
        assert sum(n for _, n in new) == 3


def test_older_snapshots_go_and_copies_are_named(world: World) -> None:
    with closing(world.runner()) as runner:
        runner.publish()
        folder = world.folder / "var"
        (folder / "backups").mkdir()
        (folder / "backups" / "build.duckdb.1").write_bytes(b"")
        done = forget(runner, find(runner, ANN))
        assert [f.name for f in folder.glob("warehouse-*.duckdb")] == [done.published]
        assert done.backups == (folder / "backups" / "build.duckdb.1",)


def test_a_forgetting_that_broke_off_is_finished_by_the_next_publishing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.folder / "var"
    with closing(world.runner()) as runner:
        old = runner.publish()
        person = find(runner, ANN)

    def full(*_: object, **__: object) -> str:
        raise WarehouseError("disk full")

    with with_rewriting(folder), closing(world.runner()) as runner:
        monkeypatch.setattr(runner.build, "publish", full)
        with pytest.raises(PersonError, match="snapshots still hold them: disk full; mend that and run `etl publish`"):
            forget(runner, person)
        assert are_snapshots_unwanted(runner.build.connection)
    # what could be done is done: the build file holds no trace
    assert [key for key in person.keys if key.encode() in (folder / "build.duckdb").read_bytes()] == []
    assert (folder / old).exists()
    with closing(world.runner()) as runner:
        new = runner.publish()
        assert [f.name for f in folder.glob("warehouse-*.duckdb")] == [new]
        assert not are_snapshots_unwanted(runner.build.connection)


def test_of_folded_days_an_export_tells_the_days_and_forgetting_clears_them(world: World) -> None:
    with closing(world.runner()) as runner:
        runner.settings = runner.settings.model_copy(update={"retention": Retention.model_construct(person_months=0)})
        fold(runner)
        person = find(runner, ANN)
        bit = rows(runner, f"select bit_no from person where person_no = {person.person_no}")[0][0]
        held = json.loads(exported(runner, person))
        days = {row["day"] for row in held["main.active_bits"] if row["member"] == "UK"}
        assert {"2026-09-01", "2026-09-02", "2026-09-03", "2026-10-01"} <= days
        forget(runner, person)
        strings = "(select persons from active_bits union all select persons from active_weeks)"
        old = "day < '2026-10-01' and dimension = 'unit' and member = 'UK'"
        assert rows(runner, f"select bit_count(persons) from active_bits where {old}") == [(1,)] * 3
        assert rows(runner, f"select max(dau) from active_daily where {old}") == [(1,)]
        given = rows(runner, "select bit_no from person where bit_no is not null")
        assert (bit,) not in given
        assert (
            rows(runner, f"select 1 from {strings} where get_bit(persons, {bit}) = 1 or bit_count(persons) = 0") == []
        )
        forget(runner, find(runner, BOB))
        assert rows(runner, "select max(bit_no) from person") == [(None,)]
    world.gateway[REQUEST].append(request("new", "2026-11-22 10:00", user_key="somebody-new"))
    with closing(world.runner()) as runner:
        # the places of the two are free, and yet given to nobody else
        assert rows(runner, "select bit_no from person where person_key = 'somebody-new'") == [(len(given) + 1,)]


def test_two_who_left_the_same_unit_are_one_and_bob_stays_himself(world: World) -> None:
    with closing(world.runner()) as runner:
        forget(runner, find(runner, ANN))
        assert find(runner, BOB).person_no is not None
        forget(runner, find(runner, BOB))
        assert {
            k for (k,) in rows(runner, "select person_key from person where person_key not like 'forgotten%'")
        } == set()


def test_an_address_that_is_unknown_or_none_is_not_repeated(world: World) -> None:
    with closing(world.runner()) as runner:
        for asked in ("nobody@cuni.cz", "Jana Nováková"):
            with pytest.raises(PersonError) as error:
                find(runner, asked)
            assert asked not in str(error.value)


def test_the_rewritten_build_holds_no_byte_of_the_pseudonym_and_goes_on_counting(world: World) -> None:
    with closing(world.runner()) as runner:
        person = find(runner, ANN)
        forget(runner, person)
        before = rows(runner, "select * from usage_daily order by all")
        last = rows(runner, "select max(account_no) from account")[0][0]
    folder = world.folder / "var"
    rewritten(folder)
    for file in (f for f in folder.iterdir() if f.is_file()):
        assert [key for key in person.keys if key.encode() in file.read_bytes()] == [], file.name
    world.gateway[REQUEST].append(request("new", "2026-11-22 10:00", user_key="somebody-new"))
    with closing(world.runner()) as runner:
        (number,) = rows(runner, "select account_no from account where account_key = 'somebody-new'")[0]
        assert number > last
        old = "select * from usage_daily where day < '2026-11-22' order by all"
        assert rows(runner, old) == before


def test_the_address_is_read_from_standard_input_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(" ann@cuni.cz \n"))
    assert asked_address(None) == "ann@cuni.cz"
    assert asked_address("bob@cuni.cz") == "bob@cuni.cz"
