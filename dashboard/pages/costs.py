"""Costs: who spends, on what, and do the invoices agree?"""

from datetime import date

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart
from dashboard.components import Bar, ranked_bars
from dashboard.figures import Line
from dashboard.language import _
from dashboard.pages.budget_card import budget
from dashboard.pages.cost_change import why_it_changed
from dashboard.pages.cost_more import anomalies, by_key
from dashboard.pages.shared_cards import (
    charged_in,
    events,
    events_said,
    known,
    model_colour,
    part,
    shaded,
    share_of,
    total,
    usage_by_unit,
)
from dashboard.pages.unit_cards import path_to, unit_columns, who_spends
from dashboard.period import months_back
from dashboard.sheets import Column, Sheet, table

MONTHS = 12
BARS = 12


def by_month(board: Board, spec_id: str = "cost-by-month") -> Card | Empty:
    """Metered cost per month of the last year; months that are not over are pale."""
    title = _("How does the cost develop?")
    start = max(months_back(board.period.end.replace(day=1), MONTHS - 1), date(2000, 1, 1))
    rows = board.ask("cost/monthly", units=[board.unit], start=start, end=board.period.end)
    if not any(r["metered_czk"] for r in rows):
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    faint = [not r["is_complete"] for r in rows]
    labels = [fmt.month_short(r["month_start"]) for r in rows]
    metered = [fmt.converted(r["metered_czk"]) for r in rows]
    figure = figures.columns(
        [f"{label}{'*' if pale else ''}" for label, pale in zip(labels, faint, strict=True)],
        metered,
        faint=faint,
        hovers=[f"<b>{fmt.money(r['metered_czk'])}</b>  {fmt.month(r['month_start'])}" for r in rows],
    )
    columns = [
        Column("month_start", _("Month"), "month"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("net_czk", _("Charged, before tax"), "czk"),
    ]
    charged = {r["month_start"]: r["net_czk"] for r in board.ask(
        "cost/allocated", units=[board.unit], start=start, end=board.period.end
    )}  # fmt: skip
    rows = [{**r, "net_czk": charged.get(r["month_start"])} for r in rows]
    finding = _month_finding([r for r in rows if r["is_complete"]])
    partial = _("* not a whole month") if any(faint) else None
    picture = chart(spec_id, figure, alt=finding, height=250)
    return Card(
        title, finding, [picture], Sheet(columns, rows[::-1]), ("cost/monthly", "cost/allocated"), partial=partial
    )


def _month_finding(whole: list[Row]) -> str:
    if not whole:
        return _("No month is whole yet.")
    last = whole[-1]
    said = _("{month}: {cost}", month=fmt.month(last["month_start"]).capitalize(), cost=fmt.money(last["metered_czk"]))
    moved = fmt.change(last["metered_czk"], whole[-2]["metered_czk"]) if len(whole) > 1 else None
    return said + (_(", {change} against the month before.", change=moved) if moved else ".")


def by_model(board: Board) -> Card | Empty:
    """Which models the money goes to."""
    title = _("Which models cost the most?")
    rows = [r for r in _by_cost(board.over_period("cost/by_model")) if r["requests"]]
    amount = total(rows, "metered_czk")
    if not amount:
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    peak = rows[0]["metered_czk"]
    bars = [
        Bar(
            r["title"],
            "",
            fmt.money(r["metered_czk"], decimals=0),
            share_of(r["metered_czk"], amount),
            part(r["metered_czk"], peak),
            colour=model_colour(board, r["model"]),
        )
        for r in rows[:BARS]
    ]
    columns = [
        Column("title", _("Model")),
        Column("provider", _("Provider"), "provider"),
        Column("requests", _("Requests"), "count"),
        Column("billed_tokens", _("Tokens"), "compact"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("effective_usd_per_million_tokens", _("USD per 1M tokens"), "usd"),
    ]
    first = rows[0]
    finding = _(
        "{model} takes {share} of the cost.", model=first["title"], share=fmt.share(part(first["metered_czk"], amount))
    )
    free = sorted(r["title"] for r in rows if r["metered_czk"] is None)
    note = _("The cost of {names} is unknown and not in the total.", names=", ".join(free)) if free else None
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, rows), ("cost/by_model",), note=note)


def _by_cost(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: -(r["metered_czk"] or 0))


