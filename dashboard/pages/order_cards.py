"""What people may ask for on the pages: run a job again, note what happened on a day; and what became of it."""

from datetime import date, timedelta

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.language import _, language, ngettext
from dashboard.markup import Child, tag
from dashboard.orders import may_order
from dashboard.problems import problem_said
from dashboard.sheets import Column, Sheet, table

SHOWN_ORDERS = 20
SHOWN_DAYS = 400
KINDS = ("training", "launch", "outage", "other")


def order_form(
    _board: Board, kind: str, values: dict[str, str], button: str, *fields: Child, about: str = ""
) -> Markup:
    """A form that places an order; `values` go along unseen. Its outcome appears in it."""
    said = tag("span", f": {about}", class_="unseen") if about else None
    return tag(
        "form",
        [tag("input", type="hidden", name=name, value=value) for name, value in values.items()],
        fields,
        tag("button", button, said, type="submit", class_="button is-quiet"),
        tag("output", role="status"),
        data_order=kind,
        data_failed=_("This could not be sent. Try again shortly."),
        class_="fields order",
    )


def run_again(board: Board, source: str) -> Markup | None:
    """The button that reads a source again now; None for those who may not."""
    if not may_order(board.viewer, "run"):
        return None
    return order_form(board, "run", {"job": source}, _("Run now"), about=source)


def kind_names() -> dict[str, str]:
    """{kind of annotation: its name}."""
    return {"training": _("training"), "launch": _("launch"), "outage": _("outage"), "other": _("other")}


def happened(board: Board) -> Card | Empty:
    """What explains the curves: the annotations up to the end of the period, newest first, and a form for a new one."""
    title = _("What happened when?")
    start, end = board.period.last - timedelta(days=SHOWN_DAYS), board.period.end
    rows = board.ask("reference/annotations", start=start, end=end)[::-1]
    form = _new_annotation(board) if may_order(board.viewer, "annotation") else None
    if not rows and form is None:
        return Empty(title, _("Nothing is noted"), _("Annotations stand in annotations.csv."))
    names = kind_names()
    lines = [{**r, "name": r[f"name_{language()}"], "what": names.get(r["kind"], r["kind"])} for r in rows]
    columns = [Column("day", _("Day"), "day"), Column("what", _("Kind")), Column("name", _("What happened"))]
    sheet = Sheet(columns, lines)
    finding = ngettext("{n} note; those of the period stand on the charts.",
                       "{n} notes; those of the period stand on the charts.", len(rows))  # fmt: skip
    parts = [table(sheet, caption=title)] if rows else []
    return Card(title, finding, [*parts, form] if form else parts, sheet, ("reference/annotations",), is_table=True)


def _new_annotation(board: Board) -> Markup:
    day = tag("input", type="date", name="day", value=board.facts.through.isoformat(), required=True,
              aria_label=_("Day"))  # fmt: skip
    kind = tag("select", [tag("option", name, value=key) for key, name in kind_names().items()], name="kind",
               aria_label=_("Kind"))  # fmt: skip
    czech = tag(
        "input", name="name_cs", required=True, maxlength=80, placeholder=_("In Czech"), aria_label=_("In Czech")
    )
    english = tag("input", name="name_en", maxlength=80, placeholder=_("In English"), aria_label=_("In English"))
    fields = [tag("span", day, class_="field dates is-one"), tag("span", kind, class_="field select is-small"),
              tag("span", czech, class_="field text"), tag("span", english, class_="field text")]  # fmt: skip
    return order_form(board, "annotation", {}, _("Note it"), *fields)


def orders(board: Board) -> Card | Empty:
    """What was asked for on the pages and what became of it."""
    title = _("What was asked for here?")
    rows = board.ask("data/orders")[:SHOWN_ORDERS]
    if not rows:
        return Empty(
            title, _("Nobody has asked for anything yet"), _("Jobs, annotations and months can be ordered here.")
        )
    columns = [
        Column("when", _("Asked"), "moment"),
        Column("what", _("What")),
        Column("subject", _("About")),
        Column("asked_by", _("Asked by")),
        Column("result", _("Result")),
        Column("message", _("Message")),
    ]
    sheet = Sheet(columns, [_line(board, r) for r in rows])
    failed = sum(1 for r in rows if r["status"] == "FAILED")
    finding = ngettext("{n} of the last {all} orders was refused or failed.",
                       "{n} of the last {all} orders were refused or failed.", failed, all=len(rows))  # fmt: skip
    picture = table(sheet, caption=title)
    return Card(title, finding, [picture], sheet, ("data/orders",), as_of=board.facts.through, is_table=True)


def _line(board: Board, row: Row) -> Row:
    names = {
        "run": _("run a job"), "annotation": _("annotation"), "close_month": _("close a month"),
        "reopen_month": _("reopen a month"), "invoice": _("invoice"),
    }  # fmt: skip
    results = {"DONE": _("done"), "FAILED": _("failed")}
    return {
        **row,
        "when": fmt.instant(row["asked_at"], board.facts.zone),
        "what": names.get(row["kind"], row["kind"]),
        "result": results.get(row["status"], row["status"]),
        "subject": _subject(row),
        "message": problem_said(row["message"]),
    }


def _subject(row: Row) -> str:
    """What it is about: a month and a day as people write them; as it was asked where it is neither."""
    subject = str(row["subject"] or _("all"))
    try:
        if row["kind"] in ("close_month", "reopen_month"):
            return fmt.month(date.fromisoformat(f"{subject}-01"))
        return fmt.day(date.fromisoformat(subject)) if row["kind"] == "annotation" else subject
    except ValueError:
        return subject
