import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import get_type_hints

import pyarrow as pa
import pytest

from etl.errors import InputError
from etl.sections import Invoices
from etl.sources.base import Window
from etl.sources.invoices.folder import InvoiceFolder, folder_source
from etl.sources.invoices.line import Line
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE
from tests.etl.sources.invoice_files import as_json, openai_page, openai_result

GOOD = as_json(openai_page([openai_result(1)], [openai_result(2)]))


EVER = Window()


def write(folder: Path, **files: str) -> InvoiceFolder:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return InvoiceFolder(folder)


def test_a_line_has_every_column_of_the_landing_table_but_those_of_its_document() -> None:
    documents_own = {"line_id", "document_id", "document_name"}

    assert set(get_type_hints(Line)) - {"key"} == set(INVOICE_LINE.schema.names) - documents_own


def test_a_document_is_known_by_its_bytes_and_recognised_by_its_content_not_its_name(tmp_path: Path) -> None:
    folder = write(tmp_path, report__csv=GOOD)

    (document,) = folder.documents()
    rows = [r for b in folder.read(document.path) for r in b.to_pylist()]

    assert document.document_id == sha256(GOOD.encode()).hexdigest()
    assert {(r["document_id"], r["document_name"]) for r in rows} == {(document.document_id, "report.csv")}


def test_batches_have_exactly_the_landing_schema(tmp_path: Path) -> None:
    (batch,) = write(tmp_path, a__json=GOOD).read(tmp_path / "a.json")

    assert batch.schema == INVOICE_LINE.schema


def test_a_bad_file_gives_its_error_and_the_others_their_lines(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD, b__csv="x,y\n1,2\n", c__json=GOOD.replace("proj_a", "proj_c"))

    results = list(folder.results())

    assert [(r.document.path.name, sum(b.num_rows for b in r.batches)) for r in results] == [
        ("a.json", 2), ("b.csv", 0), ("c.json", 2),
    ]  # fmt: skip
    assert [str(r.error) for r in results if r.error] == [folder.notes()[0]]
    assert "b.csv: found 'a table with the columns x, y'; allowed: OpenAI cost export (CSV); FOCUS" in folder.notes()[0]


def test_known_documents_are_not_read_again(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)

    assert list(folder.results({folder.documents()[0].document_id})) == []


def test_a_wrong_last_line_leaves_nothing_of_the_file(tmp_path: Path) -> None:
    bad = as_json(openai_page([openai_result(1)], [openai_result("x")]))

    with pytest.raises(InputError):
        write(tmp_path, a__json=bad).read(tmp_path / "a.json")


def test_folders_within_are_read_and_unfinished_or_hidden_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a.json").write_text(GOOD)
    for name in (".hidden", "~$a.xlsx", "b.csv.part", "README.md"):
        (tmp_path / name).write_text("x")

    assert [r["document_name"] for r in _rows(InvoiceFolder(tmp_path))] == ["2026/a.json"] * 2


def test_a_file_written_a_moment_ago_waits_until_it_has_settled(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)
    written = datetime(2026, 11, 5, 12, tzinfo=UTC)
    os.utime(tmp_path / "a.json", (written.timestamp(), written.timestamp()))

    assert folder.documents(settled_before=datetime(2026, 11, 5, 12)) == []
    assert len(folder.documents(settled_before=datetime(2026, 11, 5, 12, 0, 1))) == 1


