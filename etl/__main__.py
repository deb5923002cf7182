"""Command line of the ETL: run, backfill, status, publish, serve, doctor."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

from etl import doctor, schedule
from etl.errors import ConfigError, EtlError
from etl.run import Outcome, Runner
from etl.settings import Settings, load
from queries.errors import QueriesError
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
    backfill = commands.add_parser("backfill", help="read a period of gateways and chats again")
    backfill.add_argument("--from", dest="start", type=_day, required=True, help="first local day")
    backfill.add_argument("--to", dest="end", type=_day, required=True, help="day after the last")
    backfill.add_argument("sources", nargs="*", help="names of sources")
    commands.add_parser("status", help="what is published and how each source fared")
    commands.add_parser("publish", help="publish a snapshot of what is loaded")
    serve = commands.add_parser("serve", help="run all jobs on schedule until stopped")
    serve.add_argument("--no-first-run", action="store_true", help="wait for the first scheduled time")
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


def _status(settings: Settings) -> int:
    reader = Reader(Warehouse(settings.path(settings.storage.folder)))
    answer = reader.run("data/sources", Scope((), "rse"))
    print(f"published {answer.version}")
    for row in answer.rows.to_pylist():
        success = row["last_success_at"]
        when = f"{success:%Y-%m-%d %H:%M}" if success else "never"
        held, message = f"{row['rows']} rows", row["message"] or ""
        print(f"{row['last_status'] or '-':8} {row['source']:20} last success {when}, {held}  {message}".rstrip())
    return OK


def _doctor(settings: Settings) -> int:
    worst = OK
    for source, finding in doctor.examine(settings):
        print(f"{finding.level.upper():5} {source}: {finding.subject}: {finding.found}")
        if finding.remedy:
            print(f"      -> {finding.remedy}")
        worst = FAILED if finding.level == "fail" else worst
    return worst


def _command(settings: Settings, arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "run":
            with closing(Runner(settings)) as runner:
                return _finish(runner, runner.run(arguments.jobs))
        case "backfill":
            return _backfill(settings, arguments)
        case "publish":
            with closing(Runner(settings)) as runner:
                return _finish(runner, [])
        case "status":
            return _status(settings)
        case "doctor":
            return _doctor(settings)
        case _:
            schedule.serve(settings, first_run=not arguments.no_first_run)
            return OK


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Exit code: 0 well, 1 something failed, 2 wrong use or configuration (one clear line)."""
    os.umask(0o077)  # whatever is written is for the ETL's user alone, also what DuckDB writes beside its files
    arguments = _parser().parse_args(argv)
    level = logging.DEBUG if arguments.debug else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return _command(load(arguments.config), arguments)
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
