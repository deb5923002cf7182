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
from dashboard.problems import problem_said
from dashboard.sheets import Column, Sheet, table
from queries.focus import FORMATS, VERSION

REMEDIES = 5  # said above the table; all of them stand in its files


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
    wanting = [f"{r['name']}: {r['remedy']}" for r in lines if r["remedy"]]
    drawn = table(Sheet(_shown(), lines), caption=title)
    parts = [*([bullet_list(wanting[:REMEDIES])] if wanting else []), drawn]
    note = _(
        "CZK at the Czech National Bank's rate of the tax point. A report counts until its provider's invoice of the "
        "month comes. File names, rates and due days stand in the downloads."
    )
    finding, sheet = _register_finding(rows), Sheet(_columns(), lines)
    return Card(title, finding, parts, sheet, ("invoices/register",), note=note, is_table=True)


def _shown() -> list[Column]:
    """What has room on the page."""
    return [
        Column("issuer", _("Issuer")),
        Column("number", _("Document"), "moment"),
        Column("kind_name", _("Kind"), "moment"),
        Column("state_name", _("State")),
        Column("tax_point", _("Tax point"), "day"),
        Column("net", _("Before tax"), "change"),
        Column("net_czk", _("Booked, CZK"), "amount"),
        Column("vat_czk", _("VAT, CZK"), "amount"),
    ]


def _columns() -> list[Column]:
    """Everything, for the files: amounts are numbers, their currency stands beside them."""
    return [
        Column("name", _("Document")),
        Column("issuer", _("Issuer")),
        Column("invoice_id", _("Number")),
        Column("kind_name", _("Kind")),
        Column("state_name", _("State")),
        Column("match_name", _("Metering")),
        Column("tax_point", _("Tax point"), "day"),
        Column("due_day", _("Due"), "day"),
        Column("currency", _("Currency")),
        Column("net_total", _("Before tax"), "amount"),
        Column("tax_total", _("Tax"), "amount"),
        Column("gross_total", _("With tax"), "amount"),
        Column("self_assessed", _("Tax assessed by the university")),
        Column("czk_per_unit", _("Rate"), "rate"),
        Column("rate_day", _("Rate of"), "day"),
        Column("net_czk", _("Booked, CZK"), "czk_exact"),
        Column("vat_czk", _("VAT, CZK"), "czk_exact"),
        Column("corrects_invoice_id", _("Corrects invoice")),
        Column("remedy", _("What to do"), width=80),
    ]


def _line(row: Row) -> Row:
    is_booked = row["state"] == "booked"
    return {
        **row,
        "name": row["document_name"],
        "number": row["invoice_id"] or row["document_name"],
        "kind_name": kind_names().get(row["kind"], row["kind"]),
        "issuer": row["invoice_issuer_name"] or (fmt.provider_name(row["provider"]) if row["provider"] else None),
        "net": _amount(row["net_total"], row["currency"] or ""),
        "net_czk": row["net_czk"] if is_booked else None,
        "vat_czk": row["vat_czk"] if is_booked else None,
        "self_assessed": _("yes") if row["is_self_assessed"] else None,
        "state_name": _state_names().get(row["state"], row["state"]),
        "match_name": status_names().get(row["match"], "") if row["match"] else None,
        "remedy": problem_said(row["remedy"], row["document_name"]),
    }


def _amount(value: Decimal | None, currency: str) -> str:
    return fmt.NONE if value is None else fmt.money(value, currency, 2) if currency else fmt.number(value, 2)


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
    replaced = [r for r in rows if r["state"] == "superseded"]
    if replaced:
        said += " " + ngettext(
            "{n} report is not counted: the invoice of its month stands instead.",
            "{n} reports are not counted: the invoices of their months stand instead.",
            len(replaced),
        )
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
