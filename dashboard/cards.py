"""Cards: a question, the finding, the picture, and the same figures as table and CSV; built behind a guard each."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from markupsafe import Markup

from dashboard import format as fmt
from dashboard import theme
from dashboard.board import Board
from dashboard.figures import Figure
from dashboard.icons import icon
from dashboard.language import _, language, translated
from dashboard.markup import Child, Static, join, tag
from dashboard.sheets import Column, Sheet, as_csv, table
from dashboard.view import channel_name, role_name
from dashboard.workbook import as_workbook
from queries.catalogue import query
from queries.errors import QueriesError, ScopeError

FILES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
DOWNLOADS = {**FILES, "html": "text/html"}  # html is the table alone, for the page that opens it
MOST_CELLS = 150  # a larger table beside a chart comes when it is opened: most never are
log = logging.getLogger(__name__)
Part = Markup | Component


@dataclass(frozen=True)
class Card:
    """What a card shows. `sheet` holds what is drawn, with the same figures."""

    title: str
    finding: Child
    parts: Sequence[Part]
    sheet: Sheet | None = None
    queries: tuple[str, ...] = ()
    as_of: date | None = None
    partial: str | None = None
    note: Child = None
    is_table: bool = False  # the picture is the table already
    more: tuple[tuple[str, Sheet], ...] = ()  # further named sheets of the workbook
    about: str | None = None  # the definition in words, where the figures come from the engine and not from a query


@dataclass(frozen=True)
class Empty:
    """A card with nothing to draw: says what is missing and what to try."""

    title: str
    why: str
    hint: str = ""


@dataclass(frozen=True)
class Spec:
    """A card of a page: its id, what builds it, the columns of twelve it spans."""

    id: str
    build: Callable[[Board], "Card | Empty | Markup"]
    span: int = 12
    tall: bool = False
    keeps_czk: bool = False  # a charge is in CZK, whatever currency is chosen


@dataclass(frozen=True)
class Page:
    """A page: address, names, icon, whether the filters apply, and its cards in order."""

    path: str
    name: str
    icon: str
    title: Callable[[], str]
    specs: tuple[Spec, ...]
    has_period: bool = True
    has_unit: bool = True
    filters: frozenset[str] = frozenset()  # which of view.FILTERS mean something here


def chart(spec_id: str, figure: Figure, *, alt: str, height: int = 280) -> Component:
    """A figure in its place; `alt` says in words what it shows (the table beside it holds the figures)."""
    graph = dcc.Graph(
        id=f"graph-{spec_id}",
        figure=figure,
        config=theme.CONFIG,  # type: ignore[arg-type]
        className="chart",
        style={"height": f"{height}px"},
    )
    # the height stands here as well: dcc loads its graph late, and what is below must not move when it comes
    return html.Div(graph, className="picture", role="img", style={"--tall": f"{height}px"}, **_aria(label=alt))


def drawn(spec: Spec, board: Board) -> Component:
    """The card, or the state it is in: one that fails says so and leaves the others alone."""
    shape = f"card span-{spec.span}" + (" is-tall" if spec.tall else "")
    board.unmet.clear()
    with _in_currency(spec, board):
        return _built(spec, board, shape)


def _in_currency(spec: Spec, board: Board) -> AbstractContextManager[None]:
    return fmt.showing("CZK", Decimal(1)) if spec.keeps_czk else fmt.showing(*board.money)


def _built(spec: Spec, board: Board, shape: str) -> Component:
    try:
        card = spec.build(board)
    except ScopeError:
        return _section(spec, f"{shape} is-empty", [_not_for_role()])
    except Exception:  # any fault must stay within its card; it is logged with its trace
        log.exception("card %s failed", spec.id)
        return _section(spec, f"{shape} is-failed", [_failed()])
    if isinstance(card, Empty):
        return _section(spec, f"{shape} is-empty", [_empty(card)])
    if isinstance(card, Markup):
        return html.Div(Static(card), className=f"span-{spec.span} bare", id=spec.id)
    return _section(spec, shape, _inside(spec, card, board))


def download_of(spec: Spec, board: Board, kind: str) -> bytes | None:
    """What the card draws as `csv` or `xlsx`; None when there is nothing to download."""
    board.unmet.clear()
    with _in_currency(spec, board):
        return _download_of(spec.build(board), board, kind)


def _download_of(card: "Card | Empty | Markup", board: Board, kind: str) -> bytes | None:
    if not isinstance(card, Card) or card.sheet is None or kind not in DOWNLOADS:
        return None
    if kind == "csv":
        return as_csv(card.sheet)
    if kind == "html":
        return table(card.sheet, caption=card.title).encode()
    sheets = [(_("Data"), card.sheet), (_("Methodology"), _provenance(card, board)), *card.more]
    return as_workbook(sheets, made_at=board.facts.published_at)


def _provenance(card: Card, board: Board) -> Sheet:
    """What a reader of the file alone must know: question, answer, selection, data version, definitions."""
    said = [
        (_("Question"), card.title),
        (_("Finding"), str(card.finding)),
        (_("Period"), fmt.days(board.period.start, board.period.last)),
        (_("Unit"), board.unit_name(board.unit)),
        *_chosen(board),
        (_("Data version"), board.facts.version),
        (_("Note"), str(card.note or "")),
        *((name, f"{query(name).title}. {query(name).about}") for name in card.queries),
        *([(_("Definition"), card.about)] if card.about else []),
    ]
    columns = [Column("what", _("What"), width=24), Column("said", _("Meaning"), width=120)]
    return Sheet(columns, [{"what": what, "said": text} for what, text in said])


def _chosen(board: Board) -> list[tuple[str, str]]:
    """Filters beyond period and unit, and what of them this card can't honour."""
    said = []
    if fmt.currency() != "CZK":
        said.append((_("Currency"), rate_said(board)))
    if board.role:
        said.append((_("Role"), role_name(board.role)))
    if board.channel:
        said.append((_("Channel"), channel_name(board.channel)))
    return said + [(_("Filters"), text) for text in unmet_said(board)]


