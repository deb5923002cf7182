"""Books documents in CZK: which count, in which month, at which rate, with which VAT; each exact to the haléř.

Rules (docs/allocation.md): an invoice is booked in the month of its tax point at that day's rate; a report or a flat
cost in the month of the charge at the rate of the month's end. A report counts only on days whose use no invoice of its
provider bills (superseding.py). VAT of foreign suppliers is self-assessed (Act 235/2004 Coll., section 108). Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from etl.allocation_rules import Rules
from etl.billed import Billed, month_end, month_of
from etl.remainders import halers, spread_whole
from etl.superseding import Covered, covered_days, left_of
from etl.vat import Members, divided, stated_totals, stated_vat, vat_of

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


@dataclass(frozen=True, order=True)
class Superseded:
    """A day of a report's line that doesn't count, since an invoice bills it."""

    document_id: str
    line_id: str
    day: date


@dataclass(frozen=True)
class Books:
    """All bookings and all that was left out."""

    bookings: list[Booking]
    left_out: list[NotBooked]
    superseded: list[Superseded]


Rates = Callable[[str, date], Rate | None]


@dataclass(frozen=True, order=True)
class _Portion:
    """What is booked as one total."""

    document_id: str
    month: date
    currency: str
    provider: str


def book(lines: Iterable[Billed], rules: Rules, rates: Rates, today: date) -> Books:
    """Every document booked, or left out with the reason: what is to be paid first, then the reports it leaves over.

    What a document bills in a month waits as a whole where a part of it has no rate.
    """
    ordered = sorted(lines, key=lambda line: (line.document_id, line.line_id))
    books = _Books(ordered, rules, rates, today)
    books.add([line for line in ordered if line.kind != "report"], {})
    held = {booking.document_id for booking in books.bookings}
    covered = covered_days((line for line in ordered if line.document_id in held), rules)
    books.add([line for line in ordered if line.kind == "report"], covered)
    return Books(sorted(books.bookings, key=_order), sorted(books.left_out, key=repr), sorted(books.superseded))


class _Books:
    """What is booked and left out so far."""

    def __init__(self, lines: Sequence[Billed], rules: Rules, rates: Rates, today: date) -> None:
        self._rules, self._rates, self._today = rules, rates, today
        self._charged = _documents_with_use(lines)
        self._dated = _days_of_documents(lines)
        self._billed: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            if line.category != "Tax" and _is_booked(line, self._charged):
                self._billed[line.document_id] += line.net
        self.bookings: list[Booking] = []
        self.left_out: set[NotBooked] = set()
        self.superseded: list[Superseded] = []

    def add(self, lines: Iterable[Billed], covered: Covered) -> None:
        """Books the lines of whole documents; `covered` are the days of reports that don't count."""
        portions: defaultdict[_Portion, Members] = defaultdict(list)
        taxes: defaultdict[_Portion, Fraction] = defaultdict(Fraction)
        for line in lines:
            for month, net in self._counted(line, covered).items():
                portion = _Portion(line.document_id, month, line.currency, line.provider)
                if line.category == "Tax":
                    taxes[portion] += Fraction(net)
                else:
                    portions[portion].append((line, net))
        self._book(portions, taxes)

    def _counted(self, line: Billed, covered: Covered) -> Mapping[date, Decimal]:
        """What of the line is booked in each month; what is not is noted."""
        if line.category != "Tax" and not _is_booked(line, self._charged):
            self._leave(line, self._months(line), "prepaid")
            return {}
        months = self._months(line)
        if line.kind == "report":
            months, gone = left_of(line, covered, self._rules)
            self.superseded += [Superseded(line.document_id, line.line_id, day) for day in gone]
            if gone:
                self._leave(line, line.months, "superseded")
        begins = self._dated.get(line.document_id, line.last) if line.is_invoice else None
        later = [month for month in months if (begins or month) > self._today]
        self._leave(line, later, "later")
        return {month: net for month, net in months.items() if month not in later}

    def _leave(self, line: Billed, months: Iterable[date], state: str) -> None:
        if line.category != "Tax":
            self.left_out |= {NotBooked(line.document_id, month, state, None) for month in months}

    def _months(self, line: Billed) -> Mapping[date, Decimal]:
        return {month_of(self._dated[line.document_id]): line.net} if line.is_invoice else line.months

    def _book(self, portions: Mapping[_Portion, Members], taxes: Mapping[_Portion, Fraction]) -> None:
        """Books each portion; where one of a document and month can't be, none of them is."""
        stated = self._stated(portions, taxes)
        refused: set[tuple[str, date]] = set()
        made: list[Booking] = []
        for portion, members in sorted(portions.items(), key=lambda item: item[0]):
            day = self._rate_day(portion, members[0][0])
            rate = self._rates(portion.currency, day)
            booking = _booking(portion, members, rate, self._rules, stated.get(portion))
            if isinstance(booking, Booking):
                made.append(booking)
            else:
                refused.add((portion.document_id, portion.month))
                remedy = _remedy(booking, portion.currency, day)
                self.left_out.add(NotBooked(portion.document_id, portion.month, booking, remedy))
        self.bookings += [b for b in made if (b.document_id, b.month) not in refused]

    def _stated(
        self, portions: Mapping[_Portion, Members], taxes: Mapping[_Portion, Fraction]
    ) -> dict[_Portion, Fraction]:
        """VAT that the documents state of each portion."""
        found: dict[_Portion, Fraction] = {}
        listed, astray = _placed(portions, taxes)
        for tax in astray:
            remedy = f"VAT in {tax.currency} of a document that charges nothing in it: correct the document"
            self.left_out.add(NotBooked(tax.document_id, tax.month, "no_rule", remedy))
        documents: defaultdict[str, dict[_Portion, Members]] = defaultdict(dict)
        for portion, members in portions.items():
            documents[portion.document_id][portion] = members
        for document, parts in documents.items():
            own = {portion: listed[portion] for portion in parts if portion in listed}
            found |= stated_totals(parts, own, self._billed[document])
        return found

    def _rate_day(self, portion: _Portion, line: Billed) -> date:
        """The day whose rate counts: that of an invoice, else the month's end, in a running month today."""
        return self._dated[portion.document_id] if line.is_invoice else min(month_end(portion.month), self._today)


