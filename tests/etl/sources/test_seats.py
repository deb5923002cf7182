"""Reports on seats: what each vendor's says, who its people are, and what is refused with file, line and value."""

import json
import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from etl.identity import Pseudonyms
from etl.sections import SeatProduct, Seats
from etl.settings import Settings
from etl.sources.seats.folder import SeatFolder, seat_source
from etl.sources.seats.report import Count, Report, Seat
from etl.tables import ACCOUNT, SEAT, SEAT_COUNT

USERS = (
    "cadence,period_start,period_end,public_id,name,email,user_status,created_or_invited_date,messages,"
    "model_to_messages,credits_used,last_day_active\n"
)
HASHED = "DC8C64D6EC3A3AA17481D7E5EB5B68A6"
Read = Callable[..., Report]


@pytest.fixture
def read(tmp_path: Path, pseudonyms: Pseudonyms) -> Read:
    """A function that writes a file and reads it, with `products` as mapped by the configuration."""

    def report(name: str, content: object, *products: tuple[str, str]) -> Report:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text, "utf-8")
        mapped = tuple(SeatProduct(files=files, product=product) for files, product in products)
        return SeatFolder(tmp_path, mapped, pseudonyms).read(tmp_path / name)

    return report


def key(pseudonyms: Pseudonyms, name: str) -> str:
    found = pseudonyms.key(name)
    assert found
    return found


def test_a_member_of_the_workspace_is_the_person_that_other_systems_know(read: Read, pseudonyms: Pseudonyms) -> None:
    line = "Weekly,2026-10-05,2026-10-11,user-1,Ann,Ann@MFF.cuni.cz ,enabled,2026-03-01,25,{'gpt-5-5': 25},40.5,"
    report = read("week.csv", f"{USERS}{line}2026-10-09\n")
    assert report.seats == [
        Seat(
            product="chatgpt-edu", report_day=date(2026, 10, 11), holder_key=key(pseudonyms, "ann@mff.cuni.cz"),
            is_identified=True, email_domain="mff.cuni.cz", assigned_day=date(2026, 3, 1), status="assigned",
            last_active_day=date(2026, 10, 9), period_start=date(2026, 10, 5), period_end=date(2026, 10, 12), uses=25,
            credits_used=Decimal("40.5"),
        )
    ]  # fmt: skip
    assert report.aliases == {key(pseudonyms, "user-1"): key(pseudonyms, "ann@mff.cuni.cz")}
    assert report.kind == "roster"


def test_nothing_that_names_a_person_is_in_what_is_handed_over(read: Read) -> None:
    report = read("week.csv", USERS + "Weekly,2026-10-05,2026-10-11,user-1,Ann Lee,ann@mff.cuni.cz,enabled,,1,,,\n")
    landed = [batch.to_pylist() for table in (SEAT, SEAT_COUNT, ACCOUNT) for batch in report.batches(table)]
    assert len(landed) == 2
    assert not any(word in repr(landed) for word in ("ann", "Ann", "user-1"))


def test_two_rows_of_one_person_are_one_seat(read: Read) -> None:
    lines = (
        "Weekly,2026-10-05,2026-10-11,u1,,ann@cuni.cz,pending,2026-03-02,2,,1,2026-10-06\n"
        "Weekly,2026-10-05,2026-10-11,u2,,ANN@cuni.cz,enabled,2026-03-01,3,,,2026-10-09\n"
    )
    [seat] = read("week.csv", USERS + lines).seats
    assert (seat.uses, seat.credits_used, seat.status) == (5, Decimal(1), "assigned")
    assert (seat.assigned_day, seat.last_active_day) == (date(2026, 3, 1), date(2026, 10, 9))


def test_a_member_without_an_address_is_nobody_known(read: Read, pseudonyms: Pseudonyms) -> None:
    report = read("week.csv", USERS + "Weekly,2026-10-05,2026-10-11,user-9,,,disabled,,,,,\n")
    [seat] = report.seats
    assert (seat.is_identified, seat.status, seat.uses) == (False, "removed", None)
    assert seat.holder_key == key(pseudonyms, "user-9")
    assert report.aliases == {}


