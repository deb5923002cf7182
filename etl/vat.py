"""VAT of what is booked: as the document states it, or self-assessed on what comes from abroad without any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from etl.allocation_rules import Rules
from etl.billed import Billed, month_end

Members = list[tuple[Billed, Decimal]]  # lines booked together, each with the amount that is booked


@dataclass(frozen=True)
class Vat:
    """VAT of each line in haléře before rounding, and its rate."""

    exact: Mapping[str, Fraction]
    rates: Mapping[str, Fraction]
    is_self_assessed: bool
    is_deductible: bool  # the units' deductible shares apply; VAT of another country can't be deducted here


def vat_of(
    members: Members, month: date, nets: Mapping[str, int], stated: Mapping[str, Fraction], rules: Rules
) -> Vat | None:
    """VAT of lines with these nets in haléře; `stated` is what the document says, in haléře too.

    None where VAT must be self-assessed and no rate of the rules holds on the day (the tax point, else the month's
    end). Rule: Act 235/2004 Coll., section 108 (services from abroad), section 47 (rates).
    """
    first = members[0][0]
    has_vat = any(stated.values())
    country = first.country or rules.countries.get(first.provider)
    is_ours = country == rules.vat.country or (country is None and (first.kind == "flat" or has_vat))
    if has_vat or is_ours:
        rates = {line.line_id: _rate_of(line, stated[line.line_id], nets[line.line_id]) for line, _ in members}
        return Vat(stated, rates, is_self_assessed=False, is_deductible=is_ours)
    rate = rules.vat_rate(first.tax_point if first.is_invoice and first.tax_point else month_end(month))
    if rate is None:
        return None
    exact = {line_id: net * rate for line_id, net in nets.items()}
    return Vat(exact, dict.fromkeys(nets, rate), is_self_assessed=True, is_deductible=True)


def stated_vat(members: Members, listed: Decimal) -> dict[str, Fraction]:
    """VAT of each line in the document's currency as it states it: its total, spread as the lines themselves say.

    `listed` is VAT that the document lists as lines of its own; it counts where there is no total.
    """
    own = {line.line_id: _own_vat(line, amount) for line, amount in members}
    total = members[0][0].tax_total
    if total is None and not listed:
        return own
    stated = Fraction(total if total is not None else listed)
    weights = own if sum(own.values()) else {line.line_id: Fraction(amount) for line, amount in members}
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return {line_id: stated / len(weights) for line_id in weights}
    return {line_id: stated * weight / whole for line_id, weight in weights.items()}


def _own_vat(line: Billed, net: Decimal) -> Fraction:
    if line.tax_cost is not None:
        return Fraction(line.tax_cost) * (Fraction(net) / Fraction(line.net) if line.net else 1)
    return Fraction(line.tax_rate or 0) * Fraction(net)


def _rate_of(line: Billed, vat: Fraction, net: int) -> Fraction:
    """The line's stated rate, else what its VAT comes to."""
    if line.tax_rate is not None:
        return Fraction(line.tax_rate)
    return vat / net if net else Fraction(0)
