"""A bare build with planted usage, invoice lines and reports: what reconciling reads, and nothing else."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.reconciliation import reconcile
from etl.sections import Invoices
from etl.spread import days_of
from queries.warehouse import Build

OCTOBER = date(2026, 10, 1)
TOKENS = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
RATE = Decimal(20)


def tokens(*counts: int) -> dict[str, int]:
    """Uncached, cached, cache write and output tokens; what is not given is 0."""
    return dict(zip(TOKENS, (*counts, 0, 0, 0, 0), strict=False))


@dataclass
class Ledger:
    """Rows for one build; `steps` reconciles them."""

    folder: Path
    invoices: Invoices = field(default_factory=Invoices)
    lines: int = 0

    def __post_init__(self) -> None:
        self.build = Build(self.folder, threads=1)
        self.run = self.build.connection.execute
        self.model("gpt-5.5", "5", "0.5", "6.25", "30")

    def model(self, name: str, *prices: str, is_mapped: bool = True) -> None:
        """A model of OpenAI's with its prices per million tokens (none: unknown)."""
        self.run(
            "insert into model values (?, ?, ?, 'f', 'openai', 'commercial', ?, true, null, null, null)",
            [name, name, name, is_mapped],
        )
        if prices:
            self.run("insert into price_listed values (?, '1970-01-01', 'list', ?, ?, ?, ?)", [name, *prices])

    def rate(self, first: date, czk: Decimal = RATE, *, days: int = 120, currency: str = "USD") -> None:
        """The same rate from `first` on for some days; replaces what was said of them."""
        for day in (first + timedelta(n) for n in range(days)):
            self.run("delete from rate_daily where day = ? and currency = ?", [day, currency])
            self.run("insert into rate_daily values (?, ?, ?, ?, 'cnb')", [day, currency, czk, day])

    def used(
        self, usd: str, counts: dict[str, int], *, day: date = date(2026, 10, 10), utc: date | None = None,
        kind: str = "plain", model: str = "gpt-5.5", provider: str = "openai",
    ) -> None:  # fmt: skip
        """Metered requests of one local day and UTC day, in CZK at the day's rate."""
        row = [day, utc or day, provider, model, kind, 1, *counts.values(), Decimal(usd)]
        self.run("insert into gateway_daily values (" + ", ".join("?" * len(row)) + ")", row)
        (rate,) = self.run(
            "select czk_per_unit from rate_daily where day = ? and currency = 'USD'", [day]
        ).fetchone() or (RATE,)
        self.run(
            "insert into usage_total_daily by name select ? as day, 'UK' as unit, ? as model, ? as provider,"
            " 'api' as channel, 'success' as status, 'gateway' as origin, false as is_service, 1 as requests,"
            " 1 as user_requests, 0 as input_tokens, 0 as cached_tokens, 0 as cache_write_tokens, 0 as output_tokens,"
            " 0 as reasoning_tokens, 0 as requests_without_tokens, ? as metered_usd, ? as metered_czk,"
            " 0 as cache_saved_usd, 0 as requests_without_cost",
            [day, model, provider, Decimal(usd), Decimal(usd) * rate],
        )

    def reported(
        self, counts: dict[str, int], *, day: date = date(2026, 10, 10), model: str = "gpt-5.5",
        project: str | None = None,
    ) -> None:  # fmt: skip
        """A day of OpenAI's own usage report."""
        said = {"usage_id": "u", "document_id": "r", "document_name": "r.json", "provider": "openai", "day": day}
        self._insert("fact_provider_usage", {**said, "model": model, "sub_account_id": project, **counts})

    def billed(self, amount: str, **said: Any) -> None:
        """An invoice line of October booked in October at 20 CZK a dollar; `said` changes its columns."""
        self.lines += 1
        line: dict[str, Any] = {
            "line_id": f"d#{self.lines}", "document_id": "d", "document_name": "d.csv", "provider": "openai",
            "billing_currency": "USD", "billed_cost": Decimal(amount), "effective_cost": None,
            "charge_period_start": datetime(2026, 10, 1), "charge_period_end": datetime(2026, 11, 1),
            "charge_category": "Usage", "model": "gpt-5.5", "unit": "UNALLOCATED", "is_amortised": False,
        }  # fmt: skip
        booking = {
            "month": OCTOBER,
            "rate": RATE,
            "vat": Decimal(0),
            "basis": "invoice",
            "rate_day": date(2026, 10, 31),
        }
        booking |= {k: said.pop(k) for k in list(said) if k in booking}
        line |= said
        days = list(days_of(line))
        line["effective_cost"] = line["billed_cost"] if line["effective_cost"] is None else line["effective_cost"]
        self._insert("fact_invoice_line", line)
        for day in days:
            self._insert("fact_invoice_day", day)
        if booking["basis"] != "none":
            self._insert("booked_line", self._booked(line, booking))

    def _booked(self, line: dict[str, Any], booking: dict[str, Any]) -> dict[str, Any]:
        net_czk = round(line["billed_cost"] * booking["rate"], 2)
        return {
            **{k: line[k] for k in ("line_id", "document_id", "provider")},
            "month_start": booking["month"],
            "basis": booking["basis"],
            "currency": line["billing_currency"],
            "net": line["billed_cost"],
            "czk_per_unit": booking["rate"],
            "rate_day": booking["rate_day"],
            "net_czk": net_czk,
            "tax_rate": Decimal(0),
            "vat_czk": booking["vat"],
            "is_self_assessed": False,
            "is_deductible": False,
        }

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, places = ", ".join(row), ", ".join("?" * len(row))
        self.run(f"insert into {table} ({names}) values ({places})", list(row.values()))

    def steps(self, month: date = OCTOBER, provider: str = "openai") -> dict[str, tuple[Decimal, Decimal]]:
        """{step: (USD, CZK)} of a month, in their order; {} when there is nothing."""
        reconcile(self.build, self.invoices, "UK")
        rows = self.run(
            "select cause, usd, czk from reconciliation where month_start = ? and provider = ? order by position",
            [month, provider],
        ).fetchall()
        return {cause: (usd, czk) for cause, usd, czk in rows}

    def causes(self, month: date = OCTOBER) -> dict[str, Decimal]:
        """{cause: CZK} of those that are not zero, totals left out."""
        totals = ("metered", "billed_net", "billed")
        return {c: czk for c, (_usd, czk) in self.steps(month).items() if c not in totals and czk}
