"""Runs jobs: one piece of one source is one transaction, a failing source leaves the others and the old rows alone."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from etl.errors import ConfigError, EtlError, InputError, LockError, SourceError
from etl.fingerprint import check_fingerprint
from etl.identity import Pseudonyms, masked
from etl.invoice_documents import Documents
from etl.jobs import Job, jobs, pseudonyms_for
from etl.load import Clock, Loader, put_setting
from etl.losses import require_files, require_rows
from etl.reconciliation import reconcile
from etl.seat_documents import SeatDocuments
from etl.settings import Settings
from etl.sources.base import Source, Window
from etl.sources.invoices.api import CostApi
from etl.sources.invoices.folder import InvoiceFolder
from etl.sources.seats.folder import SeatFolder
from etl.tables import (
    ACCOUNT,
    ANNOTATION,
    API_KEY,
    BUDGET,
    FX_RATE,
    GROUP_MEMBER,
    PERSON_UNIT,
    PLAN,
    POPULATION,
    PRICE,
    SERVICE_ACCOUNT,
    TARGET,
    TEAM,
    UNIT,
)
from etl.unfinished import keep_only
from etl.watermarks import Watermarks
from queries.errors import HeldError, WarehouseError
from queries.warehouse import Build

log = logging.getLogger(__name__)

SNAPSHOTS = (
    UNIT, PERSON_UNIT, POPULATION, SERVICE_ACCOUNT, FX_RATE, ACCOUNT, API_KEY, TEAM, GROUP_MEMBER,
    BUDGET, ANNOTATION, TARGET, PRICE, PLAN,
)  # fmt: skip
LOCK_WAIT_S = 60


@runtime_checkable
class NamesDomains(Protocol):
    """A directory that knows which e-mail domain belongs to which unit: {domain: (unit, role)}."""

    def domains(self) -> Mapping[str, tuple[str, str]]: ...


@runtime_checkable
class NamesFiles(Protocol):
    """A directory of files: those that place people and are there with something in them."""

    def present(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one job: DONE or FAILED, and the message for people."""

    job: str
    status: str
    rows_read: int
    days_changed: int
    message: str


