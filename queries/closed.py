"""Which amounts may not be shown because they belong to a few persons, and what must go with them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

Cell = tuple[str, str, str]  # unit, breakdown, member; a unit's own share without the units below it is '<unit>/'
Row = dict[Cell, int]
CHANNELS = ("chat", "api")
SYSTEMS = {"provider": "model", "leaf": "model", "rater_model": "rater"}  # sums tie these to that breakdown
TOTALLED = frozenset({"model", "provider", "leaf", "rater_model", "role"})  # the sum over their members is shown too
CLOSED_AT_THE_TOP = TOTALLED - {"provider"}  # else what is small is closed below the root alone
SPARED = 10**9
_PRIME = 2**61 - 1  # elimination modulo a large prime: exact and without fractions


@dataclass(frozen=True)
class Crowd:
    """Distinct persons behind a unit's (or with `is_own` its own) amounts of a member in the whole history.

    `breakdown` is home (active persons), unit (hours of use), model, provider, leaf (member: model, tab, provider),
    rater or rater_model (ratings); of use also of one channel alone: 'model api'. By role are the amounts of persons
    at home in the unit.
    """

    breakdown: str
    unit: str
    is_own: bool
    member: str
    persons: int


def closed(
    crowds: Iterable[Crowd], parents: Mapping[str, str | None], minimum: int, spared: Collection[str] = ()
) -> dict[str, frozenset[tuple[str, str]]]:
    """{breakdown: (unit, member)} that are never shown, whatever is asked.

    A cell with fewer than `minimum` persons is closed, and so many others that no cell of so few persons follows from
    what is shown, by any combination of sums: a unit over its members, a provider over its models, all over both
    channels, and a unit's cell over the units below it and its own. Of the root only models of a few persons are
    closed, and what must be. `spared` models are shown however few use them. The whole history decides, so that no two
    periods differ in what they show.
    """
    systems: defaultdict[str, dict[Cell, int]] = defaultdict(dict)
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for c in crowds:
        base = _base(c.breakdown)
        is_spared = base in ("model", "leaf") and _parts(c.member)[0] in spared
        cell = (own(c.unit) if c.is_own else c.unit, c.breakdown, c.member)
        found[c.breakdown] |= set()  # none closed is an answer, too
        systems[SYSTEMS.get(base, base)][cell] = SPARED if is_spared else c.persons
    for cells in systems.values():
        if any(" " in breakdown for _, breakdown, _ in cells):  # of a channel never used there is no row either
            cells |= {
                (unit, f"{breakdown} {channel}", member): cells.get((unit, f"{breakdown} {channel}", member), 0)
                for unit, breakdown, member in cells
                if " " not in breakdown
                for channel in CHANNELS
            }
        for unit, breakdown, member in _closed(cells, parents, minimum) | _small_own(cells, minimum):
            found[breakdown].add((unit, member))
    return {name: frozenset(shut) for name, shut in found.items()}


def own(unit: str) -> str:
    """The name of a unit's own share, without the units below it."""
    return f"{unit}/"


def _small_own(cells: Mapping[Cell, int], minimum: int) -> set[Cell]:
    """A unit's own amounts of a model that a few persons caused: only bills are ever broken down so far."""
    return {
        cell for cell, persons in cells.items() if cell[0].endswith("/") and cell[1] == "model" and persons < minimum
    }


def _base(breakdown: str) -> str:
    return breakdown.partition(" ")[0]


def _parts(leaf: str) -> tuple[str, str]:
    """Model and provider of a leaf."""
    model, _, provider = leaf.partition("\t")
    return model, provider


