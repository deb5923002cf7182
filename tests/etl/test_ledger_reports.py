"""Reports, credits and discounts on a real build: what counts in the ledger and in what is published of it."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.month_close import close
from etl.reconciliation import reconcile
from etl.sections import Invoices
from queries import warehouse
from tests.etl.books import NOVEMBER, OCTOBER, Books, cost

EDU = '[[seats]]\nservice = "ChatGPT*"\nproduct = "edu"\n'


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """An empty build; closed after the test."""
    made = Books(tmp_path)
    yield made
    made.build.close()


def published(books: Books, text: str) -> list[tuple[Any, ...]]:
    """What the query finds in a snapshot made now."""
    books.keep()
    file = books.folder / "var" / books.build.publish()
    with duckdb.connect(str(file), read_only=True) as snapshot:
        return snapshot.execute(text).fetchall()


def day(number: int) -> dict[str, Any]:
    return {
        "charge_period_start": datetime(2026, 10, number), "charge_period_end": datetime(2026, 10, number + 1),
    }  # fmt: skip


def half_month() -> dict[str, Any]:
    return {"charge_period_end": datetime(2026, 10, 22)}


def test_a_report_cut_by_an_invoice_of_some_days_counts_once_everywhere(books: Books) -> None:
    books.document(cost("310", list_cost=Decimal(620)), kind="report")
    books.document(cost("200", **half_month()), issuer_country="CZ")
    cost_by_day = (
        "select document_name, sum(billed_cost), sum(effective_cost), count(*) from invoice_day group by 1 order by 1"
    )
    assert published(books, cost_by_day) == [
        ("d1.csv", Decimal(100), Decimal(100), 10),
        ("d2.csv", Decimal(200), Decimal(200), 21),
    ]
    assert books.units() == {"UNALLOCATED": Decimal(6000)}
    focus = "select sum(billed_czk), sum(list_czk) from charge where list_czk is not null"
    assert published(books, focus) == [(Decimal(2000), Decimal(4000))]


def test_the_steps_to_what_was_billed_hold_for_a_report_cut_by_an_invoice(books: Books) -> None:
    books.document(cost("310", list_cost=Decimal(620), model="gpt-5.5"), kind="report")
    books.document(cost("200", model="gpt-5.5", **half_month()), issuer_country="CZ")
    books.keep()
    reconcile(books.build, Invoices(), "UK")
    rows = dict(books.run("select cause, czk from reconciliation where month_start = ?", [OCTOBER]).fetchall())
    assert rows["billed_net"] == 6000
    totals = ("billed_net", "vat", "billed")
    assert sum(czk for cause, czk in rows.items() if cause not in totals) == rows["billed_net"]
    assert rows["period"] == 0


def test_what_an_invoice_of_one_provider_replaces_leaves_others_and_credit_in_place(books: Books) -> None:
    grant = {"billed_cost": Decimal(0), "effective_cost": Decimal(7), "credit_kind": "burn_down"}
    books.document(cost("9"), cost("5", provider="azure"), {**grant, **day(3)}, kind="report")
    books.document(cost("9"))
    assert published(
        books, "select document_name, provider, sum(billed_cost) from invoice_day group by all order by all"
    ) == [
        ("d1.csv", "azure", Decimal(5)),
        ("d1.csv", "openai", Decimal(0)),
        ("d2.csv", "openai", Decimal(9)),
    ]
    assert published(books, "select credit_kind, amount from credit") == [("burn_down", Decimal(7))]
    assert published(books, "select sum(effective_czk) from charge where basis like 'prepaid%'") == [(Decimal(140),)]


def test_an_invoice_that_waits_for_its_day_counts_beside_no_report(books: Books) -> None:
    books.document(cost("9"), kind="report")
    books.document(cost("10"), tax_point=date(2026, 12, 1))
    assert published(books, "select document_name, sum(billed_cost) from invoice_day group by 1") == [
        ("d1.csv", Decimal(9))
    ]
    assert books.units() == {"UNALLOCATED": Decimal(180)}


def test_vat_in_lines_of_its_own_is_in_no_cost(books: Books) -> None:
    books.document(cost("100"), cost("21", charge_category="Tax"), issuer_country="CZ")
    assert published(books, "select sum(billed_cost), sum(effective_czk) from invoice_day") == [
        (Decimal(100), Decimal(2000))
    ]


@pytest.mark.parametrize(
    ("country", "vat", "lost"), [("CZ", "420", "420"), ("IE", "420", "420")], ids=["ours", "foreign"]
)  # fmt: skip
def test_vat_of_an_invoice_paid_by_card_is_what_it_states(books: Books, country: str, vat: str, lost: str) -> None:
    said = {
        "net_total": Decimal(100),
        "tax_total": Decimal(21),
        "gross_total": Decimal(121),
        "prepaid_total": Decimal(121),
    }
    books.write_rules('[[vat.rates]]\nrate = "0.12"\n[[vat.deductible]]\nunits = ["UNALLOCATED"]\nshare = "0.5"\n')
    books.document(cost("100"), issuer_country=country, **said)
    books.keep()
    [row] = books.rows(columns="vat_czk, non_deductible_czk")
    assert row == (Decimal(vat), Decimal(lost) / (2 if country == "CZ" else 1))


def test_vat_of_what_an_advance_leaves_is_not_that_of_the_whole(books: Books) -> None:
    said = {
        "net_total": Decimal(100),
        "tax_total": Decimal("2.1"),
        "prepaid_total": Decimal(109),
        "issuer_country": "CZ",
    }
    books.document(cost("100", tax_rate=Decimal("0.21")), gross_total=Decimal(121), **said)
    books.keep()
    assert books.rows(columns="vat_czk") == [(Decimal(420),)]


def test_seats_stay_with_their_holders_when_a_report_of_other_use_is_loaded(books: Books) -> None:
    books.write_rules(EDU)
    books.document(cost("30", service_name="ChatGPT Edu"), cost("20"))
    books.used("MFF", "50")
    books.keep()
    before = books.rows(columns="unit, net_czk, basis")
    assert before[0] == ("UNALLOCATED", Decimal(600), "nobody known held a seat")
    books.document(cost("50", model="gpt-5.5", service_name="API"), kind="report")
    books.keep()
    assert books.rows(columns="unit, net_czk, basis")[0] == before[0]


def test_a_discount_goes_to_those_who_pay_what_it_is_taken_off(books: Books) -> None:
    # 60 and 40 USD by model less 10: 90 USD, all of it metered 3 : 2
    books.document(
        cost("60", model="gpt-5.5"), cost("40", model="gpt-4.1"), cost("-10", charge_category="Credit"), kind="report"
    )
    books.used("MFF", "54")
    books.used("FF", "36", model="gpt-4.1")
    books.keep()
    assert books.units() == {"FF": Decimal(720), "MFF": Decimal(1080)}


def test_a_discount_that_an_agreement_is_for_stays_with_it(books: Books) -> None:
    books.write_rules('[[owners]]\nsku = "promo"\nunit = "LF1"\n')
    books.document(cost("60", model="gpt-5.5"), cost("-10", sku_id="promo"), kind="report")
    books.used("MFF", "60")
    books.keep()
    assert books.units() == {"LF1": Decimal(-200), "MFF": Decimal(1200)}


def test_the_charges_of_a_closed_month_outlive_the_document_and_the_unit(books: Books) -> None:
    books.document(cost("100", credit_kind="purchase", charge_category="Purchase", unit="FF"))
    books.keep()
    close(books.build, OCTOBER, "Eva", books.clock)
    asked = "select unit, charge_category, billed_czk, effective_czk from charge where month_start = date '2026-10-01'"
    assert published(books, asked) == [("FF", "Purchase", Decimal(2000), Decimal(0))]
    books.drop("d1")
    books.run("delete from unit where unit = 'FF'")
    assert published(books, asked) == [("UNKNOWN", "Purchase", Decimal(2000), Decimal(0))]
    assert published(books, "select sum(billed_czk), sum(effective_czk) from charge") == [(Decimal(0), Decimal(0))]
    assert books.units(NOVEMBER) == {"FF": Decimal(-2000)}


# --- credit in its measures ---

GIFTS = "select credit_kind, sum(amount) from credit group by 1 order by 1"


def test_credit_taken_off_a_bill_is_given_and_used(books: Books) -> None:
    books.document(cost("100"), cost("-10", charge_category="Credit", credit_kind="grant"), kind="report")
    assert published(books, GIFTS) == [("burn_down", Decimal(10)), ("grant", Decimal(10))]


def test_what_is_drawn_from_a_grant_lowers_what_is_left_of_it(books: Books) -> None:
    nothing = {"billed_cost": Decimal(0), "effective_cost": Decimal(0)}
    books.document({**nothing, "credit_kind": "grant", "list_cost": Decimal(50)})
    books.document({**nothing, "credit_kind": "burn_down", "list_cost": Decimal(20)}, kind="report")
    assert published(books, GIFTS) == [("burn_down", Decimal(20)), ("grant", Decimal(50))]


def test_the_register_tells_what_of_credit_was_used_and_lapsed(books: Books) -> None:
    used = {"billed_cost": Decimal(0), "effective_cost": Decimal(30), "credit_kind": "burn_down"}
    books.document(used, {**used, "effective_cost": Decimal(5), "credit_kind": "expiry"}, kind="report")
    assert published(books, "select purchased, burned_down, expired from invoice") == [(0, Decimal(30), Decimal(5))]


# --- what people are told ---


@pytest.mark.parametrize(
    ("invoiced", "found"),
    [("95", []), ("50", [(OCTOBER, "d2.csv", Decimal(50), Decimal(100))]),
     ("160", [(OCTOBER, "d2.csv", Decimal(160), Decimal(100))])],
)  # fmt: skip
def test_an_invoice_far_from_the_report_it_stands_for_is_told(
    books: Books, invoiced: str, found: list[tuple[Any, ...]]
) -> None:
    books.document(cost("100"), kind="report")
    books.document(cost(invoiced))
    books.keep()
    check = (Path(warehouse.__file__).parent / "checks" / "warn" / "invoice_below_report.sql").read_text("utf-8")
    rows = books.run(check).fetchall()
    assert [(month, name, *amounts) for month, _, name, _, *amounts in rows] == found
