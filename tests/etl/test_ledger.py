"""The ledger on a real build: inputs found in SQL, closed months kept, corrections booked in open ones."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.errors import InputError, MonthError
from etl.month_close import close, month_named, months, reopen
from tests.etl.books import NOVEMBER, OCTOBER, UNITS, Books, cost

Make = Callable[..., Books]
AMOUNTS = "unit, net_czk, vat_czk, non_deductible_czk, rule"


def czk(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(t) for t in texts)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A function that makes an empty build with these rules; closed after the test."""
    made: list[Books] = []

    def books(rules: str | None = None, **said: Any) -> Books:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Books(folder, rules=rules, **said))
        return made[-1]

    yield books
    for left in made:
        left.build.close()


def test_a_document_in_dollars_comes_to_units_to_the_haler(make: Make) -> None:
    # 12.34 USD at 20.123 = 248.31782 CZK: 248.32; VAT 52.1472: 52.15
    # metered 8 USD by MFF and 4.30 by FF: 12.30 of 12.34 is within 2 %, so all of it goes by use
    # net: MFF 248.32 x 8 / 12.3 = 161.50894, FF 86.81105; floors 161.50 + 86.81 = 248.31, one left: MFF (.894)
    # VAT: MFF 52.15 x 8 / 12.3 = 33.91869, FF 18.23130; floors 33.91 + 18.23 = 52.14, one left: MFF (.869)
    books = make(
        '[countries]\nopenai = "IE"\n[[vat.rates]]\nrate = "0.21"\n[[vat.deductible]]\nunits = ["MFF"]\nshare = "0.2"\n'
    )
    books.rate("USD", "20.123")
    books.document(cost("12.34", model="gpt-5.5"))
    books.used("MFF", "8")
    books.used("FF", "4.3")
    books.keep()
    assert books.rows(columns=AMOUNTS) == [
        # FF deducts nothing; MFF a fifth of 33.92: 27.136 are lost
        ("FF", *czk("86.81", "18.23", "18.23"), "metered"),
        ("MFF", *czk("161.51", "33.92", "27.14"), "metered"),
    ]


def test_two_currencies_are_compared_with_use_in_dollars_at_their_own_rates(make: Make) -> None:
    # 80 EUR at 25 = 2000 CZK = 100 USD at 20: 100 metered explain it; 100 CZK = 5 USD, of which 2.50 are metered
    books = make()
    books.document(cost("80", billing_currency="EUR", model="gpt-5.5"))
    books.document(cost("100", billing_currency="CZK", model="gpt-4.1"), issuer_country="CZ")
    books.used("MFF", "100")
    books.used("FF", "2.5", model="gpt-4.1")
    books.keep()
    assert books.rows(columns="unit, net_czk, vat_czk") == [
        ("MFF", *czk("2000", "420")), ("FF", *czk("50", "0")), ("UNALLOCATED", *czk("50", "0")),
    ]  # fmt: skip


def test_a_department_takes_the_deductible_share_of_its_faculty(make: Make) -> None:
    books = make('[[vat.rates]]\nrate = "0.21"\n[[vat.deductible]]\nunits = ["MFF"]\nshare = "1"\n')
    books.document(cost("5", unit="KSI"), cost("5", unit="FF"))
    books.keep()
    assert books.rows(columns="unit, vat_czk, non_deductible_czk") == [
        ("KSI", *czk("21", "0")),
        ("FF", *czk("21", "21")),
    ]


def test_an_owner_that_is_no_unit_is_told_and_pays_nothing(make: Make) -> None:
    books = make()
    books.document(cost("5", unit="MFX"), cost("5", unit="mff"))
    books.used("MFF", "5")
    books.keep()
    assert books.rows(columns="unit, net_czk, basis") == [
        ("UNALLOCATED", Decimal(100), "the document names MFX, which is no unit"),
        ("MFF", Decimal(100), "named by the document"),
    ]


def test_a_unit_that_is_gone_from_the_tree_is_published_as_unknown(make: Make) -> None:
    books = _closed(make)
    books.run("delete from unit where unit = 'FF'")
    books.build.publish()
    [file] = (books.folder / "var").glob("warehouse-*.duckdb")
    with duckdb.connect(str(file), read_only=True) as snapshot:
        asked = "select unit, net_czk from allocation order by unit"
        assert snapshot.execute(asked).fetchall() == [("MFF", Decimal(120)), ("UNKNOWN", Decimal(80))]


