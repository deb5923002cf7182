"""The one pager and retrier: how stubborn, how exact, how complete."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from etl.errors import SourceError
from etl.sources.http import Http, RefusedError, Retries

Answer = httpx.Response | Exception


class Server:
    """A transport that gives the answers in turn (the last one for ever) and remembers what was asked and waited."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked, self.waited = list(answers), [], []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content, request=request)


def http(server: Callable[[httpx.Request], httpx.Response], base: str = "https://api.example/v1") -> Http:
    waited = getattr(server, "waited", [])
    headers = {"Authorization": "Bearer sk-secret"}
    retries = Retries(attempts=4, sleep=waited.append)
    return Http("shop", base, headers=headers, retries=retries, transport=httpx.MockTransport(server))


def ok(text: str = '{"a": 1}', **headers: str) -> httpx.Response:
    return httpx.Response(200, text=text, headers=headers)


def test_numbers_with_a_point_come_as_exact_decimals() -> None:
    found = http(Server(ok('{"cost": 0.1, "small": 1.3e-05, "count": 3}'))).get("costs")
    assert found == {"cost": Decimal("0.1"), "small": Decimal("0.000013"), "count": 3}
    assert isinstance(found["cost"], Decimal)
    assert isinstance(found["count"], int)


@pytest.mark.parametrize("path", ["costs", "/costs"])
def test_a_base_address_keeps_its_path_and_parameters_are_sent(path: str) -> None:
    server = Server(ok())
    http(server, "https://host.example/gateway").get(path, {"from": "2026-01-01 00:00:00", "group_by": ["a", "b"]})
    assert server.asked[0].url.path == "/gateway/costs"
    assert server.asked[0].url.params.multi_items() == [
        ("from", "2026-01-01 00:00:00"), ("group_by", "a"), ("group_by", "b"),
    ]  # fmt: skip


@pytest.mark.parametrize("passing", [429, 500, 502, 503, 504, 529])
def test_a_passing_failure_is_tried_again_with_doubling_waits(passing: int) -> None:
    server = Server(httpx.Response(passing), httpx.Response(passing), ok())
    assert http(server).get("costs") == {"a": 1}
    assert server.waited == [1.0, 2.0]


@pytest.mark.parametrize(
    "broken", [httpx.ReadTimeout("slow"), httpx.ConnectError("refused"), httpx.RemoteProtocolError("cut")]
)
def test_time_outs_and_broken_connections_are_tried_again(broken: Exception) -> None:
    assert http(Server(broken, ok())).get("costs") == {"a": 1}


def test_retry_after_in_seconds_is_waited() -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "7"}), ok())
    http(server).get("costs")
    assert server.waited == [7.0]


def test_retry_after_as_a_date_is_measured_by_the_servers_clock() -> None:
    dates = {"Date": "Mon, 23 Nov 2026 20:00:00 GMT", "Retry-After": "Mon, 23 Nov 2026 20:00:12 GMT"}
    server = Server(httpx.Response(503, headers=dates), ok())
    http(server).get("costs")
    assert server.waited == [12.0]


def test_a_wait_longer_than_ours_ends_at_once_and_says_so() -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(SourceError, match="shop: GET costs: 429 Too Many Requests; the server asks to wait 3600 s"):
        http(server).get("costs")
    assert len(server.asked) == 1


def test_retries_are_bounded() -> None:
    server = Server(httpx.Response(503))
    with pytest.raises(SourceError, match=r"503 Service Unavailable \(tried 4 times\)"):
        http(server).get("costs")
    assert len(server.asked) == 4


def test_a_refusal_is_not_tried_again_and_carries_its_status() -> None:
    server = Server(httpx.Response(404, text="no such path"))
    with pytest.raises(RefusedError, match="404 Not Found: no such path") as caught:
        http(server).get("costs")
    assert (caught.value.status, len(server.asked)) == (404, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_an_error_names_neither_keys_nor_addresses(status: int) -> None:
    told = "key sk-abc123 hash 0123456789abcdef0123456789abcdef of jan.novak@cuni.cz is bad, Bearer sk-secret"
    with pytest.raises(SourceError) as caught:
        http(Server(httpx.Response(status, text=told))).get("costs")
    for secret in ("sk-abc123", "0123456789abcdef", "jan.novak", "sk-secret"):
        assert secret not in str(caught.value)
    assert str(status) in str(caught.value)


@pytest.mark.parametrize("text", ['{"data": [1, 2', "<html>maintenance</html>", "", '{"cost": NaN}'])
def test_an_answer_that_is_not_whole_json_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match="not whole JSON"):
        http(Server(ok(text))).get("costs")


def test_pages_are_followed_to_the_end() -> None:
    server = Server(ok('{"n": 1, "next": "b"}'), ok('{"n": 2, "next": "c"}'), ok('{"n": 3, "next": null}'))
    pages = http(server).pages("costs", {"limit": 2}, lambda page: {"page": page["next"]} if page["next"] else None)
    assert [page["n"] for page in pages] == [1, 2, 3]
    assert [r.url.params.get("page") for r in server.asked] == [None, "b", "c"]
    assert {r.url.params["limit"] for r in server.asked} == {"2"}


def test_a_page_that_fails_in_the_middle_is_an_error() -> None:
    pages = http(Server(ok('{"next": "b"}'), httpx.Response(500))).pages(
        "costs", {}, lambda page: {"page": page["next"]}
    )
    assert next(pages) == {"next": "b"}
    with pytest.raises(SourceError, match="500"):
        next(pages)


def test_pages_that_go_in_circles_are_an_error() -> None:
    with pytest.raises(SourceError, match="the pages do not end"):
        list(http(Server(ok('{"next": "b"}'))).pages("costs", {}, lambda page: {"page": page["next"]}))


@pytest.mark.parametrize(
    ("address", "key", "said"),
    [
        ("http://[::1", "k", "address http://\\[::1: not one"),
        ("http://h", "sk-kůň", "key: holds a letter that no header can carry"),
    ],
)
def test_an_address_or_key_that_can_not_be_used_is_an_error_that_does_not_quote_the_key(
    address: str, key: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        Http("litellm", address, headers={"Authorization": f"Bearer {key}"})
    assert "kůň" not in str(refused.value)


def test_the_line_end_that_a_secret_was_stored_with_is_not_sent() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    Http("x", "http://h", headers={"Authorization": "Bearer k\n"}, transport=httpx.MockTransport(answer)).get("/a")
    assert asked[0].headers["Authorization"] == "Bearer k"


def test_an_answer_nested_beyond_measure_is_an_error() -> None:
    deep = httpx.MockTransport(lambda _: httpx.Response(200, content=b"[" * 200_000))
    with pytest.raises(SourceError, match="not whole JSON: RecursionError"):
        Http("x", "http://h", transport=deep).get("/a")
