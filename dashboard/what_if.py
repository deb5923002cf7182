"""What a reader assumes on the page of plans: read from the address, refused where it makes no sense.

Kept as text in normal form, so that a link reproduces it; what stands at its default is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

WhatIf = tuple[tuple[str, str], ...]
RANGES = {  # lowest and highest, inclusive; percent unless said otherwise
    "discount": (Decimal(0), Decimal(90)),
    "rate": (Decimal(1), Decimal(200)),  # CZK for a dollar
    "growth": (Decimal(-90), Decimal(400)),  # use per person
    "people": (Decimal(-90), Decimal(400)),
    "mix": (Decimal(-90), Decimal(400)),  # price of a unit of use
    "seats": (Decimal(0), Decimal(1_000_000)),
    "seat": (Decimal(0), Decimal(100_000)),  # CZK a month; in an address it stands by itself
}
CHOICES = {"vat": ("part", "full"), "months": ("3", "6", "24")}
PLANS = ("plan", "plan2", "plan3")
DEFAULT_MONTHS = 12
NAMES = (*PLANS, *(n for n in RANGES if n != "seat"), *CHOICES, "join")
SAVED = 6
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_UNITS = re.compile(r"[^\s,;:&=]{1,20}(,[^\s,;:&=]{1,20}){0,29}")
_NOTHING_CHANGES = {"discount", "growth", "people", "mix"}


def read(given: Mapping[str, str], refused: list[str]) -> WhatIf:
    """The assumptions of an address, in a fixed order; what is garbage goes to `refused`."""
    found = list(_read(given, refused, NAMES))
    if saved := _saved(given.get("keep"), refused):
        found.append(("keep", ";".join(saved)))
    return tuple(found)


def _read(given: Mapping[str, str], refused: list[str], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        text = (given.get(name) or "").strip()
        if not text:
            continue
        value = _normal(name, text)
        if value is None:
            refused.append(f"{name}={text}")
        elif not (name in _NOTHING_CHANGES and value == "0"):
            yield name, value


def _normal(name: str, text: str) -> str | None:
    """The value in normal form; None when it makes no sense."""
    if name in CHOICES:
        return text if text in CHOICES[name] else None
    if name in RANGES:
        return _number(name, text)
    return text if (_UNITS if name == "join" else _CODE).fullmatch(text) else None


def _number(name: str, text: str) -> str | None:
    low, high = RANGES[name]
    try:
        value = Decimal(text.replace(",", ".").replace("\u2212", "-").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or not low <= value <= high:
        return None
    value = value.quantize(Decimal(1) if name == "seats" else Decimal("0.001"))
    return f"{(value + 0).normalize():f}"  # minus nothing is nothing


def _saved(text: str | None, refused: list[str]) -> list[str]:
    """Saved scenarios in the form `growth:50!discount:10`, at most SAVED; one that makes no sense is refused."""
    kept: list[str] = []
    for one in (text or "").split(";")[: SAVED + 1]:
        if not one:
            continue
        pairs = dict(part.partition(":")[::2] for part in one.split("!"))
        wrong: list[str] = []
        values = list(_read(pairs, wrong, (*NAMES, "seat")))
        if wrong or not values or len(kept) == SAVED or len(values) != len(pairs):
            refused.append(f"keep={one}")
        else:
            kept.append(packed(values))
    return kept


def packed(values: list[tuple[str, str]] | WhatIf) -> str:
    """A scenario as one value of an address: `growth:50!discount:10`, without the saved ones."""
    return "!".join(f"{name}:{value}" for name, value in values if name != "keep")


def unpacked(text: str) -> WhatIf:
    """The assumptions of a saved scenario."""
    return tuple((name, value) for name, _colon, value in (part.partition(":") for part in text.split("!")))


def changed(given: WhatIf, **values: str | None) -> WhatIf:
    """The assumptions with some set, or left out (None), in their fixed order."""
    wanted = {**dict(given), **values}
    return tuple((name, str(wanted[name])) for name in (*NAMES, "keep") if wanted.get(name))
