"""The watched folder of reports on seats: each file is a document, known by its bytes and recognised by its content."""

import hashlib
import json
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.identity import Pseudonyms, masked
from etl.sections import SeatProduct, Seats
from etl.sources.base import Finding, Window
from etl.sources.fields import Cell, Row, shown
from etl.sources.seats import anthropic, chatgpt, microsoft, typed
from etl.sources.seats.report import SOURCE, Holders, Report
from etl.sources.sheets import Sheet, decoded, open_sheet
from etl.tables import SEAT, SEAT_COUNT, Table

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
_LARGEST = 200 * 2**20


class SheetKind(NamedTuple):
    """A kind of table: what people call it, whether a header is one, and its report."""

    title: str
    is_it: Callable[[frozenset[str]], bool]
    read: Callable[[Sheet, Holders], Report]


class AnswerKind(NamedTuple):
    """A kind of JSON answer: what people call it, whether fields of its entries are one's, and its report."""

    title: str
    is_it: Callable[[frozenset[str]], bool]
    read: Callable[[Iterator[Row], Holders], Report]


SHEETS = (
    SheetKind("ChatGPT user report (CSV)", chatgpt.is_users, chatgpt.users),
    SheetKind("Microsoft 365 Copilot usage detail (CSV)", microsoft.is_detail, microsoft.detail),
    SheetKind("seats.csv", typed.is_seats, typed.seats),
    SheetKind("seat_counts.csv", typed.is_counts, typed.counts),
)
ANSWERS = (
    AnswerKind("ChatGPT daily usage (JSON)", chatgpt.is_usage, chatgpt.usage),
    AnswerKind("Claude Enterprise analytics summaries (JSON)", anthropic.is_summaries, anthropic.summaries),
    AnswerKind("Microsoft 365 Copilot usage detail (JSON)", microsoft.is_answer, microsoft.answer),
)
KNOWN = "; ".join([*(k.title for k in SHEETS), *(k.title for k in ANSWERS)])


class Document(NamedTuple):
    """A file of the folder, the SHA-256 of its bytes, and its path within the folder, for people."""

    path: Path
    document_id: str
    name: str


@dataclass(frozen=True)
class Result:
    """A document with what it says, or with the error that says why it was refused."""

    document: Document
    report: Report | None
    error: SourceError | None = None


class SeatFolder:
    """Reports on seats from the files of one folder and the folders in it. A missing folder has none."""

    name = SOURCE
    tables: tuple[Table, ...] = (SEAT, SEAT_COUNT)

    def __init__(self, folder: Path, products: tuple[SeatProduct, ...], pseudonyms: Pseudonyms) -> None:
        self.folder, self._products, self._pseudonyms = folder, products, pseudonyms

    def documents(self) -> list[Document]:
        """Every file, oldest first, so that of two reports on a day the one written last counts.

        Raises SourceError when a file can't be read.
        """
        paths = [p for p in self.folder.rglob("*") if p.is_file() and not self._is_hidden(p)]
        paths.sort(key=lambda p: (p.stat().st_mtime_ns, p))
        return [Document(p, hashlib.sha256(self._bytes(p)).hexdigest(), self._name(p)) for p in paths]

    def results(self, known: Container[str] = ()) -> Iterator[Result]:
        """Each document whose id is not `known`, read; a bad one comes with its error and the others go on."""
        for document in self.documents():
            if document.document_id in known:
                continue
            try:
                yield Result(document, self.read(document.path))
            except SourceError as error:
                yield Result(document, None, error)

    def read(self, path: Path) -> Report:
        """What one file says. InputError names the file, the line or entry, the value and what is allowed."""
        name, raw = self._name(path), self._bytes(path)
        holders = Holders(self._pseudonyms, lambda usual: self._product(name, usual))
        if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
            return _answer(name, raw, holders)
        return _sheet(name, raw, holders)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:  # noqa: ARG002 - snapshots
        """All rows of every document; InputError at the first bad file."""
        for document in self.documents():
            yield from self.read(document.path).batches(table)

    def bounds(self) -> Window | None:
        """None: nothing here has a time of its own."""
        return None

    def notes(self) -> list[str]:
        """Which files can't be read, and why."""
        return [str(r.error) for r in self.results() if r.error is not None]

    def examine(self) -> Iterator[Finding]:
        """Whether the folder is there and every file in it can be read."""
        subject = f"seats folder {self.folder}"
        if not self.folder.is_dir():
            remedy = "create it if seats are bought, or set seats.folder in the configuration; see docs/seats.md"
            yield Finding("ok", subject, "no such folder: no report on seats is read", remedy)
            return
        try:
            found = list(self.results())
        except (SourceError, OSError) as error:
            yield Finding("fail", subject, shown(error), "let the user that runs etl read the folder and its files")
            return
        for result in found:
            if result.error is not None:
                yield Finding("fail", result.document.name, str(result.error), "mend or remove the file")
        good = [r.report for r in found if r.report is not None]
        lines = sum(report.lines for report in good)
        yield Finding("ok" if found else "warn", subject, f"{len(good)} of {len(found)} files readable, {lines} rows")

    def close(self) -> None:
        """Nothing is kept open."""

    def _product(self, name: str, usual: str) -> str:
        """The plan a file is about: by the first pattern that fits its name, else what its kind usually is about."""
        short = name.rpartition("/")[2]
        return next((p.product for p in self._products if fnmatch(name, p.files) or fnmatch(short, p.files)), usual)

    def _name(self, path: Path) -> str:
        inside = path.relative_to(self.folder) if path.is_relative_to(self.folder) else Path(path.name)
        return masked(inside.as_posix())

    def _bytes(self, path: Path) -> bytes:
        try:
            if (size := path.stat().st_size) > _LARGEST:
                raise InputError(SOURCE, self._name(path), f"{size} bytes", f"at most {_LARGEST} bytes")
            return path.read_bytes()
        except OSError as error:
            raise SourceError(SOURCE, self._name(path), error.strerror or type(error).__name__) from None

    def _is_hidden(self, path: Path) -> bool:
        parts = path.relative_to(self.folder).parts
        return any(p.startswith((".", "~$", "README")) for p in parts) or path.name.lower().endswith(_UNFINISHED)


