"""The warehouse: one writer, many readers, and a snapshot that is whole or isn't current."""

import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries import warehouse
from queries.errors import HeldError, WarehouseError
from queries.warehouse import BUILD, POINTER, Build, Snapshot, Warehouse, point_at

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """An empty build with what every snapshot needs."""
    made = Build(tmp_path / "var")
    for setting in [("minimum_group", "5"), ("root_unit", "UK"), ("number", "1")]:
        made.connection.execute("insert into ops.setting values (?, ?)", setting)
    yield made
    made.close()


def publish(build: Build, number: int, **more: Any) -> str:
    """Publishes a snapshot that can be told from others by its number."""
    build.connection.execute("update ops.setting set value = ? where key = 'number'", [str(number)])
    return build.publish(**{"now": NOW + timedelta(minutes=number)} | more)


def number(snapshot: Snapshot) -> int:
    rows = snapshot.rows("select value from setting where key = $key", {"key": "number"})
    return int(rows["value"][0].as_py())


def current(folder: Path) -> int:
    """What a reader that comes now sees."""
    reader = Warehouse(folder)
    with reader.snapshot() as snapshot:
        found = number(snapshot)
        snapshot.close()
    return found


def test_a_snapshot_is_named_by_its_moment_and_the_pointer_names_it(build: Build) -> None:
    name = publish(build, 1)
    assert name == "warehouse-20261123T120100000000Z.duckdb"
    assert (build.folder / POINTER).read_text("utf-8") == f"{name}\n"
    assert current(build.folder) == 1


def test_a_name_is_never_used_twice_even_at_the_same_moment(build: Build) -> None:
    first, second = publish(build, 1, now=NOW), publish(build, 2, now=NOW)
    assert first != second
    assert current(build.folder) == 2
    assert (build.folder / first).exists()


def test_nothing_published_yet_says_what_to_run(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match=r"nothing is published in .* yet: run python -m etl run"),
        Warehouse(tmp_path).snapshot(),
    ):
        pass


def test_a_reader_keeps_its_snapshot_while_a_new_one_is_published_and_moves_on_at_its_next_request(
    build: Build,
) -> None:
    publish(build, 1)
    reader = Warehouse(build.folder)
    with reader.snapshot() as held:
        publish(build, 2)
        assert number(held) == 1
        with reader.snapshot() as fresh:
            assert (number(fresh), number(held)) == (2, 1)
    with reader.snapshot() as later:
        assert number(later) == 2


def test_a_snapshot_nobody_uses_any_more_is_let_go(build: Build) -> None:
    publish(build, 1)
    reader = Warehouse(build.folder)
    with reader.snapshot() as old:
        publish(build, 2)
        with reader.snapshot():
            pass
        assert number(old) == 1
    with pytest.raises(duckdb.ConnectionException):
        number(old)


def test_a_deleted_snapshot_stays_readable_for_whoever_holds_it(build: Build) -> None:
    first = publish(build, 1, keep=2)
    reader = Warehouse(build.folder)
    with reader.snapshot() as held:
        for n in range(2, 5):
            publish(build, n, keep=2)
        assert not (build.folder / first).exists()
        assert number(held) == 1


def test_the_last_few_snapshots_are_kept(build: Build) -> None:
    names = [publish(build, n, keep=2) for n in range(4)]
    assert sorted(f.name for f in build.folder.glob("warehouse-*")) == names[-2:]


def test_the_current_snapshot_stays_though_a_clock_that_was_ahead_is_set_back(build: Build) -> None:
    for n in (100, 200, 300):
        publish(build, n, keep=2)
    publish(build, 1, keep=2)
    assert current(build.folder) == 1
    publish(build, 2, keep=2)
    assert current(build.folder) == 2
    assert len(list(build.folder.glob("warehouse-*"))) == 2


