"""Which amounts may not be shown because they belong to a few persons, and what must go with them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

Cell = tuple[str, str]  # unit and member; a unit's own share without the units below it is '<unit>/'
Row = dict[Cell, int]
ROW_TOTALS = frozenset({"model", "rater_model"})  # breakdowns whose sum over members is shown as well
_PRIME = 2**61 - 1  # elimination modulo a large prime: exact and without fractions


@dataclass(frozen=True)
class Crowd:
    """Distinct persons behind a unit's (or with `is_own` its own) amounts of a member in the whole history."""

    breakdown: str
    unit: str
    is_own: bool
    member: str
    persons: int


def closed(crowds: Iterable[Crowd], parents: Mapping[str, str | None], minimum: int) -> dict[str, frozenset[Cell]]:
    """{breakdown: (unit, member)} that are never shown, whatever is asked.

    A cell with fewer than `minimum` persons is closed, and so many others that no cell of so few persons follows from
    what is shown, by any combination of sums: a unit over its members, and a unit's cell over the units below it and
    its own. Of the root only models of a few persons are closed, and what must be. The whole history decides, so that
    no two periods differ in what they show.
    """
    by_breakdown: defaultdict[str, dict[Cell, int]] = defaultdict(dict)
    for c in crowds:
        by_breakdown[c.breakdown][(f"{c.unit}/" if c.is_own else c.unit, c.member)] = c.persons
    return {name: frozenset(_closed(cells, name, parents, minimum)) for name, cells in by_breakdown.items()}


def _closed(cells: Mapping[Cell, int], breakdown: str, parents: Mapping[str, str | None], minimum: int) -> set[Cell]:
    small = {cell for cell, persons in cells.items() if persons < minimum}
    own = {cell for cell in cells if cell[0].endswith("/")}  # never shown
    top = {cell for cell in cells if cell not in own and parents.get(cell[0]) is None}
    found = small - own - (top if breakdown not in ROW_TOTALS else set())
    sums = _sums(cells, breakdown, parents)
    members = Counter(unit for unit, _ in cells)
    # the only member of a unit is its total, which is shown to whoever pays for the unit
    kept = {cell for cell in small if members[cell[0]] > 1 or breakdown not in ROW_TOTALS}
    while True:
        unknown = found | own
        told = determined([{c: f for c, f in row.items() if c in unknown} for row in sums]) & kept
        more = {_next(cell, sums, cells, unknown, top) for cell in told} | {
            min(row.keys() - unknown, key=lambda cell: (cell in top, cells[cell], cell), default=None)
            for row in sums
            if 0 < sum(cells[c] for c, factor in row.items() if c in found and factor > 0) < minimum
        }
        more -= {None}
        if not more:
            return found
        found |= more  # type: ignore[arg-type]


def _next(
    cell: Cell, sums: list[Row], cells: Mapping[Cell, int], taken: Collection[Cell], top: Collection[Cell]
) -> Cell | None:
    """The open cell with the fewest persons in the nearest sums around `cell`, of the root last; None: all closed."""
    near, size = {cell}, 0
    while len(near) > size:
        size = len(near)
        near |= {other for row in sums if not near.isdisjoint(row) for other in row}
        if others := near.difference(taken):
            return min(others, key=lambda other: (other in top, cells[other], other))
    return None


def _sums(cells: Mapping[Cell, int], breakdown: str, parents: Mapping[str, str | None]) -> list[Row]:
    """Every sum of cells that is known: members of a unit; and parts of a unit's cell less the cell itself."""
    down: defaultdict[Cell, Row] = defaultdict(dict)
    across: defaultdict[str, Row] = defaultdict(dict)
    for unit, member in cells:
        above = unit[:-1] if unit.endswith("/") else parents.get(unit)
        if above is not None and (above, member) in cells:
            down[(above, member)][(unit, member)] = 1
            down[(above, member)][(above, member)] = -1
        if breakdown in ROW_TOTALS and not unit.endswith("/"):
            across[unit][(unit, member)] = 1
    return [*down.values(), *across.values()]


def determined(sums: Iterable[Row]) -> set[Cell]:
    """The unknowns that sums of known value leave no freedom to: elimination, each sum a row {unknown: factor}."""
    rows: dict[Cell, Row] = {}  # by the unknown that stands in no other row
    using: defaultdict[Cell, set[Cell]] = defaultdict(set)  # unknown: the rows it stands in
    for given in sums:
        row = dict(given)
        for name in [n for n in row if n in rows]:
            _subtract(row, rows[name], row[name])
        if not row:
            continue
        pivot = next(iter(row))
        inverse = pow(row[pivot], -1, _PRIME)
        row = {name: factor * inverse % _PRIME for name, factor in row.items()}
        for other in list(using[pivot]):
            _subtract(rows[other], row, rows[other][pivot], using, other)
        rows[pivot] = row
        for name in row:
            using[name].add(pivot)
    return {name for name, row in rows.items() if len(row) == 1}


def _subtract(
    row: Row, other: Row, times: int, using: defaultdict[Cell, set[Cell]] | None = None, key: Cell = ("", "")
) -> None:
    """row -= times * other, in place; keeps `using` of the row called `key`."""
    for name, factor in other.items():
        value = (row.get(name, 0) - times * factor) % _PRIME
        if value:
            row[name] = value
        else:
            row.pop(name, None)
        if using is not None:
            (using[name].add if value else using[name].discard)(key)
