"""The watched folder of invoices: each file is a document, known by its bytes and recognised by its content."""

import hashlib
import shutil
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.identity import masked
from etl.sections import ColumnMapping, Invoices
from etl.sources.base import Finding, Window
from etl.sources.fields import shown
from etl.sources.invoices import kinds, mapped
from etl.sources.invoices.document import Landed, landed
from etl.sources.invoices.kinds import REPORTS, SHEETS, Reading
from etl.sources.invoices.line import SOURCE
from etl.sources.invoices.packed import MOST_FILE
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE, Table

__all__ = ["REPORTS", "SHEETS", "Document", "InvoiceFolder", "Result", "folder_source"]

REJECTED = "rejected"
REASON = ".reason.txt"
SETTLED_S = 30.0  # a file written later than this may still be being copied and is not moved
# what a value that no reader thought of may raise: a day after the year 9999, an array nested without end
_UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError, EOFError)
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
_TIMES = {INVOICE_LINE: ("charge_period_start", "charge_period_end"), PROVIDER_USAGE: ("day", "day")}


class Document(NamedTuple):
    """A file of the folder and the SHA-256 of its bytes."""

    path: Path
    document_id: str


@dataclass(frozen=True)
class Result:
    """A document with what it gives, or with the error that says why it gives nothing."""

    document: Document
    landed: Landed | None = None
    error: SourceError | None = None

    @property
    def batches(self) -> list[pa.RecordBatch]:
        """Its invoice lines."""
        return self.landed.lines if self.landed else []


