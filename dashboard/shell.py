"""What stands around every page: top bar, navigation, filters, freshness and notices."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Page
from dashboard.components import notice
from dashboard.icons import icon
from dashboard.language import LANGUAGES, _, language
from dashboard.markup import join, tag
from dashboard.view import THEMES, View, preset_titles

IN_BAR = 4
_LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<path d="M9 21.5V16M16 21.5V10.5M23 21.5V13.5"/></svg>'
)


def top_bar(board: Board) -> Markup:
    """Name of the product, language and theme."""
    name = tag("span", tag("b", "AI Sandbox"), tag("small", _("Usage and cost")), class_="brand-name")
    brand = tag("a", Markup(_LOGO), name, href=board.view.link("/"), class_="brand")  # noqa: S704
    university = board.facts.settings.get(f"university_{language()}", "")
    return tag(
        "header",
        tag("a", _("Skip to the content"), href="#main", class_="skip"),
        brand,
        tag("span", university, class_="university"),
        tag("div", _languages(board.view), _theme_switch(), class_="switches"),
        class_="top",
    )


def _languages(view: View) -> Markup:
    links = [
        tag("a", code.upper(), href=_with_language(view, code), hreflang=code, lang=code, data_reload=True,
            title={"cs": "Čeština", "en": "English"}[code], aria_current="true" if code == language() else None)
        for code in LANGUAGES
    ]  # fmt: skip
    return tag("nav", links, class_="segmented is-small", aria_label=_("Language"))


def _with_language(view: View, code: str) -> str:
    address = view.link()
    return address + ("&" if "?" in address else "?") + f"lang={code}"


def _theme_switch() -> Markup:
    return tag("button", icon("theme"), type="button", class_="plain", data_theme_switch=True,
               aria_label=_("Light or dark theme"), title=_("Light or dark theme"))  # fmt: skip


def navigation(board: Board, pages: Sequence[Page]) -> Markup:
    """Links to the pages; they keep the filters. Left on wide screens; on small ones a bar at the bottom that holds
    the first few, the others under "More"."""
    rest = pages[IN_BAR:]
    summary = tag("summary", icon("more"), tag("span", _("More")))
    is_current = "more is-current" if any(p.path == board.view.path for p in rest) else "more"
    more = tag("li", tag("details", summary, tag("ul", [_page_link(board, p) for p in rest])), class_=is_current)
    return tag("nav", tag("ul", [_page_link(board, p) for p in pages], more), class_="pages", aria_label=_("Pages"))


def _page_link(board: Board, page: Page) -> Markup:
    current = "page" if page.path == board.view.path else None
    inside = (icon(page.icon), tag("span", page.title()))
    return tag("li", tag("a", *inside, href=board.view.link(page.path), aria_current=current))


def page_head(board: Board, page: Page) -> Markup:
    """Title, freshness, the filters that apply and what the reader must know first."""
    title = tag("div", tag("h1", page.title(), tabindex="-1"), freshness(board), class_="page-title")
    filters = filter_bar(board, page) if page.has_period or page.has_unit else None
    return join([tag("div", title, filters, class_="page-head"), notices(board, page), _printed(board)])


def freshness(board: Board) -> Markup:
    """'Data to 22 November 2026, loaded 23 Nov 2026, 04:10'."""
    facts = board.facts
    said = _(
        "Data to {day}, loaded {instant}",
        day=fmt.day_long(facts.through),
        instant=fmt.instant(facts.published_at, facts.zone),
    )
    return tag("p", tag("i", class_="dot is-stale" if board.is_stale else "dot"), said, class_="freshness")


def _printed(board: Board) -> Markup:
    asked = f"{fmt.days(board.period.start, board.period.last)} · {board.unit_name(board.unit)}"
    return tag("p", asked, class_="printed")


def notices(board: Board, page: Page) -> Markup:
    """Stale data, a period that is not over, filters that could not be used."""
    shown = []
    if board.is_stale:
        shown.append(_stale(board))
    if board.view.refused:
        what = ", ".join(board.view.refused)
        shown.append(notice("warn", _("Part of the address was not understood."), _("Ignored: {what}.", what=what)))
    elif board.view.unit and board.view.unit != board.unit:
        text = _("Shown instead: {unit}.", unit=board.unit_name(board.unit))
        shown.append(notice("warn", _("There is no unit “{unit}”.", unit=board.view.unit), text))
    if page.has_period and board.view.first and board.period.is_partial:
        text = _("Shown up to {day}, the last day of data.", day=fmt.day_long(board.facts.through))
        shown.append(notice("info", _("This period is not over yet."), text))
    return join(shown)


def _stale(board: Board) -> Markup:
    loaded = fmt.instant(board.facts.published_at, board.facts.zone)
    return notice(
        "warn",
        _("The data is {n} h old.", n=fmt.number(board.age_hours)),
        _("It was last loaded on {instant}; newer usage is missing from all figures.", instant=loaded),
    )


def filter_bar(board: Board, page: Page) -> Markup:
    """Period and unit as links and native fields: they work by keyboard, on phones and without scripts."""
    return tag(
        "div",
        _presets(board) if page.has_period else None,
        _form(board, page),
        class_="filters",
        role="search",
        aria_label=_("Filters"),
    )


def _presets(board: Board) -> Markup:
    has_term = any(t.start <= board.facts.through < t.end for t in board.facts.terms)
    titles = {key: title for key, title in preset_titles().items() if key != "term" or has_term}
    links = [
        tag("a", title, href=board.view.link(preset=key, first=None, last=None),
            aria_current="true" if board.period.preset == key else None)
        for key, title in titles.items()
    ]  # fmt: skip
    return tag("nav", links, class_="segmented", aria_label=_("Period"))


def _form(board: Board, page: Page) -> Markup:
    view = board.view
    kept = [tag("input", type="hidden", name="period", value=view.preset)] if not view.first else []
    kept += [tag("input", type="hidden", name=k, value=v) for k, v in view.of_this_page().items() if v is not None]
    return tag(
        "form",
        kept,
        _dates(board) if page.has_period else None,
        _units(board) if page.has_unit else None,
        tag("noscript", tag("button", _("Show"), type="submit", class_="button")),
        method="get",
        action=view.path,
        class_="fields",
        data_view=True,
    )


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
    return tag("span", tag("select", options, name="unit", aria_label=_("Unit")), class_="field select")


def _unit_option(board: Board, row: Row, depth: int) -> Markup:
    name = board.unit_name(row["unit"])
    is_plain = row["level"] in ("university", "special")
    text = name if is_plain else f"{row['unit']} – {name}"
    value = "" if row["unit"] == board.viewer.scope.units[0] else row["unit"]
    return tag("option", fmt.NBSP * 3 * max(0, depth - 1) + text, value=value, selected=row["unit"] == board.unit)


def in_tree_order(units: Sequence[Row], roots: Sequence[str]) -> list[tuple[int, Row]]:
    """(depth, unit) of the roots and all below them, each parent before its children, siblings in reference order."""
    found: list[tuple[int, Row]] = []

    def walk(code: str, depth: int) -> None:
        found.extend((depth, row) for row in units if row["unit"] == code)
        for row in units:
            if row["parent_unit"] == code:
                walk(row["unit"], depth + 1)

    for root in roots:
        walk(root, 0)
    return found


def page_foot(board: Board) -> Markup:
    """What every figure on the page rests on, and the data version."""
    remarks = [
        _("Metered cost is the gateway's estimate before tax, in CZK at the central bank's rate of each day."),
        _("No message content is ever read; persons are counted, never named."),
        _("Groups smaller than {n} are not shown.", n=board.facts.minimum_group),
    ]
    version = tag("span", _("Data version {version}", version=board.facts.version.removeprefix("warehouse-")))
    return tag("footer", tag("p", " ".join(remarks)), tag("p", version), class_="page-foot")


def theme_attribute(view: View) -> str | None:
    """light or dark when the reader chose; None follows the system."""
    return view.theme if view.theme in THEMES else None
