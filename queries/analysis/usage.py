"""What each person used in each month, as whole numbers in arrays: what every plan is weighed against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
NANO = 10**9


@dataclass(frozen=True, eq=False)
class Usage:
    """Arrays of shape (months, rows): metered cost in thousand-millionths of a US dollar, billed tokens, messages.

    A row is a person, or `weights[row]` persons of equal use. Rows stand in order of falling cost, so nothing computed
    from them depends on the order in which they came. Made by `usage_of`.
    """

    months: tuple[date, ...]
    nano_usd: Ints
    tokens: Ints
    messages: Ints
    weights: Ints
    places: Ints | None = None  # of single persons: where each stood in what the usage was made of

    @property
    def persons(self) -> int:
        """Persons that the rows stand for."""
        return int(self.weights.sum())

    @cached_property
    def totals(self) -> Ints:
        """Cost of each row's person over all months."""
        return np.asarray(self.nano_usd.sum(axis=0))

    @cached_property
    def base(self) -> int:
        """Cost of everybody over all months: everything by use."""
        return int((self.totals * self.weights).sum())

    @cached_property
    def billable(self) -> Ints:
        """The cost with months below zero (corrections) as nothing: a seat can't include less than nothing."""
        return np.asarray(np.maximum(self.nano_usd, 0)) if self.has_negative else self.nano_usd

    @cached_property
    def has_negative(self) -> bool:
        """True where some month of some person costs less than nothing."""
        return bool(self.nano_usd.size and self.nano_usd.min() < 0)

    @cached_property
    def peaks(self) -> Ints:
        """The dearest month of each row's person."""
        return np.asarray(self.billable.max(axis=0, initial=0))

    @cached_property
    def wordiest(self) -> Ints:
        """The most messages that each row's person wrote in a month."""
        return np.asarray(self.messages.max(axis=0, initial=0))

    @cached_property
    def kept(self) -> dict[tuple[Any, ...], Ints]:
        """A few results per row that don't depend on the weights (overage under the last plans)."""
        return {}

    @cached_property
    def running(self) -> Ints:
        """Billable use in each month of the first 0, 1, 2, ... rows."""
        summed = np.zeros((len(self.months), len(self.weights) + 1), dtype=np.int64)
        np.cumsum(self.billable * self.weights, axis=1, out=summed[:, 1:])
        return summed

    @cached_property
    def all_tokens(self) -> int:
        """Billed tokens of everybody."""
        return int((self.tokens.sum(axis=0) * self.weights).sum())

    @cached_property
    def all_messages(self) -> int:
        """Messages of everybody."""
        return int((self.messages.sum(axis=0) * self.weights).sum())

    def with_persons(self, persons: int) -> "Usage":
        """The same mix of people, `persons` of them: everybody stands for more or fewer, the rounding spread evenly."""
        if not self.persons or persons == self.persons:
            return self
        whole = (np.cumsum(self.weights) * persons * 2 + self.persons) // (self.persons * 2)
        other = Usage(self.months, self.nano_usd, self.tokens, self.messages, np.diff(whole, prepend=0))
        for name in ("totals", "billable", "has_negative", "peaks", "wordiest", "kept"):  # the same for any number
            other.__dict__[name] = getattr(self, name)
        return other

    def told_of(self, persons: int, group: int) -> "Usage":
        """The same use, to the last nano-dollar, as if so many people had caused it, `group` of them alike.

        Groups are neighbours in order of their cost. Each of a group uses in their dearest month what its people did in
        theirs on average, and so on: a mean of each month would take away the months above what a seat includes. The
        two groups who used least are those who become more or fewer. For rows of single persons; `persons` is less than
        a group away from their number.
        """
        if group <= 1 or persons < 1:
            return self
        first = max(persons // group - 2, 0) * group
        arrays = [self.nano_usd, self.tokens, self.messages]
        dear = _alike([a[:, :first].reshape(len(a), -1, group) for a in arrays], group)
        others = _alike([a[:, None, first:] for a in arrays], persons - first)
        return _in_order(self.months, *(np.hstack(both) for both in zip(dear, others, strict=True)))

    def thinned(self, rows: int) -> "Usage":
        """At most about `rows` rows: the dearest half of them as they are, the others as means of neighbours.

        Sums are kept but for the rounding of the means. For what is repeated hundreds of times.
        """
        if len(self.weights) <= rows:
            return self
        key = f"thinned_{rows}"
        if key not in self.__dict__:
            self.__dict__[key] = self._thinned(rows)
        kept: Usage = self.__dict__[key]
        return kept

    def _thinned(self, rows: int) -> "Usage":
        count, single = len(self.weights), rows // 2
        starts = np.concatenate([np.arange(single), np.linspace(single, count, rows - single, endpoint=False)])
        starts = starts.astype(np.int64)
        weights = np.add.reduceat(self.weights, starts)
        nano, tokens, messages = (
            np.add.reduceat(values * self.weights, starts, axis=1) // np.maximum(weights, 1)
            for values in (self.nano_usd, self.tokens, self.messages)
        )
        return Usage(self.months, nano, tokens, messages, weights)

    def of_months(self, chosen: Sequence[int]) -> "Usage":
        """The same rows, in the same order, in some of the months only."""
        picked = list(chosen)
        months = tuple(self.months[i] for i in picked)
        return Usage(months, self.nano_usd[picked], self.tokens[picked], self.messages[picked], self.weights)


def usage_of(months: Sequence[date], nano_usd: Ints, tokens: Ints, messages: Ints) -> Usage:
    """Usage of persons given as arrays (months, persons) in any order; who wrote no message is left out.

    Raises ValueError where the shapes differ.
    """
    shape = (len(months), nano_usd.shape[1] if nano_usd.ndim == 2 else -1)
    if any(a.shape != shape for a in (nano_usd, tokens, messages)):
        found = ", ".join(str(a.shape) for a in (nano_usd, tokens, messages))
        raise ValueError(f"usage of {len(months)} months is given as arrays of {found}; expected (months, persons)")
    kept = np.flatnonzero(messages.sum(axis=0) > 0)
    return _in_order(months, nano_usd[:, kept], tokens[:, kept], messages[:, kept], kept)


def _in_order(
    months: Sequence[date], nano_usd: Ints, tokens: Ints, messages: Ints, places: Ints | None = None
) -> Usage:
    order = np.lexsort((*messages, *tokens, *nano_usd, -nano_usd.sum(axis=0)))
    cost, read, written = (np.ascontiguousarray(a[:, order], dtype=np.int64) for a in (nano_usd, tokens, messages))
    weights = np.ones(len(order), dtype=np.int64)
    return Usage(tuple(months), cost, read, written, weights, None if places is None else places[order])


def _alike(arrays: Sequence[Ints], size: int) -> list[Ints]:
    """(months, groups, people) as (months, groups x size): of each group so many people alike, its sums kept.

    The first array is the cost, whose order of months the others follow.
    """
    order = np.argsort(-arrays[0], axis=0, kind="stable")
    together = [np.take_along_axis(a, order, axis=0).sum(axis=2) for a in arrays]
    each = [_spread_evenly(sums, size) for sums in together]
    months = _months_of(each[0], arrays[0].sum(axis=2))
    placed = [np.zeros_like(values) for values in each]
    for made, values in zip(placed, each, strict=True):
        np.put_along_axis(made, months, values, axis=0)
    return [made.reshape(len(made), -1) for made in placed]


def _months_of(ranked: Ints, wanted: Ints) -> Ints:
    """In which month each of (ranks, groups, people) falls, so that the months of a group come to about `wanted`.

    The dearest are placed first, each where most is still wanted and the person has nothing yet.
    """
    months, left = np.zeros(ranked.shape, dtype=np.int64), wanted.copy()
    groups, is_taken = np.arange(ranked.shape[1]), np.zeros(ranked.shape, dtype=bool)
    for rank, person in np.ndindex(len(ranked), ranked.shape[2]):
        month = np.where(is_taken[:, :, person], np.iinfo(np.int64).min, left).argmax(axis=0)
        months[rank, :, person] = month
        is_taken[month, groups, person] = True
        left[month, groups] -= ranked[rank, :, person]
    return months


def _spread_evenly(amounts: Ints, size: int) -> Ints:
    """Arrays (..., size) of whole parts that add up to the amounts."""
    whole, rest = np.divmod(amounts, size)
    return np.asarray(whole[..., None] + (np.arange(size) < rest[..., None]))


def times(values: Ints, share: int) -> Ints:
    """`values` x `share` / 1,000,000, rounded down, without overflow for shares up to a hundredfold."""
    whole, rest = np.divmod(values, 1_000_000)
    return np.asarray(whole * share + rest * share // 1_000_000)
