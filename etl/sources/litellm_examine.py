"""What `etl doctor` says about a LiteLLM: everything reading needs, tried; what is wrong, and how to mend it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from etl.errors import SourceError
from etl.sections import Gateway
from etl.sources.base import Finding, Source, Window
from etl.sources.litellm_database import Database, Readable, lacking
from etl.sources.litellm_database_sql import COLUMNS, LOG_TABLE, LOG_VIEW, NEEDED
from etl.sources.litellm_rest import Rest
from etl.tables import REQUEST

Clock = Callable[[], datetime]
SCRIPT = "deploy/postgres/litellm_readonly.sql"
CONTENT = ("messages", "response", "proxy_server_request", "requester_ip_address")
CLOCK_TOLERANCE = timedelta(minutes=5)
QUIET = timedelta(days=2)

WHO = "select current_user, (select rolsuper from pg_catalog.pg_roles where rolname = current_user)"
NOW = "select cast(now() at time zone 'UTC' as timestamp)"
EXISTS = "select to_regclass(format('%I', cast($1 as text))) is not null"
WRONG = (
    ("password authentication failed", "check user and password in the database URL"),
    ("no password supplied", "put user and password into the database URL"),
    ("does not exist", "check the names of role and database in the URL"),
    ("could not translate host", "check the host name in the database URL"),
    ("Connection refused", "check host and port, and whether PostgreSQL listens there"),
    ("no pg_hba.conf entry", "let this host in by pg_hba.conf"),
    ("timeout", "check the firewall between this host and PostgreSQL"),
)


def examine_database(source: Database, settings: Gateway, clock: Clock) -> Iterator[Finding]:
    """Findings about the database way, the gravest first; stops where nothing more can be tried."""
    subject = f"{source.name}: database"
    try:
        role, is_superuser = source.ask(WHO)[0]
        readable, by_view = source.readable(), source.has_view()
    except SourceError as error:
        yield Finding("fail", subject, str(error.cause), _remedy(str(error.cause)))
        return
    yield Finding("ok", subject, f"connected as {role}")
    faults = list(_faults(source, readable, by_view))
    yield from faults
    yield from _content(source, settings, readable, is_superuser=bool(is_superuser), by_view=by_view)
    if faults:
        return
    checked = {t: c for t, c in COLUMNS.items() if t != LOG_TABLE or not by_view}
    for note in lacking(checked, readable):
        yield Finding("warn", f"{source.name}: columns", note, f"update LiteLLM, or run {SCRIPT} again")
    yield from _times(source, settings, source.ask(NOW)[0][0], clock)


def examine_rest(source: Rest, settings: Gateway, clock: Clock) -> Iterator[Finding]:
    """Findings about the REST way; stops where nothing more can be tried."""
    subject = f"{source.name}: REST API"
    for table in source.tables[1:]:
        try:
            found = sum(batch.num_rows for batch in source.extract(table, Window()))
        except SourceError as error:
            remedy = "check api_url, and that the key belongs to a proxy admin or admin viewer (proxy_admin_viewer)"
            yield Finding("fail", subject, str(error), remedy)
            return
        yield Finding("ok", subject, f"{found} rows of {table.name}")
    yield Finding("warn", subject, source.notes()[0], "give a read-only database role if you can")
    yield from _times(source, settings, None, clock)


def _remedy(cause: str) -> str:
    return next((remedy for words, remedy in WRONG if words in cause), "check the database URL and the server's log")


def _faults(source: Database, readable: Readable, by_view: bool) -> Iterator[Finding]:
    """A finding for each table without which nothing can be read: missing, or which grant is."""
    for table, needed in NEEDED.items():
        subject = f"{source.name}: {table}"
        missing = [c for c in needed if c not in readable.get(table, frozenset())]
        if not missing or (table == LOG_TABLE and by_view):
            yield from ()
        elif not source.ask(EXISTS, table)[0][0]:
            remedy = "check that the URL names LiteLLM's database (and its schema: ?schema=...), and that LiteLLM ran"
            yield Finding("fail", subject, "there is no such table", remedy)
        else:
            columns = ", ".join(f'"{c}"' for c in missing)
            grant = f'grant select ({columns}) on "{table}" to this role; {SCRIPT} does it all'
            yield Finding("fail", subject, f"no right to read {', '.join(missing)}", grant)


def _content(
    source: Database, settings: Gateway, readable: Readable, *, is_superuser: bool, by_view: bool
) -> Iterator[Finding]:
    """Whether this role could read what people wrote, though we never do."""
    subject = f"{source.name}: content"
    level = "warn" if settings.accept_readable_content else "fail"
    remedy = f"use the read-only role of {SCRIPT}, or set accept_readable_content = true if you must"
    granted = readable.get(LOG_TABLE, frozenset())
    open_columns = [c for c in CONTENT if c in granted]
    if is_superuser:
        yield Finding(level, subject, "this role is a superuser and can read every message", remedy)
    elif open_columns:
        yield Finding(level, subject, f"this role can read {', '.join(open_columns)}", remedy)
    elif "metadata" in granted:
        found = "messages can't be read, but metadata can, where error texts and addresses stand"
        yield Finding("warn", subject, found, f"{SCRIPT} gives the view {LOG_VIEW} instead")
    else:
        yield Finding("ok", subject, f"can't be read by this role{'; requests come from the view' if by_view else ''}")


def _times(source: Source, settings: Gateway, server_now: datetime | None, clock: Clock) -> Iterator[Finding]:
    """Whether clocks agree, requests are recent, and people are known behind the chat UI's requests."""
    subject, now = f"{source.name}: requests", clock().astimezone(UTC).replace(tzinfo=None)
    if server_now is not None and abs(server_now - now) > CLOCK_TOLERANCE:
        found = f"PostgreSQL's clock says {server_now:%Y-%m-%d %H:%M} UTC, ours {now:%Y-%m-%d %H:%M} UTC"
        yield Finding("warn", f"{source.name}: clock", found, "run NTP on both hosts")
    bounds = source.bounds()
    if bounds is None or bounds.end is None:
        yield Finding("warn", subject, "there are none yet", "send one through the gateway")
        return
    if bounds.end - now > CLOCK_TOLERANCE:
        found = f"the last began at {bounds.end:%Y-%m-%d %H:%M}, in the future: times not in UTC, or a clock is off"
        yield Finding("warn", f"{source.name}: clock", found, "run LiteLLM's host in UTC with NTP")
    elif now - bounds.end > QUIET:
        yield Finding(
            "warn", subject, f"none since {bounds.end:%Y-%m-%d %H:%M} UTC", "check that LiteLLM writes its logs"
        )
    else:
        yield Finding("ok", subject, f"from {bounds.start:%Y-%m-%d} to {bounds.end:%Y-%m-%d %H:%M} UTC")
    yield from _coverage(source, settings, bounds.end)


def _coverage(source: Source, settings: Gateway, end: datetime) -> Iterator[Finding]:
    """The share of the last day's chat requests that name a person."""
    subject = f"{source.name}: people behind the chat UI"
    chat = named = 0
    for batch in source.extract(REQUEST, Window(end - timedelta(days=1), end + timedelta(seconds=1))):
        rows = batch.filter(batch.column("is_chat_ui"))
        chat += rows.num_rows
        named += rows.num_rows - rows.column("end_user_key").null_count
    if not chat:
        remedy = (
            "name the chat UI's key in chat_key_aliases or its team in chat_teams"
            if not (settings.chat_key_aliases or settings.chat_teams)
            else "check chat_key_aliases and chat_teams against the names in LiteLLM"
        )
        yield Finding("warn", subject, "no request of the last day is known to come from the chat UI", remedy)
    elif named < chat:
        level = "warn" if named < 0.95 * chat else "ok"
        remedy = "map X-OpenWebUI-User-Email to role customer in LiteLLM's user_header_mappings"
        yield Finding(level, subject, f"{named} of {chat} requests of the last day name a person", remedy)
    else:
        yield Finding("ok", subject, f"all {chat} requests of the last day name a person")
