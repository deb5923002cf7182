"""VAT of what is booked: as the document states it, or self-assessed on what comes from abroad without any."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from etl.allocation_rules import Rules
from etl.billed import Billed, month_end

Members = list[tuple[Billed, Decimal]]  # lines booked together, each with the amount that is booked
Key = TypeVar("Key", bound=Hashable)


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


def stated_totals(
    parts: Mapping[Key, Members], listed: Mapping[Key, Fraction], billed: Decimal
) -> Mapping[Key, Fraction]:
    """VAT that a document states of each of its parts, in its currency; a part without is left to its lines' own VAT.

    `listed` is VAT in lines of its own, by part; a total of the document counts before it and is spread over the parts,
    as much of it as they are of the `billed` net of the whole document.
    """
    total = next((line.tax_total for members in parts.values() for line, _ in members), None)
    if total is None:
        return {key: amount for key, amount in listed.items() if amount}
    nets = {key: _net(members) for key, members in parts.items()}
    owns = {key: sum((_own_vat(n, amount) for n, amount in members), Fraction(0)) for key, members in parts.items()}
    share = sum(nets.values()) / Fraction(billed) if billed else Fraction(1)
    weights = next((w for w in (listed, owns) if sum(w.values())), nets)
    return divided(Fraction(total) * share, {key: weights.get(key, Fraction(0)) for key in parts})


def stated_vat(members: Members, stated: Fraction | None) -> Mapping[str, Fraction]:
    """VAT of each line in the document's currency: what is stated of all, spread as the lines themselves say."""
    own = {line.line_id: _own_vat(line, amount) for line, amount in members}
    if stated is None:
        return own
    return divided(stated, own if sum(own.values()) else {line.line_id: Fraction(a) for line, a in members})


def divided(amount: Fraction, weights: Mapping[Key, Fraction]) -> dict[Key, Fraction]:
    """The amount in proportion to the weights, evenly where they come to nothing; the parts add up to it."""
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return {key: amount / len(weights) for key in weights}
    return {key: amount * weight / whole for key, weight in weights.items()}


def _net(members: Members) -> Fraction:
    return sum((Fraction(amount) for _, amount in members), Fraction(0))


def _own_vat(line: Billed, net: Decimal) -> Fraction:
    if line.tax_cost is not None:
        return Fraction(line.tax_cost) * (Fraction(net) / Fraction(line.net) if line.net else 1)
    return Fraction(line.tax_rate or 0) * Fraction(net)


def _rate_of(line: Billed, vat: Fraction, net: int) -> Fraction:
    """The line's stated rate, else what its VAT comes to."""
    if line.tax_rate is not None:
        return Fraction(line.tax_rate)
    return vat / net if net else Fraction(0)
