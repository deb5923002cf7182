"""The ledger from real loads: who used what on a provider's day, published, closed and opened on the command line."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.__main__ import main
from etl.identity import Pseudonyms
from etl.inbox import carry_out
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.spread import days_of
from queries.inbox import Outcome, outcome_of, put
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.conftest import TEST_SECRET
from tests.etl.books import cost
from tests.etl.builders import MemorySource, directory, gateway, home, rates, request

NOW = datetime(2026, 11, 23, 12)
Make = Callable[..., Runner]
HEADER = "provider,description,model,unit,amount,currency,period_start,period_end,is_amortised\n"


@pytest.fixture
def make(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[Make]:
    """A function that makes a Runner over in-memory sources; closed after the test."""
    made: list[Runner] = []

    def runner(*sources: tuple[str, MemorySource]) -> Runner:
        settings = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
        made.append(Runner(settings, Clock(NOW), pseudonyms, [source.job(kind) for kind, source in sources]))
        assert [o.message for o in made[-1].run() if o.status != "DONE"] == []
        return made[-1]

    yield runner
    for left in made:
        left.build.close()


def _bill(runner: Runner, *lines: dict[str, Any]) -> None:
    """Plants a report of OpenAI with these lines."""
    for number, said in enumerate(lines):
        line = {
            "line_id": f"d#{number}", "document_id": "d", "document_name": "d.csv", "provider": "openai",
            "billing_currency": "USD", "charge_category": "Usage", "unit": "UNALLOCATED", "is_amortised": False,
            "effective_cost": said["billed_cost"], "model": "gpt-5.5", **said,
        }  # fmt: skip
        for table, rows in (("fact_invoice_line", [line]), ("fact_invoice_day", days_of(line))):
            for row in rows:
                names, places = ", ".join(row), ", ".join("?" * len(row))
                runner.build.connection.execute(f"insert into {table} ({names}) values ({places})", [*row.values()])


def _period(first: str, end: str) -> dict[str, datetime]:
    return {
        "charge_period_start": datetime.fromisoformat(first),
        "charge_period_end": datetime.fromisoformat(end),
    }


def _units(runner: Runner, month: date) -> dict[str, Decimal]:
    with runner.build.transaction():
        runner.loader.keep_ledger()
    asked = "select unit, sum(net_czk) from allocation where month_start = ? group by unit order by unit"
    return dict(runner.build.connection.execute(asked, [month]).fetchall())


def test_the_hour_that_is_october_in_prague_and_september_at_the_provider_is_septembers(make: Make) -> None:
    # 30 September 22:30 UTC is 1 October 00:30 in Prague; the directory moves ann on 1 October, local
    moved = directory(home("ann", "FF", end="2026-10-01"), home("ann", "MFF", start="2026-10-01"))
    runner = make(
        ("fx", rates()), ("directory", moved),
        ("gateway", gateway(request("1", "2026-09-30 21:30"), request("2", "2026-09-30 22:30"))),
    )  # fmt: skip
    _bill(
        runner, cost("0.02", **_period("2026-09-01", "2026-10-01")), cost("0.02", **_period("2026-10-01", "2026-11-01"))
    )
    # each request cost 0.01 USD: of 0.02 USD billed for September both are the use, one of either unit
    assert _units(runner, date(2026, 9, 1)) == {"FF": Decimal("0.20"), "MFF": Decimal("0.20")}
    assert _units(runner, date(2026, 10, 1)) == {"UNALLOCATED": Decimal("0.40")}


def test_the_day_the_clocks_go_back_is_a_plain_day_of_the_provider(make: Make) -> None:
    # 25 October: 00:30 and 01:30 UTC are both 02:30 in Prague; 23:30 UTC is 26 October there
    uses = {"00:30": "ann", "01:30": "ann", "23:30": "bob"}
    asked = [request(at, f"2026-10-25 {at}", user_key=who) for at, who in uses.items()]
    asked.append(request("before", "2026-10-24 23:30", user_key="bob"))  # 25 October in Prague
    runner = make(
        ("fx", rates()), ("directory", directory(home("ann", "MFF"), home("bob", "FF"))), ("gateway", gateway(*asked))
    )
    _bill(runner, cost("0.03", **_period("2026-10-25", "2026-10-26")))
    assert _units(runner, date(2026, 10, 1)) == {"MFF": Decimal("0.40"), "FF": Decimal("0.20")}


def test_a_person_of_two_faculties_is_charged_by_weight_as_of_the_day(make: Make) -> None:
    people = directory(home("ann", "MFF", "3"), home("ann", "FF", "1"))
    runner = make(
        ("fx", rates()), ("directory", people),
        ("gateway", gateway(request("1", "2026-10-05 10:00", metered_usd=Decimal(1)))),
    )  # fmt: skip
    _bill(runner, cost("1.01", **_period("2026-10-01", "2026-11-01")))
    assert _units(runner, date(2026, 10, 1)) == {"MFF": Decimal("15.15"), "FF": Decimal("5.05")}


def test_the_mart_of_metered_use_holds_every_request_and_cent(make: Make) -> None:
    people = directory(home("ann", "MFF", "2"), home("ann", "FF", "1"))
    asked = [request(str(n), f"2026-10-1{n} 23:10", metered_usd=Decimal("0.000000000001")) for n in range(4)]
    runner = make(("fx", rates()), ("directory", people), ("gateway", gateway(*asked)))
    total = "select sum(requests), sum(billed_tokens), sum(metered_usd) from metered_daily"
    assert runner.build.connection.execute(total).fetchone() == (4, 60, Decimal("0.000000000004"))
    days = "select distinct day - utc_day from metered_daily"
    assert runner.build.connection.execute(days).fetchall() == [(1,)]


def test_a_faculty_sees_its_own_part_of_a_line_alone(make: Make, tmp_path: Path) -> None:
    people = directory(home("ann", "MFF"), home("bob", "FF"))
    asked = [request("1", "2026-10-05 10:00"), request("2", "2026-10-05 10:00", user_key="bob")]
    runner = make(("fx", rates()), ("directory", people), ("gateway", gateway(*asked)))
    _bill(runner, cost("0.02", **_period("2026-10-01", "2026-11-01")))
    runner.publish()
    reader = Reader(Warehouse(tmp_path / "var"))
    period = {"start": date(2026, 10, 1), "end": date(2026, 11, 1)}
    for name in ("cost/allocated", "cost/statement"):
        answer = reader.run(name, Scope(("MFF",)), units=["UK", "MFF", "FF"], **period)
        assert [(r["unit"], r["net_czk"], r["vat_czk"]) for r in answer.rows.to_pylist()] == [
            ("MFF", Decimal("0.20"), Decimal("0.04"))
        ]


def test_rules_that_cant_be_used_leave_the_ledger_as_it_was_and_are_told(make: Make, tmp_path: Path) -> None:
    runner = make(("fx", rates()))
    _bill(runner, cost("0.02", **_period("2026-10-01", "2026-11-01")))
    runner.publish()
    (tmp_path / "reference").mkdir()
    rules = tmp_path / "reference" / "allocation.toml"
    rules.write_text('[[owners]]\nunit = "MFX"\n', "utf-8")
    runner.publish()
    run = runner.build.connection.execute
    assert run("select net_czk from allocation").fetchall() == [(Decimal("0.40"),)]
    [(note,)] = run("select note from ops.note where source = 'ledger'").fetchall()
    assert note.startswith("allocation: allocation.toml unit: found 'MFX'; allowed: ")
    put(tmp_path / "var", "close_month", "eva", {"month": "2026-10"}, NOW)
    carry_out(runner)
    assert run("select count(*) from month_close").fetchone() == (0,)
    rules.unlink()
    runner.publish()
    assert run("select count(*) from ops.note where source = 'ledger'").fetchone() == (0,)


def test_a_month_is_closed_and_opened_by_orders_from_a_page(make: Make, tmp_path: Path) -> None:
    runner = make(("fx", rates()))
    _bill(runner, cost("0.02", **_period("2026-10-01", "2026-11-01")))
    month = {"month": "2026-10"}

    def ordered(kind: str, **values: str) -> Outcome | None:
        order_id = put(tmp_path / "var", kind, "eva", month | values, NOW)
        carry_out(runner)
        return outcome_of(tmp_path / "var", order_id)

    assert ordered("close_month") == Outcome("DONE", "2026-10 closed: 0.40 CZK net, 0.08 CZK VAT")
    assert ordered("close_month") == Outcome("FAILED", "2026-10 can't be closed: it is closed already")
    assert ordered("reopen_month", reason="to see") == Outcome("DONE", "2026-10 is open again")
    trace = runner.build.connection.execute("select closed_by, reopened_by, reason from month_close").fetchall()
    assert trace == [("eva", "eva", "to see")]


def test_a_month_is_closed_listed_and_opened_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    (tmp_path / "config.toml").write_text("", "utf-8")
    (tmp_path / "invoices").mkdir()
    lease = "lab,GPU,,MFF,3100,CZK,2026-01,2026-02,true\n"
    (tmp_path / "invoices" / "costs.csv").write_text(HEADER + lease, "utf-8")

    def etl(*arguments: str) -> tuple[int, str]:
        code = main(["--config", str(tmp_path / "config.toml"), *arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert etl("run")[0] == 0
    assert etl("close", "2026-13", "--by", "Eva") == (
        1, "ledger: month: found '2026-13'; allowed: a month like 2026-10\n",
    )  # fmt: skip
    code, told = etl("close", "2026-01", "--by", "Eva")
    assert (code, told.splitlines()[0]) == (0, "2026-01 closed: 3100.00 CZK net, 0.00 CZK VAT")
    assert "closed already" in etl("close", "2026-01", "--by", "Eva")[1]
    (tmp_path / "invoices" / "costs.csv").write_text(HEADER + lease.replace("3100", "3000"), "utf-8")
    assert etl("run")[0] == 0
    first, second = etl("months")[1].splitlines()
    assert " ".join(first.split()) == "2026-01 3100.00 CZK net 0.00 CZK VAT 0.00 CZK unallocated closed by Eva"
    assert " ".join(second.split()) == "2026-02 -100.00 CZK net 0.00 CZK VAT 0.00 CZK unallocated open"
    code, told = etl("reopen", "2026-01", "--by", "Jan", "--reason", "the lease was typed wrong")
    assert (code, told.splitlines()[0]) == (0, "2026-01 is open again")
    assert len(etl("months")[1].splitlines()) == 1
    [snapshot] = sorted((tmp_path / "var").glob("warehouse-*.duckdb"))[-1:]
    with duckdb.connect(str(snapshot), read_only=True) as published:
        assert published.execute("select reopened_by, reason from month_close").fetchall() == [
            ("Jan", "the lease was typed wrong")
        ]
