"""What is hidden is nowhere: two universities that differ in hidden figures alone give the same pages with all their
figures' data, tables, files, reports and charges, from the real server, to who may see everything."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import copytree
from urllib.error import HTTPError
from urllib.request import urlopen
from zipfile import ZipFile

import duckdb
import pytest

from dashboard.app import create_app
from dashboard.options import Options
from dashboard.pages import PAGES
from queries.reader import Reader
from queries.warehouse import Warehouse
from tests.attack.browser import WORKER
from tests.attack.servers import SECRETS, dashboard, free_port
from tests.dashboard.conftest import NOW
from tests.queries.synthetic import NAME

ONE, OTHER, ABOVE = "FF", "1LF", "UK"
MODELS = ("gpt-5", "gpt-5-mini")  # of one provider
CARDS = [spec.id for page in PAGES for spec in page.specs]
ADDRESSES = [
    *(f"{page.path}?unit={unit}&lang=en&period=12m" for page in PAGES for unit in (ONE, ABOVE)),
    *(f"/export/{card}.{kind}?unit={ONE}&period=12m" for card in CARDS for kind in ("csv", "xlsx")),
    *(f"/export/{card}.csv?unit={ABOVE}&channel=api" for card in CARDS),
    "/export/focus.csv?month=2026-10", "/public",
]  # fmt: skip
Running = tuple[str, str]


def hiding(source: Path, target: Path, *, is_other: bool) -> Path:
    """A copy of the folder in which two faculties show no counts and nothing of two models; if `is_other`, with
    other counts and with requests of one model made by the other faculty, which leaves every sum as it was."""
    copytree(source, target)
    with duckdb.connect(str(target / NAME)) as connection:
        run = connection.execute
        for unit in (ONE, OTHER):
            run("insert into closed_cell values ('home', ?, ''), ('unit', ?, '')", [unit, unit])
            for breakdown in ("model", "leaf"):
                for channel in ("", " chat", " api"):
                    for model in MODELS:
                        member = model if breakdown == "model" else f"{model}\topenai"
                        run("insert into closed_cell values (?, ?, ?)", [breakdown + channel, unit, member])
        _ask_models(connection, 100 if is_other else 10)
        if is_other:
            _count_otherwise(connection)
    return target


def _count_otherwise(connection: duckdb.DuckDBPyConnection) -> None:
    run = connection.execute
    run("delete from active_bits where dimension = 'unit' and member = ? and day(day) % 3 = 0", [ONE])
    run("delete from active_weeks where unit = ? and day(week_start) % 3 = 0", [ONE])
    run("update active_daily set dau = dau + 1, wau = wau + 2, mau = mau + 3 where member = ?", [ONE])


def _ask_models(connection: duckdb.DuckDBPyConnection, some: int) -> None:
    """So many more requests of the first model in one faculty, and a thousand more of both models in both faculties."""
    for unit, model in ((ONE, MODELS[0]), (OTHER, MODELS[1]), (ONE, MODELS[1]), (OTHER, MODELS[0])):
        requests = some if (unit == ONE) == (model == MODELS[0]) else 1000 - some
        connection.execute(
            """
            insert into usage_total_daily
            select * replace (
                date '2026-11-10' as day, $unit as unit, $model as model, 'openai' as provider, 'chat' as channel,
                'success' as status, 'gateway' as origin, false as is_service, $requests as requests,
                $requests as user_requests, $requests as output_tokens, $requests as metered_usd,
                20 * $requests as metered_czk
            )
            from usage_total_daily
            limit 1
            """,
            {"unit": unit, "model": model, "requests": requests},
        )


@pytest.fixture(scope="module")
def folders(attacked_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = tmp_path_factory.mktemp("hiding")
    return tuple(hiding(attacked_data, made / str(n), is_other=bool(n)) for n in range(2))  # type: ignore[return-value]


@pytest.fixture(scope="module")
def both(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of two real servers, of the one university and of the other, that show everything to everybody."""
    made, config = tmp_path_factory.mktemp("servers"), "public_page = true\nrequests_a_minute = 100000\n"
    alike = SECRETS | {"PYTHONHASHSEED": "0"}  # else attributes of a tag may stand in another order
    with (
        dashboard(made / "one", folders[0], config, free_port(), alike) as one,
        dashboard(made / "other", folders[1], config, free_port(), alike) as other,
    ):
        yield one.address, other.address


def told(address: str) -> tuple[int, str]:
    """The status and what is said, without what differs between servers and moments."""
    try:
        with urlopen(address) as answer:
            body, status = answer.read(), answer.status
    except HTTPError as error:
        body, status = error.read(), error.code
    if body[:2] == b"PK":
        with ZipFile(BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in sorted(book.namelist()) if "docProps" not in name)
    text = WORKER.sub("", body.decode("utf-8", "replace"))
    return status, re.sub(r"127\.0\.0\.1:\d+|nonce-?[^\s;&]*", "", text)


def first_difference(one: str, other: str) -> tuple[str, str]:
    """What stands at the first place where the two are not the same, in each."""
    if one == other:
        return "", ""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(at - 100, 0) : at + 100], other[max(at - 100, 0) : at + 100]


def test_no_page_figure_table_or_file_depends_on_what_is_hidden(both: tuple[str, str]) -> None:
    answered = 0
    for address in ADDRESSES:
        (status, one), (other_status, other) = (told(server + address) for server in both)
        assert (address, status, first_difference(one, other)) == (address, other_status, ("", ""))
        answered += status == 200
    assert answered > len(ADDRESSES) / 2


def test_they_do_depend_on_it_where_nothing_is_hidden(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would show nothing."""
    monkeypatch.setattr("queries.reader.suppressed", lambda rows, *_: (rows, frozenset()))
    clients = [
        create_app(Options(folder), Reader(Warehouse(folder)), clock=lambda: NOW).server.test_client()
        for folder in folders
    ]
    for path in ("/", "/adoption", "/models", "/costs", "/faculty"):
        one, other = (WORKER.sub("", c.get(f"{path}?unit={ONE}&lang=en&period=12m").text) for c in clients)
        assert one != other, path
