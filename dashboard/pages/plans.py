"""Plans: buy seats or pay as you go, and how sure can one be of it."""

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import bullet_list, notice, options
from dashboard.language import _
from dashboard.markup import tag
from dashboard.pages.plan_cards import (
    Basis,
    basis,
    basis_line,
    comparison,
    distribution,
    no_months,
    suppression,
    verdict,
    ways,
    ways_columns,
    ways_rows,
)
from dashboard.pages.shared_cards import known
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet

PRICES = (150, 300, 450, 600, 900)


def price(board: Board) -> Markup:
    """The price of a seat as a field, and a few prices to try."""
    view, seat = board.view, board.seat_czk
    kept = [tag("input", type="hidden", name="unit", value=view.unit)] if view.unit else []
    field = tag(
        "label",
        tag("span", _("Seat, CZK a month")),
        tag(
            "input",
            type="text",
            inputmode="decimal",
            name="seat",
            value="" if seat is None else fmt.number(seat, 0),
            autocomplete="off",
            size=8,
        ),
        class_="field price",
    )
    button = tag("button", _("Compare"), type="submit", class_="button")
    form = tag("form", kept, field, button, method="get", action=view.path, class_="fields", data_view=True)
    tries = [
        tag("a", fmt.number(p), href=view.link(seat_czk=p), aria_current="true" if seat == p else None) for p in PRICES
    ]
    quick = tag("nav", tries, class_="segmented", aria_label=_("Prices to try"))
    return tag("div", form, quick, tag("p", _where_from(board), class_="hint"), class_="price-bar")


def _where_from(board: Board) -> str:
    settings = board.facts.settings
    currency, amount = settings.get("seat_currency", "CZK"), settings.get("seat_price")
    if amount is None:
        return _("No price is configured.")
    plan, rate = settings.get("plan_name", ""), board.rate_row(currency)
    said = _("Configured: {plan}, {price} per seat", plan=plan, price=fmt.money(Decimal(amount), currency))
    if currency != "CZK" and rate:
        said += _(
            " at {rate} of the Czech National Bank, {day}",
            rate=fmt.money(rate["czk_per_unit"], decimals=3),
            day=fmt.day(rate["published_day"]),
        )
    return said + "."


def people(board: Board) -> Card | Empty:
    """Persons by monthly cost with the line of the seat."""
    on = basis(board)
    if on is None or comparison(board, on) is None:
        return no_months()
    buckets = board.ask("plans/person_costs", units=[board.unit], **on.params)
    columns = [
        Column("bucket_from_czk", _("From CZK"), "count"),
        Column("bucket_to_czk", _("To CZK"), "count"),
        Column("persons", _("Persons"), "count"),
    ]
    is_hidden = any(isinstance(r["persons"], fmt.Hidden) for r in buckets)
    return Card(
        _("How much do people use?"),
        verdict(on, _compared(board, on)),
        [distribution(on, buckets, "person-costs")],
        Sheet(columns, buckets),
        ("plans/person_costs",),
        as_of=on.end - DAY,
        note=suppression(board) if is_hidden else None,
    )


def _compared(board: Board, on: Basis) -> Row:
    row = comparison(board, on)
    assert row is not None  # asked before
    return row


def which_way(board: Board) -> Card | Empty:
    """The three ways to pay and what would be saved."""
    on = basis(board)
    row = comparison(board, on) if on else None
    if on is None or row is None:
        return no_months()
    sheet = Sheet(ways_columns(), ways_rows(on, row))
    finding = _saving(row)
    picture = options(ways(on, row)) + basis_line(on)
    return Card(_("What does each way cost?"), finding, [picture], sheet, ("plans/comparison",), as_of=on.end - DAY)


def _saving(row: Row) -> str:
    metered, mix, seats = (known(row[k]) for k in ("all_metered_czk", "best_mix_czk", "all_seats_czk"))
    if mix is not None and metered is not None and mix < metered:
        saved = fmt.money(metered - mix)
        return _("The best mix would save {saved} a month against paying for use.", saved=saved)
    if seats is not None and metered is not None:
        return _(
            "Seats for everybody would cost {more} a month more than paying for use.", more=fmt.money(seats - metered)
        )
    return ""


def break_even(board: Board) -> Card | Empty:
    """What a seat must replace to pay."""
    on = basis(board)
    row = comparison(board, on) if on else None
    if on is None or row is None:
        return no_months()
    rows = board.ask("cost/by_unit", units=[board.unit], start=on.start, end=on.end)
    facts = _break_even_rows(on, row, rows[0] if rows else {})
    columns = [Column("what", _("Figure")), Column("value", _("Value"))]
    pairs = tag("dl", [tag("div", tag("dt", f["what"]), tag("dd", f["value"])) for f in facts], class_="pairs")
    finding = _("A seat pays for a person whose use would cost more than {seat} a month.", seat=fmt.money(on.seat_czk))
    queries = ("plans/comparison", "cost/by_unit")
    return Card(_("When does a seat pay?"), finding, [pairs], Sheet(columns, facts), queries, as_of=on.end - DAY)


def _worth(on: Basis, count: Any, czk: Any) -> Decimal | None:
    """How many of something cost as much as a seat, at their mean cost; None where nothing cost anything."""
    return on.seat_czk * count / czk if czk and count is not None else None


def _break_even_rows(on: Basis, row: Row, cost: Row) -> list[Row]:
    tokens, requests, czk = (cost.get(k) for k in ("billed_tokens", "user_requests", "metered_czk"))
    shares = known(row["break_even_share"])
    mean = known(row["all_metered_czk"]) / row["active_persons"] if known(row["active_persons"]) else None
    return [
        {"what": _("Share of people above it"), "value": fmt.share(shares, 1)},
        {"what": _("Mean cost of an active person a month"), "value": fmt.money(mean)},
        {"what": _("Tokens a month worth one seat"), "value": fmt.compact(_worth(on, tokens, czk))},
        {
            "what": _("Requests a month worth one seat"),
            "value": fmt.number(_worth(on, requests, czk)),
        },
        {"what": _("Fewest seats the plan sells"), "value": fmt.number(on.minimum_seats or None)},
    ]


def caveats(board: Board) -> Card | Empty:
    """What is printed beside every comparison."""
    on = basis(board)
    if on is None:
        return no_months()
    said = [
        _(
            "Use of the Sandbox is not use under a seat: other people would take seats, features differ, "
            "and limits hold demand back."
        ),
        _("A seat's value is not only tokens."),
        _("A seat is taken to include all its holder's use; plans that charge for use on top save nothing on it."),
        _("Months counted: {months}.", months=on.months_said),
        _where_from(board),
        _("Prices are before tax. Self-hosted models cost what the gateway says, mostly nothing."),
    ]
    return Card(_("What should one know before deciding?"), None, [bullet_list(said)])


def intro(board: Board) -> Markup:
    """A notice when only a part of the university is looked at."""
    if board.unit == board.facts.root:
        return price(board)
    strong = _("Only {unit}.", unit=board.unit_name(board.unit))
    text = _("The plan's minimum number of seats is left out, for it binds the university as a whole.")
    return price(board) + notice("info", strong, text)


PAGE = Page(
    path="/plans",
    name="plans",
    icon="plans",
    title=lambda: _("Plans"),
    has_period=False,
    specs=(
        Spec("seat-price", intro),
        Spec("person-costs", people, 7),
        Spec("ways-to-pay", which_way, 5),
        Spec("break-even", break_even, 5),
        Spec("caveats", caveats, 7),
    ),
)