def test_the_window_is_about_the_start_of_the_charge(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)

    rows = _rows(folder, Window(datetime(2026, 11, 2), datetime(2026, 11, 3)))

    assert [r["billed_cost"] for r in rows] == [2]
    assert _rows(folder, Window(end=datetime(2026, 11, 1))) == []
    assert folder.bounds() == Window(datetime(2026, 11, 1), datetime(2026, 11, 3))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7", "a PDF"),
        (b"<?xml version='1.0'?>", "an XML"),
        (b"\xd0\xcf\x11\xe0", "an old .xls"),
        (b"PK\x03\x04rubbish", "no workbook"),
        (b"{", "Expecting property name"),
        (b"[]", "JSON with the fields"),
        (b'{"object":"page","data":[{"object":"bucket","results":[{"amount":{"value":NaN}}]}]}', "NaN is no number"),
    ],
)
def test_a_file_nobody_knows_is_refused_with_what_it_is(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(InputError, match=found):
        InvoiceFolder(tmp_path).read(tmp_path / "file")


def test_an_address_in_a_file_name_or_value_is_masked(tmp_path: Path) -> None:
    (tmp_path / "jana@cuni.cz.csv").write_text("jan@cuni.cz,b\n1,2\n")

    with pytest.raises(InputError) as error:
        InvoiceFolder(tmp_path).read(tmp_path / "jana@cuni.cz.csv")

    assert "@cuni" not in str(error.value)
    assert "…@…" in str(error.value)


def test_a_missing_folder_has_no_documents_and_the_doctor_says_how_to_mend_it(tmp_path: Path) -> None:
    folder = folder_source(Invoices(folder=Path("none")), tmp_path)

    (finding,) = folder.examine()

    assert folder.documents() == []
    assert (finding.level, finding.found) == ("warn", "no such folder")
    assert "invoices.folder" in finding.remedy


def test_the_doctor_counts_files_and_lines_and_names_what_it_can_not_read(tmp_path: Path) -> None:
    findings = list(write(tmp_path, a__json=GOOD, b__csv="x,y\n1,2\n").examine())

    assert [(f.level, f.subject) for f in findings] == [("fail", "b.csv"), ("ok", f"invoice folder {tmp_path}")]
    assert findings[1].found == "1 of 2 files readable, 2 lines"


def _rows(folder: InvoiceFolder, window: Window = EVER) -> list[dict[str, object]]:
    batches: list[pa.RecordBatch] = list(folder.extract(INVOICE_LINE, window))
    return [row for batch in batches for row in batch.to_pylist()]


def test_the_doctor_names_what_waits_in_rejected_and_why(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)
    (tmp_path / "rejected" / "2026").mkdir(parents=True)
    (tmp_path / "rejected" / "2026" / "b.csv").write_text("x")
    (tmp_path / "rejected" / "2026" / "b.csv.reason.txt").write_text("found 'x'\n")
    (tmp_path / "rejected" / "c.csv").write_text("y")

    findings = list(folder.examine())

    assert [(f.level, f.subject, f.found) for f in findings[:-1]] == [
        ("warn", "rejected/2026/b.csv", "found 'x'"),
        ("warn", "rejected/c.csv", "no reason beside it"),
    ]
    assert findings[-1].found == "1 of 1 files readable, 2 lines"


def test_each_table_is_extracted_on_its_own(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)

    [invoice] = [row for batch in folder.extract(INVOICE, EVER) for row in batch.to_pylist()]

    assert (invoice["document_name"], invoice["kind"], invoice["provider"]) == ("a.json", "report", "openai")
    assert list(folder.extract(PROVIDER_USAGE, EVER)) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_table_may_end_as_any_system_ends_them(tmp_path: Path, end: str) -> None:
    rows = [
        "provider,description,amount,currency,period_start,period_end",
        'e,"GPU' + end + 'two",5,CZK,2026-11,2026-12',
    ]
    (tmp_path / "costs.csv").write_bytes(end.join(rows).encode())

    [row] = _rows(InvoiceFolder(tmp_path))

    assert (row["billed_cost"], row["charge_description"]) == (5, f"GPU{end}two")


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(tmp_path: Path) -> None:
    folder = write(tmp_path, a__json=GOOD)
    [document] = folder.documents()
    (tmp_path / "a.json").write_text(GOOD + " ")

    result = folder.result(document)
    folder.reject(result)

    assert "changed while it was read" in str(result.error)
    assert (tmp_path / "a.json").exists()
