"""The walls: etl and dashboard never import each other, queries imports neither, SQL is not glued together."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("etl", "queries", "dashboard")
MAY_IMPORT = {"etl": {"queries"}, "dashboard": {"queries"}, "queries": set[str]()}
# the front door of the demo starts both sides, in processes of their own
SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|delete\s+from|update\s+\w+\s+set|create\s+(or|table|temp))\b", re.I | re.S
)
JUDGED = "noqa: S608"  # ruff's mark for SQL in a string: given only with a reason, for names of our own
LOOKED_AT = {  # not seen by ruff, and made of names and text of our own
    'f"insert into {mart} by name "',
    'f"create or replace temp table {table} as select unnest(cast($days as date[])) as day"',
    'f"create temp table taken as {query}"',
    'f"create temp view {inner} as {projection.sqlite}"',
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def files(package: str) -> list[Path]:
    return sorted((REPOSITORY / package).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Top-level packages a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def glued(text: str) -> Iterator[tuple[int, str]]:
    """(line, source) of f-strings, and of strings filled by %, that are SQL and do not carry the mark."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        is_filled = isinstance(node, ast.JoinedStr) and any(isinstance(v, ast.FormattedValue) for v in node.values)
        is_percent = (
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
        )
        if isinstance(node, ast.JoinedStr | ast.BinOp) and (is_filled or is_percent):
            source = ast.get_source_segment(text, node) or ""
            if SQL.search(source) and JUDGED not in "".join(lines[node.lineno - 1 : node.end_lineno]):
                yield node.lineno, source


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_the_architecture_lets_it(package: str) -> None:
    forbidden = (set(PACKAGES) | {"tests"}) - MAY_IMPORT[package] - {package}
    wrong = [
        f"{file.relative_to(REPOSITORY)}: {n}" for file in files(package) for n in sorted(imported(file) & forbidden)
    ]
    assert wrong == []


def test_what_is_published_is_read_through_one_door() -> None:
    """Small groups are hidden and rights are bound in the reader: nothing may go past it to a snapshot."""
    opening = {
        str(f.relative_to(REPOSITORY)) for p in PACKAGES for f in files(p) if ".snapshot()" in f.read_text("utf-8")
    }
    assert opening == {"queries/reader.py", "queries/__main__.py"}  # the latter for the name of the root
    assert [f.name for f in files("dashboard") if "Warehouse" in f.read_text("utf-8")] == ["serve.py"]
    assert [f.name for f in files("dashboard") if "duckdb" in imported(f)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_something_to_check(package: str) -> None:
    assert len(files(package)) > 5
    assert any(imported(file) & set(sys.stdlib_module_names) for file in files(package))


@pytest.mark.parametrize("package", PACKAGES)
def test_sql_is_never_glued_together_from_values(package: str) -> None:
    found = [
        f"{file.relative_to(REPOSITORY)}:{line}: {source}"
        for file in files(package)
        for line, source in glued(file.read_text("utf-8"))
        if source not in LOOKED_AT
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_glued"),
    [
        ("run(f'select a from t where b = {b}')", True),
        ("run('select a from t where b = %s' % b)", True),
        ("run(f'''insert into\n t values ({b})''')", True),
        ("run(f'delete from {table}')  # noqa: S608  (our own table name)", False),
        ("run('select a from t where b = ?', [b])", False),
        ("log(f'rows selected from {table}')", False),
        ("f'update {n} of {m}'", False),
    ],
)
def test_the_check_for_glued_sql_tells_one_from_the_other(line: str, is_glued: bool) -> None:
    assert bool(list(glued(line))) is is_glued


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_no_module_has_a_name_that_says_nothing(package: str) -> None:
    assert [str(f) for f in files(package) if f.stem in FORBIDDEN_NAMES or f.parent.name in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_longer_than_400_lines(package: str) -> None:
    long = {f.name: n for f in files(package) if (n := len(f.read_text("utf-8").splitlines())) > 400}
    assert long == {}
