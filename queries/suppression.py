"""What of an answer may be shown: counts of persons in steps, none that are small, no figures of a few persons.

Counts of persons are given in steps of `minimum`: each value by a rule of its unit that never changes and that nobody
who reads knows (random rounding with fixed thresholds, as statistical offices do). Two exact counts over free windows
always differ by the count of a group of any size; two stepped ones don't. Why, and what it is worth:
docs/adr/0005-small-groups.md.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from queries.catalogue import Query
from queries.digits import shortened
from queries.left_out import without_closed

Cell = tuple[int, str]
Cells = frozenset[tuple[str, str]]
Numbers = NDArray[Any]
SMALL_UNIT = 2  # a unit with fewer persons in its whole history than this many minimums shows no count at all
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_PARTED = ("role", "channel", "model", "member", "active_days", "cohort_week", "bucket_from_czk")


@dataclass(frozen=True)
class Rules:
    """What decides, independent of any question: see queries/closed.py for `closed` ({breakdown: (unit, member)})."""

    minimum: int
    root: str
    key: bytes = b""
    closed: Mapping[str, Cells] = field(default_factory=dict)


def suppressed(
    rows: pa.Table, query: Query, rules: Rules, values: Mapping[str, object] | None = None
) -> tuple[pa.Table, frozenset[Cell]]:
    """`rows` as they may be shown, and the hidden cells as (row, column).

    A small count c > 0 is null and hidden, as is any count of a unit of very few; others come in steps of the minimum.
    What is computed from a count follows it (header: `derived`). Rows of amounts that a few persons caused are left
    out.
    """
    if rules.minimum <= 1:  # no configuration allows it; tests of figures do
        return rows, frozenset()
    rows = without_closed(rows, query, rules.closed, values or {}, rules.root)
    if not query.person_columns or not rows.num_rows:
        return rows, frozenset()
    exact = {column: rows.column(column) for column in query.person_columns}
    counts = {column: _counts(cells) for column, cells in exact.items()}
    seeds, shut = _seeds(rows, rules), _of_small_units(rows, rules)
    small = {
        name: ~is_null & (shut | _is_hidden(n, seeds, rules.minimum, is_part=_is_part(query, name)))
        for name, (n, is_null) in counts.items()
    }
    if query.is_empty_left_out and (gone := np.logical_and.reduce([*small.values()])).any():
        # where rows of nobody are left out, those that are all hidden would tell of somebody
        return suppressed(rows.filter(pa.array(~gone)), query, rules, values)
    hidden: set[Cell] = set()
    for column, (n, is_null) in counts.items():
        shown = stepped(n, seeds, rules.minimum)
        rows = _put(rows, column, pa.array(shown, pa.int64(), mask=is_null | small[column]))
        hidden.update(zip(np.flatnonzero(small[column]).tolist(), repeat(column)))
    for column, source in query.derived:
        rows, gone_with_it = _follow(rows, query, (column, source), exact[source])
        hidden |= {(row, column) for row in gone_with_it}
    return rows, frozenset(hidden)


def shown_count(count: int, unit: str, rules: Rules, *, is_part: bool = False) -> int | None:
    """One count of persons of a unit (or of a part of them) as every answer shows it; None: hidden."""
    if rules.minimum <= 1:
        return count
    n, seeds = np.array([count]), np.array([_seed(rules.key, unit)], np.uint64)
    is_shut = any(shut == unit for shut, _ in rules.closed.get("home", ()))
    if is_shut or _is_hidden(n, seeds, rules.minimum, is_part=is_part)[0]:
        return None
    return int(stepped(n, seeds, rules.minimum)[0])


def _is_hidden(counts: Numbers, seeds: Numbers, minimum: int, *, is_part: bool) -> Numbers:
    """Which counts are too small; of a part of a unit's people it is not told either that they are none."""
    hidden: Numbers = (counts < thresholds(seeds, minimum)) & ((counts > 0) | is_part)
    return hidden


def stepped(counts: Numbers, seeds: Numbers, step: int) -> Numbers:
    """Counts as multiples of `step`, up or down by a threshold of their seed and stretch; multiples stay themselves.

    The same count of one seed always gives the same multiple, a larger count never a smaller one; on average over the
    thresholds the value is the count.
    """
    stretch, rest = np.divmod(counts, step)
    lifted: Numbers = (stretch + ((rest > _drawn(seeds, stretch, step)) & (stretch > 0))) * step
    return lifted


def thresholds(seeds: Numbers, minimum: int) -> Numbers:
    """From which count on a unit's are shown: from `minimum` to less than three times that, mostly near `minimum`.

    Nobody knows the most that a hidden one can be: knowing it, four hidden parts of a hidden whole below 5 would be one
    person each.
    """
    one, other = (_drawn(seeds, np.full(len(seeds), n, np.int64), 2 * minimum) for n in (-1, -2))
    least: Numbers = minimum + np.minimum(one, other)
    return least


