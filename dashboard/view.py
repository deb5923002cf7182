"""What is looked at, all of it in the URL: a link reproduces the view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode

from dashboard import period as periods
from dashboard.language import LANGUAGES, _

THEMES = ("light", "dark")
_KEPT = ("period", "from", "to", "unit")
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
    refused: tuple[str, ...] = ()

    def link(self, path: str | None = None, **changes: object) -> str:
        """Address of this view with changes; filters that stand at their default are left out."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        query = {
            "period": other.preset if not other.first and other.preset != periods.DEFAULT else None,
            "from": other.first.isoformat() if other.first else None,
            "to": other.last.isoformat() if other.first and other.last else None,
            "unit": other.unit,
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
    if chosen not in periods.PRESETS:
        refused.append(f"period={chosen}")
        chosen = periods.DEFAULT
    seat = _seat(given.get("seat"), refused)
    month = _month(given.get("month"), refused)
    model, instead = given.get("model") or None, given.get("instead") or None
    unit = given.get("unit") or None
    return View(path, chosen, first, last, unit, seat, month, model, instead, language, theme, tuple(refused))


def _days(given: Mapping[str, str], refused: list[str]) -> tuple[date | None, date | None]:
    try:
        first, last = (date.fromisoformat(given[k]) if given.get(k) else None for k in ("from", "to"))
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
        return date.fromisoformat(f"{text}-01")
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
