"""Callbacks answer what our pages ask and nothing else: a body of another shape is refused before Dash reads it."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, request

CALLBACK = "/_dash-update-component"
MAX_VALUE = 4000


def refuse_odd_callbacks(server: Flask, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Answers 400 to a callback whose outputs, inputs or state are not those of a registered one (`known`)."""

    @server.before_request
    def look() -> None:
        if request.method == "POST" and request.path == CALLBACK and not is_ours(request.get_json(silent=True), known):
            abort(400)


def is_ours(body: object, known: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a page of ours could have sent this body."""
    if not isinstance(body, Mapping) or not isinstance(output := body.get("output"), str) or output not in known:
        return False
    callback = known[output]
    changed = body.get("changedPropIds", [])
    return (
        _names(body.get("inputs")) == _names(callback["inputs"])
        and _names(body.get("state", [])) == _names(callback["state"])
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
        and _is_output(body.get("outputs"), output)
        and all(_is_plain(part.get("value")) for part in [*body["inputs"], *body.get("state", [])])
    )


def _names(parts: object) -> list[tuple[str, str]] | None:
    """(id, property) of each part; None for what is no list of parts."""
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        return None
    found = [(part.get("id"), part.get("property")) for part in parts]
    return found if all(isinstance(text, str) for pair in found for text in pair) else None


def _is_output(said: object, output: str) -> bool:
    return isinstance(said, Mapping) and f"{said.get('id')}.{said.get('property')}" == output and len(said) == 2


def _is_plain(value: object) -> bool:
    """A short text that can be written as UTF-8 and shown, or nothing."""
    if value is None:
        return True
    if not isinstance(value, str) or len(value) > MAX_VALUE or not value.isprintable():
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