class InvoiceFolder:
    """Invoices, their lines and reported quantities from the files of one folder and the folders in it."""

    name = SOURCE
    tables: tuple[Table, ...] = (INVOICE, INVOICE_LINE, PROVIDER_USAGE)

    def __init__(
        self,
        folder: Path,
        mappings: tuple[ColumnMapping, ...] = (),
        reading: Reading | None = None,
        settled_s: float = SETTLED_S,
    ) -> None:
        self.reading = reading or Reading(mappings)
        for mapping in self.reading.mappings:
            mapped.require_columns(mapping)
        self.folder, self._settled_s = folder, settled_s

    def documents(self, settled_before: datetime | None = None) -> list[Document]:
        """Every file, by path; with `settled_before` (UTC) only those not written since, so that none is half copied.

        A missing folder has no documents. One that can't be read has a name for an id, and its reason when it is read.
        """
        paths = sorted(p for p in self.folder.rglob("*") if p.is_file() and not self._is_hidden(p))
        if settled_before is not None:
            limit = settled_before.replace(tzinfo=settled_before.tzinfo or UTC).timestamp()
            paths = [p for p in paths if p.stat().st_mtime < limit]
        return [Document(p, _digest(p) or f"unreadable:{self.name_of(p)}") for p in paths]

    def written_ns(self, document: Document) -> int:
        """When the file was last written, in nanoseconds; 0 for one that has gone."""
        try:
            return document.path.stat().st_mtime_ns
        except OSError:
            return 0

    def read(self, path: Path) -> list[pa.RecordBatch]:
        """All invoice lines of one file, or an error and none."""
        return self.landed(path).lines

    def landed(self, path: Path, document_id: str | None = None) -> Landed:
        """Everything one file gives, or an error. InputError names file, line, value and what is allowed.

        Raises SourceError when its bytes are no longer those of `document_id`: it is being written.
        """
        name = self.name_of(path)
        raw = _bytes(name, path)
        found = hashlib.sha256(raw).hexdigest()
        if document_id not in (None, found):
            raise SourceError(SOURCE, name, "it was changed while it was read; it is read again at the next run")
        try:
            return landed(kinds.contents(name, raw, self.reading), found, name)
        except _UNREADABLE as error:
            what = f"something that can't be read ({type(error).__name__})"
            raise InputError(SOURCE, name, what, "a whole file of a kind that docs/invoices.md names") from error

    def results(self, known: Container[str] = (), settled_before: datetime | None = None) -> Iterator[Result]:
        """Each document whose id is not `known`, read; a bad one comes with its error and the others go on."""
        for document in self.documents(settled_before):
            if document.document_id not in known:
                yield self.result(document)

    def result(self, document: Document) -> Result:
        """The document, read, or with its error."""
        try:
            return Result(document, self.landed(document.path, document.document_id))
        except SourceError as error:
            return Result(document, error=error)

    def reject(self, result: Result) -> None:
        """Moves a bad file to rejected/, its reason beside it; one that may still be being written stays.

        Nothing is moved that merely can't be read now, nor where the folder can't be written. A file of another
        content that was rejected under the same name before is kept beside it.
        """
        path = result.document.path
        try:
            if not isinstance(result.error, InputError) or time.time() - path.stat().st_mtime < self._settled_s:
                return
            target = self._rejected(path, result.document.document_id)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            target.with_name(target.name + REASON).write_text(f"{result.error}\n", "utf-8")
        except OSError:
            return  # it stays where it is, and its reason on the Data page

    def rejected_ids(self) -> set[str | None]:
        """Ids of the files that wait in rejected/."""
        return {_digest(p) for p in self._rejected_files()}

    def rejected(self) -> list[tuple[str, str]]:
        """(name, reason) of every file that waits in rejected/ to be mended."""
        root = self.folder / REJECTED
        return [(masked(p.relative_to(root).as_posix()), _reason(p)) for p in self._rejected_files()]

    def _rejected_files(self) -> list[Path]:
        found = (self.folder / REJECTED).rglob("*")
        return sorted(p for p in found if p.is_file() and not p.name.endswith(REASON))

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """All rows of the table that start in the window (invoices: all of them); InputError at the first bad file."""
        assert table in self.tables, table.name
        for document in self.documents():
            found = self.landed(document.path)
            if table is INVOICE:
                yield found.invoice
                continue
            for batch in found.lines if table is INVOICE_LINE else found.usage:
                kept = pa.array([_within(s, window) for s in batch.column(_TIMES[table][0]).to_pylist()], pa.bool_())
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
            yield Finding("warn", subject, "no such folder", "create it, or set invoices.folder in the configuration")
            return
        try:
            found = list(self.results())
        except (SourceError, OSError) as error:
            yield Finding("fail", subject, shown(error), "let the user that runs etl read the folder and its files")
            return
        for result in (r for r in found if r.error is not None):
            yield Finding("fail", self.name_of(result.document.path), str(result.error), "mend or remove the file")
        for name, why in self.rejected():
            yield Finding("warn", f"{REJECTED}/{name}", why, "mend it and put it back, or remove it")
        good = [r for r in found if r.error is None]
        lines = sum(b.num_rows for r in good for b in r.batches)
        yield Finding("ok" if found else "warn", subject, f"{len(good)} of {len(found)} files readable, {lines} lines")

    def close(self) -> None:
        """Nothing is kept open."""

    def name_of(self, path: Path) -> str:
        """The file's path within the folder, for people."""
        inside = path.relative_to(self.folder) if path.is_relative_to(self.folder) else Path(path.name)
        return masked(inside.as_posix())

    def _rejected(self, path: Path, document_id: str) -> Path:
        inside = path.relative_to(self.folder)
        target = self.folder / REJECTED / inside
        if target.is_file() and _digest(target) != document_id:
            return target.with_name(f"{path.stem}-{document_id[:8]}{path.suffix}")
        return target

    def _is_hidden(self, path: Path) -> bool:
        parts = path.relative_to(self.folder).parts
        is_left = parts[0] == REJECTED or path.name.lower().endswith(_UNFINISHED)
        return is_left or any(p.startswith((".", "~$", "README")) for p in parts)


def folder_source(
    settings: Invoices, base: Path, key: Callable[[str | None], str | None] | None = None
) -> InvoiceFolder:
    """The watched folder of the configuration; relative to `base`. Raises ConfigError for an unusable mapping.

    `key` turns a provider's key into its pseudonym; without it keys are left out.
    """
    folder = settings.folder if settings.folder.is_absolute() else base / settings.folder
    return InvoiceFolder(folder, reading=reading_of(settings, key))


def reading_of(settings: Invoices, key: Callable[[str | None], str | None] | None) -> Reading:
    """What the configuration says about reading invoices."""
    known = {"key": key} if key is not None else {}
    return Reading(settings.mappings, settings.issuers, **known)


def _bytes(name: str, path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MOST_FILE:
            raise InputError(SOURCE, name, f"a file of {size} bytes", f"at most {MOST_FILE}: a month a file, or .gz")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(SOURCE, name, error.strerror or type(error).__name__) from None


def _digest(path: Path) -> str | None:
    """The SHA-256 of the file's bytes, read piece by piece; None where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _reason(path: Path) -> str:
    try:
        return path.with_name(path.name + REASON).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "no reason beside it"


def _within(start: object, window: Window) -> bool:
    moment = start if isinstance(start, datetime) else datetime.fromisoformat(f"{start}")
    return (window.start is None or moment >= window.start) and (window.end is None or moment < window.end)
