"""Changes the key of the pseudonyms: each is hashed once more under a further secret, whomever it stands for."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pyarrow as pa

from etl.errors import ConfigError
from etl.fingerprint import held_fingerprint, keep_fingerprint
from etl.identity import MINIMUM_SECRET
from etl.load import put_setting
from etl.run import Runner
from etl.settings import Settings, secret
from etl.unfinished import want_rewriting, with_rewriting
from queries.keyed import chained, chained_mark, fingerprint
from queries.warehouse import Build

# every column of the build that holds a pseudonym; tests/etl/test_rekey.py looks for one that is missing
COLUMNS = {
    "account": ("account_key", "person_key"),
    "person": ("person_key",),
    "api_key": ("api_key_key", "alias_key"),
    "person_unit": ("person_key",),
    "service_account": ("match_key",),
    "fact_invoice_line": ("api_key_key",),
    "fact_provider_usage": ("api_key_key",),
}


def rekey(settings: Settings, old_env: str, new_env: str) -> str:
    """Puts every pseudonym under the secret in `new_env` as well; gives what to do next.

    From then on the secret is both, the old and the new one with a blank between: the first makes of an address what
    the build used to hold, the second of that what it holds now. Raises ConfigError unless `old_env` holds the secret
    the configuration names.
    """
    old, new = secret(old_env), secret(new_env)
    if old != secret(settings.identity.secret_env):
        raise ConfigError(f"{old_env} is not the secret in {settings.identity.secret_env} that the build is kept under")
    if len(new) < MINIMUM_SECRET or len(new.split()) != 1 or new in old.split():
        raise ConfigError(f"{new_env} must be a new secret of at least {MINIMUM_SECRET} characters without a blank")
    folder = settings.path(settings.storage.folder)
    both = fingerprint(f"{old} {new}".encode())
    with with_rewriting(folder):
        changed = 0 if _held(folder) == both else _changed(settings, new, both)
    return (
        f"{changed} pseudonyms were changed, all are under the new secret; now set {settings.identity.secret_env} to "
        "the old and the new secret with a blank between, before anything else runs. Older snapshots and backups stay "
        "under the old one."
    )


def _held(folder: Path) -> str | None:
    """The fingerprint of the secret the build is kept under: so a change that broke off later is not made twice."""
    with closing(Build(folder)) as build:
        return held_fingerprint(build.connection)


def _changed(settings: Settings, new: str, both: str) -> int:
    word = new.encode()
    with closing(Runner(settings)) as runner:
        connection = runner.build.connection
        with runner.build.transaction():
            changed = sum(
                _column(runner, table, column, partial(chained, word))
                for table, columns in COLUMNS.items()
                for column in columns
            )
            # nobody can test by the old secret alone whether an address asked to be forgotten
            _column(runner, "ops.forgotten", "mark", partial(chained_mark, word))
            put_setting(connection, "rekeyed_at", runner.clock.now.isoformat(timespec="seconds"))
            keep_fingerprint(connection, both)
            want_rewriting(connection)
        connection.execute("force checkpoint")
    return changed


def _column(runner: Runner, table: str, column: str, changed: Callable[[str], str]) -> int:
    """Only what has the form of a pseudonym: names of units and of anonymous accounts stay."""
    run = runner.build.connection.execute
    # names of our own tables and columns
    pattern = "[0-9a-f]{32}"
    found = run(f"select distinct {column} from {table} where regexp_full_match({column}, ?)", [pattern]).fetchall()  # noqa: S608
    keys = [key for (key,) in found]
    made = pa.table({"old_key": pa.array(keys, pa.string()), "new_key": [changed(k) for k in keys]})
    runner.build.connection.register("made", made)
    run(f"update {table} set {column} = made.new_key from made where {table}.{column} = made.old_key")  # noqa: S608
    runner.build.connection.unregister("made")
    return len(keys)
