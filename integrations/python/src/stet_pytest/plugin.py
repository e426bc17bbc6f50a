"""
The fixture `notebook`:

    import pytest

    pytestmark = pytest.mark.notebook("sales.ipynb", until="clean", parameters={"region": "EU"})

    def test_cleaning(notebook):
        assert notebook.ref("number_of")("1.234,50", True) == 1234.5

The marker takes what `open_notebook` takes; the path is relative to the test's file. Each test gets a kernel of its own. With
`shared=True` the tests of a module that have the same marker share one, and what one of them changes the next one sees.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any, Dict, Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "notebook(path, until=None, parameters={}, mocks={}, kernel=None, timeout=60, execute=True, shared=False): the notebook that the fixture of the same name opens",
    )


@pytest.fixture(scope="module")
def _shared_notebooks() -> Iterator["tuple[ExitStack, Dict[str, Any]]"]:
    with ExitStack() as stack:
        yield stack, {}


@pytest.fixture
def notebook(request: pytest.FixtureRequest, _shared_notebooks: "tuple[ExitStack, Dict[str, Any]]") -> Iterator[Any]:
    """A notebook on a real kernel, as the marker `notebook` says."""
    from ._kernel import open_notebook

    marker = request.node.get_closest_marker("notebook")
    if marker is None or len(marker.args) != 1:
        pytest.fail('say which notebook: @pytest.mark.notebook("sales.ipynb", until="TAG")', pytrace=False)
    path = os.path.join(os.path.dirname(request.node.path), marker.args[0])
    options = {key: value for key, value in marker.kwargs.items() if key != "shared"}
    if not marker.kwargs.get("shared"):
        with open_notebook(path, **options) as opened:
            yield opened
        return
    stack, opened_before = _shared_notebooks
    key = repr((path, sorted(options.items())))
    if key not in opened_before:
        opened_before[key] = stack.enter_context(open_notebook(path, **options))
    yield opened_before[key]
