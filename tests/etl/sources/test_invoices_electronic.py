"""ISDOC, UBL and CII: an invoice's lines make the net total it states, or it is refused with the numbers."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import InputError
from tests.etl.sources.einvoice_files import (
    cii,
    cii_line,
    isdoc,
    isdoc_line,
    landed,
    pdf,
    ubl,
    ubl_allowance,
    ubl_line,
    zipped,
)

NOVEMBER = (datetime(2026, 11, 1), datetime(2026, 12, 1))


def costs(lines: list[dict[str, Any]]) -> list[Decimal]:
    return [line["billed_cost"] for line in lines]


def test_an_isdoc_invoice_gives_its_header_and_its_lines(tmp_path: Path) -> None:
    head, lines = landed(tmp_path, "a.isdoc", isdoc(isdoc_line("100"), isdoc_line("200", "2")))

    assert {k: v for k, v in head.items() if k not in ("document_id", "document_name")} == {
        "kind": "invoice", "provider": "vypocty-brno-s-r-o", "invoice_id": "2026-001",
        "invoice_issuer_name": "Výpočty Brno s.r.o.", "issuer_country": "CZ", "issue_day": date(2026, 12, 2),
        "tax_point": date(2026, 11, 30), "due_day": date(2026, 12, 16), "currency": "CZK", "net_total": Decimal(300),
        "tax_total": Decimal(63), "gross_total": Decimal(363), "prepaid_total": None, "corrects_invoice_id": None,
    }  # fmt: skip
    assert costs(lines) == [100, 200]
    assert {(n["charge_period_start"], n["charge_period_end"]) for n in lines} == {NOVEMBER}
    assert {n["tax_rate"] for n in lines} == {Decimal("0.21")}
    assert (lines[0]["consumed_quantity"], lines[0]["consumed_unit"]) == (10, "h")


def test_an_isdoc_invoice_in_a_foreign_currency_is_in_that_currency_throughout(tmp_path: Path) -> None:
    currency = "<LocalCurrencyCode>CZK</LocalCurrencyCode><ForeignCurrencyCode>EUR</ForeignCurrencyCode>"
    content = isdoc(isdoc_line("12.50", curr="Curr"), net="12.50", gross="15.13", rates=(("21", "2.63"),),
                    currency=currency, curr="Curr")  # fmt: skip

    head, lines = landed(tmp_path, "a.isdoc", content)

    assert (head["currency"], head["net_total"], head["tax_total"]) == ("EUR", Decimal("12.5"), Decimal("2.63"))
    assert [(n["billing_currency"], n["billed_cost"]) for n in lines] == [("EUR", Decimal("12.5"))]


def test_the_tax_of_an_isdoc_invoice_is_that_before_settled_advances(tmp_path: Path) -> None:
    content = isdoc(isdoc_line("100"), isdoc_line("100", "2", "12"), net="200", rates=(("21", "21"), ("12", "12")),
                    gross="233").replace(
        "</LegalMonetaryTotal>",
        "<AlreadyClaimedTaxInclusiveAmount>100</AlreadyClaimedTaxInclusiveAmount>"
        "<PaidDepositsAmount>-33</PaidDepositsAmount></LegalMonetaryTotal>",
    )  # fmt: skip

    head, lines = landed(tmp_path, "a.isdoc", content)

    assert (head["net_total"], head["tax_total"], head["gross_total"], head["prepaid_total"]) == (200, 33, 233, 133)
    assert [n["tax_rate"] for n in lines] == [Decimal("0.21"), Decimal("0.12")]


@pytest.mark.parametrize("net", ["300", "-300"])
def test_an_isdoc_credit_note_is_booked_negative_whichever_sign_it_prints(tmp_path: Path, net: str) -> None:
    refers = (
        "<OriginalDocumentReferences><OriginalDocumentReference><ID>2026-000</ID></OriginalDocumentReference>"
        "</OriginalDocumentReferences>"
    )
    rates = (("21", "63" if net == "300" else "-63"),)
    gross = "363" if net == "300" else "-363"

    head, lines = landed(
        tmp_path, "a.isdoc", isdoc(isdoc_line(net), net=net, gross=gross, rates=rates, kind="2", more=refers)
    )

    assert (head["kind"], head["net_total"], head["tax_total"], head["gross_total"]) == ("credit_note", -300, -63, -363)
    assert head["corrects_invoice_id"] == "2026-000"
    assert [(n["billed_cost"], n["charge_class"]) for n in lines] == [(-300, "Correction")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (isdoc(isdoc_line("100"), isdoc_line("199.99", "2")), r"299\.99.* in all'; allowed: 300\.0*, the net total"),
        (isdoc(isdoc_line("300"), gross="500"), "totals of 2026-001: found 'net 300.*and tax 63.*allowed: what makes"),
        (isdoc(isdoc_line("300"), kind="4"), "an advance invoice"),
        (isdoc(isdoc_line("300"), kind="5"), "a tax document of an advance paid"),
        (isdoc(isdoc_line("300"), kind="9"), "DocumentType: found '9'; allowed: 1, 2, 3, 7"),
        (isdoc(isdoc_line("300"), root="CommonDocument"), "CommonDocument: a document of another kind, no invoice"),
        (isdoc(isdoc_line("1 mil")), "LineExtensionAmount: found '1 mil'"),
        (isdoc(isdoc_line("300", percent="2100")), "Percent: found '2100"),
        (isdoc(isdoc_line("300")).replace("2026-11-30", "30.11.2026"), "TaxPointDate: found '30.11.2026'"),
        (isdoc(isdoc_line("300")).replace("<ID>2026-001</ID>", ""), "a.isdoc ID: found ''"),
        (isdoc(isdoc_line("300")).replace("CZK", "KČ"), "LocalCurrencyCode: found 'KČ'"),
        (isdoc(), "found '0 in all'; allowed: 300"),
    ],
)  # fmt: skip
def test_an_isdoc_document_that_is_wrong_is_refused_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as error:
        landed(tmp_path, "a.isdoc", content)
    assert "example.cz" not in str(error.value)


def test_lines_finer_than_cents_are_rounded_as_their_total_is_with_a_line_that_says_so(tmp_path: Path) -> None:
    _, lines = landed(
        tmp_path, "a.isdoc",
        isdoc(isdoc_line("0.333"), isdoc_line("0.333", "2"), net="0.67", gross="0.67", rates=()),
    )  # fmt: skip

    assert costs(lines) == [Decimal("0.333"), Decimal("0.333"), Decimal("0.004")]
    assert (lines[2]["charge_description"], lines[2]["charge_category"]) == ("Rounding", "Adjustment")


def test_a_ubl_invoice_gives_its_header_and_its_lines_whatever_the_base_of_the_price(tmp_path: Path) -> None:
    head, lines = landed(tmp_path, "a.xml", ubl(ubl_line("100.00", 1, "12000"), ubl_line("200.00", 2)))

    assert [head[k] for k in ("kind", "provider", "invoice_id", "currency", "issuer_country")] == [
        "invoice", "openai", "F-77", "EUR", "IE",
    ]  # fmt: skip
    assert [head[k] for k in ("net_total", "tax_total", "gross_total", "tax_point")] == [300, 0, 300, None]
    assert [(n["billed_cost"], n["consumed_quantity"], n["tax_rate"]) for n in lines] == [(100, 12000, 0), (200, 2, 0)]
    assert lines[0]["charge_period_start"] == datetime(2026, 12, 1)  # of the day of issue: there is no tax point


def test_a_period_ends_after_its_last_day_and_a_lines_own_stands_before_the_documents(tmp_path: Path) -> None:
    def stretch(start: str, end: str) -> str:
        days = f"<cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate>"
        return f"<cac:InvoicePeriod>{days}</cac:InvoicePeriod>"

    own = ubl_line("200.00", 2, more=stretch("2026-11-05", "2026-11-05"))
    _, lines = landed(tmp_path, "a.xml", ubl(ubl_line("100.00"), own, more=stretch("2026-11-01", "2026-11-30")))

    assert [(n["charge_period_start"], n["charge_period_end"]) for n in lines] == [
        NOVEMBER, (datetime(2026, 11, 5), datetime(2026, 11, 6)),
    ]  # fmt: skip


def test_allowances_and_charges_of_a_whole_ubl_invoice_are_lines(tmp_path: Path) -> None:
    content = ubl(ubl_allowance("50.00"), ubl_allowance("10.00", "true"), ubl_line("340.00"))

    _, lines = landed(tmp_path, "a.xml", content)

    assert [(n["billed_cost"], n["charge_category"]) for n in lines] == [
        (340, "Usage"), (-50, "Adjustment"), (10, "Adjustment"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["CreditNote", "Invoice"])
def test_a_positive_credit_note_is_booked_negative_and_names_what_it_corrects(tmp_path: Path, form: str) -> None:
    refers = (
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-76</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
    )
    content = ubl(ubl_line("300.00", kind=form), root=form, code="381", more=refers)

    head, lines = landed(tmp_path, "a.xml", content)

    assert (head["kind"], head["net_total"], head["corrects_invoice_id"]) == ("credit_note", -300, "F-76")
    assert [(n["billed_cost"], n["consumed_quantity"], n["charge_class"]) for n in lines] == [(-300, -2, "Correction")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (ubl(ubl_line("300.01")), r"300\.01"),
        (ubl(ubl_line("300.00", currency="CZK")), "currencyID: found 'CZK'; allowed: EUR, the document's currency"),
        (ubl(ubl_line("300.00"), code="386"), "an invoice for an advance"),
        (ubl(ubl_line("300.00"), gross="400.00"), "allowed: what makes the gross total 400"),
        (ubl(ubl_allowance("0.00", "perhaps"), ubl_line("300.00")), "ChargeIndicator: found 'perhaps'"),
        (ubl(ubl_line("300.00")).replace("Invoice-2", "Order-2"), "an XML or HTML document <Invoice> of urn:oasis"),
    ],
)  # fmt: skip
def test_a_ubl_document_that_is_wrong_is_refused_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "a.xml", content)


def test_a_cii_invoice_gives_its_header_and_its_lines_and_leaves_out_lines_that_repeat_others(tmp_path: Path) -> None:
    group = "<ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>"

    head, lines = landed(tmp_path, "a.xml", cii(cii_line("100"), cii_line("200", 2), cii_line("300", 3, group)))

    assert [head[k] for k in ("kind", "provider", "invoice_id", "currency", "issuer_country")] == [
        "invoice", "mistral", "RE-9", "EUR", "FR",
    ]  # fmt: skip
    assert (head["issue_day"], head["tax_point"], head["net_total"], head["tax_total"]) == (
        date(2026, 12, 3), date(2026, 11, 30), 300, 63,
    )  # fmt: skip
    assert costs(lines) == [100, 200]
    assert {(n["charge_period_start"], n["charge_period_end"]) for n in lines} == {NOVEMBER}


def test_a_factur_x_invoice_without_lines_is_one_line_and_its_allowances(tmp_path: Path) -> None:
    allowance = (
        "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator>"
        "</ram:ChargeIndicator><ram:ActualAmount>20</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>"
    )
    lined = "<ram:LineTotalAmount>320</ram:LineTotalAmount>"

    _, basic = landed(tmp_path, "a.xml", cii(settlement=allowance, totals=lined))
    _, minimum = landed(tmp_path, "b.xml", cii(settlement=allowance, totals=""))

    assert costs(basic) == [320, -20]
    assert costs(minimum) == [300]
    assert minimum[0]["tax_rate"] == Decimal("0.21")


def test_a_cii_credit_note_is_booked_negative(tmp_path: Path) -> None:
    number = "<ram:IssuerAssignedID>RE-8</ram:IssuerAssignedID>"
    refers = f"<ram:InvoiceReferencedDocument>{number}</ram:InvoiceReferencedDocument>"

    head, lines = landed(tmp_path, "a.xml", cii(cii_line("300"), code="381", settlement=refers))

    assert (head["kind"], head["net_total"], head["corrects_invoice_id"]) == ("credit_note", -300, "RE-8")
    assert costs(lines) == [-300]


@pytest.mark.parametrize(
    "content",
    [
        ubl(ubl_line("-300.00", quantity="-2"), code="381", net="-300", tax="-63", gross="-363"),
        cii(
            cii_line("-300"), code="381", net="-300", tax="-63", gross="-363",
            totals="<ram:LineTotalAmount>-300</ram:LineTotalAmount>",
        ),
    ],
    ids=["UBL", "CII"],
)  # fmt: skip
def test_a_credit_note_that_prints_its_minus_stays_negative(tmp_path: Path, content: str) -> None:
    head, lines = landed(tmp_path, "a.xml", content)

    assert (head["kind"], head["net_total"], head["gross_total"]) == ("credit_note", -300, -363)
    assert costs(lines) == [-300]


def test_a_reseller_bills_for_the_provider_that_the_configuration_names(tmp_path: Path) -> None:
    content = ubl(ubl_line("300.00"), supplier="Obchod s licencemi, a.s.")

    head, lines = landed(tmp_path, "a.xml", content, issuers={"obchod s licencemi": "azure"})

    assert (head["provider"], head["invoice_issuer_name"], lines[0]["provider"]) == (
        "azure", "Obchod s licencemi, a.s.", "azure",
    )  # fmt: skip


def test_the_same_invoice_in_a_pdf_and_in_an_archive_gives_the_same_lines(tmp_path: Path) -> None:
    content = isdoc(isdoc_line("300"))

    found = [
        costs(landed(tmp_path, name, raw)[1])
        for name, raw in (
            ("a.isdoc", content),
            ("a.isdocx", zipped(faktura__isdoc=content, faktura__pdf="%PDF-1.4")),
            ("a.pdf", pdf(faktura__isdoc=content, note__txt="<not read>")),
            ("b.pdf", pdf(**{"factur-x__xml": cii(cii_line("300"))})),
            ("utf16.isdoc", content.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")),
            ("cp1250.isdoc", content.replace('encoding="utf-8"', 'encoding="windows-1250"').encode("cp1250")),
            ("bom.isdoc", b"\xef\xbb\xbf" + content.replace("\n", "\r\n").encode()),
        )
    ]

    assert found == [[300]] * 7


def test_a_line_that_names_an_address_is_masked(tmp_path: Path) -> None:
    _, lines = landed(tmp_path, "a.isdoc", isdoc(isdoc_line("300", text="licence for jana@example.cz")))

    assert lines[0]["charge_description"] == "licence for …@…"
