"""Keyed pseudonyms: the only place where an e-mail address or an account id is turned into something we may keep.

The pseudonym is HMAC-SHA-256 of the normalised id under a secret from the environment, cut to 128 bits (RFC 2104
permits truncation to half). Without the secret it can't be reversed by trying all addresses of a university.
"""

import hashlib
import hmac
import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import ConfigError

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+")
MINIMUM_SECRET = 32


def is_email(value: str) -> bool:
    """Whether the whole value is one e-mail address."""
    return _EMAIL.fullmatch(value.strip()) is not None


def masked(text: str) -> str:
    """The text with every e-mail address in it replaced by '…@…'."""
    return _EMAIL.sub("…@…", text)


def normalised(value: str) -> str:
    """The id as it is hashed: NFKC, stripped, lower case (two spellings of one address are one person)."""
    return unicodedata.normalize("NFKC", value).strip().lower()


class Pseudonyms:
    """Turns ids into pseudonyms and remembers, per pseudonym, the university's own e-mail domain it stood under.

    `domains` are the configured e-mail domains; any other domain is forgotten, since a private domain can name a
    person. `drain()` hands over what was seen since the last call, so that a person known only from requests still
    finds their unit by domain.
    """

    def __init__(self, secret: str, domains: frozenset[str] = frozenset()) -> None:
        if len(secret) < MINIMUM_SECRET:
            raise ConfigError(
                f"the pseudonym secret has {len(secret)} characters; at least {MINIMUM_SECRET} are needed"
            )
        self._secret = secret.encode()
        self._domains = domains
        self._known: dict[str, str] = {}
        self._seen: dict[str, str] = {}

    def key(self, value: str | None) -> str | None:
        """32 hexadecimal digits for an e-mail address or account id; None for None and ''."""
        if value is None or not (plain := normalised(value)):
            return None
        if plain not in self._known:
            self._known[plain] = hmac.new(self._secret, plain.encode(), hashlib.sha256).hexdigest()[:32]
            if (domain := self.domain(plain)) is not None:
                self._seen[self._known[plain]] = domain
        return self._known[plain]

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
