"""Why the cost changed: the period against the one before, split into volume, mix of models and price, exactly."""

from dashboard import format as fmt
from dashboard.amounts import Change, Used, booked, explained
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.figures_change import steps
from dashboard.language import _
from dashboard.sheets import Column, Sheet


def why_it_changed(board: Board) -> Card | Empty:
    """The waterfall from the cost before to the cost now."""
    title = _("Why did the cost change?")
    if not board.has_before or board.before is None:
        return Empty(title, _("There is no earlier period to compare with"), _("Try a shorter period."))
    start, end = board.before
    rows_before = board.ask("cost/by_model", units=[board.unit], start=start, end=end)
    rows_now = board.over_period("cost/by_model")
    change = explained(_used(rows_before), _used(rows_now))
    if not change.before and not change.after:
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    lines = _lines(change)
    texts = [_short(r) for r in lines]  # five of them have to stand beside each other on a phone
    totals = [bool(r["is_total"]) for r in lines]
    values, hovers = [fmt.converted(r["czk"]) for r in lines], [_signed(r) for r in lines]
    figure = steps([r["step"] for r in lines], values, totals=totals, texts=texts, hovers=hovers)
    finding = _finding(lines)
    picture = chart("why-it-changed", figure, alt=finding, height=270)
    columns = [
        Column("step", _("Step")),
        Column("czk", _("Amount before tax"), "czk_exact"),
        Column("about", _("Meaning")),
    ]
    titles = {r["model"]: r["title"] for r in [*rows_before, *rows_now]}
    return Card(title, finding, [picture], Sheet(columns, lines), ("cost/by_model",), note=_note(change, titles))


def _used(rows: list[Row]) -> Used:
    return {r["model"]: (r["billed_tokens"], r["metered_czk"]) for r in rows if r["metered_czk"] is not None}


def _lines(change: Change) -> list[Row]:
    """Total before, parts, total now, in hundredths that add up."""
    before, *parts = booked([change.before, *change.parts])
    names = [
        (_("volume"), _("more or fewer tokens at the old average price")),
        (_("mix of models"), _("the same tokens shared differently among models, at old prices")),
        (_("price"), _("the same models at new prices per token, and another make-up of tokens")),
        (_("without tokens"), _("models that count no tokens")),
    ]
    said = [
        (name, amount, about)
        for (name, about), amount in zip(names, parts, strict=True)
        if amount or name != names[3][0]
    ]
    rows = [(_("before"), before, _("the days compared with"), True)]
    rows += [(name, amount, about, False) for name, amount, about in said]
    rows.append((_("now"), sum(parts, before), _("the chosen period"), True))
    return [{"step": s, "czk": c, "about": a, "is_total": t} for s, c, a, t in rows]


def _short(row: Row) -> str:
    amount = round(fmt.converted(row["czk"]))
    text = fmt.number(amount) if abs(amount) < 1_000_000 else fmt.compact(amount)
    return text if row["is_total"] or row["czk"] <= 0 else f"+{text}"


def _signed(row: Row) -> str:
    text = fmt.money(row["czk"], decimals=0)
    return text if row["is_total"] or row["czk"] <= 0 else f"+{text}"


def _finding(lines: list[Row]) -> str:
    now, before = lines[-1]["czk"], lines[0]["czk"]
    largest = max(lines[1:-1], key=lambda r: abs(r["czk"]))
    moved = fmt.change(now, before)
    return _(
        "{now} against {before}{moved}; the largest part is {step}: {amount}.",
        now=fmt.money(now),
        before=fmt.money(before),
        moved=f" ({moved})" if moved else "",
        step=largest["step"],
        amount=_signed(largest),
    )


def _note(change: Change, titles: dict[str, str]) -> str:
    said = _("The parts add up to the change to the last haléř.")
    if change.new:
        said += " " + _("New: {names}.", names=", ".join(titles[m] for m in change.new))
    if change.gone:
        said += " " + _("No longer used: {names}.", names=", ".join(titles[m] for m in change.gone))
    return said + (" " + _("New models enter the mix at their own price.") if change.new else "")
