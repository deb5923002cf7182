"""Loads reports on seats document by document: one that can't be read leaves the others alone and says why.

A file is known by the hash of its bytes; one that is replaced under the same name supersedes the old one. Vendors
revise their reports: of two on one product, day and kind the one written last counts. What the folder has lost stays.
"""

from etl.load import Clock, Loader
from etl.sources.seats.folder import Document, Result, SeatFolder
from etl.sources.seats.report import Report
from etl.tables import ACCOUNT, SEAT, SEAT_COUNT
from queries.warehouse import Build

_FACTS = ("fact_seat", "fact_seat_count")


class SeatDocuments:
    """Loads the documents of the seats folder into an open build."""

    def __init__(self, build: Build, loader: Loader, source: str, clock: Clock) -> None:
        self._build, self._loader, self._source, self._clock = build, loader, source, clock

    def load(self, folder: SeatFolder) -> tuple[int, list[str]]:
        """Loads every file not loaded yet, each in its own transaction; gives rows loaded and why others were not."""
        documents = folder.documents()
        present = {document.document_id for document in documents}
        with self._build.transaction():
            self._forget_refused(present)
        rows, refused = 0, []
        for result in folder.results(self._loaded()):
            with self._build.transaction():
                if result.report is None:  # what an unreadable file replaced stays until it can be read
                    refused.append(str(result.error))
                else:
                    self._supersede(result.document, present)
                    self._put(result.document, result.report)
                    rows += result.report.lines
                self._remember(result)
        return rows, refused

    def _put(self, document: Document, report: Report) -> None:
        values = {"document_id": document.document_id, "kind": report.kind}
        for table in (ACCOUNT, SEAT, SEAT_COUNT):
            self._loader.land(table, report.batches(table))
        for table in (SEAT, SEAT_COUNT):
            self._loader.stage(table, self._source, **values)
        self._loader.resolve()
        self._loader.rebuild()

    def _loaded(self) -> set[str]:
        found = self._build.connection.execute(
            "select document_id from ops.document where source = ? and error is null", [self._source]
        ).fetchall()
        return {document for (document,) in found}

    def _remember(self, result: Result) -> None:
        run = self._build.connection.execute
        document, report = result.document, result.report
        run("delete from ops.document where document_id = ?", [document.document_id])
        run(
            "insert into ops.document (document_id, source, name, seen_at, lines, error) values (?, ?, ?, ?, ?, ?)",
            [
                document.document_id,
                self._source,
                document.name,
                self._clock.now,
                report.lines if report else 0,
                str(result.error) if result.error else None,
            ],
        )

    def _forget_refused(self, present: set[str]) -> None:
        """Drops the refused documents of which no file is present any more."""
        self._drop("error is not null", present)

    def _supersede(self, document: Document, present: set[str]) -> None:
        """Drops what an earlier file of the same name said."""
        self._drop("name = ?", present, document.name)

    def _drop(self, which: str, present: set[str], *values: str) -> None:
        run = self._build.connection.execute
        asked = "select document_id from ops.document where source = ? and "
        for (document,) in run(asked + which, [self._source, *values]).fetchall():
            if document not in present:
                for table in (*_FACTS, "ops.document"):
                    run(f"delete from {table} where document_id = ?", [document])  # noqa: S608  (our own table names)
