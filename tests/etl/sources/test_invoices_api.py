from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from etl.errors import ConfigError, InputError, SourceError
from etl.sections import InvoiceApi
from etl.sources.base import Window
from etl.sources.http import Http, Retries
from etl.sources.invoices.api import CostApi, api_source
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE
from tests.etl.sources.invoice_files import (
    DAY,
    NOVEMBER_1,
    anthropic_page,
    anthropic_result,
    openai_page,
    openai_result,
)

Answer = Callable[[httpx.Request], httpx.Response]


def source(provider: str, answer: Answer, **settings: Any) -> CostApi:
    given = InvoiceApi(provider=provider, key_env="ADMIN_KEY", first_day="2026-11-01", **settings)  # type: ignore[arg-type]

    def connect(name: str, url: str, *, headers: dict[str, str]) -> Http:
        retries = Retries(attempts=2, first_wait_s=0)
        return Http(name, url, headers=headers, retries=retries, transport=httpx.MockTransport(answer))

    return api_source(given, connect, key=lambda _: "the-key", pseudonym=lambda k: k and f"key of {k}")


EVER = Window()


def rows(api: CostApi, window: Window = EVER) -> list[dict[str, Any]]:
    return [row for batch in api.extract(INVOICE_LINE, window) for row in batch.to_pylist()]


def pages(*answers: Any) -> tuple[Answer, list[httpx.Request]]:
    """A server that gives these answers in turn, and the requests it got."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers[len(asked) - 1]
        return httpx.Response(found) if isinstance(found, int) else httpx.Response(200, json=found)

    return answer, asked


def test_openai_is_asked_page_by_page_and_gives_all_lines() -> None:
    second = openai_page([openai_result("0.25")], start=NOVEMBER_1 + DAY)
    answer, asked = pages(openai_page([openai_result(0.1)], more="page_2"), second)

    found = rows(source("openai", answer), Window(end=datetime(2026, 11, 3)))

    assert [r["billed_cost"] for r in found] == [Decimal("0.1"), Decimal("0.25")]
    assert {(r["document_id"], r["document_name"]) for r in found} == {("openai:api", "GET /v1/organization/costs")}
    assert str(asked[0].url).startswith("https://api.openai.com/v1/organization/costs?")
    assert asked[0].headers["authorization"] == "Bearer the-key"
    assert dict(asked[0].url.params.multi_items()) == {
        "start_time": str(NOVEMBER_1), "end_time": str(NOVEMBER_1 + 2 * DAY), "bucket_width": "1d", "limit": "180",
        "group_by": "line_item",
    }  # fmt: skip
    assert asked[0].url.params.get_list("group_by") == ["project_id", "line_item"]
    assert asked[1].url.params["page"] == "page_2"


def test_anthropic_is_asked_page_by_page_and_its_cents_become_dollars() -> None:
    answer, asked = pages(anthropic_page([anthropic_result("150")], more="p2"), anthropic_page([]))

    found = rows(source("anthropic", answer))

    assert [(r["billed_cost"], r["document_id"]) for r in found] == [(Decimal("1.5"), "anthropic:api")]
    assert str(asked[0].url).startswith("https://api.anthropic.com/v1/organizations/cost_report?")
    assert (asked[0].headers["x-api-key"], asked[0].headers["anthropic-version"]) == ("the-key", "2023-06-01")
    assert asked[0].url.params["starting_at"] == "2026-11-01T00:00:00Z"
    assert asked[0].url.params["limit"] == "31"
    assert "ending_at" not in asked[0].url.params
    assert asked[0].url.params.get_list("group_by[]") == ["workspace_id", "description"]


@pytest.mark.parametrize("failure", [500, 401, {"object": "page", "data": []}, {"error": "x"}])
def test_an_error_on_a_later_page_leaves_nothing(failure: Any) -> None:
    answer, _ = pages(openai_page([openai_result(1)], more="page_2"), failure, failure)

    with pytest.raises(SourceError):
        next(source("openai", answer).extract(INVOICE_LINE, Window()))


def test_more_to_come_without_a_token_is_an_error_not_the_end() -> None:
    page = openai_page([openai_result(1)]) | {"has_more": True}
    answer, _ = pages(page)

    with pytest.raises(InputError, match="has_more: found True; allowed: true with next_page, or false"):
        rows(source("openai", answer))


def test_reading_a_day_again_gives_the_same_ids_with_the_revised_amount() -> None:
    answer, _ = pages(openai_page([openai_result(1)]), openai_page([openai_result(2)]))
    api = source("openai", answer)

    before, after = rows(api), rows(api)

    assert [r["line_id"] for r in before] == [r["line_id"] for r in after]
    assert before[0]["line_id"] == "openai:api#2026-11-01|proj_a|gpt-5.5, input"
    assert (before[0]["billed_cost"], after[0]["billed_cost"]) == (1, 2)


@pytest.mark.parametrize(
    ("window", "period"),
    [
        (Window(), (datetime(2026, 11, 1), None)),
        (Window(datetime(2026, 12, 1, 5), datetime(2026, 12, 2, 5)), (datetime(2026, 12, 1), datetime(2026, 12, 3))),
        (Window(end=datetime(2026, 12, 2)), (datetime(2026, 11, 1), datetime(2026, 12, 2))),
        (Window(since=datetime(2026, 12, 20, 13)), (datetime(2026, 12, 13), None)),
        (Window(datetime(2026, 12, 18), since=datetime(2026, 12, 20)), (datetime(2026, 12, 18), None)),
        (Window(datetime(2020, 1, 1)), (datetime(2026, 11, 1), None)),
    ],
)
def test_whole_utc_days_are_asked_for_and_revised_ones_again(
    window: Window, period: tuple[datetime, datetime | None]
) -> None:
    assert source("openai", pages()[0], revised_days=7).period(window) == period


def test_a_window_before_the_first_day_asks_for_nothing() -> None:
    assert rows(source("openai", pages()[0]), Window(end=datetime(2026, 10, 1))) == []


def test_the_doctor_says_which_key_is_wrong_and_which_is_needed() -> None:
    answer, _ = pages(401)

    (finding,) = source("openai", answer).examine()

    assert finding.level == "fail"
    assert "ADMIN_KEY: create an admin key" in finding.remedy
    assert "the-key" not in str(finding)


def test_the_doctor_is_content_with_an_api_that_answers() -> None:
    answer, asked = pages(anthropic_page([anthropic_result()]))

    (finding,) = source("anthropic", answer).examine()

    assert (finding.level, finding.found) == ("ok", "answers; 1 results on 2026-11-01")
    assert asked[0].url.params["ending_at"] == "2026-11-02T00:00:00Z"


def test_a_key_that_is_not_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_KEY", raising=False)

    with pytest.raises(ConfigError, match="ADMIN_KEY is not set"):
        api_source(InvoiceApi(provider="openai", key_env="ADMIN_KEY"))


def usage_page(counted: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    """An answer of OpenAI's usage API of 1 November."""
    usual = {
        "object": "organization.usage.completions.result",
        "output_tokens": 1,
        "model": "gpt-5.5",
        "api_key_id": "k",
    }
    return openai_page([usual | counted], more=more)


