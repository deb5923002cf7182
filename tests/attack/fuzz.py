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
    "/_dash-layout",
    "/_dash-dependencies",
    CALLBACK,
    "/order/run",
    "/order/invoice",
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
        target = draw.choice([CALLBACK] * 6 + ["/order/run", "/order/invoice", path])
        return "POST", target, self._body(path), SCRIPT | {"Content-Type": kind}

    def _query(self) -> str:
        draw = self._random
        pairs = [f"{draw.choice(KEYS)}={draw.choice(VALUES)}" for _ in range(draw.randrange(4))]
        text = "&".join(pairs).replace(" ", "%20").replace("\t", "%09")
        return "?" + "".join(c if c.isascii() else "%" + c.encode().hex() for c in text) if pairs else ""

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
