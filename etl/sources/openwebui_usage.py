"""Token counts out of the usage objects that Open WebUI stores, whichever server wrote them.

Open WebUI keeps what the server answered and, from 0.9.0, adds input_tokens, output_tokens and total_tokens to it.
What `input` means differs (shapes seen in real databases and in the servers' API references):

OpenAI, vLLM, LiteLLM   prompt_tokens includes cached and cache-written ones (prompt_tokens_details.cached_tokens)
OpenAI Responses        input_tokens includes cached ones (input_tokens_details.cached_tokens)
Anthropic itself        input_tokens excludes cache_read_input_tokens and cache_creation_input_tokens
llama.cpp               prompt_n excludes cache_n; beside prompt_tokens, which includes it
Ollama                  prompt_eval_count, eval_count; no cache
"""

from collections.abc import Mapping
from typing import NamedTuple

import orjson

FIELDS: tuple[str, ...] = (
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details.cached_tokens",
    "prompt_tokens_details.cache_creation_tokens",
    "completion_tokens_details.reasoning_tokens",
    "input_tokens",
    "output_tokens",
    "input_tokens_details.cached_tokens",
    "output_tokens_details.reasoning_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "prompt_eval_count",
    "eval_count",
    "prompt_n",
    "predicted_n",
    "cache_n",
)
"""What is read of a usage object, in the order of the projections' `usage` array."""


class Tokens(NamedTuple):
    """Token counts of one answer; None = unknown. `input` is uncached, `reasoning` is part of `output`."""

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None


UNKNOWN = Tokens()


def projected(usage: object) -> list[object]:
    """The values of FIELDS in a usage object as read from a log; None for what isn't there."""
    return [_at(usage, path.split(".")) for path in FIELDS]


def _at(value: object, path: list[str]) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def tokens_of_json(array: str | None) -> Tokens:
    """Tokens of a projection's JSON array (values of FIELDS in order); all unknown for None."""
    return UNKNOWN if array is None else tokens(orjson.loads(array))


def tokens(values: list[object]) -> Tokens:
    """Normalised token counts from the values of FIELDS; all unknown where neither input nor output is said.

    A server that says nothing of caching did not bill it, so cached and cache_write are 0 then; reasoning stays
    unknown, since servers that do reason (vLLM, Ollama) leave it out.
    """
    known = {field: count for field, value in zip(FIELDS, values, strict=True) if (count := _count(value)) is not None}
    output = _first(known, "completion_tokens", "output_tokens", "predicted_n", "eval_count")
    cached = _first(
        known,
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
        "cache_read_input_tokens",
        "cache_n",
    )
    written = _first(known, "cache_creation_input_tokens", "prompt_tokens_details.cache_creation_tokens")
    total_input, is_inclusive = _input(known)
    if total_input is None and output is None:
        return UNKNOWN
    return Tokens(
        input=_uncached(total_input, (cached or 0) + (written or 0)) if is_inclusive else total_input,
        cached=cached or 0,
        cache_write=written or 0,
        output=output,
        reasoning=_first(known, "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens"),
    )


def _input(known: Mapping[str, int]) -> tuple[int | None, bool]:
    """The input count, and whether it includes cached and cache-written tokens (module docstring)."""
    if "prompt_tokens" in known:
        return known["prompt_tokens"], True
    if "prompt_n" in known:
        return known["prompt_n"], False
    if "input_tokens" in known:
        is_anthropic = "cache_read_input_tokens" in known or "cache_creation_input_tokens" in known
        return known["input_tokens"], not is_anthropic or "input_tokens_details.cached_tokens" in known
    return known.get("prompt_eval_count"), False


def _uncached(total: int | None, cached: int) -> int | None:
    return None if total is None else max(total - cached, 0)


def _first(known: Mapping[str, int], *fields: str) -> int | None:
    return next((known[f] for f in fields if f in known), None)


def _count(value: object) -> int | None:
    """A whole number >= 0, also when written as 12.0 or '12'; None (unknown, never an error) otherwise."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    if isinstance(value, int | float) and 0 <= value <= 10**15 and value == int(value):
        return int(value)
    return None
