"""The monthly statement of a unit: what it is charged from invoices, and beside it what was metered; to the haléř.

The two are told apart everywhere: charged is what the ledger holds, metered is what the gateway reckoned and is charged
to nobody. Lines add up to the sums shown, on the screen as in the files.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashboard import format as fmt
from dashboard.amounts import booked
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Part
from dashboard.components import subhead
from dashboard.language import _
from dashboard.markup import tag
from dashboard.pages.invoices_ledger import remarks, rule_names
from dashboard.period import DAY, months_back
from dashboard.sheets import Column, Sheet, table

OFFERED = 6  # closed months as links; any other by its address
ZERO = Decimal(0)
QUERIES = ("cost/statement", "invoices/statement_usage", "cost/monthly", "reference/rates")


def statement(board: Board) -> Card | Empty:
    """The statement of the month in the address, else of the last whole one."""
    title = _("What is {unit} charged for the month?", unit=board.unit_label(board.unit))
    months = closed_months(board)
    month = board.view.month or (months[-1] if months else None)
    if month is None or month not in months:
        return Empty(title, _("This month is not over"), _("A statement is made of whole months with data only."))
    end = months_back(month, -1)
    charged = board.ask("cost/statement", units=[board.unit], start=month, end=end)
    used = board.ask("invoices/statement_usage", units=[board.unit], start=month, end=end)
    if not charged and not used:
        return Empty(title, _("Nothing was charged or used in this month"), _("Try another month or unit."))
    used = [*used, *rest_of(used, next((r for r in _monthly(board) if r["month_start"] == month), None))]
    charges, metered = charge_lines(charged), [*booked_lines(used), *([sum_line(used)] if used else [])]
    if charges:
        charges.append(charge_sum(charges))
    sheets = Sheet(_charge_columns(), charges), Sheet(_columns(), metered)
    parts = [_choice(board, months, month), *_tables(title, *sheets)]
    more = ((_("Metered use"), sheets[1]), (_("Rates"), rates_sheet(board, month, end)))
    whole = Sheet(_both_columns(), [*_as_both(charges, _("charged")), *_as_both(metered, _("metered"))])
    finding = _finding(month, charges, metered)
    return Card(title, finding, parts, whole, QUERIES, end - DAY, note=_note(used, charged), is_table=True,
                more=((_("Charged"), sheets[0]), *more))  # fmt: skip


def _choice(board: Board, months: list[date], month: date) -> Part:
    links = [
        tag("a", f"{m.month}/{m.year}", href=board.view.link(month=m), aria_current="true" if m == month else None)
        for m in months[-OFFERED:]
    ]
    return tag("nav", links, class_="chips months", aria_label=_("Month"))


def _tables(title: str, charges: Sheet, metered: Sheet) -> list[Part]:
    """The two tables under headings of their own; where one is empty, it says so."""
    parts: list[Part] = [subhead(_("Charged: from invoices and reports, as booked"))]
    if charges.rows:
        parts.append(table(_filled(charges), caption=title, current=lambda r: r is charges.rows[-1]))
    else:
        parts.append(tag("p", _("Nothing is booked to the unit in this month (yet)."), class_="hint"))
    parts.append(subhead(_("For information: metered by the gateway, charged to nobody")))
    if metered.rows:
        about = _("Metered use")
        parts.append(table(metered, caption=about, current=lambda r: r is metered.rows[-1]))
    else:
        parts.append(tag("p", _("Nothing was metered in this month."), class_="hint"))
    return parts


def _filled(sheet: Sheet) -> Sheet:
    """The sheet without columns that say nothing in any row: for the screen; the files keep all."""
    return Sheet([c for c in sheet.columns if any(r.get(c.key) not in (None, "") for r in sheet.rows)], sheet.rows)


def _finding(month: date, charges: list[Row], metered: list[Row]) -> str:
    said = _("{month}: nothing is booked yet.", month=fmt.month(month).capitalize())
    if charges:
        whole = charges[-1]
        said = _(
            "{month}: {cost} charged, of it {net} before tax and {tax} VAT that can't be claimed back.",
            month=fmt.month(month).capitalize(),
            cost=fmt.money(whole["cost_czk"], decimals=2),
            net=fmt.money(whole["net_czk"], decimals=2),
            tax=fmt.money(whole["non_deductible_czk"], decimals=2),
        )
    if metered:
        said += " " + _("Metered, before tax: {amount}.", amount=fmt.money(metered[-1]["czk"], decimals=2))
    return said


def closed_months(board: Board) -> list[date]:
    """First days of the months wholly covered by the data, oldest first, of the last two years."""
    return [r["month_start"] for r in _monthly(board) if r["is_complete"] and r["month_start"] >= board.facts.first_day]


def _monthly(board: Board) -> list[Row]:
    this = board.facts.through.replace(day=1)
    return board.ask("cost/monthly", units=[board.unit], start=months_back(this, 24), end=months_back(this, -1))


def rest_of(used: list[Row], whole: Row | None) -> list[Row]:
    """What the unit was metered beyond the models shown: those that few people used are not told apart."""
    if whole is None or whole["metered_czk"] is None:
        return []
    czk, usd = (whole[key] - sum((r[key] or ZERO for r in used), ZERO) for key in ("metered_czk", "metered_usd"))
    if not usd:
        return []
    return [{"model": "", "title": _("models that few people used"), "provider": "", "channel": "", "requests": None,
             "billed_tokens": None, "metered_czk": czk, "metered_usd": usd}]  # fmt: skip


def charge_lines(rows: list[Row]) -> list[Row]:
    """One line per row of the ledger, as it is booked: no rounding is left to do."""
    names = rule_names()
    return [
        {
            **r,
            **remarks(r),
            "rule_name": names.get(r["rule"], r["rule"]),
            "cost_czk": r["net_czk"] + r["non_deductible_czk"],
        }
        for r in rows
    ]


def charge_sum(lines: list[Row]) -> Row:
    """The last line: sums of the lines."""
    keys = ("net_czk", "vat_czk", "non_deductible_czk", "cost_czk")
    sums: Row = {key: sum((r[key] for r in lines), ZERO) for key in keys}
    return {"what": _("Total"), "provider": "", "rule_name": "", "about": "", "document_name": "", "invoice_id": "",
            "paying_unit": "", "lines": sum(r["lines"] for r in lines), **sums}  # fmt: skip


def booked_lines(rows: list[Row]) -> list[Row]:
    """One line per model and channel; CZK and USD in hundredths, adding up to the rounded totals; unknown cost stays
    unknown."""
    priced = [r for r in rows if r["metered_czk"] is not None]
    czk, usd = booked([r["metered_czk"] for r in priced]), booked([r["metered_usd"] for r in priced])
    amounts = {_key(r): (c, u) for r, c, u in zip(priced, czk, usd, strict=True)}
    names = {"chat": _("chat"), "api": _("API")}
    return [
        {**r, "czk": c, "usd": u, "rate": _rate(r), "channel_name": names.get(r["channel"], r["channel"])}
        for r in rows
        for c, u in [amounts.get(_key(r), (None, None))]
    ]


def _key(row: Row) -> tuple[Any, ...]:
    return row["model"], row["provider"], row["channel"]


def sum_line(rows: list[Row]) -> Row:
    """The last line: sums of the known."""
    czk, usd = ([r[key] for r in rows if r[key] is not None] for key in ("metered_czk", "metered_usd"))
    whole = {"metered_czk": sum(czk, ZERO), "metered_usd": sum(usd, ZERO)}
    return {
        "title": _("Total"),
        "provider": "",
        "channel_name": "",
        "requests": sum(r["requests"] or 0 for r in rows),
        "billed_tokens": sum(r["billed_tokens"] or 0 for r in rows),
        "usd": booked([whole["metered_usd"]])[0],
        "czk": booked([whole["metered_czk"]])[0],
        "rate": _rate(whole),
    }


def _rate(row: Row) -> Decimal | None:
    """CZK per USD as the amounts came out: the mean of the days' rates, weighted by what was used on each."""
    if not row["metered_usd"] or row["metered_czk"] is None:
        return None
    return booked([Fraction(row["metered_czk"]) / Fraction(row["metered_usd"])], Fraction(1, 10_000))[0]


