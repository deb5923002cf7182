"""The true rows of the metered part of a statement: use by model, provider and channel."""

from tests.truth.adoption import Rows, title_of
from tests.truth.asked import Asked
from tests.truth.money import sums_by
from tests.truth.uses import Truth


def statement_usage(t: Truth, a: Asked) -> Rows:
    """One row per unit, model, provider and channel with a successful request or a metered cost."""
    cells = [c for c in t.cells if a.holds(c.day)]
    sums = sums_by(t, cells, lambda c, unit: (unit, c.model, c.provider, c.channel))
    return [
        (unit, model, title_of(t, model), provider, channel, s.requests, s.billed, s.known_usd, s.known_czk)
        for (unit, model, provider, channel), s in sums.items()
        if unit in a.units and (s.requests or s.pico)
    ]
