from __future__ import annotations

import json
import os
import re
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

from ._models import Notebook, Saved, Version
from ._pages import pages
from ._wire import Request, Wire, segment

NotebookRef = Union[str, Notebook]
#: Bytes as they are, a parsed notebook, or the path of a file.
Content = Union[bytes, Mapping[str, Any], "os.PathLike[str]"]


class Notebooks:
    """The library's notebooks. One is named by its id or as "space/path"."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(
        self,
        *,
        space: Optional[str] = None,
        folder: Optional[str] = None,
        tag: Union[None, str, Sequence[str]] = None,
        language: Optional[str] = None,
        name: Optional[str] = None,
        order: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Iterator[Notebook]:
        """Notebooks that the token may read, fetched as they are taken. `name` is a part of title or path."""
        query = {"space": space, "folder": folder, "tag": tag, "language": language, "name": name, "order": order}
        return (Notebook.of(raw) for raw in pages(self._wire, "/api/v1/notebooks", query, limit))

    def get(self, notebook: NotebookRef) -> Notebook:
        return Notebook.of(self._wire.ask(Request("GET", _path(notebook))).json())

    def content(self, notebook: NotebookRef, *, version: Optional[int] = None) -> bytes:
        """The bytes of a version, byte for byte as they came; default the newest."""
        where = "/content" if version is None else f"/versions/{version}/content"
        return self._wire.ask(Request("GET", f"{_path(notebook)}{where}")).body

    def versions(self, notebook: NotebookRef, *, limit: Optional[int] = None) -> Iterator[Version]:
        """Newest first."""
        return (Version.of(raw) for raw in pages(self._wire, f"{_path(notebook)}/versions", {}, limit))

    def save(
        self,
        notebook: NotebookRef,
        content: Content,
        *,
        base: Optional[int] = None,
        message: Optional[str] = None,
        label: Optional[str] = None,
    ) -> Saved:
        """Saves a new version when the bytes differ from the newest one; "space/path" is put in when it is not there.

        With `base`, the number of the version that was edited, nothing is overwritten that somebody saved meanwhile: that
        raises Conflict, whose `facts` name both sides.
        """
        query = {"base": base, "message": message, "label": label}
        headers = {"Content-Type": "application/x-ipynb+json"}
        body = _bytes(content)
        # An id has 26 digits and capital letters, and no slash.
        if isinstance(notebook, Notebook) or re.fullmatch(r"[0-9A-Z]{26}", notebook):
            return Saved.of(self._wire.ask(Request("PUT", f"{_path(notebook)}/content", query=query, body=body, headers=headers)).json())
        space, slash, path = notebook.partition("/")
        if not slash or not path:
            raise ValueError(f"{notebook!r} is neither the id of a notebook nor a space and a path, like sales/Q3.ipynb.")
        query = {"space": space, "path": path, **query}
        return Saved.of(self._wire.ask(Request("POST", "/api/v1/notebooks", query=query, body=body, headers=headers, repeatable=True)).json())


def _path(notebook: NotebookRef) -> str:
    return f"/api/v1/notebooks/{segment(notebook.id if isinstance(notebook, Notebook) else notebook)}"


def _bytes(content: Content) -> bytes:
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, os.PathLike):
        with open(content, "rb") as file:
            return file.read()
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
