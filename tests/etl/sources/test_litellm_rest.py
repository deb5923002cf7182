"""The REST way gives what the database way gives, whole or not at all."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from etl.errors import InputError, SourceError
from etl.sections import Gateway
from etl.sources.base import Window
from etl.sources.http import Retries
from etl.sources.litellm import litellm_source
from etl.sources.litellm_database import Database
from etl.sources.litellm_rest import Rest
from etl.tables import ACCOUNT, API_KEY, REQUEST, TEAM
from tests.etl.sources.litellm_databases import SETTINGS, Api, pseudonyms, real_url, rows

__all__ = ["real_url"]
pytestmark = pytest.mark.postgres

REST = Gateway(api_url="https://gate.example", api_key_env="GATE_KEY", chat_key_aliases=SETTINGS.chat_key_aliases)


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> Path:
    return shared_data / "litellm" / "api"


@pytest.fixture
def api(real_url: str, recorded: Path) -> Api:
    return Api(real_url, recorded)


@pytest.fixture
def small(real_url: str, recorded: Path) -> Api:
    """The first 300 requests only, for what doesn't need them all."""
    return Api(real_url, recorded, most=300)


def source(api: Api, settings: Gateway = REST, key: str = "sk-admin") -> Rest:
    return Rest(
        settings, pseudonyms(), key, transport=api.transport(), retries=Retries(attempts=2, sleep=lambda _: None)
    )


def database(url: str) -> Database:
    return Database(SETTINGS, pseudonyms(), url)


def test_the_stand_in_answers_as_the_recorded_gateway_did(api: Api, recorded: Path) -> None:
    answer = json.loads((recorded / "spend_logs_v2.json").read_text("utf-8"))
    params = dict(httpx.URL("http://x" + answer["GET"]).params)
    ours = api.logs(**params)
    assert ours["data"] == answer["body"]["data"]
    assert set(ours) == set(answer["body"])
    for name, path in (("user_list", "/user/list"), ("v2_team_list", "/v2/team/list"), ("key_list", "/key/list")):
        body = json.loads((recorded / f"{name}.json").read_text("utf-8"))["body"]
        headers = {"Authorization": "Bearer sk-admin"}
        client = httpx.Client(base_url="http://x", transport=api.transport(), headers=headers)
        assert set(client.get(path, params={"page": 1, "page_size": 5, "size": 5}).json()) == set(body)


def test_requests_equal_those_of_the_database_but_for_when_they_were_written(api: Api, real_url: str) -> None:
    found = rows(source(api), REQUEST)
    assert [r.pop("updated_at") for r in found] == [None] * 4371
    assert found == rows(database(real_url), REQUEST, without="updated_at")


@pytest.mark.parametrize("table", [ACCOUNT, API_KEY, TEAM], ids=lambda t: t.name)
def test_other_tables_equal_those_of_the_database(api: Api, real_url: str, table: Any) -> None:
    expected = rows(database(real_url), table)
    assert len(expected) > 7
    assert rows(source(api), table) == expected


@pytest.mark.parametrize(("cap", "largest_page"), [(300, 1000), (10_000, 100), (50, 100)])
def test_capped_totals_and_small_pages_give_every_row_once(
    real_url: str, recorded: Path, cap: int, largest_page: int
) -> None:
    api = Api(real_url, recorded, cap=cap, largest_page=largest_page)
    found = [r["request_id"] for b in source(api).extract(REQUEST, Window()) for r in b.to_pylist()]
    assert (len(found), len(set(found))) == (4371, 4371)


def test_a_window_is_half_open_to_the_millisecond(api: Api, real_url: str) -> None:
    starts = sorted(r["started_at"] for r in rows(database(real_url), REQUEST))
    window = Window(starts[100], starts[200])
    found = rows(source(api), REQUEST, window)
    assert len(found) == sum(starts[100] <= s < starts[200] for s in starts)
    assert [r["request_id"] for r in found] == [r["request_id"] for r in rows(database(real_url), REQUEST, window)]


def test_rows_come_in_order_of_their_start(api: Api) -> None:
    starts = [t for b in source(api).extract(REQUEST, Window()) for t in b.column("started_at").to_pylist()]
    assert starts == sorted(starts)


def test_bounds_equal_those_of_the_database_and_an_empty_gateway_has_none(api: Api, real_url: str) -> None:
    assert source(api).bounds() == database(real_url).bounds()
    api.spoil = lambda path, params, body: {**body, "data": [], "total": 0}
    assert source(api).bounds() is None
    assert list(source(api).extract(REQUEST, Window())) == []


def test_a_window_before_the_first_row_gives_nothing(api: Api) -> None:
    assert list(source(api).extract(REQUEST, Window(datetime(2020, 1, 1), datetime(2020, 1, 3)))) == []


def spoiling(first: int, times: int, change: Callable[[Any], Any]) -> Callable[[str, dict[str, str], Any], Any]:
    """Changes answers of pages >= `first` of more than one row, at most `times` times."""
    left = [times]

    def spoil(path: str, params: dict[str, str], body: Any) -> Any:
        if path != "/spend/logs/v2" or int(params["page"]) < first or len(body["data"]) < 2 or not left[0]:
            return body
        left[0] -= 1
        return change(body)

    return spoil


def without_a_row(body: Any) -> Any:
    return {**body, "data": body["data"][1:]}


def test_a_listing_that_shifts_while_it_is_read_is_read_again(small: Api) -> None:
    small.spoil = spoiling(1, 3, without_a_row)
    assert len(rows(source(small), REQUEST)) == 300


