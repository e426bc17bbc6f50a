from __future__ import annotations

import codecs
import json
import os
import time
import uuid
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union, cast

from ._errors import RunFailed, WaitTimeout
from ._models import Artifact, Event, LogPart, Outputs, Run, Upload
from ._pages import pages
from ._wire import Request, Wire, json_body, segment

RunRef = Union[str, Run]

#: Seconds of one long poll; with a log to follow it is asked more often.
_POLL = 30.0
_POLL_WITH_LOG = 2.0
_SHORTEST = 0.2
#: Seconds for which a wait bears a server that is away: it may be restarted, and the run goes on meanwhile.
_PATIENCE = 300.0


class Runs:
    """What ran, runs and will run."""

    def __init__(self, wire: Wire, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock

    def launch(
        self,
        *,
        notebook: Optional[str] = None,
        template: Optional[str] = None,
        version: Union[int, str] = "latest",
        parameters: Optional[Mapping[str, Any]] = None,
        key: Optional[str] = None,
        on_existing: str = "attach",
        labels: Optional[Mapping[str, str]] = None,
        orchestrator: Optional[Mapping[str, Any]] = None,
        environment: Optional[str] = None,
        priority: Optional[int] = None,
        timeout_seconds: Optional[float] = None,
        cell_timeout_seconds: Optional[float] = None,
        retry: Optional[Mapping[str, Any]] = None,
        keepalive_seconds: Optional[int] = None,
        openlineage: Optional[Mapping[str, Any]] = None,
        keep_kernel_seconds: Optional[int] = None,
    ) -> Run:
        """Orders a run; gives it back as soon as the server keeps it.

        `notebook` is an id or "space/path", `version` a number, "latest" or "sha256:…". Or `template` is the name of one, as
        "finance/weekly-revenue", with "@channel" or "@version" behind it when another promotion than the newest is meant.

        `key` is the idempotency key: for one key there is one run, however often this is called or delivered. A scheduler
        gives one that it can make again (its own run's id); without one this call makes up its own, so that only this
        call's repetitions are safe. `on_existing` says what a key does that has a run: "attach" gives it, "new-attempt" opens
        its next attempt when it failed, "reject" raises Conflict.

        A parameter that is a file is given as a path (`pathlib.Path`, anything with `__fspath__`) or as a file that is open for
        reading bytes; it is sent first. A list of files is a list of these. A plain text stays text: "upload:…" of what was sent before, or a path beside the notebook.

        Raises Invalid (parameters, all of them at once), NotFound, Forbidden, Conflict.
        """
        if (notebook is None) == (template is None):
            raise TypeError("launch() takes either notebook or template")
        which = {} if notebook is None else {"notebook": notebook, "version": version}
        path = "/api/v1/runs" if template is None else f"/api/v1/templates/{segment(template)}/runs"
        optional = {
            "environment": environment,
            "priority": priority,
            "timeoutSeconds": timeout_seconds,
            "cellTimeoutSeconds": cell_timeout_seconds,
            "retry": retry,
            "keepaliveSeconds": keepalive_seconds,
            "orchestrator": orchestrator,
            "openlineage": openlineage,
            "keepKernelSeconds": keep_kernel_seconds,
        }
        body = {
            **which,
            "parameters": {name: self._given(value, notebook, template) for name, value in (parameters or {}).items()},
            "labels": dict(labels or {}),
            "onExisting": on_existing,
            **{name: value for name, value in optional.items() if value is not None},
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid.uuid4())}
        answer = self._wire.ask(Request("POST", path, body=json_body(body), headers=headers))
        return Run.of(answer.json(), created=answer.status == 201)

    def upload(
        self,
        file: Union["os.PathLike[str]", IO[bytes]],
        *,
        notebook: Optional[str] = None,
        template: Optional[str] = None,
        name: Optional[str] = None,
    ) -> Upload:
        """Sends a file for a parameter of runs of that notebook or template: its `value` is what the parameter is given.

        `name` is what it is called there, its own name without it. The same file sent again is the same upload.

        Raises Invalid (an empty file), NotFound, Forbidden, Conflict (too many that no run has taken).
        """
        if (notebook is None) == (template is None):
            raise TypeError("upload() takes either notebook or template")
        place = f"notebooks/{segment(notebook)}" if notebook is not None else f"templates/{segment((template or '').split('@')[0])}"
        path = os.fspath(file) if isinstance(file, os.PathLike) else None
        called = name or os.path.basename(path or str(getattr(file, "name", "") or "file"))
        body = None if path is not None else cast("IO[bytes]", file).read()
        if body is not None and not isinstance(body, bytes):
            raise TypeError("A file that is given must be open for reading bytes: open(path, 'rb').")
        headers = {"Content-Type": "application/octet-stream"}
        request = Request("POST", f"/api/v1/{place}/uploads", query={"name": called}, body=body, file=path, headers=headers, repeatable=True)
        return Upload.of(self._wire.ask(request).json())

    def _given(self, value: Any, notebook: Optional[str], template: Optional[str]) -> Any:
        if isinstance(value, os.PathLike) or (hasattr(value, "read") and not isinstance(value, (str, bytes))):
            return self.upload(value, notebook=notebook, template=template).value
        if isinstance(value, (list, tuple)):
            return [self._given(one, notebook, template) for one in value]
        return value

    def get(self, run: RunRef, *, wait_seconds: Optional[float] = None, if_not_state: Union[None, str, Sequence[str]] = None) -> Run:
        """One run. With `wait_seconds` the answer comes when its state is another than `if_not_state`, or the time is up."""
        return self._standing(run, 0.0, wait_seconds=wait_seconds, if_not_state=if_not_state)

    def _standing(
        self, run: RunRef, patience: float, *, wait_seconds: Optional[float] = None, if_not_state: Union[None, str, Sequence[str]] = None
    ) -> Run:
        query = {"waitSeconds": wait_seconds, "ifNotState": if_not_state}
        timeout = None if wait_seconds is None else wait_seconds + 30
        return Run.of(self._wire.ask(Request("GET", _path(run), query=query, timeout=timeout, patience=patience)).json())

    def list(
        self,
        *,
        space: Optional[str] = None,
        notebook: Optional[str] = None,
        version: Optional[int] = None,
        state: Union[None, str, Sequence[str]] = None,
        label: Union[None, str, Sequence[str]] = None,
        limit: Optional[int] = None,
    ) -> Iterator[Run]:
        """Runs that the token may read, newest first, fetched as they are taken. `label` is "key=value"."""
        query = {"space": space, "notebook": notebook, "version": version, "state": state, "label": label}
        return (Run.of(raw) for raw in pages(self._wire, "/api/v1/runs", query, limit))

    def wait(
        self,
        run: RunRef,
        timeout: Optional[float] = None,
        *,
        log: Optional[Callable[[str], Any]] = None,
        check: bool = False,
        cancel_when_stopped: bool = False,
    ) -> Run:
        """Waits until the run has ended, and gives it back.

        `log` is called with the run's text output as it comes, in pieces of whole characters. A run that was launched with
        `keepalive_seconds` is kept alive meanwhile. A server that is away is waited for, up to five minutes.

        With `cancel_when_stopped` the run is cancelled when what waits is stopped: by Ctrl-C, by SystemExit, or by what a scheduler
        raises in a task that it stops. An ordinary exception, such as that of a server that stays away, cancels nothing.

        Raises WaitTimeout after `timeout` seconds (the run goes on), and with `check` RunFailed when it did not succeed.
        """
        try:
            ended = self._wait(run, timeout, log)
        # Whatever is raised to stop a program or a task is no Exception: KeyboardInterrupt, and what Dagster and Prefect raise.
        except BaseException as stopped:
            if cancel_when_stopped and not isinstance(stopped, Exception):
                self.cancel(run, "what waited for it was stopped")
            raise
        if check and not ended.succeeded:
            raise RunFailed(ended)
        return ended

    def _wait(self, run: RunRef, timeout: Optional[float], log: Optional[Callable[[str], Any]]) -> Run:
        deadline = None if timeout is None else self._clock() + timeout
        offset = 0
        current = self._standing(run, _PATIENCE if timeout is None else min(_PATIENCE, timeout))
        alive_at = self._clock()
        while True:
            if log is not None and (current.log_bytes > offset or current.has_ended):
                offset = self._tell(current, offset, log)
            if current.has_ended:
                return current
            left = None if deadline is None else deadline - self._clock()
            if left is not None and left <= 0:
                raise WaitTimeout(current, timeout or 0)
            patience = _PATIENCE if left is None else min(_PATIENCE, left)
            if current.keepalive_seconds is not None and self._clock() - alive_at >= current.keepalive_seconds / 3:
                self._wire.ask(Request("POST", f"{_path(current)}/keepalive", repeatable=True, patience=patience))
                alive_at = self._clock()
            seconds = min(_POLL if log is None else _POLL_WITH_LOG, _POLL if left is None else left, (current.keepalive_seconds or 90) / 3)
            asked_at = self._clock()
            current = self._standing(current, patience, wait_seconds=round(max(seconds, 0.05), 3), if_not_state=current.state)
            # A proxy that does not wait must not make us ask without a pause.
            if not current.has_ended and self._clock() - asked_at < _SHORTEST:
                self._wire.sleep(_SHORTEST)

    def _tell(self, run: Run, offset: int, log: Callable[[str], Any]) -> int:
        """Tells what is new of the log, and where to go on. Of a run that has ended everything."""
        while True:
            part = self.log(run, offset)
            if part.text:
                log(part.text)
            is_done = part.eof or part.next_offset == offset or (not run.has_ended and part.next_offset >= run.log_bytes)
            offset = part.next_offset
            if is_done:
                return offset

    def events(self, run: RunRef, *, after: int = 0) -> Iterator[Event]:
        """Everything that happens, from the event after `after` on, until the run has ended. Goes on over lost connections."""
        seq = after

        def request() -> Request:
            headers = {"Accept": "text/event-stream", "Last-Event-ID": str(seq)}
            return Request("GET", f"{_path(run)}/events", headers=headers, timeout=90)

        for kind, data in _messages(self._wire.lines_from(request)):
            if kind == "end":
                return
            if kind == "resync":
                continue
            event = Event.of(json.loads(data))
            if event.seq > seq:
                seq = event.seq
                yield event

    def log(self, run: RunRef, offset: int = 0, *, limit_bytes: Optional[int] = None) -> LogPart:
        """The run's text output from a byte on."""
        query = {"offset": offset, "limitBytes": limit_bytes}
        return LogPart.of(self._wire.ask(Request("GET", f"{_path(run)}/log", query=query)).json())

    def outputs(self, run: RunRef, *, attempt: Optional[int] = None) -> Outputs:
        """Named values and artifacts that a run leaves behind."""
        return Outputs.of(self._wire.ask(Request("GET", f"{_path(run)}/outputs", query={"attempt": attempt})).json())

    def artifact(self, run: RunRef, path: Union[str, Artifact], *, attempt: Optional[int] = None) -> bytes:
        """The bytes of a file that a run wrote."""
        if isinstance(path, Artifact):
            attempt = path.attempt
            path = path.path
        return self._wire.ask(Request("GET", f"{_path(run)}/artifacts/content", query={"path": path, "attempt": attempt})).body

    def result(self, run: RunRef, *, attempt: Optional[int] = None) -> Dict[str, Any]:
        """The result: the notebook that a run leaves behind, as JSON."""
        notebook: Dict[str, Any] = json.loads(self.result_bytes(run, attempt=attempt))
        return notebook

    def result_bytes(self, run: RunRef, *, attempt: Optional[int] = None) -> bytes:
        """The same as the bytes of an .ipynb file."""
        return self._wire.ask(Request("GET", f"{_path(run)}/result", query={"attempt": attempt})).body

    def result_html(self, run: RunRef, *, attempt: Optional[int] = None) -> str:
        """The same as one page that only shows."""
        return self._wire.ask(Request("GET", f"{_path(run)}/result.html", query={"attempt": attempt})).body.decode()

    def cancel(self, run: RunRef, reason: str = "", *, grace_seconds: Optional[int] = None) -> Run:
        """Asks a run to stop; one that has ended stays as it is."""
        body = {"reason": reason, **({} if grace_seconds is None else {"graceSeconds": grace_seconds})}
        headers = {"Content-Type": "application/json"}
        return Run.of(self._wire.ask(Request("POST", f"{_path(run)}/cancel", body=json_body(body), headers=headers, repeatable=True)).json())

    def keepalive(self, run: RunRef) -> Run:
        """Says that the caller still wants it."""
        return Run.of(self._wire.ask(Request("POST", f"{_path(run)}/keepalive", repeatable=True)).json())

    def retry(self, run: RunRef) -> Run:
        """Opens the next attempt of a run that did not succeed. Raises Conflict."""
        return Run.of(self._wire.ask(Request("POST", f"{_path(run)}/retry")).json())


def _path(run: RunRef) -> str:
    return f"/api/v1/runs/{segment(run.id if isinstance(run, Run) else run)}"


def _messages(lines: Iterator[bytes]) -> Iterator[Tuple[str, str]]:
    """Server-sent events (WHATWG HTML, 9.2): kind and data. An empty piece says that the connection was lost there."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    kind = "message"
    data: List[str] = []
    for piece in lines:
        if piece == b"":
            decoder.reset()
            kind, data = "message", []
            continue
        line = decoder.decode(piece).rstrip("\r\n")
        if line == "":
            if data:
                yield kind, "\n".join(data)
            kind, data = "message", []
        elif line.startswith("event:"):
            kind = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].lstrip(" ") if line[5:6] == " " else line[5:])
