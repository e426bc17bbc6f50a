"""Tests of the pytest plugin, run under plain pytest against the example templates (their kernel needs pandas)."""

import dataclasses
import os

import pytest

from stet_pytest import CellNotFound, NotebookError, open_notebook

TEMPLATES = "../../../examples/templates"
CLEANING = pytest.mark.notebook(f"{TEMPLATES}/folder-to-table/folder-to-table.ipynb", until="clean", shared=True)
PULL = f"{TEMPLATES}/json-api-pull/json-api-pull.ipynb"


@CLEANING
def test_functions_are_called_and_what_they_give_is_compared_in_the_kernel(notebook):
    number_of = notebook.ref("number_of")
    assert number_of("1.234,50", True) == 1234.5
    assert number_of("1,234.50", has_commas=False) == 1234.5
    assert not number_of("many", False) == 0
    assert notebook["day_of"]("11.02.2026").month == 2
    assert number_of("12", False) > 11 and number_of("12", False) <= 12


@CLEANING
def test_values_come_as_plain_python(notebook):
    assert notebook.value("DAYS") == ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"]
    assert notebook.value("{'n': 1, 'set': {2, 1}, 'frame': pd.DataFrame({'a': [1, 2]}), 'series': pd.Series([1.5])}") == {
        "n": 1,
        "set": [1, 2],
        "frame": {"a": [1, 2]},
        "series": [1.5],
    }
    names = notebook.ref("NAMES")
    assert "datum" in names and len(names) > 5 and names["datum"] == "day"
    assert [each.value for each in notebook.ref("DAYS")] == notebook.value("DAYS")
    assert repr(notebook.ref("key[0]")) == "'day'"


@CLEANING
def test_errors_are_those_of_the_kernel(notebook):
    with pytest.raises(KeyError):
        notebook.ref("NAMES")["nothing"].value
    with pytest.raises(NotebookError) as caught:
        notebook.ref("read")(None, "no file")
    assert caught.value.ename == "AttributeError" and "read_text" in str(caught.value)
    with pytest.raises(NameError):
        notebook.ref("no_such_name")
    with pytest.raises(CellNotFound, match="no cell is meant by 'nowhere'"):
        notebook.execute_cell("nowhere")


@dataclasses.dataclass
class Point:
    x: int


@CLEANING
def test_what_is_given_arrives_as_it_is(notebook):
    same = notebook.ref("lambda one: one")
    for given in ["quote ' \" \\ \n", 1e-7, float("inf"), None, True, b"\0", (1,), [], {}, {"a": [1, (2, 3)]}, "{'a': 1}); 1/0 #"]:
        assert same(given) == given
    assert same(float("nan")) != float("nan")
    notebook.inject("class Point:\n    pass")
    assert notebook.ref("str")(__import__("decimal").Decimal("1.50")) == "1.50"

    notebook.inject("def shadowed():\n    return 1")
    assert notebook.ref("shadowed")() == 1
    assert notebook.inject("print('said')") == "said"


def shout(text):
    return text.upper() + "!"


@CLEANING
def test_a_function_of_the_test_is_defined_in_the_notebook(notebook):
    notebook.inject(shout)
    assert notebook.ref("shout")("well") == "WELL!"


@pytest.mark.notebook(PULL, until="fetch", parameters={"country": "FR", "page_size": 50})
def test_cells_run_by_tag_with_parameters(notebook):
    assert notebook.value("country") == "FR"
    assert "Cannes" in notebook.execute_cell("stations")
    notebook.execute_cell("results")
    assert notebook.results == {"stations": 2, "pages": 1, "asked": 1, "highest": "Grenoble"}
    assert "Grenoble" in notebook.output("stations") and notebook.outputs("stations")[0]["output_type"] == "execute_result"


@pytest.mark.notebook(PULL, until="fetch", mocks={"server": "server = None", "fetch": "pages = []"}, parameters={"base_url": "http://127.0.0.1:9"})
def test_cells_give_way_and_names_are_patched_for_a_while(notebook):
    assert notebook.value("base_url") == "http://127.0.0.1:9" and notebook.value("pages") == []
    with notebook.patch("urllib.request.urlopen", side_effect=OSError("no network")) as urlopen:
        with pytest.raises(OSError, match="no network"):
            notebook.inject("urllib.request.urlopen('http://example.org')")
        assert urlopen.called and urlopen.call_count == 1
    with notebook.patch("glue", return_value=7):
        assert notebook.ref("glue")("a", 1) == 7
    assert notebook.value("glue.__name__") == "glue"
    with notebook.patch_dict("os.environ", {"STET_SAID": "yes"}):
        assert notebook.inject("import os; print(os.environ['STET_SAID'])") == "yes"
    assert notebook.value("'STET_SAID' in __import__('os').environ") is False
    page = notebook.ref("dict")(total=1)
    page["total"] = 2
    assert page["total"] == 2


def test_each_has_a_kernel_of_its_own_and_leaves_none():
    path = os.path.join(os.path.dirname(__file__), PULL)
    with open_notebook(path, execute=False) as first, open_notebook(path, execute=False) as second:
        first.inject("mark = 1")
        assert second.value("'mark' in globals()") is False
        pids = [one.value("__import__('os').getpid()") for one in (first, second)]
        first.inject("open('left.txt', 'w').close()")
        assert second.value("__import__('os').path.exists('left.txt')") is False
    assert not os.path.exists(os.path.join(os.path.dirname(path), "left.txt"))
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(TypeError, match="declares no parameter contry"):
        with open_notebook(path, until="parameters", parameters={"contry": "FR"}):
            pass
