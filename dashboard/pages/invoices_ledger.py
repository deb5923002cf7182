"""Who is charged for what by which rule, and which months are closed."""

from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.language import _, ngettext
from dashboard.markup import join, tag
from dashboard.orders import may_order
from dashboard.pages.invoices_month import chosen_month, month_choice
from dashboard.pages.invoices_register import focus_links
from dashboard.pages.order_cards import order_form
from dashboard.pages.shared_cards import part
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet, table

ZERO = Decimal(0)
UNALLOCATED = "UNALLOCATED"
MONTHS = 18


def rule_names() -> dict[str, str]:
    """{rule: its name}."""
    return {
        "owner": _("named on the document"),
        "key": _("owner of the key"),
        "seats": _("seats held"),
        "metered": _("by metered cost"),
        "use": _("by use"),
        "shares": _("agreed shares"),
        "even": _("evenly"),
        "unallocated": _("no rule places it"),
    }


def allocation(board: Board) -> Card | Empty:
    """The month's bills by unit: net, tax not deductible, share, and by which rules; what no rule places is last."""
    title = _("Which unit is charged how much?")
    month = chosen_month(board)
    rows = [] if month is None else _allocated(board, month)
    if month is None or not rows:
        return Empty(title, _("Nothing is booked for this month"), _("Reports and invoices are booked as they come."))
    lines = _unit_lines(board, rows)
    whole = _sum_line(lines)
    columns = [
        Column("name", _("Unit")),
        Column("cost_czk", _("Charged"), "czk_exact"),
        Column("share", _("Share"), "share"),
        Column("net_czk", _("Before tax"), "czk_exact"),
        Column("non_deductible_czk", _("VAT not deductible"), "czk_exact"),
        Column("rules", _("By which rule"), "name"),
    ]
    loose = next((r for r in lines if r["unit"] == UNALLOCATED), None)
    top = max((r for r in lines if r["unit"] != UNALLOCATED), key=lambda r: r["net_czk"], default=None)
    sheet = Sheet(columns, [*lines, whole])
    finding = _finding(board, month, whole, top, loose)
    note = _(
        "Units and what no rule could place add up to all that is booked for the month, to the haléř. Charged = before "
        "tax + VAT that can't be claimed back. A faculty holds its departments."
    )
    picture = table(sheet, caption=title, current=lambda r: r is whole)
    more = ((_("By document"), _detail(rows)),)
    parts = [month_choice(board, title), picture]
    return Card(title, finding, parts, sheet, ("cost/statement",), note=note, is_table=True, more=more)


def _allocated(board: Board, month: date) -> list[Row]:
    """Rows of the units right below the root, and of the root itself where it pays directly."""
    root = board.facts.root
    below = [r["unit"] for r in board.facts.units if r["parent_unit"] == root]
    rows = board.ask("cost/statement", units=[*below, root], start=month, end=months_back(month, -1))
    return [r for r in rows if r["unit"] != root or r["paying_unit"] == root]


def _unit_lines(board: Board, rows: list[Row]) -> list[Row]:
    names, found = rule_names(), dict[str, Row]()
    for row in rows:
        line = found.setdefault(
            row["unit"], {"unit": row["unit"], "name": board.unit_name(row["unit"]), "net_czk": ZERO,
                          "vat_czk": ZERO, "non_deductible_czk": ZERO, "by_rule": {}}
        )  # fmt: skip
        for key in ("net_czk", "vat_czk", "non_deductible_czk"):
            line[key] += row[key]
        line["by_rule"][row["rule"]] = line["by_rule"].get(row["rule"], ZERO) + row["net_czk"]
    whole = sum((r["net_czk"] for r in found.values()), ZERO)
    for line in found.values():
        ranked = sorted(line["by_rule"], key=lambda rule: (-abs(line["by_rule"][rule]), rule))
        line["rules"] = ", ".join(names.get(rule, rule) for rule in ranked)
        line["share"] = part(line["net_czk"], whole)
        line["cost_czk"] = line["net_czk"] + line["non_deductible_czk"]
    return sorted(found.values(), key=lambda r: (r["unit"] == UNALLOCATED, -r["net_czk"], r["unit"]))


def _sum_line(lines: list[Row]) -> Row:
    keys = ("net_czk", "vat_czk", "non_deductible_czk", "cost_czk")
    return {
        "unit": None,
        "name": _("Total"),
        "share": 1.0,
        "rules": "",
        **{k: sum((r[k] for r in lines), ZERO) for k in keys},
    }


def _finding(board: Board, month: date, whole: Row, top: Row | None, loose: Row | None) -> str:
    said = _("{month}: {amount} before tax.", month=fmt.month(month).capitalize(), amount=fmt.money(whole["net_czk"]))
    if top:
        said += " " + _(
            "Most goes to {unit}: {share}.", unit=board.unit_label(top["unit"]), share=fmt.share(top["share"])
        )
    if loose and loose["net_czk"]:
        said += " " + _(
            "No rule places {amount} ({share}): set an owner or agreed shares for it.",
            amount=fmt.money(loose["net_czk"]), share=fmt.share(loose["share"], 1),
        )  # fmt: skip
    return said


