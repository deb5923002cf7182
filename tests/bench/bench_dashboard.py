"""python -m tests.bench.bench_dashboard: server CPU of pages and callbacks, and bytes over the wire of the Overview.

CPU is of this process (time.process_time), so it holds whatever else runs on the machine. Cached is a request that was
answered before; uncached is the first of each address, after the process has warmed up on another one.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.options import Options
from dashboard.pages import PAGES
from queries.reader import Reader
from queries.warehouse import Warehouse
from tests.queries.synthetic import publish

BROTLI = {"Accept-Encoding": "br"}
REPEATS = 200
WARM_UP = "/?period=7d"
MEASURED = "period=28d"


def cpu_ms(act: Callable[[], Any]) -> float:
    """Milliseconds of CPU that one call takes."""
    start = process_time()
    act()
    return (process_time() - start) * 1000


def callback(client: FlaskClient, address: str) -> Any:
    """The callback that a link asks."""
    body = {
        "output": "view.children",
        "outputs": {"id": "view", "property": "children"},
        "inputs": [{"id": "address", "property": "data", "value": address}],
        "changedPropIds": ["address.data"],
    }
    return client.post("/_dash-update-component", json=body, headers=BROTLI)


def timed(ask: Callable[[], Any]) -> tuple[float, float, int]:
    """(uncached ms, cached ms at the median, bytes) of a request."""
    uncached = cpu_ms(ask)
    cached = median(cpu_ms(ask) for _ in range(REPEATS))
    return uncached, cached, len(ask().data)


def wire_bytes(client: FlaskClient) -> tuple[int, int]:
    """(cold, warm) bytes of the Overview: all that a first visit loads, and what a second one does."""
    page = client.get("/", headers=BROTLI)
    text = client.get("/", headers={"Accept-Encoding": "identity"}).text
    parts = set(re.findall(r'(?:src|href)="(/(?:assets|vendor|_dash-component-suites)/[^"]+)"', text))
    parts |= {"/_dash-dependencies", "/_dash-component-suites/dash/dcc/async-graph.js"}
    cold = len(page.data) + sum(len(client.get(p, headers=BROTLI).data) for p in parts)
    known = client.get("/", headers=BROTLI | {"If-None-Match": page.headers["ETag"]})
    return cold, len(known.data)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_dashboard", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of snapshots; default: a synthetic one of 3000 persons")
    given = parser.parse_args()
    with TemporaryDirectory() as made:
        folder = given.data or Path(made)
        if given.data is None:
            publish(folder, persons=3000)
        client = create_app(Options(folder), Reader(Warehouse(folder))).server.test_client()
        client.get(WARM_UP, headers=BROTLI)
        print(f"{'page':<12}{'page ms':>10}{'cached':>8}{'kB':>7}{'callback ms':>14}{'cached':>8}{'kB':>7}")
        for page in PAGES:
            address = f"{page.path}?{MEASURED}"
            first, kept, size = timed(lambda a=address: client.get(a, headers=BROTLI))
            called, again, weight = timed(lambda a=address: callback(client, f"{a}&unit=MFF"))
            start = f"{page.name:<12}{first:>10.1f}{kept:>8.2f}{size / 1000:>7.1f}"
            print(f"{start}{called:>14.1f}{again:>8.2f}{weight / 1000:>7.1f}")
        cold, warm = wire_bytes(client)
        print(f"Overview over the wire: {cold / 1000:.0f} kB cold, {warm / 1000:.1f} kB unchanged (304)")


if __name__ == "__main__":
    main()
