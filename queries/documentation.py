"""The metrics reference, generated from the headers of the queries: docs/metrics.md is never edited by hand."""

from itertools import groupby
from pathlib import Path

from queries import changelog
from queries.catalogue import Column, Param, Query, catalogue

FILE = Path(__file__).parents[1] / "docs" / "metrics.md"
_ACCESS = {
    "all": "everybody who may log in",
    "faculty": "everybody, for the units they may see",
    "university": "those who may see the whole university",
    "rse": "those who run the sandbox",
    "self": "everybody, for their own use alone",
}
_INTRO = """\
# Metrics

Generated from the headers in `queries/metrics/` by `python -m queries docs --write`; a test keeps it current.

- Ranges are `[start, end)` in local days. Money is before tax and exact (`decimal`); an empty value is unknown, not 0.
- *Metered* is the gateway's estimate per request; *effective* comes from invoices, spread over the days they pay for.
- A unit stands for itself and everything below it; the root is the whole university.
- A column of unit `persons` counts people: fewer than the configured minimum are hidden, and enough of their siblings
  that they can't be had by subtraction.
- One query from the command line: `python -m queries run NAME --param start=2026-10-01 --param end=2026-11-01`.
"""


def reference() -> str:
    """The whole of docs/metrics.md: an index, then one section an area and one entry a metric."""
    areas = [(area, list(group)) for area, group in groupby(catalogue().values(), lambda q: q.area)]
    return "\n".join([_INTRO, *_index(areas), *(line for _, group in areas for line in _area(group))])


def is_current() -> bool:
    """Whether docs/metrics.md says what the headers say, and the changelog knows of every change of them."""
    return FILE.is_file() and FILE.read_text("utf-8") == reference() and changelog.is_current()


def write() -> Path:
    """Path of docs/metrics.md, written anew; the changelog of definitions is brought up to date with it."""
    changelog.write()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(reference(), "utf-8")
    return FILE


def described(query: Query) -> list[str]:
    """Lines of Markdown for one metric: what it means, who may read it, its parameters and columns."""
    lines = [f"### {query.name}: {query.title}", "", query.about, "", f"- Rows: {query.grain}"]
    lines.append(f"- For: {_ACCESS[query.access]}")
    lines += [f"- {line}" for line in _privacy(query)]
    if query.params:
        lines += ["", "| parameter | type | meaning |", "|---|---|---|", *map(_param, query.params)]
    return [*lines, "", "| column | type | unit | meaning |", "|---|---|---|---|", *map(_column, query.columns), ""]


def _index(areas: list[tuple[str, list[Query]]]) -> list[str]:
    names = [(area, ", ".join(f"`{q.name.removeprefix(area + '/')}`" for q in group)) for area, group in areas]
    return ["| area | metrics |", "|---|---|", *(f"| {area} | {listed} |" for area, listed in names), ""]


def _area(group: list[Query]) -> list[str]:
    return [f"## {group[0].area}", "", *(line for query in group for line in described(query))]


def _privacy(query: Query) -> list[str]:
    lines = []
    if query.person_columns:
        named = ", ".join(f"`{c}`" for c in query.person_columns)
        lines.append(f"Hidden in small groups, else in steps: {named}")
    lines += [f"`{column}` is hidden with `{source}`" for column, source in query.derived]
    return lines


def _param(param: Param) -> str:
    default = f" (default {param.default})" if param.default is not None else ""
    return f"| `{param.name}` | {param.type} | {param.about}{default} |"


def _column(column: Column) -> str:
    return f"| `{column.name}` | {column.type} | {column.unit} | {column.about} |"
