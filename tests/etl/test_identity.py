"""Pseudonyms: one person is one key, whoever spells it how, and nothing but the key is kept."""

import pyarrow as pa
import pytest

from etl.errors import ConfigError
from etl.identity import MINIMUM_SECRET, Pseudonyms, is_email, masked
from tests.conftest import TEST_SECRET


def test_a_pseudonym_is_128_bits_of_hmac_sha_256_under_the_secret() -> None:
    # printf %s ann@cuni.cz | openssl dgst -sha256 -hmac test-secret-test-secret-test-secret-0 | cut -c1-32
    assert Pseudonyms(TEST_SECRET).key("ann@cuni.cz") == "8481eec0bd2aeaa6fc3b9bef7cf254c5"


@pytest.mark.parametrize("spelling", ["Ann@CUNI.cz", " ann@cuni.cz\n", "ａｎｎ@cuni.cz"])
def test_two_spellings_of_one_address_are_one_person(spelling: str, pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.key(spelling) == pseudonyms.key("ann@cuni.cz")


def test_another_secret_gives_other_pseudonyms(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.key("ann@cuni.cz") != Pseudonyms("another-secret-" * 4).key("ann@cuni.cz")


def test_nobody_has_no_pseudonym(pseudonyms: Pseudonyms) -> None:
    assert [pseudonyms.key(v) for v in (None, "", "  ")] == [None, None, None]


def test_a_short_secret_is_refused_without_showing_it() -> None:
    short = "s" * (MINIMUM_SECRET - 1)
    with pytest.raises(ConfigError, match="has 31 characters; at least 32 are needed") as error:
        Pseudonyms(short)
    assert short not in str(error.value)


def test_a_column_is_hashed_value_by_value_and_keeps_its_nulls(pseudonyms: Pseudonyms) -> None:
    column = pa.array(["ann@cuni.cz", None, "bob@cuni.cz", "ANN@cuni.cz", ""])
    keys = pseudonyms.keys(column).to_pylist()
    ann, bob = pseudonyms.key("ann@cuni.cz"), pseudonyms.key("bob@cuni.cz")
    assert keys == [ann, None, bob, ann, None]


def test_an_empty_column_stays_empty(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.keys(pa.array([], pa.string())).to_pylist() == []
    assert pseudonyms.keys(pa.array([None, None])).to_pylist() == [None, None]


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@cuni.cz", "cuni.cz"),
        ("ann@MFF.cuni.cz", "mff.cuni.cz"),
        ("ann@kam.mff.cuni.cz", "mff.cuni.cz"),
        ("ann@notcuni.cz", None),
        ("ann@cuni.cz.example.org", None),
        ("ann@gmail.com", None),
        ("cuni.cz", None),
        (None, None),
    ],
)
def test_the_longest_configured_domain_counts_and_a_private_one_is_forgotten(
    address: str | None, domain: str | None, pseudonyms: Pseudonyms
) -> None:
    assert pseudonyms.domain(address) == domain


def test_domains_seen_are_handed_over_once(pseudonyms: Pseudonyms) -> None:
    ann = pseudonyms.key("ann@mff.cuni.cz")
    pseudonyms.key("bob@gmail.com")
    assert pseudonyms.drain() == {ann: "mff.cuni.cz"}
    pseudonyms.key("ann@mff.cuni.cz")
    assert pseudonyms.drain() == {}


def test_addresses_in_a_text_are_masked() -> None:
    assert masked("team of ann@cuni.cz, bob.b+x@ff.cuni.cz; <eva@x.cz>") == "team of …@…, …@…; <…@…>"


def test_an_address_is_told_from_a_text_with_one() -> None:
    assert [is_email(v) for v in ("ann@cuni.cz", " ann@cuni.cz ", "ann", "to ann@cuni.cz", "@cuni.cz")] == [
        True,
        True,
        False,
        False,
        False,
    ]