def by_provider(board: Board) -> Card | Empty:
    """Who is paid in the end."""
    title = _("Which providers does it go to?")
    rows = _by_cost(board.over_period("cost/by_provider"))
    amount = total(rows, "metered_czk")
    if not amount:
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    peak = rows[0]["metered_czk"]
    bars = [
        Bar(
            fmt.provider_name(r["provider"]),
            "",
            fmt.money(r["metered_czk"], decimals=0),
            share_of(r["metered_czk"], amount),
            part(r["metered_czk"], peak),
        )
        for r in rows
    ]
    columns = [
        Column("provider", _("Provider"), "provider"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
    ]
    share = fmt.share(part(peak, amount))
    finding = _("{provider} serves {share} of the cost.", provider=fmt.provider_name(rows[0]["provider"]), share=share)
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, rows), ("cost/by_provider",))


def special_lines(board: Board) -> Card | Empty:
    """Unknown, shared and unallocated cost: always shown, also when there is none."""
    title = _("What can't be put to any unit?")
    rows = usage_by_unit(board, board.period.start, board.period.end)
    whole = rows.get(board.facts.root)
    lines = [{**rows[unit], "name": board.unit_name(unit)} for unit in board.specials if unit in rows]
    lines.sort(key=lambda r: -(r["metered_czk"] or 0))
    columns = [c for c in unit_columns(board) if c.key not in ("unit", "name", "active_persons", "cost_per_active_czk")]
    columns.insert(0, Column("name", _("Unit")))
    columns.append(Column("net_czk", _("Charged in whole months, before tax"), "czk"))
    charged = charged_in(board, board.specials)
    lines = [{**line, "net_czk": charged.get(line["unit"])} for line in lines]
    metered, all_metered = total(lines, "metered_czk"), (whole or {}).get("metered_czk")
    share = fmt.share(part(metered, all_metered), 1)
    finding = _("{amount} of metered cost, {share} of all, has no unit.", amount=fmt.money(metered), share=share)
    if loose := charged.get("UNALLOCATED"):
        finding += " " + _("{amount} of what invoices charge is placed by no rule.", amount=fmt.money(loose))
    sheet = Sheet(columns, lines)
    note = _(
        "Unknown: the person's unit is not in the directory. Shared: paid for all. Unallocated: on an invoice, but no "
        "rule places it. What is charged counts in whole months."
    )
    queries = ("cost/by_unit", "cost/allocated")
    return Card(title, finding, [table(sheet, caption=title)], sheet, queries, note=note, is_table=True)


def day_by_day(board: Board) -> Card | Empty:
    """Cost per day."""
    title = _("Which days were expensive?")
    rows = board.over_period("cost/daily")
    if not any(r["metered_czk"] for r in rows):
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    days = [r["day"] for r in rows]
    name = _("{currency}/day", currency=fmt.currency_said())
    series = [Line(name, [fmt.converted(r["metered_czk"]) for r in rows], theme.DATA["blue"], 1.6)]
    top = max(rows, key=lambda r: known(r["metered_czk"]) or 0)
    cost = fmt.money(top["metered_czk"])
    finding = _("The most expensive day was {day} with {cost}.", day=fmt.day(top["day"]), cost=cost)
    columns = [
        Column("day", _("Day"), "day"),
        Column("requests", _("Requests"), "count"),
        Column("metered_czk", _("Metered cost"), "czk"),
    ]
    marks = events(board)
    figure = figures.lines(days, series, height=230, spans=shaded(board), marks=marks, shape=",.0f")
    picture = chart("cost-by-day", figure, alt=finding, height=230)
    note = " ".join(events_said(marks)) or None
    return Card(title, finding, [picture], Sheet(columns, rows[::-1]), ("cost/daily",), note=note)


PAGE = Page(
    path="/costs",
    name="costs",
    icon="costs",
    title=lambda: _("Costs"),
    filters=frozenset({"compare", "channel", "currency"}),
    specs=(
        Spec("place", path_to),
        Spec("who-spends", who_spends, 5, tall=True),
        Spec("cost-by-month", by_month, 7),
        Spec("why-it-changed", why_it_changed, 7),
        Spec("anomalies", anomalies, 7),
        Spec("cost-by-day", day_by_day, 7),
        Spec("cost-by-key", by_key, 5),
        Spec("cost-by-model", by_model, 7),
        Spec("cost-by-provider", by_provider, 5),
        Spec("budget", budget),
        Spec("special-lines", special_lines),
    ),
)