def rates_sheet(board: Board, start: date, end: date) -> Sheet:
    """The central bank's rates of the month, for the workbook."""
    rows = [r for r in board.ask("reference/rates", start=start, end=end) if r["currency"] == "USD"]
    columns = [
        Column("day", _("Day"), "day"),
        Column("currency", _("Currency")),
        Column("czk_per_unit", _("CZK for one"), "rate"),
        Column("published_day", _("Published for"), "day"),
        Column("origin", _("Source")),
    ]
    return Sheet(columns, rows)


def _charge_columns() -> list[Column]:
    return [
        Column("what", _("What for")),
        Column("document_name", _("Document"), "name"),
        Column("invoice_id", _("Invoice"), minor=True),
        Column("paying_unit", _("Paid by")),
        Column("rule_name", _("Rule"), minor=True),
        Column("net_czk", _("Before tax"), "czk_exact", minor=True),
        Column("vat_czk", _("VAT"), "czk_exact", minor=True),
        Column("non_deductible_czk", _("VAT not deductible"), "czk_exact", minor=True),
        Column("cost_czk", _("Charged"), "czk_exact"),
        Column("about", _("Remark"), "name"),
    ]


def _columns() -> list[Column]:
    return [
        Column("title", _("Model")),
        Column("provider", _("Provider"), "provider", minor=True),
        Column("channel_name", _("Channel")),
        Column("requests", _("Requests"), "count", minor=True),
        Column("billed_tokens", _("Tokens"), "count", minor=True),
        Column("usd", _("Metered cost, USD"), "usd", minor=True),
        Column("rate", _("CZK for USD, mean of the month"), "rate", minor=True),
        Column("czk", _("Metered cost, CZK"), "czk_exact"),
    ]


def _both_columns() -> list[Column]:
    """Charged and metered under each other, for the CSV: the first column tells them apart."""
    charged = [c for c in _charge_columns() if c.key not in ("what", "provider")]
    used = [c for c in _columns() if c.key not in ("title", "provider")]
    first = [
        Column("part", _("Kind of line")),
        Column("line", _("What for")),
        Column("provider", _("Provider"), "provider"),
    ]
    return [*first, *charged, *used]


def _as_both(lines: list[Row], part: str) -> list[Row]:
    return [{**line, "part": part, "line": line.get("what") or line.get("title")} for line in lines]


def _note(used: list[Row], charged: list[Row]) -> str:
    said = _(
        "Charged is what the ledger holds: the unit's part of each document's line, in CZK at the rate of the tax "
        "point; charged = before tax + VAT that can't be claimed back. Metered is what the gateway reckoned, in USD "
        "converted day by day at the Czech National Bank's rate of each day; the file holds the rates. The two differ: "
        "the Invoices page says why."
    )
    unknown = sorted({r["title"] for r in used if r["metered_czk"] is None})
    if unknown:
        said += " " + _("The cost of {names} is unknown and not in the total.", names=", ".join(unknown))
    if any(r["invoice_id"] is None for r in charged):
        said += " " + _("Lines without an invoice stand on a provider's report, or on a flat cost.")
    return said + " " + _("Lines are rounded to hundredths so that they add up to the total.")
