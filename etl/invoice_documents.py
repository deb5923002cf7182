"""Loads invoices document by document: one that can't be read leaves the others alone and says why.

A file is known by the hash of its bytes; one that is replaced under the same name supersedes the old one. An API is
one document whose last weeks are asked again at every run, since providers revise them. What the folder or the
provider has lost stays.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

import pyarrow as pa

from etl.identity import masked
from etl.load import Clock, Loader
from etl.sources.base import Window
from etl.sources.invoices.api import CostApi
from etl.sources.invoices.folder import Document, InvoiceFolder, Result
from etl.spread import DAYS, invoice_days
from etl.tables import INVOICE_LINE, Table
from queries.warehouse import Build

_EVER = (datetime(1, 1, 1), datetime(9999, 12, 31))
_INVOICE_DAY = Table("invoice_day", ("line_id", "document_id", "day"), DAYS)


class Documents:
    """Loads the documents of one source of invoices into an open build."""

    def __init__(self, build: Build, loader: Loader, source: str, clock: Clock) -> None:
        self._build, self._loader, self._source, self._clock = build, loader, source, clock

    def load_folder(self, folder: InvoiceFolder) -> tuple[int, list[str]]:
        """Loads every file not loaded yet, each in its own transaction; gives lines loaded and why others were not."""
        documents, loaded = folder.documents(), self._loaded()
        present = {d.document_id for d in documents}
        with self._build.transaction():
            self._forget(present, "error is not null")
            for document in (d for d in documents if d.document_id in loaded):
                self._forget(present, "name = ?", _name(folder, document))
        rows, refused = 0, []
        for result in folder.results(loaded):
            name = _name(folder, result.document)
            with self._build.transaction():
                if result.error is None:
                    self._forget(present, "name = ?", name)
                    rows += self._put(result.document.document_id, result.batches, _EVER)
                else:  # what an unreadable file replaced stays until it can be read
                    refused.append(str(result.error))
                self._remember(result, name)
        return rows, refused

    def load_api(self, api: CostApi) -> int:
        """Asks an API for all its days, or once loaded for those that may have been revised; gives lines loaded."""
        run = self._build.connection.execute
        known = run("select loaded_through from ops.watermark where source = ?", [self._source]).fetchone()
        end = datetime.combine(self._clock.now.date() + timedelta(days=1), time())
        window = Window(since=known[0] if known else None, end=end)
        with self._build.transaction():
            rows = self._put(api.document_id, api.extract(INVOICE_LINE, window), (api.period(window)[0], end))
            run("delete from ops.watermark where source = ?", [self._source])
            mark = [self._source, INVOICE_LINE.name, end, self._clock.now]
            run("insert into ops.watermark values (?, ?, ?, ?)", mark)
        return rows

    def _put(self, document: str, batches: Iterable[pa.RecordBatch], stretch: tuple[datetime, datetime]) -> int:
        rows = self._loader.land(INVOICE_LINE, batches)
        lines = self._build.connection.sql("from landing_invoice_line").to_arrow_table()
        self._loader.land(_INVOICE_DAY, [invoice_days(lines)])
        values = {"document_id": document, "replaced_from": stretch[0], "replaced_to": stretch[1]}
        self._loader.stage(INVOICE_LINE, self._source, **values)
        self._loader.resolve()
        self._loader.rebuild()
        return rows

    def _loaded(self) -> set[str]:
        found = self._build.connection.execute("select document_id from ops.document where error is null").fetchall()
        return {document for (document,) in found}

    def _remember(self, result: Result, name: str) -> None:
        run = self._build.connection.execute
        document = result.document
        lines = sum(b.num_rows for b in result.batches)
        error = str(result.error) if result.error else None
        run("delete from ops.document where document_id = ?", [document.document_id])
        values = [document.document_id, self._source, name, self._clock.now, lines, error]
        run("insert into ops.document values (?, ?, ?, ?, ?, ?)", values)

    def _forget(self, present: Collection[str], which: str, *values: str) -> None:
        """Drops the documents for which the condition holds and of which no file is present any more."""
        run = self._build.connection.execute
        asked = "select document_id from ops.document where source = ? and "
        for (document,) in run(asked + which, [self._source, *values]).fetchall():
            if document not in present:
                for table in ("fact_invoice_line", "fact_invoice_day", "ops.document"):
                    run(f"delete from {table} where document_id = ?", [document])  # noqa: S608  (our own table names)


def _name(folder: InvoiceFolder, document: Document) -> str:
    """The file's path within the folder, for people."""
    return masked(document.path.relative_to(folder.folder).as_posix())
