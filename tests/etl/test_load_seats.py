"""Reports on seats and plans, from files to the snapshot: who is who, what counts as idle, and what replaces what."""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.jobs import Job
from etl.load import Clock
from etl.run import Outcome, Runner
from etl.sections import Storage
from etl.settings import Settings
from etl.sources.seats.folder import SeatFolder
from etl.tables import PERSON_UNIT, PLAN
from tests.etl.builders import directory, gateway, home, rates, request, usd

NOW = datetime(2026, 11, 23, 12)
DAY = date(2026, 10, 31)
SEATS = "product,day,holder,status,assigned_day,last_active_day,uses,credits_used,allowance,period_start,period_end\n"
OLD = "2026-01-01"


def plan(code: str, **changes: object) -> dict[str, object]:
    """A plan of 10 USD a seat and month, as tables.PLAN has it."""
    given = {
        "plan": code, "valid_from": date(1970, 1, 1), "name": code, "vendor": "V", "kind": "chat", "currency": "USD",
        "seat_fee": Decimal(10), "billing_months": 1, "minimum_seats": 0, "commitment_months": 0,
        "includes": "unlimited", "is_pooled": False, "overage": "blocked", "discount": Decimal(0),
        "source": "offer", "certainty": "high",
    }  # fmt: skip
    return dict.fromkeys(PLAN.schema.names) | given | changes


class World:
    """A build over a folder of reports, a directory, a gateway that Ann asked once in October, and 20 CZK a dollar."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms) -> None:
        self.base, self.folder = folder, folder / "seats"
        self.folder.mkdir()
        ann, eve = pseudonyms.key("ann@mff.cuni.cz"), pseudonyms.key("eve@mff.cuni.cz")
        assert ann
        assert eve
        self.people = directory(home(ann, "MFF"), home(eve, "FF", end="2026-10-31"))
        self.people.rows[PLAN] = []
        asked = gateway(request("1", "2026-10-05 10:00", user_key=ann))
        files = SeatFolder(self.folder, (), pseudonyms)
        known = [
            rates(usd("2026-01-01")).job("fx"), self.people.job("directory"), asked.job("gateway"),
            Job("seats", "seats", lambda: closing(files)),
        ]  # fmt: skip
        settings = Settings(storage=Storage(folder=folder / "var"), base=folder)
        self.runner = Runner(settings, Clock(NOW), pseudonyms, known)
        self._written = 0
        self._names: tuple[str, ...] = ()

    def put(self, name: str, text: str) -> None:
        """Writes a file, later than any before it."""
        self._written += 1
        (self.folder / name).write_text(text, "utf-8")
        os.utime(self.folder / name, (self._written, self._written))

    def seats(self, name: str, *lines: str) -> None:
        """Writes a list of seats: product, day, holder, status, assigned_day, last_active_day, ..."""
        self.put(name, SEATS + "".join(line + "," * (10 - line.count(",")) + "\n" for line in lines))

    def run(self) -> Outcome:
        """Runs everything, from the second time on the seats alone; the outcome of the seats."""
        names, self._names = self._names, ("seats",)
        return next(o for o in self.runner.run(names) if o.job == "seats")

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Rows from the snapshot `s` that is published now; of seat_month alone as the build has it, quicker."""
        run = self.runner.build.connection.execute
        if set(re.findall(r"\bs\.\w+", text)) == {"s.seat_month"}:
            self.runner.build.run("marts/duckdb/seat_month")
            return run(text.replace("s.seat_month", "seat_month")).fetchall()
        run("detach database if exists s")
        run(f"attach '{self.base / 'var' / self.runner.publish()}' as s (read_only)")
        return run(text).fetchall()


