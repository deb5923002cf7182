"""Do the bills agree with the metering, and if not, why: per provider and month, cause by cause."""

from datetime import date
from decimal import Decimal

from dashboard import format as fmt
from dashboard.amounts import booked
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Part, chart
from dashboard.figures_steps import height_of, steps_across
from dashboard.language import _, ngettext
from dashboard.pages.invoices_month import (
    CAUSES,
    cause_names,
    chosen_month,
    missing_said,
    month_choice,
    provider_choice,
    status_names,
    steps_of,
    summed,
    unknown_said,
)
from dashboard.sheets import Column, Sheet, table

QUERY = "invoices/reconciliation"
ZERO, HALF = Decimal(0), Decimal("0.5")


def _nothing(title: str) -> Empty:
    return Empty(title, _("Nothing is metered or billed yet"), _("Put invoices into the folder, or type one in below."))


def agreement(board: Board) -> Card | Empty:
    """One line per provider of the month: metered, billed, what explains most of the gap, what nothing explains."""
    title = _("Do the invoices agree with the metering?")
    month = chosen_month(board)
    if month is None:
        return _nothing(title)
    rows = [r for r in steps_of(board) if r["month_start"] == month]
    lines = [_provider_line(p, [r for r in rows if r["provider"] == p]) for p in _providers(rows)]
    sheet = Sheet(_columns(), [*lines, _total_line(lines)])
    note = _(
        "A bill agrees when at most {czk} or {share} of it stays unexplained. For the whole university.",
        czk=fmt.money(Decimal(board.facts.settings.get("invoice_warn_czk", "500"))),
        share=fmt.share(Decimal(board.facts.settings.get("invoice_warn_share", "0.02"))),
    )
    picture = table(sheet, caption=title, current=lambda r: r is sheet.rows[-1])
    parts = [month_choice(board, title), picture]
    return Card(title, _finding(month, lines), parts, sheet, (QUERY,), note=note, is_table=True)


def _columns() -> list[Column]:
    return [
        Column("provider", _("Provider"), "provider"),
        Column("status_name", _("Result")),
        Column("metered", _("Metered cost"), "czk_exact"),
        Column("billed", _("Billed before tax"), "czk_exact"),
        Column("gap", _("Billed − metered"), "czk_exact"),
        Column("main", _("Mostly because of"), "moment"),
        Column("residual", _("Unexplained"), "czk_exact"),
        Column("missing", _("Missing"), "name"),
    ]


def _providers(rows: list[Row]) -> list[str]:
    """Providers, dearest first."""
    weight: dict[str, Decimal] = {}
    for row in rows:
        if row["cause"] in ("metered", "billed_net"):
            weight[row["provider"]] = weight.get(row["provider"], ZERO) + abs(row["czk"])
    return sorted(weight, key=lambda p: (-weight[p], p))


def _provider_line(provider: str, rows: list[Row]) -> Row:
    amounts = {cause: czk for cause, (czk, _usd) in summed(rows).items()}
    causes = {c: amounts.get(c, ZERO) for c in CAUSES if c != "residual"}
    largest = max(causes, key=lambda c: abs(causes[c]))
    said = f"{cause_names()[largest][0]} {_signed(causes[largest])}" if causes[largest] else fmt.NONE
    notes = next((r["note"] for r in rows if r["cause"] == "residual"), None)
    metered, billed = (amounts.get(key, ZERO) for key in ("metered", "billed_net"))
    return {
        "provider": provider,
        "status": rows[0]["status"],
        "status_name": status_names()[rows[0]["status"]],
        "metered": metered,
        "billed": billed,
        "gap": billed - metered,
        "main": said,
        "residual": amounts.get("residual", ZERO),
        "vat": amounts.get("vat", ZERO),
        "missing": missing_said(notes),
    }


def _total_line(lines: list[Row]) -> Row:
    sums = {key: sum((r[key] for r in lines), ZERO) for key in ("metered", "billed", "gap", "residual", "vat")}
    return {"provider": _("Total"), "status_name": "", "main": "", "missing": "", **sums}


def _finding(month: date, lines: list[Row]) -> str:
    off = [r for r in lines if r["status"] == "deviating"]
    waiting = [r for r in lines if r["status"] in ("provisional", "nothing_billed")]
    billed, metered = (sum((r[key] for r in lines), ZERO) for key in ("billed", "metered"))
    said = _(
        "{month}: {billed} billed before tax, {metered} metered.",
        month=fmt.month(month).capitalize(),
        billed=fmt.money(billed),
        metered=fmt.money(metered),
    )
    if off:
        worst = max(off, key=lambda r: abs(r["residual"]))
        said += " " + ngettext(
            "{n} provider deviates; the most is {amount} of {provider}: ask them, or load their usage report.",
            "{n} providers deviate; the most is {amount} of {provider}: ask them, or load their usage report.",
            len(off),
            amount=fmt.money(worst["residual"]),
            provider=fmt.provider_name(worst["provider"]),
        )
    elif waiting:
        names = ", ".join(fmt.provider_name(r["provider"]) for r in waiting)
        said += " " + _("No invoice yet: {names}.", names=names)
    else:
        said += " " + _("All is explained.")
    return said


