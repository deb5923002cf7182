"""Invoices of other forms for the demo alone: electronic ones, one typed in, a credit note, and one that is refused."""

import os
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pypdf

from etl.demo.bills import months
from etl.demo.world import Bill, World
from etl.sources.invoices.typed import put_form

_VAT = Decimal("0.21")
_ISSUERS = {
    "openai": ("OpenAI Ireland Limited", "IE"), "anthropic": ("Anthropic Ireland, Limited", "IE"),
}  # fmt: skip
_LAST_YEAR = 31_536_000  # seconds: written long before it is read, so that it is moved at the first load


def write_documents(folder: Path, world: World) -> None:
    """ISDOC invoices of a leased server, a credit note for one, credits and providers' invoices typed in, and a PDF
    that can't be read."""
    folder.mkdir(parents=True, exist_ok=True)
    ended = [(start, end) for start, end in months(world) if end <= world.last_day + timedelta(1)][-3:]
    for start, end in ended:
        _isdoc(folder, start, end - timedelta(1), {"Pronájem serveru GPU": Decimal(12400), "Podpora": Decimal(1600)})
    if ended:
        start, end = ended[-1]
        _isdoc(folder, start, end - timedelta(1), {"Sleva za výpadek serveru GPU": Decimal(900)}, is_credit_note=True)
        _typed(folder, start, end - timedelta(1))
    for bills in _invoiced(world):
        _typed_invoice(folder, bills)
    _unreadable(folder / f"openai-invoice-{world.last_day:%Y-%m}.pdf")


def _invoiced(world: World) -> Iterator[list[Bill]]:
    """What OpenAI and Anthropic charged in each month but the last two: the invoices of those have not come yet."""
    issued = [f"{start:%Y-%m}" for start, _end in months(world)][:-2]
    for month in issued:
        for provider in _ISSUERS:
            if bills := [b for b in world.bills if b.document == f"{provider}-{month}"]:
                yield bills


def _typed_invoice(folder: Path, bills: list[Bill]) -> None:
    """The month's invoice of a provider abroad, without VAT, as an accountant types it in from a PDF."""
    provider, start = bills[0].provider, bills[0].start.replace(day=1)
    last = (start + timedelta(32)).replace(day=1) - timedelta(1)
    amount = f"{sum((b.amount for b in bills), Decimal(0)):.2f}"
    issuer, country = _ISSUERS[provider]
    values = {
        "invoice_id": f"{provider[:2].upper()}-{start:%Y%m}", "provider": provider, "issuer": issuer,
        "issuer_country": country, "issue_day": f"{last + timedelta(2)}", "tax_point": f"{last}", "currency": "USD",
        "net_total": amount, "tax_total": "0", "gross_total": amount, "description": "API usage", "amount": amount,
        "period_start": f"{start}", "period_last_day": f"{last}",
    }  # fmt: skip
    put_form(folder, values, {}, lambda _: None)


def _isdoc(
    folder: Path, start: date, last: date, lines: Mapping[str, Decimal], *, is_credit_note: bool = False
) -> None:
    """One ISDOC 6.0.2 document of an invented Czech supplier, its tax point the month's last day."""
    kind, letter = ("2", "D") if is_credit_note else ("1", "F")
    net = sum(lines.values(), Decimal(0))
    items = "".join(
        f'<InvoiceLine><ID>{n}</ID><InvoicedQuantity unitCode="ks">1</InvoicedQuantity>'
        f"<LineExtensionAmount>{amount}</LineExtensionAmount>"
        "<ClassifiedTaxCategory><Percent>21</Percent><VATCalculationMethod>0</VATCalculationMethod>"
        f"</ClassifiedTaxCategory><Item><Description>{text}</Description></Item></InvoiceLine>"
        for n, (text, amount) in enumerate(lines.items(), 1)
    )
    refers = f"<ID>F-{start:%Y%m}</ID>"
    corrects = f"<OriginalDocumentReference>{refers}</OriginalDocumentReference>" if is_credit_note else ""
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<Invoice xmlns="http://isdoc.cz/namespace/2013" version="6.0.2">
<DocumentType>{kind}</DocumentType><ID>{letter}-{start:%Y%m}</ID>
<IssueDate>{last + timedelta(3)}</IssueDate><TaxPointDate>{last}</TaxPointDate><VATApplicable>true</VATApplicable>
<LocalCurrencyCode>CZK</LocalCurrencyCode><CurrRate>1</CurrRate><RefCurrRate>1</RefCurrRate>
<AccountingSupplierParty><Party><PartyName><Name>Vzorové výpočty, s.r.o.</Name></PartyName>
<PostalAddress><Country><IdentificationCode>CZ</IdentificationCode></Country></PostalAddress></Party>
</AccountingSupplierParty><OriginalDocumentReferences>{corrects}</OriginalDocumentReferences>
<InvoiceLines>{items}</InvoiceLines>
<TaxTotal><TaxSubTotal><TaxAmount>{net * _VAT}</TaxAmount></TaxSubTotal><TaxAmount>{net * _VAT}</TaxAmount></TaxTotal>
<LegalMonetaryTotal><TaxExclusiveAmount>{net}</TaxExclusiveAmount>
<TaxInclusiveAmount>{net * (1 + _VAT)}</TaxInclusiveAmount></LegalMonetaryTotal>
<PaymentMeans><Payment><Details><PaymentDueDate>{last + timedelta(17)}</PaymentDueDate></Details></Payment>
</PaymentMeans></Invoice>
"""
    (folder / f"vzorove-vypocty-{letter}-{start:%Y%m}.isdoc").write_text(text, "utf-8")


def _typed(folder: Path, start: date, last: date) -> None:
    """Credits bought from OpenRouter, of which some were used and some lapsed, as an accountant types them in."""
    values = {
        "invoice_id": f"OR-{start:%Y-%m}", "provider": "openrouter", "issuer": "OpenRouter, Inc.",
        "issuer_country": "US", "issue_day": f"{start}", "tax_point": f"{start}", "currency": "USD",
        "net_total": "200", "tax_total": "0", "gross_total": "200",
    }  # fmt: skip
    lines = (("Credits", "200", "purchase"), ("Use of credits", "131.40", "burn_down"), ("Lapsed", "8.60", "expiry"))
    for number, (description, amount, kind) in enumerate(lines, 1):
        line = {"description": description, "amount": amount, "credit_kind": kind}
        line |= {"period_start": f"{start}", "period_last_day": f"{last}"}
        values |= {f"{column}_{number}": value for column, value in line.items()}
    put_form(folder, values, {}, lambda _: None)


def _unreadable(file: Path) -> None:
    """A PDF as OpenAI sends it: a page without an embedded invoice."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(file)
    long_ago = file.stat().st_mtime - _LAST_YEAR
    os.utime(file, (long_ago, long_ago))