@pytest.fixture
def world(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[World]:
    made = World(tmp_path, pseudonyms)
    yield made
    made.runner.close()


def ago(days: int, day: date = DAY) -> str:
    return (day - timedelta(days)).isoformat()


def test_a_person_with_a_seat_and_in_the_sandbox_is_one_person_in_one_unit(world: World) -> None:
    world.seats("a.csv", f"chatgpt-edu,{DAY},Ann@MFF.cuni.cz,,{OLD},{DAY}", f"m365,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}")
    assert world.run().message == ""
    assert world.rows(
        "select s.product, s.unit, m.user_requests from s.seat_month s"
        " join s.person_month m using (person_no) order by 1"
    ) == [("chatgpt-edu", "MFF", 1), ("m365", "MFF", 1)]
    assert world.rows("select count(*) from s.person") == [(1,)]


def test_the_page_data_tells_of_reports_and_of_no_number_of_holders(world: World) -> None:
    world.seats("list.csv", *(f"chat,{DAY},p{n}@mff.cuni.cz,assigned,{OLD},{ago(3)}" for n in range(7)))
    world.run()
    assert world.rows("select count(*) from s.seat_month") == [(7,)]
    held = "select rows from s.source_day where source = 'seats'"
    status = "select rows from s.source_status where source = 'seats'"
    read = "select lines from s.document where source = 'seats'"
    runs = "select rows_read from s.run where source = 'seats'"
    assert [world.rows(text) for text in (held, status, read, runs)] == [[(1,)], [(1,)], [(None,)], [(None,)]]


def test_a_holder_of_a_seat_alone_is_no_account_of_the_sandbox(world: World) -> None:
    world.seats("a.csv", f"chatgpt-edu,{DAY},bob@ff.cuni.cz,,{OLD},{DAY}")
    world.run()
    assert world.rows("select count(*) from s.person") == [(1,)]
    others = "select count(*) from s.seat_month where person_no not in (select person_no from s.person)"
    assert world.rows(others) == [(1,)]


def test_an_id_that_is_no_address_is_the_person_that_the_directory_knows_by_it(
    world: World, pseudonyms: Pseudonyms
) -> None:
    known = pseudonyms.key("u4711")
    assert known
    world.people.rows[PERSON_UNIT].append(home(known, "FF"))
    world.seats("a.csv", f"p,{DAY},U4711,,{OLD},{DAY}", f"p,{DAY},u9999,,{OLD},{DAY}")
    world.run()
    assert world.rows("select unit, person_no = holder_no from s.seat_month order by 1") == [
        ("FF", True),
        ("UNKNOWN", None),
    ]


def test_a_hashed_name_is_a_holder_and_nobody_known(world: World) -> None:
    world.seats("a.csv", f"m365,{DAY},DC8C64D6EC3A3AA1,,{OLD},{DAY}")
    world.run()
    assert world.rows("select person_no, unit, is_active from s.seat_month") == [(None, "UNKNOWN", True)]


IDLE = [  # (days the seat is held, days since the last use, (is_young, is_active, reason))
    (59, None, (True, False, None)),
    (60, None, (False, False, "never_used")),
    (61, None, (False, False, "never_used")),
    (59, 45, (True, False, None)),
    (60, 45, (False, False, "idle")),
    (90, 27, (False, True, None)),
    (90, 28, (False, False, None)),
    (90, 29, (False, False, None)),
    (90, 30, (False, False, "idle")),
    (90, 31, (False, False, "idle")),
]


def test_a_seat_is_idle_from_30_days_on_and_never_before_the_licence_is_60_days_old(world: World) -> None:
    lines = [
        f"p{n},{DAY},ann@mff.cuni.cz,,{ago(held)},{'' if idle is None else ago(idle)}"
        for n, (held, idle, _) in enumerate(IDLE)
    ]
    world.seats("a.csv", *lines)
    world.run()
    found = world.rows("select is_young, is_active, reason from s.seat_month order by product")
    assert found == [expected for _, _, expected in IDLE]


def test_a_licence_is_as_old_as_the_first_report_that_has_it_where_none_says_since_when(world: World) -> None:
    world.seats("a.csv", f"chatgpt-edu,{ago(60)},ann@mff.cuni.cz")
    world.seats("b.csv", f"chatgpt-edu,{DAY},ann@mff.cuni.cz", f"chatgpt-edu,{DAY},bob@mff.cuni.cz")
    world.run()
    found = world.rows("select licence_day, reason from s.seat_month where month_start = '2026-10-01' order by 1")
    assert found == [(date(2026, 9, 1), "never_used"), (DAY, None)]


def test_who_has_left_by_the_day_of_the_report_has_a_seat_to_give_back_at_once(world: World) -> None:
    world.seats("a.csv", f"chatgpt-edu,{ago(1)},eve@mff.cuni.cz,,{ago(5)},{ago(2)}")
    world.run()
    assert world.rows("select unit, reason from s.seat_month") == [("FF", None)]
    world.seats("b.csv", f"chatgpt-edu,{DAY},eve@mff.cuni.cz,,{ago(5)},{ago(2)}")
    world.run()
    assert world.rows("select unit, reason from s.seat_month") == [("FF", "left")]


def test_where_a_report_does_not_tell_activity_nobody_is_idle(world: World) -> None:
    world.put("a.csv", f"product,day,holder,assigned_day\nteam,{DAY},ann@mff.cuni.cz,{OLD}\n")
    world.run()
    assert world.rows("select is_activity_known, is_activated, is_active, reason from s.seat_month") == [
        (False, False, False, None)
    ]


def test_a_later_report_of_the_same_day_replaces_the_whole_day_and_no_other(world: World) -> None:
    world.seats("a.csv", f"p,{ago(7)},ann@mff.cuni.cz,,{OLD},", f"p,{ago(7)},bob@ff.cuni.cz,,{OLD},")
    world.seats("b.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},", f"p,{DAY},bob@ff.cuni.cz,,{OLD},")
    assert world.run().rows_read == 4
    world.seats("c.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}")
    assert world.run().rows_read == 1
    assert world.runner.build.connection.execute(
        "select report_day, count(*) from fact_seat group by 1 order by 1"
    ).fetchall() == [(date(2026, 10, 24), 2), (DAY, 1)]
    assert world.rows("select unit, is_active from s.seat_month") == [("MFF", True)]


def test_a_file_once_loaded_is_known_and_one_that_is_mended_under_its_name_supersedes_itself(world: World) -> None:
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},", f"q,{DAY},ann@mff.cuni.cz,,{OLD},")
    assert [world.run().rows_read, world.run().rows_read] == [2, 0]
    world.seats("a.csv", f"q,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}")
    world.run()
    assert world.rows("select product, is_active from s.seat_month") == [("q", True)]
    assert world.rows("select source, name, lines, error from s.document") == [("seats", "a.csv", None, None)]


