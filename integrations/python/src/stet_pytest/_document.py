"""As much of nbformat as tests need: cells, their tags, what the notebook's language and kernel are."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping, Sequence, Union

#: A tag, the id of a cell, or its number among all cells, from 1.
CellRef = Union[str, int]


class CellNotFound(LookupError):
    """No cell of the notebook has this tag, id or number."""


class Document:
    def __init__(self, path: "os.PathLike[str] | str") -> None:
        with open(path, encoding="utf-8") as file:
            self.raw: Mapping[str, Any] = json.load(file)
        self.cells: Sequence[Mapping[str, Any]] = self.raw.get("cells", [])
        metadata = self.raw.get("metadata", {})
        self.kernel_name: str = metadata.get("kernelspec", {}).get("name") or "python3"
        self.language: str = str(metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language") or "python").lower()

    def places(self, ref: CellRef) -> List[int]:
        """Indexes of the cells that are meant; a tag may mean several."""
        if isinstance(ref, int):
            found = [ref - 1] if 1 <= ref <= len(self.cells) else []
        else:
            found = [at for at, cell in enumerate(self.cells) if cell.get("id") == ref or ref in tags_of(cell)]
        if not found:
            tags = sorted({tag for cell in self.cells for tag in tags_of(cell)})
            raise CellNotFound(f"no cell is meant by {ref!r}: the notebook has cells 1 to {len(self.cells)} and the tags {', '.join(tags) or '(none)'}")
        return found


def tags_of(cell: Mapping[str, Any]) -> Sequence[str]:
    tags: Sequence[str] = cell.get("metadata", {}).get("tags", [])
    return tags


def source_of(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def is_run(cell: Mapping[str, Any]) -> bool:
    return cell.get("cell_type") == "code" and source_of(cell).strip() != "" and "skip-execution" not in tags_of(cell)


def text_of(outputs: Sequence[Mapping[str, Any]]) -> str:
    """What a terminal would show of them."""
    parts = []
    for output in outputs:
        data = output.get("data", {})
        plain = output.get("text") if output.get("output_type") == "stream" else data.get("text/plain", "")
        text = plain if isinstance(plain, str) else "".join(plain or [])
        parts.append(text if output.get("output_type") == "stream" else f"{text}\n")
    return "".join(parts).rstrip("\n")


def named_results(outputs: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    """Results by name, in scrapbook's and papermill's forms."""
    found: Dict[str, Any] = {}
    for output in outputs:
        for media_type, value in output.get("data", {}).items():
            if media_type == "application/papermill.record+json":
                found.update(value)
            elif media_type.startswith("application/scrapbook.scrap."):
                found[value["name"]] = value.get("data")
    return found
