"""Which reports an invoice stands for: no cost vanishes, none counts twice; and VAT that a document lists by itself."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.allocation_rules import parse_rules
from etl.billed import Billed, month_of, months_of
from etl.booking import Books
from tests.etl.test_booking import NOVEMBER, OCTOBER, RULES, billed, booked

SEPTEMBER = date(2026, 9, 1)
LAST = date(2026, 10, 31)


def report(net: str, day: date = OCTOBER, **said: Any) -> Billed:
    """A report's line of one day."""
    given = {"kind": "report", "document_id": "r", "line_id": f"r#{day}", "start": day, "last": day}
    return billed(net, months={month_of(said.get("start", day)): Decimal(net)}, **given | said)


def nets(books: Books) -> dict[str, Decimal]:
    """{document: what is booked of it in its currency}."""
    found: dict[str, Decimal] = {}
    for booking in books.bookings:
        found[booking.document_id] = found.get(booking.document_id, Decimal(0)) + booking.net
    return found


def vats(books: Books) -> list[tuple[date, str, int]]:
    return [(b.month, b.provider, b.vat_halers) for b in books.bookings]


NOT_USE: dict[str, dict[str, Any]] = {
    "a purchase": {"category": "Purchase"},
    "an adjustment": {"category": "Adjustment"},
    "credit": {"credit_kind": "purchase"},
    "what is spread over its days": {"is_amortised": True},
    "a correction of an invoice": {"is_correction": True},
    "what a document gives to a unit": {"unit": "MFF"},
    "seats": {"said": {"provider": "openai", "service": "ChatGPT Edu"}},
    "what an agreement gives to a unit": {"said": {"provider": "openai", "project": "proj_lab"}},
    "an invoice of the future": {"tax_point": date(2026, 12, 1)},
    "an invoice without a rate": {"currency": "CHF"},
}


@pytest.mark.parametrize("said", NOT_USE.values(), ids=NOT_USE)
def test_a_report_stands_beside_what_bills_no_metered_use_and_what_is_not_booked(said: dict[str, Any]) -> None:
    rules = parse_rules(
        '[[seats]]\nservice = "ChatGPT*"\nproduct = "edu"\n[[owners]]\nproject = "proj_lab"\nunit = "LF1"\n'
        '[[vat.rates]]\nrate = "0.21"\n'
    )
    books = booked(report("1000"), billed("2400", **said), rules=rules)
    assert nets(books)["r"] == 1000
    assert books.superseded == []


def test_a_years_seats_leave_every_months_report_in_place() -> None:
    months = months_of(SEPTEMBER, LAST)
    seats = billed("2400", category="Purchase", start=SEPTEMBER, last=date(2027, 8, 31), tax_point=date(2026, 9, 5))
    books = booked(seats, *(report("1000", m) for m in months))
    assert nets(books) == {"d": 2400, "r": 2000}


def test_what_goes_to_a_unit_stands_for_what_the_report_gives_the_same_unit() -> None:
    rules = parse_rules('[[owners]]\nproject = "proj_lab"\nunit = "LF1"\n[[vat.rates]]\nrate = "0.21"\n')
    lab = {"said": {"provider": "openai", "project": "proj_lab"}}
    books = booked(report("7", line_id="lab", **lab), report("9"), billed("7", **lab), rules=rules)
    assert nets(books) == {"d": 7, "r": 9}


def test_an_invoice_for_one_day_stands_for_that_day_of_the_report_alone() -> None:
    days = [OCTOBER + timedelta(days=n) for n in range(28)]
    day = {"start": OCTOBER, "last": OCTOBER}
    books = booked(*(report("100", d) for d in days), billed("-5", **day), billed("15", 2, **day))
    assert nets(books) == {"d": 10, "r": 2700}
    assert [(s.line_id, s.day) for s in books.superseded] == [("r#2026-10-01", OCTOBER)]


def test_a_line_of_many_days_is_cut_to_those_that_no_invoice_bills() -> None:
    # 31 days of 10 USD; the invoice bills the first 21 of them, the other ten stay
    month = report("310", start=OCTOBER, last=LAST)
    books = booked(month, billed("200", last=date(2026, 10, 21)))
    assert nets(books) == {"d": 200, "r": 100}


