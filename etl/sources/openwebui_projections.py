"""Which facts are taken from which tables: one projection per fact and generation of Open WebUI.

A projection is a SELECT that runs inside the source and gives facts only. It declares every column it reads, and that
declaration is used three times: to choose the projection that fits the version found, to allow exactly these columns
to the SQLite connection, and to name the grants a PostgreSQL role lacks. Both databases give the same five views:

answer      one row per assistant message, copies included: id, user_id, message_id, created_at, updated_at, model,
            arena_model (real model behind the arena), is_error (0/1), usage (JSON array of `FIELDS`, null = unknown)
rating      one row per rating: id, user_id, message_id, created_at, updated_at, model, picked_model, rating (text)
person      one row per account: id, email, sso_id, role, created_at
membership  one row per account and group: user_id, group_name
base_model  one row per workspace model: id, base_model_id
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from etl.errors import SourceError
from etl.sources import openwebui_postgres_sql as postgres
from etl.sources import openwebui_sqlite_sql as sqlite

VIEWS = ("answer", "rating", "person", "membership", "base_model")

VIEW_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "answer": (
        "id", "user_id", "message_id", "created_at", "updated_at", "model", "arena_model", "is_error", "usage",
    ),
    "rating": ("id", "user_id", "message_id", "created_at", "updated_at", "model", "picked_model", "rating"),
    "person": ("id", "email", "sso_id", "role", "created_at"),
    "membership": ("user_id", "group_name"),
    "base_model": ("id", "base_model_id"),
}  # fmt: skip

Columns = Mapping[str, frozenset[str]]
"""{table: columns} as found in the source."""

CONTENT: Columns = {
    "chat": frozenset({"title", "summary", "chat", "variables"}),
    "chat_message": frozenset(
        {"content", "output", "files", "sources", "embeds", "status_history", "context_summary", "error"}
    ),
    "feedback": frozenset({"snapshot", "data"}),
    "message": frozenset({"content", "data"}),
    "shared_chat": frozenset({"title", "chat"}),
    "document": frozenset({"content"}),
    "memory": frozenset({"content"}),
    "note": frozenset({"title", "data"}),
    "file": frozenset({"data"}),
    "prompt": frozenset({"content"}),
    "prompt_history": frozenset({"snapshot"}),
    "auth": frozenset({"password"}),
    "api_key": frozenset({"key"}),
    "user": frozenset({"api_key"}),
    "oauth_session": frozenset({"token"}),
    "config": frozenset({"data", "value"}),
    "config_old": frozenset({"data"}),
    "channel_webhook": frozenset({"token"}),
}
"""Content and secrets: what a reading role must not be able to select (docs/privacy.md)."""


@dataclass(frozen=True)
class Projection:
    """One view in one generation of Open WebUI: what it reads, its SELECT in both databases, what it can't tell.

    `instead_of` names the newer table that must be absent: where it exists but lost a column, we meet an unknown
    version, and half the facts would be worse than an error.
    """

    view: str
    versions: str
    reads: Mapping[str, tuple[str, ...]]
    sqlite: str
    postgres: str
    instead_of: str = ""
    lacks: str = ""

    def missing(self, found: Columns) -> list[str]:
        """The `table.column` names it reads that are not there."""
        return [f"{t}.{c}" for t, columns in self.reads.items() for c in columns if c not in found.get(t, frozenset())]

    def fits(self, found: Columns) -> bool:
        """Whether the source is of its generation."""
        return self.instead_of not in found and not self.missing(found)


KNOWN: tuple[Projection, ...] = (
    Projection(
        "answer",
        "0.8.0 and later",
        {
            "chat_message": (
                "id", "chat_id", "user_id", "role", "model_id", "error", "usage", "created_at", "updated_at",
            ),
            "chat": ("id", "chat"),
        },
        sqlite.ANSWERS_FROM_MESSAGES,
        postgres.ANSWERS_FROM_MESSAGES,
    ),
    Projection(
        "answer",
        "before 0.8.0",
        {"chat": ("id", "user_id", "chat", "created_at", "updated_at")},
        sqlite.ANSWERS_FROM_CHATS,
        postgres.ANSWERS_FROM_CHATS,
        "chat_message",
        "no table chat_message (Open WebUI before 0.8.0): turns are read from the message maps of the chats",
    ),
    Projection(
        "rating",
        "with ratings",
        {"feedback": ("id", "user_id", "data", "meta", "created_at", "updated_at")},
        sqlite.RATINGS,
        postgres.RATINGS,
    ),
    Projection(
        "rating",
        "before ratings",
        {},
        sqlite.NO_RATINGS,
        postgres.NO_RATINGS,
        "feedback",
        "no table feedback: this version keeps no ratings",
    ),
    Projection(
        "person",
        "0.6.37 and later",
        {"user": ("id", "email", "oauth", "role", "created_at")},
        sqlite.PERSONS,
        postgres.PERSONS,
    ),
    Projection(
        "person",
        "0.6.36 and earlier",
        {"user": ("id", "email", "oauth_sub", "role", "created_at")},
        sqlite.PERSONS_OAUTH_SUB,
        postgres.PERSONS_OAUTH_SUB,
        lacks="no column user.oauth (Open WebUI 0.6.36 or earlier): the SSO id is read from user.oauth_sub",
    ),
    Projection(
        "person",
        "without SSO ids",
        {"user": ("id", "email", "role", "created_at")},
        sqlite.PERSONS_PLAIN,
        postgres.PERSONS_PLAIN,
        lacks="neither user.oauth nor user.oauth_sub: an account without an e-mail address can't be joined to a person",
    ),
    Projection(
        "membership",
        "0.6.37 and later",
        {"group_member": ("group_id", "user_id"), "group": ("id", "name")},
        sqlite.MEMBERSHIPS,
        postgres.MEMBERSHIPS,
    ),
    Projection(
        "membership",
        "0.6.36 and earlier",
        {"group": ("id", "name", "user_ids")},
        sqlite.MEMBERSHIPS_IN_GROUP,
        postgres.MEMBERSHIPS_IN_GROUP,
        "group_member",
        "no table group_member (Open WebUI 0.6.36 or earlier): members are read from group.user_ids",
    ),
    Projection(
        "membership",
        "before groups",
        {},
        sqlite.NO_MEMBERSHIPS,
        postgres.NO_MEMBERSHIPS,
        "group",
        "no table group: nobody's unit can be known from groups",
    ),
    Projection(
        "base_model",
        "with workspace models",
        {"model": ("id", "base_model_id")},
        sqlite.BASE_MODELS,
        postgres.BASE_MODELS,
    ),
    Projection(
        "base_model",
        "before workspace models",
        {},
        sqlite.NO_BASE_MODELS,
        postgres.NO_BASE_MODELS,
        "model",
        "no table model: a workspace model is shown under its own id",
    ),
)  # fmt: skip


def read_tables() -> tuple[str, ...]:
    """Every table some projection reads, in alphabetical order."""
    return tuple(sorted({table for p in KNOWN for table in p.reads}))


def fitting(found: Columns, source: str) -> dict[str, Projection]:
    """{view: the newest projection whose columns are all there}.

    Raises SourceError naming what is missing: a database of another product, or an unknown newer version.
    """
    if "user" not in found or "chat" not in found:
        raise SourceError(source, "not an Open WebUI database", "it has no tables user and chat (none we may see)")
    fits: dict[str, Projection] = {}
    for projection in KNOWN:
        if projection.fits(found):
            fits.setdefault(projection.view, projection)
    lost = [", ".join(_newest(view).missing(found)) for view in VIEWS if view not in fits]
    if lost:
        raise SourceError(source, "no known version of Open WebUI; missing columns", "; ".join(lost))
    return fits


def _newest(view: str) -> Projection:
    return next(p for p in KNOWN if p.view == view)


def named_in(query: str) -> list[str]:
    """The views a query reads."""
    return [view for view in VIEWS if re.search(rf"\b(from|join) {view}\b", query)]
