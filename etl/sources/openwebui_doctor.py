"""What `etl doctor` says of an Open WebUI: can it be read, what can't it tell, and is content out of reach."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing

from etl.errors import ConfigError, SourceError
from etl.sections import Chat
from etl.sources import openwebui_sql as queries
from etl.sources.base import Finding
from etl.sources.openwebui_audit import AuditLog
from etl.sources.openwebui_postgres import PostgresDatabase
from etl.sources.openwebui_projections import CONTENT, VIEWS
from etl.sources.openwebui_sqlite import SqliteDatabase

Database = SqliteDatabase | PostgresDatabase
_SCRIPT = "run deploy/postgres/openwebui_readonly.sql as the owner of the database and use the role it makes"
_SHOWN = 5


def examined(settings: Chat, opened: Callable[[], Database], audit: AuditLog | None) -> Iterator[Finding]:
    """Findings about the database, its content protection, what it can tell, and the audit log."""
    try:
        with closing(opened()) as database:
            yield from _database(database, settings)
    except (SourceError, ConfigError) as error:
        yield Finding("fail", f"{settings.name} database", str(error), _remedy(settings))
    if audit is not None:
        yield from _audit(settings.name, audit)


def _remedy(settings: Chat) -> str:
    if settings.sqlite_file is not None:
        return "sqlite_file must be Open WebUI's webui.db (in its DATA_DIR), readable by this service's user"
    return f"{settings.database_url_env} must hold the URL of Open WebUI's database"


def _database(database: Database, settings: Chat) -> Iterator[Finding]:
    subject = f"{settings.name} database"
    shape = ", ".join(f"{view}: {p.versions}" for view, p in database.projections.items())
    yield Finding("ok", subject, f"readable; {shape or 'read through the views of schema usage'}")
    if database.remark:
        yield Finding("warn", subject, database.remark, "give the live file, or an up-to-date copy")
    if isinstance(database, PostgresDatabase):
        yield from _grants(database, settings)
        if database.missing_grants(list(VIEWS)):
            return
    else:
        yield from _refusals(database, settings)
        yield from _left_behind(database, settings)
    yield from _presence(database, settings)
    yield from _unknown_usage(database, settings)


def _grants(database: PostgresDatabase, settings: Chat) -> Iterator[Finding]:
    """A role that can't read what it needs fails; one that can read content fails unless the operator accepted it."""
    if missing := database.missing_grants(list(VIEWS)):
        yield Finding("fail", f"{settings.name} role", f"may not read {', '.join(missing)}", _SCRIPT)
    if not (readable := database.readable_content()):
        yield Finding("ok", f"{settings.name} content", "the role can read no content and no secrets")
        return
    level = "warn" if settings.accept_readable_content else "fail"
    yield Finding(level, f"{settings.name} content", f"the role can read {', '.join(readable)}", _SCRIPT)


def _refusals(database: SqliteDatabase, settings: Chat) -> Iterator[Finding]:
    """Tries to read every content and secret column through our own connection: each must be refused."""
    tried = [(t, c) for t in sorted(CONTENT) for c in sorted(CONTENT[t] & database.found.get(t, frozenset()))]
    given = [f"{t}.{c}" for t, c in tried if not database.is_refused(f'select "{c}" from "{t}" limit 0')]  # noqa: S608
    subject = f"{settings.name} content"
    if given:
        yield Finding("fail", subject, f"SQLite lets us read {', '.join(given)}", "use a Python with SQLite >= 3.35")
    else:
        yield Finding("ok", subject, f"SQLite refuses us all {len(tried)} content and secret columns")


def _left_behind(database: SqliteDatabase, settings: Chat) -> Iterator[Finding]:
    """Even a read-only connection makes -wal and -shm files where it may; another user's lock Open WebUI out."""
    owner, folder = database.file.stat().st_uid, database.file.resolve().parent
    if os.geteuid() not in (0, owner) and os.access(folder, os.W_OK):
        yield Finding(
            "warn",
            f"{settings.name} folder",
            f"we may write in {folder}, but {database.file.name} belongs to another user: SQLite can leave files there "
            "that Open WebUI may not write",
            "take the right to write in that folder away from this service, or run it as Open WebUI's user",
        )


def _presence(database: Database, settings: Chat) -> Iterator[Finding]:
    persons, memberships, without_time = next(database.rows(queries.PRESENCE))[0]
    if persons == 0:
        yield Finding("warn", f"{settings.name} accounts", "no accounts yet", "is this the database in use?")
    if memberships == 0:
        yield Finding(
            "warn",
            f"{settings.name} groups",
            "nobody is in a group, so nobody's unit is known from groups",
            "set ENABLE_OAUTH_GROUP_MANAGEMENT, or give a directory file",
        )
    if without_time:
        yield Finding("warn", f"{settings.name} answers", f"{without_time} without a time can't be counted")


def _unknown_usage(database: Database, settings: Chat) -> Iterator[Finding]:
    lines = [line for batch in database.rows(queries.UNKNOWN_USAGE) for line in batch]
    for model, answers, unknown in lines[:_SHOWN]:
        yield Finding(
            "warn",
            f"{settings.name} model {model}",
            f"{unknown} of {answers} answers ({unknown / answers:.0%}) have no usage, so their tokens are unknown",
            "tick the capability Usage of this model (Admin Panel > Settings > Models)",
        )
    if len(lines) > _SHOWN:
        yield Finding(
            "warn", f"{settings.name} models", f"{len(lines) - _SHOWN} more models have answers without usage"
        )


def _audit(name: str, audit: AuditLog) -> Iterator[Finding]:
    subject = f"{name} audit log"
    try:
        bounds = audit.bounds()
    except SourceError as error:
        yield Finding("fail", subject, str(error), "give the path of audit.log, or leave audit_log out")
        return
    for note in audit.notes():
        yield Finding("warn", subject, note)
    if bounds is None:
        remedy = "needs Open WebUI 0.12.4 with AUDIT_LOG_LEVEL=METADATA, AUDIT_INCLUDED_PATHS=chat/completions,messages"
        yield Finding("warn", subject, "no model usage in it", remedy)
    else:
        yield Finding("ok", subject, f"readable, {len(audit.files())} file(s)")