class Runner:
    """Holds the build for the length of a run."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        pseudonyms: Pseudonyms | None = None,
        known: Sequence[Job] | None = None,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock.real()
        self._began = time.monotonic()
        self.accept_loss = False  # whether a directory may have lost files or most of its rows
        self.pseudonyms = pseudonyms or pseudonyms_for(settings)  # a missing secret is told before any waiting
        self.build = _open(settings, lock_wait_s)
        try:
            self.pseudonyms = pseudonyms or pseudonyms_for(settings, _held_domains(self.build))
            self.jobs = list(jobs(settings, self.pseudonyms) if known is None else known)
            self.loader = Loader(self.build, settings, self.pseudonyms, self.clock)
            self._settle()
        except BaseException:
            self.build.close()
            raise

    def _settle(self) -> None:
        """Marks what an interrupted process left; refuses a time zone or secret that stored rows don't follow."""
        run = self.build.connection.execute
        with self.build.transaction():
            run(
                "update ops.run set status = 'FAILED', finished_at = ?, message = ? where status = 'STARTED'",
                [self.clock.now, "interrupted; what it had not committed is read again"],
            )
            if (
                run("select 1 from unit limit 1").fetchone() is None
            ):  # a root to count under, whatever the directory does
                self.loader.land(UNIT, [])
                self.loader.stage(UNIT, "directory")
            self._keep_zone()
            variable = self.settings.identity.secret_env
            check_fingerprint(self.build.connection, self.pseudonyms.fingerprint(), variable)

    def _keep_zone(self) -> None:
        run = self.build.connection.execute
        zone = run("select value from ops.setting where key = 'timezone'").fetchone()
        wanted = self.settings.university.timezone
        is_loaded = run("select 1 from fact_request union all select 1 from fact_chat_turn limit 1").fetchone()
        if zone and zone[0] != wanted and is_loaded:
            raise ConfigError(
                f"days are stored in {zone[0]}, the configuration says university.timezone = {wanted}; "
                "put it back, or remove the build file and load again"
            )
        put_setting(self.build.connection, "timezone", wanted)

    def run(self, names: Sequence[str] = ()) -> list[Outcome]:
        """Runs the named jobs (all by default). Never raises for a source that fails: its outcome says so."""
        chosen = _chosen(self.jobs, names)
        self._register()
        return [self._attempt(job, None) for job in chosen]

    def backfill(self, start: datetime, end: datetime, names: Sequence[str] = ()) -> list[Outcome]:
        """Reads [start, end) of every timed source again; rows the source has lost meanwhile stay."""
        chosen = _chosen([j for j in self.jobs if j.kind in ("gateway", "chat")], names)
        self._register()
        return [self._attempt(job, Window(start, end)) for job in chosen]

    def _register(self) -> None:
        with self.build.transaction() as connection:
            connection.execute("delete from ops.source")
            connection.executemany("insert into ops.source values (?, ?)", [(j.source, j.kind) for j in self.jobs])

    def _attempt(self, job: Job, window: Window | None) -> Outcome:
        number = self._begin(job, window)
        began = time.monotonic()
        try:
            with job.open() as source:
                rows, days = self._load(job, source, window)
            outcome = Outcome(job.name, "DONE", rows, days, "")
        except Exception as error:  # the one broad except: a source that fails must not take the others with it
            outcome = Outcome(job.name, "FAILED", 0, 0, message_of(error))
        self._finish(number, outcome)
        log.info(
            "%s %s rows=%d days=%d seconds=%.1f %s",
            job.name, outcome.status, outcome.rows_read, outcome.days_changed, time.monotonic() - began,
            outcome.message,
        )  # fmt: skip
        return outcome

    def _begin(self, job: Job, window: Window | None) -> int:
        with self.build.transaction() as connection:
            row = connection.execute(
                "insert into ops.run (job, source, window_start, window_end, status, started_at) values"
                " (?, ?, ?, ?, 'STARTED', ?) returning run_no",
                [job.name, job.source, window and window.start, window and window.end, self._moment()],
            ).fetchone()
        assert row
        return int(row[0])

    def _moment(self) -> datetime:
        """The clock's moment, at which this run began, moved on by how long it has taken."""
        return self.clock.now + timedelta(seconds=time.monotonic() - self._began)

    def _finish(self, number: int, outcome: Outcome) -> None:
        with self.build.transaction() as connection:
            connection.execute(
                "update ops.run set status = ?, finished_at = ?, rows_read = ?, days_changed = ?, message = ?"
                " where run_no = ?",
                [
                    outcome.status,
                    self._moment(),
                    outcome.rows_read,
                    outcome.days_changed,
                    outcome.message or None,
                    number,
                ],
            )

    def _load(self, job: Job, source: Source, window: Window | None) -> tuple[int, int]:
        if job.kind == "invoices":
            return self._load_invoices(job, source), 0
        if isinstance(source, SeatFolder):
            return self._load_seats(job, source), 0
        rows, days = self._load_snapshots(job, source)
        watermarks = Watermarks(self.build.connection, job, self.clock)
        for piece in watermarks.pieces(source, window):
            with self.build.transaction():
                read = self.loader.land(piece.table, source.extract(piece.table, piece.window))
                if read:  # an empty answer changes nothing: what the source has lost stays
                    self.loader.stage(piece.table, job.source)
                    self.loader.resolve()
                    days += self.loader.rebuild()
                if window is None:
                    watermarks.move(piece)
            rows += read
        self._keep_notes(job, source)
        return rows, days

    def _load_invoices(self, job: Job, source: Source) -> int:
        prepaid = self.settings.invoices.prepaid
        documents = Documents(self.build, self.loader, job.source, self.clock, prepaid)
        if isinstance(source, CostApi):
            return documents.load_api(source)
        assert isinstance(source, InvoiceFolder)
        rows, refused = documents.load_folder(source)
        if refused:
            raise SourceError(job.source, "refused", "; ".join(refused))
        return rows

    def _load_seats(self, job: Job, source: SeatFolder) -> int:
        rows, refused = SeatDocuments(self.build, self.loader, job.source, self.clock).load(source)
        if refused:
            raise SourceError(job.source, "refused", "; ".join(refused))
        return rows

    def _load_snapshots(self, job: Job, source: Source) -> tuple[int, int]:
        rows = 0
        with self.build.transaction() as connection:
            if isinstance(source, NamesFiles):
                require_files(connection, source.present(), is_accepted=self.accept_loss)
            for table in SNAPSHOTS:
                if table in source.tables:
                    landed = self.loader.land(table, source.extract(table, Window()))
                    require_rows(connection, table.name, landed, is_accepted=self.accept_loss)
                    self.loader.stage(table, job.source)
                    rows += landed
            if isinstance(source, NamesDomains):
                self._domains(source.domains())
                self.loader.references.require()
            self.loader.resolve()
            days = self.loader.rebuild()
        return rows, days

    def _keep_notes(self, job: Job, source: Source) -> None:
        """What this version of the source lacks and what was odd in it; asked last, when all of it has been read."""
        with self.build.transaction() as connection:
            connection.execute("delete from ops.note where source = ?", [job.source])
            for note in source.notes():
                connection.execute("insert into ops.note values (?, ?, ?)", [job.source, masked(note), self.clock.now])

    def _domains(self, domains: Mapping[str, tuple[str, str]]) -> None:
        """domain_unit, and every name a unit goes by: its code and the first label of its e-mail domains."""
        run = self.build.connection.execute
        run("delete from domain_unit")
        run("delete from unit_name")
        for domain, (unit, role) in sorted(domains.items()):
            run("insert into domain_unit values (?, ?, ?)", [domain, unit, role])
        run(
            "insert into unit_name select upper(unit), unit from unit where level <> 'special' union "
            "select upper(split_part(email_domain, '.', 1)), min(unit) from domain_unit group by 1 "
            "having upper(split_part(email_domain, '.', 1)) not in (select upper(unit) from unit)"
        )

    def publish(self) -> str:
        """Warns, describes and publishes a snapshot; gives its file name."""
        with self.build.transaction():
            self._keep_ledger()
            self.loader.describe()
            reconcile(self.build, self.settings.invoices, self.settings.university.root_unit)
            self.loader.warn()
        published = self.build.publish(keep=self.settings.storage.keep_snapshots, now=self.clock.now)
        keep_only(self.build.connection, self.build.folder, published)  # after a forgetting the others hold the person
        return published

    def _keep_ledger(self) -> None:
        """Brings the ledger up to date; with rules that can't be used it stays as it was, and a note says so."""
        run = self.build.connection.execute
        run("delete from ops.note where source = 'ledger'")
        try:
            self.loader.keep_ledger()
        except InputError as error:
            log.error("the ledger stays as it was: %s", error)
            run("insert into ops.note values ('ledger', ?, ?)", [masked(str(error)), self.clock.now])

    def close(self) -> None:
        """Lets go of the build."""
        self.build.close()


