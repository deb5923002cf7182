"""Keyed hashes that both sides of the warehouse must make alike: pseudonyms of ids, and marks of sign-ins.

A pseudonym is HMAC-SHA-256 of the normalised id under the secret, cut to 128 bits (RFC 2104 permits truncation to
half). Without the secret it can't be reversed by trying all addresses of a university. A sign-in mark is made of the
pseudonym under a key derived from the same secret: who holds marks alone can't tell which pseudonym they belong to.
"""

import hashlib
import hmac
import unicodedata

MINIMUM_SECRET = 32
_SIGN_IN = b"ai-sandbox-usage sign-in"
_FORGOTTEN = b"ai-sandbox-usage forgotten"


def normalised(value: str) -> str:
    """The id as it is hashed: NFKC, stripped, lower case (two spellings of one address are one person)."""
    return unicodedata.normalize("NFKC", value).strip().lower()


def pseudonym(secret: bytes, normalised_id: str) -> str:
    """32 hexadecimal digits for a normalised id.

    A secret of several words is a chain, oldest first: each word hashes what the one before gave. So a key can be
    changed without knowing whom the pseudonyms stand for (etl/rekey.py).
    """
    value = normalised_id
    for word in secret.split():
        value = chained(word, value)
    return value


def chained(word: bytes, value: str) -> str:
    """One step of the chain: 32 hexadecimal digits."""
    return hmac.new(word, value.encode(), hashlib.sha256).hexdigest()[:32]


def derived(secret: bytes, purpose: bytes) -> bytes:
    """A key of its own for one purpose (RFC 5869's expand step with one block), of the newest word of the secret."""
    return hmac.new((secret.split() or [b""])[-1], purpose + b"\x01", hashlib.sha256).digest()


def forgotten_mark(secret: bytes, person_key: str) -> str:
    """32 hexadecimal digits by which a pseudonym is recognised as one that asked to be forgotten.

    Of the pseudonym under the first word of the secret alone: marks outlive a change of the key, since nobody can make
    them anew.
    """
    return hmac.new(derived(secret.split()[0], _FORGOTTEN), person_key.encode(), hashlib.sha256).hexdigest()[:32]


def sign_in_mark(secret: bytes, person_key: str) -> str:
    """32 hexadecimal digits by which a sign-in finds its person in a snapshot, from the person's pseudonym."""
    return hmac.new(derived(secret, _SIGN_IN), person_key.encode(), hashlib.sha256).hexdigest()[:32]
