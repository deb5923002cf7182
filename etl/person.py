"""A person's rights: everything held about them as JSON, and forgetting them without touching any total."""

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from getpass import getpass
from pathlib import Path
from typing import Any

from etl.errors import EtlError, PersonError
from etl.identity import is_email, masked
from etl.load import put_setting
from etl.run import Runner
from etl.unfinished import want_rewriting, want_snapshots_gone
from queries.errors import WarehouseError
from queries.warehouse import BUILD

_ACCOUNTS = ("account_no", "user_account_no", "end_user_account_no", "owner_account_no")
_KEYS = ("account_key", "person_key", "match_key", "owner_key")
ALL_TIME = date(9999, 12, 31)


@dataclass(frozen=True)
class Person:
    """What the build knows somebody by. `key` is the pseudonym of their address."""

    key: str
    person_no: int | None
    accounts: tuple[int, ...]
    keys: tuple[str, ...]


def find(runner: Runner, email: str) -> Person:
    """The person of an address or account id. Raises PersonError for nobody known."""
    if not is_email(email):
        raise PersonError("what was given is not one e-mail address")
    key = runner.pseudonyms.key(email)
    runner.pseudonyms.drain()  # the address was asked for, not seen in a source
    run = runner.build.connection.execute
    numbers = run(
        "select distinct n.person_no from person as n where n.person_key = $key union "
        "select r.person_no from account_rule as r join account as a on a.account_no = r.account_no "
        "where a.account_key = $key or a.person_key = $key",
        {"key": key},
    ).fetchall()
    found = run(
        "select distinct a.account_no, a.account_key from account as a "
        "left join account_rule as r on r.account_no = a.account_no "
        "where a.account_key = $key or a.person_key = $key or r.person_no in (select unnest($numbers)) order by 1",
        {"key": key, "numbers": [n for (n,) in numbers]},
    ).fetchall()
    if not numbers and not found:
        raise PersonError("nothing is held about that address under the present secret")
    keys = {str(key), *(k for _, k in found)}
    return Person(str(key), numbers[0][0] if numbers else None, tuple(n for n, _ in found), tuple(sorted(keys)))


def exported(runner: Runner, person: Person) -> str:
    """Everything in the build file that belongs to the person, as JSON: {"table": [rows]} of the tables with any.

    Every table is searched by its columns of accounts, persons, keys and pseudonyms, so that a new table can't be
    missed. Of the bit strings of active persons: the days, and under what the person counts as active on them.
    """
    run = runner.build.connection.execute
    keys = [
        k for (k,) in run(
            "select key_no from api_key where owner_account_no in (select unnest($a))", {"a": list(person.accounts)}
        ).fetchall()
    ]  # fmt: skip
    wanted: dict[str, list[Any]] = {
        **{column: list(person.accounts) for column in _ACCOUNTS},
        **{column: list(person.keys) for column in _KEYS},
        "person_no": [] if person.person_no is None else [person.person_no],
        "key_no": keys,
    }
    held = {table: _rows(runner, table, {c: wanted[c] for c in columns if c in wanted}) for table, columns in
            _tables(runner).items()}  # fmt: skip
    held["main.active_bits"] = _days_active(runner, person)
    return json.dumps({t: rows for t, rows in held.items() if rows}, default=str, ensure_ascii=False, indent=1)


def _tables(runner: Runner) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    listed = runner.build.connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and not internal and schema_name in ('main', 'ops') order by 1, "
        "column_index"
    ).fetchall()
    for table, column in listed:
        found.setdefault(table, []).append(column)
    return found


def _rows(runner: Runner, table: str, wanted: dict[str, list[Any]]) -> list[dict[str, Any]]:
    if not wanted:
        return []
    where = " or ".join(f"{column} in (select unnest(${column}))" for column in wanted)
    # names of our own tables and columns, as the database lists them
    result = runner.build.connection.execute(f"select * from {table} where {where}", wanted)  # noqa: S608
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _days_active(runner: Runner, person: Person) -> list[dict[str, Any]]:
    """{"day", "dimension", "member"} of every bit of the person; of folded days nothing else tells of them."""
    found = runner.build.connection.execute(
        "select b.day, b.dimension, b.member from active_bits as b, person as p "
        "where p.person_no = ? and get_bit(b.persons, p.bit_no) = 1 order by all",
        [person.person_no],
    ).fetchall()
    return [dict(zip(("day", "dimension", "member"), row, strict=True)) for row in found]


