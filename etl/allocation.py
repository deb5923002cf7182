"""Divides booked invoice lines among units, exactly: units + what nobody can be charged with = the line, in haléře.

The cascade (docs/allocation.md): who owns the line pays it; else who used what it bills, by metered cost; else by
shares agreed in writing; else evenly among units agreed in writing; else it stays UNALLOCATED with the reason.
Everything is whole numbers and fractions; the result does not depend on the order of anything. Pure: no build, no
clock, no files.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import gcd, lcm

from etl.allocation_rules import Rules, first_fitting
from etl.allocation_scope import Charge, Scope, Used, claimed, days_words, scope_of
from etl.remainders import apportion, halers

UNALLOCATED = "UNALLOCATED"
NOT_METERED = "no metered use of it"
BEYOND = "billed above metered use: past the gateway, fees or cache prices"
CREDIT = "prepaid credit not used yet, or used past the gateway"
ELSEWHERE = "a project that is not the gateway's"
NO_RATE = "no rate of the US dollar to compare it with metered use"
NO_SEATS = "nobody known held a seat"

Place = tuple[str, str, str]  # unit, rule, basis
Deductible = Callable[[str, date], Fraction]
Holders = Mapping[str, Mapping[str, Fraction]]  # product -> unit -> how many seats


@dataclass(frozen=True)
class Part:
    """A share of a line that is for one charge; the weights of a line's parts add up to 1."""

    weight: Fraction
    charge: Charge


@dataclass(frozen=True)
class Line:
    """A booked line: net and VAT in haléře, and its net in USD to compare with metered cost (None: no rate)."""

    line_id: str
    document_id: str
    net: int
    vat: int
    usd: Fraction | None
    parts: tuple[Part, ...]
    is_deductible: bool = True
    is_credit: bool = False


@dataclass(frozen=True, order=True)
class Allocated:
    """What one unit gets of one line by one rule, in haléře. `weight` of `whole` is its share before rounding."""

    line_id: str
    document_id: str
    unit: str
    rule: str
    basis: str
    net: int
    vat: int
    non_deductible: int
    weight: int
    whole: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.weight, self.whole)


def allocate(
    lines: Iterable[Line], used: Sequence[Used], rules: Rules, deductible: Deductible, holders: Holders
) -> list[Allocated]:
    """Every line of one month divided, in order of line and unit. The parts of a line add up to it to the haléř.

    `used` is what was metered on the days the lines bill. Each use is held against the narrowest line it can be for
    (its key and model, its key, its model, its provider), so that no use explains two lines of a month. A unit whose
    part of a line is less than a haléř and gets none has no row.
    """
    ordered = sorted(lines, key=lambda line: (line.document_id, line.line_id))
    metered = _Metered(ordered, used, rules, holders)
    return [row for line in ordered for row in _divided(line, metered, deductible)]


def _divided(line: Line, metered: "_Metered", deductible: Deductible) -> Iterator[Allocated]:
    places, weights = metered.quotas(line)
    nets, vats = apportion(line.net, weights), apportion(line.vat, weights)
    whole, day = sum(weights), line.parts[0].charge.start
    for place, weight, net, vat in zip(places, weights, nets, vats, strict=True):
        if net or vat:
            share = deductible(place[0], day) if line.is_deductible else Fraction(0)
            lost = halers(vat * (1 - share)) if share else vat
            yield Allocated(line.line_id, line.document_id, *place, net, vat, lost, weight, whole)


