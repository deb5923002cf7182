"""Reference files that are not a source of rows: names of models, the calendar, rules for groups.

The operator's file in the directory folder stands before the shipped one of the same name (etl/reference/).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path

import pyarrow as pa

from etl.errors import InputError
from etl.identity import masked
from etl.settings import Settings
from etl.sources.directory_files import rows

SHIPPED = Path(__file__).parent / "reference"
_MODEL = ("model", "title", "family", "provider", "hosting")
HOSTINGS = ("commercial", "self_hosted", "unknown")
_RULES = {"policy": ("allowed", "banned"), "data_category": ("public", "internal", "sensitive")}  # optional columns


def rows_of(settings: Settings, name: str, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, row) of the operator's file or else the shipped one; lines that start with # are comments.

    Read as the directory's other files are (docs/directory.md). Raises InputError when the encoding can't be told, one
    of `columns` is missing, or a row has more or fewer fields than the header.
    """
    own = settings.path(settings.directory.folder) / name
    for row in rows(own if own.is_file() else SHIPPED / name, *columns):
        yield row.place, {key: row.text(key) or "" for key in row.cells}


@dataclass(frozen=True)
class ModelNames:
    """Maps names as sources write them to the model they are counted as: the first pattern that matches, in order."""

    patterns: tuple[tuple[str, dict[str, str]], ...]
    direct: tuple[str, ...]

    SCHEMA = pa.schema(
        [
            *[(c, pa.string()) for c in ("name", *_MODEL)],
            ("is_mapped", pa.bool_()),
            ("is_direct", pa.bool_()),
            *[(c, pa.string()) for c in _RULES],
        ]
    )

    @classmethod
    def read(cls, settings: Settings) -> "ModelNames":
        """Patterns of models.csv. Raises InputError for an unknown hosting, policy or data category."""
        patterns = []
        ruled: dict[str, dict[str, str]] = {}
        for place, row in rows_of(settings, "models.csv", ("pattern", *_MODEL)):
            if empty := next((column for column in ("pattern", *_MODEL) if not row[column]), None):
                raise InputError("models", f"{place} {empty}", "", "a value; it may not be empty")
            if row["hosting"] not in HOSTINGS:
                raise InputError("models", f"{place} hosting", row["hosting"], ", ".join(HOSTINGS))
            _refuse_other_rules(place, row, ruled)
            patterns.append((row["pattern"].lower(), row))
        return cls(tuple(patterns), _direct(settings))

    @classmethod
    def held(cls, settings: Settings, models: pa.Table) -> "ModelNames":
        """The mapping that the rows of `model` show, name by name: what counts while models.csv can't be read."""
        named = ((escape(str(row["name"]).lower()), row) for row in models.to_pylist())
        return cls(tuple(named), _direct(settings))

    def row(self, name: str) -> dict[str, object]:
        """One row of SCHEMA for a name; an unknown one is counted under its own name and marked as not mapped."""
        plain = name.lower()
        found = next((row for pattern, row in self.patterns if fnmatchcase(plain, pattern)), None)
        is_direct = any(fnmatchcase(plain, pattern) for pattern in self.direct)
        if found is None:
            shown = masked(name)
            unknown = {"model": shown, "title": shown, "family": "unknown", "provider": "unknown", "hosting": "unknown"}
            return {"name": name, **unknown, "is_mapped": False, "is_direct": is_direct, **dict.fromkeys(_RULES)}
        known = {key: found[key] for key in _MODEL}
        rules = {key: found.get(key) or None for key in _RULES}
        return {"name": name, **known, "is_mapped": True, "is_direct": is_direct, **rules}


def _direct(settings: Settings) -> tuple[str, ...]:
    return tuple(p.lower() for chat in settings.chats for p in chat.direct_models)


def _refuse_other_rules(place: str, row: dict[str, str], ruled: dict[str, dict[str, str]]) -> None:
    """Raises InputError for a policy or data category that isn't one, or differs from the model's earlier line."""
    rules = {key: row.get(key, "") for key in _RULES}
    for key, choices in _RULES.items():
        if rules[key] not in ("", *choices):
            raise InputError("models", f"{place} {key}", rules[key], f"{', '.join(choices)} or nothing")
        if (stated := ruled.setdefault(row["model"], rules)[key]) != rules[key]:
            raise InputError("models", f"{place} {key}", rules[key], f"'{stated}', as on the model's first line")


CalendarRow = tuple[str, str, str, date, date]


def calendar_rows(settings: Settings) -> list[CalendarRow]:
    """(kind, name_cs, name_en, start, end) of calendar.csv, end exclusive. Raises InputError for a wrong date."""
    return [
        (row["kind"], row["name_cs"], row["name_en"], _day(place, row["start"]), _day(place, row["end"]))
        for place, row in rows_of(settings, "calendar.csv", ("kind", "name_cs", "name_en", "start", "end"))
    ]


def _day(place: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("calendar", place, text, "a day like 2026-10-01") from None


def date_rows(first: date, last: date, calendar: Iterable[CalendarRow]) -> pa.Table:
    """One row per day from the first of the first month to a year after `last`, as the table `dates` wants it."""
    periods = list(calendar)
    start = first.replace(day=1)
    rows = [_date_row(start + timedelta(days=n), periods) for n in range((last - start).days + 366)]
    return pa.Table.from_pylist(rows, _DATES)


def _date_row(day: date, periods: list[CalendarRow]) -> dict[str, object]:
    within = [p for p in periods if p[3] <= day < p[4]]
    term = next((p for p in within if p[0].startswith("term")), None)
    week = day - timedelta(days=day.weekday())
    return {
        "day": day,
        "day_no": day.toordinal(),
        "week_start": week,
        "month_start": day.replace(day=1),
        "weekday": day.isoweekday(),
        "term": term[2] if term else None,
        "term_week": (week - (term[3] - timedelta(days=term[3].weekday()))).days // 7 + 1 if term else None,
        "is_weekend": day.isoweekday() > 5,
        "is_exam": any(p[0] == "exam" for p in within),
        "is_holiday": any(p[0] == "holiday" for p in within),
    }


_DATES = pa.schema(
    [
        ("day", pa.date32()),
        ("day_no", pa.int32()),
        ("week_start", pa.date32()),
        ("month_start", pa.date32()),
        ("weekday", pa.int32()),
        ("term", pa.string()),
        ("term_week", pa.int32()),
        ("is_weekend", pa.bool_()),
        ("is_exam", pa.bool_()),
        ("is_holiday", pa.bool_()),
    ]
)


def group_rules(
    names: Iterable[str], units: dict[str, str], settings: Settings
) -> list[tuple[str, str | None, str | None]]:
    """(group, unit, role) for the groups that say something: groups.csv first, else the configured patterns.

    `units` maps upper-case names to unit codes; a group that names an unknown unit gives no rule and shows up as
    unmapped on the Data page.
    """
    listed = {row["group"]: row for _, row in rows_of(settings, "groups.csv", ("group",))}
    rules = []
    for name in names:
        if (row := listed.get(name)) is not None:
            unit, role = units.get(row.get("unit", "").upper()), row.get("role") or None
        else:
            unit, role = _by_pattern(name, units, settings)
        if unit or role:
            rules.append((name, unit, role))
    return rules


def _by_pattern(name: str, units: dict[str, str], settings: Settings) -> tuple[str | None, str | None]:
    unit = re.fullmatch(settings.directory.group_pattern, name)
    role = re.fullmatch(settings.directory.role_pattern, name)
    return (units.get(unit["unit"].upper()) if unit else None), (role["role"].lower() if role else None)
