"""Numbers, money and dates as people of each language write them. The one place where anything is rounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from dashboard.language import _, language

Number = int | float | Decimal
NBSP: Final = "\u00a0"
NARROW: Final = "\u202f"
MINUS: Final = "\u2212"
NONE: Final = "–"
_STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(13))
_currency: ContextVar[tuple[str, Decimal]] = ContextVar("currency", default=("CZK", Decimal(1)))


class Hidden:
    """A count of persons that may not be shown: too few, and from how many on isn't told (queries/suppression.py)."""

    def __str__(self) -> str:
        return _("few")

    def __repr__(self) -> str:
        return "Hidden()"


def number(value: Number | Hidden | None, decimals: int = 0) -> str:
    """1234.5 -> '1 234,5' / '1,234.5'; unknown is an en dash, a hidden count 'few'."""
    if value is None:
        return NONE
    if isinstance(value, Hidden):
        return str(value)
    if isinstance(value, int) and not decimals:
        rounded: int | Decimal = value  # as it is: most figures are counts
    else:
        rounded = Decimal(str(value)).quantize(_STEPS[decimals], rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{decimals}f}"
    if language() == "cs":
        text = text.replace(",", NBSP).replace(".", ",")
    return MINUS + text if rounded < 0 else text


def derived(value: Hidden | None) -> str:
    """What stands for an amount or share that can't be shown: unknown, or it would give a hidden count away."""
    return NONE if value is None else _("hidden")


def compact(value: Number | Hidden | None) -> str:
    """Large counts in words: 126900000 -> '126,9 mil.' / '126.9M'; below ten thousand as they are."""
    if value is None or isinstance(value, Hidden):
        return number(value)
    exact = Decimal(str(value))
    for power, unit in ((9, _("{number}B")), (6, _("{number}M")), (3, _("{number}k"))):
        if abs(exact) >= max(10**power, 10_000):
            scaled = exact.scaleb(-power)
            return unit.format(number=number(scaled, 1 if abs(scaled) < 1000 else 0))
    return number(value)


@contextmanager
def showing(currency: str, czk_per_unit: Decimal) -> Iterator[None]:
    """Within it, amounts in CZK are shown in that currency at that rate."""
    token = _currency.set((currency, czk_per_unit))
    try:
        yield
    finally:
        _currency.reset(token)


def currency() -> str:
    """The currency in which amounts in CZK are shown."""
    return _currency.get()[0]


def currency_said() -> str:
    """The same as people write it: Kč / CZK."""
    return "Kč" if currency() == "CZK" and language() == "cs" else currency()


def currency_sign() -> str:
    """The same as it stands beside an amount: Kč, CZK, EUR."""
    return "Kč" if (currency(), language()) == ("CZK", "cs") else currency()


def converted(czk: Any) -> Any:
    """An amount in CZK in the currency shown; what is unknown or hidden stays so."""
    return czk if czk is None or isinstance(czk, Hidden) else _in_shown(czk)


def _in_shown(czk: Number) -> Number:
    rate = _currency.get()[1]
    return czk if rate == 1 else Decimal(str(czk)) / rate


def money(value: Number | Hidden | None, currency: str = "CZK", decimals: int | None = None) -> str:
    """'497 989 Kč' / 'CZK 497,989', in the currency shown; two decimals below 100 unless told."""
    if value is None or isinstance(value, Hidden):
        return derived(value)
    if currency == "CZK":
        value, currency = _in_shown(value), _currency.get()[0]
    places = decimals if decimals is not None else (0 if value == 0 or not -100 < value < 100 else 2)
    return _with_currency(number(value, places), currency)


def roughly(value: Number | None) -> str:
    """An amount in CZK no surer than it is, in three figures: '3 250 000 Kč'."""
    if not value:
        return money(value)
    shown = Decimal(str(_in_shown(value)))
    return money(round(shown, 2 - shown.adjusted()) * _currency.get()[1])


def price(value: Number | Hidden | None) -> str:
    """USD for a million tokens, as long as it is: '0,075 USD', but '5,00 USD'."""
    if value is None or isinstance(value, Hidden):
        return derived(value)
    places = max(2, -int(Decimal(str(value)).normalize().as_tuple().exponent))
    return money(value, "USD", min(places, 6))


