"""The register of documents as it is published: what is booked, what is not and why, and credits in three measures."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from etl.month_close import close
from tests.etl.books import NOVEMBER, OCTOBER, Books, cost


def _published(books: Books, text: str) -> list[tuple[Any, ...]]:
    books.keep()
    file = books.folder / "var" / books.build.publish()
    books.build.close()
    with duckdb.connect(str(file), read_only=True) as snapshot:
        return snapshot.execute(text).fetchall()


def test_the_register_tells_of_every_document_whether_it_is_booked(tmp_path: Path) -> None:
    books = Books(tmp_path)
    september = {"charge_period_start": datetime(2026, 9, 1), "charge_period_end": datetime(2026, 10, 1)}
    books.document(cost("10"), invoice_id="A-1", issuer_country="IE", net_total=Decimal(10))
    books.document(cost("9"), kind="report")
    books.document(cost("8", billing_currency="CHF"), provider="azure")
    books.document(cost("7", **september), kind="report")
    books.document(cost("6"), tax_point=date(2026, 12, 1))
    asked = """
        select document_name, state, month_start, net_czk, vat_czk, is_self_assessed, rate_day, remedy is not null
        from invoice order by document_name
    """
    nothing = (Decimal(0), Decimal(0), None, None)
    assert _published(books, asked) == [
        ("d1.csv", "booked", date(2026, 10, 1), Decimal(200), Decimal(42), True, date(2026, 10, 31), False),
        ("d2.csv", "superseded", None, *nothing, False),
        ("d3.csv", "no_rate", None, *nothing, True),
        ("d4.csv", "booked", date(2026, 9, 1), Decimal(140), Decimal("29.40"), True, date(2026, 9, 30), False),
        ("d5.csv", "later", None, *nothing, False),
    ]


def test_a_report_that_an_invoice_stands_for_is_in_no_cost(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.document(cost("10"), invoice_id="A-1", issuer_country="IE", net_total=Decimal(10))
    books.document(cost("9"), kind="report")
    asked = "select document_name, sum(billed_cost) from invoice_day group by document_name"
    assert _published(books, asked) == [("d1.csv", Decimal(10))]


def test_bought_used_and_expired_credit_are_three_measures_and_paid_once(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.document(cost("100", credit_kind="purchase", charge_category="Purchase"))
    november = {"charge_period_start": datetime(2026, 11, 2), "charge_period_end": datetime(2026, 11, 3)}
    books.document(
        cost("30", credit_kind="burn_down", **november), cost("5", credit_kind="expiry", **november), kind="report"
    )
    books.used("MFF", "40")
    asked = "select document_name, state, purchased, burned_down, expired, net_czk from invoice order by document_name"
    assert _published(books, asked) == [
        ("d1.csv", "booked", *map(Decimal, (100, 0, 0, 2000))),
        ("d2.csv", "prepaid", *map(Decimal, (0, 30, 5, 0))),
    ]


def test_credit_is_charged_as_it_is_used_and_the_rest_is_nobodys(tmp_path: Path) -> None:
    books = Books(tmp_path)
    one_day = {"charge_period_start": datetime(2026, 10, 31), "charge_period_end": datetime(2026, 11, 1)}
    books.document(cost("100", credit_kind="purchase", charge_category="Purchase", **one_day))
    books.used("MFF", "40")
    asked = "select unit, net_czk, basis from allocation order by unit"
    assert _published(books, asked) == [
        ("MFF", Decimal(800), "metered use of openai, UTC days from 2026-10-01 on"),
        ("UNALLOCATED", Decimal(1200), "prepaid credit not used yet, or used past the gateway"),
    ]


def test_the_words_of_a_bill_name_no_model_that_a_unit_used(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.document(cost("60", model="gpt-5.5"), invoice_id="A-1", issuer_country="IE", net_total=Decimal(60))
    books.used("MFF", "40")
    books.used("FF", "20")
    asked = """
        select unit, sum(net_czk), string_agg(basis, '; ') from allocation group by unit
        union all
        select unit, sum(billed_czk), string_agg(basis, '; ') from charge group by unit
        order by unit
    """
    found = _published(books, asked)
    assert [row[:2] for row in found] == [("FF", Decimal(400))] * 2 + [("MFF", Decimal(800))] * 2
    assert {row[2] for row in found} == {"metered use of openai, UTC days 2026-10-01 to 2026-10-31"}


def test_credit_used_after_its_month_was_closed_moves_to_its_users(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.document(cost("100", credit_kind="purchase", charge_category="Purchase"))
    books.used("MFF", "40")
    books.keep()
    close(books.build, OCTOBER, "Eva", books.clock)
    books.used("FF", "25", utc_day=date(2026, 11, 5))
    books.keep()
    assert books.units() == {"MFF": Decimal(800), "UNALLOCATED": Decimal(1200)}
    assert books.units(NOVEMBER) == {"FF": Decimal(500), "UNALLOCATED": Decimal(-500)}
    # the next credit ends the first one's time: October's is left with what was used in October
    books.document(cost("50", credit_kind="purchase", charge_category="Purchase"), tax_point=date(2026, 11, 2))
    books.keep()
    assert books.units(NOVEMBER) == {"FF": Decimal(500), "UNALLOCATED": Decimal(500)}
    books.build.close()


def test_credit_that_was_bought_again_since_is_not_divided_anew_with_every_new_day(tmp_path: Path) -> None:
    books = Books(tmp_path)
    bought = cost("100", credit_kind="purchase", charge_category="Purchase")
    books.document(bought)
    assert books.keep() == 1
    books.used("FF", "25", utc_day=date(2026, 11, 5))
    assert books.keep() == 1  # the last credit lasts
    books.document(bought, tax_point=date(2026, 11, 2))
    assert books.keep() == 2
    books.used("FF", "25", utc_day=date(2026, 11, 6))
    assert books.keep() == 1
    books.used("FF", "25", utc_day=date(2026, 10, 30))
    assert books.keep() == 1
    books.build.close()


def test_a_document_loaded_before_documents_had_a_row_counts_as_a_report(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.document(cost("1"), kind="report")
    books.run("delete from fact_invoice")
    asked = "select kind, state, currency, lines, lines_net, net_czk from invoice"
    assert _published(books, asked) == [("report", "booked", "USD", 1, Decimal(1), Decimal(20))]
