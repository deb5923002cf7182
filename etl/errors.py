"""The errors of the etl package, one tree. A message names the thing, the value found and the choices.

EtlError
├── ConfigError      a wrong key, type or value in config.toml or the environment
├── SourceError      a source can't be read now; other sources go on and the old data stays
│   └── InputError   a file or answer has a wrong value: names file, line or field, value and what is allowed
├── CheckError       a check in queries/checks/fail found rows; the load was rolled back
├── MonthError       a month can't be closed or opened again; says every reason
└── LockError        another process holds the build file or the scheduler
"""


class EtlError(Exception):
    """Anything this package refuses to go on with; its text is meant for an operator."""


class ConfigError(EtlError):
    """The configuration can't be used."""


class SourceError(EtlError):
    """A source can't be read: which one, for which table or period, and why."""

    def __init__(self, source: str, what: str, cause: object) -> None:
        self.source, self.what, self.cause = source, what, cause
        super().__init__(f"{source}: {what}: {cause}")


class InputError(SourceError):
    """A value in a file or an answer is not allowed: where it stands, what it is, what would be allowed."""

    def __init__(self, source: str, where: str, found: object, allowed: str) -> None:
        super().__init__(source, where, f"found {found!r}; allowed: {allowed}")
        self.where, self.found, self.allowed = where, found, allowed


class PersonError(EtlError):
    """What was asked about a person can't be done; the message never repeats the address."""


class CheckError(EtlError):
    """A check that must hold did not; nothing of this load was kept."""


class MonthError(EtlError):
    """A month can't be closed, or opened again: names every reason."""


class LockError(EtlError):
    """Another process holds what must be held by one."""
