"""Sheets: the rows behind a card, shown as a table and downloaded as CSV, always the same ones."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from markupsafe import Markup, escape

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
    "amount": lambda v: fmt.number(v, 2),
    "price": fmt.price,
    "change": lambda v: fmt.NONE if v is None else str(v),
    "share": lambda v: fmt.share(v, 1),
    "day": fmt.day,
    "month": lambda v: fmt.month(v) if v else fmt.NONE,
}
CZK = ("czk", "czk_exact")
_SPECIAL = re.compile("[&<>\"']")
_TEXTUAL = ("text", "name", "provider", "day", "month", "moment", "change")


@dataclass(frozen=True)
class Column:
    """One column: `kind` is a key of _SHOW (`name` is left out where there is no room); `link` makes an address of a
    row, `bar` draws the value beside the figure, `width` is that in a workbook; `minor` is left out on a phone."""

    key: str
    title: str
    kind: str = "text"
    link: Callable[[Row], str | None] | None = None
    bar: bool = False
    width: int = 0
    minor: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind not in _TEXTUAL

    @property
    def heading(self) -> str:
        """The title; in a file, amounts shown in another currency than CZK name it."""
        is_other = self.kind in CZK and fmt.currency() != "CZK"
        title = self.title.replace(fmt.NBSP, " ")  # a name that programs look for
        return f"{title} ({fmt.currency()})" if is_other else title

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
    kinds = [f' class="{kind}"' if (kind := _kind(c)) else "" for c in sheet.columns]
    body = [_row(sheet.columns, row, peaks, bool(current and current(row)), kinds) for row in sheet.rows[:SHOWN_ROWS]]
    more = len(sheet.rows) - SHOWN_ROWS
    written = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", [tag("th", c.title, scope="col", class_=_kind(c)) for c in sheet.columns])),
        tag("tbody", Markup("".join(body))),  # noqa: S704  (every value in it is escaped)
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
                    "n"
                    if column.is_number
                    else {"text": None, "name": "long", "change": "n"}.get(column.kind, "whole"),
                    "bar" if column.bar else None,
                    "long" if column.minor else None,
                ),
            )
        )
        or None
    )


def _row(columns: Sequence[Column], row: Row, peaks: dict[str, Decimal], is_current: bool, kinds: Sequence[str]) -> str:
    """One line. Written as text, not with tag(): tables are most of a page."""
    cells = [_cell(c, row, peaks) for c in columns]
    first = f'<th{kinds[0]} scope="row"{cells[0]}</th>'
    start = '<tr class="is-current">' if is_current else "<tr>"
    return (
        start
        + first
        + "".join(f"<td{kind}{cell}</td>" for kind, cell in zip(kinds[1:], cells[1:], strict=True))
        + "</tr>"
    )


def _cell(column: Column, row: Row, peaks: dict[str, Decimal]) -> str:
    """The rest of the opening tag and what is inside, escaped."""
    text = _escaped(column.shown(row))
    if column.link and (address := column.link(row)):
        text = f'<a href="{_escaped(address)}">{text}</a>'
    if column.bar and peaks[column.key] > 0:
        filled = max(Decimal(0), Decimal(str(row.get(column.key) or 0))) / peaks[column.key]
        return f' style="--part:{filled:.4f}">{text}'
    return f">{text}"


def _escaped(text: str) -> str:
    return str(escape(text)) if _SPECIAL.search(text) else text


def as_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV with a byte-order mark, as spreadsheets of the language expect it: Czech ones take semicolons
    and decimal commas. Numbers are not rounded; a hidden count is written 'few', what would give it
    away 'hidden', unknown stays empty."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";" if language() == "cs" else ",", lineterminator="\r\n")
    writer.writerow([c.heading for c in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(row.get(c.key), c.kind) for c in sheet.columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: object, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, fmt.Hidden):
        return str(value) if kind == "count" else fmt.derived(value)
    if kind in CZK:
        value = fmt.converted(value)
    if isinstance(value, Decimal | float):
        text = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", ",") if language() == "cs" else text
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") and isinstance(value, str) else text
