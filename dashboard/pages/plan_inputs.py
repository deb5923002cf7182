"""What a reader may assume about plans: fields and sliders; all of it goes into the address."""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board
from dashboard.components import notice
from dashboard.language import _
from dashboard.markup import join, tag
from dashboard.pages.plan_question import CONFIGURED, asked, configured, known_plans, study
from dashboard.pages.plan_words import why_not
from dashboard.what_if import DEFAULT_MONTHS, PLANS, SAVED, changed, packed
from queries.plan_answer import Study


def inputs(board: Board) -> Markup:
    """The form, the faculties that may join, and what of the question could not be weighed."""
    found = study(board)
    kept = [("unit", board.view.unit), ("role", board.view.role), ("keep", dict(board.view.what_if).get("keep")),
            ("join", dict(board.view.what_if).get("join"))]  # fmt: skip
    hidden = [tag("input", type="hidden", name=name, value=value) for name, value in kept if value]
    form = tag(
        "form",
        hidden,
        tag("div", [_plan(board, place) for place in range(len(PLANS))], class_="fields"),
        tag("div", _fields(board, found), class_="fields"),
        tag("div", _sliders(board), class_="sliders"),
        tag("noscript", tag("button", _("Compare"), type="submit", class_="button")),
        method="get",
        action=board.view.path,
        class_="what-if",
        data_view="custom",
    )
    return tag("div", form, _joining(board, found), _links(board), _notes(board, found), class_="price-bar")


def _plan(board: Board, place: int) -> Markup:
    name = PLANS[place]
    chosen = dict(board.view.what_if).get(name, asked(board, ()).plans[0] if place == 0 else "")
    own = configured(board)
    choices = [(CONFIGURED, _("{plan} (configured)", plan=own.name))] if own else []
    choices += [(r["plan"], r["name"]) for r in known_plans(board) if r["kind"] != "gateway"]
    if chosen and chosen not in dict(choices):
        choices.append((chosen, chosen))
    none = [tag("option", _("no other plan"), value="", selected=not chosen)] if place else []
    options = [tag("option", title, value=code, selected=code == chosen) for code, title in choices]
    label = _("Plan") if place == 0 else _("Beside it")
    select = tag("select", none, options, name=name, id=f"what-if-{name}", aria_label=f"{label} {place + 1}")
    return tag("label", tag("span", label), select, class_="field pick")


def _fields(board: Board, found: Study | None) -> list[Markup]:
    view, chosen = board.view, dict(board.view.what_if)
    first = found.first if found else None
    hint = fmt.number(first.seat_czk, 0) if first and first.seat_czk is not None else ""
    rate = fmt.number(found.usd_czk, 3) if found else ""
    return [
        _number("seat", _("Seat, CZK a month"), _typed(view.seat_czk), hint),
        _number("seats", _("Seats"), chosen.get("seats", ""), _("best")),
        _number("rate", _("CZK for a dollar"), chosen.get("rate", ""), rate),
        _select("vat", _("VAT"), chosen.get("vat", ""), [("", _("without")), ("part", _("what is not deducted")),
                                                        ("full", _("with"))]),
        _select("months", _("Months counted"), chosen.get("months", ""),
                [("3", "3"), ("6", "6"), ("", str(DEFAULT_MONTHS)), ("24", "24")]),
    ]  # fmt: skip


def _typed(value: Decimal | None) -> str:
    return "" if value is None else fmt.number(value, 0 if value % 1 == 0 else 2)


def _number(name: str, title: str, value: str, hint: str) -> Markup:
    field = tag(
        "input",
        type="text",
        inputmode="decimal",
        name=name,
        id=f"what-if-{name}",
        value=value,
        placeholder=hint,
        autocomplete="off",
        size=8,
    )
    return tag("label", tag("span", title), field, class_="field price")


def _select(name: str, title: str, current: str, choices: Sequence[tuple[str, str]]) -> Markup:
    options = [tag("option", text, value=value, selected=value == current) for value, text in choices]
    return tag(
        "label",
        tag("span", title),
        tag("select", options, name=name, id=f"what-if-{name}"),
        class_="field pick is-short",
    )


