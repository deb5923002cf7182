"""The card of model shares over time: the largest models as bands, the rest as one."""

from collections import defaultdict
from datetime import date

from dash import html

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import legend
from dashboard.figures import Line
from dashboard.language import _
from dashboard.markup import Static
from dashboard.pages.shared_cards import TOP_MODELS, model_colour
from dashboard.sheets import Column, Sheet

OTHER = ""
WINDOW, LONG_WINDOW, LONG = 7, 28, 120


def model_share(board: Board, spec_id: str = "model-share") -> Card | Empty:
    """Share of requests per model and day, averaged over the trailing seven days."""
    title = _("Which models do people choose?")
    rows = board.over_period("models/share_daily")
    totals: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        totals[row["model"]] += row["user_requests"]
    asked = sum(totals.values())
    if not asked:
        return Empty(title, _("No requests in this selection"), _("Try a longer period or another unit."))
    ranked = sorted(totals, key=lambda m: (-totals[m], m))
    top = ranked[: TOP_MODELS if len(ranked) > TOP_MODELS + 1 else len(ranked)]
    titles = {row["model"]: row["title"] for row in rows} | {OTHER: _("other")}
    window = LONG_WINDOW if board.period.days > LONG else WINDOW
    days, shares = _smoothed(rows, top, window)
    bands = [m for m in [*top, OTHER] if m != OTHER or len(ranked) > len(top)]
    series = [Line(titles[m], shares[m], _colour(board, m)) for m in reversed(bands)]
    counted = totals | {OTHER: sum(totals[m] for m in ranked[len(top) :])}
    legend_items = [(_colour(board, m), titles[m], fmt.share(counted[m] / asked)) for m in bands]
    finding = _(
        "{model} leads with {share} of requests; the first three make {three}.",
        model=titles[ranked[0]],
        share=fmt.share(totals[ranked[0]] / asked),
        three=fmt.share(sum(totals[m] for m in ranked[:3]) / asked),
    )
    picture = chart(spec_id, figures.stacked_shares(days, series), alt=finding, height=290)
    wide: list[Row] = [{"day": d, **{m: shares[m][i] for m in bands}} for i, d in enumerate(days)]
    columns = [Column("day", _("Day"), "day"), *(Column(m, titles[m], "share") for m in bands)]
    parts = [html.Div([picture, Static(legend(legend_items))], className="split")]
    note = _(
        "Share of requests people made, average of the trailing {days} days; the list gives the whole period.",
        days=window,
    )
    return Card(title, finding, parts, Sheet(columns, wide[::-1]), ("models/share_daily",), note=note)


def _colour(board: Board, model: str) -> str:
    return theme.DATA["grey"] if model == OTHER else model_colour(board, model)


def _smoothed(rows: list[Row], top: list[str], width: int) -> tuple[list[date], dict[str, list[float | None]]]:
    """Days with requests and, per model, its share of the requests of the trailing window; they add up to 1."""
    per_day: defaultdict[date, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        name = row["model"] if row["model"] in top else OTHER
        per_day[row["day"]][name] += row["user_requests"]
    days = sorted(per_day)
    shares: dict[str, list[float | None]] = {m: [] for m in [*top, OTHER]}
    for i in range(len(days)):
        window = [per_day[d] for d in days[max(0, i - width + 1) : i + 1]]
        whole = sum(sum(counts.values()) for counts in window)
        for name, values in shares.items():
            values.append(sum(counts[name] for counts in window) / whole if whole else None)
    return days, shares
