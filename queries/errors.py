"""The errors of the queries package, one tree.

QueriesError
├── CatalogueError   a .sql file whose header and SQL disagree, or that has no header
├── UnknownQuery     no query of that name; lists the nearest ones
├── ParameterError   a parameter is missing, unknown or of the wrong type; names it and the choices
├── ScopeError       the viewer may not see what was asked
├── RightsError      a role or a grant is not as it must be
├── OrderError       an order can't be taken or is not one
└── WarehouseError   the build or a snapshot can't be opened, read or written, or is torn
    └── HeldError    another process holds the build
"""


class QueriesError(Exception):
    """Anything this package refuses; its text is meant for the person who asked."""


class CatalogueError(QueriesError):
    """A query file is not as it must be: names the file and the line or column."""


class UnknownQuery(QueriesError):  # noqa: N818  (it reads as what it says)
    """There is no such query."""


class ParameterError(QueriesError):
    """A parameter is missing, unknown or has the wrong type."""


class ScopeError(QueriesError):
    """The viewer may not see this."""


class RightsError(QueriesError):
    """A role or a grant is wrong: names it, the value and the choices."""


class OrderError(QueriesError):
    """An order can't be taken: names what is wrong with it."""


class WarehouseError(QueriesError):
    """The warehouse can't be used now."""


class HeldError(WarehouseError):
    """Another process holds the build; it may let go."""
