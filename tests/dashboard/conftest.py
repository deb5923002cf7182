"""A made-up university and an app that shows it, at a fixed time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import UsageDash, create_app
from dashboard.language import speaking
from dashboard.options import Options
from queries.reader import Reader
from queries.warehouse import Warehouse
from tests.queries.synthetic import publish

NOW = datetime(2026, 11, 23, 6, 0)


@pytest.fixture(scope="session")
def university(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published snapshot of 600 made-up persons over 400 days up to 2026-11-22."""
    folder = tmp_path_factory.mktemp("university")
    publish(folder, persons=600)
    return folder


@pytest.fixture(scope="session")
def reader(university: Path) -> Reader:
    """The one reader of the university: a snapshot is opened once in a process."""
    return Reader(Warehouse(university))


@pytest.fixture
def make_app(university: Path, reader: Reader) -> Callable[..., UsageDash]:
    """A function that makes an app of the university; another folder, options and the present instant can be given."""

    def make(folder: Path | None = None, *, now: datetime = NOW, **options: Any) -> UsageDash:
        given = Reader(Warehouse(folder)) if folder else reader
        return create_app(Options(folder or university, **options), given, clock=lambda: now)

    return make


@pytest.fixture
def client(make_app: Callable[..., UsageDash]) -> FlaskClient:
    """A client of the app as it comes."""
    return make_app().server.test_client()


@pytest.fixture
def in_czech() -> Iterator[None]:
    """Everything within the test is said in Czech."""
    with speaking("cs"):
        yield
