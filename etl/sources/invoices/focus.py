"""Any provider's FOCUS export (FinOps Open Cost and Usage Specification 1.0-1.4) as CSV, XLSX or Parquet.

Read by column name whatever its case and place; columns we don't know are ignored. Dirt met in the wild and taken:
the word NULL, instants without a zone (they are UTC), categories in any case, American dates of a spreadsheet.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from etl.errors import InputError
from etl.sources.fields import Row, instant_of
from etl.sources.invoices.line import CATEGORIES, Line, charge_period
from etl.sources.sheets import Sheet

_REQUIRED = frozenset({"billedcost", "billingcurrency", "chargecategory", "chargeperiodstart", "chargeperiodend"})
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?")
_PROVIDERS = {  # who bills stands before whose model it is: 'Azure OpenAI' is billed by Microsoft
    "microsoft": "azure",
    "azure": "azure",
    "amazon": "aws",
    "aws": "aws",
    "google": "google",
    "openai": "openai",
    "anthropic": "anthropic",
    "mistral": "mistral",
    "openrouter": "openrouter",
    "deepseek": "deepseek",
    "cesnet": "e-infra",
}


def is_export(header: frozenset[str]) -> bool:
    """Whether the columns are those of a FOCUS cost and usage dataset (ours in snake case too)."""
    return {_plain(h) for h in header} >= _REQUIRED


def export_lines(sheet: Sheet) -> Iterator[Line]:
    """One line per row. Costs in the billing currency, before tax; taxes are lines of their own (category Tax)."""
    for row in sheet.records(_plain):
        _refuse_gateway(row)
        start, end = charge_period(
            row,
            _instant(row, "chargeperiodstart"),
            _instant(row, "chargeperiodend"),
            ("chargeperiodstart", "chargeperiodend"),
        )
        yield Line(
            key=row.place.rpartition(" ")[2],
            provider=provider_of(_first(row, "serviceprovidername", "providername", "invoiceissuername") or "unknown"),
            invoice_id=row.text("invoiceid"),
            invoice_issuer_name=row.text("invoiceissuername"),
            billing_currency=row.currency("billingcurrency"),
            billed_cost=row.money("billedcost"),
            effective_cost=row.amount("effectivecost"),
            list_cost=row.amount("listcost"),
            billing_period_start=_first_of_month(row, "billingperiodstart"),
            billing_period_end=_first_of_month(row, "billingperiodend"),
            charge_category=row.choice("chargecategory", CATEGORIES),
            charge_class=row.choice("chargeclass", ("Correction",)) if row.text("chargeclass") else None,
            charge_description=row.text("chargedescription"),
            service_name=row.text("servicename"),
            sku_id=_first(row, "skuid", "skupriceid"),
            model=_first(row, "model", "xmodel", "xmodelname"),
            consumed_quantity=row.amount("consumedquantity"),
            consumed_unit=row.text("consumedunit"),
            sub_account_id=row.text("subaccountid"),
            charge_period_start=start,
            charge_period_end=end,
        )


def provider_of(name: str) -> str:
    """Our short name of a provider: 'Microsoft' and 'Azure OpenAI' are azure, 'Acme Co' is acme-co."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()  # Výpočty -> Vypocty
    plain = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-") or "unknown"
    words = plain.split("-")
    return next((ours for word, ours in _PROVIDERS.items() if word in words), plain)


def _plain(name: str) -> str:
    return re.sub(r"[ _]", "", name.strip().lower())


def _first(row: Row, *columns: str) -> str | None:
    return next((t for c in columns if (t := row.text(c)) is not None), None)


def _refuse_gateway(row: Row) -> None:
    """LiteLLM exports its own estimates as FOCUS: adding them to invoices would count the same use twice."""
    if (row.text("billingaccounttype") or "").lower() == "api key" or '"custom_llm_provider"' in str(
        row.cells.get("tags")
    ):
        allowed = "a provider's own export; the gateway's export is an estimate and is never added to invoices"
        raise InputError(row.source, row.place, "a FOCUS export of the gateway (LiteLLM)", allowed)


def _instant(row: Row, column: str) -> datetime | None:
    """The instant; month/day/year only where the billing period, which starts a month, shows that it is American."""
    text = row.text(column)
    if text is None or not (parts := _AMERICAN.fullmatch(text)):
        return row.instant(column)
    if column.startswith("charge") and not _AMERICAN.fullmatch(row.text("billingperiodstart") or ""):
        raise row.refusal(column, "year-month-day; month/day/year needs a BillingPeriodStart in the same form")
    month, day, year, hour, minute, second = (int(p) if p else 0 for p in parts.groups())
    found = instant_of(f"{year + 2000 * (year < 100):04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    if found is None:
        raise row.refusal(column, "a date as year-month-day (or month/day/year)")
    return found


def _first_of_month(row: Row, column: str) -> datetime | None:
    """An end of the billing period; a date with slashes must name the first of a month, else it is day/month/year."""
    found = _instant(row, column)
    if found is not None and found.day != 1 and "/" in str(row.cells.get(column)):
        raise row.refusal(column, "month/day/year of the first of a month; day/month/year is refused, it misleads")
    return found