def waterfall(board: Board) -> Card | Empty:
    """The steps from metered to billed of the month, of one provider or all of them."""
    title = _("Why is the bill not what was metered?")
    month = chosen_month(board)
    if month is None:
        return _nothing(title)
    rows = [r for r in steps_of(board) if r["month_start"] == month]
    providers = _providers(rows)
    provider = board.view.provider if board.view.provider in providers else None
    asked = [r for r in rows if provider in (None, r["provider"])]
    lines = _step_lines(summed(asked))
    drawn = [r for r in lines if r["cause"] not in ("vat", "billed") and (r["is_total"] or abs(r["czk"]) >= HALF)]
    texts = [fmt.money(r["czk"], decimals=0) if r["is_total"] else _signed(r["czk"]) for r in drawn]
    totals = [bool(r["is_total"]) for r in drawn]
    figure = steps_across([r["step"] for r in drawn], [r["czk"] for r in drawn], totals=totals, texts=texts)
    finding = _waterfall_finding(lines, provider)
    columns = [
        Column("step", _("Step")),
        Column("czk", _("CZK"), "czk_exact"),
        Column("usd", _("USD"), "usd"),
        Column("about", _("Meaning"), width=70),
    ]
    picture = chart("reconciliation", figure, alt=finding, height=height_of(len(drawn)))
    parts: list[Part] = [provider_choice(board, providers, provider), picture]
    return Card(title, finding, parts, Sheet(columns, lines), (QUERY,), note=_unknown(asked))


def _step_lines(amounts: dict[str, tuple[Decimal, Decimal]]) -> list[Row]:
    """All steps in hundredths that add up: metered + causes = billed before tax, and with tax billed."""
    names = cause_names()
    czk = booked([amounts.get(c, (ZERO, ZERO))[0] for c in ("metered", *CAUSES)])
    usd = booked([amounts.get(c, (ZERO, ZERO))[1] for c in ("metered", *CAUSES)])
    steps = list(zip(("metered", *CAUSES), czk, usd, strict=True))
    vat = [x.quantize(Decimal("0.01")) for x in amounts.get("vat", (ZERO, ZERO))]
    net = sum(czk, ZERO), sum(usd, ZERO)
    steps += [("billed_net", *net), ("vat", vat[0], vat[1]), ("billed", net[0] + vat[0], net[1] + vat[1])]
    return [
        {"cause": c, "step": names[c][0], "about": names[c][1], "czk": a, "usd": b,
         "is_total": c in ("metered", "billed_net", "billed")}
        for c, a, b in steps
    ]  # fmt: skip


def _waterfall_finding(lines: list[Row], provider: str | None) -> str:
    found = {r["cause"]: r for r in lines}
    gap = found["billed_net"]["czk"] - found["metered"]["czk"]
    causes = [found[c] for c in CAUSES if c != "residual" and found[c]["czk"]]
    who = fmt.provider_name(provider) if provider else _("All providers together")
    said = _("{who}: {gap} between metered and billed before tax.", who=who, gap=_signed(gap))
    if causes:
        top = max(causes, key=lambda r: abs(r["czk"]))
        said += " " + _("Most of it: {cause}, {amount}.", cause=top["step"], amount=_signed(top["czk"]))
    said += " " + _("Unexplained: {amount}.", amount=_signed(found["residual"]["czk"]))
    return said + " " + _("VAT of {amount} comes on top.", amount=fmt.money(found["vat"]["czk"]))


def _unknown(rows: list[Row]) -> str:
    codes: set[str] = set()
    for row in rows:
        codes |= set((row["note"] or "").split()) if row["cause"] == "residual" else set()
    order = ("provisional", "no_provider_usage", "no_price", "no_models")
    unknown = unknown_said(" ".join(code for code in order if code in codes))
    said = _("The steps add up to the last haléř; what is unexplained is shown, not spread.")
    return said + (" " + _("Not known: {what}.", what=unknown) if unknown else "")


def _signed(amount: Decimal) -> str:
    text = fmt.money(amount, decimals=0)
    return f"+{text}" if amount > 0 and round(amount) else text