def test_vat_of_days_that_an_invoice_bills_goes_with_them() -> None:
    tax = report("21", category="Tax", line_id="t")
    other = report("10", NOVEMBER, tax_rate=Decimal("0.21"))
    books = booked(report("100"), tax, other, billed("100", country="IE"), billed("0", 2))
    assert [(b.document_id, b.vat_halers) for b in books.bookings] == [("d", 42258), ("r", 4226)]


@given(
    st.lists(st.tuples(st.decimals("-1e6", "1e6", places=12), st.integers(0, 50), st.integers(0, 40)), min_size=1),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40)), max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_what_is_booked_of_a_report_and_what_is_not_are_the_report(
    lines: list[tuple[Decimal, int, int]], invoiced: list[tuple[int, int]]
) -> None:
    def days(start: int, more: int) -> dict[str, date]:
        return {"start": SEPTEMBER + timedelta(days=start), "last": SEPTEMBER + timedelta(days=start + more)}

    told = [report(str(net), line_id=f"r#{n}", **days(s, m)) for n, (net, s, m) in enumerate(lines)]
    books = booked(*told, *(billed("1", n, **days(*stretch)) for n, stretch in enumerate(invoiced)))
    gone = {(s.line_id, s.day) for s in books.superseded}
    kept = {n.line_id: n.net for b in books.bookings if b.document_id == "r" for n in b.lines}
    for line in told:
        taken = [d for d in gone if d[0] == line.line_id]
        whole = (line.last - line.start).days + 1
        exact = Fraction(line.net) * (whole - len(taken)) / whole
        assert abs(Fraction(kept.get(line.line_id, Decimal(0))) - exact) < Fraction(1, 10**9)
        if not taken:
            assert kept[line.line_id] == line.net


# --- VAT in lines of its own ---


def focus(net: str, month: date, category: str = "Usage", **said: Any) -> Billed:
    return report(
        net, month, **{"category": category, "line_id": f"{category}{month}{said}", "provider": "azure"} | said
    )


def test_vat_of_each_month_goes_with_its_month() -> None:
    months = [SEPTEMBER, OCTOBER, NOVEMBER]
    lines = [focus("100", m) for m in months] + [focus(str(n), m, "Tax") for n, m in enumerate(months, 20)]
    assert vats(booked(*lines)) == [(m, "azure", vat) for m, vat in zip(months, (40246, 42258, 44271), strict=True)]


def test_vat_of_one_provider_is_not_charged_to_another() -> None:
    aws = focus("1", OCTOBER, provider="aws", tax_rate=Decimal("0.1"))
    books = booked(focus("100", OCTOBER), aws, focus("21", OCTOBER, "Tax"))
    assert vats(books) == [(OCTOBER, "aws", 201), (OCTOBER, "azure", 42258)]


def test_vat_that_is_of_nothing_charged_is_spread_over_all_there_is() -> None:
    books = booked(focus("300", SEPTEMBER), focus("100", OCTOBER), focus("40", NOVEMBER, "Tax"))
    assert vats(books) == [(SEPTEMBER, "azure", 60369), (OCTOBER, "azure", 20123)]


def test_vat_in_a_currency_that_nothing_is_charged_in_is_told() -> None:
    books = booked(focus("300", OCTOBER), focus("40", OCTOBER, "Tax", currency="EUR"))
    assert [(n.state, n.remedy) for n in books.left_out] == [
        ("no_rule", "VAT in EUR of a document that charges nothing in it: correct the document")
    ]


def test_a_documents_own_vat_total_is_shared_by_its_providers() -> None:
    said: dict[str, Any] = {"currency": "CZK", "country": "CZ", "tax_total": Decimal(42)}
    books = booked(billed("150", **said), billed("50", 2, provider="aws", **said))
    assert vats(books) == [(OCTOBER, "aws", 1050), (OCTOBER, "openai", 3150)]


# --- the day of an invoice ---


def test_an_invoice_without_a_tax_point_is_of_the_last_day_it_charges() -> None:
    lines = [billed("1", n, tax_point=None, start=day, last=day)
             for n, day in enumerate((date(2026, 10, 31), OCTOBER, date(2026, 9, 30), date(2026, 11, 2)))]  # fmt: skip
    [booking] = booked(*lines, rules=RULES).bookings
    assert (booking.month, booking.rate.published, booking.net) == (NOVEMBER, date(2026, 11, 2), 4)
