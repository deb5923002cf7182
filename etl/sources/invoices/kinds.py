"""Every kind of document that is taken, how each is recognised by its content, and who reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from etl.errors import InputError
from etl.sections import ColumnMapping
from etl.sources.fields import shown
from etl.sources.invoices import (
    anthropic,
    azure,
    cii,
    deepseek,
    einvoice,
    flat,
    focus,
    google,
    isdoc,
    mapped,
    openai,
    openrouter,
    packed,
    pages,
    typed,
    ubl,
    usage,
    xml,
)
from etl.sources.invoices.document import Contents
from etl.sources.invoices.line import SOURCE
from etl.sources.invoices.unsupported import reason
from etl.sources.sheets import Sheet, open_sheet


def _no_key(_: str | None) -> None:
    """No pseudonym: without the secret a provider's key can't be told."""


@dataclass(frozen=True)
class Reading:
    """What reading a document needs to know beside its bytes."""

    mappings: tuple[ColumnMapping, ...] = ()
    issuers: Mapping[str, str] = field(default_factory=dict)  # part of an issuer's name -> provider
    key: Callable[[str | None], str | None] = _no_key  # pseudonym of a provider's key


class SheetKind(NamedTuple):
    """A kind of table: what people call it, whether a header is one, and what it gives."""

    title: str
    is_it: Callable[[frozenset[str]], bool]
    contents: Callable[[Sheet, Reading], Contents]


class ReportKind(NamedTuple):
    """A kind of JSON report in pages: what people call it, whether some pages are one, and what it gives."""

    title: str
    is_it: Callable[[list[Any]], bool]
    contents: Callable[[str, list[Any], Reading], Contents]
    is_paged: bool = True


SHEETS = (
    SheetKind(
        "OpenAI cost export (CSV)",
        openai.is_export,
        lambda s, _: Contents(lines=openai.export_lines(s), provider="openai"),
    ),
    SheetKind("FOCUS (CSV, XLSX, Parquet)", focus.is_export, lambda s, _: Contents(lines=focus.export_lines(s))),
    SheetKind(
        "OpenAI usage export (CSV)",
        usage.is_export,
        lambda s, r: Contents(usage=usage.openai_exported(s, r.key), provider="openai"),
    ),
    SheetKind(
        "Google Cloud cost table (CSV)",
        google.is_table,
        lambda s, _: Contents(lines=google.table_lines(s), provider="google"),
    ),
    SheetKind(
        "Google Cloud BigQuery export (CSV, Parquet)",
        google.is_export,
        lambda s, _: Contents(lines=google.export_lines(s), provider="google"),
    ),
    SheetKind(
        "Azure cost details (CSV)",
        azure.is_details,
        lambda s, _: Contents(lines=azure.detail_lines(s), provider="azure"),
    ),
    SheetKind(
        "DeepSeek cost (CSV)",
        deepseek.is_cost,
        lambda s, _: Contents(lines=deepseek.cost_lines(s), provider="deepseek"),
    ),
    SheetKind(
        "DeepSeek amount (CSV)",
        deepseek.is_amount,
        lambda s, r: Contents(usage=deepseek.amount_usage(s, r.key), provider="deepseek"),
    ),
    SheetKind("typed invoice (CSV, XLSX)", typed.is_form, lambda s, r: typed.form_contents(s, r.issuers, r.key)),
    SheetKind("flat costs (costs.csv)", flat.is_costs, lambda s, _: Contents(lines=flat.cost_lines(s), kind="flat")),
)
REPORTS = (
    ReportKind(
        "OpenAI usage (JSON)",
        usage.is_openai,
        lambda n, p, r: Contents(usage=usage.openai_usage(pages.buckets(n, p), r.key), provider="openai"),
    ),
    ReportKind(
        "Anthropic usage report (JSON)",
        usage.is_anthropic,
        lambda n, p, r: Contents(usage=usage.anthropic_usage(pages.buckets(n, p), r.key), provider="anthropic"),
    ),
    ReportKind(
        "OpenAI costs (JSON)",
        openai.is_report,
        lambda n, p, _: Contents(lines=openai.report_lines(pages.buckets(n, p)), provider="openai"),
    ),
    ReportKind(
        "Anthropic cost report (JSON)",
        anthropic.is_report,
        lambda n, p, _: Contents(lines=anthropic.report_lines(pages.buckets(n, p)), provider="anthropic"),
    ),
    ReportKind(
        "OpenRouter activity (JSON)",
        openrouter.is_activity,
        lambda n, p, _: _activity(openrouter.rows(n, p)),
        is_paged=False,
    ),
)
_EINVOICES = "ISDOC, UBL and CII invoices (XML, .isdocx, PDF with one inside)"
_KNOWN = "; ".join(
    [*(k.title for k in SHEETS), *(k.title for k in REPORTS), _EINVOICES, "a table with a column mapping"]
)


def _activity(rows: list[Any]) -> Contents:
    lines, quantities = openrouter.activity_lines(rows), openrouter.activity_usage(rows)
    return Contents(lines=lines, usage=quantities, provider="openrouter")


def contents(name: str, raw: bytes, reading: Reading) -> Contents:
    """What the document gives. InputError names the file, what was found and what is taken."""
    raw = packed.ungzipped(name, raw)
    mapping = next((m for m in reading.mappings if mapped.fits(m, name.removesuffix(".gz"))), None)
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:5]
    if raw.startswith(b"PK\x03\x04"):
        names = packed.zip_names(name, raw)
        if "[Content_Types].xml" not in names:
            return _einvoice(name, packed.zipped_isdoc(name, raw, names), reading)
    if mapping is not None:
        return Contents(
            lines=mapped.mapped_lines(mapping, name, raw, reading.key), kind="table", provider=mapping.provider
        )
    if start[:1] in (b"{", b"["):
        return _report(name, raw, reading)
    if start.startswith(b"%PDF"):
        return _pdf(name, raw, reading)
    if start.startswith(b"<") or raw.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return _einvoice(name, raw, reading)
    if (found := reason(raw)) is not None:
        raise InputError(SOURCE, name, found, _KNOWN)
    return _sheet(name, raw, reading)


def _sheet(name: str, raw: bytes, reading: Reading) -> Contents:
    sheet = open_sheet(SOURCE, name, raw)
    header = frozenset(sheet.header)
    kind = next((k for k in SHEETS if k.is_it(header)), None)
    if kind is None:
        found = reason(header) or f"a table with the columns {', '.join(sheet.header)}"
        raise InputError(SOURCE, name, shown(found), _KNOWN)
    return kind.contents(sheet, reading)


def _report(name: str, raw: bytes, reading: Reading) -> Contents:
    found = pages.saved(name, raw)
    kind = next((k for k in REPORTS if found and k.is_it(found)), None)
    if kind is None:
        names = frozenset(pages.names_in(found))
        what = reason(names) or f"JSON with the fields {', '.join(sorted(names))}"
        raise InputError(SOURCE, name, shown(what), _KNOWN)
    if kind.is_paged:
        pages.require_whole(name, found)
    return kind.contents(name, found, reading)


def _pdf(name: str, raw: bytes, reading: Reading) -> Contents:
    """The one invoice inside; two that are both invoices are refused, since one could correct the other."""
    found = packed.pdf_invoices(name, raw)
    if len(found) > 1:
        what = f"a PDF with {len(found)} XML files: {', '.join(n for n, _ in found)}"
        raise InputError(SOURCE, name, shown(what), "a PDF with one embedded invoice")
    return _einvoice(f"{name} ({found[0][0]})", found[0][1], reading)


def _einvoice(name: str, raw: bytes, reading: Reading) -> Contents:
    root = xml.root(name, raw)
    space, local = root.root_name
    if (space, local) == (isdoc.NAMESPACE, "Invoice"):
        printed = isdoc.printed(name, root)
    elif ubl.NAMESPACES.get(space) == local:
        printed = ubl.printed(name, root)
    elif (space, local) == (cii.NAMESPACE, "CrossIndustryInvoice"):
        printed = cii.printed(name, root)
    else:
        raise InputError(SOURCE, name, shown(_other(space, local)), _KNOWN)
    return einvoice.contents(name, printed, reading.issuers)


def _other(space: str, local: str) -> str:
    if local == "CommonDocument":
        return "an ISDOC CommonDocument: a document of another kind, no invoice"
    if local == "CrossIndustryDocument":
        return "a ZUGFeRD 1.0 invoice: ask for Factur-X, ZUGFeRD 2 or UBL"
    return f"an XML or HTML document <{local}>" + (f" of {space}" if space else "")
