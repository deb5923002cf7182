"""Medians of figures some of which are hidden or unknown."""

from collections.abc import Sequence
from typing import Any

from dashboard.format import Hidden


def median(values: Sequence[Any]) -> Any:
    """The median of the known values. A hidden one counts as smaller than all others, as it is; when the middle is
    hidden, so is the median. None when nothing is known.
    """
    ranked = sorted(
        (v for v in values if v is not None),
        key=lambda v: (not isinstance(v, Hidden), 0 if isinstance(v, Hidden) else v),
    )
    if not ranked:
        return None
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    if isinstance(low, Hidden) or isinstance(high, Hidden):
        return low
    return low if low == high else (low + high) / 2
