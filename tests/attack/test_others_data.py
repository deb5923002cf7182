"""What a faculty sees does not depend on anybody else's use: two universities that differ only in the others' data give
the same pages, callbacks and files, byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import duckdb
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.options import Options
from dashboard.pages import PAGES
from queries.dashboard_settings import Proxy
from queries.reader import Reader
from queries.rights import Access, Grant
from queries.warehouse import Warehouse
from tests.attack.browser import CALLBACK, WORKER, asked_for
from tests.attack.servers import SECRETS
from tests.dashboard.conftest import NOW
from tests.queries.synthetic import NAME

OWN = "MFF"
# the tree of units, and what is the same for everybody by its definition (models/latency, models/errors, plans)
KEPT = ("unit", "unit_closure", "population", "latency_daily", "error_daily", "plan")
# of the root stay: the days, the requests by model (models/errors says them to everybody), and of the active persons
# those who were ever in the faculty (a person new there may have been active elsewhere: adoption/lifecycle_weekly)
ROOT_ROWS = "usage_total_daily"
ROOT_BITS = {"active_bits": "member", "active_weeks": "unit"}
ADDRESSES = [page.path for page in PAGES]
FORGED = [OWN, "PrF", "UK", "MFF-KSI", "PrF-X", "UNKNOWN", "SHARED", "' or 1=1 --", "MFF,PrF", "*"]
AGENT = {
    "X-Proxy-Secret": SECRETS["PROXY_SECRET"],
    "X-Remote-User": "dean@mff.cuni.cz",
    "Accept": "text/html",
    "X-Remote-Groups": "",
}


def without_others(source: Path, target: Path) -> Path:
    """A copy of the folder in which only the faculty's own rows are left."""
    copytree(source, target)
    with duckdb.connect(str(target / NAME)) as connection:
        run = connection.execute
        run("create temp table own as select unit from unit_closure where ancestor = ?", [OWN])
        columns = run("select table_name, column_name from duckdb_columns() where database_name = current_database()")
        having: dict[str, set[str]] = {}
        for table, column in columns.fetchall():
            having.setdefault(table, set()).add(column)
        for table, names in sorted(having.items(), key=lambda item: item[0] == "person"):  # person_month before person
            if table in KEPT or table == "own":
                continue
            others = "unit is null or unit not in (select unit from own)"
            if table == "person":  # whoever was ever in the faculty stays: they are in its past
                run(f"delete from person where ({others}) and person_no not in (select person_no from person_month)")
            elif table == ROOT_ROWS:
                run(f"delete from {table} where ({others}) and unit <> 'UK'")
                run(f"update {table} set metered_usd = 0, metered_czk = 0 where unit = 'UK'")
            elif table in ROOT_BITS:
                column = ROOT_BITS[table]
                only_units = " or dimension <> 'unit'" if "dimension" in names else ""
                seen = "select unit from own union all select 'UK'"
                run(f"delete from {table} where {column} not in ({seen}){only_units}")
                run(
                    f"update {table} set persons = persons & (select bit_or(persons) from {table} where {column} = ?)"
                    f" where {column} = 'UK'",
                    [OWN],
                )
            elif table == "seen_weeks":
                own = "select bit_or(persons) from active_weeks where unit = ?"
                run(f"update {table} set persons = persons & ({own})", [OWN])
            elif "unit" in names:
                run(f"delete from {table} where {others}")
            elif {"dimension", "member"} <= names:
                run(f"delete from {table} where dimension <> 'unit' or member not in (select unit from own)")
            elif table in ("own_month", "sign_in", "invoice", "seat_count", "reconciliation"):
                run(f"delete from {table}")
    return target


def client_of(folder: Path) -> FlaskClient:
    """A client of an app over the folder, in which dean@mff.cuni.cz has the faculty's role."""
    access = Access(grants=(Grant(kind="user", value="dean@mff.cuni.cz", role="faculty", unit=OWN),))
    options = Options(folder, auth="proxy", proxy=Proxy(), access=access, requests_a_minute=10**6)
    app = create_app(options, Reader(Warehouse(folder)), clock=lambda: NOW)
    return app.server.test_client()


@pytest.fixture(scope="module")
def both(attacked_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """The dean's clients of the whole university and of one where only the own faculty has data."""
    alone = without_others(attacked_data, tmp_path_factory.mktemp("alone") / "data")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield client_of(attacked_data), client_of(alone)


def alike(both: tuple[FlaskClient, FlaskClient], address: str, *statuses: int) -> str:
    """The answer that both give."""
    whole, alone = (client.get(address, headers=AGENT) for client in both)
    left, right = WORKER.sub("", whole.text), WORKER.sub("", alone.text)
    assert (whole.status_code, left) == (alone.status_code, right)
    assert whole.status_code in statuses
    return whole.text


@pytest.mark.parametrize("query", ["", "?period=12m&lang=en", *(f"?unit={unit}" for unit in FORGED[1:4])])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_depends_on_others(both: tuple[FlaskClient, FlaskClient], address: str, query: str) -> None:
    page = alike(both, address + query, 200)
    assert "is-failed" not in page


@pytest.mark.parametrize("unit", FORGED)
def test_no_forged_callback_depends_on_others(both: tuple[FlaskClient, FlaskClient], unit: str) -> None:
    for address in ADDRESSES:
        body = json.dumps(asked_for(f"{address}?unit={unit}"))
        answers = [
            client.post(CALLBACK, data=body, headers=AGENT | {"Content-Type": "application/json"}) for client in both
        ]
        assert answers[0].status_code == 200
        assert answers[0].text == answers[1].text


@pytest.mark.parametrize("card", [spec.id for page in PAGES for spec in page.specs])
def test_no_file_depends_on_others(both: tuple[FlaskClient, FlaskClient], card: str) -> None:
    for unit in ("", "?unit=PrF"):
        alike(both, f"/export/{card}.csv{unit}", 200, 403, 404)


def test_the_two_universities_differ_for_whoever_may_see_all(attacked_data: Path, both: object, tmp_path: Path) -> None:
    """Else the tests above would show nothing."""
    alone = without_others(attacked_data, tmp_path / "data")
    pages = []
    for folder in (attacked_data, alone):
        app = create_app(Options(folder), Reader(Warehouse(folder)), clock=lambda: NOW)
        pages.append([app.server.test_client().get(address).text for address in ADDRESSES if address != "/methodology"])
    assert [left == right for left, right in zip(*pages, strict=True)] == [False] * len(pages[0])