def _placed(
    known: Mapping[_Portion, Members], taxes: Mapping[_Portion, Fraction]
) -> tuple[dict[_Portion, Fraction], list[_Portion]]:
    """VAT listed in lines of its own, by what it is of; and what is in a currency that the document charges nothing in.

    VAT of a provider or month that nothing is charged for goes to what is charged in that month, else to all there is.
    """
    found: defaultdict[_Portion, Fraction] = defaultdict(Fraction)
    astray = []
    for tax, amount in taxes.items():
        document = [p for p in known if p.document_id == tax.document_id]
        fitting = [p for p in document if p.currency == tax.currency]
        nearest = [tax] if tax in known else [p for p in fitting if p.month == tax.month] or fitting
        if document and not nearest:
            astray.append(tax)
        if nearest:
            weights = {p: sum((Fraction(net) for _, net in known[p]), Fraction(0)) for p in nearest}
            for portion, part in divided(amount, weights).items():
                found[portion] += part
    return found, astray


def _order(booking: Booking) -> _Portion:
    return _Portion(booking.document_id, booking.month, booking.currency, booking.provider)


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


def _days_of_documents(lines: Sequence[Billed]) -> dict[str, date]:
    """The day of each invoice: its tax point, else the last day that any of its lines charges."""
    found: dict[str, date] = {}
    for line in lines:
        if line.is_invoice:
            day = line.tax_point or line.last
            found[line.document_id] = max(found.get(line.document_id, day), day)
    return found


def _booking(
    portion: _Portion, members: Members, rate: Rate | None, rules: Rules, listed_vat: Fraction | None
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
