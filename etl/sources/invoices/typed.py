"""Invoices typed into the form: a table (CSV or XLSX) of one invoice, one row a line, its header in the first row.

A template is etl/reference/invoice_template.csv. `put_form` writes such a file for what was typed on a page.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from etl.errors import InputError
from etl.sources.fields import Cell, Row, decimal_of, instant_of, shown
from etl.sources.invoices.document import Contents, landed, month_of
from etl.sources.invoices.einvoice import CREDIT_KINDS, Item, Period, Printed, contents
from etl.sources.invoices.line import CATEGORIES, SOURCE
from etl.sources.invoices.usage import Key
from etl.sources.sheets import Sheet

HEADER = (
    "invoice_id", "provider", "issuer", "issuer_country", "kind", "issue_day", "tax_point", "due_day", "currency",
    "net_total", "tax_total", "gross_total", "prepaid_total", "corrects_invoice_id",
)  # fmt: skip
LINE = (
    "description", "amount", "vat_percent", "period_start", "period_last_day", "model", "quantity", "quantity_unit",
    "category", "credit_kind", "unit", "api_key", "is_amortised",
)  # fmt: skip
COLUMNS = (*HEADER, *LINE)
_NEEDED = frozenset({"invoice_id", "issuer", "currency", "net_total", "description", "amount"})
_KINDS = ("invoice", "credit_note")
_CZECH_DAY = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_MOST_LINES = 500
_MOST_LETTERS = 300


def is_form(header: frozenset[str]) -> bool:
    """Whether the columns are those of the form."""
    return header >= _NEEDED


def form_contents(sheet: Sheet, issuers: Mapping[str, str], key: Key) -> Contents:
    """The invoice of the form. InputError when rows speak of several invoices, or the lines don't make its total."""
    rows = [_Typed(_stripped(r)) for r in sheet.records()]
    if not rows:
        raise InputError(SOURCE, sheet.name, "a form without a line", "at least one line below the header")
    for each in rows[1:]:
        _require_same(rows[0].row, each.row)
    head = rows[0]
    kind = head.row.choice("kind", _KINDS, default="invoice")
    items = tuple(each.item(number, key) for number, each in enumerate(rows, 1))
    printed = Printed(
        number=head.row.required("invoice_id"),
        provider=(head.row.text("provider") or "").lower() or None,
        issuer=head.row.required("issuer"),
        country=_country(head.row),
        currency=head.row.currency("currency"),
        issue_day=head.day("issue_day"),
        tax_point=head.day("tax_point"),
        due_day=head.day("due_day"),
        net=head.needed("net_total"),
        tax=head.amount("tax_total"),
        gross=head.amount("gross_total"),
        prepaid=head.amount("prepaid_total"),
        items=items,
        is_credit_note=kind == "credit_note",
        is_signed=head.needed("net_total") < 0,
        corrects=head.row.text("corrects_invoice_id"),
    )
    return contents(sheet.name, printed, issuers)


def _stripped(row: Row) -> Row:
    return Row(row.source, row.place, {k: v.strip() if isinstance(v, str) else v for k, v in row.cells.items()})


def _require_same(first: Row, row: Row) -> None:
    """Nothing when the row's header cells are empty or as in the first row: one file is one invoice."""
    for column in HEADER:
        if row.text(column) not in (None, first.text(column)):
            raise row.refusal(column, f"nothing, or {first.text(column)} as in the first row: one invoice a file")


def _country(row: Row) -> str | None:
    code = row.text("issuer_country")
    if code is not None and not re.fullmatch(r"[A-Za-z]{2}", code):
        raise row.refusal("issuer_country", "a country's code of two letters, e.g. IE, CZ, US")
    return code.upper() if code else None


