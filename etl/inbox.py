"""Carries out the orders that people place on the pages: one handler a kind, each order once, its outcome kept.

The rights of who asks were checked where the order was taken (dashboard/orders.py); here the values are. An order
whose outcome is in the build already (killed before the file was gone) is not carried out again.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from etl.errors import EtlError, InputError
from etl.identity import masked
from etl.month_orders import close_month, reopen_month
from etl.run import Runner, message_of
from etl.sources.invoices.folder import reading_of
from etl.sources.invoices.typed import put_form
from etl.sources.plan_files import ANNOTATION_KINDS
from queries.inbox import Order, Outcome, finish, pending

log = logging.getLogger(__name__)

MAX_NAME = 80
Handler = Callable[[Runner, Order], str]


def run_job(runner: Runner, order: Order) -> str:
    """Runs the named job at once; an empty name runs all. Raises ConfigError if unknown, EtlError on failure."""
    wanted = order.values.get("job", "")
    outcomes = runner.run([wanted] if wanted else [])
    failed = [o for o in outcomes if o.status != "DONE"]
    if failed:
        raise EtlError("; ".join(f"{o.job}: {o.message}" for o in failed))
    return f"{sum(o.rows_read for o in outcomes)} rows read, {sum(o.days_changed for o in outcomes)} days changed"


def annotate(runner: Runner, order: Order) -> str:
    """Adds an annotation, or takes one that was entered on a page away (`remove`). Raises InputError."""
    day, kind = _day(order), _choice(order, "kind", ANNOTATION_KINDS)
    name_cs = _name(order, "name_cs")
    name_en = _name(order, "name_en", instead=name_cs)
    with runner.build.transaction() as connection:
        gone = connection.execute(
            "delete from annotation_entered where day = ? and kind = ? and name_cs = ? returning 1",
            [day, kind, name_cs],
        ).fetchall()
        if order.values.get("remove"):
            if not gone:
                raise InputError("inbox", "annotation", name_cs, "one that was entered on a page")
            return f"annotation of {day} removed"
        row = [day, kind, name_cs, name_en, order.id]
        connection.execute("insert into annotation_entered values (?, ?, ?, ?, ?)", row)
    return f"annotation of {day} kept"


def keep_invoice(runner: Runner, order: Order) -> str:
    """Checks an invoice typed on a page, puts it into the invoice folder as a file and books it. Raises InputError."""
    settings = runner.settings.invoices
    reading = reading_of(settings, runner.pseudonyms.key)
    name = put_form(runner.settings.path(settings.folder), order.values, reading.issuers, reading.key)
    booked = [o for o in runner.run(["invoices"]) if o.job == "invoices"]
    wrong = "; ".join(o.message for o in booked if name in o.message)
    if wrong:
        raise EtlError(wrong)
    return f"invoice kept as {name}"


HANDLERS: dict[str, Handler] = {
    "run": run_job,
    "annotation": annotate,
    "invoice": keep_invoice,
    "close_month": close_month,
    "reopen_month": reopen_month,
}


def carry_out(runner: Runner) -> int:
    """Carries out what waits in the inbox, in order of time; gives the number of orders. Never raises for one that
    is refused: its outcome says so."""
    folder = runner.settings.path(runner.settings.storage.folder)
    orders = pending(folder)
    for order in orders:
        outcome = _known(runner, order) or _done(runner, order)
        finish(folder, order, outcome)
    return len(orders)


def has_orders(folder: Path) -> bool:
    """Whether anything waits in the inbox; opens nothing else."""
    return bool(pending(folder))


def _done(runner: Runner, order: Order) -> Outcome:
    try:
        message = _handler(order)(runner, order)
        outcome = Outcome("DONE", masked(message))
    except Exception as error:  # an order that fails must not stay and come again every few seconds
        outcome = Outcome("FAILED", message_of(error))
    _keep(runner, order, outcome)
    log.info("order %s %s: %s", order.kind, outcome.status, outcome.message)
    return outcome


def _handler(order: Order) -> Handler:
    if order.kind not in HANDLERS:
        raise InputError("inbox", "kind", order.kind, ", ".join(HANDLERS))
    return HANDLERS[order.kind]


def _known(runner: Runner, order: Order) -> Outcome | None:
    row = runner.build.connection.execute(
        "select status, message from ops.order_done where order_id = ?", [order.id]
    ).fetchone()
    return Outcome(*row) if row else None


def _keep(runner: Runner, order: Order, outcome: Outcome) -> None:
    with runner.build.transaction() as connection:
        connection.execute(
            "insert into ops.order_done values (?, ?, ?, ?, ?, ?, ?, ?)",
            [order.id, order.kind, masked(subject(order.kind, order.values)), masked(order.by), order.at,
             runner.clock.now, outcome.status, outcome.message],
        )  # fmt: skip


def subject(kind: str, values: Mapping[str, str]) -> str:
    """What an order is about, in a few words: the job, the day, the month or the document."""
    key = {"run": "job", "annotation": "day", "close_month": "month", "reopen_month": "month"}.get(kind, "invoice_id")
    return values.get(key, "")[:MAX_NAME]


def _day(order: Order) -> date:
    found = order.values.get("day", "")
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise InputError("inbox", "annotation day", found, "a day like 2026-10-01") from None


def _choice(order: Order, key: str, choices: tuple[str, ...]) -> str:
    found = order.values.get(key, "")
    if found not in choices:
        raise InputError("inbox", f"{order.kind} {key}", found, ", ".join(choices))
    return found


def _name(order: Order, key: str, instead: str = "") -> str:
    found = masked(" ".join(order.values.get(key, "").split())) or instead
    if not 0 < len(found) <= MAX_NAME:
        raise InputError("inbox", f"{order.kind} {key}", found[:MAX_NAME], f"1 to {MAX_NAME} characters")
    return found
