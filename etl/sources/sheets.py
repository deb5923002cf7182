"""Tables in files: the header and the rows of a CSV, XLSX or Parquet file, each row with its line number."""

import csv
import io
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import InvalidFileException

from etl.errors import InputError
from etl.sources.fields import Cell, Row, shown

_CZECH = frozenset("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ€§°×–—„“”‚‘’…\u00a0")
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MOST_CELLS = 3_000_000  # of a workbook, which is held whole while it is read
_MOST_PARQUET = 256_000_000  # bytes unpacked
_BROKEN_BOOK = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, OSError, EOFError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip
_SEARCHED = 50  # lines above the header that a report may print

Lines = Iterator[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True)
class Sheet:
    """A table: its file's name, its header as printed, and its rows that are not blank (read once)."""

    source: str
    name: str
    header: tuple[str, ...]
    rows: Lines

    def records(self, named: Callable[[str], str] = str.strip) -> Iterator[Row]:
        """The rows by column name, `named` from the header; of equal names the first counts."""
        names = [named(h) for h in self.header]
        for line, cells in self.rows:
            found: dict[str, Cell] = {}
            for name, cell in zip(names, cells, strict=False):
                found.setdefault(name, cell)
            yield Row(self.source, f"{self.name} line {line}", found)


def decoded(source: str, name: str, raw: bytes, encoding: str | None = None) -> str:
    """The text: in the stated encoding, else by its byte order mark, else UTF-8, else windows-1250 if that is certain.

    Certain means that every letter outside ASCII is a Czech one; anything else is refused, since a wrong guess
    would go unnoticed.
    """
    try:
        if encoding is not None:
            return raw.decode(encoding).removeprefix("\ufeff")
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except (UnicodeDecodeError, LookupError) as error:
        text = raw.decode("windows-1250", errors="replace")
        if encoding is None and all(c.isascii() or c in _CZECH for c in text):
            return text
        wanted = "the stated encoding" if encoding else "UTF-8, or windows-1250 with Czech letters only"
        raise InputError(source, name, shown(error), f"{wanted}; name another one in a column mapping") from None


def open_sheet(
    source: str,
    name: str,
    raw: bytes,
    *,
    wanted: frozenset[str] = frozenset(),
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    comments: bool = False,
) -> Sheet:
    """The table in the file. Its header is the first line that has all `wanted` names, else the first not blank.

    With `comments`, lines that start with # are left out (our own reference files; never in invoices).
    """
    if raw.startswith(b"PK\x03\x04"):
        lines = _xlsx(source, name, raw, sheet)
    elif raw.startswith(b"PAR1"):
        lines = _parquet(source, name, raw)
    else:
        lines = _csv(source, name, decoded(source, name, raw, encoding), delimiter, wanted)
    if comments:
        lines = ((n, cells) for n, cells in lines if not str(cells[0]).startswith("#"))
    header = _header(source, name, lines, wanted)
    return Sheet(source, name, header, _checked(source, name, header, lines))


def _header(source: str, name: str, lines: Lines, wanted: frozenset[str]) -> tuple[str, ...]:
    first: tuple[str, ...] = ()
    for line, cells in lines:
        header = tuple("" if c is None else str(c).strip() for c in cells)
        first = first or header
        if wanted <= set(header):
            return header
        if line >= _SEARCHED:
            break
    if not first:
        raise InputError(source, name, "no line at all", "a header line and rows")
    missing = ", ".join(sorted(wanted - set(first)))
    raise InputError(source, name, shown(", ".join(first)), f"a header with the columns {missing} too")


def _checked(source: str, name: str, header: tuple[str, ...], lines: Lines) -> Lines:
    """Rows as wide as the header: another width means an unquoted decimal comma or a file cut short."""
    for line, cells in lines:
        if len(cells) != len(header):
            found = f"{len(cells)} fields"
            raise InputError(source, f"{name} line {line}", found, f"{len(header)} fields, as the header has")
        yield line, cells


