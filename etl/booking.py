"""Books documents in CZK: which count, in which month, at which rate, with which VAT; each exact to the haléř.

Rules (docs/allocation.md): an invoice is booked in the month of its tax point at that day's rate; a report or a flat
cost in the month of the charge at the rate of the month's end. A report counts only where no invoice of its provider
bills that month. VAT of foreign suppliers is self-assessed (Act 235/2004 Coll., section 108). Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from etl.allocation_rules import Rules
from etl.billed import Billed, month_end, month_of, months_of
from etl.remainders import halers, spread_whole
from etl.vat import Members, stated_vat, vat_of

INVOICE, PROVISIONAL = "invoice", "provisional"
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Rate:
    """CZK for one unit of a currency, and the day the rate was published."""

    czk_per_unit: Decimal
    published: date


@dataclass(frozen=True)
class BookedLine:
    """A line in CZK; `net` and `vat` in haléře."""

    line_id: str
    net: Decimal
    net_halers: int
    vat_halers: int
    tax_rate: Fraction


@dataclass(frozen=True)
class Booking:
    """What one document comes to in one month and currency."""

    document_id: str
    provider: str
    month: date
    basis: str
    currency: str
    rate: Rate
    is_self_assessed: bool
    is_deductible: bool
    net: Decimal
    net_halers: int
    vat_halers: int
    lines: tuple[BookedLine, ...]


@dataclass(frozen=True, order=True)
class NotBooked:
    """A document that isn't booked in a month, and why; `remedy` is None where nothing needs to be done."""

    document_id: str
    month: date
    state: str  # superseded | prepaid | later | no_rate | no_rule
    remedy: str | None


@dataclass(frozen=True)
class Books:
    """All bookings and all that was left out."""

    bookings: list[Booking]
    left_out: list[NotBooked]


Rates = Callable[[str, date], Rate | None]


@dataclass(frozen=True, order=True)
class _Portion:
    """What is booked as one total."""

    document_id: str
    month: date
    currency: str
    provider: str


def book(lines: Iterable[Billed], rules: Rules, rates: Rates, today: date) -> Books:
    """Every document booked, or left out with the reason. A document of which a part has no rate is left out whole."""
    left_out: set[NotBooked] = set()
    portions: defaultdict[_Portion, Members] = defaultdict(list)
    ordered = sorted(lines, key=lambda line: (line.document_id, line.line_id))
    replaced = _invoiced_months(ordered)
    charged = _documents_with_use(ordered)
    for line in ordered:
        if line.category == "Tax":
            continue
        is_booked = _is_booked(line, charged)
        for month, net in _by_month(line).items():
            state = _left_out(line, month, replaced, today) if is_booked else "prepaid"
            if state is not None:
                left_out.add(NotBooked(line.document_id, month, state, None))
            else:
                portions[_Portion(line.document_id, month, line.currency, line.provider)].append((line, net))
    taxes = _tax_lines(ordered)
    bookings = []
    refused: set[tuple[str, date]] = set()
    for portion, members in sorted(portions.items(), key=lambda item: item[0]):
        day = _rate_day(members[0][0], portion.month, today)
        tax = taxes.get(portion.document_id, NOTHING)
        made = _booking(portion, members, rates(portion.currency, day), rules, tax)
        if isinstance(made, Booking):
            bookings.append(made)
        else:
            refused.add((portion.document_id, portion.month))
            remedy = _remedy(made, portion.currency, day)
            left_out.add(NotBooked(portion.document_id, portion.month, made, remedy))
    return Books([b for b in bookings if (b.document_id, b.month) not in refused], sorted(left_out, key=repr))


def _remedy(state: str, currency: str, day: date) -> str:
    if state == "no_rate":
        return f"no rate of {currency} on or before {day}: add it to the fx folder, or set [fx] source"
    return f"no [[vat.rates]] row of allocation.toml holds on {day}: add one"


def _is_booked(line: Billed, charged: set[str]) -> bool:
    """Credit is booked when bought; use paid from it, its expiry and gifts are not. A deduction from what the same
    document charges is booked, else that would be paid twice."""
    if line.credit_kind in (None, "purchase"):
        return True
    return line.credit_kind in ("burn_down", "grant") and line.net < 0 and line.document_id in charged


def _documents_with_use(lines: Sequence[Billed]) -> set[str]:
    """Documents that charge something beside prepaid credit."""
    return {n.document_id for n in lines if n.credit_kind is None and n.category != "Tax" and n.net > 0}


def _invoiced_months(lines: Sequence[Billed]) -> set[tuple[str, date]]:
    """Provider and month of every charge that an invoice bills, and of the month it is booked in when for credit."""
    return {
        (line.provider, month)
        for line in lines
        if line.kind == "invoice" and line.category != "Tax"
        for month in months_of(line.start, line.last)
    }


def _by_month(line: Billed) -> Mapping[date, Decimal]:
    if line.is_invoice:
        return {month_of(line.tax_point or line.last): line.net}
    return line.months


def _left_out(line: Billed, month: date, replaced: set[tuple[str, date]], today: date) -> str | None:
    """Why the line is not booked in the month: superseded or later; None when it is."""
    if line.kind == "report" and (line.provider, month) in replaced:
        return "superseded"
    begins = (line.tax_point or line.last) if line.is_invoice else month
    return "later" if begins > today else None


def _rate_day(line: Billed, month: date, today: date) -> date:
    """The day whose rate counts: the tax point of an invoice, else the month's end, in a running month today."""
    return (line.tax_point or line.last) if line.is_invoice else min(month_end(month), today)


def _tax_lines(lines: Sequence[Billed]) -> dict[str, Decimal]:
    """Per document, VAT that it lists as lines of its own."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for line in lines:
        if line.category == "Tax":
            found[line.document_id] += line.net
    return found


def _booking(
    portion: _Portion, members: Members, rate: Rate | None, rules: Rules, listed_vat: Decimal
) -> Booking | str:
    """The total in CZK, rounded once, and its lines; a state of NotBooked where it can't be told."""
    if rate is None:
        return "no_rate"
    czk = Fraction(rate.czk_per_unit) * 100
    exact = {line.line_id: Fraction(amount) * czk for line, amount in members}
    total = halers(sum(exact.values(), Fraction(0)))
    nets = spread_whole(exact, total)
    stated = {line_id: amount * czk for line_id, amount in stated_vat(members, listed_vat).items()}
    vat = vat_of(members, portion.month, nets, stated, rules)
    if vat is None:
        return "no_rule"
    vat_total = halers(sum(vat.exact.values(), Fraction(0)))
    vats = spread_whole(vat.exact, vat_total)
    booked = tuple(
        BookedLine(line.line_id, amount, nets[line.line_id], vats[line.line_id], vat.rates[line.line_id])
        for line, amount in members
    )
    basis = PROVISIONAL if members[0][0].kind == "report" else INVOICE
    net = sum((amount for _, amount in members), NOTHING)
    return Booking(
        portion.document_id, portion.provider, portion.month, basis, portion.currency, rate,
        vat.is_self_assessed, vat.is_deductible, net, total, vat_total, booked,
    )  # fmt: skip
