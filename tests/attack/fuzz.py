"""Requests at random: `python -m tests.attack.fuzz --times 10000` starts a dashboard and sends them.

A fault is a 500, an answer to nobody, or another faculty's own words in an answer to a faculty.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.attack.browser import CALLBACK, NAVIGATION, SCRIPT, Browser, asked_for

PATHS = [
    "/",
    "/adoption",
    "/costs",
    "/faculty",
    "/models",
    "/plans",
    "/invoices",
    "/data",
    "/methodology",
    "/me",
    "/public",
    "/nowhere",
    "/export/faculties.csv",
    "/export/own-models.csv",
    "/export/focus.csv",
    "/export/focus.parquet",
    "/_dash-layout",
    "/_dash-dependencies",
    CALLBACK,
    "/order/run",
    "/order/invoice",
    "/order/annotation",
    "/auth/sign-in",
    "/auth/callback",
    "/auth/signed-out",
    "/assets/style.css",
]
KEYS = [
    "unit",
    "period",
    "from",
    "to",
    "month",
    "seat",
    "model",
    "instead",
    "lang",
    "theme",
    "role",
    "channel",
    "currency",
    "compare",
    "next",
    "state",
    "code",
    "scope",
    "x",
]
VALUES: list[Any] = [
    "MFF",
    "PrF",
    "UK",
    "2026-10-01",
    "2026-10",
    "99999999-99-99",
    "0001-01-01",
    "9999-12-31",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "٣",
    "ž",
    "%00",
    "%ff",
    "%ed%a0%80",
    "' or 1=1 --",
    "${jndi}",
    "{{7*7}}",
    "<script>",
    "../..",
    "\\",
    "//evil.example",
    "m2026-13",
    "m9999-12",
    "\u2028",
    "\u0085",
    "\u202e",
    "//[",
    "t9999-99-99",
    "y0000-00-00",
    "a" * 900,
    "",
    "cs",
    "rse",
    "chat",
    "USD",
    "term",
    "year",
    "null",
    "[]",
    "{}",
    "1,2",
    "&&==??##",
    "+",
    "\t",
    "12m",
    "7d",
]
JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1e300,
    10**400,
    "",
    "x",
    "/",
    [],
    {},
    [[]],
    {"id": {}},
    "\u0000",
    "\ud800",
    "/?unit=UK",
    "/costs?unit=\ud800&model=\u2028",
    "/?from=2026-01-01&to=9999-12-31",
]
ODD_PAIRS = [  # each of them valid in itself: years at the ends of the calendar, odd Unicode, brackets
    "from=2026-01-01&to=9999-12-31",
    "from=0001-01-01&to=9999-12-30",
    "from=0001-01-01&to=0001-01-02",
    "from=0001-01-01&to=2026-10-01&compare=year",
    "from=2000-01-01&to=2100-12-31&compare=year",
    "from=2000-01-01&to=2100-12-31&compare=term",
    "from=2100-12-30&to=2100-12-31",
    "from=2028-02-29&to=2028-02-29&compare=year",
    "period=m9999-12",
    "period=m0001-01",
    "period=m2100-12",
    "period=m2000-01&compare=year",
    "period=t9999-12-31",
    "period=y9999-12-31",
    "period=y2000-02-29",
    "month=9999-12",
    "month=0001-01",
    "month=2100-12",
    "month=2000-01",
    "next=//[",
    "next=%2F%2F%5B",
    "next=http:%2F%2F[::1",
    "unit=//[",
    "unit=%E2%80%A8MFF",
    "model=%C2%85&instead=%E2%80%AE",
    "role=%F0%9F%8E%93&channel=%EF%BF%BF",
    "to=%E2%80%A81%E2%80%A8",
    "unit=%ED%A0%80&provider=%00",
]
ODD_ORDERS: list[Any] = [
    {"day": "9999-12-31", "kind": "other", "name_cs": "x"},
    {"day": "0001-01-01", "kind": "other", "name_cs": "\u2028", "name_en": "\u202e"},
    {"day": "2026-10-01", "kind": "other", "name_cs": "\ud800"},
    {"\udfff": "x"},
    {"job": "\ud83c"},
]


class Fuzz:
    """Sends requests as several people and as nobody, and keeps what went wrong."""

    def __init__(self, address: str, sessions: dict[str, dict[str, str]], seed: int) -> None:
        self._address, self._sessions = address, sessions
        self._random = random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []

    def run(self, times: int) -> None:
        """Sends that many requests."""
        for _time in range(times):
            name = self._random.choice([*self._sessions, ""])
            browser = Browser(self._address, dict(self._sessions.get(name, {})))
            method, path, body, headers = self._request()
            try:
                reply = browser.send(method, path, body, headers)
            except (UnicodeError, ValueError):  # what no client can send
                continue
            self.statuses[reply.status] += 1
            if reply.status >= 500:
                self.faults.append(f"{reply.status} to {name or 'nobody'}: {method} {path} {body!r}"[:600])
            is_open = path.partition("?")[0] in ("/public", "/auth/sign-in", "/auth/callback", "/auth/signed-out")
            if not name and reply.status == 200 and not is_open and method != "OPTIONS":
                self.faults.append(f"an answer to nobody: {method} {path}"[:600])

    def _request(self) -> tuple[str, str, bytes | None, dict[str, str]]:
        draw = self._random
        path = draw.choice(PATHS) + self._query()
        if draw.random() < 0.55:
            return draw.choice(["GET"] * 12 + ["HEAD", "OPTIONS", "PUT"]), path, None, draw.choice([SCRIPT, NAVIGATION])
        kind = draw.choice(["application/json"] * 9 + ["text/plain"])
        target = draw.choice([CALLBACK] * 6 + ["/order/run", "/order/invoice", "/order/annotation", path])
        said = {"Content-Type": kind} | draw.choice([{}] * 9 + [{"Origin": "http://["}])
        if target.startswith("/order/") and draw.random() < 0.5:
            return "POST", target, json.dumps(draw.choice(ODD_ORDERS)).encode(), self._from(said)
        return "POST", target, self._body(path), SCRIPT | said

    @staticmethod
    def _from(said: dict[str, str]) -> dict[str, str]:
        """Headers of a script of ours; of an old browser, which has an origin alone, if one is said."""
        return {k: v for k, v in SCRIPT.items() if "Origin" not in said or k != "Sec-Fetch-Site"} | said

    def _query(self) -> str:
        draw = self._random
        pairs = [f"{draw.choice(KEYS)}={draw.choice(VALUES)}" for _ in range(draw.randrange(4))]
        if draw.random() < 0.3:
            pairs.append(draw.choice(ODD_PAIRS))
        text = "&".join(pairs).replace(" ", "%20").replace("\t", "%09")
        return "?" + "".join(c if c.isascii() else quote(c) for c in text) if pairs else ""

    def _body(self, path: str) -> bytes:
        draw = self._random
        body: Any = asked_for(path)
        for _change in range(draw.randrange(4)):
            body = self._changed(body)
        text = json.dumps(body).encode()
        if draw.random() < 0.15:
            cut = draw.randrange(len(text) + 1)
            text = draw.choice(
                [text[:cut], text[:cut] + bytes(draw.randrange(256) for _ in range(5)) + text[cut:], text * 2]
            )
        return text

    def _changed(self, body: Any) -> Any:
        """The body with one part of it put out of shape."""
        draw = self._random
        if isinstance(body, dict) and body and draw.random() < 0.9:
            key = draw.choice(list(body))
            return body | {key: self._changed(body[key])}
        if isinstance(body, list) and body and draw.random() < 0.7:
            at = draw.randrange(len(body))
            return [*body[:at], self._changed(body[at]), *body[at + 1 :]]
        return draw.choice(JUNK)


def main() -> None:
    """Starts what is needed and says what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack.fuzz", description=__doc__)
    parser.add_argument("--times", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    from tests.attack.conftest import oidc_config, with_sign_ins
    from tests.attack.provider import provider
    from tests.attack.servers import dashboard, free_port

    with tempfile.TemporaryDirectory() as folder, provider() as issuer:
        port = free_port()
        data = with_sign_ins(Path(folder) / "data")
        with dashboard(Path(folder) / "home", data, oidc_config(issuer, port), port) as running:
            sessions = {}
            for sub in ("boss", "dean", "student", "operator"):
                one = Browser(running.address)
                one.sign_in(sub)
                sessions[sub] = one.cookies
            fuzz = Fuzz(running.address, sessions, given.seed)
            fuzz.run(given.times)
    print(dict(sorted(fuzz.statuses.items())))
    print("\n".join(fuzz.faults) or "no faults")
    raise SystemExit(bool(fuzz.faults))


if __name__ == "__main__":
    main()
