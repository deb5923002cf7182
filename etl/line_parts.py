"""What a booked line is for, part by part: a bare sum is cut as reports cut use, a discount as what it is taken off.

Pure; the weights of a line's parts add up to 1.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from etl.allocation import Line, Part
from etl.allocation_rules import Rules, first_fitting
from etl.allocation_scope import Charge
from etl.billed import months_of

Reported = Mapping[
    tuple[str, date], list[tuple[Charge, Decimal]]
]  # by provider and month: charges of superseded reports


def parts_of(charge: Charge, reported: Reported, rules: Rules) -> tuple[Part, ...]:
    """The charge itself; a bare sum for a provider's use is cut as the provider's own reports cut that use.

    It stays whole where a rule is for it that would not be for one of its parts: those say nothing of the line's SKU.
    """
    if _is_bare(charge) and charge.category == "Usage":
        months = months_of(charge.start, charge.end - timedelta(days=1))
        known = [pair for month in months for pair in reported.get((charge.provider, month), ())]
        total = sum((amount for _, amount in known), Decimal(0))
        if total and not _loses_a_rule(charge, [part for part, _ in known], rules):
            return tuple(Part(Fraction(amount) / Fraction(total), part) for part, amount in known)
    return (Part(Fraction(1), charge),)


def _loses_a_rule(charge: Charge, parts: Sequence[Charge], rules: Rules) -> bool:
    kinds = (rules.owners, rules.seats, rules.by_use, rules.shares, rules.even)
    fitting = [rule for kind in kinds if (rule := first_fitting(kind, charge.said, charge.start)) is not None]
    return any(not rule.fits(part.said, charge.start) for rule in fitting for part in parts)


def with_discounts(lines: Sequence[Line], rules: Rules) -> list[Line]:
    """The lines, those that only take something off a document cut as what the document charges for the same provider.

    Else a discount that names no model would be held against use that no model's line has, and be nobody's.
    """
    charged: defaultdict[tuple[str, str], defaultdict[Charge, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for line in lines:
        if line.net > 0 and not line.is_credit:
            for part in line.parts:
                charged[line.document_id, part.charge.provider][part.charge] += line.net * part.weight
    return [_cut(line, charged.get((line.document_id, line.parts[0].charge.provider), {}), rules) for line in lines]


def _cut(line: Line, charged: Mapping[Charge, Fraction], rules: Rules) -> Line:
    if line.net >= 0 or line.is_credit or not charged or not all(_is_bare(part.charge) for part in line.parts):
        return line
    if any(_loses_a_rule(part.charge, list(charged), rules) for part in line.parts):
        return line
    whole = sum(charged.values(), Fraction(0))
    return replace(line, parts=tuple(Part(amount / whole, charge) for charge, amount in charged.items()))


def _is_bare(charge: Charge) -> bool:
    """Whether nothing says what or whose use the charge is for."""
    named = (charge.model, charge.project, charge.unit, charge.unknown_unit, charge.key_no)
    return not charge.is_flat and all(name is None for name in named)
