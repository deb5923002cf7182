"""Keeps, while self-service is on, the marks by which sign-ins find their persons; else keeps none."""

import duckdb
import pyarrow as pa

from etl.identity import Pseudonyms


def keep_sign_ins(connection: duckdb.DuckDBPyConnection, pseudonyms: Pseudonyms, *, is_wanted: bool) -> None:
    """Makes the build's table sign_in anew: one row per person, or none where it isn't wanted."""
    connection.execute("delete from sign_in")
    if not is_wanted:
        return
    persons = connection.execute("select person_no, person_key from person order by person_no").fetchall()
    numbers = pa.array([number for number, _key in persons], pa.int32())
    marks = pa.array([pseudonyms.sign_in_mark(key) for _number, key in persons], pa.string())
    connection.register("marked", pa.table({"mark": marks, "person_no": numbers}))
    connection.execute("insert into sign_in by name select * from marked")
    connection.unregister("marked")
