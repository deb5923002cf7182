"""Signed-in sessions: all of a session is in a signed cookie; what is kept here is only which ones were ended.

Any worker can check a cookie, and a sign-out counts for all of them at once: an ended session is an empty file named
by its random id, removed when the cookie could not be used any more.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from dashboard.entry import FILES
from dashboard.options import Options, Secrets
from dashboard.viewer import Who
from queries.keyed import derived

COOKIE = "__Host-session"  # browsers take it with Secure, without Domain and for / only
WAITING = "_state_"  # how Authlib's keys begin
_KEY = "in"
_RENEW_S = 60


class _Signed(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)


@dataclass(frozen=True)
class _Ended:
    """The sessions that were signed out."""

    folder: Path

    def add(self, session_id: str, keep_s: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget(keep_s)
        os.close(os.open(self.folder / session_id, os.O_CREAT | os.O_WRONLY, 0o600))

    def has(self, session_id: str) -> bool:
        return (self.folder / session_id).exists()

    def _forget(self, keep_s: int) -> None:
        for old in self.folder.iterdir():
            if time.time() - old.stat().st_mtime > keep_s:
                old.unlink(missing_ok=True)


class Sessions:
    """Begins, reads and ends sessions of the current request. `now` gives seconds, `rules` changes with the rules."""

    def __init__(self, options: Options, *, rules: Callable[[], str], now: Callable[[], float] = time.time) -> None:
        self._idle_s, self._longest_s = options.session_idle_minutes * 60, options.session_hours * 3600
        self._ended = _Ended(options.state_folder / "ended")
        self._rules, self._now = rules, now

    def attach(self, server: Flask, keys: Secrets) -> None:
        """Tells the server how the cookie is signed and sent."""
        server.session_interface = _Signed()
        server.config.update(
            SECRET_KEY=derived(keys.own, b"ai-sandbox-usage session"),
            SECRET_KEY_FALLBACKS=[derived(keys.former, b"ai-sandbox-usage session")] if keys.former else None,
            SESSION_COOKIE_NAME=COOKIE,
            SESSION_COOKIE_SECURE=True,
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_PATH="/",
            SESSION_REFRESH_EACH_REQUEST=False,
            PERMANENT_SESSION_LIFETIME=timedelta(seconds=self._longest_s),
        )

    def begin(self, who: Who) -> None:
        """A new session under a new id; of what the browser had before only sign-ins of other tabs are left waiting."""
        waiting = {key: value for key, value in session.items() if key.startswith(WAITING)}
        self.end()
        session.update(waiting)
        now = int(self._now())
        session[_KEY] = {
            "id": secrets.token_hex(16),
            "mark": who.mark,
            "shown": who.shown,
            "held": [list(pair) for pair in who.held],
            "persons": list(who.persons),
            "rules": self._rules(),
            "began": now,
            "seen": now,
        }

    def who(self) -> Who | None:
        """Who is signed in; None when nobody is, after too long, after a sign-out, and when the rules have changed."""
        said = session.get(_KEY)
        if said is None:
            return None
        now = self._now()
        is_over = now - said["seen"] > self._idle_s or now - said["began"] > self._longest_s
        if is_over or said["rules"] != self._rules() or self._ended.has(said["id"]):
            return None
        # not with files: they are kept by caches that others share
        if now - said["seen"] > _RENEW_S and not request.path.startswith(FILES):
            session[_KEY] = said | {"seen": int(now)}
        held = tuple((role, unit) for role, unit in said["held"])
        return Who(said["mark"], said["shown"], held, tuple(said["persons"]))

    def end(self) -> None:
        """Signs out: this cookie, and every copy of it, is worth nothing from now on."""
        if said := session.get(_KEY):
            self._ended.add(said["id"], self._longest_s)
        session.clear()
