"""The bar of filters: links and native fields, so that they work by keyboard, on phones and without scripts.

All of it is in the address. A page shows only the filters that mean something on it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Page
from dashboard.language import _
from dashboard.markup import join, tag
from dashboard.period import month_start, months_back
from dashboard.view import CHANNELS, CURRENCIES, channel_name, comparison_titles, preset_titles, role_name

MONTHS_OFFERED = 13
TERMS_OFFERED = 6


def filter_bar(board: Board, page: Page) -> Markup:
    """Period, unit and what else applies on the page."""
    presets = _presets(board) if page.has_period else None
    return tag("div", presets, _form(board, page), class_="filters", role="search", aria_label=_("Filters"))


def _presets(board: Board) -> Markup:
    links = [
        tag("a", title, href=board.view.link(preset=key, first=None, last=None),
            aria_current="true" if board.period.preset == key else None)
        for key, title in _preset_choices(board).items()
    ]  # fmt: skip
    return tag("nav", links, class_="segmented", aria_label=_("Period"))


def _preset_choices(board: Board) -> dict[str, str]:
    has_term = any(t.start <= board.facts.through < t.end for t in board.facts.terms)
    return {key: title for key, title in preset_titles().items() if key != "term" or has_term}


def _form(board: Board, page: Page) -> Markup:
    """The fields. Those of this page alone go along hidden, as do chosen filters that mean nothing here."""
    view = board.view
    idle = {"compare": "previous", "role": None, "channel": None, "currency": "CZK"}
    along = {k: getattr(view, k) for k, v in idle.items() if k not in page.filters and getattr(view, k) != v}
    along |= view.of_this_page()
    if not page.has_period and not view.first and view.preset:
        along["period"] = view.preset
    return tag(
        "form",
        [tag("input", type="hidden", name=k, value=v) for k, v in along.items() if v is not None],
        join([_periods(board), _dates(board)]) if page.has_period else None,
        _units(board) if page.has_unit else None,
        _others(board, page) if page.filters else None,
        tag("noscript", tag("button", _("Show"), type="submit", class_="button")),
        method="get",
        action=view.path,
        class_="fields",
        data_view="custom" if view.first else "preset",
    )


def _periods(board: Board) -> Markup:
    """Terms, academic years and months by name; the presets stand beside as links."""
    current = "" if board.view.first else board.period.preset
    presets = _preset_choices(board)
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        (_("Terms"), _terms(board)),
        (_("Academic years"), _years(board)),
        (_("Months"), _months(board)),
    ]
    # a preset keeps its value here, so that changing another field keeps it too
    other = _("Other periods") if current in presets else _("Own days")
    options = [tag("option", other, value=current, selected=True)] if current in presets or not current else []
    options += [
        tag("optgroup", [_option(key, title, current) for key, title in choices], label=label)
        for label, choices in groups
        if choices
    ]
    return _select("period", options, _("Period by name"))


def _months(board: Board) -> list[tuple[str, str]]:
    last = month_start(board.facts.through)
    months = [months_back(last, n) for n in range(MONTHS_OFFERED)]
    return [(f"m{m:%Y-%m}", fmt.month(m)) for m in months if months_back(m, -1) > board.facts.first_day]


def _terms(board: Board) -> list[tuple[str, str]]:
    known = [t for t in board.facts.terms if t.start <= board.facts.through and t.end > board.facts.first_day]
    latest = sorted(known, key=lambda t: t.start, reverse=True)[:TERMS_OFFERED]
    return [(f"t{t.start}", t.name) for t in latest]


def _years(board: Board) -> list[tuple[str, str]]:
    facts = board.facts
    winters = [t.start for t in facts.terms if t.kind == "term_winter" and t.start <= facts.through]
    held = [day for day in winters if day + timedelta(365) > facts.first_day]
    return [(f"y{day}", f"{day.year}/{(day.year + 1) % 100:02}") for day in sorted(held, reverse=True)]


def _dates(board: Board) -> Markup:
    period, facts = board.period, board.facts
    bounds = {"min": facts.first_day.isoformat(), "max": facts.through.isoformat(), "type": "date", "required": True}
    first = tag("input", name="from", value=period.start.isoformat(), aria_label=_("From"), **bounds)
    last = tag("input", name="to", value=period.last.isoformat(), aria_label=_("To"), **bounds)
    return tag("span", first, tag("span", "–", aria_hidden="true"), last, class_="field dates")


def _units(board: Board) -> Markup:
    options = [
        _unit_option(board, row, depth) for depth, row in in_tree_order(board.facts.units, board.viewer.scope.units)
    ]
    return _select("unit", options, _("Unit"), "is-unit")


def _unit_option(board: Board, row: Row, depth: int) -> Markup:
    name = board.unit_name(row["unit"])
    is_plain = row["level"] in ("university", "special")
    text = name if is_plain else f"{row['unit']} – {name}"
    value = "" if row["unit"] == board.viewer.scope.units[0] else row["unit"]
    return tag("option", fmt.NBSP * 3 * max(0, depth - 1) + text, value=value, selected=row["unit"] == board.unit)


def in_tree_order(units: Sequence[Row], roots: Sequence[str]) -> list[tuple[int, Row]]:
    """(depth, unit) of the roots and all below them, each parent before its children, siblings in reference order."""
    below: defaultdict[str | None, list[Row]] = defaultdict(list)
    for row in units:
        below[row["parent_unit"]].append(row)
    found: list[tuple[int, Row]] = []

    def walk(row: Row, depth: int) -> None:
        found.append((depth, row))
        for child in below[row["unit"]]:
            walk(child, depth + 1)

    for root in roots:
        for row in units:
            if row["unit"] == root:
                walk(row, 0)
    return found


def _others(board: Board, page: Page) -> Markup:
    """Comparison, role, channel and currency, those that apply."""
    view, none = board.view, ""
    fields = {
        "compare": (_("Compare with"), comparison_titles(), view.compare, "previous"),
        "role": (_("Role"), {none: _("All roles"), **_roles(board)}, view.role or none, none),
        "channel": (_("Channel"), {none: _("Chat and API"), **{c: _raised(channel_name(c)) for c in CHANNELS}},
                    view.channel or none, none),
        "currency": (_("Currency"), {c: c for c in CURRENCIES}, view.currency, "CZK"),
    }  # fmt: skip
    return join(
        _select(name, [_option("" if key == idle else key, title, "" if chosen == idle else chosen)
                       for key, title in choices.items()], label, "is-small" + ("" if chosen == idle else " is-chosen"))
        for name, (label, choices, chosen, idle) in fields.items()
        if name in page.filters
    )  # fmt: skip


def _roles(board: Board) -> dict[str, str]:
    return {role: _raised(role_name(role)) for role in board.facts.roles}


def _raised(text: str) -> str:
    """With a capital at the start and the rest as it is (API stays API)."""
    return text[:1].upper() + text[1:]


def _option(key: str, title: str, current: str) -> Markup:
    return tag("option", title, value=key, selected=key == current)


def _select(name: str, options: Sequence[Markup], label: str, shape: str = "") -> Markup:
    return tag("span", tag("select", options, name=name, aria_label=label), class_=f"field select {shape}".strip())
