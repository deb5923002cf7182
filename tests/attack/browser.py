"""A browser as far as HTTP goes: keeps cookies (Secure ones on loopback too, as browsers do), follows what it is told
to, and can send whatever bytes an attacker likes."""

import http.client
import json
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

NAVIGATION = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
WORKER = re.compile(r'"end_id":"[^"]*"')
CALLBACK = "/_dash-update-component"


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers (names in lower case, each as often as sent), body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    address: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def content(self) -> str:
        """The text without the mark by which Dash tells workers apart."""
        return WORKER.sub("", self.text)

    def header(self, name: str) -> str:
        """The header's first value, or ''."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """All values of the header."""
        return [value for key, value in self.headers if key == name]


@dataclass
class Browser:
    """Cookies by host and name; `base` is the dashboard's address."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)

    def send(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
    ) -> Reply:
        """One request, no redirect followed. Cookies go to the dashboard alone."""
        whole = address if "://" in address else self.base + address
        parts = urlsplit(whole)
        is_ours = whole.startswith(self.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.putrequest(method, target, skip_accept_encoding=True)
            given = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
            if is_ours and self.cookies and not any(name.lower() == "cookie" for name, _ in given):
                given.append(("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items())))
            if body is not None and not any(
                name.lower() in ("content-length", "transfer-encoding") for name, _ in given
            ):
                given.append(("Content-Length", str(len(body))))
            for name, value in given:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            reply = Reply(answer.status, [(k.lower(), v) for k, v in answer.getheaders()], answer.read(), whole)
        finally:
            connection.close()
        if is_ours:
            self._keep(reply)
        return reply

    def _keep(self, reply: Reply) -> None:
        for line in reply.all("set-cookie"):
            self.set_cookies.append(line)
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def open(self, address: str, headers: dict[str, str] | None = None) -> Reply:
        """Opens a page as a person does, without following redirects."""
        return self.send("GET", address, headers=NAVIGATION | (headers or {}))

    def follow(self, reply: Reply) -> Reply:
        """Follows redirects within the dashboard and to elsewhere, at most ten."""
        for _step in range(10):
            if reply.status not in (301, 302, 303, 307):
                return reply
            reply = self.open(urljoin(reply.address, reply.header("location")))
        raise AssertionError("redirected for ever")

    def sign_in(self, sub: str, start: str = "/") -> Reply:
        """Opens `start`, signs in at the provider as `sub`, and comes back; the reply at the end."""
        form = self.follow(self.open(start))
        assert "/oauth2/authorize" in form.address, form.address
        answer = self.send(
            "POST",
            form.address,
            urlencode({"sub": sub}).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        return self.follow(answer)

    def post(self, address: str, body: Any, headers: dict[str, str] | None = None) -> Reply:
        """A script of ours posts JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", address, content, SCRIPT | {"Content-Type": "application/json"} | (headers or {}))

    def show(self, address: str, **changes: Any) -> Reply:
        """Asks the callback of the pages for an address, with parts of the body changed."""
        return self.post(CALLBACK, asked_for(address) | changes)


def asked_for(address: Any) -> dict[str, Any]:
    """The body by which Dash asks for a page."""
    return {
        "output": "view.children",
        "outputs": {"id": "view", "property": "children"},
        "inputs": [{"id": "address", "property": "data", "value": address}],
        "changedPropIds": ["address.data"],
    }