def _chosen(known: Sequence[Job], names: Sequence[str]) -> list[Job]:
    """The jobs meant by names of jobs, sources or kinds; all without names. Raises ConfigError for an unknown one."""
    if unknown := set(names) - {name for j in known for name in (j.name, j.source, j.kind)}:
        choices = ", ".join(j.name for j in known) or "none is configured"
        raise ConfigError(f"unknown job {', '.join(sorted(unknown))}; known: {choices}")
    return [j for j in known if not names or {j.name, j.source, j.kind} & set(names)]


def _held_domains(build: Build) -> list[str]:
    return [d for (d,) in build.connection.execute("select email_domain from domain_unit").fetchall()]


def message_of(error: Exception) -> str:
    """One line for people. What isn't ours may quote a row, so of that only the kind of error is told."""
    if isinstance(error, EtlError | WarehouseError):
        return masked(str(error))
    log.debug("unexpected error", exc_info=error)
    return f"unexpected {type(error).__name__}; run with --debug to see where"


def _open(settings: Settings, wait_s: float) -> Build:
    """The build, waiting a while for another process to let go of it. Raises LockError."""
    storage = settings.storage
    until = time.monotonic() + wait_s
    while True:
        try:
            return Build(settings.path(storage.folder), memory_limit=storage.memory_limit, threads=storage.threads)
        except HeldError as error:
            if time.monotonic() >= until:
                raise LockError(f"another process held the build for {wait_s:g} s: {error}") from error
            time.sleep(min(1, wait_s))
