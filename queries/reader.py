"""The only read door: runs a described query within a viewer's scope and hides small groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from queries.catalogue import Query, query
from queries.errors import ParameterError, ScopeError
from queries.suppression import suppressed
from queries.warehouse import Warehouse

Value = str | int | date | Decimal | Sequence[str]
_RIGHTS = {"all": 0, "faculty": 1, "university": 2, "rse": 3}


@dataclass(frozen=True)
class Scope:
    """What a viewer may see: the units (with everything below them) and the highest kind of query.

    No null-means-all: an empty list of units sees nothing.
    """

    units: tuple[str, ...]
    access: str = "faculty"

    def allows(self, access: str) -> bool:
        return _RIGHTS[access] <= _RIGHTS[self.access]


@dataclass(frozen=True)
class Answer:
    """A query's rows (Arrow, declared columns in order), the data version they come from, and what was hidden.

    In a column of unit `persons` a hidden cell is null and stands in `hidden` as (row, column).
    """

    query: Query
    rows: pa.Table
    version: str
    hidden: frozenset[tuple[int, str]]


class Reader:
    """Runs queries on the current snapshot; one per process, safe to use from many threads."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    @property
    def version(self) -> str:
        """Name of the current snapshot: the key of every cache above this door."""
        return self._warehouse.version()

    def run(self, name: str, scope: Scope, *, units: Sequence[str] = (), **params: Value) -> Answer:
        """Rows of query `name` for the asked `units` that `scope` covers.

        `units` is narrowed to the scope, never widened: a unit outside it gives no row. Raises UnknownQuery,
        ParameterError, ScopeError or WarehouseError.
        """
        asked = query(name)
        if not scope.allows(asked.access):
            raise ScopeError(f"{name} needs the access '{asked.access}'")
        with self._warehouse.snapshot() as snapshot:
            values = _bound(asked, params)
            if any(p.name == "units" for p in asked.params):
                values["units"] = sorted(set(units) & snapshot.units_below(scope.units))
            rows = snapshot.rows(asked.sql, values)
            shown, hidden = suppressed(rows, asked, snapshot.minimum_group, snapshot.root_unit)
            return Answer(asked, shown, snapshot.version, hidden)


def _bound(asked: Query, given: Mapping[str, Value]) -> dict[str, object]:
    declared = {p.name: p for p in asked.params if p.name != "units"}
    if unknown := set(given) - set(declared):
        known = ", ".join(declared) or "none"
        raise ParameterError(f"{asked.name}: unknown parameter {', '.join(sorted(unknown))}; known: {known}")
    values: dict[str, object] = {}
    for name, param in declared.items():
        value = given.get(name, param.default)
        if value is None:
            raise ParameterError(f"{asked.name}: parameter {name} ({param.type}) is missing: {param.about}")
        values[name] = _typed(f"{asked.name}: parameter {name}", param.type, value)
    return values


def _typed(where: str, kind: str, value: Value) -> object:
    try:
        match kind:
            case "date":
                return value if isinstance(value, date) else date.fromisoformat(str(value))
            case "integer":
                return int(str(value))
            case "decimal":
                number = Decimal(str(value))
                if not number.is_finite():
                    raise InvalidOperation
                return number
            case "list":
                return value.split(",") if isinstance(value, str) else [str(v) for v in value]  # type: ignore[union-attr]
            case _:
                return str(value)
    except (ValueError, InvalidOperation):
        raise ParameterError(f"{where} is {value!r}; expected {kind}") from None
