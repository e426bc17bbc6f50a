"""Something that lives in the notebook's kernel, handled from the test as if it were here."""

from __future__ import annotations

import base64
import pickle
from typing import TYPE_CHECKING, Any, Iterator

if TYPE_CHECKING:
    from ._kernel import NotebookKernel

PLAIN = (type(None), bool, int, float, str, bytes)


class Ref:
    """
    A name or an expression of the notebook. Calling it, or taking an attribute or an item, gives another one; `value` brings it here.
    What is compared, counted or asked whether it is true is decided in the kernel, so that `ref("total") == 3` is a plain bool.
    """

    __slots__ = ("_kernel", "_expression")
    _kernel: "NotebookKernel"
    _expression: str
    # What compares by itself cannot be found by its hash.
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, kernel: "NotebookKernel", expression: str) -> None:
        object.__setattr__(self, "_kernel", kernel)
        object.__setattr__(self, "_expression", expression)

    @property
    def value(self) -> Any:
        """As plain Python: what JSON knows, and what numpy and pandas give as lists and numbers."""
        return self._kernel.value(self._expression)

    def __call__(self, *args: Any, **kwargs: Any) -> "Ref":
        given = [literal(arg) for arg in args] + [f"{name}={literal(value)}" for name, value in kwargs.items()]
        return self._kernel.keep(f"{self._expression}({', '.join(given)})")

    def __getattr__(self, name: str) -> "Ref":
        if name.startswith("__"):
            raise AttributeError(name)
        return Ref(self._kernel, f"{self._expression}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._kernel.inject(f"{self._expression}.{name} = {literal(value)}")

    def __getitem__(self, key: Any) -> "Ref":
        return Ref(self._kernel, f"{self._expression}[{literal(key)}]")

    def __setitem__(self, key: Any, value: Any) -> None:
        self._kernel.inject(f"{self._expression}[{literal(key)}] = {literal(value)}")

    def __len__(self) -> int:
        return int(self._kernel.value(f"len({self._expression})"))

    def __iter__(self) -> Iterator["Ref"]:
        kept = self._kernel.keep(f"list({self._expression})")
        return (kept[at] for at in range(len(kept)))

    def __contains__(self, item: Any) -> bool:
        return bool(self._kernel.value(f"bool({literal(item)} in {self._expression})"))

    def __bool__(self) -> bool:
        return bool(self._kernel.value(f"bool({self._expression})"))

    def __eq__(self, other: object) -> bool:
        return bool(self._kernel.value(f"bool({self._expression} == {literal(other)})"))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return bool(self._kernel.value(f"bool({self._expression} < {literal(other)})"))

    def __le__(self, other: Any) -> bool:
        return bool(self._kernel.value(f"bool({self._expression} <= {literal(other)})"))

    def __gt__(self, other: Any) -> bool:
        return bool(self._kernel.value(f"bool({self._expression} > {literal(other)})"))

    def __ge__(self, other: Any) -> bool:
        return bool(self._kernel.value(f"bool({self._expression} >= {literal(other)})"))

    def __repr__(self) -> str:
        return str(self._kernel.value(f"repr({self._expression})"))


def literal(value: Any) -> str:
    """A Python expression for it: plain where it can be, else pickled (both sides are the test's own)."""
    if isinstance(value, Ref):
        return f"({value._expression})"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f"float({str(value)!r})"
    if type(value) in PLAIN:
        return repr(value)
    if type(value) in (list, tuple, set) and value:
        parts = ", ".join(literal(item) for item in value)
        return f"({parts},)" if type(value) is tuple else f"[{parts}]" if type(value) is list else "{" + parts + "}"
    if type(value) is dict:
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if type(value) is slice:
        return f"slice({literal(value.start)}, {literal(value.stop)}, {literal(value.step)})"
    return f"__import__('pickle').loads(__import__('base64').b64decode({base64.b64encode(pickle.dumps(value)).decode()!r}))"
