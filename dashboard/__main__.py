"""python -m dashboard: serves the dashboard from a folder of snapshots."""

import argparse
import sys
from pathlib import Path

from dashboard.errors import OptionsError
from dashboard.language import LANGUAGES
from dashboard.options import AUTH_MODES, Options
from dashboard.serve import serve


def options(arguments: list[str] | None = None) -> Options:
    """The options of a command line. Raises OptionsError."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="folder of published snapshots")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8050)
    parser.add_argument("--auth", default="demo", choices=AUTH_MODES)
    parser.add_argument("--language", default="cs", choices=LANGUAGES, help="for readers who have not chosen one")
    parser.add_argument("--stale-hours", type=int, help="warn when the data is older; default: as configured")
    parser.add_argument("--workers", type=int, default=2)
    return Options(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    try:
        serve(options())
    except OptionsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
