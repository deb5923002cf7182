"""UN/CEFACT Cross Industry Invoices (D16B and later): XRechnung, Factur-X and ZUGFeRD 2 in XML.

Source of the rules: EN 16931-1 and the Factur-X 1.0 profiles. MINIMUM and BASIC WL have no lines: one pseudo-line
stands for them. Group and information lines of EXTENDED repeat what other lines hold and are left out.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from etl.sources.invoices.einvoice import Item, Printed
from etl.sources.invoices.ubl import CORRECTED, CREDIT_NOTES, pseudo, refuse_advance
from etl.sources.invoices.xml import Node, period

NAMESPACE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_REPEATED = ("GROUP", "INFORMATION")
_DAY = "DateTimeString"


def printed(name: str, invoice: Node) -> Printed:
    """The invoice; amounts in the invoice's currency (BT-5)."""
    code = invoice.required("ExchangedDocument/TypeCode")
    refuse_advance(name, code)
    trade = invoice.first("SupplyChainTradeTransaction") or invoice
    settlement = trade.first("ApplicableHeaderTradeSettlement") or trade
    seller = trade.first("ApplicableHeaderTradeAgreement/SellerTradeParty") or trade
    totals = settlement.first("SpecifiedTradeSettlementHeaderMonetarySummation") or settlement
    currency = settlement.currency("InvoiceCurrencyCode")
    stretch, lines = settlement.first("BillingSpecifiedPeriod"), _lines(trade)
    is_taxed_total = not lines and totals.text("LineTotalAmount") is None
    net = totals.money("TaxBasisTotalAmount")
    return Printed(
        number=invoice.required("ExchangedDocument/ID"),
        issuer=seller.required("Name"),
        country=seller.text("PostalTradeAddress/CountryID"),
        currency=currency,
        issue_day=invoice.day(f"ExchangedDocument/IssueDateTime/{_DAY}"),
        tax_point=_tax_point(trade, settlement),
        due_day=settlement.day(f"SpecifiedTradePaymentTerms/DueDateDateTime/{_DAY}"),
        net=net,
        tax=_tax(totals, currency),
        gross=totals.amount("GrandTotalAmount"),
        prepaid=totals.amount("TotalPrepaidAmount"),
        items=(*(lines or _whole(totals, settlement)), *(() if is_taxed_total else _allowances(settlement))),
        is_credit_note=code in CREDIT_NOTES,
        is_signed=net < 0,  # some print what is given back as negative already
        is_correction=code == CORRECTED,
        corrects=settlement.text("InvoiceReferencedDocument/IssuerAssignedID"),
        period=period(stretch, f"StartDateTime/{_DAY}", f"EndDateTime/{_DAY}") if stretch else None,
    )


def _tax_point(trade: Node, settlement: Node) -> date | None:
    stated = settlement.day("ApplicableTradeTax/TaxPointDate/DateString")
    delivered = f"ApplicableHeaderTradeDelivery/ActualDeliverySupplyChainEvent/OccurrenceDateTime/{_DAY}"
    return stated or trade.day(delivered)


def _lines(trade: Node) -> list[Item]:
    return [
        _item(line)
        for line in trade.all("IncludedSupplyChainTradeLineItem")
        if line.text("AssociatedDocumentLineDocument/LineStatusReasonCode") not in _REPEATED
    ]


def _item(line: Node) -> Item:
    settlement = line.first("SpecifiedLineTradeSettlement") or line
    stretch = settlement.first("BillingSpecifiedPeriod")
    quantity = line.first("SpecifiedLineTradeDelivery/BilledQuantity")
    return Item(
        key=line.text("AssociatedDocumentLineDocument/LineID") or line.place.rpartition(" ")[2],
        net=settlement.money("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"),
        description=line.text("SpecifiedTradeProduct/Name"),
        quantity=line.amount("SpecifiedLineTradeDelivery/BilledQuantity"),
        unit_code=quantity.own("unitCode") if quantity else None,
        tax_rate=settlement.percent("ApplicableTradeTax/RateApplicablePercent"),
        sku=line.text("SpecifiedTradeProduct/SellerAssignedID", "SpecifiedTradeProduct/GlobalID"),
        period=period(stretch, f"StartDateTime/{_DAY}", f"EndDateTime/{_DAY}") if stretch else None,
    )


def _whole(totals: Node, settlement: Node) -> list[Item]:
    """The one pseudo-line of a document without lines: its lines' total, or what is taxed where that isn't stated."""
    rates = settlement.all("ApplicableTradeTax")
    rate = rates[0].percent("RateApplicablePercent") if len(rates) == 1 else None
    net = totals.money("LineTotalAmount", "TaxBasisTotalAmount")
    return [Item(key="whole", net=net, description="The whole invoice (it lists no lines)", tax_rate=rate)]


def _allowances(settlement: Node) -> Iterator[Item]:
    """What is allowed or charged as a whole (a pseudo-line of what is taxed, after all of these, leaves them out)."""
    for number, each in enumerate(settlement.all("SpecifiedTradeAllowanceCharge"), 1):
        is_charge = each.flag("ChargeIndicator/Indicator")
        rate = each.percent("CategoryTradeTax/RateApplicablePercent")
        yield pseudo(number, is_charge, each.money("ActualAmount"), each.text("Reason"), rate)
    for number, each in enumerate(settlement.all("SpecifiedLogisticsServiceCharge"), 1):
        rate = each.percent("AppliedTradeTax/RateApplicablePercent")
        yield pseudo(1000 + number, True, each.money("AppliedAmount"), each.text("Description"), rate)


def _tax(totals: Node, currency: str) -> Decimal | None:
    for each in totals.all("TaxTotalAmount"):
        if (each.own("currencyID") or currency).upper() == currency:
            return each.own_amount()
    return None
