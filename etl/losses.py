"""Refuses a directory that has lost files or most of its rows: an export that failed must not make everybody unknown.

What the files say is the whole truth, so a folder that isn't mounted or a file cut off at its start would place nobody
anywhere, in all of history. `etl run directory --accept-loss` takes it as it is.
"""

import json
from collections.abc import Iterable

import duckdb

from etl.errors import InputError
from etl.load import put_setting

_KEY = "directory_files"
_FEW = 20  # of fewer rows half may go on any day
_HELD = {
    "person_unit": "select count(*) from person_unit",
    "population": "select count(*) from population",
}
_REMEDY = "put it right, or take it as it is with: python -m etl run directory --accept-loss"


def require_files(connection: duckdb.DuckDBPyConnection, present: Iterable[str], *, is_accepted: bool) -> None:
    """Remembers the files that are there and not empty. Raises InputError naming one that was there before."""
    found = connection.execute("select value from ops.setting where key = ?", [_KEY]).fetchone()
    present = set(present)
    if not is_accepted and (lost := sorted(set(json.loads(found[0]) if found else []) - present)):
        allowed = f"the files that were there before (one without rows has its header line); {_REMEDY}"
        raise InputError("directory", ", ".join(lost), "no file, or nothing in it", allowed)
    put_setting(connection, _KEY, json.dumps(sorted(present)))


def require_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: int, *, is_accepted: bool) -> None:
    """Raises InputError where less than half is left of what is held; to be called before it is replaced."""
    if is_accepted or table not in _HELD:
        return
    (held,) = connection.execute(_HELD[table]).fetchone() or (0,)
    if held >= _FEW and rows * 2 < held:
        raise InputError("directory", f"rows of {table}", rows, f"at least half of the {held} held; {_REMEDY}")
