"""Data: can I trust today's figures?"""

from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import day_tracker
from dashboard.icons import icon
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.order_cards import orders, run_again
from dashboard.period import DAY
from dashboard.sheets import Column, Sheet, table

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
    failed = [r["source"] for r in rows if r["last_status"] == "FAILED"]
    finding = _("All {n} sources answered at their last attempt.", n=len(rows))
    if failed:
        finding = ngettext(
            "{n} source failed at its last attempt: {names}.",
            "{n} sources failed at their last attempt: {names}.",
            len(failed),
            names=", ".join(failed),
        )
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
    sheet = Sheet(columns, [{**r, "last_success": _when(board, r["last_success_at"])} for r in rows])
    return Card(title, finding, [tiles], sheet, ("data/sources", "data/source_days"), as_of=board.facts.through)


def _when(board: Board, instant: datetime | None) -> str:
    return fmt.instant(instant, board.facts.zone)


def _tile(board: Board, row: Row, held: list[Row]) -> Markup:
    is_failed = row["last_status"] == "FAILED"
    state = tag(
        "span",
        icon("failed" if is_failed else "done"),
        _("failed") if is_failed else _("in order") if row["last_status"] == "DONE" else _("running"),
        class_="chip is-bad" if is_failed else "chip is-good" if row["last_status"] == "DONE" else "chip",
    )
    facts = [
        (_("Last success"), _when(board, row["last_success_at"])),
        (_("Rows"), fmt.number(row["rows"])),
        (_("Last day"), fmt.day(row["last_day"])),
        (_("Lag"), _lag(board, row)),
    ]
    pairs = tag("dl", [tag("div", tag("dt", k), tag("dd", v)) for k, v in facts], class_="pairs")
    days = {r["day"]: r["rows"] for r in held if r["source"] == row["source"]}
    name = tag("h3", row["source"], tag("small", kinds().get(row["kind"], row["kind"])))
    message = tag("p", row["message"], class_="message") if row["message"] and is_failed else None
    inside = (pairs, _tracker(board, row, days), message, run_again(board, row["source"]))
    return tag("article", tag("div", name, state, class_="row"), *inside, class_="source")


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
    gaps = sum(1 for kind, _title in squares if kind == "gap")
    said = ngettext(
        "{n} of the last {days} days without rows", "{n} of the last {days} days without rows", gaps, days=TRACKED_DAYS
    )
    return tag("div", day_tracker(squares, label=said), tag("small", said), class_="tracked")


def coverage(board: Board) -> Card | Empty:
    """How much of the requests and the cost has a known person, unit and model."""
    title = _("How much is known about the requests?")
    rows = [r for r in board.over_period("data/coverage", units=()) if r["requests"]]
    if not rows:
        return Empty(title, _("No requests in this selection"), _("Try a longer period."))
    columns = [
        Column("source", _("Source")),
        Column("requests", _("Requests"), "count"),
        Column("person_share", _("Known person"), "share"),
        Column("unit_share", _("Known unit"), "share"),
        Column("model_share", _("Mapped model"), "share"),
        Column("cost_person_share", _("Cost with a person"), "share"),
        Column("cost_unit_share", _("Cost with a unit"), "share"),
    ]
    worst = min(rows, key=lambda r: r["unit_share"] if r["unit_share"] is not None else 1)
    finding = _(
        "At {source}, {share} of requests have a known unit.",
        source=worst["source"],
        share=fmt.share(worst["unit_share"], 1),
    )
    sheet = Sheet(columns, rows)
    return Card(title, finding, [table(sheet, caption=title)], sheet, ("data/coverage",), is_table=True)