def test_a_bad_file_is_refused_with_its_reason_and_the_others_go_on(world: World) -> None:
    world.put("bad.csv", f"product,day,holder\np,{DAY},\np,soon,ann@mff.cuni.cz\n")
    world.seats("good.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},")
    outcome = world.run()
    assert outcome.status == "FAILED"
    assert "bad.csv line 3, day: found 'soon'" in outcome.message
    found = world.rows("select name, error is null from s.document order by 1")
    assert found == [("bad.csv", False), ("good.csv", True)]
    assert world.rows("select count(*) from s.seat_month") == [(1,)]
    (world.folder / "bad.csv").unlink()
    assert world.run().status == "DONE"
    assert world.rows("select name from s.document") == [("good.csv",)]


def test_reports_stay_when_the_folder_has_lost_their_files(world: World) -> None:
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},")
    world.run()
    (world.folder / "a.csv").unlink()
    world.run()
    assert world.rows("select count(*) from s.seat_month") == [(1,)]


def test_each_month_is_told_by_its_last_report_and_a_month_without_one_has_no_row(world: World) -> None:
    days = ("2026-08-15", "2026-08-31", "2026-10-01")
    for day in days:
        world.seats(f"{day}.csv", f"p,{day},ann@mff.cuni.cz,,{OLD},{day}")
    world.seats("gone.csv", "p,2026-11-01,ann@mff.cuni.cz,removed", "p,2026-11-01,bob@ff.cuni.cz,pending")
    world.run()
    assert world.rows("select month_start, report_day, status, is_activated from s.seat_month order by 1") == [
        (date(2026, 8, 1), date(2026, 8, 31), "assigned", True),
        (date(2026, 10, 1), date(2026, 10, 1), "assigned", True),
        (date(2026, 11, 1), date(2026, 11, 1), "pending", False),
    ]


