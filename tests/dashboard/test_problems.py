"""What the ETL says is put in the words of the pages."""

import pytest

from dashboard.language import speaking
from dashboard.problems import problem_said

PDF = (
    "invoices: refused: invoices: bill-2026-11.pdf: found 'a PDF without an embedded invoice (invoices of OpenAI and "
    "Anthropic are such)'; allowed: a PDF with an invoice inside (ISDOC, Factur-X); else type its figures into the form"
)


@pytest.mark.parametrize(
    ("text", "english", "czech"),
    [
        (
            PDF,
            "bill-2026-11.pdf: it is a PDF without an invoice inside: type its figures in on the page Invoices",
            "bill-2026-11.pdf: je to PDF bez vložené faktury; opište její údaje na stránce Faktury",
        ),
        (
            "invoices: typed-x.csv, lines of invoice T-1: found '99.500000000000 in all'; allowed: 100.000000000000, "
            "the net total the document states",
            "the lines make 99.50, but the document states 100.00 before tax",
            "řádky dávají 99,50, ale doklad uvádí 100,00 bez daně",
        ),
        (
            "2026-09 closed: 176388.86 CZK net, -31266.66 CZK VAT",
            "September 2026: CZK 176,388.86 before tax, VAT −CZK 31,266.66",
            "září 2026: 176 388,86 Kč bez daně, DPH −31 266,66 Kč",
        ),
        (
            "1200 rows read, 3 days changed",
            "rows read: 1,200, days changed: 3",
            "přečteno řádků: 1 200, přepočteno dnů: 3",
        ),
        ("annotation of 2026-11-23 kept", "", ""),
        (
            "inbox: annotation kind: found 'party'; allowed: training, launch",
            "annotation kind: found “party”; allowed: training, launch",
            "annotation kind: nalezeno „party“; přípustné: training, launch",
        ),
        ("2026-11 can't be closed: it is not over", *["2026-11 can't be closed: it is not over"] * 2),
        (None, "", ""),
    ],
)  # fmt: skip
def test_a_message_is_said_in_the_language_of_the_page(text: str | None, english: str, czech: str) -> None:
    for code, said in (("en", english), ("cs", czech)):
        with speaking(code):
            assert problem_said(text).replace("\u00a0", " ") == said


def test_the_document_beside_a_message_is_not_said_again() -> None:
    with speaking("en"):
        assert problem_said(PDF, "bill-2026-11.pdf") == (
            "it is a PDF without an invoice inside: type its figures in on the page Invoices"
        )
        assert problem_said("invoices: odd.csv: no header", "odd.csv") == "no header"
