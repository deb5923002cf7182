"""Czech electronic invoices, ISDOC 6.0.x (namespace http://isdoc.cz/namespace/2013).

Source of the rules: the ISDOC 6.0.2 schema and its public samples. Amounts in a foreign currency stand in elements
ending in Curr beside the local ones. TaxTotal/TaxAmount is after settled advances, so the tax of the whole document is
the sum over its rates. Advances (types 4 to 6) hold nothing that the invoice settling them doesn't.
"""

from decimal import Decimal

from etl.errors import InputError
from etl.sources.invoices.einvoice import Item, Printed
from etl.sources.invoices.line import SOURCE
from etl.sources.invoices.xml import Node

NAMESPACE = "http://isdoc.cz/namespace/2013"
_ADVANCES = {
    "4": "an advance invoice (no tax document)",
    "5": "a tax document of an advance paid",
    "6": "a correction of a tax document of an advance",
}
_KINDS = ("1", "2", "3", "7")  # invoice, credit note, debit note, simplified tax document


def printed(name: str, invoice: Node) -> Printed:
    """The invoice; all amounts in the foreign currency where it has one, else in the local one."""
    kind = _kind(name, invoice)
    foreign = invoice.text("ForeignCurrencyCode")
    suffix = "Curr" if foreign else ""
    totals = invoice.first("LegalMonetaryTotal") or invoice
    net = totals.money(f"TaxExclusiveAmount{suffix}")
    supplier = "AccountingSupplierParty/Party"
    return Printed(
        number=invoice.required("ID"),
        issuer=invoice.required(f"{supplier}/PartyName/Name"),
        country=_country(invoice, supplier),
        currency=invoice.currency("ForeignCurrencyCode" if foreign else "LocalCurrencyCode"),
        issue_day=invoice.day("IssueDate"),
        tax_point=invoice.day("TaxPointDate"),
        due_day=invoice.day("PaymentMeans/Payment/Details/PaymentDueDate"),
        net=net,
        tax=_tax(invoice, suffix),
        gross=totals.amount(f"TaxInclusiveAmount{suffix}"),
        prepaid=_prepaid(totals, suffix),
        items=tuple(_item(n, suffix, invoice) for n in invoice.all("InvoiceLines/InvoiceLine")),
        is_credit_note=kind == "2",
        is_signed=net < 0,  # both ways are met
        is_correction=kind == "3",
        corrects=_corrected(invoice) if kind in ("2", "3") else None,
    )


def _kind(name: str, invoice: Node) -> str:
    kind = invoice.required("DocumentType")
    if kind in _ADVANCES:
        raise InputError(SOURCE, name, _ADVANCES[kind], "the invoice that settles it: it holds the whole cost")
    if kind not in _KINDS:
        raise invoice.refusal("DocumentType", kind, ", ".join(_KINDS))
    return kind


def _country(invoice: Node, supplier: str) -> str | None:
    code = invoice.text(f"{supplier}/PostalAddress/Country/IdentificationCode")
    return code.upper() if code and len(code) == 2 else None


def _item(line: Node, suffix: str, invoice: Node) -> Item:
    quantity = line.first("InvoicedQuantity")
    is_taxed = (invoice.text("VATApplicable") or "true").lower() not in ("false", "0")
    return Item(
        key=line.text("ID") or line.place.rpartition(" ")[2],
        net=line.money(f"LineExtensionAmount{suffix}"),
        description=line.text("Item/Description", "Note"),
        quantity=line.amount("InvoicedQuantity"),
        unit_code=quantity.own("unitCode") if quantity else None,
        tax_rate=line.percent("ClassifiedTaxCategory/Percent") if is_taxed else None,
        sku=line.text("Item/SellersItemIdentification/ID", "Item/CatalogueItemIdentification/ID"),
    )


def _tax(invoice: Node, suffix: str) -> Decimal | None:
    """The tax over all rates, before settled advances; None where no rate is listed."""
    found = [n.amount(f"TaxAmount{suffix}") for n in invoice.all("TaxTotal/TaxSubTotal")]
    return sum((a for a in found if a is not None), Decimal(0)) if found else None


def _prepaid(totals: Node, suffix: str) -> Decimal | None:
    """Advances already taxed and those only paid; the latter are printed with a minus by some."""
    taxed = totals.amount(f"AlreadyClaimedTaxInclusiveAmount{suffix}")
    paid = totals.amount(f"PaidDepositsAmount{suffix}")
    return None if taxed is None and paid is None else (taxed or Decimal(0)) + abs(paid or Decimal(0))


def _corrected(invoice: Node) -> str | None:
    return invoice.text("OriginalDocumentReferences/OriginalDocumentReference/ID")