@dataclass(frozen=True)
class _Typed:
    """A row as people type it: either decimal mark, days as 30.11.2026 too."""

    row: Row

    def amount(self, column: str) -> Decimal | None:
        """The amount; '1,234' and '1.234' are refused, since they could be a thousand times more or less."""
        value = self.row.cells.get(column)
        if not isinstance(value, str) or self.row.text(column) is None:
            return self.row.amount(column)
        found = None if _AMBIGUOUS.fullmatch(value) else decimal_of(value)
        if found is None and not _AMBIGUOUS.fullmatch(value):
            found = decimal_of(value, decimal_comma=True)
        if found is None:
            raise self.row.refusal(column, "an amount, e.g. 1234.50 or 1234,50")
        return Row(self.row.source, self.row.place, {column: found}).amount(column)

    def needed(self, column: str) -> Decimal:
        """The amount, which must be there."""
        if (found := self.amount(column)) is None:
            raise self.row.refusal(column, "an amount; it may not be empty")
        return found

    def day(self, column: str) -> date | None:
        """The day, as 2026-11-30 or 30.11.2026."""
        parts = _CZECH_DAY.fullmatch(self.row.text(column) or "")
        if parts is None:
            return self.row.day(column)
        found = instant_of(f"{parts[3]}-{int(parts[2]):02}-{int(parts[1]):02}")
        if found is None:
            raise self.row.refusal(column, "a day, e.g. 2026-11-30 or 30.11.2026")
        return found.date()

    def item(self, number: int, key: Key) -> Item:
        percent = self.amount("vat_percent")
        if percent is not None and not (percent == 0 or 1 <= percent <= 100):
            raise self.row.refusal("vat_percent", "a rate in per cent, e.g. 21")
        credit = self.row.choice("credit_kind", CREDIT_KINDS) if self.row.text("credit_kind") else None
        usual = "Purchase" if credit == "purchase" else "Credit" if credit == "grant" else "Usage"
        return Item(
            key=str(number),
            net=self.needed("amount"),
            description=self.row.required("description"),
            tax_rate=None if percent is None else (percent / 100).quantize(Decimal("1e-6")),
            period=self._period(),
            model=self.row.text("model"),
            quantity=self.amount("quantity"),
            unit_code=self.row.text("quantity_unit"),
            category=self.row.choice("category", CATEGORIES, default=usual),
            credit_kind=credit,
            unit=(self.row.text("unit") or "").upper() or None,
            api_key_key=key(self.row.text("api_key")),
            is_amortised=self.row.flag("is_amortised", default=False),
        )

    def _period(self) -> Period | None:
        """From the first day to the last, included; a month (2026-11) is the whole of it; nothing = see the header."""
        start = self.row.text("period_start")
        if start is None:
            return None
        if (month := instant_of(f"{start}-01")) is not None:
            return month_of(month.date())
        first, last = self.day("period_start"), self.day("period_last_day")
        if first is None or last is None or last < first:
            raise self.row.refusal("period_last_day", f"a day not before {first}, the last one it is for")
        midnight = datetime.min.time()
        return datetime.combine(first, midnight), datetime.combine(date.fromordinal(last.toordinal() + 1), midnight)


def put_form(folder: Path, values: Mapping[str, str], issuers: Mapping[str, str], key: Key) -> str:
    """Checks an invoice typed on a page and writes it into the invoice folder at once or not at all; gives its name.

    `values` are the columns of the form by name, all of them texts: those of the header, and of each line with its
    number behind them (amount_1, amount_2, ...; amount is amount_1). Raises InputError, and then nothing is written.
    """
    rows = [{**{c: values.get(c, "") for c in HEADER}, **line} for line in _lines(values)]
    raw = _form(rows)
    name = _name(values)
    landed(form_contents(_sheet(name, rows), issuers, key), "typed", name)  # as it will be read; its total too
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.{os.getpid()}.tmp"
    try:
        with unfinished.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    finally:
        unfinished.unlink(missing_ok=True)
    return name


def _lines(values: Mapping[str, str]) -> list[dict[str, str]]:
    """The lines that have an amount, by number; an unknown field is refused: what was typed there would be lost."""
    found: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        column, number = _numbered(name)
        if column in LINE and value.strip():
            found.setdefault(number, dict.fromkeys(LINE, ""))[column] = value
        elif column not in COLUMNS:
            raise InputError(SOURCE, f"form, {shown(name)}", shown(value), ", ".join(COLUMNS))
    lines = [found[number] for number in sorted(found) if found[number]["amount"]]
    if not 0 < len(lines) <= _MOST_LINES:
        raise InputError(SOURCE, "form", f"{len(lines)} lines with an amount", f"1 to {_MOST_LINES}")
    return lines


def _numbered(name: str) -> tuple[str, int]:
    """The column and the line's number in a field's name; without a number it is the first line's, or the header's."""
    column, _, number = name.rpartition("_")
    return (column, int(number)) if column in LINE and re.fullmatch(r"[1-9]\d{0,2}", number) else (name, 1)


def _form(rows: list[dict[str, str]]) -> bytes:
    """The file's bytes; a cell that a spreadsheet would take for a formula is refused."""
    for row in rows:
        for column, cell in row.items():
            if len(cell) > _MOST_LETTERS or re.match(r"[=@\t\r]|[+-](?![\d.,])", cell):
                allowed = f"at most {_MOST_LETTERS} letters, not starting like a formula"
                raise InputError(SOURCE, f"form, {column}", cell[:40], allowed)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _sheet(name: str, rows: list[dict[str, str]]) -> Sheet:
    cells: list[tuple[int, list[Cell]]] = [(n, [row[c] for c in COLUMNS]) for n, row in enumerate(rows, 2)]
    return Sheet(SOURCE, name, COLUMNS, iter(cells))


def _name(values: Mapping[str, str]) -> str:
    """typed-<provider or issuer>-<number>-<hash>.csv: the same number again replaces what was typed before."""
    parts = (values.get("provider") or values.get("issuer") or "", values.get("invoice_id") or "")
    digest = hashlib.sha256("|".join(parts).encode()).hexdigest()[:8]  # 1/2 and 1-2 are two invoices
    plain = [re.sub(r"[^a-z0-9]+", "-", p.lower()).strip("-")[:60] for p in parts]
    if not all(plain):
        raise InputError(SOURCE, "form, invoice_id", values.get("invoice_id", ""), "an issuer and a number")
    return f"typed-{plain[0]}-{plain[1]}-{digest}.csv"
