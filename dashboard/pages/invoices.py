"""Invoices: what was billed, by whom, and do our figures agree with it?"""

from collections import defaultdict
from decimal import Decimal

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart
from dashboard.components import legend
from dashboard.language import _
from dashboard.pages.data import documents
from dashboard.pages.shared_cards import part, total
from dashboard.pages.unit_cards import university_parts
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet, table

MONTHS = 12


def invoices(board: Board) -> Card | Empty:
    """Metered against billed per provider, with what no unit owns on a line of its own."""
    title = _("Do the invoices agree with the metering?")
    rows = board.over_period("cost/invoiced", units=())
    if not rows:
        return Empty(title, _("No invoice covers this period"), _("Metered cost is an estimate until invoices arrive."))
    rows = rows + _not_invoiced(board, {r["provider"] for r in rows})
    metered = sum((r["metered_czk"] or Decimal(0) for r in {r["provider"]: r for r in rows}.values()), Decimal(0))
    billed, unallocated = total(rows, "effective_czk"), total(rows, "unallocated_czk")
    lines = [{**r, "difference": _difference(r)} for r in rows]
    columns = [
        Column("provider", _("Provider"), "provider"),
        Column("billing_currency", _("Currency")),
        Column("billed_cost", _("Invoiced, in its currency"), "count"),
        Column("effective_czk", _("Billed cost"), "czk"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("difference", _("Billed − metered"), "czk"),
        Column("unallocated_czk", _("Unallocated"), "czk"),
    ]
    finding = _(
        "Invoices hold {billed} for these days, metering {metered}; {unallocated} belongs to no unit.",
        billed=fmt.money(billed),
        metered=fmt.money(metered),
        unallocated=fmt.money(unallocated),
    )
    sheet = Sheet(columns, lines)
    note = _(
        "Providers count their own days, mostly UTC, and send invoices later: the newest days may lack them. "
        "For the whole university, whichever unit is chosen."
    )
    return Card(title, finding, [table(sheet, caption=title)], sheet, ("cost/invoiced",), note=note, is_table=True)


def _not_invoiced(board: Board, invoiced_by: set[str]) -> list[Row]:
    """Providers that were metered but sent no invoice: without them the metered sum would not be the university's."""
    rows = board.over_period("cost/by_provider", units=[board.facts.root])
    blank = {"billing_currency": None, "billed_cost": None, "effective_czk": None, "unallocated_czk": None}
    return [{**r, **blank} for r in rows if r["provider"] not in invoiced_by and r["metered_czk"]]


def _difference(row: Row) -> Decimal | None:
    if row["effective_czk"] is None or row["metered_czk"] is None:
        return None
    return Decimal(row["effective_czk"] - row["metered_czk"])


def by_month(board: Board) -> Card | Empty:
    """What was billed per month and provider, in the last year."""
    title = _("How much was invoiced each month?")
    last = month_start(board.period.last)
    months = [months_back(last, i) for i in range(MONTHS - 1, -1, -1)]
    asked = {m: board.ask("cost/invoiced", start=m, end=months_back(m, -1)) for m in months}
    billed: defaultdict[str, dict[object, Decimal | None]] = defaultdict(dict)
    for month, rows in asked.items():
        for provider in dict.fromkeys(r["provider"] for r in rows):
            billed[provider][month] = _sum_known([r for r in rows if r["provider"] == provider])
    if not billed:
        return Empty(title, _("No invoice covers this year"), _("Metered cost is an estimate until invoices arrive."))
    ranked = sorted(billed, key=lambda p: (-sum(v or 0 for v in billed[p].values()), p))
    series = [
        figures.Line(fmt.provider_name(p), [billed[p].get(m) for m in months], theme.colour(i))
        for i, p in enumerate(ranked)
    ]
    figure = figures.above_below([f"{m.month}/{m.year % 100:02}" for m in months], series)
    lines = [{"month": m, **{p: billed[p].get(m) for p in ranked}} for m in months]
    columns = [Column("month", _("Month"), "month"), *(Column(p, fmt.provider_name(p), "czk_exact") for p in ranked)]
    whole = sum((v or Decimal(0) for p in ranked for v in billed[p].values()), Decimal(0))
    finding = _(
        "{total} in twelve months; {provider} makes {share}.",
        total=fmt.money(whole),
        provider=fmt.provider_name(ranked[0]),
        share=fmt.share(part(sum(v or Decimal(0) for v in billed[ranked[0]].values()), whole)),
    )
    marks = [(line.colour, line.title, "") for line in series]
    note = _("Invoices spread over the days they pay for, without VAT, for the whole university.")
    picture = chart("invoiced-by-month", figure, alt=finding, height=260)
    return Card(title, finding, [picture, legend(marks)], Sheet(columns, lines[::-1]), ("cost/invoiced",), note=note)


def _sum_known(rows: list[Row]) -> Decimal | None:
    """Sum of the invoices of a provider; unknown when one of them has no rate."""
    values = [r["effective_czk"] for r in rows]
    return None if None in values else sum(values, Decimal(0))


def owners(board: Board) -> Card | Empty:
    """To which units the invoices belong, and what belongs to none: together all that was invoiced."""
    title = _("Whose are the invoices?")
    rows, whole = university_parts(board)
    owned = [r for r in rows if r["effective_czk"]]
    if not owned or whole["effective_czk"] is None:
        return Empty(title, _("No invoice covers this period"), _("Metered cost is an estimate until invoices arrive."))
    owned.sort(key=lambda r: (r["unit"] == "UNALLOCATED", -r["effective_czk"]))
    sheet = Sheet(
        [
            Column("name", _("Unit")),
            Column("effective_czk", _("Billed cost"), "czk_exact"),
            Column("metered_czk", _("Metered cost"), "czk_exact"),
        ],
        owned,
    )
    loose = total([r for r in owned if r["unit"] == "UNALLOCATED"], "effective_czk")
    finding = _(
        "Of {total} invoiced, {share} belongs to no unit.",
        total=fmt.money(whole["effective_czk"]),
        share=fmt.share(part(loose, whole["effective_czk"])),
    )
    note = _("An invoice belongs to the unit that a rule names; no rule spreads one over units by their use yet.")
    return Card(title, finding, [table(sheet, caption=title)], sheet, ("cost/by_unit",), note=note, is_table=True)


PAGE = Page(
    path="/invoices",
    name="invoices",
    icon="invoices",
    title=lambda: _("Invoices"),
    has_unit=False,
    specs=(
        Spec("invoices", invoices),
        Spec("invoiced-by-month", by_month, 7),
        Spec("owners", owners, 5),
        Spec("invoice-documents", documents),
    ),
)
