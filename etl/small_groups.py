"""Decides at every publishing, from the whole history alone, which counts and amounts are never shown."""

import duckdb
import pyarrow as pa

from queries import warehouse
from queries.closed import Crowd, closed
from queries.suppression import SMALL_UNIT


def keep_closed(connection: duckdb.DuckDBPyConnection, minimum: int) -> None:
    """Makes the build's table closed_cell anew."""
    run = connection.execute
    ((last,),) = run("select coalesce(max(person_no), 0) from usage_daily").fetchall()
    crowds = [Crowd(*row) for row in run(warehouse.sql("marts/duckdb/crowd"), {"last": last}).fetchall()]
    parents = dict(run("select unit, parent_unit from unit").fetchall())
    banned = {model for (model,) in run("select distinct model from model where policy = 'banned'").fetchall()}
    amounts = closed((c for c in crowds if c.breakdown != "home"), parents, minimum, banned)
    homes = closed((c for c in crowds if c.breakdown == "home"), parents, SMALL_UNIT * minimum)
    cells = [(name, *cell) for name, found in (amounts | homes).items() for cell in sorted(found)]
    shape = pa.schema([(name, pa.string()) for name in ("breakdown", "unit", "member")])
    rows = pa.Table.from_pylist([dict(zip(shape.names, cell, strict=True)) for cell in cells], shape)
    run("delete from closed_cell")
    connection.register("decided", rows)
    run("insert into closed_cell by name select * from decided")
    connection.unregister("decided")
