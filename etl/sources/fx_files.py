"""Rates in the files that banks publish: CNB's day and year, ECB's history, and our own.

CNB (FAQ "Format of the foreign exchange market rates", cnb.cz): decimal comma; the rate is for the printed amount
(1, 100, 1000) of the currency, so it is divided by it. ECB: units per euro, so CZK per USD = CZK / USD.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from etl.errors import InputError, SourceError
from etl.sources.fields import Row, shown
from etl.sources.sheets import decoded, open_sheet

SOURCE = "fx"
CURRENCIES = ("USD", "EUR", "GBP")
ORIGINS = ("cnb", "ecb")
_SCALE = Decimal("1e-8")  # of tables.RATE
_PRINTED = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_AMOUNT = re.compile(r"(\d+) ([A-Z]{3})")


class Rate(NamedTuple):
    """CZK for one unit of a currency, as published on a day."""

    day: date
    currency: str
    origin: str
    czk_per_unit: Decimal


def rates_in(file: Path) -> list[Rate]:
    """The rates of a file of any known kind, told by its content. Raises InputError naming file and line."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SourceError(SOURCE, file.name, error.strerror or type(error).__name__) from None
    first = next((n for n in decoded(SOURCE, file.name, raw).splitlines() if n.strip() and n[0] != "#"), "")
    if _PRINTED.match(first):
        return cnb_day(file.name, raw)
    if first.startswith("Datum|"):
        return cnb_year(file.name, raw)
    header = {c.strip() for c in first.split(",")}
    if {"Date", "CZK"} <= header:
        return ecb_history(file.name, raw)
    if {"day", "currency", "czk_per_unit"} <= header:
        return _ours(file.name, raw)
    kinds = "CNB denni_kurz.txt or rok.txt, ECB eurofxref-hist.csv, or columns day,currency,czk_per_unit,origin"
    raise InputError(SOURCE, file.name, shown(first), kinds)


def cnb_day(name: str, raw: bytes, expected: date | None = None) -> list[Rate]:
    """The rates of CNB's daily list; none when the printed day is not the expected one."""
    lines = decoded(SOURCE, name, raw).splitlines()
    day = _printed(name, 1, lines[0] if lines else "")
    if expected is not None and day != expected:
        return []
    rates = []
    for number, line in enumerate(lines[2:], 3):
        if not line.strip():
            break  # up to 2001 other tables follow
        cells = line.split("|")
        if len(cells) != 5:
            raise InputError(SOURCE, f"{name} line {number}", shown(line), "země|měna|množství|kód|kurz")
        if cells[3] in CURRENCIES:
            row = Row(SOURCE, f"{name} line {number}", {"množství": cells[2], "kurz": cells[4]})
            rates.append(Rate(day, cells[3], "cnb", _per_unit(row, "kurz", row.amount("množství"))))
    return rates


def cnb_year(name: str, raw: bytes) -> list[Rate]:
    """The rates of CNB's yearly list. Its header says the amounts, and is repeated when the currencies change."""
    rates: list[Rate] = []
    header: list[str] = []
    for number, line in enumerate(decoded(SOURCE, name, raw).splitlines(), 1):
        cells = line.split("|")
        if cells[0] == "Datum":
            header = cells
        elif line.strip():
            if len(cells) != len(header):
                raise InputError(SOURCE, f"{name} line {number}", f"{len(cells)} fields", f"{len(header)} fields")
            rates += _year_row(name, number, header, cells)
    return rates


def _year_row(name: str, number: int, header: list[str], cells: list[str]) -> list[Rate]:
    day, rates = _printed(name, number, cells[0]), []
    row = Row(SOURCE, f"{name} line {number}", dict(zip(header, cells, strict=True)))
    for column in header[1:]:
        parts = _AMOUNT.fullmatch(column)
        if parts and parts[2] in CURRENCIES and row.text(column) is not None:
            rates.append(Rate(day, parts[2], "cnb", _per_unit(row, column, Decimal(parts[1]))))
    return rates


def ecb_history(name: str, raw: bytes) -> list[Rate]:
    """CZK per USD, EUR and GBP from ECB's units per euro; days on which one of the two is missing are left out."""
    rates: list[Rate] = []
    for row in open_sheet(SOURCE, name, raw, wanted=frozenset({"Date", "CZK"}), delimiter=",").records():
        day, koruna = row.day("Date"), _quoted(row, "CZK")
        if day is None:
            raise row.refusal("Date", "a day, e.g. 2026-10-30")
        for currency in CURRENCIES:
            units = Decimal(1) if currency == "EUR" else _quoted(row, currency)
            if koruna is not None and units is not None:
                rates.append(Rate(day, currency, "ecb", (koruna / units).quantize(_SCALE)))
    return rates


def _quoted(row: Row, column: str) -> Decimal | None:
    if (row.text(column) or "N/A") == "N/A":
        return None
    return _positive(row, column, row.amount(column))


def _ours(name: str, raw: bytes) -> list[Rate]:
    rates = []
    for row in open_sheet(SOURCE, name, raw, comments=True).records():
        if (day := row.day("day")) is None:
            raise row.refusal("day", "a day, e.g. 2026-10-30")
        rate = _positive(row, "czk_per_unit", row.amount("czk_per_unit")).quantize(_SCALE)
        rates.append(Rate(day, row.choice("currency", CURRENCIES), row.choice("origin", ORIGINS, "cnb"), rate))
    return rates


def _per_unit(row: Row, column: str, amount: Decimal | None) -> Decimal:
    if amount is None or amount <= 0:
        raise row.refusal("množství", "1, 100 or 1000")
    return (_positive(row, column, row.amount(column, decimal_comma=True)) / amount).quantize(_SCALE)


def _positive(row: Row, column: str, number: Decimal | None) -> Decimal:
    if number is None or number <= 0:
        raise row.refusal(column, "a rate above 0")
    return number


def _printed(name: str, number: int, text: str) -> date:
    parts = _PRINTED.match(text)
    try:
        if parts is not None:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
    except ValueError:
        pass
    raise InputError(SOURCE, f"{name} line {number}", shown(text), "a day like 21.09.2022")
