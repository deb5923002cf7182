"""Hides counts of persons that are too small, and enough of their siblings that they can't be had by subtraction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pyarrow as pa

from queries.catalogue import Query

Cell = tuple[int, str]


def suppressed(rows: pa.Table, query: Query, minimum: int, root: str | None = None) -> tuple[pa.Table, frozenset[Cell]]:
    """`rows` with small counts of persons as nulls, and the hidden cells as (row, column).

    A count c with 0 < c < minimum is hidden. Where that leaves one hidden cell among several parts of a whole (header:
    `siblings`, `parts`), the smallest other one that isn't zero is hidden too: with a known total a single hidden cell
    is the remainder (complementary suppression). The row of the unit `root` is the total itself and is no such part.
    What could be computed back (header: `derived`) is hidden with its source. Rule: metrics.md, Privacy.
    """
    counts = _counts(rows, query)
    hidden = {cell for cell, count in counts.items() if 0 < count < minimum}
    if not hidden:
        return rows, frozenset()
    _complement(hidden, list(_wholes(rows, query, counts, root)), counts)
    hidden |= {(row, column) for column, source in query.derived for row, name in hidden if name == source}
    return _without(rows, hidden), frozenset(hidden)


def _counts(rows: pa.Table, query: Query) -> dict[Cell, int]:
    return {
        (row, column): count
        for column in query.person_columns
        for row, count in enumerate(rows.column(column).to_pylist())
        if count is not None
    }


def _wholes(rows: pa.Table, query: Query, cells: Iterable[Cell], root: str | None) -> Iterable[list[Cell]]:
    """The cells grouped into wholes: a column's rows that agree in `siblings`, and the `parts` of one row."""
    keys: Sequence[tuple[object, ...]] = [()] * rows.num_rows
    if query.siblings:
        keys = list(zip(*(rows.column(name).to_pylist() for name in query.siblings), strict=True))
    by_units = "unit" in rows.column_names and "unit" not in query.siblings
    units = rows.column("unit").to_pylist() if by_units else [None] * rows.num_rows
    wholes: defaultdict[object, list[Cell]] = defaultdict(list)
    for row, column in cells:
        if root is None or units[row] != root:
            wholes[(column, keys[row])].append((row, column))
        for number, part in enumerate(query.parts):
            if column in part:
                wholes[(row, number)].append((row, column))
    return wholes.values()


def _complement(hidden: set[Cell], wholes: list[list[Cell]], counts: dict[Cell, int]) -> None:
    """Adds to `hidden` until no whole has a single hidden cell beside others that aren't zero."""
    changed = True
    while changed:
        changed = False
        for whole in wholes:
            if sum(cell in hidden for cell in whole) != 1:
                continue
            if others := [(counts[cell], cell) for cell in whole if cell not in hidden and counts[cell]]:
                hidden.add(min(others)[1])
                changed = True


def _without(rows: pa.Table, hidden: set[Cell]) -> pa.Table:
    for column in {column for _, column in hidden}:
        index = rows.schema.get_field_index(column)
        kept = [None if (row, column) in hidden else v for row, v in enumerate(rows.column(column).to_pylist())]
        rows = rows.set_column(index, rows.schema.field(index), pa.array(kept, rows.schema.field(index).type))
    return rows