def _drawn(seeds: Numbers, stretch: Numbers, sides: int) -> Numbers:
    """A number from 0 to sides - 1 per seed and stretch, always the same (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = seeds + (stretch.astype(np.uint64) + np.uint64(3)) * _GOLDEN
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed = mixed ^ (mixed >> np.uint64(31))
    drawn: Numbers = (mixed % np.uint64(sides)).astype(np.int64)
    return drawn


def _counts(column: pa.ChunkedArray) -> tuple[Numbers, Numbers]:
    is_null = pc.is_null(column).to_numpy()
    return pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy().astype(np.int64), is_null


def _of_small_units(rows: pa.Table, rules: Rules) -> Numbers:
    """Rows of units that so few persons ever belonged to that no count of theirs is shown, not even that it is 0."""
    closed = {unit for unit, _ in rules.closed.get("home", frozenset())}
    if not closed or "unit" not in rows.column_names:
        return np.zeros(rows.num_rows, bool)
    return _mapped(rows.column("unit"), lambda unit: unit in closed, bool)


def _is_part(query: Query, column: str) -> bool:
    """Whether the column counts some of a unit's people: of these it is not told either that they are none."""
    is_split = bool({*_PARTED} & {c.name for c in query.columns}) or "unit" in query.siblings
    return is_split or any(column in part for part in query.parts)


def _seeds(rows: pa.Table, rules: Rules) -> Numbers:
    """One number per row, by its unit, which is the university where none is named: a count has one step everywhere."""
    if "unit" not in rows.column_names:
        return np.full(rows.num_rows, _seed(rules.key, rules.root), np.uint64)
    return _mapped(rows.column("unit"), lambda name: _seed(rules.key, str(name)), np.uint64)


def _mapped(column: pa.ChunkedArray, function: Callable[[Any], object], kind: Any) -> Numbers:
    """The function of each value, asked once per distinct one."""
    encoded = pc.dictionary_encode(column, null_encoding="encode").unify_dictionaries()
    known = np.array([function(v) for v in encoded.chunk(0).dictionary.to_pylist()], kind)
    places = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in encoded.chunks])
    mapped: Numbers = known[places]
    return mapped


def _seed(key: bytes, name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), key=key[:64], digest_size=8).digest())


def _follow(rows: pa.Table, query: Query, pair: tuple[str, str], exact: pa.ChunkedArray) -> tuple[pa.Table, list[int]]:
    """The rows with the first of `pair` as it follows from the second as shown, and in which rows it went with it.

    Header `derived: column source`, and then `times` (the count as shown times what one is), `over` (the column named
    next, divided by the count as shown), `rest` (what the count leaves of a known whole; a further word names the
    column of the price of one), `digits` (an amount of these persons, in three digits) or nothing: as it is, hidden
    with the count.
    """
    column, source = pair
    how, _, named = query.scaled.get(pair, "").partition(" ")
    old, new = exact.to_pylist(), rows.column(source).to_pylist()
    given = rows.column(column).to_pylist()
    others = rows.column(named).to_pylist() if named else [1] * len(given)
    follows: Callable[..., Any] = _FOLLOWING.get(how, _as_it_is)
    made = [follows(v, b, n, o) for v, b, n, o in zip(given, old, new, others, strict=True)]
    gone = [row for row, (before, now) in enumerate(zip(old, new, strict=True)) if before is not None and now is None]
    for row in gone:
        made[row] = None
    return _put(rows, column, pa.array(made, rows.schema.field(column).type)), gone


def _as_it_is(value: Any, *_others: Any) -> Any:
    return value


def _rest(value: Any, before: int | None, now: int | None, price: Any) -> Any:
    """The known whole less the count as shown: less the count itself it would tell the count."""
    if value is None or before is None or now is None or price is None:
        return None
    return max(value + (before - now) * price, value * 0)


def _times(value: Any, before: int | None, now: int | None, _other: Any) -> Any:
    """What comes to a multiple, or a share. The last digits of a share would tell what it was multiplied with."""
    if value is None or not before or not now:
        return value
    return (
        _as_precise(value * now / before, value)
        if isinstance(value, Decimal)
        else float(f"{value * now / before:.12g}")
    )


def _over(value: Any, _before: int | None, now: int | None, whole: Any) -> Any:
    """Divided anew: the quotient of the count itself was rounded, and the rest of that would tell the count."""
    return value if value is None or whole is None or not now else _as_precise(whole / now, value)


def _digits(value: Any, *_others: Any) -> Any:
    return None if value is None else _as_precise(shortened(value), value)


def _as_precise(made: Decimal, value: Decimal) -> Decimal:
    return made.quantize(Decimal(1).scaleb(int(value.as_tuple().exponent)))


_FOLLOWING: dict[str, Callable[..., Any]] = {"times": _times, "over": _over, "rest": _rest, "digits": _digits}


def _put(rows: pa.Table, column: str, values: pa.Array) -> pa.Table:
    index = rows.schema.get_field_index(column)
    kind = rows.schema.field(index)
    return rows.set_column(index, kind, pc.cast(values, kind.type) if values.type != kind.type else values)
