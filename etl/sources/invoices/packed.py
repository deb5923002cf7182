"""What is packed in a file: gzip, zip (an ISDOC archive) and PDF with an invoice inside; never more than fits."""

import io
import logging
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pypdf
from pypdf.errors import PyPdfError

from etl.errors import InputError
from etl.sources.fields import shown
from etl.sources.invoices.line import SOURCE
from etl.sources.invoices.xml import MOST_BYTES as MOST_XML

MOST_FILE = 64_000_000  # a month of a large organisation's cost export is some 10 MB
MOST_UNPACKED = 128_000_000
_MOST_ZIPPED = 64_000_000  # unpacked; a workbook takes some ten times of it while it is read
_MOST_MEMBERS = 10_000
_MOST_ATTACHMENTS = 50
# what pypdf raises for broken files beside its own errors, which it does not catch everywhere
_PDF_ERRORS = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, RecursionError, OSError,
    NotImplementedError, OverflowError, zlib.error, MemoryError,
)  # fmt: skip
FORM = "type its figures into the form (etl/reference/invoice_template.csv)"


def ungzipped(name: str, raw: bytes) -> bytes:
    """The bytes in a gzip file, or the bytes as they are. InputError for a broken one and for one that swells."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    parts, size, rest = [], 0, raw
    try:
        while rest:
            stream = zlib.decompressobj(wbits=31)
            while rest and not stream.eof:
                part = stream.decompress(rest, MOST_UNPACKED - size + 1)
                size += len(part)
                if size > MOST_UNPACKED:
                    raise InputError(SOURCE, name, f"over {MOST_UNPACKED} bytes unpacked", "smaller: a month a file")
                parts.append(part)
                rest = stream.unconsumed_tail
            if not stream.eof:
                raise InputError(SOURCE, name, "a gzip file cut short", "a whole gzip file")
            rest = stream.unused_data.lstrip(b"\0")  # further members, or padding
    except zlib.error as error:
        raise InputError(SOURCE, name, shown(error), "a whole gzip file") from None
    return b"".join(parts)


def zip_names(name: str, raw: bytes) -> list[str]:
    """Names in a zip file. InputError for a broken one and for one that says it would swell beyond bounds.

    Python reads no more of a member than its stated size, so what is stated here holds for every later reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise InputError(
            SOURCE, name, f"a broken zip file, no workbook: {shown(error)}", "a whole .xlsx or .isdocx"
        ) from None
    size = sum(m.file_size for m in members)
    if size > _MOST_ZIPPED or len(members) > _MOST_MEMBERS:
        found = f"a zip file of {len(members)} parts and {size} bytes unpacked"
        raise InputError(SOURCE, name, found, f"at most {_MOST_MEMBERS} parts and {_MOST_ZIPPED} bytes")
    return [m.filename for m in members]


def zipped_isdoc(name: str, raw: bytes, names: list[str]) -> bytes:
    """The one ISDOC invoice of an archive (.isdocx)."""
    found = [n for n in names if n.lower().endswith(".isdoc")]
    if len(found) != 1:
        what = f"a zip file of {len(names)} parts, {len(found)} of them ISDOC invoices"
        raise InputError(SOURCE, name, what, "an .xlsx workbook, or an .isdocx with one invoice")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(found[0]) as member:
            return member.read(MOST_XML + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(SOURCE, name, f"a broken zip file: {shown(error)}", "a whole .isdocx file") from None


def pdf_invoices(name: str, raw: bytes) -> list[tuple[str, bytes]]:
    """(name, bytes) of the XML files embedded in a PDF (Factur-X, ZUGFeRD, ISDOC). InputError if there is none."""
    try:
        with _quiet():
            found = list(_attachments(raw))
    except _PDF_ERRORS as error:
        what = f"a PDF that can't be read ({type(error).__name__})"
        raise InputError(SOURCE, name, what, f"a whole PDF with an embedded invoice; or {FORM}") from None
    invoices = [(n, data) for n, data in found if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")]
    if not invoices:
        what = "a PDF without an embedded invoice (invoices of OpenAI and Anthropic are such)"
        raise InputError(SOURCE, name, what, f"a PDF with an invoice inside (ISDOC, Factur-X); else {FORM}")
    return invoices


def _attachments(raw: bytes) -> Iterator[tuple[str, bytes]]:
    reader = pypdf.PdfReader(io.BytesIO(raw), strict=False)
    for number, attached in enumerate(reader.attachment_list, 1):
        if number > _MOST_ATTACHMENTS:
            raise ValueError("too many attachments")
        if attached.name.lower().endswith((".xml", ".isdoc")):
            yield attached.name, attached.content


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pypdf's words about oddities: of what it reads on in spite of them, only the XML counts here."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
