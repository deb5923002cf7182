"""Exact sums of amounts that are shown rounded: lines that add up to their total, changes that add up to the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Exact = Decimal | Fraction
CENT = Fraction(1, 100)


def booked(amounts: Sequence[Exact], unit: Fraction = CENT) -> list[Decimal]:
    """The amounts in whole `unit`s (hundredths), adding up to their rounded sum: each is rounded down and what is then
    missing goes to the largest remainders (the first of equal ones). None is off by a whole unit.
    """
    exact = [Fraction(a) / unit for a in amounts]
    down = [int(e // 1) for e in exact]
    missing = round(sum(exact, Fraction(0))) - sum(down)
    order = sorted(range(len(exact)), key=lambda i: (down[i] - exact[i], i))
    for i in order[: max(0, missing)]:
        down[i] += 1
    return [Decimal(n) * Decimal(unit.numerator) / Decimal(unit.denominator) for n in down]


@dataclass(frozen=True)
class Change:
    """Why a cost changed; volume + mix + price + without_tokens = after - before, exactly."""

    before: Fraction
    after: Fraction
    volume: Fraction
    mix: Fraction
    price: Fraction
    without_tokens: Fraction
    new: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def parts(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        return self.volume, self.mix, self.price, self.without_tokens


Used = Mapping[str, tuple[int, Decimal]]


def explained(before: Used, after: Used) -> Change:
    """The change of cost between two periods of {model: (tokens, cost)}, split into

    volume: more or fewer tokens at the old average price;
    mix: the new tokens at old prices, in the new shares instead of the old ones;
    price: the new tokens at new instead of old prices;
    without_tokens: cost of models that count no tokens in one period or the other, where no price can be told.

    A model that is new has no old price: it enters the mix at its new one. A model that is gone leaves by the mix.
    """
    old, new = _priced(before), _priced(after)
    loose = [_loose(after) - _loose(before), _cost(before), _cost(after)]
    old_tokens, new_tokens = _tokens(old), _tokens(new)
    old_cost, new_cost = _cost(old), _cost(new)
    at_old_prices = sum((Fraction(t) * _price(old.get(m, (t, c))) for m, (t, c) in new.items()), Fraction(0))
    grown = Fraction(new_tokens, old_tokens) * old_cost if old_tokens else new_cost
    mix = at_old_prices - grown if old_tokens and new_tokens else Fraction(0)
    price = new_cost - at_old_prices if old_tokens else Fraction(0)
    names = tuple(sorted(set(new) - set(old))), tuple(sorted(set(old) - set(new)))
    return Change(loose[1], loose[2], grown - old_cost, mix, price, loose[0], *names)


def _priced(used: Used) -> dict[str, tuple[int, Decimal]]:
    return {model: (tokens, cost) for model, (tokens, cost) in used.items() if tokens > 0}


def _loose(used: Used) -> Fraction:
    return sum((Fraction(cost) for tokens, cost in used.values() if tokens <= 0), Fraction(0))


def _tokens(used: Used) -> int:
    return sum(tokens for tokens, _cost_ in used.values())


def _cost(used: Used) -> Fraction:
    return sum((Fraction(cost) for _tokens_, cost in used.values()), Fraction(0))


def _price(used: tuple[int, Decimal]) -> Fraction:
    tokens, cost = used
    return Fraction(cost) / tokens