def _with_currency(text: str, currency: str) -> str:
    if language() == "cs":
        return f"{text}{NBSP}{'Kč' if currency == 'CZK' else currency}"
    if text.startswith(MINUS):
        return f"{MINUS}{currency}{NBSP}{text[1:]}"
    return f"{currency}{NBSP}{text}"


def share(value: Number | Hidden | None, decimals: int = 0) -> str:
    """0.17 -> '17 %' / '17%'; a positive share that would read as nothing is '<1 %'."""
    if value is None or isinstance(value, Hidden):
        return derived(value)
    space = NBSP if language() == "cs" else ""
    smallest = Decimal(1).scaleb(-decimals)
    scaled = Decimal(str(value)) * 100
    if 0 < scaled < smallest / 2:
        return f"<{number(smallest, decimals)}{space}%"
    return f"{number(scaled, decimals)}{space}%"


def change(now: Number | None, before: Number | None) -> str | None:
    """'+39 %', '×4,2' when it is more than threefold; None when there is nothing fair to compare with."""
    if now is None or before is None or before <= 0:
        return None
    ratio = Decimal(str(now)) / Decimal(str(before))
    if ratio >= 3:
        return f"×{number(ratio, 0 if ratio >= 10 else 1)}"
    difference = ratio - 1
    decimals = 1 if abs(difference) < Decimal("0.095") else 0
    text = share(abs(difference), decimals)
    if number(difference * 100, decimals).strip(MINUS) in ("0", "0,0", "0.0"):
        return "±" + share(Decimal(0))
    return ("+" if difference > 0 else MINUS) + text


def points(difference: float | None) -> str | None:
    """A change of a share in percentage points: 0.012 -> '+1,2 p. b.' / '+1.2 pp'."""
    if difference is None:
        return None
    text = number(abs(difference) * 100, 1)
    sign = "±" if not text.strip("0,.") else "+" if difference > 0 else MINUS
    return _("{number} pp", number=sign + text)


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, code: str) -> str:
    return format_date(value, pattern, locale=code)


def day(value: date | None) -> str:
    """22. 11. 2026 / 22 Nov 2026"""
    if value is None:
        return NONE
    pattern = f"d.{NBSP}M.{NBSP}y" if language() == "cs" else f"d{NBSP}MMM{NBSP}y"
    return _day(value, pattern, language())


def day_short(value: date) -> str:
    """22. 11. / 22 Nov: for axes."""
    return _day(value, f"d.{NBSP}M." if language() == "cs" else f"d{NBSP}MMM", language())


def day_long(value: date) -> str:
    """22. listopadu 2026 / 22 November 2026: for prose."""
    return _day(value, f"d.{NBSP}MMMM{NBSP}y" if language() == "cs" else f"d{NBSP}MMMM{NBSP}y", language())


def month(value: date) -> str:
    """listopad 2026 / November 2026"""
    return _day(value, f"LLLL{NBSP}y", language())


def month_short(value: date) -> str:
    """lis / Nov: for axes; January carries its year."""
    return _day(value, "LLL'<br>'y" if value.month == 1 else "LLL", language())


def weekday_short(number_of_day: int) -> str:
    """1 -> po / Mon."""
    return _day(date(2024, 1, number_of_day), "ccc", language())


def weekday(number_of_day: int) -> str:
    """1 -> pondělí / Monday."""
    return _day(date(2024, 1, number_of_day), "cccc", language())


def days(start: date, last: date) -> str:
    """'25. 8. – 22. 11. 2026' / '25 Aug – 22 Nov 2026'; both days are part of it."""
    first = day_short(start) if start.year == last.year else day(start)
    return f"{first} – {day(last)}"


def instant(value: datetime | None, zone: str) -> str:
    """A UTC instant in local time: '23. 11. 2026 4:10' / '23 Nov 2026, 04:10'."""
    if value is None:
        return NONE
    local = value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    if language() == "cs":
        return f"{day(local.date())} {local.hour}:{local.minute:02}"
    return f"{day(local.date())}, {local:%H:%M}"


def instant_day(value: datetime, zone: str) -> str:
    """The local day of a UTC instant."""
    return day(value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date())


def provider_name(provider: str) -> str:
    """A provider as people write it."""
    names = {
        "openai": "OpenAI", "anthropic": "Anthropic", "google": "Google", "mistral": "Mistral", "azure": "Azure",
        "aws": "AWS",
        "openrouter": "OpenRouter", "self_hosted": _("self-hosted"), "unknown": _("unknown"),
    }  # fmt: skip
    return names.get(provider, provider)
