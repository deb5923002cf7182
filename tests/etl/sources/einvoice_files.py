"""Builders of electronic invoices for tests: ISDOC, UBL and CII with defaults, a PDF and zip files around them."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pypdf

from etl.sources.invoices.folder import InvoiceFolder
from etl.sources.invoices.kinds import Reading

HEAD = ("kind", "provider", "invoice_id", "currency", "net_total", "tax_total", "gross_total")


def landed(
    folder: Path, name: str, content: str | bytes, **reading: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(the invoice, its lines) of one file of this content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = InvoiceFolder(folder, reading=Reading(**reading)).landed(path)
    [head] = found.invoice.to_pylist()
    return head, [row for batch in found.lines for row in batch.to_pylist()]


def used(folder: Path, name: str, content: str) -> list[dict[str, Any]]:
    """The quantities of one file of this content; a key's pseudonym is `key of <it>`."""
    (folder / name).write_text(content, "utf-8")
    reading = Reading(key=lambda k: f"key of {k}" if k else None)
    found = InvoiceFolder(folder, reading=reading).landed(folder / name)
    return [row for batch in found.usage for row in batch.to_pylist()]


def isdoc(
    *lines: str,
    net: str = "300",
    kind: str = "1",
    number: str = "2026-001",
    rates: tuple[tuple[str, str], ...] = (("21", "63"),),
    gross: str = "363",
    currency: str = "<LocalCurrencyCode>CZK</LocalCurrencyCode>",
    curr: str = "",
    more: str = "",
    root: str = "Invoice",
) -> str:
    """An ISDOC 6.0.2 invoice of a supplier in Brno; `curr` is the suffix of the amounts' elements."""
    taxes = "".join(
        f"<TaxSubTotal><TaxAmount{curr}>{tax}</TaxAmount{curr}><TaxCategory><Percent>{p}</Percent></TaxCategory>"
        "</TaxSubTotal>"
        for p, tax in rates
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<{root} xmlns="http://isdoc.cz/namespace/2013" version="6.0.2">
<DocumentType>{kind}</DocumentType><ID>{number}</ID>
<IssueDate>2026-12-02</IssueDate><TaxPointDate>2026-11-30</TaxPointDate><VATApplicable>true</VATApplicable>
{currency}<CurrRate>1</CurrRate><RefCurrRate>1</RefCurrRate>
<AccountingSupplierParty><Party><PartyIdentification><ID>12345678</ID></PartyIdentification>
<PartyName><Name>Výpočty Brno s.r.o.</Name></PartyName>
<PostalAddress><Country><IdentificationCode>CZ</IdentificationCode></Country></PostalAddress>
<Contact><Name>Jana Nováková</Name><ElectronicMail>jana@example.cz</ElectronicMail></Contact>
</Party></AccountingSupplierParty>{more}
<InvoiceLines>{"".join(lines)}</InvoiceLines>
<TaxTotal>{taxes}<TaxAmount{curr}>0</TaxAmount{curr}></TaxTotal>
<LegalMonetaryTotal><TaxExclusiveAmount{curr}>{net}</TaxExclusiveAmount{curr}>
<TaxInclusiveAmount{curr}>{gross}</TaxInclusiveAmount{curr}></LegalMonetaryTotal>
<PaymentMeans><Payment><Details><PaymentDueDate>2026-12-16</PaymentDueDate></Details></Payment></PaymentMeans>
</{root}>"""


def isdoc_line(net: str, number: str = "1", percent: str = "21", curr: str = "", text: str = "GPU hodiny") -> str:
    """A line of an ISDOC invoice; with `curr` its local amount is a hundred times as much, and wrong to take."""
    local = f"<LineExtensionAmount>{net}00</LineExtensionAmount>" if curr else ""
    return (
        f'<InvoiceLine><ID>{number}</ID><InvoicedQuantity unitCode="h">10</InvoicedQuantity>'
        f"<LineExtensionAmount{curr}>{net}</LineExtensionAmount{curr}>{local}<UnitPrice>1</UnitPrice>"
        f"<ClassifiedTaxCategory><Percent>{percent}</Percent></ClassifiedTaxCategory>"
        f"<Item><Description>{text}</Description></Item></InvoiceLine>"
    )


def ubl(
    *lines: str,
    net: str = "300.00",
    tax: str = "0.00",
    gross: str = "300.00",
    root: str = "Invoice",
    code: str = "380",
    supplier: str = "OpenAI Ireland Ltd",
    more: str = "",
    totals: str = "",
) -> str:
    """A UBL invoice or credit note in euros."""
    space = "urn:oasis:names:specification:ubl:schema:xsd"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{space}:{root}-2" xmlns:cac="{space}:CommonAggregateComponents-2"
 xmlns:cbc="{space}:CommonBasicComponents-2">
<cbc:ID>F-77</cbc:ID><cbc:IssueDate>2026-12-01</cbc:IssueDate>
<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{more}
<cac:AccountingSupplierParty><cac:Party>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>IE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyLegalEntity><cbc:RegistrationName>{supplier}</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="CZK">{tax}5</cbc:TaxAmount></cac:TaxTotal>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>{totals}
<cbc:PayableAmount currencyID="EUR">{gross}</cbc:PayableAmount></cac:LegalMonetaryTotal>
{"".join(lines)}</{root}>"""


def ubl_line(
    net: str, number: int = 1, quantity: str = "2", kind: str = "Invoice", more: str = "", currency: str = "EUR"
) -> str:
    """A line of a UBL document, whose price is for 1000 tokens."""
    counted = {"Invoice": "Invoiced", "CreditNote": "Credited"}[kind]
    return (
        f"<cac:{kind}Line><cbc:ID>{number}</cbc:ID>"
        f'<cbc:{counted}Quantity unitCode="C62">{quantity}</cbc:{counted}Quantity>'
        f'<cbc:LineExtensionAmount currencyID="{currency}">{net}</cbc:LineExtensionAmount>{more}'
        "<cac:Item><cbc:Name>API usage</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>AE</cbc:ID>"
        "<cbc:Percent>0</cbc:Percent></cac:ClassifiedTaxCategory>"
        '</cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">0.01</cbc:PriceAmount><cbc:BaseQuantity>1000'
        f"</cbc:BaseQuantity></cac:Price></cac:{kind}Line>"
    )


def ubl_allowance(amount: str, is_charge: str = "false") -> str:
    """An allowance or charge of the whole document."""
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{is_charge}</cbc:ChargeIndicator>"
        "<cbc:AllowanceChargeReason>Discount</cbc:AllowanceChargeReason>"
        f'<cbc:Amount currencyID="EUR">{amount}</cbc:Amount></cac:AllowanceCharge>'
    )


