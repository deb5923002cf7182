"""What the coming year costs by use: the forecast, how wide it is, and how far off earlier ones would have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from dash.development.base_component import Component

from dashboard import figures_plans
from dashboard import format as fmt
from dashboard.board import Board
from dashboard.cards import Card, Empty, chart
from dashboard.language import _
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet
from queries.analysis.forecast import FEWEST, Backtest, Known, Month, NotEnoughData, Term, backtest, closed_months
from queries.analysis.forecast import forecast as foretold

KEPT_MONTHS, SHOWN_MONTHS = 60, 24


@dataclass(frozen=True)
class Coming:
    """Closed months, the twelve after them, and how earlier forecasts would have fared (None: nothing to compare)."""

    known: Sequence[Known]
    months: Sequence[Month]
    tested: Backtest | None

    @property
    def year(self) -> Decimal:
        """The sum of the months' middles."""
        return sum((m.p50 for m in self.months), Decimal(0))


def coming(board: Board) -> Coming | None:
    """The forecast of the unit's metered cost; None with too few closed months, or where nothing was ever paid."""
    known = tuple(_known(board))
    terms = tuple((r["kind"], r["start_day"], r["end_day"]) for r in board.facts.calendar)
    return _coming(known, terms)


def _known(board: Board) -> list[Known]:
    end = board.facts.through + timedelta(days=1)
    start = max(board.facts.first_day, months_back(month_start(end), KEPT_MONTHS))
    return closed_months(board.ask("cost/monthly", units=[board.unit], start=start, end=end))


@lru_cache(maxsize=128)
def _coming(known: tuple[Known, ...], terms: tuple[Term, ...]) -> Coming | None:
    """Kept, since the inputs of the page don't move it."""
    try:
        return Coming(known, foretold(known, terms), backtest(known, terms))
    except NotEnoughData:
        return None


def forecast(board: Board) -> Card | Empty:
    """The next twelve months by use: P10, P50 and P90, after the months there were."""
    question = _("What will the coming year cost by use?")
    found = coming(board)
    if found is None:
        hint = _("A forecast needs {n} whole months in a row with a cost.", n=FEWEST)
        return Empty(question, _("Not enough data for a forecast"), hint)
    return Card(
        question,
        _said(found),
        [_picture(found)],
        sheet(found),
        as_of=board.facts.through,
        note=tested_said(found),
        about=_about(),
    )


def sheet(found: Coming) -> Sheet:
    """One row a month: what it cost, or what it will."""
    columns = [
        Column("month", _("Month"), "month"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("p10", _("in one of ten cases less than"), "czk"),
        Column("p50", _("Forecast, the middle"), "czk"),
        Column("p90", _("in one of ten cases more than"), "czk"),
    ]
    rows = [{"month": m.month, "p10": m.p10, "p50": m.p50, "p90": m.p90} for m in reversed(found.months)]
    rows += [{"month": month, "metered_czk": czk} for month, czk in found.known[-SHOWN_MONTHS:][::-1]]
    return Sheet(columns, rows)


def tested_said(found: Coming) -> str:
    """How far off forecasts were that would have been made earlier."""
    tested = found.tested
    if tested is None:
        return _("There are too few months to test the forecast on the past.")
    return _(
        "Made earlier from the same months, forecasts would have been off by {wape} of the cost (taking the same month "
        "a year before, or the last one: {naive}); {covered} of {n} months came to lie within the range (80% are "
        "meant).",
        wape=fmt.share(tested.wape), naive=fmt.share(tested.naive_wape), covered=fmt.share(tested.covered),
        n=fmt.number(tested.forecasts),
    )  # fmt: skip


def year_said(found: Coming) -> str:
    """The year in one sentence, for the funding sheet."""
    return _(
        "By use as it goes on, service accounts included, the twelve months from {month} on are forecast at {czk}.",
        month=fmt.month(found.months[0].month), czk=fmt.roughly(found.year),
    )  # fmt: skip


def _said(found: Coming) -> str:
    following = found.months[0]
    return _(
        "About {year} in the twelve months from {month} on; {month} alone between {low} and {high} in four of five "
        "cases.",
        year=fmt.roughly(found.year), month=fmt.month(following.month), low=fmt.roughly(following.p10),
        high=fmt.roughly(following.p90),
    )  # fmt: skip


def _picture(found: Coming) -> Component:
    shown = found.known[-SHOWN_MONTHS:]
    figure = figures_plans.forecast(
        [month for month, _czk in shown],
        [fmt.converted(czk) for _month, czk in shown],
        [m.month for m in found.months],
        [[fmt.converted(v) for v in (m.p10, m.p50, m.p90)] for m in found.months],
        names=(_("metered"), _("forecast"), _("in one of ten cases less than"), _("in one of ten cases more than")),
        unit=fmt.currency_sign(),
    )
    alt = _("Metered cost of past months, and the forecast of the next twelve with its range.")
    return chart("forecast", figure, alt=alt, height=270)


def _about() -> str:
    return _(
        "From the closed months' metered cost (cost/monthly): a level that wanders, a growth that fades, and what "
        "holidays and examinations of the calendar are worth. Unlike the comparison it holds service accounts and use "
        "of nobody known. The year is the sum of the months' middles. Seats, credits and prices to come are not in it, "
        "nor are the inputs above."
    )
