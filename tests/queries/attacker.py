"""Somebody who asks everything a role may ask and solves what the answers say together.

What is known of each count are bounds (exact where it is shown exactly); `solved` narrows them by everything that must
hold between counts until nothing moves: units over the units below them, windows within windows, unions and overlaps of
windows, and what the counts of behaviour mean in counts of windows. `determined` is for exact amounts: which unknowns a
system of equations fixes, by elimination over the rationals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Term = tuple[int, object]  # factor and name of an unknown
BIG = 10**9


@dataclass(frozen=True)
class Relation:
    """The sum of factor * unknown lies within [low, high]."""

    terms: tuple[Term, ...]
    low: int = 0
    high: int = 0


def solved(
    known: Mapping[Any, tuple[int, int]], relations: Sequence[Relation], rounds: int = 60
) -> dict[Any, tuple[int, int]]:
    """Bounds of every unknown after all relations have been used until nothing changes. Raises if they contradict."""
    bounds = {name: (0, BIG) for relation in relations for _, name in relation.terms} | dict(known)
    for _ in range(rounds):
        if not sum([_narrow(bounds, relation) for relation in relations]):
            break
    assert all(low <= high for low, high in bounds.values()), "the attacker's equations are wrong"
    return bounds


def _narrow(bounds: dict[object, tuple[int, int]], relation: Relation) -> bool:
    ends = [sorted((f * bounds[name][0], f * bounds[name][1])) for f, name in relation.terms]
    lowest, highest = sum(low for low, _ in ends), sum(high for _, high in ends)
    is_changed = False
    for (factor, name), (low, high) in zip(relation.terms, ends, strict=True):
        least, most = relation.low - (highest - high), relation.high - (lowest - low)
        if factor < 0:
            least, most = -most, -least
        size = abs(factor)
        old = bounds[name]
        new = max(old[0], -(-least // size)), min(old[1], most // size)
        if new != old:
            bounds[name] = new
            is_changed = True
    return is_changed


def determined(equations: Sequence[Mapping[object, int]]) -> set[object]:
    """The unknowns that homogeneous equations (what is known taken to the other side) leave no freedom to."""
    solved_rows: dict[object, dict[object, Fraction]] = {}
    for equation in equations:
        row = {name: Fraction(f) for name, f in equation.items() if f}
        for name in [n for n in row if n in solved_rows]:
            row = _minus(row, solved_rows[name], row[name])
        if row:
            pivot, first = next(iter(row.items()))
            row = {name: f / first for name, f in row.items()}
            solved_rows = {n: _minus(o, row, o[pivot]) if pivot in o else o for n, o in solved_rows.items()}
            solved_rows[pivot] = row
    return {name for name, row in solved_rows.items() if len(row) == 1}


def _minus(
    row: Mapping[object, Fraction], other: Mapping[object, Fraction], factor: Fraction
) -> dict[object, Fraction]:
    left = dict(row)
    for name, f in other.items():
        left[name] = left.get(name, Fraction(0)) - factor * f
    return {name: f for name, f in left.items() if f}
