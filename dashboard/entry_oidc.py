"""Sign-in with OpenID Connect: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

Every redirect leads to `public_url`, never to what a Host header says. The page that was asked for waits in the signed
cookie, bound to the state. Tokens are read once and forgotten.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, request, session
from joserfc.errors import JoseError

from dashboard.audit import Audit
from dashboard.entry import asked_address, is_page, local_path, sent_to, unauthorised
from dashboard.entry_pages import sign_in_failed, signed_out
from dashboard.options import Options, Secrets
from dashboard.sessions import WAITING, Sessions
from dashboard.viewer import Members, Who

log = logging.getLogger(__name__)
SIGN_IN, CALLBACK, SIGN_OUT, SIGNED_OUT = "/auth/sign-in", "/auth/callback", "/auth/sign-out", "/auth/signed-out"
SIGNED_WITH = ("RS", "PS", "ES", "Ed")  # public keys only: never none, never a shared secret
MOST_PENDING = 5
TIMEOUT_S = 10
_WRONG = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError)


class OidcEntry:
    """The addresses under /auth/ and the session that follows from them."""

    open_paths = frozenset({SIGN_IN, CALLBACK, SIGN_OUT, SIGNED_OUT})
    sign_out_path = SIGN_OUT

    def __init__(
        self, server: Flask, options: Options, *, secrets: Secrets, members: Members, sessions: Sessions, audit: Audit
    ) -> None:
        assert options.oidc is not None
        assert options.public_url is not None
        self._oidc, self._public_url = options.oidc, options.public_url
        self._members, self._sessions, self._audit = members, sessions, audit
        self._client = OAuth(server).register(
            "idp",
            client_id=self._oidc.client_id,
            client_secret=secrets.client,
            server_metadata_url=f"{self._oidc.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": " ".join(self._oidc.scopes),
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_S,
            },
        )
        for path, view in ((SIGN_IN, self._sign_in), (CALLBACK, self._callback), (SIGN_OUT, self._sign_out)):
            server.add_url_rule(path, endpoint=path, view_func=view, methods=["GET"])
        server.add_url_rule(SIGNED_OUT, endpoint=SIGNED_OUT, view_func=signed_out, methods=["GET"])

    def who(self) -> Who | None:
        """Who is signed in."""
        return self._sessions.who()

    def refused(self) -> Response:
        """To the sign-in, and from there back to the page; 401 for scripts."""
        if not is_page():
            return unauthorised()
        return sent_to(f"{SIGN_IN}?next={quote(asked_address(), safe='')}")

    def _sign_in(self) -> Response:
        target = local_path(request.args.get("next"))
        if self._sessions.who():
            return sent_to(target)
        try:
            self._metadata()
            begun = self._client.create_authorization_url(f"{self._public_url}{CALLBACK}")
        except _WRONG:
            log.exception("the identity provider can't be reached")
            return sign_in_failed(target, 503)
        self._forget_old_attempts()
        kept = {key: begun[key] for key in ("state", "nonce", "code_verifier")}
        self._client.save_authorize_data(redirect_uri=f"{self._public_url}{CALLBACK}", next=target, **kept)
        return sent_to(begun["url"])

    def _callback(self) -> Response:
        pending = self._client.framework.get_state_data(session, request.args.get("state"))
        target = local_path((pending or {}).get("next"))
        try:
            claims = self._claims()
            who = self._who(claims)
        except _WRONG as error:
            log.warning("a sign-in failed: %s", type(error).__name__)
            return sign_in_failed(target, 400)
        self._sessions.begin(who)
        self._audit.note(who.mark, "", "sign_in", "oidc")
        return sent_to(target)

    def _metadata(self) -> Mapping[str, Any]:
        """The provider's own description. Raises ValueError when it is another's."""
        found: dict[str, Any] = self._client.load_server_metadata()
        if str(found.get("issuer", "")).rstrip("/") != self._oidc.issuer:
            raise ValueError("the provider calls itself otherwise than the configuration's issuer")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [alg for alg in offered if alg.startswith(SIGNED_WITH)]
        return found

    def _claims(self) -> dict[str, Any]:
        """What the provider says of the person: the ID token, checked, and what its userinfo adds of the same one."""
        metadata = self._metadata()
        expected = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._oidc.client_id},
            "nonce": {"essential": True},
        }
        token = self._client.authorize_access_token(claims_options=expected)
        claims = dict(token["userinfo"])
        if "userinfo_endpoint" in metadata:
            more = dict(self._client.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise ValueError("userinfo is about somebody else")
            claims = more | claims
        return claims

    def _who(self, said: Mapping[str, Any]) -> Who:
        oidc, claims = self._oidc, _without_unverified(said)
        user = _texts(claims.get(oidc.user_claim))[:1]
        if not user:
            raise ValueError(f"no claim {oidc.user_claim}, or an address that isn't verified")
        return self._members.who(
            user[0],
            shown=next(iter(_texts(claims.get(oidc.name_claim))), user[0])[:80],
            groups=[group for claim in oidc.group_claims for group in _texts(claims.get(claim))],
            persons=[value for claim in oidc.person_claims for value in _texts(claims.get(claim))],
        )

    def _sign_out(self) -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return sent_to("/")  # another site's link signs nobody out
        if who := self._sessions.who():
            self._audit.note(who.mark, "", "sign_out", "oidc")
        self._sessions.end()
        return sent_to(self._end_of_session())

    def _end_of_session(self) -> str:
        """The provider's sign-out where it has one (OpenID Connect RP-Initiated Logout 1.0), else our own page."""
        back = f"{self._public_url}{SIGNED_OUT}"
        try:
            address = self._metadata().get("end_session_endpoint")
        except _WRONG:
            return SIGNED_OUT
        said = f"client_id={quote(self._oidc.client_id, safe='')}&post_logout_redirect_uri={quote(back, safe='')}"
        return f"{address}{'&' if '?' in address else '?'}{said}" if address else SIGNED_OUT

    @staticmethod
    def _forget_old_attempts() -> None:
        """Each tab that was sent to sign in waits in the cookie, which has no room for many."""
        pending = [key for key in session if key.startswith(WAITING)]
        for key in sorted(pending, key=lambda key: float(session[key].get("exp", 0)))[: 1 - MOST_PENDING]:
            session.pop(key)


def _without_unverified(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims without an e-mail of which the provider says anything but that it is verified, whatever it would be
    used for (OpenID Connect Core 1.0, 5.1: a boolean; some providers send a text). Said nothing, it counts."""
    is_doubted = claims.get("email_verified") not in (None, True, "true", "True")
    return {key: value for key, value in claims.items() if not (is_doubted and key == "email")}


def _texts(value: object) -> list[str]:
    """A claim as texts: one, a list of them, or none."""
    found = value if isinstance(value, list | tuple) else [value]
    return [text for text in found if isinstance(text, str) and text.strip()]
