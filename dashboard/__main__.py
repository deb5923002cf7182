"""Serves the dashboard from a folder of published snapshots."""

import argparse
import sys
from pathlib import Path

from dashboard.errors import OptionsError
from dashboard.language import LANGUAGES
from dashboard.options import AUTH_MODES, Options, configured
from dashboard.serve import serve


def options(arguments: list[str] | None = None) -> Options:
    """The options of a command line; what it does not say comes from the configuration file. Raises OptionsError."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--config", type=Path, help="configuration file; its [dashboard] and [storage] are used")
    parser.add_argument("--folder", type=Path, help="folder of published snapshots (default var)")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8050)")
    parser.add_argument("--auth", choices=AUTH_MODES, help="how people sign in (default demo: not at all)")
    parser.add_argument("--language", choices=LANGUAGES, help="for readers who have not chosen one (default cs)")
    parser.add_argument("--stale-hours", type=int, help="warn when the data is older; default: as configured")
    parser.add_argument("--workers", type=int, help="processes (default 2)")
    given = {key: value for key, value in vars(parser.parse_args(arguments)).items() if value is not None}
    config = given.pop("config", None)
    return Options(**({"folder": Path("var")} | (configured(config) if config else {}) | given))


if __name__ == "__main__":
    try:
        serve(options())
    except OptionsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