def test_use_is_taken_by_the_providers_day_not_the_local_one(make: Make) -> None:
    books = make()
    books.document(cost("1", model="gpt-5.5"))
    books.used("MFF", "1", day=NOVEMBER, utc_day=date(2026, 10, 31))  # 1 November 00:30 in Prague
    books.used("FF", "1", day=OCTOBER, utc_day=date(2026, 9, 30))
    books.keep()
    assert books.units() == {"MFF": Decimal(20)}


def test_a_bill_without_models_is_cut_as_the_report_it_replaces(make: Make) -> None:
    books = make('[[owners]]\nproject = "proj_lab"\nunit = "LF1"\n')
    books.document(cost("30", model="gpt-5.5"), cost("10", sub_account_id="proj_lab"), kind="report")
    books.document(cost("44"), tax_point=date(2026, 11, 2))
    books.used("MFF", "33")
    books.keep()
    assert books.units() == {}
    assert books.units(NOVEMBER) == {"MFF": Decimal(660), "LF1": Decimal(220)}


def test_a_lease_is_charged_by_the_days_of_each_month_and_shared_by_tokens(make: Make) -> None:
    books = make()
    year = {"charge_period_start": datetime(2026, 10, 1), "charge_period_end": datetime(2026, 12, 1)}
    lease = cost("6100", billing_currency="CZK", model="llama-*", is_amortised=True, provider="e-infra", **year)
    books.document(lease, kind="flat")
    llama = {"model": "llama-3.3", "provider": "vllm"}
    books.used("MFF", "0", billed_tokens=300, **llama)
    books.used("FF", "0", billed_tokens=100, **llama)
    books.used("LF1", "0", utc_day=date(2026, 11, 30), **llama)
    books.keep()
    assert books.units() == {"MFF": Decimal(2325), "FF": Decimal(775)}
    assert books.units(NOVEMBER) == {"LF1": Decimal(3000)}


def test_a_gateways_own_projects_keep_other_projects_from_metered_use(make: Make) -> None:
    books = make()
    books.document(cost("1", sub_account_id="proj_gate"), cost("1", sub_account_id="proj_lab"))
    books.used("MFF", "1")
    books.run("insert into gateway_account values ('openai', 'proj_gate')")
    books.keep(gateway_projects=("openai:proj_gate",))
    assert books.units() == {"MFF": Decimal(20), "UNALLOCATED": Decimal(20)}


def test_rules_that_name_an_unknown_unit_are_refused_with_the_choices(make: Make) -> None:
    books = make('[[owners]]\nunit = "MFX"\n')
    with pytest.raises(InputError, match=r"MFX.*allowed:.*MFF"):
        books.keep()


def test_nothing_is_done_again_when_nothing_changed_and_one_month_when_one_did(make: Make) -> None:
    books = make()
    books.document(cost("1", model="gpt-5.5"))
    november = {"charge_period_start": datetime(2026, 11, 1), "charge_period_end": datetime(2026, 12, 1)}
    books.document(cost("1", **november), kind="report")
    assert books.keep() == 2
    assert books.keep() == 0
    books.used("MFF", "1")
    assert books.keep() == 1
    assert books.units() == {"MFF": Decimal(20)}
    books.rate("USD", "30", NOVEMBER)
    assert books.keep() == 1
    assert books.units(NOVEMBER) == {"UNALLOCATED": Decimal(30)}


# --- closing ---


def _closed(make: Make) -> Books:
    books = make()
    books.document(cost("10", model="gpt-5.5"))
    books.used("MFF", "6")
    books.used("FF", "4")
    books.keep()
    close(books.build, OCTOBER, "Eva", books.clock)
    return books


def test_late_use_becomes_corrections_in_the_first_open_month(make: Make) -> None:
    books = _closed(make)
    before = books.rows(columns="*")
    books.used("LF1", "10")
    books.keep()
    assert books.rows(columns="*") == before
    # the truth is now 10 USD as 6 : 4 : 10: 60, 40 and 100 CZK of 200; what October holds is taken off
    assert books.rows(NOVEMBER, "unit, net_czk, charge_class") == [
        ("FF", Decimal(-40), "Correction"), ("LF1", Decimal(100), "Correction"), ("MFF", Decimal(-60), "Correction"),
    ]  # fmt: skip


