"""A sum after a left join that finds nothing: DuckDB 2.0.0 by itself gets it wrong, our connections must not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queries.warehouse import Build, Snapshot

COUNTED = """
select u.part, sum(case when u.number >= 0 then 1 else 0 end) as rows
from (select number, number % 3 as part from range(1500) as r (number)) as u
left join (select day from dates where day < date '1900-01-01') as d
    on d.day = date '2000-01-01' + cast(u.number as integer)
group by u.part
"""
Ask = Callable[[str], list[Any]]


@pytest.fixture(params=["build", "snapshot"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A function that asks a build or a published snapshot; its only day of `dates` is 2026-10-05."""
    build = Build(tmp_path)
    day = "date '2026-10-05', 1, date '2026-10-05', date '2026-10-01', 1, null, null, false, false, false"
    build.connection.execute(f"insert into dates values ({day})")
    values = {"minimum_group": "5", "root_unit": "UK"}
    build.connection.executemany("insert into ops.setting values (?, ?)", list(values.items()))
    if request.param == "build":
        yield lambda text: build.connection.execute(text).fetchall()
        build.close()
    else:
        name = build.publish()
        build.close()
        snapshot = Snapshot(tmp_path / name)
        yield lambda text: [tuple(row.values()) for row in snapshot.rows(text, {}).to_pylist()]
        snapshot.close()


def test_a_sum_after_a_left_join_with_nothing_is_whole(ask: Ask) -> None:
    assert ask(COUNTED + "order by u.part") == [(0, 500), (1, 500), (2, 500)]


def test_a_condition_on_such_a_sum_drops_nothing(ask: Ask) -> None:
    assert ask(COUNTED + "having sum(case when u.number >= 0 then 1 else 0 end) > 200 order by u.part") == [
        (0, 500),
        (1, 500),
        (2, 500),
    ]
