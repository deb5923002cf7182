"""Loads invoices document by document: one that can't be read leaves the others alone and says why.

A file is known by the hash of its bytes; one that is replaced under the same name, or by another file of the same
invoice, is superseded, which leaves a row in document_trace. A bad file goes to rejected/. An API is one document whose
last weeks are asked again at every run, since providers revise them. What the folder or the provider has lost stays.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from etl.errors import CheckError, SourceError
from etl.load import Clock, Loader
from etl.sources.base import Window
from etl.sources.invoices.api import CostApi
from etl.sources.invoices.document import Landed
from etl.sources.invoices.folder import Document, InvoiceFolder, Result
from etl.spread import DAYS, invoice_days
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE, Table
from queries.warehouse import Build

_SOME = 1000
_SPREAD = ["line_id", "document_id", "billed_cost", "effective_cost", "charge_period_start", "charge_period_end"]
_EVER = (datetime(1, 1, 1), datetime(9999, 12, 31))
_INVOICE_DAY = Table("invoice_day", ("line_id", "document_id", "day"), DAYS)
_FACTS = ("fact_invoice", "fact_invoice_line", "fact_invoice_day", "fact_provider_usage")


class _New(NamedTuple):
    """The document that takes another's place, as its trace tells of it."""

    document_id: str
    name: str
    lines: int
    net_total: Decimal | None
    provider: str | None = None
    invoice_id: str | None = None


