"""Files made to harm or broken on the way: refused with a reason or read right, in bounded memory, never a crash."""

import gzip
import io
import random
import resource
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest
from openpyxl import Workbook

from etl.errors import InputError
from etl.sources.invoices import line, packed, xml
from etl.sources.invoices.folder import InvoiceFolder
from tests.etl.sources.einvoice_files import cii, cii_line, isdoc, isdoc_line, landed, pdf, ubl, ubl_line, zipped
from tests.etl.sources.invoice_files import as_json, openai_page, openai_result

COSTS = "provider,description,amount,currency,period_start,period_end\n"
GOOD = isdoc(isdoc_line("300"))
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE Invoice [{}]>' + GOOD.partition("?>")[2]
LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (DOCTYPE.format(LAUGHS).replace("GPU hodiny", "&i;"), "without a document type and entities"),
        (
            DOCTYPE.format('<!ENTITY x SYSTEM "file:///etc/passwd">').replace("GPU hodiny", "&x;"),
            "an XML document with",
        ),
        (DOCTYPE.format('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;'), "an XML document with"),
        (GOOD[: len(GOOD) // 2], "an XML document that is broken"),
        (GOOD.replace("utf-8", "utf-77"), "an XML document that is broken"),
        (GOOD.encode() + b"\0", "an XML document that is broken"),
        ("<html><body>Sign in</body></html>", "an XML or HTML document <html>"),
        ("<" + "a" * 100, "an XML document that is broken"),
    ],
)
def test_xml_that_is_hostile_or_broken_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "a.isdoc", content)


def test_xml_nested_without_end_or_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "<a>" * 50_000 + "</a>" * 50_000
    with pytest.raises(InputError, match="an XML or HTML document <a>"):
        landed(tmp_path, "deep.xml", deep)
    monkeypatch.setattr(xml, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"an XML document of .* allowed: at most 1000"):
        landed(tmp_path, "long.xml", GOOD)


def test_a_file_of_a_hundred_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    [result] = list(InvoiceFolder(tmp_path).results())

    assert "a file of 100000000 bytes" in str(result.error)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_a_gzip_that_swells_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(InputError, match="over 128000000 bytes unpacked"):
        landed(tmp_path, "bomb.csv.gz", gzip.compress(bytes(150_000_000), 1))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB; the test itself holds 150 MB


@pytest.mark.parametrize("cut", [-4, 12, 30])
def test_a_gzip_cut_short_is_refused_and_one_of_several_members_is_read_whole(tmp_path: Path, cut: int) -> None:
    rows = ["e-infra,GPU,100,CZK,2026-11,2026-12\n", "e-infra,GPU,200,CZK,2026-12,2027-01\n"]
    whole = gzip.compress((COSTS + rows[0]).encode()) + gzip.compress(rows[1].encode())

    assert [n["billed_cost"] for n in landed(tmp_path, "costs.csv.gz", whole)[1]] == [100, 200]
    with pytest.raises(InputError, match="gzip"):
        landed(tmp_path, "costs.csv.gz", whole[:cut])


