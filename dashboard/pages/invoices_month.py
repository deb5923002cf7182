"""The month and the provider that the cards of the Invoices page speak of, and the names of what stands in them."""

from datetime import date
from decimal import Decimal

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.language import _
from dashboard.markup import tag
from dashboard.period import months_back

OFFERED = 6
CAUSES = (
    "exchange_rate", "day_boundary", "price", "cached", "volume", "discount", "bypass", "fees", "credits", "period",
    "not_billed", "residual",
)  # fmt: skip


def steps_of(board: Board) -> list[Row]:
    """Rows of invoices/reconciliation of the last two years."""
    last = board.facts.through.replace(day=1)
    return board.ask("invoices/reconciliation", start=months_back(last, 24), end=months_back(last, -1))


def months_of(board: Board) -> list[date]:
    """Months for which something is metered or billed, oldest first."""
    return sorted({r["month_start"] for r in steps_of(board)})


def chosen_month(board: Board) -> date | None:
    """The month in the address, else the last one that is over and has a bill, else the last one there is."""
    months = months_of(board)
    if board.view.month in months:
        return board.view.month
    running = board.facts.through.replace(day=1)
    billed = {r["month_start"] for r in steps_of(board) if r["cause"] == "billed_net" and r["czk"]}
    return max(billed - {running}, default=months[-1] if months else None)


def month_choice(board: Board, about: str) -> Markup:
    """Links to the last months for the card `about`; any other by its address."""
    chosen, months = chosen_month(board), months_of(board)[-OFFERED:]
    shown = months if chosen in months or chosen is None else [chosen, *months]
    links = [
        tag("a", f"{m.month}/{m.year}", href=board.view.link(month=m), aria_current="true" if m == chosen else None)
        for m in shown
    ]
    return tag("nav", links, class_="chips months", aria_label=f"{_('Month')}: {about}")


def provider_choice(board: Board, providers: list[str], chosen: str | None) -> Markup:
    """Links to the providers of the month, and to all of them together."""
    choices = [(None, _("all")), *((p, fmt.provider_name(p)) for p in providers)]
    links = [
        tag("a", name, href=board.view.link(provider=p), aria_current="true" if p == chosen else None)
        for p, name in choices
    ]
    return tag("nav", links, class_="chips months", aria_label=_("Provider"))


def summed(rows: list[Row]) -> dict[str, tuple[Decimal, Decimal]]:
    """{step: (CZK, USD)}, added up over providers."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        czk, usd = found.get(row["cause"], (Decimal(0), Decimal(0)))
        found[row["cause"]] = (czk + row["czk"], usd + row["usd"])
    return found


def cause_names() -> dict[str, tuple[str, str]]:
    """{step: (its name, what it means)}."""
    return {
        "metered": (_("Metered"), _("what the gateway reckoned for the month's requests, at each day's rate")),
        "exchange_rate": (_("exchange rate"), _("the same dollars at the rate of the tax point, not of each day")),
        "day_boundary": (_("day boundary"), _("the provider's month is in UTC: requests around midnight change month")),
        "price": (_("price of tokens"), _("the gateway's prices against the list prices of each day")),
        "cached": (_("cached tokens"), _("what the gateway reckoned for cached tokens against their list price")),
        "volume": (_("volume"), _("tokens the provider reports more or fewer than the gateway counted")),
        "discount": (_("agreed price"), _("what the bill itself says it is below or above list price")),
        "bypass": (_("past the gateway"), _("projects and models the gateway has never used")),
        "fees": (_("fees without tokens"), _("seats, searches, storage, leases: nothing the gateway could meter")),
        "credits": (_("credits"), _("credit notes, grants, prepaid credit bought, and use paid from it")),
        "period": (_("another month"), _("booked this month for another one, less what is booked elsewhere")),
        "not_billed": (_("not billed"), _("metered, but no bill or report speaks of it (yet)")),
        "residual": (_("unexplained"), _("what no cause above explains")),
        "billed_net": (_("Billed before tax"), _("what is booked for the month, before tax")),
        "vat": (_("VAT"), _("tax, also where the university assesses it itself")),
        "billed": (_("Billed with tax"), _("what is booked for the month, with all tax")),
    }


def status_names() -> dict[str, str]:
    """{match status: its name}."""
    return {
        "matched": _("agrees"),
        "deviating": _("deviates"),
        "provisional": _("report only"),
        "nothing_metered": _("nothing metered"),
        "nothing_billed": _("no bill yet"),
    }


def missing_said(note: str | None) -> str:
    """What is missing to know more, in a few words; '' when nothing is."""
    words = {
        "provisional": _("invoice"),
        "no_provider_usage": _("usage report"),
        "no_price": _("list prices"),
        "no_models": _("models on the bill"),
    }
    return ", ".join(words[code] for code in (note or "").split() if code in words)


def unknown_said(note: str | None) -> str:
    """What could not be known, in words; '' when all could."""
    words = {
        "provisional": _("the bill is a report so far, no invoice has come"),
        "no_provider_usage": _("the provider's usage report is missing, so volume is part of the unexplained"),
        "no_price": _("some models have no list price, so their prices are part of the unexplained"),
        "no_models": _("the bill names no models, so what went past the gateway may be part of the unexplained"),
    }
    return "; ".join(words[code] for code in (note or "").split() if code in words)