def unmapped(board: Board) -> Card | Empty:
    """Names nobody has mapped, dearest first, and the file that maps them."""
    title = _("Which names are not mapped yet?")
    rows = board.ask("data/unmapped")
    if not rows:
        return Empty(title, _("Every name is mapped"))
    where = {"model": "models.csv", "team": "units.csv", "group": "units.csv", "domain": "units.csv"}
    named = {"model": _("model"), "team": _("team"), "group": _("group"), "domain": _("domain")}
    columns = [
        Column("what", _("Kind")),
        Column("name", _("Name")),
        Column("requests", _("Requests"), "count"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("where", _("Add it to")),
    ]
    sheet = Sheet(
        columns, [{**r, "what": named.get(r["kind"], r["kind"]), "where": where.get(r["kind"], "")} for r in rows]
    )
    finding = ngettext(
        "{n} name counts as unknown until it is added.", "{n} names count as unknown until they are added.", len(rows)
    )
    return Card(
        title,
        finding,
        [table(sheet, caption=title)],
        sheet,
        ("data/unmapped",),
        as_of=board.facts.through,
        is_table=True,
    )


def checks(board: Board) -> Card | Empty:
    """What the checks of the last load found."""
    title = _("What did the checks find?")
    rows = board.ask("data/checks")
    if not rows:
        return Empty(title, _("No check has run yet"))
    found = [r for r in rows if r["offending_rows"]]
    results = {True: _("found something"), False: _("passed")}
    severities = {"fail": _("stops the load"), "warn": _("warns")}
    columns = [
        Column("name", _("Check")),
        Column("result", _("Result")),
        Column("offending_rows", _("Rows"), "count"),
        Column("example", _("Example")),
        Column("effect", _("Effect")),
    ]
    lines = [
        {**r, "result": results[r["offending_rows"] > 0], "effect": severities.get(r["severity"], r["severity"])}
        for r in sorted(rows, key=lambda r: (-r["offending_rows"], r["name"]))
    ]
    finding = ngettext(
        "{n} check of {all} found something.", "{n} checks of {all} found something.", len(found), all=len(rows)
    )
    sheet = Sheet(columns, lines)
    return Card(
        title, finding, [table(sheet, caption=title)], sheet, ("data/checks",), as_of=board.facts.through, is_table=True
    )


def notes(board: Board) -> Card | Empty:
    """What sources could not give."""
    title = _("What should one know about the sources?")
    rows = board.ask("data/notes")
    if not rows:
        return Empty(title, _("Nothing to note"))
    columns = [Column("source", _("Source")), Column("note", _("Note")), Column("when", _("Noted"), "moment")]
    sheet = Sheet(columns, [{**r, "when": _when(board, r["noted_at"])} for r in rows])
    finding = ngettext("{n} remark.", "{n} remarks.", len(rows))
    return Card(
        title, finding, [table(sheet, caption=title)], sheet, ("data/notes",), as_of=board.facts.through, is_table=True
    )


def documents(board: Board) -> Card | Empty:
    """Invoices and exports read, unreadable ones first."""
    title = _("Which documents were read?")
    rows = board.ask("data/documents")
    if not rows:
        return Empty(title, _("No document was read yet"))
    rows = sorted(rows, key=lambda r: r["error"] is None)
    columns = [
        Column("name", _("Document")),
        Column("source", _("Source")),
        Column("when", _("Read"), "moment"),
        Column("lines", _("Lines"), "count"),
        Column("error", _("Problem")),
    ]
    broken = sum(1 for r in rows if r["error"])
    finding = _("All {n} documents could be read.", n=len(rows))
    if broken:
        finding = ngettext(
            "{n} document of {all} could not be read.",
            "{n} documents of {all} could not be read.",
            broken,
            all=len(rows),
        )
    sheet = Sheet(columns, [{**r, "when": _when(board, r["seen_at"])} for r in rows])
    return Card(
        title,
        finding,
        [table(sheet, caption=title)],
        sheet,
        ("data/documents",),
        as_of=board.facts.through,
        is_table=True,
    )


def runs(board: Board) -> Card | Empty:
    """The latest runs of the jobs."""
    title = _("What ran lately?")
    rows = board.ask("data/runs")
    if not rows:
        return Empty(title, _("Nothing has run yet"))
    columns = [
        Column("when", _("Started"), "moment"),
        Column("job", _("Job")),
        Column("source", _("Source")),
        Column("result", _("Result")),
        Column("seconds", _("Seconds"), "count"),
        Column("rows_read", _("Rows read"), "count"),
        Column("days_changed", _("Days changed"), "count"),
        Column("message", _("Message")),
    ]
    said = {"DONE": _("done"), "FAILED": _("failed"), "STARTED": _("running")}
    lines = [
        {
            **r,
            "when": _when(board, r["started_at"]),
            "seconds": _seconds(r),
            "result": said.get(r["status"], r["status"]),
        }
        for r in rows
    ]
    failed = sum(1 for r in rows if r["status"] == "FAILED")
    finding = ngettext(
        "{n} of the last {all} runs failed.", "{n} of the last {all} runs failed.", failed, all=len(rows)
    )
    sheet = Sheet(columns, lines)
    return Card(
        title, finding, [table(sheet, caption=title)], sheet, ("data/runs",), as_of=board.facts.through, is_table=True
    )


def _seconds(row: Row) -> float | None:
    return (row["finished_at"] - row["started_at"]).total_seconds() if row["finished_at"] else None


PAGE = Page(
    path="/data",
    name="data",
    icon="data",
    title=lambda: _("Data"),
    has_unit=False,
    specs=(
        Spec("sources", sources),
        Spec("coverage", coverage),
        Spec("unmapped", unmapped, 6),
        Spec("checks", checks, 6),
        Spec("notes", notes),
        Spec("documents", documents),
        Spec("orders", orders),
        Spec("runs", runs),
    ),
)