def _sliders(board: Board) -> list[Markup]:
    chosen = dict(board.view.what_if)
    titles = {
        "discount": (_("Further discount"), 0, 60),
        "growth": (_("Use per person"), -50, 200),
        "people": (_("People"), -50, 200),
        "mix": (_("Price of use"), -50, 100),
    }
    return [_slider(name, title, low, high, chosen.get(name)) for name, (title, low, high) in titles.items()]


def _slider(name: str, title: str, low: int, high: int, value: str | None) -> Markup:
    current = Decimal(value or 0)
    bottom, top = min(low, int(current)), max(high, int(current))
    said = fmt.share(current / 100) if name == "discount" else _signed(current)
    field = tag(
        "input",
        type="range",
        name=name,
        id=f"what-if-{name}",
        min=bottom,
        max=top,
        step=1 if name == "discount" else 5,
        value=f"{current:f}",
        aria_label=title,
    )
    return tag("label", tag("span", tag("span", title), tag("output", said), class_="row"), field, class_="slider")


def _signed(percent: Decimal) -> str:
    sign = "+" if percent > 0 else ""
    return sign + fmt.share(percent / 100)


def _joining(board: Board, found: Study | None) -> Markup | None:
    """Faculties as links: one more joins, or leaves again."""
    if board.unit != board.facts.root:
        return None
    joined = [u for u in dict(board.view.what_if).get("join", "").split(",") if u]
    links = []
    for unit in board.faculties:
        others = [u for u in joined if u != unit] if unit in joined else [*joined, unit]
        address = board.view.link(what_if=changed(board.view.what_if, join=",".join(others) or None))
        links.append(tag("a", unit, href=address, title=board.unit_name(unit),
                         aria_current="true" if unit in joined else None))  # fmt: skip
    said = _("Faculties that join at the adoption of the others")
    if found and joined:
        said += f" (+{fmt.number(found.joined)})"
    return tag("details", tag("summary", said), tag("nav", links, class_="chips", aria_label=said),
               open=bool(joined))  # fmt: skip


def _links(board: Board) -> Markup:
    """To save what is assumed now beside the scenarios, and to start anew."""
    view = board.view
    now = dict(view.what_if)
    saved = [s for s in now.pop("keep", "").split(";") if s]
    seat = {"seat": f"{view.seat_czk:f}"} if view.seat_czk is not None else {}
    this = packed(tuple({**now, **seat}.items()))
    links = []
    if this and this not in saved and len(saved) < SAVED:
        address = view.link(what_if=changed(view.what_if, keep=";".join([*saved, this])))
        links.append(tag("a", _("Put this scenario beside the others"), href=address, class_="quiet"))
    if this or saved:
        links.append(tag("a", _("Assume nothing"), href=view.link(what_if=(), seat_czk=None), class_="quiet"))
    return tag("p", [join([" ", link]) for link in links], class_="hint links")


def _notes(board: Board, found: Study | None) -> Markup | None:
    """What stands against taking the answer at its word: missing prices, unknown plans, use below zero, no rate."""
    if found is None:
        return None
    said = [why_not(p) for p in found.plans if p.note not in (None, "gateway")]
    if "negative_use" in found.notes:
        said.append(_("Some months of some people cost less than nothing (corrections); a seat replaces none of that."))
    if "no_rate" in found.notes:
        said.append(_("No exchange rate of the dollar is known; enter one."))
    unknown = [u for u in dict(board.view.what_if).get("join", "").split(",") if u and u not in board.faculties]
    if unknown:
        said.append(_("There is no faculty {units}.", units=", ".join(unknown)))
    parts = [notice("warn", _("Not everything can be weighed."), text) for text in said]
    if board.unit != board.facts.root:
        strong = _("Only {unit}.", unit=board.unit_name(board.unit))
        text = _("The plan's minimum number of seats is left out, for it binds the university as a whole.")
        parts.append(notice("info", strong, text))
    return join(parts)
