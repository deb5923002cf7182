"""A directory that has lost files or most of its rows is refused and its old rows stay, until somebody accepts it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.__main__ import FAILED, OK, main
from queries.warehouse import Build
from tests.conftest import TEST_SECRET

HEADER = "id,unit\n"
PEOPLE = HEADER + "".join(f"p{n}@cuni.cz,MFF\n" for n in range(40))
Etl = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration whose directory was loaded once."""
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    (tmp_path / "config.toml").write_text("", "utf-8")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "people.csv").write_text(PEOPLE, "utf-8")
    assert etl(tmp_path) == OK
    return tmp_path


def etl(folder: Path, *more: str) -> int:
    return main(["--config", str(folder / "config.toml"), "run", "directory", *more])


def people(folder: Path) -> int:
    build = Build(folder / "var")
    (held,) = build.connection.execute("select count(*) from person_unit").fetchone() or (0,)
    build.close()
    return int(held)


def removed(file: Path) -> None:
    file.unlink()


def unmounted(file: Path) -> None:
    file.unlink()
    file.parent.rmdir()


@pytest.mark.parametrize(
    "lose",
    [
        removed,
        unmounted,
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\xef\xbb\xbf\r\n"),
        lambda file: file.write_text(HEADER, "utf-8"),
        lambda file: file.write_text(PEOPLE[: len(PEOPLE) // 3].rpartition("\n")[0] + "\n", "utf-8"),
    ],
    ids=["removed", "unmounted", "empty", "blank", "header alone", "a third"],
)
def test_what_was_lost_is_named_the_old_rows_stay_and_it_can_be_accepted(
    lose: Callable[[Path], object], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lose(folder / "reference" / "people.csv")
    capsys.readouterr()
    assert etl(folder) == FAILED
    told = capsys.readouterr().out
    assert "people.csv: found 'no file, or nothing in it'" in told or "rows of person_unit: found" in told
    assert "etl run directory --accept-loss" in told
    assert people(folder) == 40
    assert etl(folder, "--accept-loss") == OK
    assert people(folder) < 20
    assert etl(folder) == OK


def test_some_who_leave_are_no_loss(folder: Path) -> None:
    (folder / "reference" / "people.csv").write_text(
        PEOPLE.replace("p1", "q1").replace("p39@cuni.cz,MFF\n", ""), "utf-8"
    )
    assert etl(folder) == OK
    assert people(folder) == 39


def test_a_file_put_back_is_taken_again(folder: Path) -> None:
    file = folder / "reference" / "people.csv"
    file.rename(folder / "elsewhere.csv")
    assert etl(folder) == FAILED
    (folder / "elsewhere.csv").rename(file)
    assert etl(folder) == OK
