"""The real dashboard, started as an operator does: python -m dashboard --config, with secrets in the environment."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

SECRETS = {
    "DASHBOARD_SECRET": "planted-dashboard-secret-0123456789",
    "OIDC_CLIENT_SECRET": "planted-client-secret-0123456789",
    "PROXY_SECRET": "planted-proxy-secret-0123456789abc",
    "SANDBOX_SECRET": "planted-identity-secret-0123456789",
}
ACCESS = """\
kind,value,role,unit
group,usage-management,management,
group,fac-{unit}-deans,faculty,{unit}
user,operator@cuni.cz,rse,
user,payer@cuni.cz,finance,
"""


@dataclass(frozen=True)
class Running:
    """A dashboard that listens: its address, its folder, and the file of what it said."""

    address: str
    folder: Path
    log: Path


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(
    home: Path, data: Path, config: str, port: int, secrets: Mapping[str, str] = SECRETS
) -> Iterator[Running]:
    """A dashboard over the snapshots in `data`, configured in `home`; stopped at the end."""
    (home / "reference").mkdir(parents=True)
    (home / "reference" / "access.csv").write_text(ACCESS, "utf-8")
    text = f'[storage]\nfolder = "{data}"\n[dashboard]\nport = {port}\nworkers = 2\n{config}'
    (home / "config.toml").write_text(text, "utf-8")
    log = home / "log.txt"
    arguments = [sys.executable, "-m", "dashboard", "--config", str(home / "config.toml"), "--language", "en"]
    with (
        log.open("wb") as said,
        subprocess.Popen(arguments, stdout=said, stderr=said, env=os.environ | secrets) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield Running(f"http://127.0.0.1:{port}", data, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers 200."""
    for _attempt in range(150):
        try:
            with urlopen(address):
                return
        except (HTTPError, URLError, ConnectionError):
            assert process.poll() is None, "it stopped at once"
            time.sleep(0.1)
    raise TimeoutError(address)
