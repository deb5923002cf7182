"""What the ledger is made from, as the pure functions of booking and allocation want it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from etl.allocation import Deductible, Line, Part
from etl.allocation_rules import Rules
from etl.allocation_scope import Charge, Used
from etl.billed import Billed, month_end, month_of
from etl.booking import Rate, Rates
from etl.line_parts import Reported, parts_of, with_discounts
from etl.reference_data import ModelNames
from queries import warehouse
from queries.warehouse import Build

Row = dict[str, Any]
HOME = "CZK"


@dataclass(frozen=True)
class Inputs:
    """Reads one open Build."""

    build: Build

    def _rows(self, name: str, **values: object) -> list[Row]:
        result = self.build.connection.execute(warehouse.sql(f"ledger/{name}"), values)
        names = [d[0] for d in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def billed(self, models: ModelNames) -> list[Billed]:
        """Every line of every document, as it waits to be booked."""
        amortised: defaultdict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
        for row in self._rows("amortised"):
            amortised[row["document_id"], row["line_id"]][row["month_start"]] = row["amount"]
        names = _Names(models)
        return [_billed(row, amortised, names) for row in self._rows("lines")]

    def rates(self) -> Rates:
        """The last rate published on or before a day; None where none was."""
        rows = self.build.connection.execute("select currency, day, czk_per_unit, published_day from rate_daily")
        known = {(currency, day): Rate(rate, published) for currency, day, rate, published in rows.fetchall()}
        return lambda currency, day: Rate(Decimal(1), day) if currency == HOME else known.get((currency, day))

    def month(
        self, month: date, rules: Rules, models: ModelNames
    ) -> tuple[list[Line], list[Used], dict[str, dict[str, Fraction]]]:
        """The month's booked lines, what was used on the days they bill, and seats held by product and unit."""
        names = _Names(models)
        reported = self._reported(names)
        rows = self._rows("charges", month=month)
        whole = [_line(row, month, names) for row in rows]
        cut = [replace(n, parts=parts_of(n.parts[0].charge, reported, rules)) for n in whole]
        lines = with_discounts(cut, rules)
        charges = [part.charge for line in lines for part in line.parts]
        if not charges:
            return [], [], {}
        keys = sorted({c.key_no for c in charges if c.key_no is not None})
        start, end = min(c.start for c in charges), max(c.end for c in charges)
        used = [_used(row) for row in self._rows("used", start=start, end=end, keys=keys)]
        return lines, used, self._holders(month) if rules.seats else {}

    def _reported(self, names: "_Names") -> Reported:
        """By provider and month, what the reports say that an invoice stands in for."""
        found: defaultdict[tuple[str, date], list[tuple[Charge, Decimal]]] = defaultdict(list)
        for row in self._rows("reported"):
            end = row["last_day"] + timedelta(days=1)
            charge = _charge(row | {"category": "Usage", "sku": None}, names, row["first_day"], end)
            found[row["provider"], row["month_start"]].append((charge, row["amount"]))
        return found

    def _holders(self, month: date) -> dict[str, dict[str, Fraction]]:
        held: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
        for row in self._rows("holders", start=month, end=month_end(month) + timedelta(days=1)):
            held[row["product"]][row["unit"]] = Fraction(row["seats"])
        return held

    def deductible(self, rules: Rules) -> Deductible:
        """The share of VAT that a unit may deduct on a day, its own or that of the nearest unit above."""
        rows = self.build.connection.execute("select unit, parent_unit from unit").fetchall()
        parents: dict[str, str | None] = dict(rows)
        known: dict[tuple[str, date], Fraction] = {}

        def share(unit: str, day: date) -> Fraction:
            if (unit, day) not in known:
                known[unit, day] = rules.deductible(_lineage(unit, parents), day)
            return known[unit, day]

        return share


