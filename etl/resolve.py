"""Who is who, who pays, what a model and a dollar are: derived anew only when what they follow from has changed."""

import hashlib
from collections.abc import Callable

import pyarrow as pa

from etl.identity import Pseudonyms
from etl.reference_data import ModelNames
from etl.references import References
from queries import warehouse
from queries.warehouse import Build

_STEPS = {
    "people": ("staging/resolve_rules", "staging/resolve_homes"),
    "models": ("staging/resolve_models",),
    "rates": ("staging/resolve_rates",),
}
_DOMAIN = pa.schema([("account_key", pa.string()), ("email_domain", pa.string())])
_TEAM_KEY = pa.schema([("team_id", pa.string()), ("team_key", pa.string())])


class Resolver:
    """Works on one open Build within the caller's transaction; `run_sql` runs a .sql file with the known parameters."""

    def __init__(
        self, build: Build, references: References, pseudonyms: Pseudonyms, run_sql: Callable[..., None]
    ) -> None:
        self._connection, self._references, self._pseudonyms = build.connection, references, pseudonyms
        self._run, self._sql = build.connection.execute, run_sql
        self._models = references.models
        self._stamp = self._version()

    def _version(self) -> str:
        """Changes with the rules themselves: their SQL, the patterns of model names, the secret."""
        texts = [warehouse.sql(file) for files in _STEPS.values() for file in files]
        secret = self._pseudonyms.key("which secret")
        return hashlib.sha256(repr((texts, self._models, secret)).encode()).hexdigest()[:16]

    def resolve(self, today: object) -> None:
        """Runs the steps whose inputs differ from those of the last time; they dirty the days whose answer changed."""
        self._domains()
        self._group_rules()
        marks = self._run(warehouse.sql("staging/resolve_marks"), {"today": today, "stamp": self._stamp}).fetchall()
        for step, mark in marks:
            self._prepare(step)
            for file in _STEPS[step]:
                self._sql(file)
            self._run("delete from ops.resolved where step = ?", [step])
            self._run("insert into ops.resolved values (?, ?)", [step, mark])

    def _prepare(self, step: str) -> None:
        if step == "people":
            self._land("landing_team_key", self._team_keys())
        if step == "models":
            self._land("landing_model", self._model_rows())

    def _land(self, name: str, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)
        self._run(f"create or replace temp table {name} as select * from incoming")  # noqa: S608  (our own name)
        self._connection.unregister("incoming")

    def _domains(self) -> None:
        if seen := self._pseudonyms.drain():
            rows = {"account_key": list(seen), "email_domain": list(seen.values())}
            self._land("landing_domain", pa.table(rows, _DOMAIN))
            self._sql("staging/domain")

    def _team_keys(self) -> pa.Table:
        teams = [t for (t,) in self._run("select distinct team_id from team order by 1").fetchall()]
        return pa.table({"team_id": teams, "team_key": [self._pseudonyms.key(t) for t in teams]}, _TEAM_KEY)

    def _model_rows(self) -> pa.Table:
        names = self._run("select name from model_name order by name").fetchall()
        return pa.Table.from_pylist([self._models.row(name) for (name,) in names], ModelNames.SCHEMA)

    def _group_rules(self) -> None:
        """group_rule by the groups seen, the units known and the operator's groups.csv; written only if it differs."""
        names = [g for (g,) in self._run("select distinct group_name from group_membership order by 1").fetchall()]
        units = dict(self._run("select name, unit from unit_name").fetchall()) if names else {}
        rules = self._references.group_rules(names, units)
        held = self._run("select group_name, unit, role from group_rule").fetchall()
        if sorted(rules, key=repr) != sorted(held, key=repr):
            self._run("delete from group_rule")
            if rules:
                self._connection.executemany("insert into group_rule values (?, ?, ?)", rules)
