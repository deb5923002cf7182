"""LiteLLM's own rows, from the database or over REST, turned into landing rows; all by column, nothing by row.

Rules (LiteLLM 1.106.2 run for real): '' means nothing; prompt_tokens include the cached ones for every provider; a
cache hit costs nothing and keeps its would-be cost; error_information also stands on some successes; LiteLLM's own
probes carry 'litellm-internal-health-check' as key, team, alias or tag.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.identity import Pseudonyms, is_email, masked
from etl.sections import Gateway
from etl.tables import ACCOUNT, API_KEY, BOOL, INSTANT, INT, REQUEST, TEAM, TEXT, Table

GATEWAY_USER = "default_user_id"  # whom LiteLLM names when the master key is used
HEALTH_CHECK = "litellm-internal-health-check"
SESSION_TEAM = "litellm-dashboard"  # keys of log-ins to LiteLLM's own UI; its key listing leaves them out, so do we
# who is paid, under the name that invoices and models.csv use; any other word of LiteLLM's stands for itself
_PROVIDERS = {
    "gemini": "google",
    "vertex_ai": "google",
    "vertex_ai_beta": "google",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "sagemaker": "aws",
    "azure_ai": "azure",
    "azure_text": "azure",
    "text-completion-openai": "openai",
    "anthropic_text": "anthropic",
    "codestral": "mistral",
    "hosted_vllm": "self_hosted",
    "vllm": "self_hosted",
    "ollama": "self_hosted",
    "ollama_chat": "self_hosted",
    "llamafile": "self_hosted",
    "lm_studio": "self_hosted",
}
_ADDRESS = r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[A-Za-z]{2,}"  # a model like claude@20240620 is not an address

RAW_REQUEST = pa.schema(
    [
        ("request_id", TEXT),
        ("started_at", INSTANT),
        ("ended_at", INSTANT),
        ("first_token_at", INSTANT),
        ("updated_at", INSTANT),
        ("call_type", TEXT),
        ("api_key", TEXT),
        ("user_id", TEXT),
        ("end_user", TEXT),
        ("team_id", TEXT),
        ("model_group", TEXT),
        ("provider_model", TEXT),
        ("requested_model", TEXT),
        ("provider", TEXT),
        ("status", TEXT),
        ("error_class", TEXT),
        ("error_code", TEXT),
        ("is_cache_hit", BOOL),
        ("is_tagged_chat", BOOL),
        ("is_tagged_health_check", BOOL),
        ("task", TEXT),
        ("key_alias", TEXT),
        ("team_alias", TEXT),
        ("metered_usd", TEXT),  # decimal digits, at most 12 after the point
        ("uncached_usd", TEXT),
        ("prompt_tokens", INT),
        ("output_tokens", INT),
        ("cached_tokens", INT),
        ("cache_write_tokens", INT),
        ("reasoning_tokens", INT),
    ]
)
RAW_ACCOUNT = pa.schema(
    [("user_id", TEXT), ("sso_user_id", TEXT), ("user_email", TEXT), ("user_role", TEXT), ("created_at", INSTANT)]
)
RAW_KEY = pa.schema(
    [
        ("token", TEXT),
        ("key_alias", TEXT),
        ("user_id", TEXT),
        ("team_id", TEXT),
        ("is_deleted", BOOL),
        ("created_at", INSTANT),
    ]
)
RAW_TEAM = pa.schema([("team_id", TEXT), ("team_alias", TEXT), ("unit", TEXT), ("is_deleted", BOOL)])


@dataclass
class Oddities:
    """Counts of rows that had to be bent to fit, for `notes()`: never silent."""

    clipped: int = 0
    costless: int = 0
    unknown_status: set[str] = field(default_factory=set)

    def notes(self) -> list[str]:
        """One plain sentence for each kind of oddity met so far."""
        found = []
        if self.clipped:
            found.append(
                f"{self.clipped} requests have more cached than prompt tokens; their uncached input is taken as 0"
            )
        if self.costless:
            found.append(
                f"{self.costless} requests have a cost that is no amount below 1,000,000 USD; it is taken as unknown"
            )
        if self.unknown_status:
            words = ", ".join(sorted(self.unknown_status))
            found.append(f"unknown request status, counted as failure: {words}; known: success, failure")
        return found


class Shape:
    """Turns raw batches into landing batches for one gateway's settings."""

    def __init__(self, settings: Gateway, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._chat_aliases = pa.array(settings.chat_key_aliases, TEXT)
        self._chat_teams = pa.array(settings.chat_teams, TEXT)
        self.oddities = Oddities()

    def requests(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """REQUEST rows, one per raw row (RAW_REQUEST), in the same order."""
        given = {name: raw.column(name) for name in RAW_REQUEST.names}
        team = _filled(given["team_id"])
        model = _plain(pc.coalesce(_filled(given["model_group"]), _filled(given["provider_model"])))
        ready: dict[str, Any] = {
            **{name: given[name] for name in REQUEST.schema.names if name in given},
            **self._persons(given),
            **self._outcome(given),
            **self._tokens(given),
            **{name: _plain(_filled(given[name])) for name in ("call_type", "provider_model", "task")},
            "provider": _provider(_plain(_filled(given["provider"]))),
            "team_id": _plain(team),
            "metered_usd": self._dollars(given["metered_usd"]),
            "model": model,
            "requested_model": pc.coalesce(_plain(_filled(given["requested_model"])), model),
            "is_chat_ui": self._is_chat(given, team),
            "is_health_check": _is_health_check(given, team),
        }
        return _batch(REQUEST, ready)

    def accounts(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """ACCOUNT rows; of several with one account_key the first wins, so users must come before end users."""
        ids = _filled(raw["user_id"])
        email = _filled(raw["user_email"])
        sso = _filled(raw["sso_user_id"])
        is_address = pa.array([v is not None and is_email(v) for v in email.to_pylist()], BOOL)
        named = pc.coalesce(pc.if_else(is_address, email, None), sso, ids)
        ready = {
            "account_key": self._pseudonyms.keys(ids),
            "person_key": self._pseudonyms.keys(named),
            "email_domain": pa.array([self._pseudonyms.domain(v) for v in named.to_pylist()], TEXT),
            "role": _filled(raw["user_role"]),
            "is_pending": _constant(False, len(raw)),
            "is_service": pc.fill_null(pc.equal(ids, GATEWAY_USER), False),
            "created_at": raw["created_at"],
        }
        return _first_of_each(ACCOUNT, ready)

    def keys(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """API_KEY rows; of several with one token the first wins, so live keys must come before deleted ones."""
        raw = raw.filter(pc.fill_null(pc.not_equal(raw["team_id"], SESSION_TEAM), True))
        alias, team = _filled(raw["key_alias"]), _filled(raw["team_id"])
        ready = {
            "api_key_key": self._pseudonyms.keys(raw["token"]),
            "alias_key": self._pseudonyms.keys(pc.binary_join_element_wise("alias:", alias, "")),
            "owner_key": self._pseudonyms.keys(_not_gateway(_filled(raw["user_id"]))),
            "team_id": _plain(team),
            "is_chat_ui": pc.or_(pc.is_in(alias, self._chat_aliases), pc.is_in(team, self._chat_teams)),
            "is_deleted": raw["is_deleted"],
            "created_at": raw["created_at"],
        }
        return _first_of_each(API_KEY, ready)

    def teams(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """TEAM rows; of several with one id the first wins, so live teams must come before deleted ones."""
        alias = _filled(raw["team_alias"])
        ready = {
            "team_id": _plain(raw["team_id"]),
            "name": pa.array([v and masked(v) for v in alias.to_pylist()], TEXT),
            "unit": pc.utf8_upper(_filled(pc.utf8_trim_whitespace(raw["unit"]))),
            "is_chat_ui": pc.or_(pc.is_in(alias, self._chat_teams), pc.is_in(raw["team_id"], self._chat_teams)),
            "is_deleted": raw["is_deleted"],
        }
        return _first_of_each(TEAM, ready)

    def _dollars(self, column: pa.Array) -> pa.Array:
        """The digits that are an amount; one odd row must not keep all others from being loaded."""
        is_amount = pc.match_substring_regex(column, r"^-?\d{1,6}(\.\d+)?$")
        self.oddities.costless += pc.sum(pc.invert(is_amount)).as_py() or 0
        return pc.if_else(is_amount, column, None)

    def _persons(self, given: dict[str, pa.Array]) -> dict[str, pa.Array]:
        return {
            "api_key_key": self._pseudonyms.keys(given["api_key"]),
            "user_key": self._pseudonyms.keys(_not_gateway(given["user_id"])),
            "end_user_key": self._pseudonyms.keys(given["end_user"]),
        }

    def _outcome(self, given: dict[str, pa.Array]) -> dict[str, pa.Array]:
        status = given["status"]
        for word in set(pc.unique(status).to_pylist()) - {"success", "failure"}:
            self.oddities.unknown_status.add(str(word))
        failed = pc.not_equal(status, "success")
        return {
            "status": pc.if_else(failed, "failure", "success"),
            "error_class": pc.if_else(failed, _plain(_filled(given["error_class"])), None),
            "error_code": pc.if_else(failed, _plain(_filled(given["error_code"])), None),
            "is_cache_hit": pc.fill_null(given["is_cache_hit"], False),
        }

    def _tokens(self, given: dict[str, pa.Array]) -> dict[str, pa.Array]:
        count = {n: pc.fill_null(given[n], 0) for n in ("prompt_tokens", "cached_tokens", "cache_write_tokens")}
        uncached = pc.subtract(pc.subtract(count["prompt_tokens"], count["cached_tokens"]), count["cache_write_tokens"])
        self.oddities.clipped += pc.sum(pc.less(uncached, 0)).as_py() or 0
        return {
            "input_tokens": pc.max_element_wise(uncached, 0),
            "cached_tokens": count["cached_tokens"],
            "cache_write_tokens": count["cache_write_tokens"],
            "output_tokens": pc.fill_null(given["output_tokens"], 0),
            "reasoning_tokens": pc.fill_null(given["reasoning_tokens"], 0),
        }

    def _is_chat(self, given: dict[str, pa.Array], team: pa.Array) -> pa.Array:
        by_key = pc.is_in(given["key_alias"], self._chat_aliases)
        by_team = pc.or_(pc.is_in(team, self._chat_teams), pc.is_in(given["team_alias"], self._chat_teams))
        return pc.or_(pc.or_(by_key, by_team), pc.fill_null(given["is_tagged_chat"], False))


def _is_health_check(given: dict[str, pa.Array], team: pa.Array) -> pa.Array:
    marks = [pc.fill_null(given["is_tagged_health_check"], False)]
    marks += [pc.fill_null(pc.equal(c, HEALTH_CHECK), False) for c in (given["api_key"], team, given["key_alias"])]
    marks.append(pc.is_in(given["call_type"], pa.array(["health_check", "ahealth_check"], TEXT)))
    found = marks[0]
    for mark in marks[1:]:
        found = pc.or_(found, mark)
    return found


def _filled(column: pa.Array) -> pa.Array:
    """The text column with '' as null."""
    return pc.if_else(pc.equal(column, ""), None, column)


def _not_gateway(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, GATEWAY_USER), None, column)


def _plain(column: pa.Array) -> pa.Array:
    """The text column with e-mail addresses masked, each distinct value once: people type them anywhere."""
    encoded = pc.dictionary_encode(column)
    clean = pc.replace_substring_regex(encoded.dictionary, pattern=_ADDRESS, replacement="…@…")
    return pc.take(clean, encoded.indices)


def _provider(column: pa.Array) -> pa.Array:
    """The text column of LiteLLM's providers in the words of invoices, each distinct value once."""
    encoded = pc.dictionary_encode(column)
    names = pa.array([_PROVIDERS.get(name, name) for name in encoded.dictionary.to_pylist()], TEXT)
    return pc.take(names, encoded.indices)


def _constant(value: object, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), length)


def _batch(table: Table, ready: dict[str, Any]) -> pa.RecordBatch:
    columns = [c if c.type == f.type else pc.cast(c, f.type) for f in table.schema for c in [ready[f.name]]]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _first_of_each(table: Table, ready: dict[str, Any]) -> pa.RecordBatch:
    """The rows in `table`'s schema, without rows whose key is null or was there before."""
    keys = pc.cast(ready[table.key[0]], TEXT)
    numbered = pa.table({"key": keys, "row": pa.array(range(len(keys)), INT)}).filter(pc.is_valid(keys))
    first = numbered.group_by("key").aggregate([("row", "min")])["row_min"]
    return _batch(table, {name: pc.take(column, first.combine_chunks().sort()) for name, column in ready.items()})
