"""Snapshots from tiny CSV files: one file a table, named columns only, everything else at its default."""

import csv
from collections.abc import Mapping
from pathlib import Path

import duckdb

from queries.warehouse import snapshot_schema, sql

CASES = Path(__file__).parents[1] / "cases"
SHARED = CASES / "_shared"
NAME = "warehouse-20261123T000000Z.duckdb"
_DATES = """
insert into dates
select
    cast(d as date), cast(d as date) - date '1970-01-01', date_trunc('week', d), date_trunc('month', d), isodow(d),
    null, null, isodow(d) >= 6, false, false
from range(date '2026-01-01', date '2027-01-01', interval 1 day) as r (d)
"""
_CLOSURE = """
insert into unit_closure
with recursive climbed as (
    select unit, unit as ancestor from unit
    union all
    select c.unit, u.parent_unit from climbed as c join unit as u on u.unit = c.ancestor where u.parent_unit is not null
)
select unit, ancestor from climbed
"""


ROLLUP = Path(__file__).with_name("rollup.sql")
_WEEKS = """
insert into active_weeks
select date_trunc('week', day), member, bit_or(persons)
from active_bits
where dimension = 'unit'
group by date_trunc('week', day), member
"""
_DAILY = f"""
create temp table active_day as select distinct day from dates where day <= (select max(day) + 27 from active_bits);
insert into active_daily by name {sql("marts/duckdb/active_daily")};
drop table active_day
"""
SEEN = "insert into seen_weeks by name " + sql("publish/seen_weeks").replace("build.ops.", "").replace("build.", "")


def empty_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of a snapshot, without rows."""
    connection.execute(snapshot_schema())


def snapshot_folder(folder: Path, *sources: Path) -> Path:
    """`folder` with a published snapshot of the CSV files in `sources` (a later one replaces a table of an earlier).

    Days of 2026 and the closure of the units are filled in where no file gives them. Bits are written as text. What
    each unit paid itself stands in usage_unit_daily.csv and is added up along the tree.
    """
    files: Mapping[str, Path] = {file.stem: file for source in sources for file in source.glob("*.csv")}
    path = folder / NAME
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        empty_schema(connection)
        (made,) = connection.sql("select sql from duckdb_tables() where table_name = 'usage_total_daily'").fetchall()[0]
        connection.execute(made.replace("CREATE TABLE usage_total_daily", "CREATE TEMP TABLE usage_unit_daily"))
        for table, file in files.items():
            if table != "expect":
                _fill(connection, table, file)
        if "dates" not in files:
            connection.execute(_DATES)
        if "unit_closure" not in files:
            connection.execute(_CLOSURE)
        connection.execute(ROLLUP.read_text("utf-8"))
        if "active_daily" not in files:
            connection.execute(_DAILY)
        connection.execute(_WEEKS)
        connection.execute(SEEN)
        connection.execute("commit")
    (folder / "current").write_text(NAME, "utf-8")
    return folder


def _fill(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    columns = connection.execute(
        "select column_name, data_type, is_nullable from duckdb_columns() where table_name = ? order by column_index",
        [table],
    ).fetchall()
    assert columns, f"{file}: the snapshot has no table {table}"
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        unknown = set(reader.fieldnames or ()) - {name for name, _, _ in columns}
        assert not unknown, f"{file}: the table has no column {', '.join(sorted(unknown))}"
        for row in reader:
            values = [row.get(name) or _default(kind, nullable) for name, kind, nullable in columns]
            places = ", ".join(f"cast(? as {kind})" for _, kind, _ in columns)
            connection.execute(f"insert into {table} values ({places})", values)


def _default(kind: str, nullable: bool) -> str | None:
    if nullable:
        return None
    return "false" if kind == "BOOLEAN" else "" if kind == "VARCHAR" else "0"
