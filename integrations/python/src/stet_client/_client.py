from __future__ import annotations

import os
import ssl
from typing import Any, Mapping, Optional

from ._notebooks import Notebooks
from ._runs import Runs
from ._templates import Templates
from ._wire import Query, Request, Wire, json_body


class Stet:
    """One Stet server, spoken to with one token. Holds no connection and may be used from many threads.

    `url` and `token` default to STET_SERVER and STET_TOKEN. Proxies are taken from the environment as urllib does.

    `timeout` is in seconds, without a byte from the server; `tries` is how often a request is sent at most, where sending it
    again is safe: when the connection is lost, or the server says 429, 502, 503 or 504, after the time that it asks for.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        timeout: float = 30.0,
        tries: int = 5,
        context: Optional[ssl.SSLContext] = None,
    ) -> None:
        address = url or os.environ.get("STET_SERVER")
        if not address:
            raise ValueError("No server is named: give its address, or set STET_SERVER.")
        self._wire = Wire(address, token or os.environ.get("STET_TOKEN"), timeout=timeout, tries=tries, context=context)
        self.runs = Runs(self._wire)
        self.notebooks = Notebooks(self._wire)
        self.templates = Templates(self._wire)

    def __repr__(self) -> str:
        return f"Stet({self._wire.url!r})"

    @property
    def url(self) -> str:
        return self._wire.url

    def request(self, method: str, path: str, *, query: Optional[Query] = None, body: Any = None, headers: Optional[Mapping[str, str]] = None) -> Any:
        """Any route of the API (see /api/docs of the server): JSON in, JSON out; None when there is no body."""
        encoded = None if body is None else json_body(body)
        sent = {**({} if encoded is None else {"Content-Type": "application/json"}), **(headers or {})}
        answer = self._wire.ask(Request(method, path, query=query or {}, body=encoded, headers=sent))
        return answer.json() if answer.body else None
