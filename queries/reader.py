"""The only read door: runs a described query within a viewer's scope and hides small groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from queries.catalogue import BOUND, Query, query
from queries.errors import ParameterError, ScopeError
from queries.plan_answer import Asked, Holder, Study
from queries.plan_study import People, PlanStudies
from queries.small_groups import SmallGroups
from queries.suppression import suppressed
from queries.warehouse import Snapshot, Warehouse, sql

Value = str | int | date | Decimal | Sequence[str]
_RIGHTS = {"all": 0, "faculty": 1, "university": 2, "rse": 3}
_SIGN_IN = sql("sign_in")


@dataclass(frozen=True)
class Scope:
    """What a viewer may see: the units (with everything below them), the highest kind of query, and their own use.

    No null-means-all: an empty list of units sees nothing, and without a person nobody's own use is seen.
    """

    units: tuple[str, ...]
    access: str = "faculty"
    person: int | None = None

    def allows(self, access: str) -> bool:
        """Whether a query that needs this access may be asked; `self` needs a person and nothing else."""
        if access == "self":
            return self.person is not None
        return _RIGHTS[access] <= _RIGHTS[self.access]


@dataclass(frozen=True)
class Answer:
    """A query's rows (Arrow, declared columns in order), the data version they come from, and what was hidden.

    In a column of unit `persons` a hidden cell is null and stands in `hidden` as (row, column). Other counts of persons
    come in steps (queries/suppression.py).
    """

    query: Query
    rows: pa.Table
    version: str
    hidden: frozenset[tuple[int, str]]


class Reader:
    """Runs queries on the current snapshot; one per process, safe to use from many threads."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._studies = PlanStudies()
        self._groups = SmallGroups()

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
            if asked.access == "self":  # one's own figures are hidden from nobody who may see them
                own = snapshot.rows(asked.sql, values | {"person": scope.person})
                return Answer(asked, own, snapshot.version, frozenset())
            rows = snapshot.rows(asked.sql, values)
            shown, hidden = suppressed(rows, asked, self._groups.rules(snapshot), values)
            return Answer(asked, shown, snapshot.version, hidden)

    def plan_study(
        self, scope: Scope, *, units: Sequence[str], start: date, end: date, asked: Asked, role: str | None = None
    ) -> Study:
        """Seats against use for the people of the first of `units`: aggregates, small groups hidden (plans.md).

        `start` is the first day of a month, `end` the day after another's last. Raises ScopeError where the viewer may
        not see the university's plans or that unit.
        """
        with self._warehouse.snapshot() as snapshot:
            unit = _plans_of(scope, snapshot, units)
            people = People(snapshot, self._groups.rules(snapshot), unit, start, end, role or "")
            return self._studies.study(people, asked)

    def plan_holders(
        self,
        scope: Scope,
        rights: Collection[str],
        *,
        units: Sequence[str],
        start: date,
        end: date,
        asked: Asked,
        role: str | None = None,
    ) -> tuple[Holder, ...]:
        """For whom the mix of such a study has a seat, one line per person in the order of their numbers, unnumbered.

        Raises ScopeError where plan_study does, and for who hasn't got the right 'persons'.
        """  # fmt: skip
        if "persons" not in rights:
            raise ScopeError("a list of persons needs the right 'persons'")
        with self._warehouse.snapshot() as snapshot:
            unit = _plans_of(scope, snapshot, units)
            people = People(snapshot, self._groups.rules(snapshot), unit, start, end, role or "")
            return self._studies.holders(people, asked)

    def person_of(self, marks: Sequence[str]) -> int | None:
        """The person of the first of these marks of a sign-in (queries.keyed) that is known; None for nobody."""
        with self._warehouse.snapshot() as snapshot:
            found = {
                row["mark"]: row["person_no"] for row in snapshot.rows(_SIGN_IN, {"marks": list(marks)}).to_pylist()
            }
        return next((int(found[mark]) for mark in marks if mark in found), None)


def _plans_of(scope: Scope, snapshot: Snapshot, units: Sequence[str]) -> str:
    """The first of the units that the viewer may see. Raises ScopeError."""
    if not scope.allows("university"):
        raise ScopeError("the study of plans needs the access 'university'")
    seen = [u for u in units if u in snapshot.units_below(scope.units)]
    if not seen:
        raise ScopeError(f"the study of plans needs a unit of the viewer's; asked for {', '.join(units)}")
    return seen[0]


def _bound(asked: Query, given: Mapping[str, Value]) -> dict[str, object]:
    declared = {p.name: p for p in asked.params if p.name not in BOUND}
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
