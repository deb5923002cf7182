"""Pay for use or buy seats: the comparison that Overview and Plans share, on the last whole months."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import Option, hidden_note, options, subhead
from dashboard.language import _, ngettext
from dashboard.markup import Static, tag
from dashboard.pages.shared_cards import known, part
from dashboard.period import DAY, month_start, months_back
from dashboard.sheets import Column, Sheet

MONTHS = 3


@dataclass(frozen=True)
class Basis:
    """What a comparison rests on: whole months `[start, end)` and the price of a seat."""

    start: date
    end: date
    seat_czk: Decimal
    minimum_seats: int

    @property
    def params(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "seat_czk": self.seat_czk}

    @property
    def months_said(self) -> str:
        """'září 2026 – listopad 2026', or the one month."""
        first, last = fmt.month(self.start), fmt.month(self.end - DAY)
        return first if first == last else f"{first} – {last}"


def basis(board: Board) -> Basis | None:
    """The last whole months of data, at most three; None before the first whole month or without a price."""
    facts, seat = board.facts, board.seat_czk
    end = month_start(facts.through + DAY)
    start = months_back(end, MONTHS)
    while start < facts.first_day:
        start = months_back(start, -1)
    if start >= end or seat is None:
        return None
    return Basis(start, end, seat, int(facts.settings.get("minimum_seats", 0)))


def comparison(board: Board, on: Basis) -> Row | None:
    """The row of plans/comparison for the chosen unit; the minimum number of seats binds the university only."""
    minimum = on.minimum_seats if board.unit == board.facts.root else 0
    rows = board.ask("plans/comparison", units=[board.unit], minimum_seats=minimum, **on.params)
    return rows[0] if rows and rows[0]["active_persons"] else None


def title() -> str:
    """The question."""
    return _("Pay for use, or buy seats?")


def no_months() -> Empty:
    """Before there is a whole month to count with."""
    hint = _("The comparison needs a whole calendar month of data and the price of a seat.")
    return Empty(title(), _("Not enough data to compare"), hint)


def seats_or_metered(board: Board) -> Card | Empty:
    """Persons by monthly cost beside the cost of each way to pay."""
    on = basis(board)
    compared = comparison(board, on) if on else None
    if on is None or compared is None:
        return no_months()
    buckets = board.ask("plans/person_costs", units=[board.unit], **on.params)
    parts = [
        html.Div(
            [
                html.Div([Static(subhead(_("People by monthly cost"))), distribution(on, buckets, "seats-or-metered")]),
                html.Div(
                    Static(subhead(_("Cost per month of each way")) + options(ways(on, compared)) + basis_line(on))
                ),
            ],
            className="halves",
        )
    ]
    note = tag("a", _("Change the price and see what the comparison rests on"), href=board.view.link("/plans"))
    sheet = Sheet(ways_columns(), ways_rows(on, compared))
    queries = ("plans/person_costs", "plans/comparison")
    return Card(title(), verdict(on, compared), parts, sheet, queries, as_of=on.end - DAY, note=note)


def verdict(on: Basis, row: Row) -> str:
    """The finding in one sentence."""
    seat = fmt.money(on.seat_czk)
    above, active = known(row["break_even_share"]), known(row["active_persons"])
    if above is None or not active:
        return _("Too few people to compare a seat at {seat} a month.", seat=seat)
    persons = round(above * active)
    if persons == 0:
        return _("Nobody uses as much as a seat at {seat} a month costs: paying for use is cheapest.", seat=seat)
    return ngettext(
        "A seat at {seat} a month would pay off for {n} of {active} active people.",
        "A seat at {seat} a month would pay off for {n} of {active} active people.",
        persons,
        seat=seat,
        active=fmt.number(active),
    )


def distribution(on: Basis, buckets: list[Row], spec_id: str) -> Component:
    """Persons by mean monthly cost, those above the price of a seat in another colour."""
    shown = _trimmed(buckets, on.seat_czk)
    labels = [_bucket(r) for r in shown]
    blue, amber = theme.DATA["blue"], theme.DATA["amber"]
    colours = [amber if r["is_above_seat"] else blue for r in shown]
    below = next((i for i, r in enumerate(shown) if r["bucket_to_czk"] is None or r["bucket_to_czk"] > on.seat_czk), 0)
    figure = figures.columns(
        labels,
        [r["persons"] for r in shown],
        colours=colours,
        texts=[fmt.number(r["persons"]) for r in shown],
        hovers=[
            f"<b>{fmt.number(r['persons'])}</b>  {_bucket(r).replace('<br>', '')} {_('CZK a month')}" for r in shown
        ],
        line_at=below - 0.5 + _within(shown[below], on.seat_czk) if shown else None,
        line_title=_("seat {price}", price=fmt.money(on.seat_czk)),
    )
    figure["layout"]["xaxis"] |= {
        "title": {"text": _("CZK a month per person, by use"), "font": {"size": 12}, "standoff": 14}
    }
    figure["layout"]["xaxis"]["tickfont"] = {"size": 10.5}
    figure["layout"]["margin"] |= {"b": 70}
    return chart(
        spec_id, figure, alt=_("People by what they cost a month; the line is the price of a seat."), height=260
    )


def _trimmed(buckets: list[Row], seat: Decimal) -> list[Row]:
    """Buckets up to one beyond the last with anybody and beyond the price of a seat."""
    used = [i for i, r in enumerate(buckets) if r["persons"] != 0 or r["bucket_from_czk"] <= seat]
    return buckets[: max(used, default=0) + 2]


def _bucket(row: Row) -> str:
    low, high = row["bucket_from_czk"], row["bucket_to_czk"]
    if low >= 1000:
        unit = _("{number}k", number="").strip(fmt.NBSP)
        return f"{fmt.number(low / 1000)}{'+' if high is None else f'–{fmt.number(high / 1000)}'}<br>{unit}"
    return f"{fmt.number(low)}–<br>{fmt.number(high)}"


def _within(bucket: Row, seat: Decimal) -> float:
    """Where in its bucket the price stands, 0 at the left edge."""
    low, high = bucket["bucket_from_czk"], bucket["bucket_to_czk"]
    if high is None:
        return 0.0 if seat <= low else 0.5
    return float((seat - low) / (high - low)) if seat > low else 0.0


def ways(on: Basis, row: Row) -> list[Option]:
    """The three ways to pay, on one scale."""
    costs = {key: known(row[key]) for key in ("all_metered_czk", "all_seats_czk", "best_mix_czk")}
    peak = max((c for c in costs.values() if c is not None), default=None)
    cheapest = costs["best_mix_czk"]  # never dearer than the others; hidden, nothing can be called cheapest
    said = {r["key"]: r for r in ways_rows(on, row)}
    chosen = next(
        (
            k
            for k in ("all_metered_czk", "all_seats_czk", "best_mix_czk")
            if costs[k] is not None and costs[k] == cheapest
        ),
        None,
    )
    return [
        Option(
            said[key]["way"],
            fmt.money(row[key]),
            part(row[key], peak),
            badge=_("cheapest") if key == chosen else _("today") if key == "all_metered_czk" else None,
            is_best=key == chosen,
            detail=said[key]["detail"],
        )
        for key in costs
    ]


def ways_rows(on: Basis, row: Row) -> list[Row]:
    """The three ways as rows of a table: way, cost a month, difference from paying for use."""
    seats = known(row["best_mix_seats"])
    active = known(row["active_persons"])
    bought = max(active, on.minimum_seats) if active is not None else None
    mix = ngettext("{n} seat, the others by use", "{n} seats, the others by use", seats) if seats else _("no seats")
    details = {
        "all_metered_czk": _("what the Sandbox costs now, before tax"),
        "all_seats_czk": ngettext("{n} seat", "{n} seats", bought) if bought is not None else "",
        "best_mix_czk": fmt.NONE if isinstance(row["best_mix_seats"], fmt.Hidden) else mix,
    }
    names = {
        "all_metered_czk": _("Everybody by use"),
        "all_seats_czk": _("A seat for everybody"),
        "best_mix_czk": _("Seats only where they pay"),
    }
    metered = known(row["all_metered_czk"])
    return [
        {"key": k, "way": names[k], "czk": row[k], "detail": details[k], "saved": _saved(metered, row[k])}
        for k in names
    ]


def _saved(metered: Any, cost: Any) -> Any:
    """Saving against paying for use; negative when it costs more."""
    return metered - cost if metered is not None and known(cost) is not None else None


def ways_columns() -> list[Column]:
    """Columns of the table of ways to pay."""
    return [
        Column("way", _("Way to pay")),
        Column("detail", _("Detail")),
        Column("czk", _("Cost a month"), "czk"),
        Column("saved", _("Saved against use"), "czk"),
    ]


def basis_line(on: Basis) -> Any:
    """Months and price, under the bars."""
    said = _("Mean of {months}; a seat costs {seat} a month.", months=on.months_said, seat=fmt.money(on.seat_czk))
    return tag("p", said, class_="hint")


def suppression(board: Board) -> str:
    """Why some groups are not shown."""
    return hidden_note(board.facts.minimum_group)