def test_activity_once_told_is_not_forgotten_by_a_later_report(world: World) -> None:
    world.seats("a.csv", f"p,{ago(40)},ann@mff.cuni.cz,,{OLD},{ago(41)}")
    world.seats("b.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},")
    world.run()
    october = world.rows(
        "select last_active_day, is_activated, reason from s.seat_month where month_start = '2026-10-01'"
    )
    assert october == [(DAY - timedelta(41), True, "idle")]


def test_the_workspaces_id_in_the_daily_usage_is_the_person_of_the_user_report(world: World) -> None:
    world.put(
        "users.csv",
        "period_start,period_end,public_id,email,user_status,messages,credits_used,last_day_active\n"
        "2026-10-01,2026-10-31,u1,ann@mff.cuni.cz,enabled,5,2,2026-10-02\n",
    )
    world.put(
        "day.json",
        '{"data": [{"start_time": 1793318400, "user_id": "u1", "totals": {"credits": "12.5"}}], "has_more": false}',
    )
    world.run()
    assert world.rows("select last_active_day, uses, credits_used, unit from s.seat_month") == [
        (date(2026, 10, 30), 5, Decimal("12.5"), "MFF")
    ]


def test_a_seat_is_at_its_limit_from_95_percent_of_what_the_report_says_it_includes(world: World) -> None:
    lines = [
        f"p{n},{DAY},ann@mff.cuni.cz,,{OLD},{DAY},1,{used},100,2026-10-01,2026-11-01"
        for n, used in enumerate(("94.99", "95", "120"))
    ]
    world.seats("a.csv", *lines)
    world.run()
    assert world.rows("select is_at_limit from s.seat_month order by product") == [(False,), (True,), (True,)]


LIMITS: list[tuple[dict[str, object], bool | None]] = [
    ({"includes": "credits", "reset": "month", "allowance": Decimal(60)}, True),
    ({"includes": "credits", "reset": "month", "allowance": Decimal(70)}, False),
    ({"includes": "messages", "reset": "month", "allowance": Decimal(12)}, False),
    ({"includes": "messages", "reset": "month", "allowance": Decimal(10)}, True),
    ({"includes": "credits", "reset": "week", "allowance": Decimal(42)}, True),
    ({"includes": "credits", "reset": "week", "allowance": Decimal(43)}, False),
    ({"includes": "credits", "reset": "month", "allowance": Decimal(10), "is_pooled": True}, None),
    ({"includes": "unlimited"}, None),
]


def test_a_limit_is_otherwise_that_of_the_plan(world: World) -> None:
    """Two weeks of 20 and 40 credits, and the month they lie in, whose uses are not counted twice."""
    world.people.rows[PLAN] = [plan(f"p{n}", **changes) for n, (changes, _) in enumerate(LIMITS)]
    reports = (
        "2026-10-18,2026-10-18,,20,,2026-10-12,2026-10-19",
        "2026-10-25,2026-10-25,10,40,,2026-10-19,2026-10-26",
        "2026-10-31,2026-10-31,10,60,,2026-10-01,2026-11-01",
    )
    for name, report in enumerate(reports):
        day, rest = report.split(",", 1)
        world.seats(f"{name}.csv", *(f"p{n},{day},ann@mff.cuni.cz,,{OLD},{rest}" for n in range(len(LIMITS))))
    world.run()
    assert world.rows("select uses, credits_used, is_at_limit from s.seat_month order by product") == [
        (10, Decimal(60), is_at_limit) for _, is_at_limit in LIMITS
    ]


