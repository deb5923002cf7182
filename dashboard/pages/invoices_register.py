"""The register of documents, prepaid credits, and the charges as a file for other systems."""

from decimal import Decimal

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import bullet_list
from dashboard.icons import icon
from dashboard.language import _, language, ngettext
from dashboard.markup import tag
from dashboard.pages.invoices_month import chosen_month, status_names
from dashboard.sheets import Column, Sheet, table
from queries.focus import FORMATS, VERSION

REMEDIES = 5  # said above the table; all of them stand in its files
SHOWN = frozenset({"name", "kind_name", "state_name", "match_name", "tax_point", "net", "net_czk", "vat_czk"})


def kind_names() -> dict[str, str]:
    """{kind of document: its name}."""
    return {
        "invoice": _("invoice"),
        "credit_note": _("credit note"),
        "report": _("report"),
        "flat": _("flat cost"),
        "refused": _("refused"),
    }


def _state_names() -> dict[str, str]:
    return {
        "booked": _("booked"),
        "superseded": _("an invoice stands instead"),
        "prepaid": _("paid from prepaid credit"),
        "later": _("its month has not come"),
        "no_rate": _("not booked: no exchange rate"),
        "no_rule": _("not booked: no rule for its tax"),
        "refused": _("refused"),
    }


def register(board: Board) -> Card | Empty:
    """Every document of the period, newest first; refused ones with their reason on top."""
    title = _("Which documents have come, and are they booked?")
    rows = board.over_period("invoices/register", units=())
    if not rows:
        return Empty(title, _("No document in this period"), _("Try a longer period, or put invoices into the folder."))
    lines = [_line(r) for r in rows]
    columns = [
        Column("name", _("Document")),
        Column("kind_name", _("Kind")),
        Column("state_name", _("State"), "moment"),
        Column("match_name", _("Metering"), "moment"),
        Column("tax_point", _("Tax point"), "day"),
        Column("net", _("Before tax"), "moment"),
        Column("tax", _("Tax"), "moment"),
        Column("gross", _("With tax"), "moment"),
        Column("rate", _("Rate"), "moment"),
        Column("net_czk", _("Booked, CZK"), "czk_exact"),
        Column("vat_czk", _("VAT, CZK"), "czk_exact"),
        Column("issuer", _("Issuer"), "moment"),
        Column("invoice_id", _("Number"), "moment"),
        Column("remedy", _("What to do"), "name"),
    ]
    sheet = Sheet(columns, lines)
    wanting = [f"{r['name']}: {r['remedy']}" for r in lines if r["remedy"]]
    narrow = Sheet([c for c in columns if c.key in SHOWN], lines)  # the rest stands in the files
    parts = [*([bullet_list(wanting[:REMEDIES])] if wanting else []), table(narrow, caption=title)]
    note = _(
        "CZK at the Czech National Bank's rate of the tax point. Tax that the university assesses itself is marked "
        "with *."
    )
    return Card(
        title, _register_finding(rows), parts, sheet, ("invoices/register",), note=note,
        is_table=True,
    )  # fmt: skip


def _line(row: Row) -> Row:
    currency = row["currency"] or ""
    rate = None
    if row["czk_per_unit"] is not None and currency != "CZK":
        rate = f"{fmt.number(row['czk_per_unit'], 3)} ({fmt.day(row['rate_day'])})"
    state = _state_names().get(row["state"], row["state"])
    return {
        **row,
        "name": row["document_name"],
        "invoice_id": row["invoice_id"] or fmt.NONE,
        "kind_name": kind_names().get(row["kind"], row["kind"]),
        "issuer": row["invoice_issuer_name"] or (fmt.provider_name(row["provider"]) if row["provider"] else None),
        "net": _amount(row["net_total"], currency),
        "tax": "*" if row["is_self_assessed"] and not row["tax_total"] else _amount(row["tax_total"], currency),
        "gross": _amount(row["gross_total"], currency),
        "rate": rate or fmt.NONE,
        "state_name": state,
        "match_name": status_names().get(row["match"], "") if row["match"] else fmt.NONE,
        "remedy": row["remedy"] or "",
    }


def _amount(value: Decimal | None, currency: str) -> str:
    return fmt.NONE if value is None else f"{fmt.number(value, 2)} {currency}".strip()


def _register_finding(rows: list[Row]) -> str:
    booked = [r for r in rows if r["state"] == "booked"]
    refused = [r for r in rows if r["state"] == "refused"]
    stuck = [r for r in rows if r["state"] in ("no_rate", "no_rule")]
    said = ngettext("{n} document is booked", "{n} documents are booked", len(booked))
    said += _(", {amount} before tax.", amount=fmt.money(sum((r["net_czk"] for r in booked), Decimal(0))))
    if refused:
        said += " " + ngettext(
            "{n} could not be read: {name}.", "{n} could not be read, e.g. {name}.", len(refused),
            name=refused[0]["document_name"],
        )  # fmt: skip
    if stuck:
        said += " " + ngettext("{n} is read but can't be booked.", "{n} are read but can't be booked.", len(stuck))
    return said


def credits_card(board: Board) -> Card | Empty:
    """What was bought in advance, what of it was used, what lapsed: three measures, never one sum."""
    title = _("What became of prepaid credits?")
    rows = board.over_period("invoices/credits", units=())
    if not rows:
        return Empty(title, _("No prepaid credits are known"), _("They come with invoices that name them."))
    columns = [
        Column("provider", _("Provider"), "provider"),
        Column("currency", _("Currency")),
        Column("purchased", _("Bought"), "count"),
        Column("burned_down", _("Used"), "count"),
        Column("expired", _("Lapsed"), "count"),
        Column("granted", _("Granted"), "count"),
        Column("left", _("Left"), "count"),
    ]
    lapsed = [r for r in rows if r["expired"]]
    most = max(rows, key=lambda r: r["left"])
    finding = _(
        "{amount} {currency} of {provider} is left.",
        amount=fmt.number(most["left"]),
        currency=most["currency"],
        provider=fmt.provider_name(most["provider"]),
    )
    if lapsed:
        what = ", ".join(
            f"{fmt.number(r['expired'])} {r['currency']} ({fmt.provider_name(r['provider'])})" for r in lapsed
        )
        finding += " " + _("Lapsed unused in the period: {what}.", what=what)
    sheet = Sheet(columns, rows)
    note = _(
        "Bought is paid; used and lapsed are what it turned into. They are different measures and are not added up."
    )
    return Card(title, finding, [table(sheet, caption=title)], sheet, ("invoices/credits",), note=note, is_table=True)


def focus_links(board: Board) -> Markup:
    """Downloads of the month's charges in the FinOps format, for the units the viewer may see."""
    month = chosen_month(board)
    if month is None:
        return Markup()
    query = f"month={month:%Y-%m}&lang={language()}"
    links = [
        tag("a", icon("download"), kind.upper(), href=f"/export/focus.{kind}?{query}", class_="quiet", download=True)
        for kind in FORMATS
    ]
    said = _("Charges of {month} as FOCUS {version}:", month=fmt.month(month), version=VERSION)
    return tag("p", said, [part for link in links for part in (" ", link)], class_="note")
