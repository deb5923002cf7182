"""What an answer leaves out of amounts because a few persons caused them, as queries/closed.py decided."""

from collections.abc import Mapping
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from queries.catalogue import Query
from queries.closed import own

Cells = Mapping[str, frozenset[tuple[str, str]]]  # {breakdown: (unit, member)}
_KINDS = {"cost/anomaly_parts": ("kind", "part"), "data/unmapped": ("kind", "name")}  # members of several kinds
_UNNAMED = "data/unmapped"  # it lists what somebody has to do, so only the amounts go
_AMOUNTS = frozenset({"usd", "czk", "tokens", "count"})
_LINE = ("line_no", "model", "share")  # what tells of a bill's row for which model it is
_BETWEEN = "\n"


def without_closed(rows: pa.Table, query: Query, closed: Cells, values: Mapping[str, object], root: str) -> pa.Table:
    """The rows without amounts of closed cells.

    Of a bill (it has a paying unit) no amount is left out, since it must add up: such rows are added together under
    their document and service, without the line and the model. Of what has yet to be mapped only the amounts are.
    """
    if query.area == "reference" or not rows.num_rows or not _AMOUNTS & {c.unit for c in query.columns}:
        return rows
    base = _breakdown_of(set(rows.column_names), query)
    if base is None or not any(name.startswith(base) for name in closed):
        return rows
    units = rows.column("unit") if "unit" in rows.column_names else pa.scalar(root)
    shut = _shut(rows, query, closed, units, str(values.get("channel", "all")))
    if not pc.any(shut).as_py():
        return rows
    if "paying_unit" in rows.column_names:
        return _lines_added(rows, shut)
    return _without_amounts(rows, query, shut) if query.name == _UNNAMED else rows.filter(pc.invert(shut))


def _breakdown_of(names: set[str], query: Query) -> str | None:
    """The breakdown of `closed` that an answer with these columns is an excerpt of; None: of none."""
    if "ratings" in names:
        return "rater_model" if "model" in names else "rater"
    if {"model", "provider", "channel"} <= names:
        return "leaf"
    if "model" in names or query.name in _KINDS:
        return "model"
    if {"provider", "unit", "metered_czk"} <= names:
        return "provider"
    return "unit" if "hour" in names else None


def _shut(
    rows: pa.Table, query: Query, closed: Cells, units: pa.ChunkedArray | pa.Scalar, channel: str
) -> pa.ChunkedArray:
    base = _breakdown_of(set(rows.column_names), query) or ""
    members = _members(rows, query, base)
    if base == "leaf":
        found = [
            pc.and_(_within(units, members, closed.get(f"leaf {channel}")), pc.equal(rows.column("channel"), channel))
            for channel in pc.unique(rows.column("channel")).to_pylist()
        ]
        return _any(found)
    name = base if channel == "all" or base.startswith("rater") else f"{base} {channel}"
    shut = _within(units, members, closed.get(name))
    if query.name in _KINDS:
        return pc.and_(shut, pc.equal(rows.column(_KINDS[query.name][0]), "model"))
    if "paying_unit" in rows.column_names:
        paying, models = rows.column("paying_unit"), closed.get("model")
        owned = pc.binary_join_element_wise(paying, own(""), "")
        return _any([shut, _within(paying, members, models), _within(owned, members, models)])
    return shut


def _members(rows: pa.Table, query: Query, base: str) -> pa.ChunkedArray | pa.Scalar:
    if base == "leaf":
        return pc.binary_join_element_wise(rows.column("model"), rows.column("provider"), "\t")
    if base in ("unit", "rater"):
        return pa.scalar("")
    name = "provider" if base == "provider" else _KINDS.get(query.name, ("", "model"))[1]
    return pc.fill_null(rows.column(name), "")


def _within(
    units: pa.ChunkedArray | pa.Scalar, members: pa.ChunkedArray | pa.Scalar, cells: frozenset[tuple[str, str]] | None
) -> pa.ChunkedArray:
    keys = pc.binary_join_element_wise(units, members, _BETWEEN)
    return pc.is_in(keys, value_set=_keys(cells or frozenset()))


def _any(found: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    some, *others = found
    for other in others:
        some = pc.or_(some, other)
    return some


@lru_cache(maxsize=64)
def _keys(cells: frozenset[tuple[str, str]]) -> pa.Array:
    return pa.array([_BETWEEN.join(cell) for cell in cells], pa.string())


def _lines_added(rows: pa.Table, shut: pa.ChunkedArray) -> pa.Table:
    """The bill with the closed rows added together, after the others."""
    amounts = [c for c in rows.column_names if pa.types.is_decimal(rows.schema.field(c).type) and c not in _LINE]
    keys = [c for c in rows.column_names if c not in (*amounts, *_LINE)]
    few = rows.filter(shut).group_by(keys, use_threads=False).aggregate([(c, "sum") for c in amounts])
    made = [
        pa.nulls(few.num_rows, field.type) if field.name in _LINE
        else few.column(f"{field.name}_sum" if field.name in amounts else field.name).cast(field.type)
        for field in rows.schema
    ]  # fmt: skip
    return pa.concat_tables([rows.filter(pc.invert(shut)), pa.table(made, rows.schema)])


def _without_amounts(rows: pa.Table, query: Query, shut: pa.ChunkedArray) -> pa.Table:
    for column in query.columns:
        if column.unit in _AMOUNTS:
            index = rows.schema.get_field_index(column.name)
            field = rows.schema.field(index)
            kept = pc.if_else(shut, pa.scalar(None, field.type), rows.column(index))
            rows = rows.set_column(index, field, kept)
    return rows
