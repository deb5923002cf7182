"""Usage objects of each server, one case a shape."""

import orjson
import pytest

from etl.sources.openwebui_usage import FIELDS, UNKNOWN, Tokens, projected, tokens, tokens_of_json

SHAPES = {
    "OpenAI: prompt_tokens includes the cached ones": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 40,
            "prompt_tokens_details": {"cached_tokens": 30},
            "completion_tokens_details": {"reasoning_tokens": 12},
        },
        Tokens(input=70, cached=30, cache_write=0, output=40, reasoning=12),
    ),
    "OpenAI, normalised by Open WebUI 0.9: input_tokens repeats prompt_tokens": (
        {"prompt_tokens": 39, "completion_tokens": 91, "total_tokens": 130, "input_tokens": 39, "output_tokens": 91},
        Tokens(input=39, cached=0, cache_write=0, output=91, reasoning=None),
    ),
    "OpenAI Responses: input_tokens includes the cached ones": (
        {
            "input_tokens": 50,
            "output_tokens": 9,
            "input_tokens_details": {"cached_tokens": 20},
            "output_tokens_details": {"reasoning_tokens": 4},
        },
        Tokens(input=30, cached=20, cache_write=0, output=9, reasoning=4),
    ),
    "Anthropic itself: input_tokens excludes the cached ones": (
        {"input_tokens": 12, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 7, "output_tokens": 3},
        Tokens(input=12, cached=100, cache_write=7, output=3, reasoning=None),
    ),
    "Anthropic through a gateway: prompt_tokens includes cached and written ones": (
        {
            "completion_tokens": 106,
            "prompt_tokens": 62,
            "completion_tokens_details": None,
            "prompt_tokens_details": {"audio_tokens": None, "cached_tokens": 20},
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 20,
            "input_tokens": 62,
            "output_tokens": 106,
        },
        Tokens(input=37, cached=20, cache_write=5, output=106, reasoning=None),
    ),
    "vLLM": (
        {"prompt_tokens": 40, "total_tokens": 460, "completion_tokens": 420, "prompt_tokens_details": None},
        Tokens(input=40, cached=0, cache_write=0, output=420, reasoning=None),
    ),
    "Ollama's own counts": (
        {"prompt_eval_count": 61, "eval_count": 370, "total_duration": 5043500667, "approximate_total": "0h0m5s"},
        Tokens(input=61, cached=0, cache_write=0, output=370, reasoning=None),
    ),
    "llama.cpp timings: prompt_n excludes the reused ones": (
        {"prompt_n": 24, "predicted_n": 669, "cache_n": 6, "predicted_per_second": 45.1},
        Tokens(input=24, cached=6, cache_write=0, output=669, reasoning=None),
    ),
    "llama.cpp usage and timings together: prompt_tokens includes the reused ones": (
        {"prompt_tokens": 30, "completion_tokens": 669, "prompt_n": 24, "predicted_n": 669, "cache_n": 6},
        Tokens(input=24, cached=6, cache_write=0, output=669, reasoning=None),
    ),
    "only the answer counted": ({"completion_tokens": 5}, Tokens(None, 0, 0, 5, None)),
    "numbers written as text or with a point": (
        {"prompt_tokens": "10", "completion_tokens": 5.0},
        Tokens(input=10, cached=0, cache_write=0, output=5, reasoning=None),
    ),
    "nothing known of it": ({"seconds": 3}, UNKNOWN),
    "values that are no counts": ({"prompt_tokens": "ten", "completion_tokens": -1, "eval_count": True}, UNKNOWN),
    "not an object": ([1, 2], UNKNOWN),
    "nothing": (None, UNKNOWN),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_tokens_are_normalised_from(shape: str) -> None:
    usage, expected = SHAPES[shape]

    assert tokens(projected(usage)) == expected


def test_the_projections_array_is_read_in_the_order_of_the_fields() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}

    assert tokens_of_json(orjson.dumps(projected(usage)).decode()) == Tokens(5, 4, 0, 2, None)
    assert len(projected(usage)) == len(FIELDS)


def test_no_usage_is_unknown_and_not_zero() -> None:
    assert tokens_of_json(None) == UNKNOWN
    assert UNKNOWN.input is None
