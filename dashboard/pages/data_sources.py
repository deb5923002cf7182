"""The sources on the Data page: one tile each, with its state, rows, lag and a strip of days."""

from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import day_tracker
from dashboard.icons import icon
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.order_cards import run_again
from dashboard.period import DAY
from dashboard.problems import problem_said
from dashboard.sheets import Column, Sheet

TRACKED_DAYS = 90
DAILY_KINDS = ("gateway", "chat")


def kinds() -> dict[str, str]:
    """{kind of source: its name}."""
    return {
        "gateway": _("gateway"),
        "chat": _("chat"),
        "invoices": _("invoices"),
        "directory": _("directory"),
        "fx": _("exchange rates"),
        "seats": _("seats"),
    }


def sources(board: Board) -> Card | Empty:
    """One tile per source: its state, rows, lag and a strip of days."""
    title = _("Is everything loaded?")
    rows = board.ask("data/sources")
    if not rows:
        return Empty(title, _("No source is configured"), _("See the configuration file."))
    start = board.facts.through - timedelta(days=TRACKED_DAYS - 1)
    held = board.ask("data/source_days", start=start, end=board.facts.through + DAY)
    rows = sorted(rows, key=lambda r: (r["last_status"] != "FAILED", r["source"]))
    finding = _sources_finding(rows)
    tiles = tag("div", [_tile(board, row, held) for row in rows], class_="sources")
    columns = [
        Column("source", _("Source")),
        Column("kind", _("Kind")),
        Column("last_status", _("Last attempt")),
        Column("last_success", _("Last success"), "moment"),
        Column("rows", _("Rows"), "count"),
        Column("first_day", _("First day"), "day"),
        Column("last_day", _("Last day"), "day"),
        Column("message", _("Message")),
    ]
    sheet = Sheet(columns, [{**r, "last_success": when(board, r["last_success_at"])} for r in rows])
    return Card(title, finding, [tiles], sheet, ("data/sources", "data/source_days"), as_of=board.facts.through)


def _sources_finding(rows: list[Row]) -> str:
    broken = [_named(r) for r in rows if r["last_status"] == "FAILED" and not _has_refused(r)]
    partly = [_named(r) for r in rows if _has_refused(r)]
    said = []
    if broken:
        said.append(ngettext(
            "{n} source failed at its last attempt: {names}.", "{n} sources failed at their last attempt: {names}.",
            len(broken), names=", ".join(broken),
        ))  # fmt: skip
    if partly:
        said.append(_("All is loaded but what could not be read of: {names}.", names=", ".join(partly)))
    return " ".join(said) or _("All {n} sources answered at their last attempt.", n=len(rows))


def _named(row: Row) -> str:
    return f"{kinds().get(row['kind'], row['kind'])} ({row['source']})"


def _has_refused(row: Row) -> bool:
    """Whether a source was read all but for documents it refused."""
    return bool(row["last_status"] == "FAILED" and "refused: " in (row["message"] or "") and row["rows"])


def when(board: Board, instant: datetime | None) -> str:
    return fmt.instant(instant, board.facts.zone)


def _tile(board: Board, row: Row, held: list[Row]) -> Markup:
    is_failed, is_partly = row["last_status"] == "FAILED", _has_refused(row)
    facts = [
        (_("Last success"), when(board, row["last_success_at"])) if not is_partly
        else (_("Last attempt"), when(board, row["last_attempt_at"])),
        (_("Rows"), fmt.number(row["rows"] or None)),
        (_("Last day"), fmt.day(row["last_day"])),
        (_("Lag"), _lag(board, row)),
    ]  # fmt: skip
    shown = [(k, v) for k, v in facts if v != fmt.NONE]
    pairs = tag("dl", [tag("div", tag("dt", k), tag("dd", v)) for k, v in shown], class_="pairs")
    days = {r["day"]: r["rows"] for r in held if r["source"] == row["source"]}
    name = tag("h3", _raised(str(kinds().get(row["kind"], row["kind"]))), tag("small", row["source"]))
    message = tag("p", problem_said(row["message"]), class_="message") if row["message"] and is_failed else None
    inside = (pairs, _tracker(board, row, days), message, run_again(board, row["source"]))
    return tag("article", tag("div", name, _chip(row), class_="row"), *inside, class_="source")


def _raised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _chip(row: Row) -> Markup:
    if _has_refused(row):
        return tag("span", icon("warning"), _("something refused"), class_="chip is-warn")
    if row["last_status"] == "FAILED":
        return tag("span", icon("failed"), _("failed"), class_="chip is-bad")
    if row["last_status"] == "DONE":
        return tag("span", icon("done"), _("in order"), class_="chip is-good")
    return tag("span", _("running"), class_="chip")


def _lag(board: Board, row: Row) -> str:
    if row["last_day"] is None:
        return fmt.NONE
    behind = (board.facts.through - row["last_day"]).days
    return ngettext("{n} day", "{n} days", behind) if behind > 0 else _("none")


def _tracker(board: Board, row: Row, days: dict[Any, int]) -> Markup | None:
    if not days:
        return None
    first, through = row["first_day"], board.facts.through
    squares = []
    for back in range(TRACKED_DAYS - 1, -1, -1):
        day = through - timedelta(days=back)
        rows = days.get(day, 0)
        is_due = row["kind"] in DAILY_KINDS and first is not None and day >= first
        kind = "ok" if rows else "gap" if is_due else "none"
        squares.append((kind, f"{fmt.day(day)}: {fmt.number(rows)}"))
    said = _tracked(row, [kind for kind, _title in squares])
    return tag("div", day_tracker(squares, label=said), tag("small", said), class_="tracked")


def _tracked(row: Row, days: list[str]) -> str:
    gaps, held = days.count("gap"), days.count("ok")
    if gaps:
        return ngettext("{n} of the last {days} days without rows", "{n} of the last {days} days without rows", gaps,
                        days=TRACKED_DAYS)  # fmt: skip
    if row["kind"] in DAILY_KINDS:
        return _("rows of every one of the last {days} days", days=held)
    return ngettext("rows of {n} of the last {days} days", "rows of {n} of the last {days} days", held,
                    days=TRACKED_DAYS)  # fmt: skip