def test_columns_may_come_in_another_order_and_older_exports_lack_some(read: Read) -> None:
    text = "email,messages,user_status,period_end,period_start\nann@cuni.cz,3,enabled,2026-10-11,2026-10-05\n"
    [seat] = read("old.csv", text).seats
    assert (seat.uses, seat.credits_used, seat.is_activity_known) == (3, None, False)


@pytest.mark.parametrize(("text", "uses"), [('"{\'gpt-5\': 2, ""o3"": 1}"', 3), ("{}", None), ("", None)])
def test_messages_left_out_are_those_by_model_together(read: Read, text: str, uses: int | None) -> None:
    [seat] = read("week.csv", f"{USERS}Weekly,2026-10-05,2026-10-11,u,,ann@cuni.cz,enabled,,,{text},,\n").seats
    assert seat.uses == uses


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "{'a': -1}", "{'a': [1]}", "{'a': 1e9}", "[1]", "{'a': 1", "{'" + "x" * 30_000 + "': 1}"],
)
def test_what_is_no_table_of_models_is_refused_and_never_run(read: Read, text: str) -> None:
    with pytest.raises(InputError, match="line 2, model_to_messages"):
        read("week.csv", f'{USERS}Weekly,2026-10-05,2026-10-11,u,,ann@cuni.cz,enabled,,,"{text}",,\n')


