"""The command really starts, answers and refuses."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> list[str]:
    """The command line of the dashboard."""
    return [sys.executable, "-m", "dashboard", *arguments]


@pytest.mark.slow
def test_the_command_serves_pages_until_it_is_stopped(university: Path) -> None:
    port = free_port()
    arguments = command("--folder", str(university), "--port", str(port), "--workers", "1")
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL, env=os.environ) as process:
        try:
            assert "AI Sandbox" in answered(f"http://127.0.0.1:{port}/")
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def answered(address: str) -> str:
    """The page at the address, once the server is up."""
    for _attempt in range(100):
        try:
            with urlopen(address) as response:
                return str(response.read(), "utf-8")
        except URLError:
            time.sleep(0.2)
    raise TimeoutError(address)


def test_the_command_refuses_to_show_all_to_everybody() -> None:
    ran = subprocess.run(command("--host", "0.0.0.0"), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == "host is '0.0.0.0': demo mode shows all to anyone, so only loopback will do\n"
    assert "Traceback" not in ran.stderr
