"""One JSON row of LiteLLM's API -> one raw row, by the same rules as litellm_requests.sql; content is never touched."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from etl.errors import InputError
from etl.sources.litellm_shape import HEALTH_CHECK

Row = dict[str, Any]
_PICO = Decimal("1e-12")


def request_row(source: str, given: Mapping[str, Any]) -> Row:
    """A row of RAW_REQUEST. Raises InputError naming the request's field where a number or time can't be read."""
    metadata, tags = _object(given.get("metadata")), _texts(given.get("request_tags"))
    usage, cost, error = (_object(metadata.get(k)) for k in ("usage_object", "cost_breakdown", "error_information"))
    prompt, completion = (_object(usage.get(f"{k}_tokens_details")) for k in ("prompt", "completion"))
    is_hit = str(given.get("cache_hit")).lower() == "true"
    read = _Reader(source, "GET /spend/logs/v2")
    return {
        "request_id": read.identifier("request_id", given),
        "started_at": read.instant("startTime", given, needed=True),
        "ended_at": read.instant("endTime", given),
        "first_token_at": read.instant("completionStartTime", given),
        "updated_at": None,
        "call_type": _text(given.get("call_type")),
        "api_key": _text(given.get("api_key")),
        "user_id": _text(given.get("user")),
        "end_user": _text(given.get("end_user")),
        "team_id": _text(given.get("team_id")),
        "model_group": _text(given.get("model_group")),
        "provider_model": _text(given.get("model")),
        "requested_model": _text(metadata.get("original_model_group")),
        "provider": _text(given.get("custom_llm_provider")),
        "status": given.get("status") or metadata.get("status") or "success",
        "error_class": _text(error.get("error_class")),
        "error_code": _text(error.get("error_code")),
        "is_cache_hit": is_hit,
        "is_tagged_chat": any(t == "owui" or t.startswith("x-openwebui-") for t in tags),
        "is_tagged_health_check": HEALTH_CHECK in tags,
        "task": next((t.removeprefix("task=") for t in tags if t.startswith("task=")), None),
        "key_alias": _text(metadata.get("user_api_key_alias")),
        "team_alias": _text(metadata.get("user_api_key_team_alias")),
        "metered_usd": read.dollars("spend", given),
        "uncached_usd": read.dollars("total_cost", cost) if is_hit else None,
        "prompt_tokens": read.count(given, "prompt_tokens"),
        "output_tokens": read.count(given, "completion_tokens"),
        "cached_tokens": _most(read.count(prompt, "cached_tokens"), read.count(usage, "cache_read_input_tokens")),
        "cache_write_tokens": _most(
            read.count(prompt, "cache_creation_tokens"),
            read.count(prompt, "cache_write_tokens"),
            read.count(usage, "cache_creation_input_tokens"),
        ),
        "reasoning_tokens": read.count(completion, "reasoning_tokens"),
    }


def account_row(source: str, given: Mapping[str, Any], path: str = "/user/list") -> Row:
    """A row of RAW_ACCOUNT."""
    texts = {name: _text(given.get(name)) for name in ("user_id", "sso_user_id", "user_email", "user_role")}
    return {**texts, "created_at": _Reader(source, f"GET {path}").instant("created_at", given)}


def key_row(source: str, given: Mapping[str, Any], *, is_deleted: bool) -> Row:
    """A row of RAW_KEY."""
    texts = {name: _text(given.get(name)) for name in ("token", "key_alias", "user_id", "team_id")}
    created = _Reader(source, "GET /key/list").instant("created_at", given)
    return {**texts, "is_deleted": is_deleted, "created_at": created}


def team_row(given: Mapping[str, Any], unit_keys: Iterable[str], *, is_deleted: bool) -> Row:
    """A row of RAW_TEAM; the unit is the first of `unit_keys` that the team's metadata fills."""
    metadata = _object(given.get("metadata"))
    units = (_text(metadata.get(k)) for k in unit_keys)
    return {
        "team_id": _text(given.get("team_id")),
        "team_alias": _text(given.get("team_alias")),
        "unit": next((u for u in units if u and u.strip()), None),
        "is_deleted": is_deleted,
    }


class _Reader:
    """Reads typed values of one endpoint's rows; a value that can't be read is an InputError naming its field."""

    def __init__(self, source: str, where: str) -> None:
        self._source, self._where = source, where

    def identifier(self, name: str, given: Mapping[str, Any]) -> str:
        if not isinstance(value := given.get(name), str) or not value:
            raise InputError(self._source, f"{self._where}, {name}", value, "a text that is not empty")
        return value

    def instant(self, name: str, given: Mapping[str, Any], *, needed: bool = False) -> datetime | None:
        """UTC without a zone; a time without a zone is UTC, as in the database."""
        value = given.get(name)
        if value is None and not needed:
            return None
        try:
            found = datetime.fromisoformat(str(value))
        except (TypeError, ValueError):
            raise InputError(self._source, f"{self._where}, {name}", value, "an ISO 8601 time") from None
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found

    def dollars(self, name: str, given: Mapping[str, Any]) -> str | None:
        """Decimal digits, 12 after the point, half away from zero as PostgreSQL's numeric rounds."""
        value = given.get(name)
        if value is None:
            return None
        try:
            return format(Decimal(value).quantize(_PICO, ROUND_HALF_UP), "f")
        except (InvalidOperation, TypeError, ValueError):
            raise InputError(self._source, f"{self._where}, {name}", value, "a number of dollars") from None

    def count(self, given: Mapping[str, Any], name: str) -> int | None:
        value = given.get(name)
        if value is None:
            return None
        try:
            return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))
        except (InvalidOperation, TypeError, ValueError):
            raise InputError(self._source, f"{self._where}, {name}", value, "a number of tokens") from None


def _object(value: Any) -> Mapping[str, Any]:
    """The JSON object, also where a version sends it as text; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=Decimal)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value, default=str)


def _most(*counts: int | None) -> int | None:
    return max((c for c in counts if c is not None), default=None)
