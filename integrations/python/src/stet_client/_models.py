"""What the server tells, as plain frozen values.

Each has the members that programs mostly need, and under `raw` the whole JSON, so that nothing a newer server says is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, List, Mapping, Optional, Sequence

Json = Mapping[str, Any]

#: The states of a run that has ended.
ENDED = frozenset({"succeeded", "failed", "cancelled", "lost"})


def _time(text: Optional[str]) -> Optional[datetime]:
    # fromisoformat knows no "Z" before Python 3.11.
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(frozen=True)
class FieldError:
    """One field at fault."""

    #: "body", "query", "path" or "header".
    place: str
    path: str
    message: str

    @classmethod
    def of(cls, raw: Json) -> FieldError:
        return cls(str(raw.get("in", "")), str(raw.get("path", "")), str(raw.get("message", "")))


@dataclass(frozen=True)
class CellError:
    """The error that a cell raised."""

    ename: str
    evalue: str
    traceback: Sequence[str]

    @classmethod
    def of(cls, raw: Json) -> CellError:
        return cls(raw["ename"], raw["evalue"], list(raw["traceback"]))


@dataclass(frozen=True)
class Run:
    """One execution of one version."""

    id: str
    #: For people.
    url: str
    #: "queued", "running", "succeeded", "failed", "cancelled" or "lost".
    state: str
    #: Why it ended so, for programs.
    reason: str
    #: The same in a sentence.
    explanation: str
    attempt: int
    space: str
    #: Id and path of its notebook.
    notebook_id: str
    notebook_path: str
    version: int
    #: SHA-256 of the version's bytes.
    version_sha256: str
    parameters: Mapping[str, Any]
    labels: Mapping[str, str]
    #: Digest of the environment that it ran in; None before it started.
    environment: Optional[str]
    created_at: datetime
    started_at: Optional[datetime]
    ended_at: Optional[datetime]
    cells_done: int
    cells_total: int
    #: Index of the cell that raised.
    failed_cell: Optional[int]
    error: Optional[CellError]
    #: The server cancels the run when it hears nothing for this long.
    keepalive_seconds: Optional[float]
    #: Size of its log so far.
    log_bytes: int
    has_result: bool
    raw: Json = field(repr=False, compare=False)
    #: After a launch: False when the idempotency key had this run already.
    created: bool = field(default=True, compare=False)

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def succeeded(self) -> bool:
        return self.state == "succeeded"

    @classmethod
    def of(cls, raw: Json, created: bool = True) -> Run:
        progress = raw.get("progress") or {}
        created_at = _time(raw["createdAt"])
        assert created_at is not None
        return cls(
            id=raw["id"],
            url=raw["url"],
            state=raw["state"],
            reason=raw.get("reason", ""),
            explanation=raw.get("explanation", ""),
            attempt=raw["attempt"],
            space=raw["space"]["name"],
            notebook_id=raw["notebook"]["id"],
            notebook_path=raw["notebook"]["path"],
            version=raw["version"],
            version_sha256=raw["versionSha256"],
            parameters=raw.get("parameters") or {},
            labels=raw.get("labels") or {},
            environment=raw.get("environment"),
            created_at=created_at,
            started_at=_time(raw.get("startedAt")),
            ended_at=_time(raw.get("endedAt")),
            cells_done=progress.get("done", 0),
            cells_total=progress.get("total", 0),
            failed_cell=raw.get("failedCell"),
            error=CellError.of(raw["error"]) if raw.get("error") else None,
            keepalive_seconds=raw.get("keepaliveSeconds"),
            log_bytes=raw.get("logBytes", 0),
            has_result=raw.get("result") is not None,
            raw=raw,
            created=created,
        )


@dataclass(frozen=True)
class Event:
    """Something that happened in a run; `what` depends on `type`."""

    seq: int
    attempt: int
    at: datetime
    #: "state", "cell", "stream", "output", "update", "clear", "progress" or "note".
    type: str
    what: Any

    @classmethod
    def of(cls, raw: Json) -> Event:
        at = _time(raw["at"])
        assert at is not None
        return cls(raw["seq"], raw["attempt"], at, raw["type"], raw["what"])


@dataclass(frozen=True)
class LogPart:
    """A part of a run's text output."""

    text: str
    #: Where to go on, in bytes.
    next_offset: int
    #: The run has ended and this was the last of it.
    eof: bool

    @classmethod
    def of(cls, raw: Json) -> LogPart:
        return cls(raw["text"], raw["nextOffset"], raw["eof"])


@dataclass(frozen=True)
class Artifact:
    """A file that a run wrote."""

    path: str
    attempt: int
    sha256: str
    size_bytes: int
    media_type: str
    url: str

    @classmethod
    def of(cls, raw: Json) -> Artifact:
        return cls(raw["path"], raw["attempt"], raw["sha256"], raw["sizeBytes"], raw["mediaType"], raw["url"])


@dataclass(frozen=True)
class Upload:
    """A file that was sent for a parameter of runs."""

    id: str
    #: What the parameter is given.
    value: str
    name: str
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, raw: Json) -> Upload:
        return cls(raw["id"], raw["value"], raw["name"], raw["sizeBytes"], raw["sha256"])


@dataclass(frozen=True)
class Outputs:
    """What a run leaves behind beside its result."""

    #: Named values of up to 64 KB.
    values: Mapping[str, Any]
    artifacts: List[Artifact]

    @classmethod
    def of(cls, raw: Json) -> Outputs:
        return cls(raw["outputs"], [Artifact.of(one) for one in raw["artifacts"]])


@dataclass(frozen=True)
class Notebook:
    id: str
    space: str
    path: str
    title: str
    language: str
    tags: Sequence[str]
    #: Number of the newest version.
    latest: int
    url: str
    updated_at: datetime
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: Json) -> Notebook:
        updated_at = _time(raw["updatedAt"])
        assert updated_at is not None
        return cls(raw["id"], raw["space"]["name"], raw["path"], raw["title"], raw["language"], raw["tags"], raw["latest"], raw["url"], updated_at, raw)


@dataclass(frozen=True)
class Version:
    number: int
    sha256: str
    size_bytes: int
    message: str
    label: Optional[str]
    created_at: datetime
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: Json) -> Version:
        created_at = _time(raw["createdAt"])
        assert created_at is not None
        return cls(raw["number"], raw["sha256"], raw["sizeBytes"], raw["message"], raw["label"], created_at, raw)


@dataclass(frozen=True)
class Saved:
    """What saving came to."""

    notebook: Notebook
    version: Version
    #: False: the bytes were those of the newest version.
    created: bool
    #: What the server had to mend to read it.
    repairs: Sequence[str]

    @classmethod
    def of(cls, raw: Json) -> Saved:
        return cls(Notebook.of(raw["notebook"]), Version.of(raw["version"]), raw["created"], raw["repairs"])


@dataclass(frozen=True)
class Template:
    """A notebook version that is published to be launched."""

    name: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: Json) -> Template:
        return cls(raw["name"], raw)