def test_a_listing_that_never_adds_up_is_an_error(small: Api) -> None:
    small.spoil = spoiling(1, 10**9, without_a_row)
    with pytest.raises(SourceError, match=r"litellm: requests of \[.*different rows came where the API counts"):
        rows(source(small), REQUEST)


@pytest.mark.parametrize("status", [500, 404])
def test_a_missing_page_is_an_error(small: Api, status: int) -> None:
    small.largest_page = 100
    small.spoil = spoiling(2, 10**9, lambda body: httpx.Response(status))
    with pytest.raises(SourceError, match=str(status)):
        rows(source(small), REQUEST)


def test_a_list_of_people_that_does_not_add_up_is_an_error(small: Api) -> None:
    small.spoil = lambda path, params, body: {**body, "total": 99} if path == "/user/list" else body
    with pytest.raises(SourceError, match="GET /user/list: 31 different rows came where the API counts 99"):
        rows(source(small), ACCOUNT)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("spend", "much", "spend: found 'much'; allowed: a number of dollars"),
        ("startTime", "noon", "startTime: found 'noon'; allowed: an ISO 8601 time"),
        ("startTime", None, "startTime: found None"),
        ("prompt_tokens", "x", "prompt_tokens: found 'x'; allowed: a number of tokens"),
        ("request_id", "", "request_id: found ''"),
    ],
)
def test_a_malformed_row_is_an_error_that_names_the_field(small: Api, name: str, value: Any, message: str) -> None:
    small.spoil = spoiling(
        1, 10**9, lambda body: {**body, "data": [*body["data"][:-1], {**body["data"][-1], name: value}]}
    )
    with pytest.raises(InputError, match=message):
        rows(source(small), REQUEST)


def test_times_with_any_zone_are_utc(small: Api) -> None:
    def shifted(body: Any) -> Any:
        times = ((r, datetime.fromisoformat(r["startTime"])) for r in body["data"])
        return {
            **body,
            "data": [{**r, "startTime": f"{t + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.%f}+01:00"} for r, t in times],
        }

    plain = rows(source(small), REQUEST)
    small.spoil = spoiling(1, 10**9, shifted)
    assert rows(source(small), REQUEST) == plain


def test_content_in_an_answer_goes_nowhere(small: Api) -> None:
    def told(body: Any) -> Any:
        secrets = {
            "messages": [{"content": "PLANTED"}],
            "response": {"x": "PLANTED"},
            "proxy_server_request": "PLANTED",
        }
        return {**body, "data": [{**r, **secrets} for r in body["data"]]}

    small.spoil = spoiling(1, 10**9, told)
    found = rows(source(small), REQUEST)
    assert len(found) == 300
    assert "PLANTED" not in str(found)


def test_metadata_and_tags_sent_as_text_are_read_alike(small: Api) -> None:
    def as_text(body: Any) -> Any:
        return {
            **body,
            "data": [{**r, **{k: json.dumps(r[k]) for k in ("metadata", "request_tags")}} for r in body["data"]],
        }

    plain = rows(source(small), REQUEST)
    small.spoil = spoiling(1, 10**9, as_text)
    assert rows(source(small), REQUEST) == plain


def test_dollars_round_as_the_database_rounds(small: Api) -> None:
    def priced(body: Any) -> Any:
        return {**body, "data": [{**r, "spend": 123.1234567890126} for r in body["data"]]}

    small.spoil = spoiling(1, 10**9, priced)
    assert {r["metered_usd"] for r in rows(source(small), REQUEST)} == {Decimal("123.123456789013")}


def test_versions_that_list_nothing_deleted_say_so_and_those_that_overlook_the_wish_do_not_double(small: Api) -> None:
    def refuse(path: str, params: dict[str, str], body: Any) -> Any:
        return httpx.Response(400) if params.get("status") == "deleted" else body

    small.spoil = refuse
    assert (len(rows(source(small), API_KEY)), len(rows(source(small), TEAM))) == (34, 7)
    assert source(small).notes()[1:] == [
        "this version does not list deleted keys",
        "this version does not list deleted teams",
    ]
    live: dict[str, Any] = dict.fromkeys(("/key/list", "/v2/team/list"))

    def overlook(path: str, params: dict[str, str], body: Any) -> Any:
        if path in live and "status" not in params:
            live[path] = body
        return live[path] if "status" in params else body

    small.spoil = overlook
    found = rows(source(small), API_KEY)
    assert (len(found), any(k["is_deleted"] for k in found)) == (34, False)


def test_without_the_list_of_customers_accounts_are_the_users(small: Api) -> None:
    small.spoil = lambda path, params, body: httpx.Response(404) if path == "/customer/list" else body
    assert len(rows(source(small), ACCOUNT)) == 31


def test_the_facade_sends_the_key_from_the_environment(small: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_KEY", "sk-admin")
    read = litellm_source(REST, pseudonyms(), transport=small.transport())
    assert len(rows(read, TEAM)) == 8
    read.close()
    assert small.asked[0].host == "gate.example"


def test_the_doctor_says_that_the_key_is_wrong_without_showing_it(small: Api) -> None:
    (found,) = source(small, key="sk-wrong-key").examine()
    assert (found.level, "401" in found.found, "admin" in found.remedy) == ("fail", True, True)
    assert "sk-wrong-key" not in str(found)


def test_the_doctor_counts_what_it_can_read(small: Api) -> None:
    found = list(source(small).examine())
    assert [f.found for f in found if f.level == "ok"][:3] == [
        "193 rows of account",
        "36 rows of api_key",
        "8 rows of team",
    ]
    assert not [f for f in found if f.level == "fail"]