def bomb(name: str) -> bytes:
    """A zip file of one member of 100 MB of zeros, some 100 kB long."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for _ in range(100):
            member.write(bytes(1_000_000))
    return target.getvalue()


@pytest.mark.parametrize("name", ["[Content_Types].xml", "a.isdoc"])
def test_a_zip_bomb_is_refused_by_what_it_says_it_holds(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="a zip file of 1 parts and 100000000 bytes"):
        landed(tmp_path, "bomb.xlsx", bomb(name))


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    raw, honest = bomb("a.isdoc"), (100_000_000).to_bytes(4, "little")

    with pytest.raises(InputError, match=r"a broken zip file|an XML document"):
        landed(tmp_path, "bomb.isdocx", raw.replace(honest, (1000).to_bytes(4, "little")))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (zipped(a__isdoc=GOOD, b__isdoc=GOOD), "2 of them ISDOC invoices"),
        (zipped(a__txt="x"), "0 of them ISDOC invoices"),
        (zipped(a__isdoc=GOOD)[:60], "a broken zip file"),
        (zipped(**{"[Content_Types].xml": "<x/>"}), "no workbook"),
        (zipped(**{"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<broken"}), "no workbook"),
    ],
)
def test_a_zip_file_that_is_neither_workbook_nor_archive_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "a.zip", raw)


def test_a_workbook_cell_at_the_far_corner_is_read_or_refused_in_bounded_time(tmp_path: Path) -> None:
    book = Workbook()
    for text in (COSTS + "e-infra,GPU,100,CZK,2026-11,2026-12").splitlines():
        book.active.append(text.split(","))  # type: ignore[union-attr]
    book.active["A60000"] = " "  # type: ignore[index]
    book.save(tmp_path / "far.xlsx")

    with pytest.raises(InputError, match="line 60000"):
        landed(tmp_path, "far.xlsx", (tmp_path / "far.xlsx").read_bytes())


PDFS = [
    (pdf(), "a PDF without an embedded invoice.*OpenAI and Anthropic.*type its figures into the form"),
    (pdf(note__txt="hello", **{"empty__xml": ""}), "a PDF without an embedded invoice"),
    (pdf(a__xml=GOOD, b__xml=GOOD), "a PDF with 2 XML files"),
    (pdf(a__xml="<broken"), r"a.pdf \(a.xml\): found 'an XML document that is broken"),
    (pdf(a__xml="<order/>"), "an XML or HTML document <order>"),
    (pdf(a__xml=DOCTYPE.format(LAUGHS)), "without a document type"),
    (b"%PDF-1.7", "a PDF that can't be read|a PDF without"),
    (b"%PDF-1.7\n%%EOF\n" + bytes(1000), "a PDF that can't be read|a PDF without"),
]


@pytest.mark.parametrize(("raw", "reason"), PDFS)
def test_a_pdf_without_an_invoice_or_with_a_broken_one_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "a.pdf", raw)


def test_a_pdf_that_needs_a_password_is_refused(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(a__xml=GOOD)))
    writer.encrypt("secret", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)

    with pytest.raises(InputError, match="a PDF that can't be read"):
        landed(tmp_path, "a.pdf", target.getvalue())


def test_an_attachment_that_swells_is_refused(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(10, 10)
    writer.add_attachment("a.xml", b"<" + bytes(90_000_000))
    writer.compress_identical_objects()
    for index in range(len(writer._objects)):
        found = writer._objects[index]
        if isinstance(found, pypdf.generic.StreamObject) and len(found.get_data()) > 1_000_000:
            writer._objects[index] = found.flate_encode(1)
    target = io.BytesIO()
    writer.write(target)
    assert len(target.getvalue()) < 1_000_000

    with pytest.raises(InputError, match="a PDF that can't be read"):
        landed(tmp_path, "a.pdf", target.getvalue())


def parquet() -> bytes:
    """A FOCUS export of one row."""
    row = {"BilledCost": 1.5, "BillingCurrency": "USD", "ChargeCategory": "Usage", "ProviderName": "OpenAI",
           "ChargePeriodStart": "2026-11-01", "ChargePeriodEnd": "2026-11-02"}  # fmt: skip
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), target)
    return target.getvalue()


def workbook() -> bytes:
    """Flat costs of one row."""
    book = Workbook()
    for text in (COSTS, "e-infra,GPU,100,CZK,2026-11,2026-12"):
        book.active.append(text.strip().split(","))  # type: ignore[union-attr]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


GOOD_FILES = [
    GOOD.encode(),
    ubl(ubl_line("300.00")).encode(),
    cii(cii_line("300")).encode(),
    pdf(a__xml=GOOD),
    zipped(a__isdoc=GOOD),
    gzip.compress((COSTS + "e-infra,GPU,100,CZK,2026-11,2026-12\n").encode()),
    as_json(openai_page([openai_result(1)])).encode(),
    parquet(),
    workbook(),
]


@pytest.mark.parametrize(
    "good", GOOD_FILES, ids=["isdoc", "ubl", "cii", "pdf", "isdocx", "gz", "json", "parquet", "xlsx"]
)
def test_bytes_that_were_changed_or_cut_never_crash(tmp_path: Path, good: bytes) -> None:
    dice = random.Random(7)
    folder = InvoiceFolder(tmp_path)
    outcomes = set()
    for _ in range(40):
        raw = bytearray(good[: dice.randrange(1, len(good))] if dice.random() < 0.3 else good)
        for _ in range(dice.randrange(4)):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        (tmp_path / "file").write_bytes(raw)
        [result] = list(folder.results())
        assert result.error is None or isinstance(result.error, InputError)
        assert (result.landed is None) == (result.error is not None)
        outcomes.add(result.error is None)
    assert outcomes == {True, False}


def test_numbers_of_any_length_and_form_are_refused_not_cut(tmp_path: Path) -> None:
    for amount in ("1e400", "9" * 40, "0x10", "1_000", "--1", "Infinity", "1e-13x"):
        with pytest.raises(InputError):
            landed(tmp_path, "costs.csv", f"{COSTS}e,GPU,{amount},CZK,2026-11,2026-12\n")


FOCUS = "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ProviderName\n"
TYPED = "invoice_id,issuer,currency,net_total,description,amount,period_start,period_last_day\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[" * 100_000, "well-formed JSON"),
        ('{"a":' * 100_000, "well-formed JSON"),
        ('{"data": ' + "9" * 5000 + "}", "well-formed JSON"),
        (COSTS + "e,GPU,1,CZK,2026-11,9999-12\n", "a charge for .* days'; allowed: at most 3660"),
        (FOCUS + "1,USD,Usage,2026-11-01,2126-11-01,1,OpenAI\n", "a charge for 36524 days"),
        (FOCUS + "1e12,USD,Usage,2026-11-01,2026-11-02,1,OpenAI\n", "an amount below 1000000000000"),
        (FOCUS + "1,USD,Usage,2026-11-01,2026-11-02,1e15,OpenAI\n", "a quantity below"),
        (TYPED + "1,X,USD,1,d,1,9999-12-31,9999-12-31\n", r"something that can't be read \((Value|Overflow)Error\)"),
        (TYPED + "1,X,USD,1,d,1,9999-12,\n", "something that can't be read"),
        ('"' + "x" * 200_000 + '"\n1\n', "field larger than field limit"),
        ("a,b\n1,\0\n", "a table with the columns a, b"),
    ],
)
def test_values_nobody_would_write_are_refused_and_never_crash(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        landed(tmp_path, "file.csv", content)


def test_a_document_of_too_many_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_MOST_LINES", 2)

    with pytest.raises(InputError, match="over 2 lines"):
        landed(tmp_path, "costs.csv", COSTS + "e,GPU,1,CZK,2026-11,2026-12\n" * 3)


def test_entities_within_a_workbook_are_refused(tmp_path: Path) -> None:
    sheet = DOCTYPE.format(LAUGHS)
    names = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml")

    with pytest.raises(InputError, match="no workbook"):
        landed(tmp_path, "a.xlsx", zipped(**dict.fromkeys(names, sheet)))


def test_the_memory_bounds_hold_what_a_month_needs() -> None:
    assert packed.MOST_FILE >= 50_000_000
    assert packed.MOST_UNPACKED <= 200_000_000