def seat_source(settings: Seats, pseudonyms: Pseudonyms, base: Path) -> SeatFolder:
    """The watched folder of the configuration; relative to `base`."""
    folder = settings.folder if settings.folder.is_absolute() else base / settings.folder
    return SeatFolder(folder, settings.products, pseudonyms)


def _sheet(name: str, raw: bytes, holders: Holders) -> Report:
    sheet = open_sheet(SOURCE, name, raw, comments=True)
    header = frozenset(sheet.header)
    kind = next((k for k in SHEETS if k.is_it(header)), None)
    if kind is None:
        raise InputError(SOURCE, name, shown(f"a table with the columns {', '.join(sheet.header)}"), KNOWN)
    return kind.read(sheet, holders)


def _answer(name: str, raw: bytes, holders: Holders) -> Report:
    pages = _pages(name, raw)
    entries = list(_entries(name, pages))
    if not entries:
        return Report("roster")
    names = frozenset(entries[0].cells)
    kind = next((k for k in ANSWERS if k.is_it(names | {n.partition(".")[0] for n in names})), None)
    if kind is None:
        raise InputError(SOURCE, name, shown(f"JSON with the fields {', '.join(sorted(names))}"), KNOWN)
    _require_whole(name, pages)
    return kind.read(iter(entries), holders)


def _pages(name: str, raw: bytes) -> list[Any]:
    try:
        found = json.loads(decoded(SOURCE, name, raw), parse_float=Decimal)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(SOURCE, name, shown(error), "well-formed JSON") from None
    pages = found if isinstance(found, list) else [found]
    for number, page in enumerate(pages, 1):
        if not isinstance(page, dict):
            raise InputError(SOURCE, f"{name} page {number}", shown(page), "an object as the vendor's API answers")
    return pages


def _require_whole(name: str, pages: list[Any]) -> None:
    """Nothing when the last page says that none follows; else InputError."""
    more = pages[-1].get("has_more") or pages[-1].get("next_page") or pages[-1].get("@odata.nextLink")
    if more:
        place = f"{name} page {len(pages)}"
        raise InputError(SOURCE, place, "another page follows", "every page, as one JSON list")


def _entries(name: str, pages: list[Any]) -> Iterator[Row]:
    """The entries of all pages, with the fields of an inner object as `outer.inner`."""
    for number, page in enumerate(pages, 1):
        listed = page.get("data", page.get("value"))
        if not isinstance(listed, list):
            raise InputError(SOURCE, f"{name} page {number}", "no list", "a list under 'data' or 'value'")
        for place, entry in enumerate(listed, 1):
            if not isinstance(entry, dict):
                raise InputError(SOURCE, f"{name} page {number} entry {place}", shown(entry), "an object")
            yield Row(SOURCE, f"{name} page {number} entry {place}", _cells(entry))


def _cells(entry: dict[str, Any]) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for key, value in entry.items():
        inner = {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
        found |= {k: v for k, v in inner.items() if v is None or isinstance(v, str | int | Decimal | bool)}
    return found