def _csv(source: str, name: str, text: str, delimiter: str | None, wanted: frozenset[str]) -> Lines:
    mark = delimiter or _delimiter(text, wanted)
    reader = csv.reader(_lines_of(text), delimiter=mark, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(source, f"{name} line {reader.line_num}", str(error), "well-formed CSV") from None
        if any(c.strip() for c in cells):
            yield reader.line_num, cells


def _lines_of(text: str) -> Iterator[str]:
    """The lines with their ends, one at a time: a long text is not held twice."""
    return (line[0] for line in _LINE.finditer(text))


def _delimiter(text: str, wanted: frozenset[str]) -> str:
    """The mark that parts the header, where the names in it are known; else the one that parts the fullest line.

    A report may print a title above its header, and a cell may hold more of the other marks than the line has.
    """
    start = text.split("\n", _SEARCHED)[:_SEARCHED]
    for line in start if len(wanted) > 1 else []:
        for mark in _DELIMITERS:
            if wanted <= {cell.strip().strip('"') for cell in line.split(mark)}:
                return mark
    return max(_DELIMITERS, key=lambda mark: max(line.count(mark) for line in start))


def _xlsx(source: str, name: str, raw: bytes, sheet: str | None) -> Lines:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions it skips
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            known = book.sheetnames
            page = book[sheet] if sheet in known else book.worksheets[0]
            rows = [] if sheet is not None and sheet not in known else _held(source, name, page)
            book.close()
    except _BROKEN_BOOK:
        _not(source, name, "a zip file that is no workbook", "an .xlsx workbook")
    if sheet is not None and sheet not in known:
        _not(source, f"{name}, sheet", sheet, ", ".join(known))
    width = max((i + 1 for row in rows for i, v in enumerate(row) if v not in (None, "")), default=0)
    for line, row in enumerate(rows, 1):
        if any(v not in (None, "") for v in row):
            yield line, (row + [None] * width)[:width]


def _held(source: str, name: str, page: Any) -> list[list[Cell]]:
    """All rows, none with empty cells at its end; InputError for more cells than can be held."""
    rows: list[list[Cell]] = []
    cells = 0
    for found in page.iter_rows(values_only=True):
        row = [_cell(v) for v in found]
        while row and row[-1] in (None, ""):
            row.pop()
        cells += 1 + len(row)
        if cells > _MOST_CELLS:
            _not(source, name, f"a sheet of over {_MOST_CELLS} cells", "a smaller one, or CSV")
        rows.append(row)
    return rows


def _parquet(source: str, name: str, raw: bytes) -> Lines:
    """Structures come as outer.inner, lists and maps as JSON text."""
    try:
        file = pq.ParquetFile(io.BytesIO(raw))
        held = sum(file.metadata.row_group(n).total_byte_size for n in range(file.num_row_groups))
        if held > _MOST_PARQUET:
            _not(source, name, f"{held} bytes unpacked", f"at most {_MOST_PARQUET}")
        yield 0, _flat(file.schema_arrow.empty_table()).column_names
        line = 0
        for batch in file.iter_batches(batch_size=4096):
            for cells in zip(*(_column(c) for c in _flat(pa.Table.from_batches([batch])).columns), strict=True):
                line += 1
                yield line, cells
    except (pa.ArrowException, OSError) as error:
        _not(source, name, error, "a whole Parquet file")


def _flat(table: pa.Table) -> pa.Table:
    """The table with every structure taken apart, however deep."""
    while any(pa.types.is_struct(f.type) for f in table.schema):
        table = table.flatten()
    return table


def _column(column: Any) -> list[Cell]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_nested(column.type):
        return [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]
    return [_cell(v) for v in column.to_pylist()]


def _cell(value: object) -> Cell:
    known = value is None or isinstance(value, str | int | float | Decimal | datetime | date)
    return value if known else str(value)  # type: ignore[return-value]


def _not(source: str, where: str, found: object, allowed: str) -> NoReturn:
    raise InputError(source, where, shown(found), allowed)
