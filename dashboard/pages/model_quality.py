"""How fast and how well models answer: latency, failures and satisfaction side by side."""

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.language import _
from dashboard.sheets import Column, Sheet, table

ENOUGH = 30  # timed answers: below it a model is no candidate for the slowest


def quality(board: Board, rows: list[Row]) -> Card | Empty:
    """A row per model: median and 95% latency, time to the first token, failures, satisfaction."""
    title = _("How fast and how well do they answer?")
    start, end = board.period.start, board.period.end
    timed = {r["model"]: r for r in board.ask("models/latency", start=start, end=end)}
    rated = {r["model"]: r for r in board.over_period("models/satisfaction")}
    lines = [_line(r, timed.get(r["model"], {}), rated.get(r["model"], {})) for r in rows if r["requests"]]
    if not any(r["timed"] for r in lines):
        return Empty(title, _("No timing is known for this period"), _("Try a longer period."))
    columns = [
        Column("title", _("Model")),
        Column("timed", _("Requests timed"), "count"),
        Column("p50_s", _("Median, s"), "seconds"),
        Column("p95_s", _("95 of 100 within, s"), "seconds"),
        Column("first_token_p50_s", _("First token, s"), "seconds"),
        Column("failure_share", _("Failures"), "share"),
        Column("satisfaction", _("Thumbs up"), "share"),
        Column("ratings", _("Ratings"), "count"),
    ]
    slow = max((r for r in lines if (r["timed"] or 0) >= ENOUGH), key=lambda r: r["p50_s"], default=None)
    finding = ""
    if slow:
        seconds = fmt.number(slow["p50_s"], 1)
        finding = _(
            "{model} is the slowest: half of its answers take over {seconds} s.", model=slow["title"], seconds=seconds
        )
    sheet = Sheet(columns, lines)
    note = _("Times and failures of the whole university, satisfaction of the chosen unit.")
    queries = ("models/latency", "models/satisfaction")
    return Card(title, finding, [table(sheet, caption=title)], sheet, queries, note=note, is_table=True)


def _line(row: Row, timed: Row, rated: Row) -> Row:
    known = {key: timed.get(key) for key in ("p50_s", "p95_s", "first_token_p50_s")}
    seen = {"satisfaction": rated.get("satisfaction"), "ratings": rated.get("ratings")}
    return {
        "title": row["title"],
        "failure_share": row["failure_share"],
        "timed": timed.get("requests"),
        **known,
        **seen,
    }
