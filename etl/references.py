"""The operator's reference files as they are now; for one that can't be read, what was loaded from it before.

A slip in a file must not keep the gateway from being loaded: the directory's job fails and says where the slip is, the
others go on with what is held.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import duckdb

from etl.errors import SourceError
from etl.reference_data import CalendarRow, ModelNames, calendar_rows, group_rules
from etl.settings import Settings

Rules = list[tuple[str, str | None, str | None]]
Held = TypeVar("Held")


class References:
    """Names of models, the calendar and the rules for groups, for the length of one run."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
        self._settings, self._run = settings, connection.execute
        self._refused: dict[str, SourceError] = {}
        self.models = self._read("models.csv", lambda: ModelNames.read(settings), self._held_models)
        self.calendar = self._read("calendar.csv", lambda: calendar_rows(settings), self._held_calendar)
        self.group_rules((), {})  # so that a slip in groups.csv is known before anybody is in a group

    def group_rules(self, names: Iterable[str], units: dict[str, str]) -> Rules:
        """(group, unit, role) for the groups that say something."""
        return self._read("groups.csv", lambda: group_rules(names, units, self._settings), self._held_rules)

    def require(self) -> None:
        """Raises the SourceError of the first file that could not be read."""
        for error in self._refused.values():
            raise error

    def _read(self, name: str, read: Callable[[], Held], held: Callable[[], Held]) -> Held:
        try:
            return read()
        except SourceError as error:
            self._refused[name] = error
            return held()

    def _held_models(self) -> ModelNames:
        return ModelNames.held(self._settings, self._run("select * from model where is_mapped").to_arrow_table())

    def _held_calendar(self) -> list[CalendarRow]:
        return self._run("select kind, name_cs, name_en, start_day, end_day from calendar").fetchall()

    def _held_rules(self) -> Rules:
        return self._run("select group_name, unit, role from group_rule").fetchall()
