"""Every route that the client speaks, against a real server: STET_SERVER and STET_TOKEN say which, STET_TEST_SPACE where.

The token needs the scopes read, run and edit in that space. `npm test` starts a server for this.
"""

from __future__ import annotations

import io
import json
import os
import pathlib
import tempfile
import threading
import time
import unittest
import uuid
from typing import Any, Dict, List

from stet_client import Conflict, Invalid, NotAvailable, NotFound, RunFailed, Stet, Unauthenticated, WaitTimeout

SPACE = os.environ.get("STET_TEST_SPACE", "")


def notebook_of(*sources: str, parameters: str = "") -> Dict[str, Any]:
    def code(source: str, index: int, tags: List[str]) -> Dict[str, Any]:
        return {"cell_type": "code", "id": f"c{index}", "metadata": {"tags": tags} if tags else {}, "source": source, "outputs": [], "execution_count": None}

    cells = [code(parameters, 0, ["parameters"])] if parameters else []
    cells += [code(source, index + 1, []) for index, source in enumerate(sources)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec, "language_info": {"name": "python"}}, "cells": cells}


@unittest.skipUnless(os.environ.get("STET_SERVER") and SPACE, "STET_SERVER, STET_TOKEN and STET_TEST_SPACE name no server")
class Live(unittest.TestCase):
    def setUp(self) -> None:
        self.stet = Stet()

    def save(self, *sources: str, parameters: str = "") -> str:
        path = f"{SPACE}/client/{uuid.uuid4().hex[:12]} ä.ipynb"
        self.stet.notebooks.save(path, notebook_of(*sources, parameters=parameters))
        return path

    def test_a_notebook_goes_in_and_comes_back_byte_for_byte(self) -> None:
        path = f"{SPACE}/client/{uuid.uuid4().hex[:12]}.ipynb"
        first = json.dumps(notebook_of("x = 1")).encode()
        second = json.dumps(notebook_of("x = 2"), indent=3).encode()
        saved = self.stet.notebooks.save(path, first, message="first")
        self.assertEqual((saved.created, saved.version.number, saved.notebook.space), (True, 1, SPACE))
        self.assertFalse(self.stet.notebooks.save(path, first).created)
        again = self.stet.notebooks.save(saved.notebook, second, base=1, label="two")
        self.assertEqual((again.version.number, again.version.label), (2, "two"))
        self.assertEqual(self.stet.notebooks.content(path, version=1), first)
        self.assertEqual(self.stet.notebooks.content(saved.notebook), second)
        self.assertEqual([version.number for version in self.stet.notebooks.versions(path)], [2, 1])
        self.assertEqual(self.stet.notebooks.get(path).latest, 2)
        self.assertIn(saved.notebook.id, [one.id for one in self.stet.notebooks.list(space=SPACE, folder="client")])
        with self.assertRaises(Conflict) as raised:
            self.stet.notebooks.save(path, notebook_of("x = 3"), base=1)
        self.assertEqual(raised.exception.code, "edited_meanwhile")

    def test_a_run_is_launched_waited_for_and_read(self) -> None:
        path = self.save("print(region, n, 'ä')", "region * n", parameters="region = 'EU'\nn: int = 1")
        told: List[str] = []
        run = self.stet.runs.launch(notebook=path, parameters={"region": "US", "n": 3}, labels={"by": "test"}, orchestrator={"kind": "cron", "id": "7"})
        self.assertTrue(run.created)
        ended = self.stet.runs.wait(run, timeout=60, log=told.append, check=True)
        self.assertTrue(ended.succeeded and ended.has_result and ended.ended_at is not None)
        self.assertIn("US 3 ä", "".join(told))
        self.assertEqual(ended.labels, {"by": "test"})
        self.assertRegex(ended.environment or "", r"^[0-9a-f]{64}$")
        cells = self.stet.runs.result(ended)["cells"]
        self.assertIn("'USUSUS'", json.dumps(cells))
        self.assertEqual(json.loads(self.stet.runs.result_bytes(ended)), self.stet.runs.result(ended))
        self.assertIn("<html", self.stet.runs.result_html(ended).lower())
        self.assertEqual(self.stet.runs.log(ended).text, "".join(told))
        self.assertIsInstance(self.stet.runs.outputs(ended).values, dict)
        self.assertIn(ended.id, [one.id for one in self.stet.runs.list(notebook=path, state="succeeded")])

    def test_a_parameter_that_is_a_file_is_sent_and_read(self) -> None:
        path = self.save("print(data, open(data).read())", parameters="data = 'none.csv'  # [file: .csv; max: 1 KB]")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "my orders.csv"
            file.write_bytes(b"1;2\n")
            key = uuid.uuid4().hex
            run = self.stet.runs.launch(notebook=path, parameters={"data": file}, key=key)
            self.assertEqual(self.stet.runs.launch(notebook=path, parameters={"data": file}, key=key).id, run.id)
            self.assertEqual([(one["parameter"], one["name"], one["sizeBytes"]) for one in run.raw["files"]], [("data", "my orders.csv", 4)])
            log: List[str] = []
            self.stet.runs.wait(run, timeout=60, log=log.append, check=True)
            self.assertEqual("".join(log), "given/data/my_orders.csv 1;2\n\n")
            with file.open("rb") as opened:
                upload = self.stet.runs.upload(opened, notebook=path)
            self.assertEqual((upload.name, upload.size_bytes, upload.value), ("my orders.csv", 4, run.parameters["data"]))
            with self.assertRaises(Invalid) as raised:
                self.stet.runs.launch(notebook=path, parameters={"data": io.BytesIO(b"")})
            self.assertEqual(raised.exception.code, "empty_file")
            with self.assertRaisesRegex(TypeError, "reading bytes"):
                self.stet.runs.launch(notebook=path, parameters={"data": io.StringIO("text")})
            with self.assertRaises(Invalid) as raised:
                self.stet.runs.launch(notebook=path, parameters={"data": self.stet.runs.upload(io.BytesIO(b"x"), notebook=path, name="a.txt").value})
            self.assertIn("another ending", str(raised.exception))

    def test_events_come_in_order_and_end_with_the_run(self) -> None:
        run = self.stet.runs.launch(notebook=self.save("for i in range(3): print(i, flush=True)"))
        events = list(self.stet.runs.events(run))
        self.assertEqual([event.seq for event in events], sorted({event.seq for event in events}))
        self.assertEqual(events[-1].type, "state")
        self.assertEqual(events[-1].what["state"], "succeeded")
        middle = events[len(events) // 2].seq
        self.assertEqual([event.seq for event in self.stet.runs.events(run, after=middle)], [event.seq for event in events if event.seq > middle])

    def test_one_key_is_one_run_however_often_it_is_sent(self) -> None:
        path, key = self.save("x = 1"), uuid.uuid4().hex
        runs: List[Any] = []
        threads = [threading.Thread(target=lambda: runs.append(self.stet.runs.launch(notebook=path, key=key))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(runs), len({run.id for run in runs}), [run.created for run in runs].count(True)), (8, 1, 1))
        with self.assertRaises(Conflict):
            self.stet.runs.launch(notebook=path, key=key, on_existing="reject")
        with self.assertRaises(Conflict):
            self.stet.runs.launch(notebook=path, key=key, labels={"other": "order"})
        self.stet.runs.wait(runs[0], timeout=60)

    def test_a_failed_run_tells_its_error_and_may_be_tried_again(self) -> None:
        run = self.stet.runs.launch(notebook=self.save("x = 1", "raise ValueError('no')"))
        with self.assertRaises(RunFailed) as raised:
            self.stet.runs.wait(run, timeout=60, check=True)
        failed = raised.exception.run
        self.assertEqual((failed.state, failed.failed_cell, failed.error and failed.error.ename), ("failed", 1, "ValueError"))
        self.assertEqual(self.stet.runs.retry(failed).attempt, 2)
        self.assertEqual(self.stet.runs.wait(failed, timeout=60).attempt, 2)

    def test_a_run_is_cancelled_and_a_wait_has_an_end(self) -> None:
        run = self.stet.runs.launch(notebook=self.save("import time; time.sleep(120)"), keepalive_seconds=30)
        with self.assertRaises(WaitTimeout):
            self.stet.runs.wait(run, timeout=1)
        self.assertEqual(self.stet.runs.keepalive(run).id, run.id)
        startedAt = time.monotonic()
        self.stet.runs.cancel(run, "enough", grace_seconds=1)
        self.assertEqual(self.stet.runs.wait(run, timeout=60).state, "cancelled")
        self.assertLess(time.monotonic() - startedAt, 30)

    def test_files_that_a_run_writes_can_be_read(self) -> None:
        run = self.stet.runs.launch(notebook=self.save("open('out.csv', 'w').write('a,b\\n1,2\\n')"))
        ended = self.stet.runs.wait(run, timeout=60, check=True)
        artifacts = self.stet.runs.outputs(ended).artifacts
        self.assertEqual([artifact.path for artifact in artifacts], ["client/out.csv"])
        self.assertEqual(self.stet.runs.artifact(ended, artifacts[0]), b"a,b\n1,2\n")

    def test_what_is_wrong_is_named(self) -> None:
        path = self.save("n", parameters="n: int = 1")
        with self.assertRaises(Invalid) as raised:
            self.stet.runs.launch(notebook=path, parameters={"n": "many", "m": 1})
        self.assertEqual(len(raised.exception.errors), 2)
        for wrong in (lambda: self.stet.runs.get("0" * 26), lambda: self.stet.notebooks.get(f"{SPACE}/nothing.ipynb"), lambda: self.stet.runs.launch(notebook=path, version=99)):
            with self.assertRaises(NotFound):
                wrong()
        with self.assertRaises(Unauthenticated):
            next(iter(Stet(token="stet_nothing").notebooks.list()), None)

    def test_templates_are_listed_or_said_not_to_be_there(self) -> None:
        if "/api/v1/templates" in self.stet.request("GET", "/api/openapi.json")["paths"]:
            self.assertIsInstance(list(self.stet.templates.list()), list)
        else:
            self.assertRaises(NotAvailable, self.stet.templates.list)


if __name__ == "__main__":
    unittest.main()