def _closed(cells: Mapping[Cell, int], parents: Mapping[str, str | None], minimum: int) -> set[Cell]:
    rows = _sums(cells, parents)
    sums = list(rows.values())
    shown = _shown(cells, [row for (kind, *_), row in rows.items() if kind != "total"])
    small = {cell for cell, persons in cells.items() if 0 < persons < minimum and cell not in shown}
    owned = {cell for cell in cells if cell[0].endswith("/")}  # never shown
    top = {cell for cell in cells if cell not in owned and parents.get(cell[0]) is None}
    found = small - owned - {cell for cell in top if _base(cell[1]) not in CLOSED_AT_THE_TOP}
    members = Counter(cell[:2] for cell in cells if cell not in shown)
    # the only member of a unit is its total, which is shown to whoever pays for the unit; nothing says it is the only
    kept = {cell for cell in small if members[cell[:2]] > 1 or _base(cell[1]) not in TOTALLED}
    sums = [{c: f for c, f in row.items() if c not in shown} for row in sums]
    using: defaultdict[Cell, list[Row]] = defaultdict(list)
    for row in sums:
        for cell in row:
            using[cell].append(row)

    def order(cell: Cell) -> tuple[bool, bool, int, Cell]:
        return cell in top, not cells[cell], cells[cell], cell  # of nobody last: services cost much

    while True:
        unknown = found | owned
        fixed = determined([{c: f for c, f in row.items() if c in unknown} for row in sums])
        told = fixed & kept
        more: set[Cell | None] = {*_companions(told, using, unknown, fixed, order)}
        more |= {min(row.keys() - unknown, key=order, default=None) for row in _scant(sums, cells, found, minimum)}
        more -= {None}
        if told and not more:
            more = {*_breaking(told, sums, unknown, order)}
        more -= {None}
        if not more:
            return found
        found |= more  # type: ignore[arg-type]


def _companions(
    told: Collection[Cell],
    using: Mapping[Cell, list[Row]],
    unknown: Collection[Cell],
    fixed: Collection[Cell],
    order: Callable[[Cell], tuple[bool, bool, int, Cell]],
) -> set[Cell]:
    """Open cells that give each sum around the told ones something unknown: without that they can't but be told."""
    chosen: set[Cell] = set()
    seen, queue = set(told), sorted(told)
    while queue:
        cell = queue.pop()
        for row in using[cell]:
            if any(c != cell and (c in chosen or (c in unknown and c not in fixed)) for c in row):
                continue
            near = {c for c in row if c in unknown and c != cell}
            if not near and (others := row.keys() - unknown - {cell}):
                near = {min(others, key=order)}
                chosen |= near
            queue += sorted(near - seen)
            seen |= near
    return chosen


def _shown(cells: Mapping[Cell, int], sums: Iterable[Row]) -> set[Cell]:
    """What is shown in any case: spared models, and what is nothing but those."""
    shown = {cell for cell, persons in cells.items() if persons >= SPARED}
    size = -1
    while shown and size < len(shown):
        size = len(shown)
        for row in sums:
            left = row.keys() - shown
            if len(left) == 1 and len(row) > 1:
                shown |= left
    return shown


def _scant(sums: Iterable[Row], cells: Mapping[Cell, int], found: Collection[Cell], minimum: int) -> list[Row]:
    """The sums whose closed parts are fewer persons together than the minimum."""
    return [
        row for row in sums if 0 < sum(cells[c] for c, factor in row.items() if c in found and factor > 0) < minimum
    ]


def _sums(cells: Mapping[Cell, int], parents: Mapping[str, str | None]) -> dict[tuple[str, ...], Row]:
    """Every sum of cells that is known, by its kind: parts less their whole, or (total) members of what is shown."""
    rows: defaultdict[tuple[str, ...], Row] = defaultdict(dict)
    for cell in cells:
        unit, breakdown, member = cell
        base, _, channel = breakdown.partition(" ")
        above = unit[:-1] if unit.endswith("/") else parents.get(unit)
        _add(rows, "down", cell, (above or "", breakdown, member), cells)
        if unit.endswith("/"):
            continue  # what holds between these follows
        if channel:
            _add(rows, "channels", cell, (unit, base, member), cells)
        if base in ("model", "role"):
            rows["total", unit, breakdown][cell] = 1
        elif base == "leaf":
            for kind, name in zip(("model", "provider"), _parts(member), strict=True):
                _add(rows, kind, cell, (unit, f"{kind} {channel}".strip(), name), cells)
        elif base == "rater_model":
            _add(rows, "ratings", cell, (unit, "rater", ""), cells)
    return rows


