"""Any other table of costs (CSV or XLSX), read by a column mapping from the configuration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath

from etl.errors import ConfigError
from etl.sections import ColumnMapping
from etl.sources.fields import Cell, Row, month_after, utc
from etl.sources.invoices.einvoice import CREDIT_KINDS, credit_amounts
from etl.sources.invoices.line import CATEGORIES, SOURCE, Line, charge_period
from etl.sources.sheets import Sheet, open_sheet

LAST_DAY = "charge_period_last_day"  # for documents that print the last day instead of the end
VAT, PROVIDER_KEY = "vat_percent", "provider_key"  # 21 for 21 %; kept as a pseudonym only
_FIXED = ("key", "provider", "tax_rate", "api_key_key")
_REQUIRED = ("billed_cost", "billing_currency", "charge_period_start")
_KNOWN = (*(f.name for f in fields(Line) if f.name not in _FIXED), LAST_DAY, VAT, PROVIDER_KEY)


def fits(mapping: ColumnMapping, name: str) -> bool:
    """Whether the mapping speaks of this file: its pattern fits the file's name, whatever its case."""
    return PurePosixPath(name.lower()).match(mapping.files.lower())


def require_columns(mapping: ColumnMapping) -> None:
    """Nothing when the mapping can be used; ConfigError naming the column otherwise."""
    given = (*mapping.columns, *mapping.constants)
    for column in given:
        if column not in _KNOWN:
            raise ConfigError(f"invoices.mappings '{mapping.files}': unknown column '{column}'; known: {_listed()}")
        if column in mapping.columns and column in mapping.constants:
            raise ConfigError(f"invoices.mappings '{mapping.files}': '{column}' is both a column and a constant")
    if missing := [c for c in _REQUIRED if c not in given]:
        raise ConfigError(f"invoices.mappings '{mapping.files}': {', '.join(missing)} missing in columns or constants")
    if {"charge_period_end", LAST_DAY} <= set(given):
        raise ConfigError(f"invoices.mappings '{mapping.files}': charge_period_end and {LAST_DAY} exclude each other")


def _listed() -> str:
    return ", ".join(sorted(_KNOWN))


def mapped_lines(
    mapping: ColumnMapping, name: str, raw: bytes, key: Callable[[str | None], str | None] = lambda _: None
) -> Iterator[Line]:
    """One line per row that is not blank. Costs in the billing currency, before tax; `key` makes pseudonyms."""
    sheet = open_sheet(
        SOURCE,
        name,
        raw,
        wanted=frozenset(mapping.columns.values()),
        delimiter=mapping.delimiter,
        encoding=mapping.encoding,
        sheet=mapping.sheet,
    )
    for row in _renamed(mapping, sheet):
        yield _Reading(mapping, row, key).line()


def _renamed(mapping: ColumnMapping, sheet: Sheet) -> Iterator[Row]:
    """The rows under our names; constants fill in. Rows that are blank in every mapped column are left out."""
    for row in sheet.records():
        cells: dict[str, Cell] = {ours: row.cells[theirs] for ours, theirs in mapping.columns.items()}
        if any(c is not None and str(c).strip() for c in cells.values()):
            yield Row(row.source, row.place, {**mapping.constants, **cells})


@dataclass(frozen=True)
class _Reading:
    """One row read under a mapping."""

    mapping: ColumnMapping
    row: Row
    key: Callable[[str | None], str | None]

    def line(self) -> Line:
        row = self.row
        if (billed := self._amount("billed_cost")) is None:
            raise row.refusal("billed_cost", "an amount; a cost may not be empty")
        start, end = charge_period(
            row, self._instant("charge_period_start"), self._end(), ("charge_period_start", "charge_period_end")
        )
        credit = row.choice("credit_kind", CREDIT_KINDS) if row.text("credit_kind") else None
        paid, used = credit_amounts(credit, billed)
        return Line(
            key=row.place.rpartition(" ")[2],
            provider=self.mapping.provider,
            billing_currency=row.currency("billing_currency"),
            billed_cost=paid,
            effective_cost=self._amount("effective_cost") if credit is None else used,
            list_cost=billed if credit == "grant" else self._amount("list_cost"),
            tax_rate=self._rate(),
            credit_kind=credit,
            api_key_key=self.key(row.text(PROVIDER_KEY)),
            tax_cost=self._amount("tax_cost"),
            billing_period_start=self._instant("billing_period_start"),
            billing_period_end=self._instant("billing_period_end"),
            charge_period_start=start,
            charge_period_end=end,
            charge_category=row.choice("charge_category", CATEGORIES, default="Usage"),
            charge_class=row.choice("charge_class", ("Correction",)) if row.text("charge_class") else None,
            charge_description=row.text("charge_description"),
            invoice_id=row.text("invoice_id"),
            invoice_issuer_name=row.text("invoice_issuer_name"),
            service_name=row.text("service_name"),
            sku_id=row.text("sku_id"),
            model=row.text("model"),
            consumed_quantity=self._amount("consumed_quantity"),
            consumed_unit=row.text("consumed_unit"),
            sub_account_id=row.text("sub_account_id"),
            unit=(row.text("unit") or "").upper() or None,
            is_amortised=row.flag("is_amortised", default=False),
        )

    def _amount(self, column: str) -> Decimal | None:
        """By the mapping's decimal mark; a constant always has a point."""
        comma = self.mapping.decimal_comma and column in self.mapping.columns
        return self.row.amount(column, decimal_comma=comma)

    def _rate(self) -> Decimal | None:
        percent = self._amount(VAT)
        if percent is not None and not (percent == 0 or 1 <= percent <= 100):
            raise self.row.refusal(VAT, "a rate in per cent, e.g. 21")
        return None if percent is None else (percent / 100).quantize(Decimal("1e-6"))

    def _end(self) -> datetime | None:
        """The end (exclusive); where the document has none, the day or the month that the start names."""
        if (last := self._instant(LAST_DAY)) is not None:
            return last + timedelta(days=1)
        if "charge_period_end" in self.mapping.columns or "charge_period_end" in self.mapping.constants:
            return self._instant("charge_period_end")
        if (start := self._instant("charge_period_start")) is None:
            return None
        by_month = not any(mark in self.mapping.day_format for mark in ("%d", "%j", "%x", "%c"))
        return datetime.combine(month_after(start.date()), start.time()) if by_month else start + timedelta(days=1)

    def _instant(self, column: str) -> datetime | None:
        """By the mapping's format; constants and cells that are dates already, and ISO instants, as they are."""
        text, value = self.row.text(column), self.row.cells.get(column)
        if text is None or not isinstance(value, str) or column in self.mapping.constants:
            return self.row.instant(column)
        try:
            return utc(datetime.strptime(text, self.mapping.day_format))  # no zone means UTC
        except ValueError:
            if self.mapping.day_format == ColumnMapping.model_fields["day_format"].default:
                return self.row.instant(column)
            raise self.row.refusal(column, f"a day in the form {self.mapping.day_format}") from None
