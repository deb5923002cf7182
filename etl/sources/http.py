"""One way to read a JSON API: bounded retries, exact numbers, complete pages or an error."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx
import tenacity

from etl.errors import SourceError
from etl.identity import masked

Parameters = Mapping[str, str | int | bool | list[str]]
Next = Callable[[Any], Parameters | None]

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})  # 529: "overloaded" at some providers
_SECRET = re.compile(r"\b(sk|pk|Bearer)[-_ ][^\s\"',]+|\b[0-9a-f]{32,}\b")
_SHOWN = 200


@dataclass(frozen=True)
class Retries:
    """How stubborn a read is: at most `attempts` tries, waits doubling from `first_wait_s` up to `longest_wait_s`."""

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep


PATIENT = Retries()


class _PassingError(Exception):
    """A failure that may pass: what it was, and the seconds the server asked us to wait, if it did."""

    def __init__(self, cause: str, wait_s: float | None = None) -> None:
        super().__init__(cause)
        self.wait_s = wait_s


class RefusedError(SourceError):
    """The server answered, and said no: `status` is what it said (401 key, 403 right, 404 path, 422 value)."""

    def __init__(self, source: str, path: str, answer: httpx.Response) -> None:
        super().__init__(source, f"GET {path}", _status(answer))
        self.status = answer.status_code


class Http:
    """A JSON API behind one base address.

    `Http("openai", "https://api.openai.com", headers={...})`; tests give `transport=httpx.MockTransport(answer)`.
    Numbers with a decimal point come as Decimal, never as float. Every failure is a SourceError, where the server said
    no a RefusedError; it names the path and neither the headers nor a key.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        retries: Retries = PATIENT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._source, self._retries = source, retries
        # Without the slash a base path (https://host/gateway) would be lost when a path is joined.
        try:
            self._client = httpx.Client(
                base_url=base_url.rstrip("/") + "/",
                headers={name: value.strip() for name, value in (headers or {}).items()},
                timeout=timeout_s,
                transport=transport,
            )
        except httpx.InvalidURL as error:
            raise SourceError(source, f"address {base_url}", f"not one: {error}; allowed: https://host/path") from None
        except UnicodeEncodeError:  # its text holds the key
            raise SourceError(source, "key", "holds a letter that no header can carry; allowed: ASCII") from None

    def get(self, path: str, params: Parameters | None = None) -> Any:
        """The parsed JSON answer. Tries again on time-outs, broken connections, 429 and 5xx; else SourceError."""
        return self._parsed(path, self._answer(path, params))

    def content(self, path: str, params: Parameters | None = None) -> bytes:
        """The answer's bytes as they are, for files of text; tries again as `get` does."""
        return self._answer(path, params).content

    def _answer(self, path: str, params: Parameters | None) -> httpx.Response:
        again = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._retries.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_PassingError),
            sleep=self._retries.sleep,
            reraise=True,
        )
        try:
            answer = again(self._ask, path, params or {})
        except _PassingError as last:
            self._fail(path, f"{last} (tried {self._retries.attempts} times)")
        return answer

    def pages(self, path: str, params: Parameters, following: Next, *, most: int = 100_000) -> Iterator[Any]:
        """Each page's answer, in order; `following(answer)` gives what to add for the next page, None after the last.

        Raises SourceError when the same page is asked for twice or there are more than `most`: a listing that does
        not end is never taken for a whole one.
        """
        asked: set[str] = set()
        step: Parameters | None = {}
        while step is not None:
            if (page := repr(sorted(step.items()))) in asked or len(asked) >= most:
                self._fail(path, f"the pages do not end: {page} after {len(asked)} pages")
            asked.add(page)
            answer = self.get(path, {**params, **step})
            yield answer
            step = following(answer)

    def close(self) -> None:
        """Nothing; the connections are given back."""
        self._client.close()

    def _ask(self, path: str, params: Parameters) -> httpx.Response:
        try:
            answer = self._client.get(path.lstrip("/"), params=dict(params))
        except httpx.InvalidURL as error:
            self._fail(path, error)
        except httpx.RequestError as error:
            raise _PassingError(_cause(error)) from None
        if answer.status_code in _AGAIN:
            wait = _asked_wait(answer)
            if wait is not None and wait > self._retries.longest_wait_s:
                self._fail(path, f"{_status(answer)}; the server asks to wait {wait:.0f} s")
            raise _PassingError(_status(answer), wait)
        if not answer.is_success:
            raise RefusedError(self._source, path, answer)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, _PassingError) and failure.wait_s is not None:
            return failure.wait_s
        wait: float = self._retries.first_wait_s * 2 ** (state.attempt_number - 1)
        return min(wait, self._retries.longest_wait_s)

    def _parsed(self, path: str, answer: httpx.Response) -> Any:
        try:
            return json.loads(answer.content, parse_float=Decimal, parse_constant=_refuse)
        except (
            ValueError,
            RecursionError,
        ) as error:  # also undecodable bytes; the text itself may hold data and is not shown
            self._fail(path, f"the answer is not whole JSON: {type(error).__name__} in {len(answer.content)} bytes")

    def _fail(self, path: str, cause: object) -> NoReturn:
        raise SourceError(self._source, f"GET {path}", cause)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _cause(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    return f"connection failed ({type(error).__name__}: {_safe(str(error))})"


def _asked_wait(answer: httpx.Response) -> float | None:
    """Seconds from Retry-After: a number, or a date measured against the server's own clock (RFC 9110, 10.2.3)."""
    asked = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", asked):
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(answer.headers["date"])
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None


def _status(answer: httpx.Response) -> str:
    """'404 Not Found: message', without keys, hashes or addresses; a refusal's text is left out (it can name keys)."""
    status = f"{answer.status_code} {answer.reason_phrase}".strip()
    if answer.status_code in (401, 403):
        return f"{status}: the key is wrong or may not read this"
    text = _safe(" ".join(answer.text.split()))
    return f"{status}: {text}" if text else status


def _safe(text: str) -> str:
    return masked(_SECRET.sub("…", text))[:_SHOWN]
