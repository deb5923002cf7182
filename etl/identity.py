"""Keyed pseudonyms: the only place where an e-mail address or an account id is turned into something we may keep.

How an id is normalised and hashed stands in `queries.keyed`, since a sign-in must find its person the same way.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import ConfigError
from queries.keyed import (
    MINIMUM_SECRET,
    fingerprint,
    forgotten_mark,
    forgotten_marks,
    normalised,
    pseudonym,
    sign_in_mark,
)

__all__ = ["MINIMUM_SECRET", "Pseudonyms", "is_email", "masked", "normalised"]
_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+")


def is_email(value: str) -> bool:
    """Whether the whole value is one e-mail address."""
    return _EMAIL.fullmatch(value.strip()) is not None


def masked(text: str) -> str:
    """The text with every e-mail address in it replaced by '…@…'."""
    return _EMAIL.sub("…@…", text)


class Pseudonyms:
    """Turns ids into pseudonyms and remembers, per pseudonym, the university's own e-mail domain it stood under.

    `domains` are the configured e-mail domains; any other domain is forgotten, since a private domain can name a
    person. `drain()` hands over what was seen since the last call, so that a person known only from requests still
    finds their unit by domain.
    """

    def __init__(self, secret: str, domains: frozenset[str] = frozenset()) -> None:
        shortest = min((len(word) for word in secret.split()), default=0)
        if shortest < MINIMUM_SECRET:
            raise ConfigError(
                f"the pseudonym secret has {shortest} characters; at least {MINIMUM_SECRET} are needed, without a "
                "space (a secret that was changed with `etl rekey` is several such words)"
            )
        self._secret = secret.encode()
        self._is_chain = len(secret.split()) > 1
        self._marks: dict[str, tuple[str, ...]] = {}  # pseudonym: its marks, once the secret has several words
        self._domains = domains
        self._known: dict[str, str] = {}
        self._seen: dict[str, str] = {}

    def key(self, value: str | None) -> str | None:
        """32 hexadecimal digits for an e-mail address or account id; None for None and ''."""
        if value is None or not (plain := normalised(value)):
            return None
        if plain not in self._known:
            self._known[plain] = pseudonym(self._secret, plain)
            if self._is_chain:
                self._marks[self._known[plain]] = forgotten_marks(self._secret, plain)
            if (domain := self.domain(plain)) is not None:
                self._seen[self._known[plain]] = domain
        return self._known[plain]

    def sign_in_mark(self, person_key: str) -> str:
        """The mark by which a sign-in of that person finds them in a snapshot (queries.keyed)."""
        return sign_in_mark(self._secret, person_key)

    def forgotten_mark(self, key: str) -> str:
        """The mark to keep of the pseudonym of somebody who asks to be forgotten now (queries.keyed)."""
        return forgotten_mark(self._secret, key)

    def forgotten_marks(self, key: str) -> tuple[str, ...]:
        """The marks by which a load recognises somebody forgotten, under the present secret or before it grew."""
        return self._marks.get(key) or (self.forgotten_mark(key),)

    def fingerprint(self) -> str:
        """What tells this secret from another (queries.keyed)."""
        return fingerprint(self._secret)

    def domain(self, value: str | None) -> str | None:
        """The configured domain an address belongs to (the longest that matches, sub-domains included), else None."""
        if value is None or not is_email(value):
            return None
        host = normalised(value).rpartition("@")[2]
        matches = [d for d in self._domains if host == d or host.endswith("." + d)]
        return max(matches, key=len, default=None)

    def keys(self, column: pa.Array) -> pa.Array:
        """Pseudonyms for a text column, hashing each distinct value once."""
        encoded = pc.dictionary_encode(pc.cast(column, pa.string()))
        mapped = pa.array([self.key(v) for v in encoded.dictionary.to_pylist()], pa.string())
        return pc.take(mapped, encoded.indices)

    def drain(self) -> dict[str, str]:
        """{pseudonym: configured e-mail domain} seen since the last call."""
        seen, self._seen = self._seen, {}
        return seen
