"""What is looked at, all of it in the URL: a link reproduces the view."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode

from dashboard import period as periods
from dashboard.language import LANGUAGES, _
from dashboard.what_if import WhatIf
from dashboard.what_if import read as read_assumptions

THEMES = ("light", "dark")
CURRENCIES = ("CZK", "USD", "EUR")
CHANNELS = ("chat", "api")
FILTERS = frozenset({"compare", "role", "channel", "currency"})  # beside period and unit
_ROLE = re.compile(r"[a-z_]{1,30}")
MAX_SEAT = Decimal(100_000)


@dataclass(frozen=True)
class View:
    """A parsed address. Values that make no sense are left out and named in `refused`."""

    path: str = "/"
    preset: str = periods.DEFAULT
    first: date | None = None
    last: date | None = None
    unit: str | None = None
    seat_czk: Decimal | None = None
    month: date | None = None
    model: str | None = None
    instead: str | None = None
    language: str = "cs"
    theme: str | None = None
    compare: str = "previous"
    role: str | None = None
    channel: str | None = None
    currency: str = "CZK"
    refused: tuple[str, ...] = ()
    provider: str | None = None
    what_if: WhatIf = ()  # assumptions about plans

    def link(self, path: str | None = None, **changes: object) -> str:
        """Address of this view with changes; filters that stand at their default are left out."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        query = {
            "period": other.preset if not other.first and other.preset != periods.DEFAULT else None,
            "from": other.first.isoformat() if other.first else None,
            "to": other.last.isoformat() if other.first and other.last else None,
            "unit": other.unit,
            "compare": other.compare if other.compare != "previous" else None,
            "role": other.role,
            "channel": other.channel,
            "currency": other.currency if other.currency != "CZK" else None,
        }
        if (path or self.path) == self.path:
            query |= other.of_this_page()
        text = urlencode({k: v for k, v in query.items() if v is not None})
        return (path or self.path) + (f"?{text}" if text else "")

    def of_this_page(self) -> dict[str, str | None]:
        """Parameters that mean something on one page only and are not taken to another."""
        return {
            "seat": None if self.seat_czk is None else str(self.seat_czk),
            "month": f"{self.month:%Y-%m}" if self.month else None,
            "model": self.model,
            "instead": self.instead,
            "provider": self.provider,
            **dict(self.what_if),
        }

    @property
    def query(self) -> str:
        """The query string of this view, without the question mark."""
        return self.link().partition("?")[2]


def parsed(path: str, query: str, *, cookies: Mapping[str, str], default_language: str) -> View:
    """The view an address asks for; language and theme fall back to the cookies."""
    given = dict(parse_qsl(query.lstrip("?")))
    language = next((c for c in (given.get("lang"), cookies.get("lang")) if c in LANGUAGES), default_language)
    theme = next((t for t in (given.get("theme"), cookies.get("theme")) if t in THEMES), None)
    refused: list[str] = []
    first, last = _days(given, refused)
    chosen = given.get("period", periods.DEFAULT)
    if not periods.is_preset(chosen):
        refused.append(f"period={chosen}")
        chosen = periods.DEFAULT
    seat = _seat(given.get("seat"), refused)
    month = _month(given.get("month"), refused)
    model, instead = given.get("model") or None, given.get("instead") or None
    unit = given.get("unit") or None
    assumed = read_assumptions(given, refused)
    others = {
        "compare": _one_of(given, "compare", periods.COMPARISONS, refused) or "previous",
        "role": _role(given.get("role"), refused),
        "channel": _one_of(given, "channel", CHANNELS, refused),
        "currency": _one_of(given, "currency", CURRENCIES, refused) or "CZK",
        "provider": given.get("provider") or None,
    }
    return View(path, chosen, first, last, unit, seat, month, model, instead, language, theme, what_if=assumed,
                refused=tuple(refused), **others)  # type: ignore[arg-type]  # fmt: skip


def _one_of(given: Mapping[str, str], key: str, choices: Sequence[str], refused: list[str]) -> str | None:
    found = given.get(key) or None
    if found is None or found in choices:
        return found
    refused.append(f"{key}={found}")
    return None


def _role(text: str | None, refused: list[str]) -> str | None:
    if not text or _ROLE.fullmatch(text):
        return text or None
    refused.append(f"role={text}")
    return None


def _days(given: Mapping[str, str], refused: list[str]) -> tuple[date | None, date | None]:
    try:
        first, last = (periods.day_of(given[k]) if given.get(k) else None for k in ("from", "to"))
    except ValueError:
        refused.append(f"from={given.get('from', '')}, to={given.get('to', '')}")
        return None, None
    if first and last and first > last:
        refused.append(f"from={first}, to={last}")
        return None, None
    return (first, last) if first and last else (None, None)


def _month(text: str | None, refused: list[str]) -> date | None:
    if not text:
        return None
    try:
        return periods.day_of(f"{text}-01")
    except ValueError:
        refused.append(f"month={text}")
        return None


def _seat(text: str | None, refused: list[str]) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        value = Decimal(-1)
    if value.is_finite() and 0 <= value <= MAX_SEAT:
        return value.quantize(Decimal("0.01")).normalize() if value % 1 else value.quantize(Decimal(1))
    refused.append(f"seat={text}")
    return None


def preset_titles() -> dict[str, str]:
    """{preset: its name} in the current language."""
    return {
        "7d": _("7 days"),
        "28d": _("28 days"),
        "90d": _("90 days"),
        "12m": _("12 months"),
        "term": _("This term"),
    }


def role_name(role: str) -> str:
    """A role of the directory as people write it."""
    names = {"student": _("students"), "staff": _("staff"), "employee": _("employees"), "phd": _("PhD students"),
             "teacher": _("teachers"), "other": _("others"), "unknown": _("role unknown")}  # fmt: skip
    return names.get(role, role)


def channel_name(channel: str) -> str:
    """chat or api as people write it."""
    return {"chat": _("chat"), "api": _("API keys")}.get(channel, channel)


def comparison_titles() -> dict[str, str]:
    """{comparison: its name} in the current language."""
    return {
        "previous": _("Previous period"),
        "year": _("Same days last year"),
        "term": _("Same weeks of last year's term"),
    }
