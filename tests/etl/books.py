"""A bare build with planted documents, rates and metered use: what the ledger is made from, and nothing else."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.ledger import Ledger
from etl.load import Clock
from etl.sections import Directory, Invoices, Storage
from etl.settings import Settings
from etl.spread import days_of
from queries import warehouse
from queries.warehouse import Build

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 23, 12)
UNITS = ("MFF", "FF", "LF1")
Rows = list[tuple[Any, ...]]


@dataclass
class Books:
    """Rows for one build; `keep` makes the ledger of them. A dollar is 20 CZK, a euro 25, unless told otherwise."""

    folder: Path
    now: datetime = NOW
    rules: str | None = None
    documents: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.build = Build(self.folder / "var", threads=1)
        self.run = self.build.connection.execute
        self.run("insert into ops.setting values ('timezone', 'Europe/Prague')")
        units = [("UK", None, "university"), *((u, "UK", "faculty") for u in UNITS), ("KSI", "MFF", "department")]
        units += [(u, "UK", "special") for u in ("UNKNOWN", "SHARED", "UNALLOCATED")]
        for unit, parent, level in units:
            self.run("insert into unit values (?, ?, ?, ?, ?, null)", [unit, parent, level, unit, unit])
        self.rate("USD", "20")
        self.rate("EUR", "25")
        if self.rules is not None:
            self.write_rules(self.rules)

    def write_rules(self, text: str) -> None:
        (self.folder / "reference").mkdir(exist_ok=True)
        (self.folder / "reference" / "allocation.toml").write_text(text, "utf-8")

    def rate(self, currency: str, czk: str, first: date = date(2026, 9, 1), days: int = 120) -> None:
        """The same rate from `first` on, as published on each day; replaces what was said of these days."""
        end = first + timedelta(days=days)
        self.run("delete from rate_daily where currency = ? and day >= ? and day < ?", [currency, first, end])
        self.run(
            "insert into rate_daily select cast(d as date), ?, ?, cast(d as date), 'cnb'"
            " from range(cast(? as date), cast(? as date), interval 1 day) as r (d)",
            [currency, Decimal(czk), first, end],
        )

    def document(self, *lines: dict[str, Any], kind: str = "invoice", **said: Any) -> str:
        """A document with these lines; `said` changes what it says of itself. Gives its id."""
        self.documents += 1
        document = f"d{self.documents}"
        head = {
            "document_id": document, "document_name": f"{document}.csv", "kind": kind, "provider": "openai",
            "tax_point": date(2026, 10, 31) if kind in ("invoice", "credit_note") else None, **said,
        }  # fmt: skip
        self._insert("fact_invoice", head)
        for number, line in enumerate(lines, 1):
            self._line(document, f"{document}#{number}", {"provider": head["provider"], **line})
        return document

    def _line(self, document: str, line_id: str, said: dict[str, Any]) -> None:
        line = {
            "line_id": line_id, "document_id": document, "document_name": f"{document}.csv", "provider": "openai",
            "billing_currency": "USD", "charge_period_start": datetime(2026, 10, 1),
            "charge_period_end": datetime(2026, 11, 1), "charge_category": "Usage", "unit": "UNALLOCATED",
            "is_amortised": False, **said,
        }  # fmt: skip
        line["effective_cost"] = line.get("effective_cost") or line["billed_cost"]
        self._insert("fact_invoice_line", line)
        for day in days_of(line):
            self._insert("fact_invoice_day", day)

    def drop(self, document: str) -> None:
        """Takes a document away, as when its file is replaced."""
        for table in ("fact_invoice", "fact_invoice_line", "fact_invoice_day"):
            self.run(f"delete from {table} where document_id = ?", [document])

    def used(self, unit: str, usd: str, **said: Any) -> None:
        """Metered use of a unit on 10 October, of gpt-5.5 at OpenAI."""
        day = said.get("utc_day", date(2026, 10, 10))
        row = {
            "day": day, "utc_day": day, "unit": unit, "key_no": None, "provider": "openai", "model": "gpt-5.5",
            "requests": 1, "billed_tokens": 100, "metered_usd": Decimal(usd), **said,
        }  # fmt: skip
        self._insert("metered_daily", row)

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, places = ", ".join(row), ", ".join("?" * len(row))
        self.run(f"insert into {table} ({names}) values ({places})", list(row.values()))

    @property
    def clock(self) -> Clock:
        return Clock(self.now)

    def keep(self, today: date | None = None, **invoices: Any) -> int:
        """Brings the ledger up to date and runs the checks that must hold of it; gives the months divided anew."""
        settings = Settings(
            storage=Storage(folder=self.folder / "var"),
            directory=Directory(folder=self.folder / "reference"),
            invoices=Invoices(**invoices),
            base=self.folder,
        )
        with self.build.transaction():
            months = Ledger(self.build, settings, today or self.now.date()).keep()
        assert self.broken() == []
        return months

    def broken(self) -> list[str]:
        """Names of the ledger's checks that found something."""
        files = sorted((Path(warehouse.__file__).parent / "checks" / "fail").glob("ledger_*.sql"))
        return [file.stem for file in files if self.run(file.read_text("utf-8")).fetchall()]

    def units(self, month: date = OCTOBER) -> dict[str, Decimal]:
        """{unit: net CZK} of a month of the ledger."""
        asked = "select unit, sum(net_czk) from allocation where month_start = ? group by unit order by unit"
        return dict(self.run(asked, [month]).fetchall())

    def rows(self, month: date = OCTOBER, columns: str = "unit, net_czk, rule") -> Rows:
        """The ledger's rows of a month."""
        asked = f"select {columns} from allocation where month_start = ? order by line_id, unit, rule, net_czk"
        return self.run(asked, [month]).fetchall()


def cost(amount: str, **said: Any) -> dict[str, Any]:
    """An invoice line in USD for October; `said` changes its columns."""
    return {"billed_cost": Decimal(amount), **said}