@pytest.mark.parametrize(
    ("line", "column", "allowed"),
    [
        ("Weekly,,2026-10-11,u,,a@cuni.cz,enabled,,1,,,", "period_start", "may not be empty"),
        ("Weekly,2026-10-12,2026-10-11,u,,a@cuni.cz,enabled,,1,,,", "period_end", "not before period_start"),
        ("Weekly,2026-10-05,2026-10-11,u,,a@cuni.cz,asleep,,1,,,", "user_status", "enabled, active, pending"),
        ("Weekly,2026-10-05,2026-10-11,u,,a@cuni.cz,enabled,,few,,,", "messages", "a number"),
        ("Weekly,2026-10-05,2026-10-11,u,,a@cuni.cz,enabled,,-1,,,", "messages", "0 or more"),
        ("Weekly,2026-10-05,2026-10-11,u,,a@cuni.cz,enabled,,1,,-3,", "credits_used", "0 or more"),
        ("Weekly,2026-10-05,2026-10-11,u,,a@cuni.cz,enabled,,1,,,2026-10-13", "last_day_active", "2026-10-11"),
        ("Weekly,2026-10-05,2026-10-11,,,,enabled,,1,,,", "email", "an address, or an id"),
    ],
)
def test_a_wrong_value_in_a_user_report_is_refused(read: Read, line: str, column: str, allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        read("week.csv", USERS + line + "\n")
    assert f"week.csv line 2, {column}" in str(refused.value)
    assert allowed in str(refused.value)
    assert "a@cuni.cz" not in str(refused.value)


def usage(user: str, credits: object, tokens: int = 10, kind: str = "ACCOUNT_USER") -> dict[str, object]:
    """One user's use of 2026-11-01 as the workspace's API gives it."""
    return {
        "object": "workspace.usage.result", "start_time": 1793491200, "end_time": 1793577600, "user_id": user,
        "actor": {"type": kind, "user_id": user}, "clients": [],
        "totals": {"credits": credits, "cost_usd": None, "text_total_tokens": tokens},
    }  # fmt: skip


def test_daily_usage_gives_credits_by_the_workspaces_id_on_the_utc_day(read: Read, pseudonyms: Pseudonyms) -> None:
    entries = [usage("u1", "12.5"), usage("u2", 0, 0), usage("u3", 1, kind="SERVICE"), usage("u1", 1)]
    report = read("day.json", {"data": entries, "has_more": False, "next_page": None})
    day = date(2026, 11, 1)
    assert report.kind == "activity"
    assert [(s.holder_key, s.report_day, s.credits_used, s.last_active_day) for s in report.seats] == [
        (key(pseudonyms, "u1"), day, Decimal("13.5"), day),
        (key(pseudonyms, "u2"), day, Decimal(0), None),
    ]
    assert not any(s.is_identified for s in report.seats)


@pytest.mark.parametrize("more", [{"has_more": True}, {"next_page": "x"}, {"@odata.nextLink": "https://x"}])
def test_an_answer_of_which_a_page_is_missing_is_refused(read: Read, more: dict[str, object]) -> None:
    with pytest.raises(InputError, match="another page follows"):
        read("day.json", {"data": [usage("u1", 1)], **more})
    whole = [{"data": [usage("u1", 1)], **more}, {"data": [usage("u2", 1)]}]
    assert len(read("day.json", whole).seats) == 2


def test_claudes_summaries_count_seats_and_name_nobody(read: Read) -> None:
    entry = {
        "starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z", "assigned_seat_count": 120,
        "daily_active_user_count": 31, "weekly_active_user_count": 66, "monthly_active_user_count": 88,
        "daily_adoption_rate": 25.83,
    }  # fmt: skip
    report = read("a.json", {"data": [entry], "next_page": None})
    counted = Count(
        product="claude-enterprise", day=date(2026, 11, 1), assigned=120, active_1d=31, active_7d=66, active_28d=88
    )
    assert (report.kind, report.seats, report.counts) == ("counts", [], [counted])


COPILOT = (
    "Report Refresh Date,Report Period,User Principal Name,Display Name,Last Activity Date,"
    "Word Copilot Last Activity Date\n"
)


def test_copilots_days_are_the_latest_of_all_applications_and_names_may_be_hashed(
    read: Read, pseudonyms: Pseudonyms
) -> None:
    lines = (
        "2026-11-20,30,ann@cuni.cz,Ann,2026-11-06,2026-11-18\n"
        f"2026-11-20,30,{HASHED},C65E8D8AFA0DAB96,,\n"
    )  # fmt: skip
    ann, unknown = read("detail.csv", "\ufeff" + COPILOT + lines).seats
    assert (ann.product, ann.report_day, ann.last_active_day) == (
        "m365-copilot-academic", date(2026, 11, 20), date(2026, 11, 18),
    )  # fmt: skip
    assert (ann.holder_key, ann.is_identified) == (key(pseudonyms, "ann@cuni.cz"), True)
    assert (unknown.holder_key, unknown.is_identified) == (key(pseudonyms, HASHED), False)
    assert (unknown.last_active_day, unknown.is_activity_known) == (None, True)


def test_copilots_answer_says_the_same_as_its_table(read: Read) -> None:
    entry = {
        "reportRefreshDate": "2026-11-20", "userPrincipalName": "ann@cuni.cz", "displayName": "Ann",
        "lastActivityDate": "2026-11-06", "wordCopilotLastActivityDate": "2026-11-18",
        "excelCopilotLastActivityDate": "",
        "copilotActivityUserDetailsByPeriod": [{"reportPeriod": 30}],
    }  # fmt: skip
    table = read("detail.csv", COPILOT + "2026-11-20,30,ann@cuni.cz,Ann,2026-11-06,2026-11-18\n")
    assert read("detail.json", {"value": [entry]}).seats == table.seats


def test_the_configuration_says_which_plan_a_file_is_about(read: Read) -> None:
    line = COPILOT + "2026-11-20,30,ann@cuni.cz,Ann,,\n"
    products = (("copilot-full-*.csv", "m365-copilot"), ("*.csv", "other"))
    assert {s.product for s in read("copilot-full-11.csv", line, *products).seats} == {"m365-copilot"}
    assert {s.product for s in read("copilot.csv", line, *products).seats} == {"other"}


SEATS = "product,day,holder,status,assigned_day,last_active_day,uses,credits_used,allowance,period_start,period_end\n"


def test_a_seat_without_a_person_is_bought_and_given_to_nobody(read: Read) -> None:
    lines = (
        "Claude-Team,2026-10-31,ann@cuni.cz,,2026-09-01,2026-10-30,5,1.5,10,2026-10-01,2026-11-01\n"
        "claude-team,2026-10-31,bob@cuni.cz,removed,,,,,,,\n"
        "claude-team,2026-10-31,,,,,,,,,\n"
    )
    report = read("seats.csv", SEATS + lines)
    assert [(s.product, s.status, s.uses, s.allowance) for s in report.seats] == [
        ("claude-team", "assigned", 5, Decimal(10)),
        ("claude-team", "removed", None, None),
    ]
    assert report.counts == [Count(product="claude-team", day=date(2026, 10, 31), bought=2)]


def test_a_list_in_which_every_seat_is_held_does_not_say_how_many_were_bought(read: Read) -> None:
    report = read("seats.csv", "day,holder\n2026-10-31,ann@cuni.cz\n", ("seats.csv", "claude-team"))
    assert report.counts == []
    assert [(s.product, s.is_activity_known) for s in report.seats] == [("claude-team", False)]


def test_a_list_that_does_not_say_its_product_is_refused(read: Read) -> None:
    with pytest.raises(InputError, match=r"seats.csv line 2, product.*\[\[seats.products\]\]"):
        read("seats.csv", "day,holder\n2026-10-31,ann@cuni.cz\n")


def test_counts_without_people(read: Read) -> None:
    text = "product,day,bought,assigned\nclaude-team,2026-10-01,20,\nclaude-team,2026-11-01,,18\n"
    first, second = date(2026, 10, 1), date(2026, 11, 1)
    assert read("seat_counts.csv", text).counts == [
        Count(product="claude-team", day=first, bought=20),
        Count(product="claude-team", day=second, assigned=18),
    ]
    with pytest.raises(InputError, match=r"line 3, day.*once"):
        read("seat_counts.csv", text.replace("2026-11-01", "2026-10-01"))


def test_the_shipped_templates_are_read_and_hold_nothing(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    from etl.reference_data import SHIPPED

    for name in ("seats.csv", "seat_counts.csv"):
        report = SeatFolder(SHIPPED, (), pseudonyms).read(SHIPPED / name)
        assert report.lines == 0


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x.csv", "a,b\n1,2\n", "a table with the columns a, b"),
        ("x.json", {"data": [{"cost": 1}]}, "JSON with the fields cost"),
        ("x.json", "{", "well-formed JSON"),
        ("x.json", {"data": 1}, "a list under 'data' or 'value'"),
        ("x.json", {"data": [1]}, "an object"),
        ("x.json", [1], "an object as the vendor's API answers"),
    ],
)
def test_a_file_of_an_unknown_kind_is_refused_with_what_is_known(
    read: Read, name: str, content: object, found: str
) -> None:
    with pytest.raises(InputError, match=found):
        read(name, content)


