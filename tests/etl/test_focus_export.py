"""python -m etl focus: whole months of charges as a file, and what it refuses."""

import csv
from io import StringIO
from pathlib import Path

import pytest

from etl.__main__ import main
from tests.queries.synthetic import publish


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose storage holds a published snapshot."""
    folder = tmp_path_factory.mktemp("focus")
    publish(folder / "var", persons=40, days=100)
    file = folder / "config.toml"
    file.write_text('[storage]\nfolder = "var"\n', "utf-8")
    return file


def asked(config: Path, out: Path, start: str = "2026-10", end: str = "2026-11") -> int:
    return main(["--config", str(config), "focus", "--from", start, "--to", end, "--out", str(out)])


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file.read_text("utf-8"))))


def test_a_month_is_written_and_its_end_is_exclusive(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = config.parent / "charges.csv"
    assert asked(config, out) == 0
    rows = read(out)
    assert {row["BillingPeriodStart"] for row in rows} == {"2026-10-01T00:00:00Z"}
    assert capsys.readouterr().out == f"{out}: {len(rows)} rows, FOCUS 1.0\n"
    both = config.parent / "both.csv"
    assert asked(config, both, "2026-09") == 0
    assert len(read(both)) > len(rows) > 5


@pytest.mark.parametrize(
    ("out", "end", "said"),
    [("charges.xlsx", "2026-11", "unknown ending '.xlsx'; known: .csv, .parquet"),
     ("charges.csv", "2026-10", "--to 2026-10 must be after --from 2026-10; it is exclusive")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], out: str, end: str, said: str
) -> None:
    assert asked(config, config.parent / out, end=end) != 0
    assert said in capsys.readouterr().err
    assert not (config.parent / "charges.xlsx").exists()


def test_a_month_that_is_none_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked(config, config.parent / "charges.csv", "2026-13")
    assert "'2026-13' is not a month like 2026-10" in capsys.readouterr().err
