"""Everything that can go wrong, as exceptions. All of them are a StetError."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Type

from ._models import FieldError, Run


class StetError(Exception):
    """Whatever this package raises by itself."""


class Unreachable(StetError):
    """No answer came that could be from Stet: no connection, a time-out, another server."""


class NotAvailable(StetError):
    """This server is of a version that cannot do this yet."""


class WaitTimeout(StetError, TimeoutError):
    """The run had not ended when the time was up. It goes on: `run` is how it stood then."""

    def __init__(self, run: Run, seconds: float) -> None:
        super().__init__(f"The run {run.id} is still {run.state} after {seconds:g} s; it goes on. See {run.url}")
        self.run = run


class RunFailed(StetError):
    """A run that was waited for with `check=True` did not succeed."""

    def __init__(self, run: Run) -> None:
        cause = f": {run.error.ename}: {run.error.evalue}" if run.error else ""
        told = run.explanation or run.reason.replace("_", " ")
        super().__init__(f"The run {run.id} {run.state}{cause}{f' ({told})' if told else ''}. See {run.url}")
        self.run = run


class ApiError(StetError):
    """The server refused or failed, with a problem of RFC 9457.

    `code` never changes its meaning and is what programs should look at; `detail` and `remedy` are for people.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: Optional[float] = None) -> None:
        self.status = status
        self.problem = problem
        #: The name of the refusal, such as "no_such_notebook".
        self.code: str = str(problem.get("code", ""))
        self.title: str = str(problem.get("title", ""))
        self.detail: str = str(problem.get("detail", ""))
        self.remedy: str = str(problem.get("remedy", ""))
        #: The id of the request, as the server's log has it.
        self.instance: str = str(problem.get("instance", ""))
        #: Every field at fault.
        self.errors: Sequence[FieldError] = [FieldError.of(error) for error in problem.get("errors") or []]
        #: What a program needs to act, as with both sides of a conflict.
        self.facts: Mapping[str, Any] = problem.get("facts") or {}
        #: Seconds that the server asks to wait before the next try.
        self.retry_after = retry_after
        fields = "; ".join(f"{error.path}: {error.message}" for error in self.errors if error.message not in self.detail)
        super().__init__(" ".join(part for part in (self.detail or self.title, fields, self.remedy) if part) or f"Status {status}")


class BadRequest(ApiError):
    """400: what was sent does not have the form of the API."""


class Unauthenticated(ApiError):
    """401: no token, or one that is wrong, revoked or past its time."""


class Forbidden(ApiError):
    """403: it may be read, but not this be done with it."""


class NotFound(ApiError):
    """404: not there, or not for this token: the server tells the two apart to nobody."""


class Conflict(ApiError):
    """409: saved by somebody else meanwhile, the same key with another order, and the like."""


class Invalid(ApiError):
    """422: understood, and not possible: parameters that do not fit, for instance."""


class RateLimited(ApiError):
    """429: too many requests; `retry_after` says for how long."""


class ServerError(ApiError):
    """5xx: something failed on the server."""


_BY_STATUS: Mapping[int, Type[ApiError]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: RateLimited,
}


def api_error(status: int, problem: Mapping[str, Any], retry_after: Optional[float] = None) -> ApiError:
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else ApiError)
    return kind(status, problem, retry_after)
