"""The scheduler: its own process, one holder at a time; intervals and cron lines from the configuration."""

import fcntl
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from etl.errors import ConfigError, EtlError, LockError
from etl.load import Clock
from etl.run import Runner
from etl.settings import Settings
from queries.errors import QueriesError

log = logging.getLogger(__name__)

_INTERVAL = re.compile(r"([1-9][0-9]*)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RECONCILE = timedelta(days=35)
GRACE_S = 6 * 3600  # APScheduler's default of 1 s silently drops jobs that are late


def trigger(text: str, timezone: str) -> IntervalTrigger | CronTrigger:
    """The trigger that '15m', '1h' or a cron line of five fields means. Raises ConfigError for anything else."""
    if match := _INTERVAL.fullmatch(text):
        return IntervalTrigger(seconds=int(match[1]) * _SECONDS[match[2]], timezone="UTC")
    try:
        return CronTrigger.from_crontab(text, timezone=timezone)
    except ValueError as error:
        raise ConfigError(f"schedule is '{text}': {error}; use an interval like 15m or five cron fields") from None


def task(settings: Settings, kinds: tuple[str, ...], *, again: bool = False) -> Callable[[], None]:
    """A function that runs the jobs of these kinds and publishes; `again` re-reads the last weeks instead."""

    def run() -> None:
        try:
            runner = Runner(settings)
        except (EtlError, QueriesError) as error:
            log.error("not run: %s", error)
            return
        try:
            if again:
                now = Clock.real().now
                runner.backfill(now - RECONCILE, now)
            else:
                runner.run(kinds)
            log.info("published %s", runner.publish())
        finally:
            runner.close()

    return run


def scheduler(settings: Settings) -> BlockingScheduler:
    """A scheduler with one job per kind of source. One worker thread: the build has one writer, so nothing overlaps."""
    zone = settings.university.timezone
    plan = settings.schedule
    made = BlockingScheduler(
        timezone="UTC",
        executors={"default": {"type": "threadpool", "max_workers": 1}},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S},
    )
    for kind in ("fx", "directory", "gateway", "chat", "invoices"):
        made.add_job(task(settings, (kind,)), trigger(getattr(plan, kind), zone), id=kind, replace_existing=True)
    made.add_job(task(settings, (), again=True), trigger(plan.reconcile, zone), id="reconcile", replace_existing=True)
    return made


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Holds `file` as the lock of the one scheduler. Raises LockError, naming the holder, if another process has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
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
    """Runs everything once and then on schedule until stopped. Raises LockError if a scheduler is running already."""
    with held(settings.path(settings.storage.folder) / "scheduler.lock"):
        made = scheduler(settings)
        if first_run:
            task(settings, ())()
        made.start()
