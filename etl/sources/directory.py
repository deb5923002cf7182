"""The directory: units, who belongs where and when, eligible head-counts, service accounts; from CSV files.

Ids of persons become pseudonyms here and are not kept.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.settings import Settings
from etl.sources import directory_files as files
from etl.sources import plan_files as plans
from etl.sources.base import Finding, Window
from etl.sources.plan_catalogue import read_plans
from etl.tables import (
    ACCOUNT,
    ANNOTATION,
    BUDGET,
    PERSON_UNIT,
    PLAN,
    POPULATION,
    PRICE,
    SERVICE_ACCOUNT,
    TARGET,
    UNIT,
    Table,
)

_BATCH = 10_000
_PLACING = ("units.csv", "people.csv", "domains.csv", "groups.csv", "population.csv", "service_accounts.csv")
_OPTIONAL = {
    "units.csv": "the shipped faculties of Charles University are used",
    "people.csv": "persons are placed by groups and by e-mail domain only",
    "domains.csv": "the shipped e-mail domains are used",
    "population.csv": "adoption rates are unknown",
    "service_accounts.csv": "every account counts as a person's",
}
_FOREIGN = {  # where the root is another university's
    "units.csv": "there are no units besides the root",
    "domains.csv": "nobody is placed by e-mail domain",
}


class DirectoryFiles:
    """Snapshots of the directory's files: what they say now is the whole."""

    name = files.SOURCE
    tables: tuple[Table, ...] = (
        UNIT, PERSON_UNIT, POPULATION, SERVICE_ACCOUNT, ACCOUNT, BUDGET, ANNOTATION, TARGET, PRICE,
        PLAN,
    )  # fmt: skip

    def __init__(self, folder: Path, root_unit: str, pseudonyms: Pseudonyms) -> None:
        self._folder, self._root, self._pseudonyms = folder, root_unit.upper(), pseudonyms

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:  # noqa: ARG002 - snapshots
        """Every row of the table as the files say now. Raises InputError for any wrong value, before the first row."""
        found = list(self._readers()[table.name]())
        for start in range(0, len(found), _BATCH):
            yield pa.RecordBatch.from_pylist(found[start : start + _BATCH], table.schema)

    def domains(self) -> dict[str, tuple[str, str]]:
        """{e-mail domain: (unit, role)} of the university's own domains."""
        return files.read_domains(self._folder, self._units(), self._root)

    def present(self) -> list[str]:
        """Names of the files that place people and are there with something in them, a header line at least."""
        return [name for name in _PLACING if files.content(self._folder / name)]

    def bounds(self) -> Window | None:
        """None: nothing here has a time of its own."""
        return None

    def notes(self) -> list[str]:
        """Which files are missing, and what that means."""
        return [f"{name} is missing: {meaning}" for name, meaning in self._missing()]

    def examine(self) -> Iterator[Finding]:
        """Whether the folder is there and each file can be read; how many rows each gives."""
        if not self._folder.is_dir():
            remedy = "create it, or set directory.folder in the configuration; see docs/directory.md"
            yield Finding("warn", f"directory folder {self._folder}", "no such folder", remedy)
        for subject, count in self._counters().items():
            try:
                yield Finding("ok", subject, f"{count()} rows")
            except SourceError as error:
                yield Finding("fail", subject, str(error), "mend the file; see docs/directory.md")
        for name, meaning in self._missing():
            yield Finding("warn", name, f"missing: {meaning}", f"put it into {self._folder}; see docs/directory.md")

    def close(self) -> None:
        """Nothing is kept open."""

    def _missing(self) -> list[tuple[str, str]]:
        meanings = _OPTIONAL if self._root == files.SHIPPED_ROOT else _OPTIONAL | _FOREIGN
        return [(name, meaning) for name, meaning in meanings.items() if not (self._folder / name).is_file()]

    def _readers(self) -> dict[str, Callable[[], Iterator[dict[str, object]]]]:
        return {
            UNIT.name: self._unit_rows,
            PERSON_UNIT.name: self._person_rows,
            POPULATION.name: self._population_rows,
            SERVICE_ACCOUNT.name: self._service_rows,
            ACCOUNT.name: self._alias_rows,
            BUDGET.name: self._budget_rows,
            ANNOTATION.name: lambda: map(vars, plans.read_annotations(self._folder)),
            TARGET.name: lambda: map(vars, plans.read_targets(self._folder, self._units(), self._root)),
            PRICE.name: lambda: map(vars, plans.read_prices(self._folder)),
            PLAN.name: lambda: map(vars, read_plans(self._folder)),
        }

    def _counters(self) -> dict[str, Callable[[], int]]:
        folder, root = self._folder, self._root
        return {
            "units": lambda: len(self._units()),
            "people": lambda: len(files.read_people(folder, self._units(), root)),
            "e-mail domains": lambda: len(self.domains()),
            "head-counts": lambda: len(files.read_population(folder, self._units(), root)),
            "service accounts": lambda: len(files.read_service_accounts(folder, self._units(), root)),
            "groups": lambda: files.check_groups(folder, self._units(), root),
            "budgets": lambda: len(plans.read_budgets(folder, self._units(), root)),
            "annotations": lambda: len(plans.read_annotations(folder)),
            "targets": lambda: len(plans.read_targets(folder, self._units(), root)),
            "prices": lambda: len(plans.read_prices(folder)),
            "plans": lambda: len(read_plans(folder)),
        }

    def _units(self) -> dict[str, files.Unit]:
        return files.read_units(self._folder, self._root)

    def _unit_rows(self) -> Iterator[dict[str, object]]:
        for unit in self._units().values():
            yield vars(unit)

    def _person_rows(self) -> Iterator[dict[str, object]]:
        for member in files.read_people(self._folder, self._units(), self._root):
            yield {
                "person_key": self._pseudonyms.key(member.person),
                "unit": member.unit,
                "valid_from": member.period.start,
                "valid_to": member.period.end,
                "weight": member.weight,
                "role": member.role,
            }

    def _alias_rows(self) -> Iterator[dict[str, object]]:
        """One row per other id of a person: it links the id's account to the person."""
        members = files.read_people(self._folder, self._units(), self._root)
        for alias, person in sorted({(alias, m.person) for m in members for alias in m.aliases}):
            yield {
                "account_key": self._pseudonyms.key(alias),
                "person_key": self._pseudonyms.key(person),
                "email_domain": self._pseudonyms.domain(person) or self._pseudonyms.domain(alias),
                "is_pending": False,
                "is_service": False,
            }

    def _population_rows(self) -> Iterator[dict[str, object]]:
        for count in files.read_population(self._folder, self._units(), self._root):
            yield {
                "unit": count.unit,
                "role": count.role,
                "valid_from": count.period.start,
                "valid_to": count.period.end,
                "persons": count.persons,
            }

    def _budget_rows(self) -> Iterator[dict[str, object]]:
        for budget in plans.read_budgets(self._folder, self._units(), self._root):
            yield {
                "unit": budget.unit,
                "period_start": budget.period.start,
                "period_end": budget.period.end,
                "amount_czk": budget.amount_czk,
                "note": budget.note,
            }

    def _service_rows(self) -> Iterator[dict[str, object]]:
        for account in files.read_service_accounts(self._folder, self._units(), self._root):
            named = f"alias:{account.id}" if account.kind == "key_alias" else account.id
            yield {
                "match_key": self._pseudonyms.key(named),
                "kind": account.kind,
                "name": account.name,
                "unit": account.unit,
            }


def directory_source(settings: Settings, pseudonyms: Pseudonyms, base: Path) -> DirectoryFiles:
    """The directory of the configuration; its folder is relative to `base`."""
    folder = settings.directory.folder
    return DirectoryFiles(folder if folder.is_absolute() else base / folder, settings.university.root_unit, pseudonyms)