def test_quantities_are_asked_for_by_key_and_model_where_that_is_configured() -> None:
    answer, asked = pages(openai_page([openai_result("2")]), usage_page({"input_tokens": 9, "input_cached_tokens": 4}))

    found = source("openai", answer, usage=True).landed(Window(end=datetime(2026, 11, 3)))

    assert [r["billed_cost"] for b in found.lines for r in b.to_pylist()] == [2]
    [row] = [r for b in found.usage for r in b.to_pylist()]
    assert (row["input_tokens"], row["cached_tokens"], row["api_key_key"]) == (5, 4, "key of k")
    assert asked[1].url.path == "/v1/organization/usage/completions"
    assert asked[1].url.params.get_list("group_by") == ["project_id", "api_key_id", "model"]
    assert asked[1].url.params["limit"] == "31"
    [head] = found.invoice.to_pylist()
    assert (head["document_id"], head["kind"], head["provider"], head["currency"]) == (
        "openai:api", "report", "openai", "USD",
    )  # fmt: skip
    assert (found.invoice.schema, found.usage[0].schema) == (INVOICE.schema, PROVIDER_USAGE.schema)


def test_quantities_are_not_asked_for_unless_configured() -> None:
    answer, asked = pages(openai_page([openai_result(1)]))

    assert source("openai", answer).landed(Window()).usage == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    "failure", [500, 403, usage_page({"input_tokens": 9}, more=""), usage_page({}), {"object": "page"}]
)
def test_an_error_in_the_quantities_leaves_nothing_of_the_costs_either(failure: Any) -> None:
    answer, _ = pages(openai_page([openai_result(1)]), failure, failure)

    with pytest.raises(SourceError):
        source("openai", answer, usage=True).landed(Window())


def test_anthropics_days_without_use_are_no_error() -> None:
    answer, asked = pages(anthropic_page([anthropic_result()]), anthropic_page([]))

    found = source("anthropic", answer, usage=True).landed(Window())

    assert found.usage == []
    assert asked[1].url.path == "/v1/organizations/usage_report/messages"
    assert asked[1].url.params.get_list("group_by[]") == ["workspace_id", "api_key_id", "model"]
