"""Pages of a cost API, as fetched or as saved to a file: all of them, or an error."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from etl.errors import InputError
from etl.sources.fields import Cell, Row, shown
from etl.sources.invoices.line import SOURCE
from etl.sources.sheets import decoded


@dataclass(frozen=True)
class Bucket:
    """One day of a cost report: the row of its own fields, and one row for each of its results."""

    day: Row
    results: tuple[Row, ...]


def saved(name: str, raw: bytes) -> list[Any]:
    """The pages in a file: one answer, a list of answers, or one answer a line. Numbers are int or Decimal, exact."""
    text = decoded(SOURCE, name, raw).strip()
    parts = [text]
    try:
        found = _parsed(text)
    except json.JSONDecodeError as error:
        parts = text.splitlines()
        if len(parts) < 2 or not all(p.lstrip().startswith("{") for p in parts if p.strip()):
            _broken(name, error)
        try:
            found = [_parsed(p) for p in parts if p.strip()]
        except json.JSONDecodeError as wrong:
            _broken(name, wrong)
    return found if isinstance(found, list) else [found]


def require_whole(name: str, pages: list[Any]) -> None:
    """Nothing when the pages are a whole report; InputError when the last says that there are more, or one is odd."""
    for number, page in enumerate(pages, 1):
        if (more := page.get("has_more")) is not (number < len(pages)):
            wanted = "true (another page follows in this file)" if number < len(pages) else "false: save every page"
            raise InputError(SOURCE, f"{name} page {number} of {len(pages)}, has_more", shown(more), wanted)


def buckets(name: str, pages: list[Any]) -> Iterator[Bucket]:
    """Each day of the report with its results, in order; refuses what is not a list of buckets of results."""
    for number, page in enumerate(pages, 1):
        for index, bucket in enumerate(_objects(page, "data", f"{name} page {number}")):
            place = f"{name} page {number}, data[{index}]"
            results = _objects(bucket, "results", place)
            rows = tuple(_row(f"{place}.results[{i}]", result) for i, result in enumerate(results))
            yield Bucket(_row(place, bucket), rows)


def names_in(value: Any) -> set[str]:
    """Every field name of a JSON answer, looking into the first element of each list."""
    if isinstance(value, list):
        return names_in(value[0]) if value else set()
    if isinstance(value, dict):
        return set(value).union(*(names_in(v) for v in value.values()))
    return set()


def _objects(holder: Any, field: str, place: str) -> list[dict[str, Any]]:
    found = holder.get(field)
    if not isinstance(found, list) or not all(isinstance(o, dict) for o in found):
        raise InputError(SOURCE, f"{place}, {field}", shown(found), "a list of objects")
    return found


def _row(place: str, fields: dict[str, Any]) -> Row:
    """The fields that are plain values, and those of objects within as `outer.inner`."""
    cells: dict[str, Cell] = {}
    for name, value in fields.items():
        inner = {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
        cells.update({k: v for k, v in inner.items() if not isinstance(v, dict | list)})
    return Row(SOURCE, place, cells)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, a list nested without end
        raise json.JSONDecodeError(type(error).__name__, text[:1], 0) from None


def _refused(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no number", constant, 0)


def _broken(name: str, error: json.JSONDecodeError) -> NoReturn:
    raise InputError(SOURCE, f"{name} line {error.lineno}", error.msg, "well-formed JSON") from None
