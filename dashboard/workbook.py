"""A card's sheet as an Excel workbook: the same rows, and a second sheet that says where they come from."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from dashboard import format as fmt
from dashboard.sheets import CZK, Column, Sheet

_FORMATS = {
    "count": "#,##0",
    "compact": "#,##0",
    "czk": "#,##0.00",
    "czk_exact": "#,##0.00",
    "usd": "#,##0.00",
    "amount": "#,##0.00",
    "price": "#,##0.00##",
    "seconds": "0.0",
    "rate": "0.0000",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
}
_WIDTHS = {"text": 26, "name": 34, "day": 12, "month": 12}
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NAME_LIMIT = 31  # of Excel


def as_workbook(sheets: Sequence[tuple[str, Sheet]], *, made_at: datetime) -> bytes:
    """The sheets, each with its name, as .xlsx. Amounts are numbers, not text; what is hidden is said as in the CSV;
    unknown stays empty. `made_at` is that of the data, so that equal data gives equal bytes."""
    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": made_at})
        for name, sheet in sheets:
            _write(book, name[:NAME_LIMIT], sheet)
    return out.getvalue()


def _write(book: Workbook, name: str, sheet: Sheet) -> None:
    page = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    page.write_row(0, 0, [c.heading for c in sheet.columns], head)
    page.freeze_panes(1, 0)
    for at, column in enumerate(sheet.columns):
        shape = book.add_format({"num_format": _FORMATS[column.kind]} if column.kind in _FORMATS else {})
        page.set_column(at, at, column.width or _WIDTHS.get(column.kind, 16))
        for line, row in enumerate(sheet.rows, start=1):
            _write_cell(page, line, at, _cell(row.get(column.key), column), shape)


def _cell(value: Any, column: Column) -> Any:
    if isinstance(value, fmt.Hidden):
        return str(value) if column.kind == "count" else fmt.derived(value)
    if column.kind in CZK:
        return fmt.converted(value)
    return column.shown({column.key: value}) if column.kind == "provider" else value


def _write_cell(page: Any, line: int, at: int, value: Any, shape: Any) -> None:
    if value is None:
        page.write_blank(line, at, None, shape)
    elif isinstance(value, bool | str):
        page.write_string(line, at, str(value), shape)
    elif isinstance(value, int | float | Decimal):
        page.write_number(line, at, value, shape)
    elif isinstance(value, date | datetime):
        page.write_datetime(line, at, value, shape)
    else:
        page.write_string(line, at, str(value), shape)
