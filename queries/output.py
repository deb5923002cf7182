"""An answer as bytes: an aligned table, CSV, JSON or Parquet. Decimals keep every digit; a hidden cell says so."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from queries.reader import Answer

FORMATS = ("table", "csv", "json", "parquet")
HIDDEN = "hidden"


def written(answer: Answer, form: str) -> bytes:
    """The answer in one of FORMATS. In Parquet a hidden cell is null, since the column stays a number."""
    match form:
        case "csv":
            return _csv(answer)
        case "json":
            return _json(answer)
        case "parquet":
            sink = pa.BufferOutputStream()
            pq.write_table(answer.rows, sink)
            return bytes(sink.getvalue().to_pybytes())
        case _:
            return _table(answer)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case datetime():
            return f"{value.isoformat()}Z"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _cells(answer: Answer) -> list[list[str]]:
    columns = [
        [HIDDEN if (row, name) in answer.hidden else _plain(value) for row, value in enumerate(column.to_pylist())]
        for name, column in zip(answer.rows.column_names, answer.rows.columns, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _csv(answer: Answer) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.rows.column_names)
    writer.writerows(_cells(answer))
    return text.getvalue().encode()


def _json(answer: Answer) -> bytes:
    """Rows as objects; decimals, days and instants are texts, so that no reader makes a float of money."""
    content = {
        "query": answer.query.name,
        "version": answer.version,
        "rows": answer.rows.to_pylist(),
        "hidden": [{"row": row, "column": column} for row, column in sorted(answer.hidden)],
    }
    return (json.dumps(content, default=_plain, ensure_ascii=False, indent=1) + "\n").encode()


def _table(answer: Answer) -> bytes:
    names, cells = answer.rows.column_names, _cells(answer)
    widths = [max(len(row[i]) for row in [names, *cells]) for i in range(len(names))]
    is_number = [
        pa.types.is_integer(t) or pa.types.is_decimal(t) or pa.types.is_floating(t) for t in answer.rows.schema.types
    ]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in [names, ["-" * width for width in widths], *cells]
    ]
    return ("\n".join(lines) + f"\n({len(cells)} rows, {answer.version})\n").encode()
