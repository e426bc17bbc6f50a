"""A recorded HTTP double for what a real server cannot be made to do on demand: fail in a given order, and count.

The routes themselves are tried against the real server, in test_live.py.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Union


class Seen(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}


#: Closes the connection without an answer.
HANG_UP = "hang up"
#: Sends headers and half of the body, then closes.
HALF = "half"

Step = Union[Reply, str, Callable[[Seen], Reply]]


def problem(status: int, code: str, **more: Any) -> Reply:
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    body = {"type": f"https://stet.invalid/problems/{code}", "title": code, "status": status, "detail": f"It is {code}.", "instance": "r1", "code": code, "errors": [], "remedy": "Do better.", **more}
    return Reply(status, json.dumps(body).encode(), headers)


class Double:
    """Answers one step after the other; the last one for ever."""

    def __init__(self, *steps: Step) -> None:
        self.seen: List[Seen] = []
        self._steps = list(steps)
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(size))
                double.seen.append(seen)
                step = double._steps.pop(0) if len(double._steps) > 1 else double._steps[0]
                self.close_connection = True
                if step == HANG_UP:
                    return
                if step == HALF:
                    self.send_response(200)
                    self.send_header("Content-Length", "100")
                    self.end_headers()
                    self.wfile.write(b'{"half":')
                    return
                reply = step(seen) if callable(step) else step
                assert isinstance(reply, Reply)
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = do_DELETE = _any

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """A client that went away is what some of the tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Double:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()


def run_json(state: str = "queued", **more: Any) -> Dict[str, Any]:
    ended = state in ("succeeded", "failed", "cancelled", "lost")
    return {
        "id": "01J00000000000000000000000",
        "url": "http://x/runs/01J00000000000000000000000",
        "space": {"id": "01J00000000000000000000001", "name": "sales"},
        "notebook": {"id": "01J00000000000000000000002", "path": "Q3.ipynb"},
        "version": 3,
        "versionSha256": "0" * 64,
        "parameters": {},
        "labels": {},
        "orchestrator": None,
        "openlineage": None,
        "trigger": "token",
        "orderedBy": {"id": "01J00000000000000000000003", "name": "Ada"},
        "ranAs": {"id": "01J00000000000000000000003", "name": "Ada"},
        "priority": 0,
        "state": state,
        "reason": "",
        "explanation": "",
        "cancelAsked": False,
        "attempt": 1,
        "createdAt": "2026-01-02T03:04:05.678Z",
        "notBefore": None,
        "startedAt": None,
        "endedAt": "2026-01-02T03:05:05.678Z" if ended else None,
        "environment": None,
        "progress": {"done": 0, "total": 2, "current": None},
        "failedCell": None,
        "error": None,
        "result": None,
        "keepaliveSeconds": None,
        "seq": 1,
        "logBytes": 0,
        **more,
    }


def ok(body: Any, status: int = 200, headers: Optional[Mapping[str, str]] = None) -> Reply:
    return Reply(status, json.dumps(body).encode(), headers or {})