def test_an_invoice_in_place_of_a_closed_report_is_booked_against_it(make: Make) -> None:
    books = make()
    books.document(cost("10", model="gpt-5.5"), kind="report")
    books.used("MFF", "10")
    books.keep()
    close(books.build, OCTOBER, "Eva", books.clock)
    books.document(cost("11", model="gpt-5.5"))
    books.keep()
    assert books.units() == {"MFF": Decimal(200)}
    assert books.units(NOVEMBER) == {"MFF": Decimal(0), "UNALLOCATED": Decimal(20)}
    lines = books.rows(NOVEMBER, "document_name, unit, net_czk, charge_class")
    assert lines[0] == ("d1.csv", "MFF", Decimal(-200), "Correction")
    assert ("d2.csv", "MFF", Decimal(200), "Correction") in lines


def test_a_document_that_is_gone_is_taken_back_under_its_own_name(make: Make) -> None:
    books = _closed(make)
    books.drop("d1")
    books.keep()
    assert books.rows(NOVEMBER, "document_name, unit, net_czk, share") == [
        ("d1.csv", "FF", Decimal(-80), 0), ("d1.csv", "MFF", Decimal(-120), 0),
    ]  # fmt: skip


def test_a_month_opened_again_is_made_anew_and_leaves_a_trace(make: Make) -> None:
    books = _closed(make)
    books.used("LF1", "10")
    books.keep()
    reopen(books.build, "2026-10", "Jan", "use came late", books.clock)
    assert books.units() == {"FF": Decimal(40), "LF1": Decimal(100), "MFF": Decimal(60)}
    assert books.units(NOVEMBER) == {}
    asked = "select closed_by, reopened_by, reason, net_czk from month_close"
    assert books.run(asked).fetchall() == [("Eva", "Jan", "use came late", Decimal(200))]
    close(books.build, "2026-10", "Eva", books.clock)
    assert [m.is_closed for m in months(books.build)] == [True]
    assert books.broken() == []


def test_corrections_that_were_closed_too_stay_when_the_first_month_is_opened(make: Make) -> None:
    books = _closed(make)
    books.used("LF1", "10")
    books.keep()
    books.now = datetime(2026, 12, 5)
    books.keep()
    close(books.build, NOVEMBER, "Eva", books.clock)
    held = books.rows(NOVEMBER, "*")
    reopen(books.build, OCTOBER, "Jan", "why not", books.clock)
    books.keep()
    assert books.rows(NOVEMBER, "*") == held
    assert books.units() == {"FF": Decimal(80), "LF1": Decimal(0), "MFF": Decimal(120)}


def test_a_correction_passes_over_every_closed_month(make: Make) -> None:
    books = make()
    september = {"charge_period_start": datetime(2026, 9, 1), "charge_period_end": datetime(2026, 10, 1)}
    books.document(cost("1", model="gpt-5.5", **september), tax_point=date(2026, 9, 30))
    books.document(cost("10", model="gpt-5.5"))
    books.keep()
    close(books.build, OCTOBER, "Eva", books.clock)
    close(books.build, "2026-09", "Eva", books.clock)
    books.used("MFF", "1", utc_day=date(2026, 9, 15))
    books.keep()
    assert books.rows(NOVEMBER, "unit, net_czk, origin_month") == [
        ("MFF", Decimal(20), date(2026, 9, 1)),
        ("UNALLOCATED", Decimal(-20), date(2026, 9, 1)),
    ]


def test_a_month_is_not_closed_while_anything_stands_against_it(make: Make) -> None:
    books = make(now=datetime(2026, 10, 31, 22, 59))  # 23:59 in Prague
    books.document(cost("1", billing_currency="CHF"), tax_point=date(2026, 10, 5))
    books.keep()
    with pytest.raises(
        MonthError, match=r"not over before 2026-10-31 has passed; no rate of CHF on or before 2026-10-05"
    ):
        close(books.build, OCTOBER, "Eva", books.clock)
    books = make(now=datetime(2026, 10, 31, 23, 0))
    books.document(cost("1"), tax_point=date(2026, 10, 5))
    with pytest.raises(MonthError, match="run python -m etl publish first"):
        close(books.build, OCTOBER, "Eva", books.clock)
    books.keep(today=NOVEMBER)
    assert close(books.build, OCTOBER, "Eva", books.clock) == "2026-10 closed: 20.00 CZK net, 4.20 CZK VAT"
    with pytest.raises(MonthError, match="closed already"):
        close(books.build, OCTOBER, "Eva", books.clock)


def test_a_ledger_that_does_not_add_up_is_not_closed(make: Make) -> None:
    books = _closed(make)
    reopen(books.build, OCTOBER, "Jan", "to break it", books.clock)
    books.run("update allocation set net_czk = net_czk + 0.01 where unit = 'FF'")
    with pytest.raises(MonthError, match=r"ledger_totals_agree found 1 rows; check ledger_units_add_up found 1 rows"):
        close(books.build, OCTOBER, "Eva", books.clock)


