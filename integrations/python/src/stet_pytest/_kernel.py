"""A notebook on a kernel of its own."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import os
import shutil
import tempfile
import textwrap
from contextlib import ExitStack, contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Type, Union

from ._document import CellNotFound, CellRef, Document, is_run, named_results, source_of, tags_of, text_of
from ._ref import Ref, literal

__all__ = ["CellNotFound", "NotebookError", "NotebookKernel", "open_notebook"]


class NotebookError(Exception):
    """
    What the kernel raised. An error of Python's own is also of that class, so that `pytest.raises(KeyError)` sees it; others are
    told by `ename`.
    """

    def __init__(self, ename: str, evalue: str, traceback: List[str]) -> None:
        super().__init__(f"{ename}: {evalue}")
        self.ename = ename
        self.evalue = evalue
        self.traceback = traceback

    def __str__(self) -> str:
        return "\n".join(self.traceback) or f"{self.ename}: {self.evalue}"


def _error(ename: str, evalue: str, traceback: List[str]) -> NotebookError:
    own = getattr(builtins, ename, None)
    if isinstance(own, type) and issubclass(own, Exception):
        try:
            both: Type[NotebookError] = type(ename, (NotebookError, own), {})
            return both(ename, evalue, traceback)
        except TypeError:
            pass  # Some of them, as UnicodeDecodeError, cannot be made of a text.
    return NotebookError(ename, evalue, traceback)


# What gives a value as JSON: numpy, pandas and the like are asked for plain values, what is left for its text.
_AS_JSON = (
    "__import__('json').dumps(({0}), default=lambda one: one.to_dict('list') if hasattr(one, 'to_dict') and hasattr(one, 'columns')"
    " else one.tolist() if hasattr(one, 'tolist') else sorted(one, key=repr) if isinstance(one, (set, frozenset)) else str(one))"
)


class NotebookKernel:
    """See `open_notebook`."""

    def __init__(self, document: Document, client: Any, mocks: Mapping[str, str], timeout: float) -> None:
        self.document = document
        self._client = client
        self._timeout = timeout
        self._mocks = {place: source for ref, source in mocks.items() for place in [self._only(ref)]}
        self._outputs: Dict[int, List[Mapping[str, Any]]] = {}
        self._kept = 0

    def _only(self, ref: CellRef) -> int:
        places = self.document.places(ref)
        if len(places) > 1:
            raise CellNotFound(f"{len(places)} cells have the tag {ref!r}: name the one that is meant by its id")
        return places[0]

    # Running

    def execute_cell(self, ref: Union[CellRef, Iterable[CellRef]]) -> str:
        """Runs the cells with this tag, id or number (or several of them), and gives what they show as text."""
        refs = [ref] if isinstance(ref, (str, int)) else list(ref)
        places = [place for one in refs for place in self.document.places(one)]
        for place in places:
            self._outputs[place] = self._run(self._mocks.get(place, source_of(self.document.cells[place])))
        return "\n".join(text for text in (text_of(self._outputs[place]) for place in places) if text)

    def execute_until(self, ref: Optional[CellRef] = None, parameters: Optional[Mapping[str, Any]] = None) -> None:
        """Every cell up to this one, itself included; all of them without one. Parameters are set behind the cell that declares them."""
        last = len(self.document.cells) - 1 if ref is None else self.document.places(ref)[-1]
        given = dict(parameters or {})
        for place, cell in enumerate(self.document.cells[: last + 1]):
            if is_run(cell):
                self.execute_cell(place + 1)
            if given and "parameters" in tags_of(cell):
                self._set(given)
                given = {}
        if given:
            raise CellNotFound(f"no cell tagged parameters came before {ref!r}, so {', '.join(given)} could not be set")

    def _set(self, given: Mapping[str, Any]) -> None:
        self._python("parameters")
        unknown = [name for name in given if not name.isidentifier() or not self.value(f"{name!r} in globals()")]
        if unknown:
            raise TypeError(f"the notebook declares no parameter {', '.join(unknown)}")
        self.inject("\n".join(f"{name} = {literal(value)}" for name, value in given.items()))

    def output(self, ref: CellRef) -> str:
        """What these cells showed, as text."""
        return "\n".join(text_of(self._outputs.get(place, [])) for place in self.document.places(ref))

    def outputs(self, ref: CellRef) -> List[Mapping[str, Any]]:
        """The same as outputs of nbformat."""
        return [output for place in self.document.places(ref) for output in self._outputs.get(place, [])]

    @property
    def results(self) -> Dict[str, Any]:
        """What was given by name so far."""
        return named_results([output for place in sorted(self._outputs) for output in self._outputs[place]])

    # Reaching in

    def ref(self, expression: str) -> Ref:
        """Something of the notebook by its name or an expression: `ref("clean")(rows)`, `ref("table")["day"]`."""
        self._python("ref")
        self.value(f"({expression}, None)[1]")
        return Ref(self, f"({expression})" if not expression.isidentifier() else expression)

    __getitem__ = ref

    def value(self, expression: str) -> Any:
        """The value of an expression, here. What is no JSON comes as near as can be: arrays and sets as lists, the rest as text."""
        self._python("value")
        return json.loads(ast.literal_eval(self._evaluate(_AS_JSON.format(expression))))

    def keep(self, expression: str) -> Ref:
        """Evaluates once, keeps what comes of it in the kernel, and refers to that."""
        self._kept += 1
        name = f"_stet_{self._kept}"
        self.inject(f"{name} = ({expression})")
        return Ref(self, name)

    def inject(self, code: Union[str, Callable[..., Any]]) -> str:
        """Runs code as if a cell held it, or defines a function of the test in the notebook; gives what it shows as text."""
        return text_of(self._run(code if isinstance(code, str) else textwrap.dedent(inspect.getsource(code))))

    @contextmanager
    def patch(self, target: str, **given: Any) -> Iterator[Ref]:
        """`unittest.mock.patch` in the kernel: `patch("requests.get", return_value=…)`; a name without a dot is the notebook's own."""
        self._python("patch")
        name = target if "." in target else f"__main__.{target}"
        arguments = "".join(f", {key}={literal(value)}" for key, value in given.items())
        with self._started(f"__import__('unittest.mock', fromlist=['mock']).patch({name!r}{arguments})") as mock:
            yield mock

    @contextmanager
    def patch_dict(self, target: str, values: Mapping[str, Any], clear: bool = False) -> Iterator[Ref]:
        """`unittest.mock.patch.dict` in the kernel, as for `os.environ`."""
        self._python("patch_dict")
        name = target if "." in target else f"__main__.{target}"
        with self._started(f"__import__('unittest.mock', fromlist=['mock']).patch.dict({name!r}, {literal(dict(values))}, clear={clear!r})") as mock:
            yield mock

    @contextmanager
    def _started(self, patch: str) -> Iterator[Ref]:
        patcher = self.keep(patch)
        mock = self.keep(f"{patcher._expression}.start()")
        try:
            yield mock
        finally:
            self.inject(f"{patcher._expression}.stop()")

    def _python(self, verb: str) -> None:
        if self.document.language not in ("python", "ipython"):
            raise NotImplementedError(
                f"{verb} reaches into Python kernels, and this notebook is in {self.document.language}: use execute_cell and output, or an expression check in its .stet.yaml"
            )

    # The wire

    def _run(self, code: str) -> List[Mapping[str, Any]]:
        outputs: List[Mapping[str, Any]] = []

        def hear(message: Mapping[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                outputs.append({"output_type": kind, **content})
            if kind == "clear_output":
                outputs.clear()

        reply = self._client.execute_interactive(code, timeout=self._timeout, output_hook=hear, allow_stdin=False, stop_on_error=False)
        _raise_for(reply["content"])
        return outputs

    def _evaluate(self, expression: str) -> str:
        reply = self._client.execute_interactive(
            "", user_expressions={"value": expression}, timeout=self._timeout, output_hook=lambda _: None, allow_stdin=False, store_history=False
        )
        content = reply["content"]
        _raise_for(content)
        value = content["user_expressions"]["value"]
        _raise_for(value)
        return str(value["data"]["text/plain"])


def _raise_for(content: Mapping[str, Any]) -> None:
    if content["status"] != "ok":
        raise _error(content.get("ename", "KernelError"), content.get("evalue", ""), content.get("traceback", []))


@contextmanager
def open_notebook(
    path: "os.PathLike[str] | str",
    *,
    until: Optional[CellRef] = None,
    parameters: Optional[Mapping[str, Any]] = None,
    mocks: Optional[Mapping[str, str]] = None,
    kernel: Optional[str] = None,
    cwd: "os.PathLike[str] | str | None" = None,
    timeout: float = 60,
    execute: bool = True,
) -> Iterator[NotebookKernel]:
    """
    The notebook on a fresh kernel, its cells executed up to `until` (a tag, an id or a number; all of them without one, none with
    `execute=False`). `mocks` gives cells another source. The kernel works in a copy of the notebook's folder (in the folder itself when it
    is larger than 200 MB), or in `cwd`, and ends with the block.
    """
    from jupyter_client.manager import KernelManager

    document = Document(path)
    manager = KernelManager(kernel_name=kernel or document.kernel_name)
    folder = os.path.dirname(os.path.abspath(path))
    with ExitStack() as stack:
        place = os.fspath(cwd) if cwd is not None else _copy_of(folder, stack)
        manager.start_kernel(cwd=place)
        stack.callback(manager.shutdown_kernel, now=True)
        client = manager.blocking_client()
        stack.callback(client.stop_channels)
        client.start_channels()
        client.wait_for_ready(timeout=timeout)
        notebook = NotebookKernel(document, client, mocks or {}, timeout)
        if execute:
            notebook.execute_until(until, parameters)
        yield notebook


_MOST_BYTES = 200_000_000
_LITTER = shutil.ignore_patterns(".git", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", "*.snapshots")


def _copy_of(folder: str, stack: ExitStack) -> str:
    """What one test writes is not there for the next one."""
    sizes = (os.path.getsize(os.path.join(here, name)) for here, _, names in os.walk(folder) for name in names if os.path.isfile(os.path.join(here, name)))
    total = 0
    for size in sizes:
        total += size
        if total > _MOST_BYTES:
            return folder
    # Windows keeps files open a little longer than their process.
    copy = tempfile.mkdtemp(prefix="stet-test-")
    stack.callback(shutil.rmtree, copy, ignore_errors=True)
    return shutil.copytree(folder, os.path.join(copy, "folder"), ignore=_LITTER)
