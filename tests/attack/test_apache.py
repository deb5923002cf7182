"""The shipped configurations of Apache: what says who asks is taken from every request before anything else."""

import re
from pathlib import Path

import pytest

from dashboard.entry_proxy import identity_headers
from queries.dashboard_settings import Proxy

FILES = sorted((Path(__file__).parents[2] / "deploy" / "apache").glob("*.conf"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_header_that_says_who_asks_is_unset_early_and_set_anew(file: Path) -> None:
    """`early` counts in a virtual host and is passed over within <Location> (Apache's mod_headers)."""
    text = re.sub(r"^\s*#.*$", "", file.read_text("utf-8"), flags=re.M)
    host = re.search(r"<VirtualHost.*?>(.*)</VirtualHost>", text, re.S)
    assert host
    outside = re.sub(r"<Location.*?</Location>", "", host[1], flags=re.S)
    early = {name.upper() for name in re.findall(r"RequestHeader unset (\S+) early$", outside, re.M)}
    within = {name.upper() for name in re.findall(r"RequestHeader set (\S+) ", host[1])}
    assert within == identity_headers(Proxy())
    assert early == within | {"X-FORWARDED-FOR"}
    assert host[1].count(" early") == outside.count(" early")


def test_there_are_configurations_to_look_at() -> None:
    assert {file.name for file in FILES} >= {"cas.conf", "shibboleth.conf"}
