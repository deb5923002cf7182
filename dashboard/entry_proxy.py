"""Sign-in by a reverse proxy (mod_auth_cas, Shibboleth, oauth2-proxy): it says in headers who is asking.

The headers count only in a request that comes straight from a trusted address and carries the shared secret. The proxy
must set every one of them itself; what could be a header put in beside it is refused, not interpreted.
"""

import hmac
from urllib.parse import quote

from flask import Response, request

from dashboard.entry import asked_address, is_page, is_trusted_peer, sent_to, unauthorised
from dashboard.options import Options, Secrets
from dashboard.viewer import Members, Who
from queries.dashboard_settings import Proxy

MAX_USER, MAX_GROUPS = 200, 8000


def identity_headers(proxy: Proxy) -> frozenset[str]:
    """The headers that must come from the proxy alone, in capitals."""
    named = (proxy.secret_header, proxy.user_header, proxy.name_header, proxy.groups_header, proxy.email_header)
    return frozenset(name.upper() for name in named)


class ProxyEntry:
    """Who is asking, anew for each request: the proxy holds the session."""

    open_paths: frozenset[str] = frozenset()

    def __init__(self, options: Options, secrets: Secrets, members: Members) -> None:
        self._proxy = options.proxy or Proxy()
        self._trusted, self._secret, self._members = options.trusted_proxies, secrets.proxy.encode(), members
        self.sign_out_path = self._proxy.sign_out_url

    def who(self) -> Who | None:
        """Who the proxy says is asking."""
        proxy = self._proxy
        if not is_trusted_peer(self._trusted) or not self._knows_the_secret():
            return None
        user, groups = _text(proxy.user_header), _text(proxy.groups_header)
        # a header sent twice arrives joined by a comma; no user's id has one
        if not user or "," in user or len(user) > MAX_USER or len(groups) > MAX_GROUPS or not user.isprintable():
            return None
        email = _text(proxy.email_header)
        return self._members.who(
            user,
            shown=_text(proxy.name_header) or user,
            groups=[group for group in groups.split(proxy.group_separator) if group.strip()],
            persons=[email or user],
        )

    def refused(self) -> Response:
        """To the proxy's page of sign-in where it has one, else 401."""
        if is_page() and self._proxy.sign_in_url:
            return sent_to(self._proxy.sign_in_url.replace("{next}", quote(asked_address(), safe="")))
        return unauthorised()

    def _knows_the_secret(self) -> bool:
        said = request.headers.get(self._proxy.secret_header, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(said, self._secret)


def _text(header: str) -> str:
    """The header's value; WSGI gives the bytes as Latin-1, proxies mean UTF-8."""
    value = request.headers.get(header, "")
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()
