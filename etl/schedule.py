"""The scheduler: its own process, one holder at a time; intervals and cron lines from the configuration."""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.blocking import BlockingScheduler

from etl.errors import EtlError, LockError
from etl.inbox import carry_out, has_orders
from etl.jobs import pseudonyms_for
from etl.load import Clock
from etl.retention import fold
from etl.run import Runner
from etl.settings import Settings
from etl.when import trigger
from queries.errors import QueriesError

log = logging.getLogger(__name__)

RECONCILE = timedelta(days=35)
LOOK_S = 5  # how often the inbox is looked into
GRACE_S = 6 * 3600  # APScheduler's default of 1 s silently drops jobs that are late


def task(settings: Settings, kinds: tuple[str, ...], *, again: bool = False) -> Callable[[], None]:
    """A function that runs the jobs of these kinds and publishes; `again` re-reads the last weeks instead.

    What can't be done now is logged, not raised: the next run may find the disk or the lock free again.
    """

    def run() -> None:
        try:
            with closing(Runner(settings)) as runner:
                carry_out(runner)
                if again:
                    now = Clock.real().now
                    runner.backfill(now - RECONCILE, now)
                    fold(runner)
                else:
                    runner.run(kinds)
                log.info("published %s", runner.publish())
        except (EtlError, QueriesError) as error:
            log.error("not done: %s", error)

    return run


def scheduler(settings: Settings) -> BlockingScheduler:
    """A scheduler with one job per kind of source. One worker thread: the build has one writer, so nothing overlaps."""
    zone = settings.university.timezone
    plan = settings.schedule
    timed = [kind for kind, configured in (("gateway", settings.gateways), ("chat", settings.chats)) if configured]
    made = BlockingScheduler(
        timezone="UTC",
        executors={"default": {"type": "threadpool", "max_workers": 1}},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S},
    )
    for kind in ("fx", "directory", *timed, "invoices", "seats"):
        made.add_job(task(settings, (kind,)), trigger(getattr(plan, kind), zone), id=kind, replace_existing=True)
    if timed:
        made.add_job(
            task(settings, (), again=True), trigger(plan.reconcile, zone), id="reconcile", replace_existing=True
        )
    return made


def watch_inbox(made: BlockingScheduler, settings: Settings) -> None:
    """Has orders carried out by the one worker soon after they are placed; looking costs one listing of a folder."""
    folder = settings.path(settings.storage.folder)
    is_asked = threading.Event()  # else one would be asked for at every look while a long job runs

    def carry() -> None:
        try:
            with closing(Runner(settings)) as runner:
                if carry_out(runner):
                    log.info("published %s", runner.publish())
        except (EtlError, QueriesError) as error:
            log.error("orders wait: %s", error)
        finally:
            is_asked.clear()

    def look() -> None:
        if not is_asked.is_set() and has_orders(folder):
            is_asked.set()
            made.add_job(carry, id="orders", replace_existing=True)

    made.add_executor("threadpool", "inbox", max_workers=1)
    made.add_job(look, "interval", seconds=LOOK_S, id="inbox", executor="inbox")


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Holds `file` as the lock of the one scheduler. Raises LockError, naming the holder, if another process has it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise LockError(f"another scheduler is running ({handle.read().strip() or 'unknown process'})") from None
        handle.truncate(0)
        handle.write(f"pid {os.getpid()} since {datetime.now(UTC).isoformat(timespec='seconds')}")
        handle.flush()
        yield


def serve(settings: Settings, *, first_run: bool = True) -> None:
    """Runs everything once and then on schedule until stopped.

    Raises LockError if a scheduler is running already, ConfigError for what no later run could mend.
    """
    pseudonyms_for(settings)  # a missing secret is told now, not by every run in the log
    with held(settings.path(settings.storage.folder) / "scheduler.lock"):
        made = scheduler(settings)
        watch_inbox(made, settings)
        if first_run:
            task(settings, ())()
        made.start()
