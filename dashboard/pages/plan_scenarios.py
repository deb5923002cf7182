"""Scenarios of plans side by side: what is assumed now, and what was saved in the address."""

from decimal import Decimal

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.format import Hidden
from dashboard.language import _, ngettext
from dashboard.pages.plan_cards import answered, no_months
from dashboard.pages.plan_question import basis, known_plans, study
from dashboard.pages.plan_words import definitions
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table
from dashboard.what_if import changed, unpacked


def scenarios(board: Board) -> Card | Empty:
    """What is assumed now and the saved scenarios, side by side."""
    question = _("How do the scenarios compare?")
    if answered(board) is None:
        return Empty(question, _("Not enough data to compare"), no_months().hint)
    saved = [s for s in dict(board.view.what_if).get("keep", "").split(";") if s]
    rows = [_scenario(board, "", None)] if board.view.what_if or board.view.seat_czk else []
    rows = [_scenario(board, _("Nothing assumed"), ""), *rows]
    rows += [_scenario(board, "", text) for text in saved]
    columns = [
        Column("name", _("Scenario"), link=lambda r: r["link"], width=40),
        Column("persons", _("People"), "count"),
        Column("by_use", _("By use"), "czk"),
        Column("all_seats", _("Seats for all"), "czk"),
        Column("mix", _("Cheapest mix"), "czk"),
        Column("bought", _("Seats in it"), "count"),
        Column("saved", _("Saved"), "czk"),
    ]
    sheet = Sheet(columns, [r for r in rows if r])
    finding = ngettext("{n} scenario; the address holds them all.", "{n} scenarios; the address holds them all.",
                       len(sheet.rows))  # fmt: skip
    on = basis(board)
    return Card(question, finding, [table(sheet, caption=question)], sheet, is_table=True, about=definitions()["ways"],
                as_of=on.end - DAY if on else None)  # fmt: skip


def _scenario(board: Board, name: str, text: str | None) -> Row:
    """One line: `text` None is what the address assumes, '' nothing, else a saved scenario."""
    given = None if text is None else unpacked(text) if text else ()
    found = study(board, given)
    if found is None or found.by_use is None:
        return {}
    first, hidden = found.first, Hidden()
    row: Row = {"name": name or _said(board, text), "by_use": found.by_use, "link": _address(board, text),
                "persons": hidden if found.persons is None else found.persons}  # fmt: skip
    if first is None or first.note:
        return row
    row["all_seats"] = hidden if first.all_seats is None else first.all_seats
    if first.mix is None:
        return row | {"mix": hidden, "bought": hidden, "saved": hidden}
    return row | {"mix": first.mix.czk, "bought": first.mix.bought, "saved": found.by_use - first.mix.czk}


def _address(board: Board, text: str | None) -> str | None:
    if text is None:
        return None
    keep = dict(board.view.what_if).get("keep")
    given = dict(unpacked(text)) if text else {}
    seat = given.pop("seat", None)
    return board.view.link(what_if=changed((), **given, keep=keep), seat_czk=Decimal(seat) if seat else None)


def _said(board: Board, text: str | None) -> str:
    """A scenario in words: 'Use per person +50%, discount 10%'."""
    given = dict(board.view.what_if if text is None else unpacked(text))
    if text is None and board.view.seat_czk is not None:
        given["seat"] = f"{board.view.seat_czk:f}"
    names = {r["plan"]: r["name"] for r in known_plans(board)}
    said = [_one_said(name, names.get(value, value)) for name, value in given.items() if name != "keep"]
    return ", ".join(said) or _("Nothing assumed")


def _one_said(name: str, value: str) -> str:
    percent = {"discount": _("Further discount"), "growth": _("Use per person"), "people": _("People"),
               "mix": _("Price of use")}  # fmt: skip
    if name in percent:
        number = Decimal(value)
        sign = "+" if number > 0 and name != "discount" else fmt.MINUS if number < 0 else ""
        return f"{percent[name]} {sign}{fmt.share(abs(number) / 100)}"
    plain = {"rate": _("CZK for a dollar"), "seats": _("Seats"), "seat": _("Seat, CZK a month"),
             "months": _("Months counted"), "join": _("joining")}  # fmt: skip
    vat = {"part": _("what is not deducted"), "full": _("with")}
    if name == "vat":
        return f"{_('VAT')} {vat[value]}"
    return f"{plain[name]} {value}" if name in plain else value