def test_bought_is_what_the_last_count_says_then_the_invoice_then_who_holds_one(world: World) -> None:
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}", f"p,{DAY},bob@ff.cuni.cz,,{OLD},")
    world.run()
    bought = "select bought, bought_origin, assigned, active from s.seat_product_month"
    assert world.rows(bought) == [(2, "assigned", 2, 1)]
    world.runner.build.connection.execute(
        "insert into fact_invoice_line by name select 'l' as line_id, 'd' as document_id, 'd' as document_name,"
        " 'v' as provider, 'CZK' as billing_currency, 0 as billed_cost, 0 as effective_cost, 'UNALLOCATED' as unit,"
        " true as is_amortised, 'Purchase' as charge_category, 'P' as sku_id, 7 as consumed_quantity,"
        " 'seats' as consumed_unit, timestamp '2026-01-01' as charge_period_start,"
        " timestamp '2027-01-01' as charge_period_end"
    )
    world.runner.build.connection.execute("insert into fact_invoice_day values ('l', 'd', '2026-10-01', 0, 0)")
    assert world.rows(bought) == [(7, "invoice", 2, 1)]
    world.put("seat_counts.csv", "product,day,bought\np,2026-02-01,5\np,2026-09-30,9\np,2026-11-02,20\n")
    world.run()
    assert world.rows(bought + " where month_start = '2026-10-01'") == [(9, "count", 2, 1)]


def test_a_list_with_empty_seats_says_how_many_were_bought(world: World) -> None:
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}", f"p,{DAY},,,,")
    world.run()
    assert world.rows("select bought, bought_origin, assigned from s.seat_product_month") == [(2, "count", 1)]


def test_a_report_without_people_has_counts_and_no_holders(world: World) -> None:
    world.put("c.csv", "product,day,assigned,active_28d\np,2026-10-05,4,3\np,2026-10-06,6,5\n")
    world.run()
    assert world.rows("select is_named, bought, assigned, active, seat_czk from s.seat_product_month") == [
        (False, 6, 6, 5, None)
    ]
    assert world.rows("select count(*) from s.seat_month") == [(0,)]


FEES: list[tuple[dict[str, object], str | None]] = [
    ({}, "200"),
    ({"discount": Decimal("0.15")}, "170"),
    ({"billing_months": 12, "seat_fee": Decimal(100)}, "166.666666"),
    ({"currency": "CZK", "seat_fee": Decimal("99.9")}, "99.9"),
    ({"currency": "GBP"}, None),
    ({"seat_fee": None}, None),
    ({"valid_from": date(2026, 11, 1)}, None),
]


def test_a_seat_costs_its_fee_after_discount_a_month_in_czk_and_what_is_not_known_stays_unknown(world: World) -> None:
    world.people.rows[PLAN] = [plan(f"p{n}", **changes) for n, (changes, _) in enumerate(FEES)]
    world.seats("a.csv", *(f"p{n},{DAY},ann@mff.cuni.cz,,{OLD},{DAY}" for n in range(len(FEES))))
    world.run()
    found = world.rows("select seat_czk from s.seat_product_month order by product")
    assert found == [(Decimal(czk) if czk else None,) for _, czk in FEES]


def test_a_plans_terms_end_where_its_next_ones_start(world: World) -> None:
    later = date(2026, 7, 1)
    world.people.rows[PLAN] = [
        plan("p"),
        plan("p", valid_from=later, seat_fee=Decimal(12)),
        plan("q", valid_to=later),
    ]
    world.run()
    world.run()
    assert world.rows("select plan, valid_from, valid_to, seat_fee from s.plan") == [
        ("p", date(1970, 1, 1), later, Decimal(10)),
        ("p", later, date(9999, 12, 31), Decimal(12)),
        ("q", date(1970, 1, 1), later, Decimal(10)),
    ]


def test_seats_of_a_product_that_is_no_plan_are_loaded_with_a_warning(world: World) -> None:
    world.people.rows[PLAN] = [plan("p")]
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}", f"pp,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}")
    world.run()
    warned = "select offending_rows, example from s.check_result where name = 'seat_plan_unknown'"
    assert world.rows(warned) == [(1, "product pp, last_day 2026-10-31")]


def test_nothing_in_a_file_of_the_warehouse_names_a_holder(world: World) -> None:
    world.seats("a.csv", f"p,{DAY},ann@mff.cuni.cz,,{OLD},{DAY}", f"p,{DAY},DC8C64D6EC3A3AA17481,,{OLD},")
    world.run()
    world.runner.publish()
    world.runner.close()
    for file in (world.base / "var").glob("*.duckdb"):
        held = file.read_bytes()
        assert b"ann@mff" not in held
        assert b"DC8C64D6EC3A3AA17481" not in held
        assert b"dc8c64d6ec3a3aa17481" not in held
