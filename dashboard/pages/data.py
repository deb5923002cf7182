"""Data: can I trust today's figures?"""

import re

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.icons import icon
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.check_words import looks_for, remedy
from dashboard.pages.data_sources import sources, when
from dashboard.pages.order_cards import orders
from dashboard.problems import problem_said
from dashboard.sheets import Column, Sheet, table

_LONG_DECIMAL = re.compile(r"(\d\.\d\d)\d+")


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
    rows = sorted(board.ask("data/unmapped"), key=lambda r: (-(r["metered_usd"] or 0), -(r["requests"] or 0)))
    if not rows:
        return Empty(title, _("Every name is mapped"))
    where = {"model": "models.csv", "team": "units.csv", "group": "units.csv", "domain": "units.csv"}
    named = {"model": _("model"), "team": _("team"), "group": _("group"), "domain": _("domain")}
    columns = [
        Column("name", _("Name")),
        Column("what", _("Kind")),
        Column("requests", _("Requests"), "count"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("where", _("Add it to"), "moment"),
    ]
    sheet = Sheet(
        columns, [{**r, "what": named.get(r["kind"], r["kind"]), "where": where.get(r["kind"], "")} for r in rows]
    )
    finding = ngettext(
        "{n} name counts as unknown until it is added.", "{n} names count as unknown until they are added.", len(rows)
    )
    drawn = Sheet([c for c in columns if c.key != "what"], sheet.rows)
    return Card(
        title,
        finding,
        [table(drawn, caption=title)],
        sheet,
        ("data/unmapped",),
        as_of=board.facts.through,
        is_table=True,
    )


def checks(board: Board) -> Card | Empty:
    """What the checks of the last load found, in words and with what to do; those that passed stand in the table."""
    title = _("What did the checks find?")
    rows = board.ask("data/checks")
    if not rows:
        return Empty(title, _("No check has run yet"))
    rows.sort(key=lambda r: (-r["offending_rows"], r["name"]))
    found = [r for r in rows if r["offending_rows"]]
    results = {True: _("found something"), False: _("passed")}
    severities = {"fail": _("stops the load"), "warn": _("warns")}
    columns = [
        Column("what", _("What it looks for"), width=60),
        Column("result", _("Result")),
        Column("offending_rows", _("Rows"), "count"),
        Column("effect", _("Effect")),
        Column("remedy", _("What to do"), width=60),
        Column("example", _("Example"), width=60),
        Column("name", _("Check")),
    ]
    lines = [
        {**r, "what": looks_for(r["name"]), "remedy": remedy(r["name"]), "result": results[r["offending_rows"] > 0],
         "effect": severities.get(r["severity"], r["severity"])}
        for r in rows
    ]  # fmt: skip
    finding = ngettext(
        "{n} check of {all} found something.", "{n} checks of {all} found something.", len(found), all=len(rows)
    )
    picture = tag("ul", [_found(r) for r in found], class_="checks")
    return Card(title, finding, [picture], Sheet(columns, lines), ("data/checks",), as_of=board.facts.through)


def _found(row: Row) -> Markup:
    """One thing a check found: what it means, what to do, and an example."""
    rows = ngettext("{n} row", "{n} rows", row["offending_rows"])
    example = _LONG_DECIMAL.sub(r"\1", row["example"] or "")
    return tag(
        "li",
        icon("failed" if row["severity"] == "fail" else "warning"),
        tag("div", tag("b", looks_for(row["name"])), tag("p", remedy(row["name"])),
            tag("small", rows, f"; {_('e.g.')} " if example else "", tag("code", example) if example else None)),
        class_="is-bad" if row["severity"] == "fail" else "is-warn",
    )  # fmt: skip


def notes(board: Board) -> Card | Empty:
    """What sources could not give."""
    title = _("What should one know about the sources?")
    rows = board.ask("data/notes")
    if not rows:
        return Empty(title, _("Nothing to note"))
    columns = [Column("source", _("Source")), Column("note", _("Note")), Column("when", _("Noted"), "moment")]
    sheet = Sheet(columns, [{**r, "when": when(board, r["noted_at"])} for r in rows])
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
    lines = [{**r, "when": when(board, r["seen_at"]), "error": problem_said(r["error"], r["name"])} for r in rows]
    sheet = Sheet(columns, lines)
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
            "when": when(board, r["started_at"]),
            "seconds": _seconds(r),
            "result": said.get(r["status"], r["status"]),
            "message": problem_said(r["message"]) if r["status"] == "FAILED" else r["message"],
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
        Spec("checks", checks, 6),
        Spec("unmapped", unmapped, 6),
        Spec("notes", notes),
        Spec("documents", documents),
        Spec("orders", orders),
        Spec("runs", runs),
    ),
)
