"""What an invoice line can be held against: the metered use of its provider, model or key on its days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase
from fractions import Fraction

PICO = 10**12
Spans = Mapping["Scope", set[tuple[date, date]]]


@dataclass(frozen=True)
class Charge:
    """What a line, or a part of it, says it is for. Days are the provider's own (UTC), `end` exclusive."""

    provider: str
    start: date
    end: date
    model: str | None = None  # as counted, or a pattern; None: not stated
    project: str | None = None
    service: str | None = None
    category: str = "Usage"
    sku: str | None = None
    unit: str | None = None  # direct owner
    unknown_unit: str | None = None  # named as the owner, and no unit of the tree
    key_no: int | None = None  # gateway key
    key_unit: str | None = None  # unit that the key belongs to
    is_flat: bool = False  # paid whatever the use: shared by use, never compared with it
    is_elsewhere: bool = False  # a project that is not the gateway's: no metered use can be behind it

    @property
    def said(self) -> dict[str, str]:
        """What rules match on."""
        return {
            "provider": self.provider,
            "project": self.project or "",
            "model": self.model or "",
            "service": self.service or "",
            "category": self.category,
            "sku": self.sku or "",
        }

    @property
    def words(self) -> str:
        """What the charge is for, for people."""
        return f"{self.model} at {self.provider}" if self.model else self.provider


@dataclass(frozen=True)
class Scope:
    """Which uses a charge can be held against; what is None does not matter."""

    provider: str | None
    model: str | None
    key_no: int | None
    is_flat: bool = False
    is_elsewhere: bool = False
    is_common: bool = False  # shared by use without a comparison: others may be held against the same use

    @property
    def breadth(self) -> tuple[bool, bool, str, str]:
        """Narrower scopes first, then any total order."""
        return (self.key_no is None, self.model is None, repr(self.key_no), repr((self.provider, self.model)))

    def holds(self, used: "Used") -> bool:
        """Whether the use can be behind the charge, its day apart."""
        if self.is_elsewhere or (self.key_no is not None and self.key_no != used.key_no):
            return False
        is_model = self.model is None or fnmatchcase(used.model.lower(), self.model.lower())
        if self.is_flat and self.model is not None:  # a rented GPU: whatever name the gateway gives its provider
            return is_model
        # one's own servers go by the name of models.csv, the gateway calls them by their software
        return is_model and self.provider in ((used.provider, used.maker) if self.is_common else (used.provider,))


def scope_of(charge: Charge, *, is_common: bool) -> Scope:
    """The uses that a charge can be held against."""
    is_elsewhere = charge.is_elsewhere and not is_common
    return Scope(charge.provider, charge.model, charge.key_no, charge.is_flat, is_elsewhere, is_common)


def days_words(spans: Iterable[tuple[date, date]]) -> str:
    """From the first to the last day of the stretches, inclusive, for people."""
    stretches = list(spans)
    first, last = min(s for s, _ in stretches), max(e for _, e in stretches) - timedelta(days=1)
    return f"UTC days from {first} on" if last.year == date.max.year else f"UTC days {first} to {last}"


@dataclass(frozen=True)
class Used:
    """What one unit used on one day of the provider: metered cost, billed tokens, successful requests."""

    day: date
    unit: str
    provider: str
    model: str
    key_no: int | None
    pico: int  # metered cost in 10^-12 USD
    tokens: int = 0
    requests: int = 0
    maker: str = ""  # provider of the model by models.csv


@dataclass
class Weights:
    """By unit, what was used within a scope; cost in 10^-12 USD."""

    pico: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    tokens: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    requests: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, used: Used) -> None:
        self.pico[used.unit] += max(used.pico, 0)
        self.tokens[used.unit] += used.tokens
        self.requests[used.unit] += used.requests

    @property
    def usd(self) -> Fraction:
        """Metered cost of all units."""
        return Fraction(sum(self.pico.values()), PICO)

    def best(self) -> tuple[dict[str, int], str]:
        """The first measure that anything was used of: metered cost, tokens, requests; and its name."""
        for measure, name in ((self.pico, "metered cost"), (self.tokens, "tokens"), (self.requests, "requests")):
            if any(measure.values()):
                return dict(measure), name
        return {}, "use"


def claimed(spans: Spans, used: Iterable[Used]) -> dict[Scope, Weights]:
    """What was used within each scope on its days. Each use counts in the narrowest scope that holds it, and in every
    common one."""
    ordered = sorted(spans, key=lambda scope: scope.breadth)
    found = {scope: Weights() for scope in ordered}
    fitting: dict[tuple[str, str, int | None, str], list[Scope]] = {}
    for use in used:
        name = (use.provider, use.model, use.key_no, use.maker)
        if name not in fitting:
            fitting[name] = [s for s in ordered if s.holds(use)]
        is_claimed = False
        for scope in fitting[name]:
            if (scope.is_common or not is_claimed) and any(start <= use.day < end for start, end in spans[scope]):
                found[scope].add(use)
                is_claimed |= not scope.is_common
    return found
