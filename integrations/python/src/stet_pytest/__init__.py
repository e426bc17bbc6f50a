"""Unit tests into the cells of a notebook: reach its functions and values on a real kernel, patch what they use, run cells by tag.

With pytest a test asks for the fixture `notebook` (see plugin.py); elsewhere use `open_notebook`.
"""

from ._kernel import CellNotFound, NotebookError, NotebookKernel, open_notebook
from ._ref import Ref

__all__ = ["CellNotFound", "NotebookError", "NotebookKernel", "Ref", "open_notebook"]
