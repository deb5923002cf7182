"""What must hold whatever happened: nothing acknowledged is missing, and what is there adds up."""

from contextlib import closing
from pathlib import Path
from typing import Any

from queries import warehouse
from queries.warehouse import Build, Warehouse
from tests.robustness import world

# what may not differ between a disturbed load and a clean one; surrogate numbers may
_FACTS = {
    "requests": """
        select r.request_key, r.started_at, r.day, r.hour, r.model, r.metered_usd, r.input_tokens, a.account_key
        from fact_request as r join account as a on a.account_no = r.user_account_no order by all""",
    "turns": """
        select t.turn_key, t.started_at, t.day, t.model, a.account_key
        from fact_chat_turn as t join account as a on a.account_no = t.account_no order by all""",
    "usage": """
        select day, unit, model, channel, origin, sum(requests), sum(user_requests), sum(metered_usd), sum(metered_czk)
        from usage_daily group by all order by all""",
    "people": """
        select day, unit, role, count(*), sum(user_requests), sum(metered_usd)
        from person_daily group by all order by all""",
    "active": "select day, dimension, member, dau, wau, mau from active_daily order by all",
}


def torn(build: Build) -> list[str]:
    """What does not add up in a build: each check that must hold, over all days, and days left dirty."""
    run = build.connection.execute
    found = [f"{n} dirty days" for (n,) in run("select count(*) from ops.dirty_day having count(*) > 0").fetchall()]
    run(
        "create or replace temp table dirty_day as select day from fact_request union select day from fact_chat_turn"
        " union select day from usage_daily"
    )
    for file in sorted((Path(warehouse.__file__).parent / "checks" / "fail").glob("*.sql")):
        if rows := run(file.read_text("utf-8")).fetchall():
            found.append(f"{file.stem}: {rows[0]}")
    return found


def incomplete(build: Build, acknowledged: int) -> list[str]:
    """Whether the rows that were acknowledged are there, each once."""
    row = build.connection.execute("select count(*), count(distinct request_key) from fact_request").fetchone()
    assert row
    count, distinct = row
    found = [f"{acknowledged} rows were acknowledged, {count} are there"] if count < acknowledged else []
    return found + ([f"{count - distinct} rows are there twice"] if distinct < count else [])


def snapshot_torn(folder: Path) -> list[str]:
    """What does not add up in the current snapshot; nothing when none was published yet."""
    if not (folder / warehouse.POINTER).exists():
        return []
    reader = Warehouse(folder)
    with reader.snapshot() as snapshot, closing(snapshot):
        row: dict[str, Any] = snapshot.rows(_SNAPSHOT, {}).to_pylist()[0]
    if row["uses"] == row["held"] and row["hourly"] == row["daily"]:
        return []
    return [f"{snapshot.version}: {row}"]


_SNAPSHOT = """
    select
        (select sum(requests) from usage_total_daily where unit = 'UK') as uses,
        (select sum(rows) from source_status where kind in ('gateway', 'chat')) as held,
        (select sum(user_requests) from usage_hourly) as hourly,
        (select sum(user_requests) from usage_total_daily where unit = 'UK') as daily
"""


def differences(folder: Path, clean: Path, round_no: int) -> list[str]:
    """Names of the facts and marts in which a disturbed build differs from one loaded at once in `clean`."""
    with closing(world.runner(clean, round_no)) as runner:
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        wanted = {name: runner.build.connection.execute(text).fetchall() for name, text in _FACTS.items()}
    with closing(Build(folder)) as build:
        return [name for name, text in _FACTS.items() if build.connection.execute(text).fetchall() != wanted[name]]
