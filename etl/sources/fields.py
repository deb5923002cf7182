"""Exact values from a row of a file or an answer: text, amounts, instants, days; a wrong one names where it stands."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from etl.errors import InputError
from etl.identity import masked

Cell = str | int | float | Decimal | bool | datetime | date | None

_STORED = Decimal("1e-12")  # the scale of tables.MONEY
_LARGEST = Decimal("1e26")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+")
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_PLAIN_COMMA = re.compile(r"[+-]?\d+(,\d+)?")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_YES = frozenset({"true", "yes", "1", "ano"})
_NO = frozenset({"false", "no", "0", "ne"})


def shown(value: object) -> str:
    """The value as an error may show it: short, and with e-mail addresses masked."""
    text = masked(str(value))
    return text if len(text) <= 80 else text[:79] + "…"


def decimal_of(text: str, *, decimal_comma: bool = False) -> Decimal | None:
    """The exact number, or None where the text is not one, or could be read as two that differ by a factor of 1000.

    '1,234.50' and '1 234.50' are fine; '1,234' is refused, and '1.234' too where the decimal mark is a comma.
    """
    plain = _SPACES.sub("", text.strip())
    if decimal_comma:
        if _GROUPED_COMMA.fullmatch(plain):
            plain = plain.replace(".", "")
        if not _PLAIN_COMMA.fullmatch(plain):
            return None
        plain = plain.replace(",", ".")
    elif _GROUPED_POINT.fullmatch(plain):
        plain = plain.replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def instant_of(text: str) -> datetime | None:
    """The UTC instant (naive) of an ISO 8601 text; without a zone it is UTC, without a time midnight; else None."""
    plain = text.strip().removesuffix(" UTC")
    if not _INSTANT.fullmatch(plain):
        return None
    try:
        return utc(datetime.fromisoformat(plain))
    except ValueError:
        return None


def utc(value: datetime) -> datetime:
    """The same instant in UTC, without a zone; one that has no zone already is UTC."""
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def month_after(day: date) -> date:
    """The first day of the following month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Row:
    """Cells by column name, and where they stand (`costs.csv line 3`); every reader refuses with InputError."""

    source: str
    place: str
    cells: Mapping[str, Cell]

    def refusal(self, column: str, allowed: str, found: object = None) -> InputError:
        """The error to raise: this column's value (or `found`) is not allowed."""
        value = self.cells.get(column) if found is None else found
        return InputError(self.source, f"{self.place}, {column}", "" if value is None else shown(value), allowed)

    def text(self, column: str) -> str | None:
        """The stripped text; None for an empty cell, a missing column and the word NULL."""
        value = self.cells.get(column)
        text = "" if value is None else str(value).strip()
        return None if text.lower() in ("", "null") else text

    def required(self, column: str) -> str:
        """The text, which must be there."""
        if (text := self.text(column)) is None:
            raise self.refusal(column, "a value; it may not be empty")
        return text

    def amount(self, column: str, *, decimal_comma: bool = False, divided_by: int = 1) -> Decimal | None:
        """The exact number, at most 12 decimals (further ones are rounded half to even); None for an empty cell."""
        if self.text(column) is None:
            return None
        number = self._number(self.cells[column], decimal_comma)
        if number is None or not number.is_finite() or abs(number) >= _LARGEST:
            mark = "comma" if decimal_comma else "point"
            raise self.refusal(column, f"a number with a decimal {mark}, e.g. {'12,50' if decimal_comma else '12.50'}")
        return _EXACT.divide(number, Decimal(divided_by)).quantize(_STORED, context=_EXACT)

    @staticmethod
    def _number(value: Cell, decimal_comma: bool) -> Decimal | None:
        if isinstance(value, bool | date):
            return None
        if isinstance(value, float):  # a spreadsheet shows and keeps 15 digits; the rest is binary noise
            return Decimal(format(value, ".15g")) if math.isfinite(value) else None
        if isinstance(value, int | Decimal):
            return Decimal(value)
        try:
            return decimal_of(str(value), decimal_comma=decimal_comma)
        except InvalidOperation:
            return None

    def money(self, column: str, *, decimal_comma: bool = False, divided_by: int = 1) -> Decimal:
        """The amount, which must be there: a missing cost is never 0."""
        if (amount := self.amount(column, decimal_comma=decimal_comma, divided_by=divided_by)) is None:
            raise self.refusal(column, "an amount; a cost may not be empty")
        return amount

    def currency(self, column: str) -> str:
        """An ISO 4217 code, upper case."""
        code = self.required(column).upper()
        if not _CURRENCY.fullmatch(code):
            raise self.refusal(column, "a currency code of three letters, e.g. USD, EUR, CZK")
        return code

    def instant(self, column: str) -> datetime | None:
        """The UTC instant, without a zone; None for an empty cell."""
        value = self.cells.get(column)
        if isinstance(value, datetime):
            return utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)  # no zone means UTC
        if (text := self.text(column)) is None:
            return None
        if (found := instant_of(text)) is None:
            raise self.refusal(column, "a day or an instant, e.g. 2026-11-01 or 2026-11-01T00:00:00Z (no zone = UTC)")
        return found

    def day(self, column: str) -> date | None:
        """The calendar day; None for an empty cell."""
        found = self.instant(column)
        if found is None:
            return None
        if found != datetime(found.year, found.month, found.day):  # no zone means UTC
            raise self.refusal(column, "a day, e.g. 2026-11-01")
        return found.date()

    def flag(self, column: str, default: bool) -> bool:
        """Yes or no; `default` for an empty cell."""
        text = (self.text(column) or str(default)).lower()
        if text not in _YES | _NO:
            raise self.refusal(column, "true or false")
        return text in _YES

    def choice(self, column: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of the choices, whatever its case; `default` for an empty cell."""
        text = self.text(column) or default
        found = next((c for c in choices if text is not None and c.lower() == text.lower()), None)
        if found is None:
            raise self.refusal(column, ", ".join(choices))
        return found
