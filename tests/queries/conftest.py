"""One small synthetic university for the whole session."""

from pathlib import Path

import pytest

from tests.queries.synthetic import publish


@pytest.fixture(scope="session")
def synthetic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published snapshot of 120 made-up persons over 120 days up to 2026-11-22."""
    folder = tmp_path_factory.mktemp("synthetic")
    publish(folder, persons=120, days=120)
    return folder