def _lineage(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found = [unit]
    while (parent := parents.get(found[-1])) is not None and parent not in found:
        found.append(parent)
    return tuple(found)


def _billed(row: Row, amortised: Mapping[tuple[str, str], Mapping[date, Decimal]], names: "_Names") -> Billed:
    key = row["document_id"], row["line_id"]
    return Billed(
        line_id=row["line_id"],
        document_id=row["document_id"],
        kind=row["kind"],
        provider=row["provider"],
        category=row["charge_category"],
        currency=row["billing_currency"],
        net=row["billed_cost"],
        start=row["first_day"],
        last=row["last_day"],
        months=amortised.get(key) or {month_of(row["first_day"]): row["billed_cost"]},
        tax_point=row["tax_point"],
        tax_rate=row["tax_rate"],
        tax_cost=row["tax_cost"],
        tax_total=row["tax_total"],
        country=row["issuer_country"],
        credit_kind=row["credit_kind"],
        is_amortised=row["is_amortised"],
        is_correction=row["is_correction"],
        unit=row["unit"],
        said=_said(row, names),
    )


def _said(row: Row, names: "_Names") -> Mapping[str, str]:
    """What rules match on, as when the line is divided."""
    plain = Charge(
        row["provider"], row["first_day"], row["last_day"], names.counted(row["model"]), row["project"], row["service"],
        row["charge_category"], row["sku"],
    )  # fmt: skip
    return plain.said


class _Names:
    """Names of models as they are counted, each asked once; patterns stay patterns."""

    def __init__(self, models: ModelNames) -> None:
        self._models = models
        self._known: dict[str, str] = {}

    def counted(self, name: str | None) -> str | None:
        if name is None or any(c in name for c in "*?["):
            return name
        if name not in self._known:
            self._known[name] = str(self._models.row(name)["model"])
        return self._known[name]


def _line(row: Row, month: date, names: _Names) -> Line:
    is_flat, is_credit = row["kind"] == "flat", row["credit_kind"] == "purchase"
    start, end = row["first_day"], row["last_day"] + timedelta(days=1)
    following = month_end(month) + timedelta(days=1)
    if is_credit:  # what is bought lasts until the month in which credit is bought again
        start, end = month, row["credit_end"]
    elif is_flat or row["is_amortised"]:
        start, end = max(start, month), min(end, following)
        if end <= start:  # an amortised line of an invoice, paid before or after what it is for
            start, end = row["first_day"], row["last_day"] + timedelta(days=1)
    charge = replace(_charge(row, names, start, end), is_flat=is_flat)
    return Line(
        line_id=row["line_id"],
        document_id=row["document_id"],
        net=int(row["net_czk"] * 100),
        vat=int(row["vat_czk"] * 100),
        usd=_in_usd(row),
        parts=(Part(Fraction(1), charge),),
        is_deductible=row["is_deductible"],
        is_credit=is_credit,
    )


def _in_usd(row: Row) -> Fraction | None:
    """The line's net in USD at the rates it is booked at; None without a rate of the dollar."""
    if row["currency"] == "USD":
        return Fraction(row["net"])
    if not row["czk_per_usd"]:
        return None
    return Fraction(row["net"]) * Fraction(row["czk_per_unit"]) / Fraction(row["czk_per_usd"])


def _charge(row: Row, names: _Names, start: date, end: date) -> Charge:
    return Charge(
        provider=row["provider"],
        start=start,
        end=end,
        model=names.counted(row["model"]),
        project=row["project"],
        service=row["service"],
        category=row["category"],
        sku=row["sku"],
        unit=row["unit"],
        unknown_unit=row["unknown_unit"],
        key_no=row["key_no"],
        key_unit=row["key_unit"],
        is_elsewhere=row["is_elsewhere"],
    )


def _used(row: Row) -> Used:
    return Used(
        day=row["utc_day"],
        unit=row["unit"],
        provider=row["provider"],
        model=row["model"],
        key_no=row["key_no"],
        pico=int(row["metered_usd"].scaleb(12)),
        tokens=row["billed_tokens"],
        requests=row["requests"],
        maker=row["maker"],
    )
