"""One invoice line as every kind of document gives it, and lines as Arrow batches of the landing table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

import pyarrow as pa

from etl.sources.fields import Row
from etl.tables import INVOICE_LINE

SOURCE = "invoices"
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")  # FOCUS 1.4, ChargeCategory
_BATCH = 10_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """A charge, in FOCUS's words (see tables.INVOICE_LINE); `key` identifies it within its document."""

    key: str
    provider: str
    billing_currency: str
    billed_cost: Decimal
    charge_period_start: datetime
    charge_period_end: datetime
    charge_category: str = "Usage"
    charge_class: str | None = None
    charge_description: str | None = None
    invoice_id: str | None = None
    invoice_issuer_name: str | None = None
    effective_cost: Decimal | None = None
    list_cost: Decimal | None = None
    tax_cost: Decimal | None = None
    tax_rate: Decimal | None = None
    billing_period_start: datetime | None = None
    billing_period_end: datetime | None = None
    service_name: str | None = None
    sku_id: str | None = None
    model: str | None = None
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    sub_account_id: str | None = None
    api_key_key: str | None = None
    credit_kind: str | None = None
    unit: str | None = None
    is_amortised: bool = False


def charge_period(
    row: Row, start: datetime | None, end: datetime | None, columns: tuple[str, str]
) -> tuple[datetime, datetime]:
    """The two ends of the charge period; refused, naming its column, when one is missing or they are not in order."""
    if start is None:
        raise row.refusal(columns[0], "the day or instant the charge starts; a row of totals must be removed")
    if end is None or end <= start:
        raise row.refusal(columns[1], f"a later day or instant than the start, {start:%Y-%m-%d %H:%M} (exclusive)")
    return start, end


def batches(lines: Iterable[Line], document_id: str, document_name: str) -> Iterator[pa.RecordBatch]:
    """Batches of tables.INVOICE_LINE; lines of the same key are told apart by ~2, ~3 in the order they came."""
    seen: Counter[str] = Counter()
    stream = iter(lines)
    while part := list(islice(stream, _BATCH)):
        yield pa.RecordBatch.from_pylist(
            [_landed(line, seen, document_id, document_name) for line in part], INVOICE_LINE.schema
        )


def _landed(line: Line, seen: Counter[str], document_id: str, document_name: str) -> dict[str, object]:
    row: dict[str, object] = asdict(line)
    key = str(row.pop("key"))
    seen[key] += 1
    suffix = f"~{seen[key]}" if seen[key] > 1 else ""
    return {
        **row,
        "line_id": f"{document_id}#{key}{suffix}",
        "document_id": document_id,
        "document_name": document_name,
    }
