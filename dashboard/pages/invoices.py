"""Invoices: do the bills agree with the metering, who is charged, and which months are closed?"""

from collections import defaultdict
from decimal import Decimal

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart
from dashboard.components import legend
from dashboard.language import _
from dashboard.pages.invoices_form import typed_invoice
from dashboard.pages.invoices_ledger import allocation, months
from dashboard.pages.invoices_reconciliation import agreement, waterfall
from dashboard.pages.invoices_register import credits_card, register
from dashboard.pages.shared_cards import part
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet

MONTHS = 12


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
    runs = [months_back(m, -1) > board.facts.through for m in months]
    labels = [f"{m.month}/{m.year % 100:02}" + "*" * is_open for m, is_open in zip(months, runs, strict=True)]
    figure = figures.above_below(labels, series, faint=runs)
    peak = max(sum(v[m] or 0 for v in billed.values() if m in v) for m in months)
    figure["layout"]["yaxis"] |= figures.value_ticks(float(peak))
    figure["layout"]["margin"]["l"] = 58
    for bar in figure["data"]:
        bar["hovertemplate"] = f"<b>%{{customdata:,d}} {fmt.currency_sign()}</b>  {bar['name']}<extra></extra>"
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
    partial = _("* not a whole month") if any(runs) else None
    sheet = Sheet(columns, lines[::-1])
    return Card(title, finding, [picture, legend(marks)], sheet, ("cost/invoiced",), note=note, partial=partial)


def _sum_known(rows: list[Row]) -> Decimal | None:
    """Sum of the invoices of a provider; unknown when one of them has no rate."""
    values = [r["effective_czk"] for r in rows]
    return None if None in values else sum(values, Decimal(0))


PAGE = Page(
    path="/invoices",
    name="invoices",
    icon="invoices",
    title=lambda: _("Invoices"),
    has_unit=False,
    specs=(
        Spec("invoices", agreement, keeps_czk=True),
        Spec("reconciliation", waterfall, 7, keeps_czk=True),
        Spec("invoiced-by-month", by_month, 5, keeps_czk=True),
        Spec("allocation", allocation, keeps_czk=True),
        Spec("month-close", months, keeps_czk=True),
        Spec("invoice-register", register, keeps_czk=True),
        Spec("typed-invoice", typed_invoice),
        Spec("credits", credits_card, keeps_czk=True),
    ),
)
