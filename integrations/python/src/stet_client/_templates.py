from __future__ import annotations

from typing import Iterator, Optional

from ._errors import NotAvailable
from ._models import Template
from ._pages import pages
from ._wire import Request, Wire, segment


class Templates:
    """Notebook versions that are published to be launched."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._is_there: Optional[bool] = None

    def list(self, *, limit: Optional[int] = None) -> Iterator[Template]:
        """Templates that the token may launch. Raises NotAvailable when the server has none at all."""
        self._must_be_there()
        return (Template.of(raw) for raw in pages(self._wire, "/api/v1/templates", {}, limit))

    def get(self, name: str) -> Template:
        """Raises NotAvailable, NotFound."""
        self._must_be_there()
        return Template.of(self._wire.ask(Request("GET", f"/api/v1/templates/{segment(name)}")).json())

    def _must_be_there(self) -> None:
        # A template that is not there and a server that knows of none both answer 404: its own description tells them apart.
        if self._is_there is None:
            self._is_there = "/api/v1/templates" in self._wire.ask(Request("GET", "/api/openapi.json")).json().get("paths", {})
        if not self._is_there:
            raise NotAvailable(f"The server at {self._wire.url} does not have templates yet: launch a notebook and its version instead.")
