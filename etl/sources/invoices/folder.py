"""The watched folder of invoices: each file is a document, known by its bytes and recognised by its content."""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.identity import masked
from etl.sections import ColumnMapping, Invoices
from etl.sources.base import Finding, Window
from etl.sources.fields import shown
from etl.sources.invoices import anthropic, flat, focus, mapped, openai, pages
from etl.sources.invoices.line import SOURCE, Line, batches
from etl.sources.invoices.unsupported import reason
from etl.sources.sheets import Sheet, open_sheet
from etl.tables import INVOICE_LINE, Table

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")


class SheetKind(NamedTuple):
    """A kind of table: what people call it, whether a header is one, and its lines."""

    title: str
    is_it: Callable[[frozenset[str]], bool]
    lines: Callable[[Sheet], Iterator[Line]]


class ReportKind(NamedTuple):
    """A kind of JSON report in pages: what people call it, whether some pages are one, and its lines."""

    title: str
    is_it: Callable[[list[Any]], bool]
    lines: Callable[[Iterator[pages.Bucket]], Iterator[Line]]


SHEETS = (
    SheetKind("OpenAI cost export (CSV)", openai.is_export, openai.export_lines),
    SheetKind("FOCUS (CSV, XLSX, Parquet)", focus.is_export, focus.export_lines),
    SheetKind("flat costs (costs.csv)", flat.is_costs, flat.cost_lines),
)
REPORTS = (
    ReportKind("OpenAI costs (JSON)", openai.is_report, openai.report_lines),
    ReportKind("Anthropic cost report (JSON)", anthropic.is_report, anthropic.report_lines),
)
_KNOWN = "; ".join([*(k.title for k in SHEETS), *(k.title for k in REPORTS), "a table with a column mapping"])


class Document(NamedTuple):
    """A file of the folder and the SHA-256 of its bytes."""

    path: Path
    document_id: str


@dataclass(frozen=True)
class Result:
    """A document with its lines, or with the error that says why it has none."""

    document: Document
    batches: list[pa.RecordBatch]
    error: SourceError | None = None