def rate_said(board: Board) -> str:
    """'1 USD = 23,1 Kč (22. 11. 2026)': at which rate the page shows amounts."""
    code, rate = board.money
    row = board.rate_row(code) or {}
    with fmt.showing("CZK", Decimal(1)):
        return f"1 {code} = {fmt.money(rate, decimals=3)} ({fmt.day(row.get('published_day'))})"


def unmet_said(board: Board) -> list[str]:
    """What of the chosen filters the last card could not honour, in words."""
    words = {"role": _("all roles"), "channel": _("chat and API")}
    return [words[name] for name in sorted(board.unmet)]


def _aria(**said: str) -> Any:
    return {f"aria-{name}": text for name, text in said.items()}


def _section(spec: Spec, shape: str, parts: Sequence[Any]) -> Component:
    return html.Section(_merged(parts), className=shape, id=spec.id, **_aria(labelledby=f"{spec.id}-title"))


def _merged(parts: Sequence[Any]) -> list[Component]:
    """Neighbouring markup becomes one Static: the fewer components, the faster the browser."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, Markup) and merged and isinstance(merged[-1], Markup):
            merged[-1] += part
        else:
            merged.append(part)
    return [Static(p) if isinstance(p, Markup) else p for p in merged]


def _inside(spec: Spec, card: Card, board: Board) -> list[Part]:
    chips = [tag("span", card.partial, class_="chip is-partial")] if card.partial else []
    if spec.keeps_czk and board.money[0] != "CZK":
        chips.append(tag("span", _("in CZK"), class_="chip is-unmet"))
    chips += [tag("span", text, class_="chip is-unmet") for text in unmet_said(board)]
    heading = tag(
        "header",
        tag(
            "div",
            tag("h2", card.title, id=f"{spec.id}-title"),
            tag("span", chips, class_="chips-end") if chips else None,
            class_="row",
        ),
        tag("p", card.finding, class_="finding") if card.finding else None,
        class_="head",
    )
    note = tag("p", card.note, class_="note") if card.note else None
    return [heading, *card.parts, join([note, _foot(spec, card, board)])]


def _foot(spec: Spec, card: Card, board: Board) -> Markup:
    downloads = [_download(spec, card, board, kind) for kind in FILES] if card.sheet else []
    as_of = card.as_of or board.period.last
    return tag(
        "footer",
        _as_table(spec, card, board),
        _disclosure(_("Definition"), _definitions(card), card.title) if card.queries else None,
        _disclosure(_("Definition"), tag("p", card.about), card.title) if card.about else None,
        tag("span", downloads, tag("span", _("to {day}", day=fmt.day(as_of)), class_="as-of"), class_="end"),
        class_="foot",
    )


def _download(spec: Spec, card: Card, board: Board, kind: str) -> Markup:
    address = _address(spec, board, kind)
    said = _("Download {kind}: {title}", kind=kind.upper(), title=card.title)
    return tag("a", icon("download"), kind.upper(), href=address, class_="quiet", download=True, aria_label=said)


def _address(spec: Spec, board: Board, kind: str) -> str:
    address = f"/export/{spec.id}.{kind}?{board.view.query}".rstrip("?&")
    return address + ("&" if "?" in address else "?") + f"lang={language()}"


def _as_table(spec: Spec, card: Card, board: Board) -> Markup | None:
    if card.sheet is None or card.is_table:
        return None
    if len(card.sheet.rows) * len(card.sheet.columns) <= MOST_CELLS:
        return _disclosure(_("Table"), table(card.sheet, caption=card.title), card.title)
    waiting = tag("p", _("Loading…"), class_="hint", role="status")
    return _disclosure(_("Table"), waiting, card.title, data_table=_address(spec, board, "html"))


def _disclosure(label: str, content: Markup, about: str, **more: object) -> Markup:
    summary = tag("summary", tag("span", label), tag("span", f": {about}", class_="unseen"))
    return tag("details", summary, tag("div", content, class_="disclosed"), **more)


def _definitions(card: Card) -> Markup:
    return tag("dl", [_definition(name) for name in card.queries], class_="definitions")


def _definition(name: str) -> Markup:
    try:
        described = query(name)
    except QueriesError:
        return tag("dt", tag("code", name))
    return join([tag("dt", own(described.title), " ", tag("code", name)), tag("dd", own(described.about))])


def own(text: str) -> Markup:
    """A text of the catalogue of queries: translated if we have it, else marked as English."""
    said = translated(text)
    return tag("span", said) if said else tag("span", text, lang="en")


def _state(kind: str, title: str, text: str, heading_id: str | None = None) -> Markup:
    return tag(
        "div",
        icon(kind),
        tag("h2", title, id=heading_id),
        tag("p", text) if text else None,
        class_="state",
        role="status",
    )


def _failed() -> Markup:
    return _state("failed", _("This could not be loaded"), _("The rest of the page is unaffected. Try again shortly."))


def _not_for_role() -> Markup:
    return _state("empty", _("Not for your role"), _("This card needs access to the whole university."))


def _empty(card: Empty) -> Markup:
    return join([tag("header", tag("h2", card.title), class_="head"), _state("empty", card.why, card.hint)])
