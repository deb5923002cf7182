"""Usage reports of OpenAI and Anthropic: quantities by the provider's day, without money.

Source of the rules: OpenAI API reference, Usage (`input_tokens` includes cached and cache-write tokens; text, audio and
image tokens are parts of the same); Anthropic Admin API reference, Usage Report (uncached, cache read and cache
creation exclude each other; `cache_creation` is an object of two counts). Both cut days at midnight UTC. Who asked
(`user_id`) is not read.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from etl.sources.fields import Row
from etl.sources.invoices.document import Usage
from etl.sources.invoices.openai import instant
from etl.sources.invoices.pages import Bucket
from etl.sources.sheets import Sheet

Key = Callable[[str | None], str | None]
_EXPORT = frozenset({"start_time", "end_time", "num_model_requests", "input_tokens", "model"})
_LARGEST = 2**62


def is_openai(pages: list[Any]) -> bool:
    """Whether these are answers of OpenAI's usage API that count tokens (completions, embeddings, moderations)."""
    results = [r for p in pages for r in results_in(p) if isinstance(r, dict)]
    named = all(str(r.get("object", "")).startswith("organization.usage.") for r in results)
    return bool(results) and named and all("input_tokens" in r for r in results)


def is_anthropic(pages: list[Any]) -> bool:
    """Whether these are answers of Anthropic's usage report of messages."""
    results = [r for p in pages for r in results_in(p) if isinstance(r, dict)]
    return bool(results) and all("uncached_input_tokens" in r and "output_tokens" in r for r in results)


def is_export(header: frozenset[str]) -> bool:
    """Whether the columns are those of the completions usage export of OpenAI's dashboard."""
    return header >= _EXPORT


def results_in(page: Any) -> Iterator[Any]:
    """The results of every bucket of a page, as they are; nothing where it has another shape."""
    data = page.get("data") if isinstance(page, dict) else None
    for bucket in data if isinstance(data, list) else ():
        results = bucket.get("results") if isinstance(bucket, dict) else None
        yield from results if isinstance(results, list) else ()


def openai_usage(found: Iterator[Bucket], key: Key) -> Iterator[Usage]:
    """One row per bucket and result: a UTC day, or an hour or minute of it."""
    for bucket in found:
        day = _day(bucket.day, instant(bucket.day, "start_time"), instant(bucket.day, "end_time"), "start_time")
        for result in bucket.results:
            yield _openai(result, day, key)


def openai_exported(sheet: Sheet, key: Key) -> Iterator[Usage]:
    """One row per row that counts requests; a day without use is a row without counts."""
    for row in sheet.records():
        if row.text("num_model_requests") is None and row.text("input_tokens") is None:
            continue
        start = instant(row, "start_time")
        if (stated := row.instant("start_time_iso")) is not None and stated != start:
            raise row.refusal("start_time_iso", f"the same instant as start_time, {start} UTC")
        yield _openai(row, _day(row, start, instant(row, "end_time"), "start_time"), key)


def _openai(row: Row, day: date, key: Key) -> Usage:
    whole, cached = needed(row, "input_tokens"), count(row, "input_cached_tokens") or 0
    written = count(row, "input_cache_write_tokens") or 0
    uncached = whole - cached - written
    stated = count(row, "input_uncached_tokens")
    if uncached < 0 or stated not in (None, uncached):
        allowed = f"{whole} less the cached {cached} and the written {written}: input_tokens includes them"
        raise row.refusal("input_uncached_tokens", allowed, stated)
    return Usage(
        key=f"{day}",
        provider="openai",
        day=day,
        model=row.text("model"),
        sub_account_id=row.text("project_id"),
        api_key_key=key(row.text("api_key_id")),
        requests=count(row, "num_model_requests"),
        input_tokens=uncached,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=count(row, "output_tokens") or 0,
    )


def anthropic_usage(found: Iterator[Bucket], key: Key) -> Iterator[Usage]:
    """One row per bucket and result; uncached, read and written tokens exclude each other and are taken as they are."""
    for bucket in found:
        day = _day(bucket.day, bucket.day.instant("starting_at"), bucket.day.instant("ending_at"), "starting_at")
        for row in bucket.results:
            yield Usage(
                key=f"{day}",
                provider="anthropic",
                day=day,
                model=row.text("model"),
                sub_account_id=row.text("workspace_id"),
                api_key_key=key(row.text("api_key_id")),
                input_tokens=needed(row, "uncached_input_tokens"),
                cached_tokens=count(row, "cache_read_input_tokens") or 0,
                cache_write_tokens=_written(row),
                output_tokens=needed(row, "output_tokens"),
                web_searches=count(row, "server_tool_use.web_search_requests"),
            )


def _written(row: Row) -> int:
    """The tokens written to the cache, for five minutes and for an hour; a missing object is an error, never 0."""
    short = count(row, "cache_creation.ephemeral_5m_input_tokens")
    long = count(row, "cache_creation.ephemeral_1h_input_tokens")
    if short is None and long is None:
        allowed = "an object with ephemeral_5m_input_tokens and ephemeral_1h_input_tokens"
        raise row.refusal("cache_creation", allowed)
    return (short or 0) + (long or 0)


def _day(row: Row, start: datetime | None, end: datetime | None, column: str) -> date:
    """The UTC day that the bucket lies in; refused where it is longer than a day or lies in two."""
    if start is None:
        raise row.refusal(column, "the start of the bucket")
    following = datetime.combine(start.date() + timedelta(days=1), datetime.min.time())
    if end is not None and not start < end <= following:
        raise row.refusal(column, f"a bucket within one UTC day; this one ends {end}")
    return start.date()


def count(row: Row, column: str) -> int | None:
    """A whole number, not negative; None for an empty cell. 59200.0 is one too."""
    amount = row.amount(column)
    if amount is None:
        return None
    if amount != int(amount) or not 0 <= amount < _LARGEST:
        raise row.refusal(column, "a whole number, not negative")
    return int(amount)


def needed(row: Row, column: str) -> int:
    """The count, which must be there."""
    if (found := count(row, column)) is None:
        raise row.refusal(column, "a count; it may not be empty")
    return found
