"""Hides counts of persons that are too small, and enough of their siblings that they can't be had by subtraction."""

import pyarrow as pa

from queries.catalogue import Query


def suppressed(rows: pa.Table, query: Query, minimum: int) -> tuple[pa.Table, frozenset[tuple[int, str]]]:
    """`rows` with small counts of persons as nulls, and the hidden cells as (row, column).

    A count c with 0 < c < minimum is hidden. If that leaves exactly one hidden cell among several in a column, the
    smallest other non-zero one is hidden too (complementary suppression: with a known total a single hidden cell is
    the remainder). Rule: metrics.md, Privacy.
    """
    hidden: set[tuple[int, str]] = set()
    for column in query.person_columns:
        counts = rows.column(column).to_pylist()
        small = {i for i, c in enumerate(counts) if c is not None and 0 < c < minimum}
        if len(small) == 1 and (others := [(c, i) for i, c in enumerate(counts) if c and i not in small]):
            small.add(min(others)[1])
        if small:
            kept = pa.array([None if i in small else c for i, c in enumerate(counts)], rows.schema.field(column).type)
            rows = rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), kept)
            hidden |= {(i, column) for i in small}
    return rows, frozenset(hidden)
