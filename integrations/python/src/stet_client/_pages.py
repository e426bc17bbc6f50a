from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional

from ._wire import Query, Request, Wire

_PAGE = 200


def pages(wire: Wire, path: str, query: Query, limit: Optional[int]) -> Iterator[Mapping[str, Any]]:
    """The items of a list, page after page as they are taken, at most `limit` of them."""
    left = limit
    cursor: Optional[str] = None
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        page = wire.ask(Request("GET", path, query={**query, "limit": size, "cursor": cursor})).json()
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return
        left = None if left is None else left - len(page["items"])
