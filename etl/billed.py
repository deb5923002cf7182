"""A line of a document as it waits to be booked, and the months it may fall on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Billed:
    """One line of a document as loaded, with what its document says as a whole."""

    line_id: str
    document_id: str
    kind: str  # invoice | credit_note | report | flat
    provider: str
    category: str
    currency: str
    net: Decimal
    start: date
    last: date  # last day of the charge
    months: Mapping[date, Decimal]  # what falls on each month, by its first day; an invoice is booked as a whole
    tax_point: date | None = None
    tax_rate: Decimal | None = None
    tax_cost: Decimal | None = None
    tax_total: Decimal | None = None  # of the document; None where the lines' own VAT counts
    country: str | None = None
    credit_kind: str | None = None
    is_amortised: bool = False
    is_correction: bool = False  # of another invoice
    unit: str | None = None  # named by the document as who pays
    said: Mapping[str, str] = field(default_factory=dict)  # what rules match on, as of Charge

    @property
    def is_invoice(self) -> bool:
        return self.kind in ("invoice", "credit_note")


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """The last day of the month."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def months_of(start: date, last: date) -> list[date]:
    """The first days of the months from `start` to `last`, both inclusive."""
    months = [month_of(start)]
    while (following := month_end(months[-1]) + timedelta(days=1)) <= last:
        months.append(following)
    return months