class InvoiceFolder:
    """Invoice lines from the files of one folder and the folders in it."""

    name = SOURCE
    tables: tuple[Table, ...] = (INVOICE_LINE,)

    def __init__(self, folder: Path, mappings: tuple[ColumnMapping, ...] = ()) -> None:
        for mapping in mappings:
            mapped.require_columns(mapping)
        self.folder, self._mappings = folder, mappings

    def documents(self, settled_before: datetime | None = None) -> list[Document]:
        """Every file, by path; with `settled_before` (UTC) only those not written since, so that none is half copied.

        A missing folder has no documents. Raises SourceError when a file can't be read.
        """
        paths = sorted(p for p in self.folder.rglob("*") if p.is_file() and not self._is_hidden(p))
        if settled_before is not None:
            limit = settled_before.replace(tzinfo=settled_before.tzinfo or UTC).timestamp()
            paths = [p for p in paths if p.stat().st_mtime < limit]
        return [Document(p, hashlib.sha256(_bytes(self._name(p), p)).hexdigest()) for p in paths]

    def read(self, path: Path) -> list[pa.RecordBatch]:
        """All lines of one file, or an error and none. InputError names file, line, value and what is allowed."""
        name = self._name(path)
        raw = _bytes(name, path)
        return list(batches(self._lines(name, raw), hashlib.sha256(raw).hexdigest(), name))

    def results(self, known: Container[str] = (), settled_before: datetime | None = None) -> Iterator[Result]:
        """Each document whose id is not `known`, read; a bad one comes with its error and the others go on."""
        for document in self.documents(settled_before):
            if document.document_id in known:
                continue
            try:
                yield Result(document, self.read(document.path))
            except SourceError as error:
                yield Result(document, [], error)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """All lines whose charge period starts in the window; InputError at the first bad file."""
        assert table is INVOICE_LINE, table.name
        for document in self.documents():
            for batch in self.read(document.path):
                starts = batch.column("charge_period_start").to_pylist()
                kept = pa.array([_within(start, window) for start in starts], pa.bool_())
                if (part := batch.filter(kept)).num_rows:
                    yield part

    def bounds(self) -> Window | None:
        """First and last instant any readable document charges for."""
        read = [b for r in self.results() for b in r.batches if b.num_rows]
        if not read:
            return None
        starts = [v for b in read for v in b.column("charge_period_start").to_pylist()]
        ends = [v for b in read for v in b.column("charge_period_end").to_pylist()]
        return Window(min(starts), max(ends))

    def notes(self) -> list[str]:
        """Which files can't be read, and why."""
        return [str(r.error) for r in self.results() if r.error is not None]

    def examine(self) -> Iterator[Finding]:
        """Whether the folder is there and every file in it can be read."""
        subject = f"invoice folder {self.folder}"
        if not self.folder.is_dir():
            yield Finding("fail", subject, "no such folder", "create it, or set invoices.folder in the configuration")
            return
        try:
            found = list(self.results())
        except (SourceError, OSError) as error:
            yield Finding("fail", subject, shown(error), "let the user that runs etl read the folder and its files")
            return
        for result in (r for r in found if r.error is not None):
            yield Finding("fail", self._name(result.document.path), str(result.error), "mend or remove the file")
        good = [r for r in found if r.error is None]
        lines = sum(b.num_rows for r in good for b in r.batches)
        yield Finding("ok" if found else "warn", subject, f"{len(good)} of {len(found)} files readable, {lines} lines")

    def close(self) -> None:
        """Nothing is kept open."""

    def _name(self, path: Path) -> str:
        inside = path.relative_to(self.folder) if path.is_relative_to(self.folder) else Path(path.name)
        return masked(inside.as_posix())

    def _is_hidden(self, path: Path) -> bool:
        parts = path.relative_to(self.folder).parts
        return any(p.startswith((".", "~$", "README")) for p in parts) or path.name.lower().endswith(_UNFINISHED)

    def _lines(self, name: str, raw: bytes) -> Iterator[Line]:
        raw = _unpacked(name, raw)
        mapping = next((m for m in self._mappings if mapped.fits(m, name.removesuffix(".gz"))), None)
        if mapping is not None:
            return mapped.mapped_lines(mapping, name, raw)
        if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
            return _report_lines(name, raw)
        if (found := reason(raw)) is not None:
            raise InputError(SOURCE, name, found, _KNOWN)
        return _sheet_lines(name, raw)


def folder_source(settings: Invoices, base: Path) -> InvoiceFolder:
    """The watched folder of the configuration; relative to `base`. Raises ConfigError for an unusable mapping."""
    folder = settings.folder if settings.folder.is_absolute() else base / settings.folder
    return InvoiceFolder(folder, settings.mappings)


def _sheet_lines(name: str, raw: bytes) -> Iterator[Line]:
    sheet = open_sheet(SOURCE, name, raw)
    header = frozenset(sheet.header)
    kind = next((k for k in SHEETS if k.is_it(header)), None)
    if kind is None:
        found = reason(header) or f"a table with the columns {', '.join(sheet.header)}"
        raise InputError(SOURCE, name, shown(found), _KNOWN)
    return kind.lines(sheet)


def _report_lines(name: str, raw: bytes) -> Iterator[Line]:
    found = pages.saved(name, raw)
    kind = next((k for k in REPORTS if found and k.is_it(found)), None)
    if kind is None:
        names = frozenset(pages.names_in(found))
        what = reason(names) or f"JSON with the fields {', '.join(sorted(names))}"
        raise InputError(SOURCE, name, shown(what), _KNOWN)
    pages.require_whole(name, found)
    return kind.lines(pages.buckets(name, found))


def _bytes(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(SOURCE, name, error.strerror or type(error).__name__) from None


def _unpacked(name: str, raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(SOURCE, name, shown(error), "a whole gzip file") from None


def _within(start: datetime, window: Window) -> bool:
    return (window.start is None or start >= window.start) and (window.end is None or start < window.end)
