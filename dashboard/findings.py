"""The largest changes, found by the program: a period against the one of equal length before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SMALLEST_SHARE = Decimal("0.01")  # of the whole: what is smaller in both periods says nothing
SMALLEST_CHANGE = Decimal("0.05")  # of itself: less is no change to speak of
FLOOR = {"cost": Decimal(100), "persons": Decimal(20)}  # CZK, persons: below it no percentage means anything


@dataclass(frozen=True)
class Observed:
    """Something measured in both periods. `kind` is unit, model or provider; `measure` is cost (CZK) or persons.
    `now` and `before` are None where they are unknown or hidden."""

    kind: str
    name: str
    measure: str
    now: Decimal | int | None
    before: Decimal | int | None


@dataclass(frozen=True)
class Found:
    """A change worth saying. `weight` is its size as a share of the whole of its measure."""

    observed: Observed
    difference: Decimal
    weight: Decimal

    @property
    def has_base(self) -> bool:
        """Whether a percentage may be given: the base is not tiny."""
        return Decimal(self.observed.before or 0) >= FLOOR[self.observed.measure]


def largest_changes(observations: Iterable[Observed], count: int = 3) -> list[Found]:
    """The `count` largest changes, each thing at most once, largest first.

    Changes are compared by their share of all that was measured of that kind in the larger period; unknown and hidden
    values, tiny things and tiny changes are left out.
    """
    seen = [o for o in observations if o.now is not None and o.before is not None]
    wholes = {key: _whole(seen, key) for key in {(o.kind, o.measure) for o in seen}}
    found = [f for o in seen if (f := _weighed(o, wholes[o.kind, o.measure]))]
    found.sort(key=lambda f: (-f.weight, f.observed.kind, f.observed.name, f.observed.measure))
    chosen: dict[tuple[str, str], Found] = {}
    for one in found:
        chosen.setdefault((one.observed.kind, one.observed.name), one)
    return list(chosen.values())[:count]


def _whole(seen: list[Observed], key: tuple[str, str]) -> Decimal:
    same = [o for o in seen if (o.kind, o.measure) == key]
    return max(
        sum((Decimal(o.now or 0) for o in same), Decimal(0)), sum((Decimal(o.before or 0) for o in same), Decimal(0))
    )


def _weighed(observed: Observed, whole: Decimal) -> Found | None:
    now, before = Decimal(observed.now or 0), Decimal(observed.before or 0)
    larger, difference = max(now, before), now - before
    if (
        larger < FLOOR[observed.measure]
        or larger < SMALLEST_SHARE * whole
        or abs(difference) < SMALLEST_CHANGE * larger
    ):
        return None
    return Found(observed, difference, abs(difference) / whole)
