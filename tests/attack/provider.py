"""A real OpenID Connect provider (oidc-provider-mock) that also holds the client to PKCE (RFC 7636)."""

import base64
import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from werkzeug.serving import make_server

ROOT = Path(__file__).parents[2]
PEOPLE: dict[str, dict[str, Any]] = {
    "boss": {"email": "Boss@cuni.cz", "name": "Boss", "groups": ["usage-management"]},
    "dean": {"email": "dean@mff.cuni.cz", "name": "Děkanka", "groups": ["fac-mff-deans"]},
    "lawyer": {"email": "lawyer@prf.cuni.cz", "name": "Lawyer", "groups": ["fac-prf-deans"]},
    "student": {"email": "student@cuni.cz", "name": "Student", "groups": ["students"]},
    "operator": {"email": "operator@cuni.cz", "name": "Operator", "groups": []},
    "unverified": {"email": "boss@cuni.cz", "email_verified": False, "groups": ["usage-management"]},
    "nobody": {"name": "No Address"},
}


class Pkce:
    """Middleware: a code is handed out only for the verifier whose challenge its request carried."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._challenges: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        if environ["PATH_INFO"] == "/oauth2/authorize":
            if asked.get("code_challenge_method") != ["S256"] or "nonce" not in asked or "state" not in asked:
                return self._refused(start)
            self._challenges.append(asked["code_challenge"][0])
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            verifier = parse_qs(body.decode()).get("code_verifier", [""])[0]
            made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            if made not in self._challenges:
                return self._refused(start)
            environ["wsgi.input"] = BytesIO(body)
        return self._app(environ, start)

    @staticmethod
    def _refused(start: Callable[..., Any]) -> list[bytes]:
        start("400 Bad Request", [("Content-Type", "application/json")])
        return [b'{"error": "invalid_grant"}']


def serve() -> None:
    """Serves until it is killed; says its port first."""
    import oidc_provider_mock
    from oidc_provider_mock import User

    users = [User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=users)
    server = make_server("127.0.0.1", 0, Pkce(app.wsgi_app), threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


@contextmanager
def provider() -> Iterator[str]:
    """The issuer's address, while it runs in a process of its own: what it warns of is not ours."""
    arguments = [sys.executable, "-W", "ignore", "-m", "tests.attack.provider"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


if __name__ == "__main__":
    serve()