class Documents:
    """Loads the documents of one source of invoices into an open build."""

    def __init__(self, build: Build, loader: Loader, source: str, clock: Clock, prepaid: Sequence[str] = ()) -> None:
        self._build, self._loader, self._source, self._clock = build, loader, source, clock
        self._prepaid = list(prepaid)

    def load_folder(self, folder: InvoiceFolder) -> tuple[int, list[str]]:
        """Loads every file not loaded yet, each in its own transaction; gives lines loaded and why others were not."""
        documents = folder.documents()
        present = {d.document_id for d in documents}
        loaded = self._loaded(present)
        with self._build.transaction():
            self._forget_errors(folder, present)
            for document in (d for d in documents if d.document_id in loaded):
                self._supersede(self._of_name(folder.name_of(document.path), present), self._known(document, folder))
            self._draw()
        rows, refused = 0, []
        for document in sorted(documents, key=folder.written_ns):  # of two files of one invoice the newer one counts
            if document.document_id not in loaded:
                result = self._load(folder, document, present)
                rows += result.landed.line_count if result.landed else 0
                refused += [str(result.error)] if result.error else []
                loaded |= set() if result.error else {document.document_id}
        return rows, refused

    def _load(self, folder: InvoiceFolder, document: Document, present: Collection[str]) -> Result:
        """Reads and books one document whole, or keeps the reason why not, and what it was to replace."""
        name, result = folder.name_of(document.path), folder.result(document)
        try:
            with self._build.transaction():
                if result.landed is not None:
                    self._book(result.landed, document.document_id, name, present)
                self._remember(result, name)
        except (
            CheckError,
            duckdb.DataError,
        ) as error:  # it stays in the folder: a rate may come, then it can be booked
            cause = error if isinstance(error, CheckError) else f"it can't be reckoned with ({type(error).__name__})"
            result = Result(document, error=SourceError(self._source, name, cause))
            with self._build.transaction():
                self._remember(result, name)
        if result.error is not None:
            folder.reject(result)
        return result

    def _book(self, landed: Landed, document_id: str, name: str, present: Collection[str]) -> None:
        [head] = landed.invoice.to_pylist()
        new = _New(document_id, name, landed.line_count, _net(landed), head["provider"], head["invoice_id"])
        self._supersede(self._of_name(name, present), new)
        if head["kind"] in ("invoice", "credit_note") and head["invoice_id"]:
            self._supersede(self._of_invoice(document_id, head), new, reason="same invoice")
        self._put(document_id, landed, _EVER)

    def load_api(self, api: CostApi) -> int:
        """Asks an API for all its days, or once loaded for those that may have been revised; gives lines loaded."""
        run = self._build.connection.execute
        known = run("select loaded_through from ops.watermark where source = ?", [self._source]).fetchone()
        end = datetime.combine(self._clock.now.date() + timedelta(days=1), time())
        window = Window(since=known[0] if known else None, end=end)
        with self._build.transaction():
            landed = api.landed(window)
            self._put(api.document_id, landed, (api.period(window)[0], end))
            run("delete from ops.watermark where source = ?", [self._source])
            mark = [self._source, INVOICE_LINE.name, end, self._clock.now]
            run("insert into ops.watermark values (?, ?, ?, ?)", mark)
        return landed.line_count

    def _put(self, document: str, landed: Landed, stretch: tuple[datetime, datetime]) -> None:
        """Puts the document's rows of all three tables in the place of what it said before of the stretch."""
        values = {"document_id": document, "replaced_from": stretch[0], "replaced_to": stretch[1]}
        self._land(INVOICE, [landed.invoice], values)
        self._loader.land(INVOICE_LINE, landed.lines)
        self._loader.land(_INVOICE_DAY, _days(landed.lines))
        self._loader.stage(INVOICE_LINE, self._source, **values)
        self._land(PROVIDER_USAGE, landed.usage, values)
        self._draw()
        self._loader.resolve()
        self._loader.rebuild()

    def _land(self, table: Table, batches: Iterable[pa.RecordBatch], values: dict[str, object]) -> None:
        self._loader.land(table, batches)
        self._loader.stage(table, self._source, **values)

    def _draw(self) -> None:
        """Takes what the reports of prepaid providers call cost for drawn from credits."""
        self._build.run("staging/prepaid", {"prepaid": self._prepaid})

    def _loaded(self, present: Collection[str]) -> set[str]:
        """Ids of the documents that need not be read: booked ones, and those whose replacement is in the folder.

        One booked before documents had a row of their own is read again.
        """
        run = self._build.connection.execute
        booked = run("select document_id from ops.document semi join fact_invoice using (document_id)").fetchall()
        traced = run("select old_document_id, new_document_id from document_trace where reason = 'same invoice'")
        replaced = {old for old, new in traced.fetchall() if new in present}
        return replaced | {document for (document,) in booked}

    def _remember(self, result: Result, name: str) -> None:
        run = self._build.connection.execute
        document = result.document
        lines = result.landed.line_count if result.landed else 0
        error = str(result.error) if result.error else None
        run("delete from ops.document where document_id = ?", [document.document_id])
        values = [document.document_id, self._source, name, self._clock.now, lines, error]
        run("insert into ops.document values (?, ?, ?, ?, ?, ?)", values)

    def _forget_errors(self, folder: InvoiceFolder, present: Collection[str]) -> None:
        """Forgets what was refused and lies neither in the folder nor in rejected/ any more."""
        run = self._build.connection.execute
        waiting = {*present, *folder.rejected_ids()}
        asked = "select document_id from ops.document where source = ? and error is not null"
        for (document,) in run(asked, [self._source]).fetchall():
            if document not in waiting:
                run("delete from ops.document where document_id = ?", [document])

    def _of_name(self, name: str, present: Collection[str]) -> list[str]:
        """Documents known under the name of which no file is present any more."""
        asked = "select document_id from ops.document where source = ? and name = ? order by document_id"
        found = self._build.connection.execute(asked, [self._source, name]).fetchall()
        return [document for (document,) in found if document not in present]

    def _of_invoice(self, document: str, head: Mapping[str, Any]) -> list[str]:
        """Other documents booked that are the same invoice: of the same provider, issuer, number and kind."""
        found = self._build.connection.execute(
            "select document_id, invoice_issuer_name from fact_invoice where provider = ? and invoice_id = ?"
            " and kind = ? and document_id <> ? order by document_id",
            [head["provider"], head["invoice_id"], head["kind"], document],
        ).fetchall()
        return [other for other, issuer in found if _is_same_issuer(issuer, head["invoice_issuer_name"])]

    def _known(self, document: Document, folder: InvoiceFolder) -> _New:
        """A document that is booked already, as what takes the place of another under its name."""
        row = self._build.connection.execute(
            "select lines, net_total from ops.document left join fact_invoice using (document_id)"
            " where document_id = ?",
            [document.document_id],
        ).fetchone()
        return _New(document.document_id, folder.name_of(document.path), *(row or (0, None)))

    def _supersede(self, old: Iterable[str], new: _New, reason: str = "same name") -> None:
        """Drops documents and leaves a trace of what took their place; the same invoice's stays in the list, empty."""
        run = self._build.connection.execute
        for document in old:
            told = {"now": self._clock.now, "source": self._source, "reason": reason, "old_id": document}
            told |= {f"new_{k}" if k in ("name", "lines", "net_total") else k: v for k, v in new._asdict().items()}
            self._build.run("staging/document_trace", {**told, "new_id": new.document_id})
            for table in _FACTS:
                run(f"delete from {table} where document_id = ?", [document])  # noqa: S608  (our own table names)
            if reason == "same invoice":
                run("update ops.document set lines = 0 where document_id = ?", [document])
            else:
                run("delete from ops.document where document_id = ?", [document])


def _is_same_issuer(one: str | None, other: str | None) -> bool:
    """Whether two documents of one provider may be of one supplier: one of them names none, or the names begin alike.

    The first word decides, since one supplier is 'OpenAI, LLC', 'OpenAI Ireland Ltd' or 'OPENAI' in its files; two
    suppliers (a shop and the maker) of one provider may have issued the same number.
    """
    first, second = (re.findall(r"\w+", (name or "").casefold())[:1] for name in (one, other))
    return not first or not second or first == second


def _days(lines: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The days of all lines, some lines at a time: a year's amortised line has 365."""
    for batch in lines:
        for start in range(0, batch.num_rows, _SOME):
            yield invoice_days(pa.Table.from_batches([batch.slice(start, _SOME)]).select(_SPREAD))


def _net(landed: Landed) -> Decimal | None:
    """The net total as stated, else the sum of the lines, where they are of one currency."""
    [head] = landed.invoice.to_pylist()
    stated: Decimal | None = head["net_total"]
    if stated is not None or head["currency"] is None:
        return stated
    return sum((v for b in landed.lines for v in b.column("billed_cost").to_pylist()), Decimal(0))