def _add(rows: defaultdict[tuple[str, ...], Row], kind: str, part: Cell, whole: Cell, cells: Collection[Cell]) -> None:
    if whole in cells:
        rows[kind, *whole][part] = 1
        rows[kind, *whole][whole] = -1


def determined(sums: Iterable[Row]) -> set[Cell]:
    """The unknowns that sums of known value leave no freedom to: elimination, each sum a row {unknown: factor}.

    A sum with an unknown that stands in no other tells nothing of the rest; such sums are set aside first, and the rest
    is small.
    """
    core, aside = _peeled([row for row in sums if row])
    found = _eliminated(core)
    for private, row in reversed(aside):  # it follows where everything else of its sum does
        if all(name == private or name in found for name in row):
            found.add(private)
    return found


def _peeled(sums: list[Row]) -> tuple[list[Row], list[tuple[Cell, Row]]]:
    """(the sums that tie unknowns to each other, those set aside each with the unknown of its own, first to last)."""
    using: defaultdict[Cell, set[int]] = defaultdict(set)
    for place, row in enumerate(sums):
        for name in row:
            using[name].add(place)
    aside: list[tuple[Cell, Row]] = []
    left = set(range(len(sums)))
    alone = [name for name, places in using.items() if len(places) == 1]
    while alone:
        private = alone.pop()
        if len(using[private]) != 1:
            continue
        (place,) = using[private]
        aside.append((private, sums[place]))
        left.discard(place)
        for name in sums[place]:
            using[name].discard(place)
            if len(using[name]) == 1:
                alone.append(name)
    return [sums[place] for place in sorted(left)], aside


def _eliminated(sums: Iterable[Row]) -> set[Cell]:
    rows, _ = _reduced(sums, None)
    return {name for name, row in rows.items() if len(row) == 1}


def _breaking(
    told: Collection[Cell],
    sums: Iterable[Row],
    unknown: Collection[Cell],
    order: Callable[[Cell], tuple[bool, bool, int, Cell]],
) -> set[Cell]:
    """Open cells without which the told ones no longer follow, however many sums it takes to get them.

    Each is first written as a combination of open cells. Closing one of these frees it, unless a sum of open cells
    alone gives that one back: then it is written without it, and the next is closed.
    """
    rows, spare = _reduced(sums, unknown)
    chosen: set[Cell] = set()
    for cell in sorted(told, key=order):
        while True:
            others = rows.get(cell, {}).keys() - {cell}
            if not others or any(other in unknown or other in chosen for other in others):
                break
            other = min(others, key=order)
            chosen.add(other)
            giving = next((row for row in spare if other in row), None)
            if giving is None:
                break
            spare.remove(giving)
            inverse = pow(giving[other], -1, _PRIME)
            rows[other] = {name: factor * inverse % _PRIME for name, factor in giving.items()}
            for row in (*(row for name, row in rows.items() if name != other), *spare):
                if other in row:
                    _subtract(row, rows[other], row[other])
    return chosen


def _reduced(sums: Iterable[Row], unknown: Collection[Cell] | None) -> tuple[dict[Cell, Row], list[Row]]:
    """The sums solved for one unknown each (None: all names are), which then stands in no other; and what is left."""
    rows: dict[Cell, Row] = {}
    spare: list[Row] = []
    using: defaultdict[Cell, set[Cell]] = defaultdict(set)  # name: the rows it stands in
    for given in sorted(sums, key=len):
        row = dict(given)
        for name in [n for n in row if n in rows]:
            _subtract(row, rows[name], row[name])
        pivot = min((n for n in row if unknown is None or n in unknown), key=lambda n: len(using[n]), default=None)
        if pivot is None:
            spare += [row] if row else []
            continue
        inverse = pow(row[pivot], -1, _PRIME)
        row = {name: factor * inverse % _PRIME for name, factor in row.items()}
        for other in list(using[pivot]):
            _subtract(rows[other], row, rows[other][pivot], using, other)
        rows[pivot] = row
        for name in row:
            using[name].add(pivot)
    return rows, spare


def _subtract(
    row: Row, other: Row, times: int, using: defaultdict[Cell, set[Cell]] | None = None, key: Cell = ("", "", "")
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
