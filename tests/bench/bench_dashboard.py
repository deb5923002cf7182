"""python -m tests.bench.bench_dashboard: server CPU of pages and callbacks, and bytes over the wire of the Overview.

CPU is of this process (time.process_time), so it holds whatever else runs on the machine. Cached is a request that was
answered before; uncached is the first of each address, after the process has warmed up on another one: a selection that
nobody has asked for since the data is new. Usual is the first of a view that was looked at before the data became new,
which the process has drawn for itself since (dashboard/warm.py). The data is what bench_increment published of ten
million requests; where that has not run, a synthetic university of 3,000 persons.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.cards import Page
from dashboard.options import Options
from dashboard.pages import PAGES
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.bench.bench_increment import published
from tests.queries.synthetic import publish

BROTLI = {"Accept-Encoding": "br"}
REPEATS = 200
WARM_UP = "period=7d"
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
    """Prints one JSON object per page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_dashboard", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of snapshots")
    given = parser.parse_args()
    with TemporaryDirectory() as made:
        folder = given.data or published() or Path(made)
        if folder == Path(made):
            publish(folder, persons=3000)
        reader = Reader(Warehouse(folder))
        client = create_app(Options(folder), reader).server.test_client()
        for page in PAGES:
            client.get(f"{page.path}?{WARM_UP}", headers=BROTLI)
        faculty = first_faculty(reader)
        usual = usual_ms(folder)
        found = [row(client, page, faculty) | {"usual callback ms": usual[page.name]} for page in PAGES]
        for line in found:
            print(json.dumps(line), flush=True)
        for key in ("callback ms", "usual callback ms"):
            print(f"{key}: {median(line[key] for line in found):.1f} at the median of the pages (goal: 20)")
        cold, warm = wire_bytes(client)
        print(
            f"{reader.version}: Overview over the wire {cold / 1000:.0f} kB cold, {warm / 1000:.1f} kB unchanged (304)"
        )


def first_faculty(reader: Reader) -> str:
    """Code of a faculty to ask callbacks for."""
    units = reader.run("reference/units", Scope((), "all")).rows.to_pylist()
    return min(str(u["unit"]) for u in units if u["level"] == "faculty")


def usual_ms(folder: Path) -> dict[str, float]:
    """{page: CPU milliseconds of the callback that first asks for it after new data, the process having drawn it}."""
    app = create_app(Options(folder), Reader(Warehouse(folder)))
    app.boards.warm.look(app.boards.usual_views)
    client = app.server.test_client()
    callback(client, "/me")  # no page of this app: the machinery around it warms up
    return {page.name: round(cpu_ms(lambda address=page.path: callback(client, address)), 1) for page in PAGES}


def row(client: FlaskClient, page: Page, faculty: str) -> dict[str, Any]:
    """A page's CPU milliseconds and kB as a whole page, and as the callback for one faculty."""
    address = f"{page.path}?{MEASURED}"
    first, kept, size = timed(lambda: client.get(address, headers=BROTLI))
    called, again, weight = timed(lambda: callback(client, f"{address}&unit={faculty}"))
    return {
        "page": page.name,
        "page ms": round(first, 1),
        "cached ms": round(kept, 2),
        "kB": round(size / 1000, 1),
        "callback ms": round(called, 1),
        "cached again ms": round(again, 2),
        "callback kB": round(weight / 1000, 1),
    }


if __name__ == "__main__":
    main()
