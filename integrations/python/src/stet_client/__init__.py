"""A thin client of a Stet server: launch notebooks, wait for them, read what they leave behind.

    from stet_client import Stet

    stet = Stet("https://stet.example", token="stet_…")
    run = stet.runs.launch(notebook="sales/Q3.ipynb", parameters={"region": "EU"})
    run = stet.runs.wait(run.id, log=print, check=True)
"""

from ._client import Stet
from ._errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotAvailable,
    NotFound,
    RateLimited,
    RunFailed,
    ServerError,
    StetError,
    Unauthenticated,
    Unreachable,
    WaitTimeout,
)
from ._models import Artifact, CellError, Event, FieldError, LogPart, Notebook, Outputs, Run, Saved, Template, Upload, Version

__all__ = [
    "ApiError",
    "Artifact",
    "BadRequest",
    "CellError",
    "Conflict",
    "Event",
    "FieldError",
    "Forbidden",
    "Invalid",
    "LogPart",
    "NotAvailable",
    "NotFound",
    "Notebook",
    "Outputs",
    "RateLimited",
    "Run",
    "RunFailed",
    "Saved",
    "ServerError",
    "Stet",
    "StetError",
    "Template",
    "Unauthenticated",
    "Unreachable",
    "Upload",
    "Version",
    "WaitTimeout",
]
__version__ = "0.1.0"
