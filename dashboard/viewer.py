"""Who is asking and what they may see: a Viewer is made of what signed them in and of the rules, never of a request's
words."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as keyed
from pathlib import Path

from dashboard.options import Options, Secrets
from queries.errors import QueriesError, RightsError
from queries.keyed import derived, normalised, pseudonym, sign_in_mark
from queries.reader import Reader, Scope
from queries.rights import RIGHTS, Rules, Standing, grants_in

log = logging.getLogger(__name__)
Held = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Who:
    """Somebody who signed in: `mark` is their pseudonym in our records, `held` the (role, unit) pairs they have,
    `persons` the marks by which the usage may know them. `shown` is for their own eyes and is never stored here."""

    mark: str
    shown: str
    held: Held
    persons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and what they may see. `name` is a role and a pseudonym: it may be written down.

    `own` is the scope of their own use, for the page that shows it and nowhere else: it isn't part of `key`, and
    neither is `shown`, so pages that are kept must use neither.
    """

    name: str
    scope: Scope
    role: str = "nobody"
    rights: frozenset[str] = frozenset()
    own: Scope | None = None
    shown: str = ""
    sign_out_path: str = ""  # the same for all

    @property
    def key(self) -> str:
        """Part of every cache key: viewers of equal scope, role and rights share what was built."""
        return f"{self.role}:{self.scope.access}:{','.join(self.scope.units)}:{','.join(sorted(self.rights))}"

    @property
    def sees_units(self) -> bool:
        """Whether any page but their own is for them."""
        return bool(self.scope.units)


def demo_viewer(root_unit: str) -> Viewer:
    """Somebody who may see everything."""
    return Viewer("demo", Scope((root_unit,), "rse"), "demo", RIGHTS)


class RuleBook:
    """The rules that hold now: those of the configuration and of access.csv, read again when the file changes.

    A file that became wrong grants nothing until it is right again, in every worker alike (who was struck off must not
    stay because of a slip in the next line); the grants of the configuration stay. At the start it raises RightsError.
    """

    def __init__(self, options: Options) -> None:
        self._access, self._file = options.access, options.grants_file
        self._stamp = self._file_stamp()
        self._rules, self._mark = self._read(self._file)

    @property
    def rules(self) -> Rules:
        """The rules as the file stands now."""
        self._refresh()
        return self._rules

    def _refresh(self) -> None:
        if (stamp := self._file_stamp()) != self._stamp:
            self._stamp = stamp
            try:
                self._rules, self._mark = self._read(self._file)
            except RightsError as error:
                log.error("%s; until it is mended only the grants of the configuration hold", error)
                self._rules, self._mark = self._read(None)

    @property
    def mark(self) -> str:
        """Changes with the rules."""
        self._refresh()
        return self._mark

    def _read(self, file: Path | None) -> tuple[Rules, str]:
        rules = Rules(self._access, grants_in(file) if file else ())
        return rules, sha256(repr((sorted(rules.roles.items()), rules.grants)).encode()).hexdigest()[:16]

    def _file_stamp(self) -> tuple[int, int, int]:
        try:
            found = (self._file or Path("/nonexistent")).stat()
        except OSError:
            return 0, 0, 0
        return found.st_ino, found.st_size, found.st_mtime_ns


def mark_of(secrets: Secrets, user: str) -> str:
    """The user's pseudonym in our records."""
    key = derived(secrets.own, b"ai-sandbox-usage audit")
    return keyed(key, normalised(user).encode(), sha256).hexdigest()[:12]


class Members:
    """Turns what a way in says into Who, and Who into a Viewer of the data that is current."""

    def __init__(self, options: Options, secrets: Secrets, reader: Reader, book: RuleBook) -> None:
        self.sign_out_path = ""
        self._options, self._secrets, self._reader, self.book = options, secrets, reader, book
        self._units: tuple[str, dict[str, str], str] = ("", {}, "")
        self._persons: dict[tuple[str, ...], int | None] = {}

    def who(self, user: str, *, shown: str, groups: Iterable[str], persons: Iterable[str]) -> Who:
        """Who this user is by the rules. The user's id and groups are forgotten."""
        secret, marks = self._secrets.identity, []
        if self._options.self_service:
            plain = [normalised(value) for value in persons]
            marks = [sign_in_mark(secret, pseudonym(secret, value)) for value in plain if value]
        return Who(mark_of(self._secrets, user), shown, self.book.rules.held(user, groups), tuple(marks))

    def viewer(self, who: Who) -> Viewer | None:
        """What they may see in the current data; None for somebody known who may see nothing."""
        version, known, root = self._known_units()
        held = who.held + ((("self", ""),) if self._options.self_service else ())
        standing = self.book.rules.standing(held, known, root)
        if standing is None:
            return None
        return self._viewer(who, standing, self._person(version, who.persons))

    def _viewer(self, who: Who, standing: Standing, person: int | None) -> Viewer:
        own = None if person is None else Scope((), "all", person)
        scope = Scope(standing.units, standing.level)
        name = f"{standing.role}-{who.mark}"
        return Viewer(name, scope, standing.role, standing.rights, own, who.shown, self.sign_out_path)

    def _known_units(self) -> tuple[str, dict[str, str], str]:
        """(data version, {upper case: code}, code of the root), asked once for each data version."""
        version = self._reader.version
        if self._units[0] != version:
            nothing = Scope((), "all")
            units = self._reader.run("reference/units", nothing).rows.to_pylist()
            settings = self._reader.run("reference/settings", nothing).rows.to_pylist()
            root = next(str(row["value"]) for row in settings if row["key"] == "root_unit")
            self._persons = {}
            self._units = version, {str(row["unit"]).upper(): str(row["unit"]) for row in units}, root
        return self._units

    def _person(self, version: str, marks: tuple[str, ...]) -> int | None:
        if not marks:
            return None
        kept = self._persons  # a new data version puts a new one in its place
        if marks not in kept:
            try:
                kept[marks] = self._reader.person_of(marks)
            except QueriesError:  # a snapshot from before self_service
                log.warning("%s knows no sign-ins", version)
                kept[marks] = None
        return kept[marks]
