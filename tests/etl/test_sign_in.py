"""Self-service: a sign-in finds its person by a mark, and everybody's own months add up to all use of persons."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from queries.dashboard_settings import Dashboard
from queries.errors import ScopeError
from queries.keyed import normalised, pseudonym, sign_in_mark
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.conftest import TEST_SECRET
from tests.etl.builders import directory, gateway, home, rates, request

NOW = datetime(2026, 11, 23, 12)
SECRET = TEST_SECRET.encode()
PERIOD = {"start": date(2026, 1, 1), "end": date(2027, 1, 1)}
Publish = Callable[[bool], Path]


def mark(address: str) -> str:
    """What the dashboard makes of an address that signed in."""
    return sign_in_mark(SECRET, pseudonym(SECRET, normalised(address)))


@pytest.fixture
def publish(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Publish]:
    """A function that loads four requests of Anna and Petr and publishes, with self-service on or off."""
    made: list[Runner] = []
    anna, petr = (str(pseudonyms.key(f"{name}@mff.cuni.cz")) for name in ("anna", "petr"))
    asked = [
        request("r1", "2026-10-30 10:00", user_key=anna),
        request("r2", "2026-11-02 10:00", user_key=anna, metered_usd=Decimal("0.5")),
        request("r3", "2026-10-30 10:00", user_key=anna, status="failure", metered_usd=None),
        request("r4", "2026-10-30 10:00", user_key=petr),
    ]
    sources = [("fx", rates()), ("directory", directory(home(anna, "MFF"), home(petr, "FF"))),
               ("gateway", gateway(*asked))]  # fmt: skip

    def run(is_on: bool) -> Path:
        while made:
            made.pop().close()
        on = Dashboard(self_service=is_on)
        settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path, dashboard=on)
        made.append(Runner(settings, Clock(NOW), pseudonyms, [source.job(kind) for kind, source in sources]))
        assert [o.message for o in made[0].run() if o.status != "DONE"] == []
        made[0].publish()
        return tmp_path / "var"

    yield run
    for left in made:
        left.close()


def test_a_sign_in_finds_its_own_use_and_nobody_elses(publish: Publish) -> None:
    reader = Reader(Warehouse(publish(True)))
    anna, petr = (reader.person_of([mark(f"{name}@MFF.cuni.cz")]) for name in ("Anna", "petr"))
    assert anna is not None
    assert petr not in (None, anna)
    assert reader.person_of([mark("nobody@cuni.cz")]) is None
    assert reader.person_of([mark("nobody@cuni.cz"), mark("petr@mff.cuni.cz")]) == petr
    own = reader.run("self/usage", Scope((), "all", anna), **PERIOD).rows.to_pylist()
    assert [(row["month_start"], row["requests"], row["metered_czk"]) for row in own] == [
        (date(2026, 10, 1), 1, Decimal("0.2")),
        (date(2026, 11, 1), 1, Decimal("10")),
    ]


def test_own_months_add_up_to_all_use_of_persons(publish: Publish) -> None:
    (file,) = publish(True).glob("warehouse-*.duckdb")
    sums = "sum(requests), sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens), sum(metered_usd)"
    with duckdb.connect(str(file), read_only=True) as snapshot:
        own = snapshot.sql(f"select {sums} from own_month").fetchall()
        persons = snapshot.sql("select count(*) from sign_in").fetchall()
    assert (own[0], persons[0][0]) == ((3, 45, Decimal("0.52")), 2)


def test_without_self_service_nothing_links_a_sign_in_to_use(publish: Publish) -> None:
    publish(True)
    folder = publish(False)
    reader = Reader(Warehouse(folder))
    assert reader.person_of([mark("anna@mff.cuni.cz")]) is None
    assert reader.run("self/usage", Scope((), "all", 1), **PERIOD).rows.num_rows == 0


def test_own_use_needs_a_person_of_the_scope_and_takes_none_as_parameter(publish: Publish) -> None:
    reader = Reader(Warehouse(publish(True)))
    with pytest.raises(ScopeError, match="needs the access 'self'"):
        reader.run("self/usage", Scope(("UK",), "rse"), **PERIOD)
    with pytest.raises(Exception, match="unknown parameter person"):
        reader.run("self/usage", Scope(("UK",), "rse", 1), person=2, **PERIOD)


def test_a_mark_is_neither_the_pseudonym_nor_made_without_the_secret() -> None:
    key = pseudonym(SECRET, "anna@mff.cuni.cz")
    other = sign_in_mark(b"x" * 32, key)
    assert len({key, other, sign_in_mark(SECRET, key)}) == 3
