"""UBL 2.1 invoices and credit notes, as the European norm EN 16931 uses them.

Source of the rules: EN 16931-1 business terms (BT) and rules (BR). Credit notes are positive (BT-3 381); a line's net
amount (BT-131) is what counts, whatever the base quantity of its price; a period's end (BT-74, BT-135) is its last day.
"""

from collections.abc import Iterator
from decimal import Decimal

from etl.errors import InputError
from etl.sources.invoices.einvoice import Item, Printed
from etl.sources.invoices.line import SOURCE
from etl.sources.invoices.xml import Node, period

NAMESPACES = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "CreditNote",
}
CREDIT_NOTES = ("381", "396", "261", "532")
CORRECTED = "384"
NO_INVOICES = {"386": "an invoice for an advance", "325": "a pro-forma invoice"}


def printed(name: str, invoice: Node) -> Printed:
    """The invoice; amounts in the document's currency (BT-5)."""
    root = invoice.root_name[1]
    code = invoice.text("InvoiceTypeCode", "CreditNoteTypeCode") or ("381" if root == "CreditNote" else "380")
    refuse_advance(name, code)
    currency = invoice.currency("DocumentCurrencyCode")
    totals = invoice.first("LegalMonetaryTotal") or invoice
    supplier = invoice.first("AccountingSupplierParty/Party") or invoice
    net = _in_currency(totals, "TaxExclusiveAmount", currency)
    stretch = invoice.first("InvoicePeriod")
    return Printed(
        number=invoice.required("ID"),
        issuer=supplier.required("PartyLegalEntity/RegistrationName", "PartyName/Name"),
        country=supplier.text("PostalAddress/Country/IdentificationCode"),
        currency=currency,
        issue_day=invoice.day("IssueDate"),
        tax_point=invoice.day("TaxPointDate", "Delivery/ActualDeliveryDate"),
        due_day=invoice.day("DueDate", "PaymentMeans/PaymentDueDate"),
        net=net,
        tax=_tax(invoice, currency),
        gross=totals.amount("TaxInclusiveAmount"),
        prepaid=totals.amount("PrepaidAmount"),
        items=tuple(_items(invoice, currency)),
        is_credit_note=root == "CreditNote" or code in CREDIT_NOTES,
        is_signed=net < 0,  # some print what is given back as negative already
        is_correction=code == CORRECTED,
        corrects=invoice.text("BillingReference/InvoiceDocumentReference/ID"),
        period=period(stretch, "StartDate", "EndDate") if stretch else None,
    )


def refuse_advance(name: str, code: str) -> None:
    """Nothing for an invoice; InputError for an advance, whose cost stands again in the invoice that settles it."""
    if code in NO_INVOICES:
        raise InputError(SOURCE, name, NO_INVOICES[code], "the invoice that settles it: it holds the whole cost")


def _items(invoice: Node, currency: str) -> Iterator[Item]:
    for line in invoice.all("InvoiceLine") + invoice.all("CreditNoteLine"):
        yield _item(line, currency)
    for number, each in enumerate(invoice.all("AllowanceCharge"), 1):
        is_charge = each.flag("ChargeIndicator")
        amount = _in_currency(each, "Amount", currency)
        yield pseudo(number, is_charge, amount, each.text("AllowanceChargeReason"), each.percent("TaxCategory/Percent"))


def pseudo(number: int, is_charge: bool, amount: Decimal, reason: str | None, rate: Decimal | None) -> Item:
    """A line for what the document allows or charges as a whole."""
    kind = "charge" if is_charge else "allowance"
    net = amount if is_charge else -amount
    return Item(
        key=f"{kind}{number}", net=net, description=reason or kind.capitalize(), category="Adjustment", tax_rate=rate
    )


def _item(line: Node, currency: str) -> Item:
    quantity = line.first("InvoicedQuantity") or line.first("CreditedQuantity")
    stretch = line.first("InvoicePeriod")
    return Item(
        key=line.text("ID") or line.place.rpartition(" ")[2],
        net=_in_currency(line, "LineExtensionAmount", currency),
        description=line.text("Item/Name", "Item/Description"),
        quantity=line.amount("InvoicedQuantity", "CreditedQuantity"),
        unit_code=quantity.own("unitCode") if quantity else None,
        tax_rate=line.percent("Item/ClassifiedTaxCategory/Percent"),
        sku=line.text("Item/SellersItemIdentification/ID", "Item/StandardItemIdentification/ID"),
        period=period(stretch, "StartDate", "EndDate") if stretch else None,
    )


def _in_currency(node: Node, path: str, currency: str) -> Decimal:
    """The amount, which must be there and, where it names a currency, in the document's."""
    amount = node.money(path)
    named = node.first(path)
    stated = named.own("currencyID") if named else None
    if stated is not None and stated.upper() != currency:
        raise node.refusal(f"{path} currencyID", stated, f"{currency}, the document's currency")
    return amount


def _tax(invoice: Node, currency: str) -> Decimal | None:
    """The tax in the document's currency (BT-110); a second total in the tax currency (BT-111) is left alone."""
    for total in invoice.all("TaxTotal"):
        amount = total.first("TaxAmount")
        if amount is not None and (amount.own("currencyID") or currency).upper() == currency:
            return total.amount("TaxAmount")
    return None