def test_a_bad_file_leaves_the_others_alone_and_hidden_and_unfinished_ones_are_not_looked_at(
    tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    for name in ("b.csv", ".hidden.csv", "a.csv.part", "README.md"):
        (tmp_path / name).write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "c.csv").write_text(COPILOT + "2026-11-20,30,ann@cuni.cz,Ann,,\n", "utf-8")
    folder = seat_source(Seats(folder=tmp_path), pseudonyms, Path())
    assert {(r.document.name, r.error is None) for r in folder.results()} == {("b.csv", False), ("c.csv", True)}
    assert [f.level for f in folder.examine()] == ["fail", "ok"]
    [note] = folder.notes()
    assert "ChatGPT user report (CSV)" in note


def test_of_two_files_the_one_written_first_comes_first(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    for name, moment in (("a.csv", 2000), ("b.csv", 1000)):
        (tmp_path / name).write_text(COPILOT, "utf-8")
        os.utime(tmp_path / name, (moment, moment))
    assert [d.name for d in SeatFolder(tmp_path, (), pseudonyms).documents()] == ["b.csv", "a.csv"]


def test_a_university_without_seats_needs_no_folder(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    folder = seat_source(Settings().seats, pseudonyms, tmp_path)
    assert list(folder.results()) == []
    assert [(f.level, f.found) for f in folder.examine()] == [("ok", "no such folder: no report on seats is read")]