def cii(
    *lines: str,
    totals: str = "<ram:LineTotalAmount>300</ram:LineTotalAmount>",
    net: str = "300",
    code: str = "380",
    settlement: str = "",
    tax: str = "63",
    gross: str = "363",
) -> str:
    """A CII invoice in euros, as in Factur-X."""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>RE-9</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20261203</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>{"".join(lines)}
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Mistral AI SAS</ram:Name>
<ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress></ram:SellerTradeParty>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>
<udt:DateTimeString format="102">20261130</udt:DateTimeString></ram:OccurrenceDateTime>
</ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{settlement}
<ram:ApplicableTradeTax><ram:RateApplicablePercent>21</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>{totals}
<ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
<ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount><ram:DuePayableAmount>{gross}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def cii_line(net: str, number: int = 1, more: str = "") -> str:
    """A line of a CII invoice."""
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID>{more}</ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedTradeProduct><ram:Name>La Plateforme</ram:Name></ram:SpecifiedTradeProduct>"
        '<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="H87">1</ram:BilledQuantity>'
        "</ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax>"
        "<ram:RateApplicablePercent>21</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        f"<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
    )


def pdf(**attachments: str | bytes) -> bytes:
    """A PDF of one empty page with these files inside (`factur_x__xml` is factur_x.xml)."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    for name, content in attachments.items():
        writer.add_attachment(name.replace("__", "."), content.encode() if isinstance(content, str) else content)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def zipped(**members: str) -> bytes:
    """A zip file of these members (`faktura__isdoc` is faktura.isdoc)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return target.getvalue()