def _detail(rows: list[Row]) -> Sheet:
    """Every row of the ledger behind the card, for the workbook."""
    names = rule_names()
    columns = [
        Column("unit", _("Unit")),
        Column("paying_unit", _("Paid by")),
        Column("provider", _("Provider"), "provider"),
        Column("document_name", _("Document")),
        Column("invoice_id", _("Number")),
        Column("lines", _("Lines"), "count"),
        Column("what", _("What for")),
        Column("rule_name", _("Rule")),
        Column("net_czk", _("Before tax"), "czk_exact"),
        Column("vat_czk", _("VAT"), "czk_exact"),
        Column("non_deductible_czk", _("VAT not deductible"), "czk_exact"),
        Column("about", _("Remark")),
    ]
    return Sheet(columns, [{**r, "rule_name": names.get(r["rule"], r["rule"]), **remarks(r)} for r in rows])


def remarks(row: Row) -> dict[str, Any]:
    """What is charged for, and what is special about a row of the ledger."""
    is_correction = row["charge_class"] == "Correction"
    about = _("correction of {month}", month=fmt.month(row["origin_month"])) if is_correction else ""
    return {"what": row["service_name"] or fmt.provider_name(row["provider"]), "about": about}


def months(board: Board) -> Card | Empty:
    """The months of the ledger: booked, corrected, closed; whoever may can close the oldest open one or reopen one."""
    title = _("Which months are closed?")
    last = month_start(board.facts.through)
    rows = board.ask("invoices/months", start=months_back(last, MONTHS), end=months_back(last, -1))[::-1]
    if not rows:
        return Empty(title, _("Nothing is booked yet"), _("Reports and invoices are booked as they come."))
    lines = [
        {
            **r,
            "state": _state(board, r),
            "correction": r["corrections_czk"] or None,
            "unbilled": r["provisional_czk"] or None,
        }
        for r in rows
    ]
    columns = [
        Column("month_start", _("Month"), "month", link=lambda r: board.view.link(month=r["month_start"])),
        Column("state", _("State")),
        Column("net_czk", _("Before tax"), "czk_exact"),
        Column("non_deductible_czk", _("VAT not deductible"), "czk_exact"),
        Column("unallocated_czk", _("Unallocated"), "czk_exact"),
        Column("correction", _("Corrections of earlier months"), "czk_exact"),
        Column("unbilled", _("Without an invoice yet"), "czk_exact"),
    ]
    sheet = Sheet(columns, lines)
    note = _(
        "Rows of a closed month never change. What comes to light later is booked as a correction in an open month: "
        "that is its true-up."
    )
    parts = [table(sheet, caption=title), join([_orders(board, rows), focus_links(board)])]
    finding = _months_finding(rows, last)
    return Card(title, finding, parts, sheet, ("invoices/months",), note=note, is_table=True)


def _state(board: Board, row: Row) -> str:
    if row["is_closed"]:
        return _("closed {when}, {who}", when=fmt.instant_day(row["closed_at"], board.facts.zone), who=row["closed_by"])
    if row["reopened_at"]:
        return _("open again: {reason}", reason=row["reason"] or fmt.NONE)
    return _("open") if row["month_start"] < month_start(board.facts.through) else _("running")


def _open_months(rows: list[Row], last: date) -> list[Row]:
    """Months that are over and not closed, oldest first."""
    return sorted((r for r in rows if not r["is_closed"] and r["month_start"] < last), key=lambda r: r["month_start"])


def _months_finding(rows: list[Row], last: date) -> str:
    waiting = _open_months(rows, last)
    closed = [r for r in rows if r["is_closed"]]
    said = _("No month is closed yet.")
    if closed:
        said = _("Closed up to {month}.", month=fmt.month(closed[0]["month_start"]))
    if waiting:
        first = waiting[0]
        said += " " + ngettext("{n} month waits for closing.", "{n} months wait for closing.", len(waiting))
        if first["provisional_czk"]:
            said += " " + _(
                "In {month}, {amount} has no invoice yet.",
                month=fmt.month(first["month_start"]), amount=fmt.money(first["provisional_czk"]),
            )  # fmt: skip
    return said


def _orders(board: Board, rows: list[Row]) -> Markup | None:
    if not may_order(board.viewer, "close_month"):
        return None
    last = month_start(board.facts.through)
    forms = [_close(board, _open_months(rows, last)), _reopen(board, [r for r in rows if r["is_closed"]])]
    return tag("div", forms, class_="orders")


def _close(board: Board, waiting: list[Row]) -> Markup | None:
    if not waiting:
        return None
    return order_form(board, "close_month", {}, _("Close the month"), _month_field(waiting, _("Month to close")))


def _reopen(board: Board, closed: list[Row]) -> Markup | None:
    if not closed:
        return None
    reason = tag("input", name="reason", required=True, maxlength=200, placeholder=_("Why"), aria_label=_("Why"))
    field = tag("span", reason, class_="field text")
    which = _month_field(closed, _("Month to open again"))
    return order_form(board, "reopen_month", {}, _("Open it again"), which, field)


def _month_field(rows: list[Row], label: str) -> Markup:
    choices = [tag("option", fmt.month(r["month_start"]), value=f"{r['month_start']:%Y-%m}") for r in rows]
    return tag("span", tag("select", choices, name="month", aria_label=label), class_="field select is-small")
