"""Serves the dashboard from a folder of published snapshots; `audit` shows who looked at what."""

import argparse
import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dashboard import audit
from dashboard.errors import OptionsError
from dashboard.language import LANGUAGES
from dashboard.options import AUTH_MODES, Options, configured, secrets_for
from dashboard.serve import serve
from dashboard.viewer import mark_of
from queries.errors import QueriesError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--config", type=Path, help="configuration file; its [dashboard] and [storage] are used")
    parser.add_argument("--folder", type=Path, help="folder of published snapshots (default var)")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8050)")
    parser.add_argument("--auth", choices=AUTH_MODES, help="how people sign in (default demo: not at all)")
    parser.add_argument("--language", choices=LANGUAGES, help="for readers who have not chosen one (default cs)")
    parser.add_argument("--stale-hours", type=int, help="warn when the data is older; default: as configured")
    parser.add_argument("--workers", type=int, help="processes (default 2)")
    commands = parser.add_subparsers(dest="command", metavar="audit")
    shown = commands.add_parser("audit", help="who looked at or took away what; for the service's user")
    shown.add_argument("--since", type=date.fromisoformat, help="first day, UTC (default a week ago)")
    shown.add_argument("--until", type=date.fromisoformat, help="day after the last (default tomorrow)")
    shown.add_argument("--user", help="only this user, as the sign-in names them; needs the dashboard's secret")
    shown.add_argument("--what", default="", help="only page, export, order, refused, sign_in or sign_out")
    return parser


def options(arguments: list[str] | None = None) -> Options:
    """The options of a command line; what it does not say comes from the configuration file. Raises OptionsError."""
    return _options(_parser().parse_args(arguments))


def _options(said: argparse.Namespace) -> Options:
    known = Options.__dataclass_fields__
    given = {key: value for key, value in vars(said).items() if value is not None and key in known}
    return Options(**({"folder": Path("var")} | (configured(said.config) if said.config else {}) | given))


def show_audit(opts: Options, said: argparse.Namespace) -> None:
    """Prints the lines of the audit that were asked for, one JSON object each."""
    today = datetime.now(UTC).date()
    since, until = said.since or today - timedelta(days=7), said.until or today + timedelta(days=1)
    by = mark_of(secrets_for(opts), said.user) if said.user else ""
    folder = opts.state_folder / "audit"
    for line in audit.lines(folder, since=since, until=until, by=by, what=said.what, unreadable=_say_unreadable):
        print(json.dumps(line))  # ASCII: what somebody asked for does nothing to a terminal


def _say_unreadable(where: str) -> None:
    print(f"{where} can't be read", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Exit code: 0 well, 2 wrong use or configuration (one clear line)."""
    said = _parser().parse_args(arguments)
    try:
        opts = _options(said)
        if said.command == "audit":
            show_audit(opts, said)
        else:
            serve(opts)
    except (OptionsError, QueriesError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