def test_files_are_for_their_owner_alone(build: Build) -> None:
    name = publish(build, 1)
    modes = {file: (build.folder / file).stat().st_mode & 0o777 for file in (BUILD, name)}
    assert modes == {BUILD: 0o600, name: 0o600}
    assert build.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (n integer)",
        "insert into setting values ('a', 'b')",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "copy setting to '/tmp/never.csv'",
        "attach '/tmp/never.duckdb' as other",
        "set enable_external_access = true",
        "set threads = 8",
        "install httpfs",
    ],
)
def test_a_snapshot_refuses_to_write_to_open_other_files_and_to_be_unlocked(statement: str, build: Build) -> None:
    publish(build, 1)
    with Warehouse(build.folder).snapshot() as snapshot, pytest.raises(WarehouseError, match="warehouse-2026"):
        snapshot.rows(statement, {})


def test_threads_get_their_own_rows(build: Build) -> None:
    publish(build, 1)
    reader = Warehouse(build.folder)

    def asked(n: int) -> bool:
        with reader.snapshot() as snapshot:
            rows = snapshot.rows("select $n as n, i from range($n) as r (i)", {"n": n})
        return rows["n"].to_pylist() == [n] * n and rows["i"].to_pylist() == list(range(n))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, range(1, 400))) == [True] * 399


def test_readers_in_threads_never_see_an_older_snapshot_after_a_newer_one(build: Build) -> None:
    publish(build, 1)
    reader, stop = Warehouse(build.folder), threading.Event()

    def read() -> list[int]:
        seen = []
        while not stop.is_set():
            with reader.snapshot() as snapshot:
                seen.append(number(snapshot))
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = [pool.submit(read) for _ in range(4)]
        for n in range(2, 8):
            publish(build, n)
        stop.set()
    for future in seen:
        assert future.result() == sorted(future.result())
        assert len(future.result()) > 1
    assert current(build.folder) == 7


