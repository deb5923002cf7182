"""What is left to do once the build has let go of somebody: older snapshots, and the free blocks of the build file.

Each is wanted from within the transaction that makes it necessary and noted as done when it is, so that whatever breaks
off in between is finished by the next `person forget` or `publish`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

from queries.errors import WarehouseError
from queries.warehouse import BUILD

_SNAPSHOTS, _REWRITING = "old_snapshots_unwanted", "rewriting_wanted"
_REMEDY = "stop whatever has the build open (etl serve), see to room on the disk, and run `etl publish`"


def want_rewriting(connection: duckdb.DuckDBPyConnection) -> None:
    """Notes that the build file must be written anew once nobody has it open."""
    _want(connection, _REWRITING)


def want_snapshots_gone(connection: duckdb.DuckDBPyConnection) -> None:
    """Notes that no snapshot older than the next may stay."""
    _want(connection, _SNAPSHOTS)


def are_snapshots_unwanted(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a snapshot is still to be published after a forgetting, and the older ones removed."""
    return _is_wanted(connection, _SNAPSHOTS)


def keep_only(connection: duckdb.DuckDBPyConnection, folder: Path, published: str) -> None:
    """Removes every snapshot but `published` if that is wanted."""
    if not are_snapshots_unwanted(connection):
        return
    for old in folder.glob("warehouse-*.duckdb"):
        if old.name != published:
            old.unlink()
    connection.execute("delete from ops.setting where key = ?", [_SNAPSHOTS])


@contextmanager
def with_rewriting(folder: Path) -> Iterator[None]:
    """Writes the build file anew at the end, failed or not, if that is wanted. Raises WarehouseError if it can't."""
    try:
        yield
    except BaseException:
        with suppress(WarehouseError):  # what went wrong first is told; what is wanted stays noted
            _rewrite_if_wanted(folder)
        raise
    _rewrite_if_wanted(folder)


def _rewrite_if_wanted(folder: Path) -> None:
    if not (folder / BUILD).exists():
        return
    try:
        with closing(duckdb.connect(str(folder / BUILD), config={"autoinstall_known_extensions": "false"})) as build:
            is_wanted = _is_wanted(build, _REWRITING)
        if is_wanted:
            rewritten(folder)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"{folder / BUILD} may still hold what was removed from it: {error}; {_REMEDY}") from error


def rewritten(folder: Path) -> None:
    """Writes the build file anew: what was removed from a database stays legible in its free blocks otherwise.

    Nobody may have it open; needs as much room again while it works. The old file stays if it fails.
    """
    new = folder / f"{BUILD}.rewriting"
    new.unlink(missing_ok=True)
    with closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as connection:
        for file, options in ((folder / BUILD, " (read_only)"), (new, "")):
            name = "old" if options else "new"
            connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name}{options}")
        connection.execute("copy from database old to new")
        connection.execute("delete from new.ops.setting where key = ?", [_REWRITING])
        connection.execute("checkpoint new")
    new.chmod(0o600)
    new.replace(folder / BUILD)


def _want(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    connection.execute("delete from ops.setting where key = ?", [key])
    connection.execute("insert into ops.setting values (?, 'true')", [key])


def _is_wanted(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    return connection.execute("select 1 from ops.setting where key = ?", [key]).fetchone() is not None