@dataclass(frozen=True)
class Forgot:
    """What forgetting changed, and what it could not reach."""

    days: int
    published: str
    backups: tuple[Path, ...]


def forget(runner: Runner, person: Person) -> Forgot:
    """Unlinks the person everywhere in the build, publishes, removes the older snapshots, and lists other copies.

    Their rows move to an anonymous account of the same units, so that no amount changes; an address that a source
    still tells is recognised by a keyed mark and landed the same way. Raises PersonError when the build has let go of
    them and what is left to do could not be done; the next forgetting or publishing does it (etl/unfinished.py).
    """
    build, loader = runner.build, runner.loader
    with build.transaction():
        want_snapshots_gone(build.connection)
        want_rewriting(build.connection)
        _keep_place(runner)
        build.run("staging/forget", {"accounts": list(person.accounts), "before": ALL_TIME})
        _remember(runner, person)
        heir = build.connection.execute(
            "select coalesce(max_by(account_key, valid_from), 'forgotten') from leaving_home"
        ).fetchone()
        assert heir
        build.run("staging/forget_person", {"person_no": person.person_no, "heir": heir[0]})
        loader.resolve()
        days = loader.rebuild()
    published = _published(runner)
    return Forgot(days, published, _copies(runner.settings.path(runner.settings.storage.folder), published))


def _keep_place(runner: Runner) -> None:
    """Notes how many places in the bit strings were ever given, so that none is given twice."""
    run = runner.build.connection.execute
    row = run(
        "select max(n) from (select max(bit_no) + 1 as n from person union all "
        "select cast(value as integer) from ops.setting where key = 'bits_given')"
    ).fetchone()
    put_setting(runner.build.connection, "bits_given", str((row or (None,))[0] or 0))


def _published(runner: Runner) -> str:
    """The file name of a snapshot without the person; the older ones are gone."""
    try:
        runner.build.connection.execute("force checkpoint")
        return runner.publish()
    except (EtlError, WarehouseError) as error:
        raise PersonError(
            f"the build has forgotten the person, but snapshots still hold them: {error}; "
            "mend that and run `etl publish`, which finishes it"
        ) from error


def _remember(runner: Runner, person: Person) -> None:
    """A mark for the address and every account of theirs, so that the next load leaves them forgotten."""
    run = runner.build.connection.execute
    now: datetime = runner.clock.now
    stretches = run("select distinct account_key, valid_from, valid_to from leaving_home order by 2").fetchall()
    for key in person.keys:
        for heir, start, end in stretches or [("forgotten", date(1900, 1, 1), ALL_TIME)]:
            mark = runner.pseudonyms.forgotten_mark(key)
            run("insert into ops.forgotten values (?, ?, ?, ?, ?)", [mark, heir, start, end, now])


def _copies(folder: Path, published: str) -> tuple[Path, ...]:
    """The database files that are left beside the build and the one snapshot."""
    kept = {folder / published, folder / BUILD, folder / f"{BUILD}.wal"}
    return tuple(sorted(file for file in folder.rglob("*") if ".duckdb" in file.name and file not in kept))


def asked_address(given: str | None) -> str:
    """The address from the command line, else typed in: so it stands in no history of commands."""
    return given or (getpass("e-mail address (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def said(forgot: Forgot) -> str:
    """What to tell whoever asked for it."""
    lines = [f"forgotten; {forgot.days} days counted anew, published {forgot.published}, older snapshots removed"]
    lines += [f"still holds the person, remove it or forget there too: {masked(str(file))}" for file in forgot.backups]
    lines.append("backups kept elsewhere, and the sources themselves, are not reached from here")
    return "\n".join(lines)
