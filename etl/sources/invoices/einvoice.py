"""An invoice with a header and lines, whatever its format, as a document: signs, periods, pseudo-lines, totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from etl.errors import InputError
from etl.sources.invoices.document import Contents, Head, month_of
from etl.sources.invoices.focus import provider_of
from etl.sources.invoices.line import SOURCE, Line

Period = tuple[datetime, datetime]
CREDIT_KINDS = ("purchase", "burn_down", "expiry", "grant")
_CENT = Decimal("0.01")
_ROUNDED = Decimal(1)  # gross totals are rounded to whole units at most


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line as the document prints it, or a pseudo-line for what it charges or allows as a whole."""

    key: str
    net: Decimal
    description: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    tax_rate: Decimal | None = None
    sku: str | None = None
    period: Period | None = None
    category: str = "Usage"
    model: str | None = None
    unit: str | None = None
    api_key_key: str | None = None
    credit_kind: str | None = None
    is_amortised: bool = False


@dataclass(frozen=True, kw_only=True)
class Printed:
    """An invoice as it is printed: credit notes positive or negative as the format has them."""

    number: str
    issuer: str
    currency: str
    issue_day: date | None
    net: Decimal
    items: tuple[Item, ...]
    is_credit_note: bool = False
    is_correction: bool = False
    country: str | None = None
    tax_point: date | None = None
    due_day: date | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = None
    corrects: str | None = None
    period: Period | None = None
    provider: str | None = None
    is_signed: bool = False  # a credit note that prints its amounts with their minus


def contents(name: str, printed: Printed, issuers: Mapping[str, str]) -> Contents:
    """The document. A credit note is booked negative. InputError when its own totals contradict each other."""
    _require_gross(name, printed)
    sign = -1 if printed.is_credit_note and not printed.is_signed else 1
    provider = printed.provider or _provider(printed.issuer, issuers)
    head = Head(
        kind="credit_note" if printed.is_credit_note else "invoice",
        provider=provider,
        invoice_id=printed.number,
        invoice_issuer_name=printed.issuer,
        issuer_country=printed.country,
        issue_day=printed.issue_day,
        tax_point=printed.tax_point,
        due_day=printed.due_day,
        currency=printed.currency,
        net_total=sign * printed.net,
        tax_total=None if printed.tax is None else sign * printed.tax,
        gross_total=None if printed.gross is None else sign * printed.gross,
        prepaid_total=None if printed.prepaid is None else sign * printed.prepaid,
        corrects_invoice_id=printed.corrects,
    )
    items = [*printed.items, *_rounding(printed)]
    return Contents(head=head, lines=[_line(name, printed, head, item, sign) for item in items])


def _provider(issuer: str, issuers: Mapping[str, str]) -> str:
    """Who provides: as the configuration says of this issuer (a reseller bills for another), else by its name."""
    wanted = issuer.casefold()
    return next((p for part, p in issuers.items() if part.casefold() in wanted), None) or provider_of(issuer)


def _line(name: str, printed: Printed, head: Head, item: Item, sign: int) -> Line:
    start, end = item.period or printed.period or _month(name, printed)
    billed, effective = credit_amounts(item.credit_kind, sign * item.net)
    return Line(
        key=item.key,
        provider=head.provider,
        billing_currency=printed.currency,
        billed_cost=billed,
        effective_cost=effective,
        list_cost=sign * item.net if item.credit_kind == "grant" else None,
        charge_period_start=start,
        charge_period_end=end,
        billing_period_start=printed.period[0] if printed.period else None,
        billing_period_end=printed.period[1] if printed.period else None,
        charge_category=item.category,
        charge_class="Correction" if printed.is_credit_note or printed.is_correction else None,
        charge_description=item.description,
        invoice_id=printed.number,
        invoice_issuer_name=printed.issuer,
        tax_rate=item.tax_rate,
        sku_id=item.sku,
        model=item.model,
        consumed_quantity=None if item.quantity is None else sign * item.quantity,
        consumed_unit=item.unit_code,
        credit_kind=item.credit_kind,
        api_key_key=item.api_key_key,
        unit=item.unit,
        is_amortised=item.is_amortised,
    )


def credit_amounts(kind: str | None, amount: Decimal) -> tuple[Decimal, Decimal | None]:
    """(billed, effective) of an amount: a purchase of credits is paid and not used, what is drawn or lapses is used
    and not paid, a grant is neither; so neither sum holds anything twice.

    Rule: FOCUS 1.4, Billed Cost and Effective Cost of commitments and virtual currencies.
    """
    if kind is None:
        return amount, None
    return {
        "purchase": (amount, Decimal(0)),
        "burn_down": (Decimal(0), amount),
        "expiry": (Decimal(0), amount),
        "grant": (Decimal(0), Decimal(0)),
    }[kind]


def _month(name: str, printed: Printed) -> Period:
    """The calendar month of the tax point, for a line that says no period."""
    if (day := printed.tax_point or printed.issue_day) is None:
        raise InputError(SOURCE, f"{name}, period", "", "a period, a tax point or a day of issue")
    return month_of(day)


def _rounding(printed: Printed) -> list[Item]:
    """What rounding the lines' finer amounts to the total's cents makes, where that alone is the difference."""
    total = sum((credit_amounts(i.credit_kind, i.net)[0] for i in printed.items), Decimal(0))
    if total == printed.net or total.quantize(_CENT, ROUND_HALF_UP) != printed.net:
        return []
    return [Item(key="rounding", net=printed.net - total, description="Rounding", category="Adjustment")]


def _require_gross(name: str, printed: Printed) -> None:
    """Nothing when net and tax make the gross total, give or take its rounding; not all documents state all three."""
    if printed.tax is None or printed.gross is None:
        return
    if abs(printed.net + printed.tax - printed.gross) >= _ROUNDED:
        found = f"net {printed.net:f} and tax {printed.tax:f}"
        allowed = f"what makes the gross total {printed.gross:f} the document states"
        raise InputError(SOURCE, f"{name}, totals of {printed.number}", found, allowed)
