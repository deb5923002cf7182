"""Command line of the ETL: run, backfill, status, publish, close, reopen, months, serve, person, rekey, doctor."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

from etl import doctor, month_close, schedule
from etl.errors import ConfigError, EtlError
from etl.focus_export import export, month
from etl.inbox import carry_out
from etl.person import asked_address, exported, find, forget, said
from etl.rekey import rekey
from etl.run import Outcome, Runner
from etl.settings import Settings, load
from etl.unfinished import are_snapshots_unwanted, with_rewriting
from queries.errors import QueriesError
from queries.focus import VERSION
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day like 2026-10-01") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m etl", description="Loads usage and costs into the warehouse.")
    parser.add_argument(
        "--config", type=Path, default=Path("config.toml"), help="configuration file (default config.toml)"
    )
    parser.add_argument("--debug", action="store_true", help="show where an unexpected error came from")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="load what is new from every source (or the named ones) and publish")
    run.add_argument("jobs", nargs="*", help="names of jobs, sources or kinds")
    run.add_argument(
        "--accept-loss", action="store_true", help="take a directory that has lost files or most of its rows as it is"
    )
    backfill = commands.add_parser("backfill", help="read a period of gateways and chats again")
    backfill.add_argument("--from", dest="start", type=_day, required=True, help="first local day")
    backfill.add_argument("--to", dest="end", type=_day, required=True, help="day after the last")
    backfill.add_argument("sources", nargs="*", help="names of sources")
    commands.add_parser("status", help="what is published and how each source fared")
    commands.add_parser("publish", help="publish a snapshot of what is loaded")
    closing_a_month = commands.add_parser("close", help="close a month: its rows in the ledger never change again")
    closing_a_month.add_argument("month", help="a month like 2026-10")
    closing_a_month.add_argument("--by", required=True, help="who closes it")
    reopening = commands.add_parser("reopen", help="open a closed month again; who and why is kept")
    reopening.add_argument("month", help="a month like 2026-10")
    reopening.add_argument("--by", required=True, help="who opens it")
    reopening.add_argument("--reason", required=True, help="why")
    commands.add_parser("months", help="the months of the ledger, what is booked in them, and which are closed")
    serve = commands.add_parser("serve", help="run all jobs on schedule until stopped")
    serve.add_argument("--no-first-run", action="store_true", help="wait for the first scheduled time")
    charges = commands.add_parser("focus", help="write the charges of whole months as a FOCUS file")
    charges.add_argument("--from", dest="start", type=month, required=True, help="first month, e.g. 2026-10")
    charges.add_argument("--to", dest="end", type=month, required=True, help="month after the last")
    charges.add_argument("--out", type=Path, required=True, help="file to write: .csv or .parquet")
    person = commands.add_parser("person", help="what is held about a person: export it, or forget them")
    person.add_argument("what", choices=("export", "forget"))
    person.add_argument("email", nargs="?", help="better left out: it is then asked for, and stands in no history")
    new_key = commands.add_parser("rekey", help="put every pseudonym under a further secret")
    new_key.add_argument("--old-secret-env", dest="old", required=True, help="variable that holds the present secret")
    new_key.add_argument("--new-secret-env", dest="new", required=True, help="variable that holds the further one")
    commands.add_parser("doctor", help="try every source and say what is wrong and how to mend it")
    return parser


def _finish(runner: Runner, outcomes: list[Outcome]) -> int:
    for o in outcomes:
        print(f"{o.status:6} {o.job:24} {o.rows_read:>10} rows {o.days_changed:>5} days  {o.message}".rstrip())
    print(f"published {runner.publish()}")
    return FAILED if any(o.status == "FAILED" for o in outcomes) else OK


def _backfill(settings: Settings, arguments: argparse.Namespace) -> int:
    zone = settings.university.zone
    start, end = (d.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for d in (arguments.start, arguments.end))
    if end <= start:
        raise ConfigError(f"--to {arguments.end.date()} must be after --from {arguments.start.date()}")
    with closing(Runner(settings)) as runner:
        return _finish(runner, runner.backfill(start, end, arguments.sources))


def _close(settings: Settings, arguments: argparse.Namespace) -> int:
    with closing(Runner(settings)) as runner:
        with runner.build.transaction():
            runner.loader.keep_ledger()  # what is loaded but not booked yet is to be in it
        print(month_close.close(runner.build, arguments.month, arguments.by, runner.clock))
        return _finish(runner, [])


def _reopen(settings: Settings, arguments: argparse.Namespace) -> int:
    with closing(Runner(settings)) as runner:
        print(month_close.reopen(runner.build, arguments.month, arguments.by, arguments.reason, runner.clock))
        return _finish(runner, [])


def _months(settings: Settings, _: argparse.Namespace) -> int:
    with closing(Runner(settings)) as runner:
        for m in month_close.months(runner.build):
            state = f"closed by {m.closed_by}" if m.is_closed else "open"
            booked = f"{m.net_czk:>16} CZK net {m.vat_czk:>16} CZK VAT"
            print(f"{m.month:%Y-%m} {booked} {m.unallocated_czk:>16} CZK unallocated  {state}")
    return OK


def _status(settings: Settings, _: argparse.Namespace) -> int:
    reader = Reader(Warehouse(settings.path(settings.storage.folder)))
    answer = reader.run("data/sources", Scope((), "rse"))
    print(f"published {answer.version}")
    for row in answer.rows.to_pylist():
        success = row["last_success_at"]
        when = f"{success:%Y-%m-%d %H:%M}" if success else "never"
        held, message = f"{row['rows']} rows", row["message"] or ""
        print(f"{row['last_status'] or '-':8} {row['source']:20} last success {when}, {held}  {message}".rstrip())
    return OK


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    worst = OK
    for source, finding in doctor.examine(settings):
        print(f"{finding.level.upper():5} {source}: {finding.subject}: {finding.found}")
        if finding.remedy:
            print(f"      -> {finding.remedy}")
        worst = FAILED if finding.level == "fail" else worst
    return worst


def _load_new(settings: Settings, arguments: argparse.Namespace) -> int:
    with closing(Runner(settings)) as runner:
        carry_out(runner)
        runner.accept_loss = arguments.accept_loss
        return _finish(runner, runner.run(arguments.jobs))


def _publish(settings: Settings, _: argparse.Namespace) -> int:
    with with_rewriting(settings.path(settings.storage.folder)), closing(Runner(settings)) as runner:
        return _finish(runner, [])


def _focus(settings: Settings, arguments: argparse.Namespace) -> int:
    rows = export(settings, arguments.start, arguments.end, arguments.out)
    print(f"{arguments.out}: {rows} rows, FOCUS {VERSION}")
    return OK


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    schedule.serve(settings, first_run=not arguments.no_first_run)
    return OK


def _person(settings: Settings, arguments: argparse.Namespace) -> int:
    address = asked_address(arguments.email)
    if arguments.what == "export":
        with closing(Runner(settings)) as runner:
            print(exported(runner, find(runner, address)))
        return OK
    with with_rewriting(settings.path(settings.storage.folder)), closing(Runner(settings)) as runner:
        if are_snapshots_unwanted(runner.build.connection):
            print(f"what an earlier forgetting had left to do is done: published {runner.publish()}")
        print(said(forget(runner, find(runner, address))))
    return OK


def _rekey(settings: Settings, arguments: argparse.Namespace) -> int:
    print(rekey(settings, arguments.old, arguments.new))
    return OK


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "run": _load_new,
    "backfill": _backfill,
    "focus": _focus,
    "publish": _publish,
    "close": _close,
    "reopen": _reopen,
    "months": _months,
    "status": _status,
    "person": _person,
    "rekey": _rekey,
    "doctor": _doctor,
    "serve": _serve,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Exit code: 0 well, 1 something failed, 2 wrong use or configuration (one clear line)."""
    os.umask(0o077)  # whatever is written is for the ETL's user alone, also what DuckDB writes beside its files
    arguments = _parser().parse_args(argv)
    level = logging.DEBUG if arguments.debug else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return COMMANDS[arguments.command](load(arguments.config), arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ConfigError as error:
        print(error, file=sys.stderr)
        return USAGE
    except (EtlError, QueriesError) as error:
        print(error, file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
