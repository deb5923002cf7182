"""What stands around every page: top bar, navigation, filters, freshness and notices."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board
from dashboard.cards import Page, rate_said
from dashboard.components import notice
from dashboard.filters import filter_bar
from dashboard.icons import icon
from dashboard.language import LANGUAGES, _, language
from dashboard.markup import join, tag
from dashboard.view import THEMES, View

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
        tag("div", _languages(board.view), _theme_switch(), _sign_out(board), class_="switches"),
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


def _sign_out(board: Board) -> Markup | None:
    if not board.viewer.sign_out_path:
        return None
    return tag("a", _("Sign out"), href=board.viewer.sign_out_path, class_="quiet", data_reload=True)


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
    filters = filter_bar(board, page) if page.has_period or page.has_unit or page.filters else None
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
        shown.append(_refused(board.view.refused))
    elif board.view.unit and board.view.unit != board.unit:
        text = _("Shown instead: {unit}.", unit=board.unit_name(board.unit))
        shown.append(notice("warn", _("There is no unit “{unit}”.", unit=board.view.unit), text))
    shown += _of_filters(board, page)
    if page.has_period and board.period.end <= board.facts.first_day:
        text = _("The data starts on {day}.", day=fmt.day_long(board.facts.first_day))
        shown.append(notice("info", _("This period lies before any data."), text))
    if page.has_period and (board.view.first or board.period.preset[:1] in "mty") and board.period.is_partial:
        text = _("Shown up to {day}, the last day of data.", day=fmt.day_long(board.facts.through))
        shown.append(notice("info", _("This period is not over yet."), text))
    return join(shown)


def _refused(entries: Sequence[str]) -> Markup:
    """Values that make no sense: of a field by its label, of the rest of the address as they stand there."""
    fields = {
        "seat": _("Seat, CZK a month"), "seats": _("Seats"), "rate": _("CZK for a dollar"),
        "discount": _("Further discount"), "growth": _("Use per person"), "people": _("People"),
        "mix": _("Price of use"),
    }  # fmt: skip
    named = [(fields.get(name), name, value) for name, _sign, value in (entry.partition("=") for entry in entries)]
    what = _(
        "Ignored: {what}.", what=", ".join(f"{field or name}{': ' if field else '='}{v}" for field, name, v in named)
    )
    if all(field for field, _name, _value in named):
        return notice("warn", _("This value can't be used."), what)
    return notice("warn", _("Part of the address was not understood."), what)


def _of_filters(board: Board, page: Page) -> list[Markup]:
    """What a chosen comparison or currency rests on, or why it can't be had."""
    shown = []
    if "compare" in page.filters and board.view.compare != "previous" and not board.has_before:
        text = _("The data starts on {day}.", day=fmt.day_long(board.facts.first_day))
        shown.append(notice("warn", _("There is nothing to compare with that way."), text))
    if "currency" in page.filters and board.view.currency != board.money[0]:
        shown.append(
            notice("warn", _("No rate of {code} is known.", code=board.view.currency), _("Amounts are in CZK."))
        )
    elif "currency" in page.filters and board.money[0] != "CZK":
        text = _("{rate}; the Czech National Bank's rate of the last day of data.", rate=rate_said(board))
        shown.append(notice("info", _("Amounts are converted from CZK."), text))
    return shown


def _stale(board: Board) -> Markup:
    loaded = fmt.instant(board.facts.published_at, board.facts.zone)
    return notice(
        "warn",
        _("The data is {n} h old.", n=fmt.number(board.age_hours)),
        _("It was last loaded on {instant}; newer usage is missing from all figures.", instant=loaded),
    )


def page_foot(board: Board) -> Markup:
    """What every figure on the page rests on, and the data version."""
    remarks = [
        _("Metered cost is the gateway's estimate before tax, in CZK at the central bank's rate of each day."),
        _("No message content is ever read; persons are counted, never named."),
        _(
            "Groups smaller than {n} are not shown; people are counted in steps of {n}.",
            n=board.facts.minimum_group,
        ),
    ]
    version = tag("span", _("Data version {version}", version=board.facts.version.removeprefix("warehouse-")))
    return tag("footer", tag("p", " ".join(remarks)), tag("p", version), class_="page-foot")


def theme_attribute(view: View) -> str | None:
    """light or dark when the reader chose; None follows the system."""
    return view.theme if view.theme in THEMES else None
