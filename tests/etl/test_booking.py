"""Booking documents in CZK: which count, when, at which rate, with which VAT; every total to the haléř."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from etl.allocation_rules import Rules, parse_rules
from etl.billed import Billed, months_of
from etl.booking import Books, Rate, book

TODAY = date(2026, 11, 23)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
RULES = parse_rules('[countries]\nopenai = "IE"\ne-infra = "CZ"\n[[vat.rates]]\nrate = "0.21"\n')
RATES = {"USD": Decimal("20.123"), "EUR": Decimal("24.5"), "CZK": Decimal(1)}
FIRST_RATE = date(2026, 9, 1)


def rates(currency: str, day: date) -> Rate | None:
    """The same rate all year long; none before September, and none of a currency nobody publishes."""
    return Rate(RATES[currency], day) if currency in RATES and day >= FIRST_RATE else None


def billed(net: str, number: int = 1, **said: Any) -> Billed:
    """A line of an Irish invoice in USD for October whose tax point is the last of October."""
    kind = said.get("kind", "invoice")
    given = {
        "line_id": f"d#{number}", "document_id": "d", "kind": kind, "provider": "openai", "category": "Usage",
        "currency": "USD", "net": Decimal(net), "start": OCTOBER, "last": date(2026, 10, 31),
        "months": {OCTOBER: Decimal(net)}, "tax_point": date(2026, 10, 31) if kind == "invoice" else None,
    } | said  # fmt: skip
    return Billed(**given)


def booked(*lines: Billed, rules: Rules = RULES, today: date = TODAY) -> Books:
    return book(lines, rules, rates, today)


def totals(books: Books) -> list[tuple[date, str, int, int]]:
    """Month, basis, net and VAT in haléře of each booking."""
    return [(b.month, b.basis, b.net_halers, b.vat_halers) for b in books.bookings]


def test_a_document_is_rounded_once_and_its_lines_share_that_total() -> None:
    # three lines of 1.00 USD at 20.123: 60.369 CZK = 6037 haléře; each is 2012.3, floors are 2012, one is left
    [booking] = booked(billed("1"), billed("1", 2), billed("1", 3)).bookings
    assert booking.net_halers == 6037
    assert [n.net_halers for n in booking.lines] == [2013, 2012, 2012]
    # VAT of 6037: 1267.77 = 1268; shares 422.73, 422.52, 422.52: floors 422, two are left
    assert booking.vat_halers == 1268
    assert [n.vat_halers for n in booking.lines] == [423, 423, 422]
    assert booking.is_self_assessed


def test_an_invoice_is_booked_in_the_month_of_its_tax_point_at_that_days_rate() -> None:
    [booking] = booked(billed("10", tax_point=date(2026, 11, 2))).bookings
    assert (booking.month, booking.rate.published) == (NOVEMBER, date(2026, 11, 2))


def test_a_report_is_booked_in_the_month_of_the_charge_at_the_months_end_or_today() -> None:
    november = billed("1", 2, kind="report", document_id="n", start=NOVEMBER, months={NOVEMBER: Decimal(1)})
    books = booked(billed("1", kind="report"), november)
    assert [(b.month, b.basis, b.rate.published) for b in books.bookings] == [
        (OCTOBER, "provisional", date(2026, 10, 31)),
        (NOVEMBER, "provisional", TODAY),
    ]


def test_a_report_does_not_count_where_an_invoice_bills_its_month_even_one_dated_later() -> None:
    report = billed("9", kind="report", document_id="r")
    other = billed("5", kind="report", document_id="a", provider="anthropic")
    books = booked(report, other, billed("10", tax_point=date(2026, 11, 2)))
    assert [(b.document_id, b.month) for b in books.bookings] == [("a", OCTOBER), ("d", NOVEMBER)]
    assert [(n.document_id, n.month, n.state) for n in books.left_out] == [("r", OCTOBER, "superseded")]


def test_a_credit_note_alone_leaves_the_report_in_place() -> None:
    note = billed("-1", kind="credit_note", document_id="c", tax_point=date(2026, 10, 20))
    books = booked(billed("9", kind="report", document_id="r"), note)
    assert [(b.document_id, b.net_halers) for b in books.bookings] == [("c", -2012), ("r", 18111)]


def test_a_flat_cost_is_booked_month_by_month_until_now() -> None:
    months = {m: Decimal("0.01") for m in months_of(OCTOBER, date(2027, 1, 31))}
    lease = billed("0.04", kind="flat", provider="e-infra", currency="CZK", months=months)
    books = booked(lease)
    assert totals(books) == [(OCTOBER, "invoice", 1, 0), (NOVEMBER, "invoice", 1, 0)]
    assert [(n.month, n.state) for n in books.left_out] == [(date(2026, 12, 1), "later"), (date(2027, 1, 1), "later")]


def test_credit_is_booked_when_bought_and_neither_its_use_nor_its_expiry() -> None:
    bought = billed("100", credit_kind="purchase")
    use = billed("30", 2, kind="report", document_id="r", credit_kind="burn_down")
    lost = billed("-5", 3, kind="report", document_id="r", credit_kind="expiry")
    books = booked(bought, use, lost)
    assert [(b.document_id, b.net_halers) for b in books.bookings] == [("d", 201230)]
    assert {n.state for n in books.left_out} == {"prepaid"}


def test_credit_taken_off_a_bill_lowers_that_bill() -> None:
    assert totals(booked(billed("10"), billed("-10", 2, credit_kind="burn_down"))) == [(OCTOBER, "invoice", 0, 0)]


def test_without_a_rate_the_whole_document_waits_and_says_what_to_do() -> None:
    books = booked(billed("1"), billed("1", 2, currency="CHF"))
    assert books.bookings == []
    [left] = books.left_out
    assert (left.state, left.remedy) == (
        "no_rate", "no rate of CHF on or before 2026-10-31: add it to the fx folder, or set [fx] source",
    )  # fmt: skip
    early = billed("1", tax_point=date(2026, 8, 31))
    assert [n.state for n in booked(early).left_out] == ["no_rate"]


def test_without_a_rate_of_vat_nothing_is_guessed() -> None:
    dated = parse_rules('[[vat.rates]]\nrate = "0.21"\nvalid_from = 2026-11-01\n')
    assert [n.state for n in booked(billed("1"), rules=dated).left_out] == ["no_rule"]


def test_the_rate_of_vat_is_that_of_the_tax_point() -> None:
    dated = parse_rules(
        '[[vat.rates]]\nrate = "0.20"\nvalid_to = 2026-10-31\n[[vat.rates]]\nrate = "0.25"\nvalid_from = 2026-10-31\n'
    )
    books = booked(billed("10", currency="CZK"), rules=dated)
    assert totals(books) == [(OCTOBER, "invoice", 1000, 250)]


def test_domestic_vat_is_what_the_document_states() -> None:
    # 123.45 CZK with 25.92 stated (21 % would be 25.9245); the lines' own 21 % say how to spread it
    lines = [billed(n, i, currency="CZK", country="CZ", tax_rate=Decimal("0.21"), tax_total=Decimal("25.92"))
             for i, n in enumerate(("100.00", "23.45"), 1)]  # fmt: skip
    [booking] = booked(*lines).bookings
    assert (booking.vat_halers, booking.is_self_assessed, booking.is_deductible) == (2592, False, True)
    assert [n.vat_halers for n in booking.lines] == [2100, 492]


def test_vat_in_lines_of_its_own_is_no_cost() -> None:
    tax = billed("21", 2, category="Tax", currency="CZK", country="CZ")
    books = booked(billed("100", currency="CZK", country="CZ"), tax)
    assert totals(books) == [(OCTOBER, "invoice", 10000, 2100)]


def test_vat_charged_from_abroad_is_neither_assessed_again_nor_deductible() -> None:
    [booking] = booked(billed("100", currency="CZK", tax_rate=Decimal("0.23"), country="IE")).bookings
    assert (booking.vat_halers, booking.is_self_assessed, booking.is_deductible) == (2300, False, False)


def test_an_unknown_issuer_without_vat_counts_as_foreign_and_with_vat_as_ours() -> None:
    unknown: dict[str, Any] = {"provider": "nobody", "currency": "CZK"}
    [foreign] = booked(billed("100", **unknown)).bookings
    [ours] = booked(billed("100", tax_rate=Decimal("0.12"), **unknown)).bookings
    assert (foreign.vat_halers, foreign.is_self_assessed) == (2100, True)
    assert (ours.vat_halers, ours.is_self_assessed, ours.is_deductible) == (1200, False, True)


def test_what_is_dated_ahead_waits_for_its_day() -> None:
    books = booked(billed("1", tax_point=date(2026, 11, 30)))
    assert (books.bookings, [n.state for n in books.left_out]) == ([], ["later"])


@given(
    st.lists(
        st.tuples(
            st.decimals("-1e9", "1e9", places=12, allow_nan=False), st.sampled_from(["USD", "EUR", "CZK"]),
            st.sampled_from(["invoice", "report", "flat"]), st.sampled_from(["1", "2"]),
            st.sampled_from([None, "CZ", "IE"]), st.sampled_from([None, Decimal("0.21")]),
        ),
        min_size=1, max_size=8,
    ),
    st.randoms(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_lines_are_the_document_and_documents_their_amount_at_the_rate_in_any_order(
    found: list[tuple[Any, ...]], dice: Any
) -> None:
    lines = [
        billed(str(net), n, months={OCTOBER: net}, currency=currency, kind=kind, document_id=kind + document,
               country=country, tax_rate=tax_rate)
        for n, (net, currency, kind, document, country, tax_rate) in enumerate(found)
    ]  # fmt: skip
    books = booked(*lines)
    for b in books.bookings:
        assert sum(n.net_halers for n in b.lines) == b.net_halers
        assert sum(n.vat_halers for n in b.lines) == b.vat_halers
        exact = sum((n.net for n in b.lines), Decimal(0)) * b.rate.czk_per_unit
        assert b.net_halers == int(exact.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)
    mixed = list(lines)
    dice.shuffle(mixed)
    assert booked(*mixed) == books
