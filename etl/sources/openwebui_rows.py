"""Rows of the projections turned into batches of the landing tables: pseudonyms, instants, base models, tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from etl.identity import Pseudonyms, is_email, masked
from etl.sources.base import Window
from etl.sources.openwebui_usage import Tokens, tokens_of_json
from etl.tables import ACCOUNT, BOOL, CHAT_TURN, GROUP_MEMBER, INSTANT, INT, RATING, TEXT, Table

ARENA = "arena-model"
Row = Sequence[Any]

# Epochs are told apart by size: seconds stay below 10^11 until the year 5138, milliseconds are above it since 1973.
_UNITS = (("s", 10**0), ("ms", 10**3), ("us", 10**6), ("ns", 10**9))
_SECONDS_BELOW = 10**11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW = 86_400
_LARGEST = 2**63 - 1


def microseconds(epoch: float | None) -> int | None:
    """Microseconds since 1970 for an epoch in s, ms, us or ns, told apart by size; None for None and for 0 or less."""
    if epoch is None or epoch <= 0:
        return None
    per_second = next((unit for _, unit in _UNITS if epoch < _SECONDS_BELOW * unit), 10**9)
    return int(epoch * 10**6) // per_second


def instants(epochs: Sequence[float | None]) -> pa.Array:
    """An instant column out of epochs of any unit."""
    return pa.array([microseconds(e) for e in epochs], INSTANT)


def window_values(window: Window) -> dict[str, int]:
    """The window as query parameters: [start_x, end_x) for each unit x, and since_s for updated_at.

    A message is written when it is made, so rows last written more than a day before the window's start (a day for
    clocks that are wrong) can't lie in it: old versions then need not take every chat apart.
    """
    values: dict[str, int] = {}
    start, end = _seconds(window.start, 0), _seconds(window.end, _SECONDS_BELOW)
    for name, unit in _UNITS:
        values[f"start_{name}"] = max(_whole(start, unit), _SECONDS_BELOW * unit // 1000 if unit > 1 else 0)
        values[f"end_{name}"] = min(_whole(end, unit), _SECONDS_BELOW * unit, _LARGEST)
    since = _whole(_seconds(window.since, 0), 1)
    return {**values, "since_s": max(since, values["start_s"] - _SKEW)}


def _seconds(instant: datetime | None, default: int) -> timedelta:
    if instant is None:
        return timedelta(seconds=default)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - _EPOCH


def _whole(span: timedelta, unit: int) -> int:
    """The span in 1/unit seconds, rounded up: the first stored number that is not before the instant."""
    return -(-(span // timedelta(microseconds=1) * unit) // 10**6)


@dataclass(frozen=True)
class Models:
    """What stands behind the model ids people pick."""

    bases: Mapping[str, str]  # workspace model -> its base
    arena: Mapping[str, str]  # message -> model that a rating named for an arena answer

    def real(self, picked: str | None, message: str | None, arena_model: str | None = None) -> str | None:
        """The base model behind a picked one; behind the arena the model that answered, where anything says so."""
        model = picked
        if picked == ARENA:
            model = arena_model or self.arena.get(message or "", ARENA)
        seen: set[str] = set()
        while model is not None and model in self.bases and model not in seen:
            seen.add(model)
            model = self.bases[model]
        return model


def turn_batch(rows: Sequence[Row], pseudonyms: Pseudonyms, models: Models) -> pa.RecordBatch:
    """CHAT_TURN rows; answers without a model id have model null, those without usage have unknown tokens."""
    users, messages, created, picked, arena, errors, usages = zip(*rows, strict=True)
    return _batch(
        CHAT_TURN,
        {
            "account_key": pseudonyms.keys(pa.array(users, TEXT)),
            "message_id": pa.array(messages, TEXT),
            "started_at": instants(created),
            "model": pa.array([models.real(p, m, a) for p, m, a in zip(picked, messages, arena, strict=True)], TEXT),
            "workspace_model": pa.array(picked, TEXT),
            "is_error": pa.array([bool(e) for e in errors], BOOL),
            **token_columns([tokens_of_json(u) for u in usages]),
        },
    )


def token_columns(counts: Sequence[Tokens]) -> dict[str, pa.Array]:
    """The five token columns of a landing table."""
    names = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    return {name: pa.array(values, INT) for name, values in zip(names, zip(*counts, strict=True), strict=True)}


def rating_batch(rows: Sequence[Row], pseudonyms: Pseudonyms, models: Models) -> pa.RecordBatch:
    """RATING rows, the model being the base model as in CHAT_TURN."""
    ids, users, messages, created, picked, ratings = zip(*rows, strict=True)
    return _batch(
        RATING,
        {
            "rating_id": pa.array(ids, TEXT),
            "account_key": pseudonyms.keys(pa.array(users, TEXT)),
            "message_id": pa.array(messages, TEXT),
            "rated_at": instants(created),
            "model": pa.array([models.real(p, m) for p, m in zip(picked, messages, strict=True)], TEXT),
            "rating": pa.array([int(r) for r in ratings], INT),
        },
    )


def account_batch(rows: Sequence[Row], pseudonyms: Pseudonyms) -> pa.RecordBatch:
    """ACCOUNT rows; the person is the e-mail address, else the SSO id, else the account itself."""
    ids, emails, _, roles, created = zip(*rows, strict=True)
    persons = [_person(*row[:3]) for row in rows]
    return _batch(
        ACCOUNT,
        {
            "account_key": pseudonyms.keys(pa.array(ids, TEXT)),
            "person_key": pseudonyms.keys(pa.array(persons, TEXT)),
            "email_domain": pa.array([pseudonyms.domain(e) for e in emails], TEXT),
            "role": pa.array(roles, TEXT),
            "is_pending": pa.array([r == "pending" for r in roles], BOOL),
            "is_service": pa.array([False] * len(rows), BOOL),
            "created_at": instants(created),
        },
    )


def _person(account: str, email: str | None, sso_id: str | None) -> str:
    return email if email is not None and is_email(email) else sso_id or account


def member_batch(rows: Sequence[Row], pseudonyms: Pseudonyms) -> pa.RecordBatch:
    """GROUP_MEMBER rows; an e-mail address in a group's name is masked."""
    users, names = zip(*rows, strict=True)
    return _batch(
        GROUP_MEMBER,
        {
            "account_key": pseudonyms.keys(pa.array(users, TEXT)),
            "group_name": pa.array([masked(n) for n in names], TEXT),
        },
    )


def _batch(table: Table, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([columns[field.name] for field in table.schema], schema=table.schema)
