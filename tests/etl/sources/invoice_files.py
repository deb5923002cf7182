"""Builders of invoice files for tests: write a file, read it as the folder does."""

import json
from pathlib import Path
from typing import Any

from etl.sections import ColumnMapping
from etl.sources.invoices.folder import InvoiceFolder

NOVEMBER_1 = 1793491200  # 2026-11-01T00:00:00Z
DAY = 86_400


def rows_of(folder: Path, name: str, content: str | bytes, *mappings: ColumnMapping) -> list[dict[str, Any]]:
    """The invoice lines of one file of this content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [row for batch in InvoiceFolder(folder, mappings).read(path) for row in batch.to_pylist()]


def openai_page(*days: list[dict[str, Any]], start: int = NOVEMBER_1, more: str | None = None) -> dict[str, Any]:
    """One answer of OpenAI's costs API: a bucket a day with the given results."""
    data = [
        {"object": "bucket", "start_time": start + i * DAY, "end_time": start + (i + 1) * DAY, "results": results}
        for i, results in enumerate(days)
    ]
    return {"object": "page", "data": data, "has_more": more is not None, "next_page": more}


def openai_result(
    value: Any = 0.06, item: str | None = "gpt-5.5, input", project: str | None = "proj_a"
) -> dict[str, Any]:
    """One result of a bucket of OpenAI's costs API."""
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": item, "project_id": project}


def anthropic_page(*days: list[dict[str, Any]], more: str | None = None) -> dict[str, Any]:
    """One answer of Anthropic's cost report: a bucket a day from 2026-11-01 with the given results."""
    data = [
        {
            "starting_at": f"2026-11-{i + 1:02}T00:00:00Z",
            "ending_at": f"2026-11-{i + 2:02}T00:00:00Z",
            "results": results,
        }
        for i, results in enumerate(days)
    ]
    return {"data": data, "has_more": more is not None, "next_page": more}


def anthropic_result(amount: str = "123.45", **fields: Any) -> dict[str, Any]:
    """One result of a bucket of Anthropic's cost report; the amount is in cents."""
    usual = {"currency": "USD", "workspace_id": None, "description": "Claude Opus 5 Usage", "model": "claude-opus-5"}
    return {"amount": amount, **usual, **fields}


def as_json(value: Any) -> str:
    """The JSON text."""
    return json.dumps(value)