class _Metered:
    """What one month's lines can be held against: scopes, what they bill, and the use claimed by each."""

    def __init__(self, lines: Sequence[Line], used: Sequence[Used], rules: Rules, holders: Holders) -> None:
        self._rules, self._holders = rules, holders
        self._known: dict[tuple[object, ...], _Quotas] = {}
        self._billed: defaultdict[Scope, Fraction] = defaultdict(Fraction)
        self._spans: defaultdict[Scope, set[tuple[date, date]]] = defaultdict(set)
        for line, charge, weight in ((n, p.charge, p.weight) for n in lines for p in n.parts):
            if self._owner(charge) is None or charge.key_no is not None:
                scope = self._scope(charge)
                self._spans[scope].add((charge.start, charge.end))
                self._billed[scope] += (line.usd or Fraction(0)) * weight
        self._used = claimed(self._spans, used)

    def quotas(self, line: Line) -> "_Quotas":
        """Places, and by which whole weights they share the line."""
        key = (line.parts, line.is_credit, line.usd is None)
        if key not in self._known:
            groups = [
                (part.weight * share, weights)
                for part in line.parts
                for share, weights in self._groups(line, part.charge)
            ]
            self._known[key] = _combined(groups)
        return self._known[key]

    def _groups(self, line: Line, charge: Charge) -> "_Groups":
        """Shares of the charge, adding up to 1, each with the places that have it."""
        if (owner := self._owner(charge)) is not None:
            return [(Fraction(1), {owner: 1})]
        if (seats := first_fitting(self._rules.seats, charge.said, charge.start)) is not None:
            held = self._holders.get(seats.product, {})
            shared = _whole_weights({(u, "seats", f"seats of {seats.product}"): n for u, n in held.items()})
            return [(Fraction(1), shared or self._rest(charge, NO_SEATS))]
        if self._is_by_use(charge):
            weights, measure = self._used[self._scope(charge)].best()
            shared = {(u, "use", f"{measure} of {self._of_use(charge)}"): w for u, w in weights.items()}
            return [(Fraction(1), shared or self._rest(charge, self._not_metered(charge)))]
        return self._by_metered(line, charge)

    def _by_metered(self, line: Line, charge: Charge) -> "_Groups":
        if charge.is_elsewhere or line.usd is None:
            return [(Fraction(1), self._rest(charge, ELSEWHERE if charge.is_elsewhere else NO_RATE))]
        scope = self._scope(charge)
        used = self._used[scope]
        explained = _explained(abs(self._billed[scope]), used.usd, self._rules.metered.tolerance)
        if not explained:
            return [(Fraction(1), self._rest(charge, self._not_metered(charge)))]
        shared = {(u, "metered", f"metered use of {self._of_use(charge)}"): pico for u, pico in used.pico.items()}
        left = [(1 - explained, self._rest(charge, CREDIT if line.is_credit else BEYOND))] if explained < 1 else []
        return [(explained, shared), *left]

    def _scope(self, charge: Charge) -> Scope:
        return scope_of(charge, is_common=self._is_by_use(charge))

    def _of_use(self, charge: Charge) -> str:
        """Of which use, in words that name no model: few people of the unit may use it, and all may read its bill."""
        return f"{charge.provider}, {self._days(charge)}"

    def _not_metered(self, charge: Charge) -> str:
        return f"{NOT_METERED}: {charge.words}, {self._days(charge)}"

    def _days(self, charge: Charge) -> str:
        return days_words(self._spans[self._scope(charge)])

    def _owner(self, charge: Charge) -> Place | None:
        if charge.unit is not None:
            return charge.unit, "owner", "named by the document"
        if charge.unknown_unit is not None:
            return UNALLOCATED, "unallocated", f"the document names {charge.unknown_unit}, which is no unit"
        if charge.key_unit is not None:
            return charge.key_unit, "key", "the unit's own key"
        rule = first_fitting(self._rules.owners, charge.said, charge.start)
        return (rule.unit, "owner", f"project {charge.project}" if charge.project else "agreed owner") if rule else None

    def _is_by_use(self, charge: Charge) -> bool:
        return charge.is_flat or first_fitting(self._rules.by_use, charge.said, charge.start) is not None

    def _rest(self, charge: Charge, reason: str) -> dict[Place, int]:
        """Who has what no owner or use accounts for: agreed shares, else evenly, else nobody for this reason."""
        if (agreed := first_fitting(self._rules.shares, charge.said, charge.start)) is not None:
            return _whole_weights({(u, "shares", "agreed shares"): s for u, s in agreed.shares.items()})
        if (even := first_fitting(self._rules.even, charge.said, charge.start)) is not None:
            return {(u, "even", f"evenly among {len(even.units)}"): 1 for u in even.units}
        return {(UNALLOCATED, "unallocated", reason): 1}


_Quotas = tuple[list[Place], list[int]]
_Groups = list[tuple[Fraction, Mapping[Place, int]]]


def _combined(groups: _Groups) -> _Quotas:
    """Places in order and whole weights, in lowest terms, for shares of a line that add up to 1."""
    sums = [sum(weights.values()) for _, weights in groups]
    common = lcm(*(share.denominator * whole for (share, _), whole in zip(groups, sums, strict=True)))
    found: defaultdict[Place, int] = defaultdict(int)
    for (share, weights), whole in zip(groups, sums, strict=True):
        factor = share.numerator * (common // (share.denominator * whole))
        for place, weight in weights.items():
            found[place] += weight * factor
    places = sorted(place for place, weight in found.items() if weight)
    divisor = gcd(*(found[place] for place in places))
    return places, [found[place] // divisor for place in places]


def _whole_weights(shares: Mapping[Place, Fraction]) -> dict[Place, int]:
    """The shares as whole numbers in the same proportion."""
    common = lcm(*(share.denominator for share in shares.values()))
    return {place: int(share * common) for place, share in shares.items()}


def _explained(billed: Fraction, metered: Fraction, tolerance: Fraction) -> Fraction:
    """The share of what was billed that metered use explains: all of it within the tolerance or above."""
    if metered <= 0:
        return Fraction(0)
    if metered >= billed * (1 - tolerance):
        return Fraction(1)
    return metered / billed
