"""Requests over HTTP, sent again where that is safe.

What may be sent again: reading, saving the same bytes, asking a run to stop or to stay alive, and a launch that carries an
idempotency key. A launch without one is sent once, whatever happens: it could run twice.
"""

from __future__ import annotations

import email.utils
import http.client
import itertools
import json
import os
import random
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ._errors import StetError, Unreachable, api_error

Query = Mapping[str, Union[None, str, int, float, bool, Sequence[str]]]

#: Answers after which the same request may go well: too many, a proxy without its server, a server that starts.
_PASSING = frozenset({429, 502, 503, 504})
_NO_CONNECTION = (urllib.error.URLError, http.client.HTTPException, ConnectionError, socket.timeout, ssl.SSLError, OSError)
_LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: Optional[bytes] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Seconds without a byte after which the connection counts as lost; None: as the client is set.
    timeout: Optional[float] = None
    #: Path of a file that is the body, read anew each time.
    file: Optional[str] = None
    #: A POST that does the same however often it comes.
    repeatable: bool = False
    #: Seconds for which a server that is away is asked again, also when the tries are over.
    patience: float = 0.0

    @property
    def may_repeat(self) -> bool:
        if self.method != "POST":
            return True
        return self.repeatable or any(name.lower() == "idempotency-key" for name in self.headers)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect is not followed: the token would go along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Wire:
    """One server and one token. Holds no connection, so it may be used from many threads."""

    def __init__(
        self,
        url: str,
        token: Optional[str],
        *,
        timeout: float,
        tries: int,
        context: Optional[ssl.SSLContext],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is not the address of a server: it begins with https:// or http://.")
        self.url = url.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._tries = max(1, tries)
        self.sleep = sleep
        self._opener = urllib.request.build_opener(_StayHere, urllib.request.HTTPSHandler(context=context))

    def __repr__(self) -> str:
        return f"Wire({self.url!r})"

    def ask(self, request: Request) -> Answer:
        """Sends the request until there is an answer that stands. Raises ApiError, Unreachable."""
        slept = 0.0
        for tried in itertools.count(1):
            again = request.may_repeat and (tried < self._tries or slept < request.patience)
            try:
                with self._open(request) as response:
                    return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, response.read())
            except urllib.error.HTTPError as error:
                refusal, retry_after = self._refusal(error)
                if not again or error.code not in _PASSING:
                    raise refusal from None
                pause = _pause(tried, retry_after)
            except _NO_CONNECTION as error:
                if not again or _is_hopeless(error):
                    raise self._unreachable(error) from error
                pause = _pause(tried, None)
            self.sleep(pause)
            slept += pause
        raise AssertionError("the last try returns or raises")

    def stream(self, request: Request) -> Iterator[bytes]:
        """The lines of an answer as they come, over one connection. Raises ApiError; _NO_CONNECTION when it breaks."""
        try:
            response = self._open(request)
        except urllib.error.HTTPError as error:
            raise self._refusal(error)[0] from None
        with response:
            for line in response:
                yield line

    def lines_from(self, request_after: Callable[[], Request]) -> Iterator[bytes]:
        """Lines over as many connections as it takes; each begins with what `request_after` gives then. Never ends by itself."""
        failures = 0
        while True:
            try:
                for line in self.stream(request_after()):
                    failures = 0
                    yield line
                pause = 0.2
            except StetError as error:
                status = getattr(error, "status", 0)
                failures += 1
                if status not in _PASSING or failures >= self._tries:
                    raise
                pause = _pause(failures, getattr(error, "retry_after", None))
            except _NO_CONNECTION as error:
                failures += 1
                if failures >= self._tries or _is_hopeless(error):
                    raise self._unreachable(error) from error
                pause = _pause(failures, None)
            # The stream ended without its end: what was cut off is not finished by what comes next.
            yield b""
            self.sleep(pause)

    def _open(self, request: Request) -> Any:
        query = urllib.parse.urlencode(_flat(request.query))
        url = f"{self.url}{request.path}{f'?{query}' if query else ''}"
        sent = urllib.request.Request(url, data=request.body, method=request.method)
        sent.add_header("Accept", "application/json, */*;q=0.5")
        sent.add_header("User-Agent", "stet-client-python/0.1.0")
        if self._token:
            # Unredirected, so that no later change of the redirect rule can carry it elsewhere.
            sent.add_unredirected_header("Authorization", f"Bearer {self._token}")
        for name, value in request.headers.items():
            sent.add_header(name, value)
        timeout = request.timeout or self._timeout
        if request.file is None:
            return self._opener.open(sent, timeout=timeout)
        with open(request.file, "rb") as content:
            sent.data = content
            sent.add_header("Content-Length", str(os.fstat(content.fileno()).st_size))
            return self._opener.open(sent, timeout=timeout)

    def _refusal(self, error: urllib.error.HTTPError) -> Tuple[StetError, Optional[float]]:
        retry_after = _retry_after(error.headers.get("Retry-After"))
        try:
            body = error.read()
        except _NO_CONNECTION:
            body = b""
        finally:
            error.close()
        if error.code in range(300, 400):
            return Unreachable(f"{self.url} sends elsewhere ({error.code}). Give the address that it sends to, if you trust it."), None
        is_problem = (error.headers.get("Content-Type") or "").startswith("application/problem+json")
        try:
            problem = json.loads(body) if is_problem else None
        except ValueError:
            problem = None
        if isinstance(problem, dict):
            return api_error(error.code, problem, retry_after), retry_after
        if error.code in _PASSING or error.code >= 500:
            return api_error(error.code, {"status": error.code, "detail": f"{self.url} answered {error.code}."}, retry_after), retry_after
        return Unreachable(f"What answers at {self.url} is not Stet: status {error.code} without a problem."), None

    def _unreachable(self, error: BaseException) -> Unreachable:
        cause = getattr(error, "reason", None) or error
        return Unreachable(f"There is no answer from {self.url}: {cause or type(error).__name__}.")


def _is_hopeless(error: BaseException) -> bool:
    """A certificate that is not trusted stays so."""
    return isinstance(error, ssl.SSLCertVerificationError) or isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError)


def _pause(tried: int, retry_after: Optional[float]) -> float:
    """Seconds: what the server asks for, else twice as long each time, less a random part so that many do not come at once."""
    if retry_after is not None:
        return min(retry_after, _LONGEST_WAIT)
    return min(0.2 * float(2 ** min(tried, 10)), 10.0) * (0.5 + random.random() / 2)


def _retry_after(text: Optional[str]) -> Optional[float]:
    """Seconds, from a number of them or a date (RFC 9110, 10.2.3)."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    parsed = email.utils.parsedate_tz(text)
    return None if parsed is None else max(0.0, email.utils.mktime_tz(parsed) - time.time())


def _flat(query: Query) -> Sequence[Tuple[str, str]]:
    """Lists become a member each; None is left out; booleans are spelled as JSON has them."""
    flat: List[Tuple[str, str]] = []
    for name, value in query.items():
        values = [value] if value is None or isinstance(value, (str, int, float, bool)) else list(value)
        flat.extend((name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values if one is not None)
    return flat


def segment(text: str) -> str:
    """One segment of a path."""
    # A URL's "." and ".." are gone before anybody sees them, however they are spelled.
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} names nothing.")
    return urllib.parse.quote(text, safe="")


def json_body(value: Any) -> bytes:
    """JSON that the server takes. NaN and infinities have no form there."""
    try:
        return json.dumps(value, allow_nan=False).encode()
    except ValueError as error:
        raise ValueError(f"This cannot be sent as JSON: {error}. NaN and infinities have no form there; send a text or None.") from None
