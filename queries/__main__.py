"""The command line of the queries: `python -m queries list | show NAME | run NAME | docs | forecast`.

Exit codes: 0 done, 1 `--check` found a generated document out of date, 2 not understood or refused (one line says why).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from queries import documentation
from queries.analysis import forecast_report
from queries.catalogue import catalogue, query
from queries.errors import ParameterError, QueriesError
from queries.output import FORMATS, written
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.command(given))
    except QueriesError as refused:
        print(f"python -m queries: {refused}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of a pipe has had enough
        sys.stderr.close()
        return 0


def _parser() -> _Parser:
    parser = _Parser(prog="python -m queries", description="The metrics: what they mean, and their figures.")
    commands = parser.add_subparsers(required=True, metavar="list | show | run | docs | forecast")
    listed = commands.add_parser("list", help="every metric with its title")
    listed.set_defaults(command=_list)
    shown = commands.add_parser("show", help="one metric: its description and its SQL")
    shown.add_argument("name", metavar="NAME")
    shown.set_defaults(command=_show)
    _add_run(commands.add_parser("run", help="the rows of one metric from the current snapshot"))
    for name, about, document in (
        ("docs", "the metrics reference docs/metrics.md", documentation),
        ("forecast", "docs/forecast.md: how good the forecast is", forecast_report),
    ):
        _add_document(commands.add_parser(name, help=about), document)
    return parser


def _add_document(asked: argparse.ArgumentParser, document: ModuleType) -> None:
    what = asked.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="exit with 1 if it is out of date")
    what.add_argument("--write", action="store_true", help="write it anew")
    asked.set_defaults(command=_docs, document=document, name=asked.prog.rpartition(" ")[2])


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("name", metavar="NAME")
    run.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter; repeatable")
    run.add_argument("--units", default="", metavar="A,B", help="units; without it the whole university")
    run.add_argument("--format", choices=FORMATS, default="table")
    run.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to the terminal")
    run.add_argument("--folder", type=Path, default=Path("var"), help="where the snapshots are (default: var)")
    run.set_defaults(command=_run)


def _list(_: argparse.Namespace) -> int:
    width = max(len(name) for name in catalogue())
    for name, found in catalogue().items():
        print(f"{name:<{width}}  {found.title}")
    return 0


def _show(given: argparse.Namespace) -> int:
    found = query(given.name)
    print("\n".join(documentation.described(found)))
    print(found.sql)
    return 0


def _run(given: argparse.Namespace) -> int:
    warehouse = Warehouse(given.folder)
    with warehouse.snapshot() as snapshot:
        root = snapshot.root_unit
    units = [unit.strip() for unit in (given.units or root).split(",")]
    answer = Reader(warehouse).run(given.name, Scope((root,), "rse"), units=units, **_params(given.param))
    result = written(answer, given.format)
    if given.output:
        given.output.write_bytes(result)
    else:
        sys.stdout.buffer.write(result)
        sys.stdout.flush()
    return 0


def _params(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise ParameterError(f"--param {wrong[0]} is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _docs(given: argparse.Namespace) -> int:
    if given.write:
        print(given.document.write())
        return 0
    if given.document.is_current():
        return 0
    print(f"{given.document.FILE} is out of date: run python -m queries {given.name} --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
