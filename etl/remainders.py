"""Whole haléře that add up: exact fractions are rounded down and what is left over goes to the largest remainders."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
HALER = Decimal("0.01")


def halers(amount: Fraction) -> int:
    """The amount in whole haléře, half away from zero (as accountants round; negatives mirrored)."""
    doubled = 2 * abs(amount.numerator) + amount.denominator
    whole = doubled // (2 * amount.denominator)
    return whole if amount >= 0 else -whole


def czk(whole: int) -> Decimal:
    """Haléře as CZK with two decimals."""
    return Decimal(whole).scaleb(-2)


def spread_whole(exact: Mapping[_Key, Fraction], total: int) -> dict[_Key, int]:
    """Whole amounts for `exact` ones, adding up to `total`: each rounded down, the rest by largest remainder.

    `total` may differ from the sum of `exact` by rounding only (less than one for each key). Ties go by key. Negatives
    are mirrored: spreading the opposite amounts gives the opposite. The order of `exact` does not matter.
    """
    keys: list[Any] = sorted(exact)
    sign = _sign([exact[k] for k in keys], total)
    wanted = {k: exact[k] * sign for k in keys}
    whole = {k: wanted[k].numerator // wanted[k].denominator for k in keys}
    left = total * sign - sum(whole.values())
    if not 0 <= left <= len(keys):
        raise ValueError(f"{total} is not a rounding of {float(sum(exact.values(), Fraction(0)))}")
    by_remainder = sorted(keys, key=lambda k: (whole[k] - wanted[k], k))
    for key in by_remainder[:left]:
        whole[key] += 1
    return {k: whole[k] * sign for k in exact}


def _sign(exact: list[Fraction], total: int) -> int:
    """-1 where the mirror image is spread: for a negative total, or a total of zero that starts with a negative."""
    leading = total or next((e for e in exact if e), 0)
    return -1 if leading < 0 else 1


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts in proportion to the weights (none negative, not all zero), by largest remainder.

    Ties go to the earlier weight. Negatives are mirrored: the opposite total gives the opposite parts.
    """
    whole, sign = sum(weights), -1 if total < 0 else 1
    parts, remainders = zip(*(divmod(weight * total * sign, whole) for weight in weights), strict=True)
    given = list(parts)
    if left := total * sign - sum(parts):
        for place in sorted(range(len(weights)), key=lambda n: (-remainders[n], n))[:left]:
            given[place] += 1
    return given if sign > 0 else [-part for part in given]
