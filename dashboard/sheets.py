"""Sheets: the rows behind a card, shown as a table and downloaded as CSV, always the same ones."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.language import _, language
from dashboard.markup import tag

Row = dict[str, Any]
SHOWN_ROWS = 400
_SHOW: dict[str, Callable[[Any], str]] = {
    "text": lambda v: fmt.NONE if v is None else str(v),
    "name": str,
    "provider": fmt.provider_name,
    "moment": str,
    "count": fmt.number,
    "compact": fmt.compact,
    "czk": fmt.money,
    "czk_exact": lambda v: fmt.money(v, "CZK", 2),
    "rate": lambda v: fmt.number(v, 4),
    "seconds": lambda v: fmt.number(v, 1),
    "usd": lambda v: fmt.money(v, "USD", 2),
    "share": lambda v: fmt.share(v, 1),
    "day": fmt.day,
    "month": lambda v: fmt.month(v) if v else fmt.NONE,
}
_TEXTUAL = ("text", "name", "provider", "day", "month", "moment")


@dataclass(frozen=True)
class Column:
    """One column: `kind` is a key of _SHOW (`name` is left out where there is no room); `link` makes an address of a
    row, `bar` draws the value beside the figure, `width` is that in a workbook."""

    key: str
    title: str
    kind: str = "text"
    link: Callable[[Row], str | None] | None = None
    bar: bool = False
    width: int = 0

    @property
    def is_number(self) -> bool:
        return self.kind not in _TEXTUAL

    def shown(self, row: Row) -> str:
        """The cell as people read it."""
        return _SHOW[self.kind](row.get(self.key))


@dataclass(frozen=True)
class Sheet:
    """Columns and rows of what one card draws."""

    columns: Sequence[Column]
    rows: Sequence[Row]


def table(sheet: Sheet, *, caption: str, current: Callable[[Row], bool] | None = None) -> Markup:
    """The sheet as an HTML table that scrolls within itself when it is too wide."""
    peaks = {c.key: _peak(sheet, c) for c in sheet.columns if c.bar}
    body = [_row(sheet.columns, row, peaks, bool(current and current(row))) for row in sheet.rows[:SHOWN_ROWS]]
    more = len(sheet.rows) - SHOWN_ROWS
    written = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", [tag("th", c.title, scope="col", class_=_kind(c)) for c in sheet.columns])),
        tag("tbody", body),
        class_="sheet",
    )
    rest = tag("p", _("The other {n} rows are in the CSV.", n=fmt.number(more)), class_="hint") if more > 0 else None
    return tag(
        "div",
        written,
        rest,
        class_="scroll is-long" if len(sheet.rows) > 30 else "scroll",
        tabindex="0",
        role="region",
        aria_label=_("Table: {title}", title=caption),
    )


def _peak(sheet: Sheet, column: Column) -> Decimal:
    return max((Decimal(str(r.get(column.key) or 0)) for r in sheet.rows), default=Decimal(0))


def _kind(column: Column) -> str | None:
    return (
        " ".join(
            filter(
                None,
                (
                    "n" if column.is_number else {"text": None, "name": "long"}.get(column.kind, "whole"),
                    "bar" if column.bar else None,
                ),
            )
        )
        or None
    )


def _row(columns: Sequence[Column], row: Row, peaks: dict[str, Decimal], is_current: bool) -> Markup:
    cells = [_cell(c, row, "th" if i == 0 else "td", peaks) for i, c in enumerate(columns)]
    return tag("tr", cells, class_="is-current" if is_current else None)


def _cell(column: Column, row: Row, name: str, peaks: dict[str, Decimal]) -> Markup:
    text: Markup | str = column.shown(row)
    if column.link and (address := column.link(row)):
        text = tag("a", text, href=address)
    style = None
    if column.bar and peaks[column.key] > 0:
        filled = max(Decimal(0), Decimal(str(row.get(column.key) or 0))) / peaks[column.key]
        style = f"--part:{filled:.4f}"
    return tag(name, text, class_=_kind(column), scope="row" if name == "th" else None, style=style)


def as_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV with a byte-order mark, as spreadsheets of the language expect it: Czech ones take semicolons
    and decimal commas. Numbers are not rounded; a hidden count is written '< 5', what would give it
    away 'hidden', unknown stays empty."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";" if language() == "cs" else ",", lineterminator="\r\n")
    writer.writerow([c.title for c in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(row.get(c.key), c.kind) for c in sheet.columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: object, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, fmt.Hidden):
        return value.text.replace(fmt.NBSP, " ") if kind == "count" else fmt.derived(value)
    if isinstance(value, Decimal | float):
        text = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", ",") if language() == "cs" else text
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") and isinstance(value, str) else text
