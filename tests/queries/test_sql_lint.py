"""House rules of every .sql file (style.md), and the portable subset of the marts (architecture.md)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokens import TokenType

from queries.catalogue import FOLDER as METRICS
from queries.catalogue import catalogue
from queries.warehouse import Warehouse
from tests.queries.test_catalogue import VALUES

QUERIES = METRICS.parent
FILES = sorted(QUERIES.rglob("*.sql"))
PORTABLE = sorted((QUERIES / "marts").glob("*.sql"))
PORTABLE_FUNCTIONS = {
    "abs", "case", "cast", "coalesce", "count", "exists", "floor", "if", "lag", "lead", "ln", "max", "min", "nullif",
    "rank", "round", "rownumber", "sum", "trycast",
}  # fmt: skip
LINE = 140


def _name(file: Path) -> str:
    return file.relative_to(QUERIES).as_posix()


def _statements(file: Path) -> list[exp.Expression]:
    text = file.read_text("utf-8").replace(" using compression zstd", "")  # DuckDB's own, not known to sqlglot
    return [s for s in sqlglot.parse(text, dialect="duckdb") if s is not None]


def _shouted(text: str) -> Iterator[str]:
    for token in DuckDB().tokenize(text):
        written = text[token.start : token.end + 1]  # the token's own text is in capitals for words like "group by"
        if token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER) and written != written.lower():
            yield f"line {token.line}: {written}"


def _stars(text: str) -> list[str]:
    stars = [
        s for statement in sqlglot.parse(text, dialect="duckdb") if statement for s in statement.find_all(exp.Star)
    ]
    return [s.parent.sql() for s in stars if s.parent is not None and not isinstance(s.parent, exp.Count)]


def _unportable(text: str) -> list[str]:
    """What in a mart Spark would not run, or would run otherwise."""
    found = ["::"] if any(t.token_type is TokenType.DCOLON for t in DuckDB().tokenize(text)) else []
    for statement in sqlglot.parse(text, dialect="duckdb"):
        if statement is None:
            continue
        for node in statement.walk():
            found += _unportable_node(node)
    return found + _stars(text)


def _unportable_node(node: exp.Expression) -> list[str]:
    if isinstance(node, exp.Qualify | exp.Interval | exp.AtTimeZone | exp.Lambda):
        return [type(node).__name__.lower()]
    if isinstance(node, exp.Group) and node.args.get("all"):
        return ["group by all"]
    if isinstance(node, exp.Join) and node.args.get("using"):
        return ["using"]
    if isinstance(node, exp.Anonymous):
        return [f"function {node.name}"]
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Cast):
        return [] if node.key in PORTABLE_FUNCTIONS else [f"function {node.key}"]
    if isinstance(node, exp.Alias) and node.find(exp.AggFunc) and not node.find(exp.Window):
        return _shadowed(node)
    return []


def _shadowed(alias: exp.Alias) -> list[str]:
    """An alias named as a column that another expression of the same select aggregates: Spark and DuckDB differ."""
    others = [e for e in alias.parent_select.expressions if e is not alias] if alias.parent_select else []
    named = {c.name for e in others for agg in e.find_all(exp.AggFunc) for c in agg.find_all(exp.Column) if not c.table}
    return [f"alias {alias.alias} shadows a column"] if alias.alias in named else []


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_parses_and_is_written_in_lower_case(file: Path) -> None:
    text = file.read_text("utf-8")
    assert _statements(file)
    assert list(_shouted(text)) == []


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_is_neatly_laid_out(file: Path) -> None:
    lines = file.read_text("utf-8").split("\n")
    assert lines[-1] == ""
    assert [i for i, line in enumerate(lines, 1) if line != line.rstrip() or "\t" in line or len(line) > LINE] == []
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip() and not line.startswith("--")]
    assert [n for n in indents if n % 4] == []


@pytest.mark.parametrize("file", [f for f in FILES if f.is_relative_to(METRICS) or f in PORTABLE], ids=_name)
def test_metrics_and_marts_list_their_columns(file: Path) -> None:
    assert _stars(file.read_text("utf-8")) == []


@pytest.mark.parametrize("file", [f for f in FILES if f.is_relative_to(QUERIES / "marts")], ids=_name)
def test_a_mart_says_what_it_holds_in_its_first_line(file: Path) -> None:
    assert re.match(r"-- \w", file.read_text("utf-8"))


@pytest.mark.parametrize("file", PORTABLE, ids=_name)
def test_a_mart_keeps_to_the_portable_subset(file: Path) -> None:
    assert _unportable(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "offence"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "qualify"),
        ("select a, sum(b) as c from t group by all", "group by all"),
        ("select t.a from t join u using (a)", "using"),
        ("select * from t", "*"),
        ("select day + interval 1 day as b from t", "interval"),
        ("select a at time zone 'UTC' as b from t", "attimezone"),
        ("select a::date as b from t", "::"),
        ("select date_trunc('week', day) as b from t", "function"),
        ("select bit_count(a) as b from t", "function"),
        ("select max(b) as a, sum(a) as c from t", "shadows"),
    ],
)
def test_the_portable_subset_refuses(text: str, offence: str) -> None:
    assert offence in " ".join(_unportable(text))


def test_the_portable_subset_accepts_what_it_names() -> None:
    text = """
    with usage_joined as (
        select u.day, d.week_no, coalesce(u.unit, 'UNKNOWN') as unit, cast(u.a as double) / nullif(u.b, 0) as share
        from usage as u
        left join dates as d on d.day = u.day
    )
    select day, unit, count(*) as uses, sum(case when share > 0 then 1 else 0 end) as shared,
        row_number() over (partition by unit order by day nulls last) as place
    from usage_joined
    group by day, unit
    """
    assert _unportable(text) == []


def test_shouting_is_found_outside_texts_and_comments() -> None:
    assert list(_shouted("select 'ABC' as a -- NOTE\nFROM t")) == ["line 2: FROM"]


@pytest.mark.parametrize("name", catalogue())
def test_the_steps_of_a_metric_are_narrated_in_the_past_participle(name: str) -> None:
    steps = [c.alias for c in sqlglot.parse_one(catalogue()[name].sql, dialect="duckdb").find_all(exp.CTE)]
    assert [s for s in steps if not re.search(r"(ed|seen|given|shown|found|chosen)$", s)] == []


@pytest.mark.parametrize("name", catalogue())
def test_the_order_of_a_metric_is_total(name: str, synthetic_folder: Path) -> None:
    """No two rows of the synthetic university have the same order key."""
    body, _, order = catalogue()[name].sql.rpartition("\norder by")
    keys = re.sub(r"\s+(desc|nulls last)\b", "", order.strip())
    head, _, tail = body.rpartition("\nfrom ")
    assert head.rstrip().endswith(","), "the final select has trailing commas"
    with Warehouse(synthetic_folder).snapshot() as snapshot:
        units = {"units": sorted(snapshot.units_below(("UK",)))} if "$units" in body else {}
        values = {p.name: VALUES[p.name] for p in catalogue()[name].params if p.name != "units"} | units
        keyed = f"{head}\n    row({keys}) as order_key\nfrom {tail}"
        sql = f"select count(*) as n, count(distinct order_key) as d from ({keyed})"
        (counted,) = snapshot.rows(sql, values).to_pylist()
    assert counted["n"] == counted["d"] > 0
