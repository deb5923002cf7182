"""My usage: what the person who is signed in used and what it cost, by month and model; nobody else's."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart
from dashboard.components import Kpi, kpi_strip
from dashboard.language import _
from dashboard.period import DAY, months_back
from dashboard.sheets import Column, Sheet, table

MONTHS = 13
QUERY = "self/usage"


def own_rows(board: Board) -> list[Row] | None:
    """Rows of the last thirteen months; None when nothing says which person is signed in."""
    if board.viewer.own is None:
        return None
    through = board.facts.through
    start = (through.replace(day=1) - timedelta(days=31 * (MONTHS - 2))).replace(day=1)
    rows: list[Row] = board.reader.run(QUERY, board.viewer.own, start=start, end=through + DAY).rows.to_pylist()
    return rows


def this_month(board: Board) -> Markup | Empty:
    """Requests, tokens and cost of the current month."""
    rows = own_rows(board)
    if rows is None:
        return Empty(
            _("Your use"),
            _("Your sign-in is not linked to any use."),
            _("Use appears the day after the first request, under the address you sign in with."),
        )
    month = board.facts.through.replace(day=1)
    now = [row for row in rows if row["month_start"] == month]
    kpis = [
        _kpi(_("Requests this month"), fmt.number(sum(row["requests"] for row in now))),
        _kpi(_("Tokens this month"), fmt.compact(sum(row["billed_tokens"] for row in now))),
        _kpi(_("Cost this month"), fmt.money(_cost(now), "CZK", 2)),
        _kpi(_("Cost in {n} months", n=MONTHS), fmt.money(_cost(rows), "CZK", 2)),
    ]
    return kpi_strip(kpis)


def _kpi(label: str, value: str) -> Kpi:
    return Kpi(label, value, None, "", ())


def by_month(board: Board) -> Card | Empty:
    """Own metered cost by month."""
    title = _("What did your use cost?")
    rows = own_rows(board)
    if not rows:
        return Empty(title, _("No requests in this selection"))
    months: defaultdict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        months[row["month_start"]] += row["metered_czk"] or 0
    listed = sorted(months)
    faint = [_is_open(board, month) for month in listed]
    finding = _finding(months, listed, faint)
    figure = figures.columns(
        [_label(month, month == listed[0], is_open) for month, is_open in zip(listed, faint, strict=True)],
        [months[month] for month in listed],
        faint=faint,
        hovers=[f"<b>{fmt.money(months[month], 'CZK', 2)}</b>  {fmt.month(month)}" for month in listed],
        colours=theme.DATA["blue"],
    )
    columns = [Column("month_start", _("Month"), "month"), Column("metered_czk", _("Cost"), "czk_exact")]
    wide = [{"month_start": month, "metered_czk": months[month]} for month in reversed(listed)]
    picture = chart("own-months", figure, alt=finding, height=250)
    partial = _("* not a whole month") if any(faint) else None
    return Card(title, finding, [picture], Sheet(columns, wide), (QUERY,), note=_note(rows), partial=partial)


def _is_open(board: Board, month: date) -> bool:
    """Whether data of the month is still to come."""
    return months_back(month, -1) > board.facts.through + DAY


def _label(month: date, is_first: bool, is_open: bool) -> str:
    """The month as the axis shows it; the first one carries its year, for a year later its name comes again."""
    text = fmt.month_short(month)
    if is_first and "<br>" not in text:
        text += f"<br>{month.year}"
    return text + ("*" if is_open else "")


def _finding(months: Mapping[date, Decimal], listed: list[date], faint: list[bool]) -> str:
    """The last whole month and the running one."""
    whole = [month for month, is_open in zip(listed, faint, strict=True) if not is_open]
    said = [
        _("{cost} in {month}.", cost=fmt.money(months[month], "CZK", 2), month=fmt.month(month))
        for month in [*whole[-1:], *(m for m in listed if m not in whole)]
    ]
    return " ".join(said)


def by_model(board: Board) -> Card | Empty:
    """Own requests, tokens and cost by month and model."""
    title = _("Which models did you use?")
    rows = own_rows(board)
    if not rows:
        return Empty(title, _("No requests in this selection"))
    columns = [
        Column("month_start", _("Month"), "month"),
        Column("title", _("Model")),
        Column("requests", _("Requests"), "count", minor=True),
        Column("billed_tokens", _("Tokens"), "compact", minor=True),
        Column("metered_czk", _("Cost"), "czk_exact"),
    ]
    sheet = Sheet(columns, rows[::-1])
    return Card(title, _dearest(rows), [table(sheet, caption=title)], sheet, (QUERY,), is_table=True)


def _dearest(rows: list[Row]) -> str:
    """The model that cost most in all the months shown."""
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        costs[row["title"]] += row["metered_czk"] or 0
    title, cost = max(costs.items(), key=lambda item: (item[1], item[0]))
    if not cost:
        return ""
    share = fmt.share(cost / sum(costs.values()))
    return _("Most of the cost is {model}: {cost} ({share}).", model=title, cost=fmt.money(cost, "CZK", 2), share=share)


def _cost(rows: list[Row]) -> Decimal | None:
    known = [row["metered_czk"] for row in rows if row["metered_czk"] is not None]
    return sum(known, Decimal()) if known or not rows else None


def _note(rows: list[Row]) -> str | None:
    unknown = sum(row["requests_without_cost"] for row in rows)
    return _("The cost of {n} requests is not known.", n=fmt.number(unknown)) if unknown else None


PAGE = Page(
    "/me",
    "me",
    "me",
    lambda: _("My usage"),
    (Spec("own-kpis", this_month), Spec("own-months", by_month), Spec("own-models", by_model)),
    has_period=False,
    has_unit=False,
)