def test_a_snapshot_that_can_not_be_written_leaves_the_current_one_and_nothing_half_done(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(build, 1)
    real = build._write_snapshot

    def torn(file: Path) -> None:
        real(file)
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(build, "_write_snapshot", torn)
    with pytest.raises(WarehouseError, match="No space left"):
        publish(build, 2)
    assert current(build.folder) == 1
    assert len(list(build.folder.glob("warehouse-*"))) == 1
    monkeypatch.undo()
    publish(build, 3)
    assert current(build.folder) == 3


def test_a_mistake_in_publishing_leaves_the_build_usable(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(build, 1)
    monkeypatch.setattr(warehouse, "_PUBLISH", build.folder)
    (build.folder / "no_such_table.sql").write_text("select 1 as n", "utf-8")
    with pytest.raises(duckdb.CatalogException):
        publish(build, 2)
    monkeypatch.undo()
    publish(build, 3)
    assert current(build.folder) == 3


def test_what_a_killed_writer_left_never_becomes_current_and_is_swept(build: Build) -> None:
    name = publish(build, 1)
    half = build.folder / "warehouse-20991231T000000000000Z.duckdb.writing"
    half.write_bytes((build.folder / name).read_bytes()[:5000])
    (build.folder / f"{half.name}.wal").write_bytes(b"x")
    (build.folder / f"{POINTER}.writing").write_text("warehouse-209", "utf-8")
    assert current(build.folder) == 1
    publish(build, 2)
    assert current(build.folder) == 2
    assert not list(build.folder.glob("*.writing*"))


@pytest.mark.parametrize("length", [0, 4096, 20000])
def test_a_torn_file_is_refused_with_its_name(build: Build, length: int) -> None:
    name = publish(build, 1)
    torn = build.folder / "warehouse-20261124T000000000000Z.duckdb"
    shutil.copy(build.folder / name, torn)
    os.truncate(torn, length)
    with pytest.raises(WarehouseError, match="warehouse-20261124T000000000000Z"):
        Snapshot(torn)


def test_file_and_folder_are_flushed_before_the_pointer_moves(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    flush, replace = warehouse._flush, Path.replace
    monkeypatch.setattr(warehouse, "_flush", lambda path: (steps.append(path.name), flush(path)))
    monkeypatch.setattr(Path, "replace", lambda file, to: (steps.append(f"-> {to.name}"), replace(file, to))[1])
    name = publish(build, 1)
    assert steps == [f"{name}.writing", f"{POINTER}.writing", "var", f"-> {POINTER}", "var"]


def test_the_pointer_is_never_empty_while_it_moves(tmp_path: Path) -> None:
    point_at(tmp_path, "warehouse-1.duckdb")
    seen, stop = set(), threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add(Warehouse(tmp_path).version())

    watcher = threading.Thread(target=look)
    watcher.start()
    for n in range(2, 60):
        point_at(tmp_path, f"warehouse-{n}.duckdb")
    stop.set()
    watcher.join()
    assert seen <= {f"warehouse-{n}" for n in range(1, 60)}


def _hold(folder: Path, told: Connection) -> None:
    """A process that holds the build until it is told to let go."""
    build = Build(folder)
    told.send("held")
    told.recv()
    build.close()


def test_a_build_that_another_process_holds_is_refused_and_free_again_once_that_ends(tmp_path: Path) -> None:
    here, there = SPAWN.Pipe()
    holder = SPAWN.Process(target=_hold, args=(tmp_path, there))
    holder.start()
    try:
        assert here.recv() == "held"
        with pytest.raises(HeldError, match="in use by another process"):
            Build(tmp_path)
    finally:
        here.send("let go")
        holder.join()
    Build(tmp_path).close()


def test_a_build_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / BUILD).write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match=r"build\.duckdb can't be opened"):
        Build(tmp_path)


def test_a_transaction_is_all_or_nothing(build: Build) -> None:
    def both() -> None:
        with build.transaction() as connection:
            connection.execute("insert into ops.setting values ('a', 'b')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both()
    assert build.connection.execute("select count(*) from ops.setting where key = 'a'").fetchone() == (0,)
    with build.transaction() as connection:
        connection.execute("insert into ops.setting values ('a', 'c')")
    assert build.connection.execute("select value from ops.setting where key = 'a'").fetchone() == ("c",)


def test_migrations_run_once(tmp_path: Path) -> None:
    first = Build(tmp_path)
    applied = first.connection.execute("from schema_migration order by name").fetchall()
    first.close()
    again = Build(tmp_path)
    assert again.connection.execute("from schema_migration order by name").fetchall() == applied
    assert [name for name, _ in applied] == sorted(f.stem for f in warehouse._MIGRATIONS.glob("*.sql"))
    again.close()


def test_two_readers_of_one_process_may_open_the_same_snapshot(build: Build) -> None:
    publish(build, 1)
    with Warehouse(build.folder).snapshot() as one, Warehouse(build.folder).snapshot() as other:
        assert (number(one), number(other)) == (1, 1)


def _zone(folder: Path, told: Connection) -> None:
    """A process that says in which zone a snapshot's instants are."""
    with Warehouse(folder).snapshot() as snapshot:
        told.send(snapshot.rows("select current_setting('timezone') as zone", {})["zone"].to_pylist())


def test_instants_are_utc_whatever_the_machines_zone(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(build, 1)
    monkeypatch.setenv("TZ", "America/New_York")
    here, there = SPAWN.Pipe()
    asked = SPAWN.Process(target=_zone, args=(build.folder, there))
    asked.start()
    assert here.recv() == ["UTC"]
    asked.join()


SUM_SORTED = """
    select coalesce(h.unit, 'U') as unit, cast(sum(case when u.n >= 0 then 1 else 0 end) as bigint) as found
    from u left join h on h.n = u.n and h.is_primary
    group by 1 order by 1
"""


def _summed(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    connection.execute("create temp table u as select n from range(1500) as r (n)")
    connection.execute("create temp table h (n bigint, unit varchar, is_primary boolean)")
    return connection.execute(SUM_SORTED).fetchall()


def test_a_sum_is_not_cut_to_a_byte_when_it_is_sorted(build: Build) -> None:
    assert _summed(build.connection) == [("U", 1500)]
    name = publish(build, 1)
    with Warehouse(build.folder).snapshot() as snapshot:
        off = snapshot.rows("select current_setting('disabled_optimizers') as off", {})["off"].to_pylist()
    assert (off, snapshot.version) == (["statistics_propagation"], name.removesuffix(".duckdb"))


def test_duckdb_still_needs_the_optimizer_off_that_cuts_sums() -> None:
    """Fails with the DuckDB that mends it: then `disabled_optimizers` can go from queries/warehouse.py."""
    with duckdb.connect() as usual:
        assert _summed(usual) == [("U", -36)]
