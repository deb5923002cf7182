"""python -m etl focus: charges of whole months as a FOCUS file, from the published snapshot (docs/focus.md)."""

import argparse
from datetime import date
from pathlib import Path

from etl.errors import ConfigError
from etl.settings import Settings
from queries import focus
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse


def month(text: str) -> date:
    """The first day of a month written as 2026-10."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a month like 2026-10") from None


def export(settings: Settings, start: date, end: date, out: Path) -> int:
    """Writes the charges booked from month `start` up to, not including, `end`; gives the number of rows.

    The ending of `out` (.csv or .parquet) says which format. Raises ConfigError for another one, or an end that is
    not after the start.
    """
    kind = out.suffix.removeprefix(".").lower()
    if kind not in focus.FORMATS:
        raise ConfigError(f"--out {out}: unknown ending '{out.suffix}'; known: .{', .'.join(sorted(focus.FORMATS))}")
    if end <= start:
        raise ConfigError(f"--to {end:%Y-%m} must be after --from {start:%Y-%m}; it is exclusive")
    reader = Reader(Warehouse(settings.path(settings.storage.folder)))
    root = settings.university.root_unit
    table = focus.dataset(reader, Scope((root,), "rse"), _all_units(reader, root), start, end)
    out.write_bytes(focus.FORMATS[kind](table))
    return int(table.num_rows)


def _all_units(reader: Reader, root: str) -> list[str]:
    rows = reader.run("reference/units", Scope((root,), "rse")).rows.to_pylist()
    return [row["unit"] for row in rows]