def test_changing_a_closed_months_rows_is_found(make: Make) -> None:
    books = _closed(make)
    books.run("update allocation set unit = 'LF1' where unit = 'FF'")
    assert books.broken() == ["ledger_closed_months"]


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "Oktober", "2026-10-01"])
def test_a_month_is_written_with_its_year(text: str) -> None:
    with pytest.raises(InputError, match="a month like 2026-10"):
        month_named(text)


def test_who_and_why_must_be_said_and_an_address_is_not_kept(make: Make) -> None:
    books = _closed(make)
    for by, reason in (("", "why"), ("Jan", " \n "), ("x" * 201, "why")):
        with pytest.raises(InputError, match="1 to 200 characters"):
            reopen(books.build, OCTOBER, by, reason, books.clock)
    with pytest.raises(MonthError, match=r"not closed; closed: 2026-10"):
        reopen(books.build, NOVEMBER, "Jan", "why", books.clock)
    reopen(books.build, OCTOBER, "jan.novak@cuni.cz", "why", books.clock)
    assert "novak" not in str(books.run("select reopened_by from month_close").fetchone())


# --- for any story ---

steps = st.lists(
    st.one_of(
        st.tuples(st.just("bill"), st.decimals("-500", "500", places=4), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("report"), st.decimals("0", "500", places=4), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("use"), st.sampled_from(UNITS), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("drop"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("rate"), st.sampled_from(["19.5", "21.123"]), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("close"), st.sampled_from([9, 10]), st.just(0)),
        st.tuples(st.just("reopen"), st.sampled_from([9, 10]), st.just(0)),
        st.tuples(st.just("rules"), st.sampled_from(["", '[[even]]\nunits = ["FF", "MFF"]\n']), st.just(0)),
    ),
    min_size=4, max_size=12,
)  # fmt: skip
BEGINNING: list[tuple[str, Any, int]] = [
    ("bill", "101.2345", 0), ("report", "99", 1), ("use", "MFF", 0), ("close", 9, 0), ("close", 10, 0),
]  # fmt: skip


def _step(books: Books, kind: str, what: Any, month: int) -> None:
    first = datetime(2026, 9 + month, 1)
    stretch = {"charge_period_start": first, "charge_period_end": datetime(2026, 10 + month, 1)}
    if kind in ("bill", "report"):
        said = {"kind": "report"} if kind == "report" else {"tax_point": date(2026, 9 + month, 20)}
        books.document(cost(str(what), model="gpt-5.5", **stretch), cost("0.0049", **stretch), **said)
    elif kind == "use":
        books.used(what, "37.123456789012", utc_day=date(2026, 9 + month, 15))
    elif kind == "drop":
        books.drop(f"d{what}")
    elif kind == "rate":
        books.rate("USD", what, date(2026, 9 + month, 1), 30)
    elif kind == "rules":
        books.write_rules(what)
    try:
        if kind == "close":
            close(books.build, date(2026, what, 1), "Eva", books.clock)
        elif kind == "reopen":
            reopen(books.build, date(2026, what, 1), "Jan", "a story", books.clock)
    except MonthError:
        pass


@given(steps)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_closed_months_never_change_and_all_months_are_the_truth_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, Any, int]]
) -> None:
    books = Books(tmp_path_factory.mktemp("story"))
    try:
        for kind, what, month in [*BEGINNING, *story]:
            closed = [
                m for (m,) in books.run("select month_start from month_close where reopened_at is null").fetchall()
            ]
            reopened = date(2026, what, 1) if kind == "reopen" else None
            before = {m: books.rows(m, "*") for m in closed if m != reopened}
            _step(books, kind, what, month)
            books.keep()  # runs the checks: units + unallocated = line, lines = document, documents = ledger
            assert {m: books.rows(m, "*") for m in before} == before
            assert (
                books.run(
                    "select unit, sum(net_czk), sum(vat_czk), sum(non_deductible_czk) from allocation group by 1"
                    " having sum(net_czk) <> 0 or sum(vat_czk) <> 0 order by 1"
                ).fetchall()
                == books.run(
                    "select unit, sum(net_czk), sum(vat_czk), sum(non_deductible_czk) from allocated group by 1"
                    " having sum(net_czk) <> 0 or sum(vat_czk) <> 0 order by 1"
                ).fetchall()
            )
    finally:
        books.build.close()
