"""What a document gives: what it says of itself as a whole, its lines, and quantities; and these as Arrow batches."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import InputError
from etl.sources.invoices.line import SOURCE, Line, batches
from etl.tables import INVOICE, PROVIDER_USAGE

_BATCH = 10_000
SEVERAL = "several"  # provider of a document whose lines are of more than one


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a document says of itself as a whole (see tables.INVOICE); null where it says nothing."""

    kind: str
    provider: str
    invoice_id: str | None = None
    invoice_issuer_name: str | None = None
    issuer_country: str | None = None
    issue_day: date | None = None
    tax_point: date | None = None
    due_day: date | None = None
    currency: str | None = None
    net_total: Decimal | None = None
    tax_total: Decimal | None = None
    gross_total: Decimal | None = None
    prepaid_total: Decimal | None = None
    corrects_invoice_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Quantities of one row of a usage report, without money (see tables.PROVIDER_USAGE)."""

    key: str
    provider: str
    day: date
    model: str | None = None
    sub_account_id: str | None = None
    api_key_key: str | None = None
    requests: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    web_searches: int | None = None


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A document as its reader gives it. Without a head it is a report (or flat costs), headed by its lines."""

    lines: Iterable[Line] = ()
    usage: Iterable[Usage] = ()
    head: Head | None = None
    kind: str = "report"
    provider: str | None = None  # of a report whose reader knows it even when it has no line


@dataclass(frozen=True)
class Landed:
    """A document as batches of the landing tables: exactly one row of INVOICE, any number of the others."""

    invoice: pa.RecordBatch
    lines: list[pa.RecordBatch] = field(default_factory=list)
    usage: list[pa.RecordBatch] = field(default_factory=list)

    @property
    def line_count(self) -> int:
        return sum(b.num_rows for b in self.lines)


def landed(contents: Contents, document_id: str, document_name: str) -> Landed:
    """The document's batches. InputError when its lines are not what its head states."""
    lines = list(batches(contents.lines, document_id, document_name))
    usage = list(usage_batches(contents.usage, document_id, document_name))
    head = contents.head or report(lines, usage, contents.provider, contents.kind)
    if contents.head is not None:
        _require_total(document_name, contents.head, lines)
    return Landed(invoice_batch(head, document_id, document_name), lines, usage)


def invoice_batch(head: Head, document_id: str, document_name: str) -> pa.RecordBatch:
    """The one row of tables.INVOICE of a document."""
    row = {**asdict(head), "document_id": document_id, "document_name": document_name}
    return pa.RecordBatch.from_pylist([row], INVOICE.schema)


def usage_batches(usage: Iterable[Usage], document_id: str, document_name: str) -> Iterator[pa.RecordBatch]:
    """Batches of tables.PROVIDER_USAGE; every row's key is its own within the document."""
    numbered = enumerate(usage, 1)
    while part := list(islice(numbered, _BATCH)):
        rows = [_counted(each, number, document_id, document_name) for number, each in part]
        yield pa.RecordBatch.from_pylist(rows, PROVIDER_USAGE.schema)


def _counted(usage: Usage, number: int, document_id: str, document_name: str) -> dict[str, object]:
    row = asdict(usage)
    key = f"{row.pop('key')}~{number}"
    named = {"usage_id": f"{document_id}#{key}", "document_id": document_id, "document_name": document_name}
    return {**row, **named}


def report(
    lines: list[pa.RecordBatch], usage: list[pa.RecordBatch], provider: str | None, kind: str = "report"
) -> Head:
    """The head of a report: what all its lines have in common. It states no totals, so there are none.

    A mapped table that names one invoice in every line is that invoice.
    """
    number = _shared("invoice_id", lines)
    return Head(
        kind="invoice" if number and kind == "table" else kind.replace("table", "report"),
        provider=provider or _shared("provider", [*lines, *usage]) or (SEVERAL if lines else "unknown"),
        invoice_id=number,
        invoice_issuer_name=_shared("invoice_issuer_name", lines),
        currency=_shared("billing_currency", lines),
    )


def _shared(column: str, found: list[pa.RecordBatch]) -> str | None:
    """The one value that the column has in every row; None where it has none or several."""
    values = {v for batch in found for v in pc.unique(batch.column(column)).to_pylist()}
    return values.pop() if len(values) == 1 else None


def _require_total(name: str, head: Head, lines: list[pa.RecordBatch]) -> None:
    """Nothing when the lines add up to the stated net total, to the last digit."""
    found = sum((v for b in lines for v in b.column("billed_cost").to_pylist()), Decimal(0))
    if head.net_total is not None and found != head.net_total:
        where = f"{name}, lines of {head.kind} {head.invoice_id}"
        raise InputError(SOURCE, where, f"{found:f} in all", f"{head.net_total:f}, the net total the document states")


def month_of(day: date) -> tuple[datetime, datetime]:
    """The calendar month of the day, half-open."""
    first = datetime(day.year, day.month, 1)
    return first, datetime(day.year + day.month // 12, day.month % 12 + 1, 1)
