"""Refuses a secret that the pseudonyms of a build don't follow: everybody would be counted a second time under it."""

import duckdb

from etl.errors import ConfigError
from etl.load import put_setting

_KEY = "secret_fingerprint"


def held_fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What the build's secret is recognised by; None before its first run."""
    row = connection.execute("select value from ops.setting where key = ?", [_KEY]).fetchone()
    return str(row[0]) if row else None


def keep_fingerprint(connection: duckdb.DuckDBPyConnection, wanted: str) -> None:
    """Notes the fingerprint of the secret that the build is kept under from now on."""
    put_setting(connection, _KEY, wanted)


def check_fingerprint(connection: duckdb.DuckDBPyConnection, wanted: str, variable: str) -> None:
    """Notes it at the first run. Raises ConfigError for another secret while anybody is held; `variable` names it."""
    held = held_fingerprint(connection)
    if held and held != wanted and connection.execute("select 1 from account limit 1").fetchone():
        raise ConfigError(
            f"the build is kept under another secret than the one in {variable}; put that one back (after `etl rekey` "
            "it is the old and the new one with a blank between), or remove the build file and load again"
        )
    keep_fingerprint(connection, wanted)
