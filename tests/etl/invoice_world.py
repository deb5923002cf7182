"""A build with a folder of invoices and a cost API in memory, for tests of how documents are loaded."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.identity import Pseudonyms
from etl.jobs import Job
from etl.load import Clock
from etl.run import Outcome, Runner
from etl.sections import InvoiceApi, Storage
from etl.settings import Settings
from etl.sources.base import Window
from etl.sources.invoices.api import CostApi
from etl.sources.invoices.folder import InvoiceFolder
from etl.sources.invoices.line import Line, batches
from etl.tables import INVOICE_LINE, Table
from tests.etl.builders import rates

NOW = datetime(2026, 11, 23, 12)
HEADER = "provider,description,amount,currency,period_start,period_end\n"


def costs(amount: str, provider: str = "e-infra") -> str:
    """A flat cost of November."""
    return f"{HEADER}{provider},GPU lease,{amount},CZK,2026-11,2026-12\n"


class Api(CostApi):
    """A cost API whose charges are held in memory, by day."""

    def __init__(self) -> None:
        super().__init__(InvoiceApi(provider="openai", key_env="K", first_day="2026-10-01"), None)  # type: ignore[arg-type]
        self.charges: dict[int, str] = {}
        self.asked: list[Window] = []

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        assert table is INVOICE_LINE
        self.asked.append(window)
        first, _ = self.period(window)
        lines = [
            Line(key=f"{day}", provider="openai", billing_currency="USD", billed_cost=Decimal(amount),
                 charge_period_start=datetime(2026, 10, day), charge_period_end=datetime(2026, 10, day + 1))
            for day, amount in self.charges.items() if datetime(2026, 10, day) >= first
        ]  # fmt: skip
        yield from batches(lines, self.document_id, "GET /costs")

    def close(self) -> None:
        """Nothing is open."""


class World:
    """A build, a folder of invoices and an API."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms) -> None:
        self.folder = folder / "invoices"
        self.folder.mkdir()
        self.api = Api()
        self.settings = Settings(storage=Storage(folder=folder / "var"), base=folder)
        files = InvoiceFolder(self.folder)
        known = [
            rates().job("fx"),
            Job("invoices", "invoices", lambda: closing(files)),
            Job("openai_costs", "invoices", lambda: closing(self.api)),
        ]
        self.runner = Runner(self.settings, Clock(NOW), pseudonyms, known)

    def put(self, name: str, text: str | bytes, *, is_settled: bool = False) -> None:
        """Puts a file into the folder; a settled one was written long ago."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        if is_settled:
            os.utime(path, (0, 0))

    def heads(self) -> list[tuple[Any, ...]]:
        """(document, kind, number, net total) of every file that counts."""
        return self.rows(
            "select document_name, kind, invoice_id, net_total::integer from fact_invoice"
            " where document_id not like '%:api' order by all"
        )

    def trace(self) -> list[tuple[Any, ...]]:
        """(reason, old, its net total, new, its net total) of every document that was replaced."""
        return self.rows(
            "select reason, old_name, old_net_total::integer, new_name, new_net_total::integer from document_trace"
            " order by all"
        )

    def files(self) -> list[str]:
        """Every file in the folder."""
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    def run(self, name: str = "invoices") -> Outcome:
        """Runs the job of that source."""
        return next(o for o in self.runner.run([name]) if o.job.endswith(name))

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        return self.runner.build.connection.execute(text).fetchall()

    def lines(self) -> list[tuple[str, int]]:
        """(document, cost) of every line; each line's days are there exactly when it is."""
        found = self.rows("select document_name, billed_cost::integer from fact_invoice_line order by all")
        days = self.rows(
            "select any_value(l.document_name), sum(d.billed_cost)::integer from fact_invoice_day as d"
            " left join fact_invoice_line as l using (line_id, document_id) group by line_id, document_id order by all"
        )
        assert days == found
        return found

    def documents(self) -> list[tuple[str, bool]]:
        """(name, whether it is loaded) of every document known."""
        return self.rows("select name, error is null from ops.document order by all")
