"""One invoice line as every kind of document gives it, and lines as Arrow batches of the landing table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

import pyarrow as pa

from etl.errors import InputError
from etl.identity import masked
from etl.sources.fields import Row
from etl.tables import INVOICE_LINE

SOURCE = "invoices"
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")  # FOCUS 1.4, ChargeCategory
_BATCH = 10_000
_MOST_LINES = 1_000_000  # in one document; a month of a large organisation's use is a tenth of it
_MOST_DAYS = 3660
_MOST_MONEY, _MOST_QUANTITY = Decimal("1e12"), Decimal("1e14")  # what the marts multiply by rates and shares


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
    stream, count = iter(lines), 0
    while part := list(islice(stream, _BATCH)):
        if (count := count + len(part)) > _MOST_LINES:
            raise InputError(SOURCE, document_name, f"over {_MOST_LINES} lines", "a smaller document: a month a file")
        yield pa.RecordBatch.from_pylist(
            [_landed(line, seen, document_id, document_name) for line in part], INVOICE_LINE.schema
        )


def _landed(line: Line, seen: Counter[str], document_id: str, document_name: str) -> dict[str, object]:
    row: dict[str, object] = asdict(line)
    key = str(row.pop("key"))
    _require_bounds(line, document_name)
    seen[key] += 1
    suffix = f"~{seen[key]}" if seen[key] > 1 else ""
    return {
        **row,
        "charge_description": None if line.charge_description is None else masked(line.charge_description),
        "line_id": f"{document_id}#{key}{suffix}",
        "document_id": document_id,
        "document_name": document_name,
    }


def _require_bounds(line: Line, document_name: str) -> None:
    """Nothing for a charge that can be reckoned with; one of ten years or a trillion is taken for a mistake."""
    where = f"{document_name}, {line.key}"
    days = (line.charge_period_end - line.charge_period_start).days
    if not 0 <= days <= _MOST_DAYS:
        raise InputError(SOURCE, where, f"a charge for {days} days", f"at most {_MOST_DAYS} days")
    for amount in (line.billed_cost, line.effective_cost, line.list_cost, line.tax_cost):
        if amount is not None and abs(amount) >= _MOST_MONEY:
            raise InputError(SOURCE, where, f"{amount:f}", f"an amount below {_MOST_MONEY:f}")
    if line.consumed_quantity is not None and abs(line.consumed_quantity) >= _MOST_QUANTITY:
        raise InputError(SOURCE, where, f"{line.consumed_quantity:f}", f"a quantity below {_MOST_QUANTITY:f}")
