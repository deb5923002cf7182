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
_WHICH = b"ai-sandbox-usage which secret"


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

    Made under the newest word of the secret, of the pseudonym under all words; see `chained_mark` for older ones.
    """
    return chained_mark(secret, person_key)


def chained_mark(word: bytes, mark: str) -> str:
    """A mark of somebody forgotten, put under one more word of the secret, as `chained` does with a pseudonym."""
    return chained(derived(word, _FORGOTTEN), mark)


def forgotten_marks(secret: bytes, normalised_id: str) -> tuple[str, ...]:
    """Every mark an id may have, by the length of the secret when it was forgotten: one per word, shortest first."""
    words = secret.split()
    marks = []
    for length in range(1, len(words) + 1):
        mark = pseudonym(b" ".join(words[:length]), normalised_id)
        for word in words[length - 1 :]:
            mark = chained_mark(word, mark)
        marks.append(mark)
    return tuple(marks)


def fingerprint(secret: bytes) -> str:
    """32 hexadecimal digits that tell one secret from another and nothing of either."""
    return chained(derived(secret, _WHICH), pseudonym(secret, _WHICH.decode()))


def sign_in_mark(secret: bytes, person_key: str) -> str:
    """32 hexadecimal digits by which a sign-in finds its person in a snapshot, from the person's pseudonym."""
    return hmac.new(derived(secret, _SIGN_IN), person_key.encode(), hashlib.sha256).hexdigest()[:32]
