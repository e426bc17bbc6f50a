"""When a request is sent again, when not, and what is said then."""

from __future__ import annotations

import email.utils
import io
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest
from typing import Any, Dict, List
from unittest import mock

sys.path.insert(0, os.path.dirname(__file__))

from double import HALF, HANG_UP, Double, Reply, ok, problem, run_json  # noqa: E402

from stet_client import Conflict, Invalid, NotAvailable, NotFound, RateLimited, RunFailed, ServerError, Stet, StetError, Unreachable, WaitTimeout  # noqa: E402
from stet_client._runs import Runs  # noqa: E402

RUN = "01J00000000000000000000000"


def client(double: Double, **more: object) -> Stet:
    stet = Stet(double.url, "stet_token", **more)  # type: ignore[arg-type]
    stet._wire.sleep = slept.append
    return stet


slept: List[float] = []


class Wire(unittest.TestCase):
    def setUp(self) -> None:
        slept.clear()

    def test_a_launch_is_repeated_with_the_same_key_when_connections_are_lost(self) -> None:
        with Double(HANG_UP, HALF, ok(run_json(), 201)) as double:
            run = client(double).runs.launch(notebook="sales/Q3.ipynb")
        self.assertTrue(run.created)
        keys = {seen.headers["idempotency-key"] for seen in double.seen}
        self.assertEqual((len(double.seen), len(keys)), (3, 1))
        self.assertEqual(len({seen.body for seen in double.seen}), 1)

    def test_a_template_is_launched_by_its_name_and_nothing_else(self) -> None:
        with Double(ok(run_json(), 201)) as double:
            client(double).runs.launch(template="finance/weekly@prod", parameters={"rate": 1.0})
        [seen] = double.seen
        self.assertEqual(seen.path, "/api/v1/templates/finance%2Fweekly%40prod/runs")
        self.assertEqual(json.loads(seen.body)["parameters"], {"rate": 1.0})
        self.assertFalse({"notebook", "version"} & set(json.loads(seen.body)))
        for wrong in ({}, {"template": "a", "notebook": "b/c"}):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(TypeError, "either notebook or template"):
                Stet("http://localhost:1", "stet_token").runs.launch(**wrong)

    def test_a_file_is_read_anew_when_it_is_sent_again(self) -> None:
        sent = {"id": "01J", "value": "upload:01J", "name": "a.csv", "sizeBytes": 3, "sha256": "0"}
        with tempfile.TemporaryDirectory() as folder, Double(HANG_UP, ok(sent, 201), ok(run_json(), 201)) as double:
            path = pathlib.Path(folder) / "ä b.csv"
            path.write_bytes(b"1\n2")
            client(double).runs.launch(template="finance/weekly@prod", parameters={"data": path, "n": 1})
        first, again, launch = double.seen
        self.assertEqual((first.path, first.body), ("/api/v1/templates/finance%2Fweekly/uploads?name=%C3%A4+b.csv", b"1\n2"))
        self.assertEqual((again.path, again.body), (first.path, first.body))
        self.assertEqual(json.loads(launch.body)["parameters"], {"data": "upload:01J", "n": 1})

    def test_a_list_of_files_is_sent_one_by_one(self) -> None:
        def upload(ulid: str) -> Dict[str, Any]:
            return {"id": ulid, "value": f"upload:{ulid}", "name": "a.csv", "sizeBytes": 3, "sha256": "0"}

        with tempfile.TemporaryDirectory() as folder, Double(ok(upload("01A"), 201), ok(upload("01B"), 201), ok(run_json(), 201)) as double:
            path = pathlib.Path(folder) / "a.csv"
            path.write_bytes(b"1")
            client(double).runs.launch(template="finance/weekly", parameters={"data": [path, "upload:01C", io.BytesIO(b"2")], "n": [1, 2]})
        first, second, launch = double.seen
        self.assertEqual((first.body, second.body), (b"1", b"2"))
        self.assertEqual(json.loads(launch.body)["parameters"], {"data": ["upload:01A", "upload:01C", "upload:01B"], "n": [1, 2]})

    def test_a_post_without_a_key_is_sent_once_whatever_happens(self) -> None:
        for step in (HANG_UP, HALF, problem(503, "unavailable", headers={"Retry-After": "1"}), problem(429, "too_many_requests")):
            with self.subTest(step=step), Double(step) as double:
                with self.assertRaises(StetError):
                    client(double).request("POST", "/api/v1/runs", body={"notebook": "sales/Q3.ipynb"})
                self.assertEqual(len(double.seen), 1)
        self.assertEqual(slept, [])

    def test_two_launches_have_two_keys_unless_one_is_given(self) -> None:
        with Double(ok(run_json(), 201), ok(run_json(), 201), ok(run_json(), 200)) as double:
            stet = client(double)
            made = [stet.runs.launch(notebook="a/b", key=key).created for key in (None, None, "mine")]
        keys = [seen.headers["idempotency-key"] for seen in double.seen]
        self.assertEqual(made, [True, True, False])
        self.assertEqual((len(set(keys)), keys[2]), (3, "mine"))

    def test_the_wait_that_the_server_asks_for_is_kept(self) -> None:
        in_seven = email.utils.formatdate(time.time() + 7, usegmt=True)
        steps = [problem(429, "too_many_requests", headers={"Retry-After": "3"}), problem(503, "unavailable", headers={"Retry-After": in_seven}), ok(run_json())]
        with Double(*steps) as double:
            client(double).runs.get(RUN)
        self.assertEqual(slept[0], 3.0)
        self.assertTrue(5 <= slept[1] <= 7, slept)

    def test_without_such_a_wish_each_wait_is_longer_and_there_is_an_end(self) -> None:
        with Double(Reply(502, b"<html>", {"Content-Type": "text/html"})) as double:
            with self.assertRaises(ServerError) as raised:
                client(double, tries=4).runs.get(RUN)
        self.assertEqual((raised.exception.status, len(double.seen), len(slept)), (502, 4, 3))
        self.assertTrue(0.2 <= slept[0] <= 0.4 and 0.8 <= slept[2] <= 1.6, slept)

    def test_nobody_there_is_said_after_the_last_try(self) -> None:
        stet = Stet("http://127.0.0.1:9", "t", tries=2)
        stet._wire.sleep = slept.append
        with self.assertRaisesRegex(Unreachable, r"There is no answer from http://127\.0\.0\.1:9: .*refused"):
            stet.runs.get(RUN)
        self.assertEqual(len(slept), 1)

    def test_a_time_out_is_a_lost_connection(self) -> None:
        with Double(lambda _: (time.sleep(0.5), ok(run_json()))[1]) as double:
            with self.assertRaises(Unreachable):
                client(double, timeout=0.1, tries=2).runs.get(RUN)
            self.assertEqual(len(double.seen), 2)

    def test_a_refusal_is_not_repeated_and_names_every_field(self) -> None:
        errors = [{"in": "body", "path": "parameters.year", "message": "must be an integer"}, {"in": "body", "path": "labels", "message": "At most 64 labels."}]
        with Double(problem(422, "bad_parameters", errors=errors, facts={"seen": 1})) as double:
            with self.assertRaises(Invalid) as raised:
                client(double).runs.launch(notebook="a/b")
        error = raised.exception
        self.assertEqual((error.code, error.status, error.remedy, error.instance, error.facts, len(double.seen)), ("bad_parameters", 422, "Do better.", "r1", {"seen": 1}, 1))
        self.assertEqual([(one.place, one.path) for one in error.errors], [("body", "parameters.year"), ("body", "labels")])
        self.assertIn("parameters.year: must be an integer", str(error))

    def test_each_status_has_its_exception(self) -> None:
        for status, kind in ((404, NotFound), (409, Conflict), (429, RateLimited), (500, ServerError)):
            with Double(problem(status, "x", headers={"Retry-After": "2"})) as double, self.assertRaises(kind) as raised:
                client(double, tries=1).runs.get(RUN)
            self.assertEqual(getattr(raised.exception, "retry_after"), 2.0)

    def test_a_redirect_is_not_followed_and_the_token_stays_here(self) -> None:
        with Double(ok({})) as other, Double(Reply(302, b"", {"Location": f"{other.url}/steal"})) as double:
            with self.assertRaisesRegex(Unreachable, "sends elsewhere"):
                client(double).runs.get(RUN)
            self.assertEqual(other.seen, [])
        self.assertEqual(double.seen[0].headers["authorization"], "Bearer stet_token")

    def test_the_token_is_in_no_representation_and_no_error(self) -> None:
        stet = Stet("http://127.0.0.1:9", "stet_secret", tries=1)
        with self.assertRaises(Unreachable) as raised:
            stet.runs.get(RUN)
        self.assertNotIn("stet_secret", repr(stet) + repr(stet._wire) + repr(raised.exception) + str(raised.exception.__cause__))

    def test_another_server_is_told_from_stet(self) -> None:
        with Double(Reply(404, b"<html>", {"Content-Type": "text/html"})) as double, self.assertRaisesRegex(Unreachable, "is not Stet: status 404"):
            client(double).runs.get(RUN)

    def test_what_cannot_be_sent_is_refused_here(self) -> None:
        stet = Stet("http://127.0.0.1:9", tries=1)
        for wrong in (lambda: stet.runs.get(""), lambda: stet.runs.get(".."), lambda: stet.notebooks.save("nospace", b""), lambda: stet.runs.launch(notebook="a/b", parameters={"x": float("nan")})):
            with self.assertRaises(ValueError):
                wrong()
        for address in ("", "stet.example", "ftp://x", "file:///etc/passwd"):
            with mock.patch.dict(os.environ, {"STET_SERVER": ""}), self.assertRaises(ValueError):
                Stet(address)

    def test_names_are_one_segment_and_lists_are_many_members(self) -> None:
        with Double(ok({"items": [], "next": None})) as double:
            stet = client(double)
            list(stet.runs.list(state=["queued", "running"], notebook="sales/a b.ipynb", limit=5))
            list(stet.notebooks.versions("sales/ä?#%.ipynb"))
        self.assertEqual(double.seen[0].path, "/api/v1/runs?notebook=sales%2Fa+b.ipynb&state=queued&state=running&limit=5")
        self.assertEqual(double.seen[1].path, "/api/v1/notebooks/sales%2F%C3%A4%3F%23%25.ipynb/versions?limit=200")

    def test_pages_are_fetched_as_they_are_taken_and_no_more_than_asked_for(self) -> None:
        with Double(ok({"items": [run_json()] * 2, "next": "c1"}), ok({"items": [run_json()], "next": "c2"})) as double:
            taken = list(client(double).runs.list(limit=3))
        self.assertEqual((len(taken), len(double.seen)), (3, 2))
        self.assertIn("limit=1&cursor=c1", double.seen[1].path)

    def test_templates_are_not_available_where_the_server_does_not_describe_them(self) -> None:
        with Double(ok({"paths": {"/api/v1/runs": {}}})) as double:
            stet = client(double)
            for ask in (lambda: stet.templates.list(), lambda: stet.templates.get("x")):
                with self.assertRaisesRegex(NotAvailable, "does not have templates yet"):
                    ask()
            self.assertEqual(len(double.seen), 1)
        with Double(ok({"paths": {"/api/v1/templates": {}}}), ok({"items": [{"name": "daily"}], "next": None})) as double:
            self.assertEqual([one.name for one in client(double).templates.list()], ["daily"])


class Waiting(unittest.TestCase):
    def setUp(self) -> None:
        slept.clear()

    def test_it_ends_with_the_run_and_tells_the_log_in_order(self) -> None:
        log = iter([{"text": "one\n", "offset": 0, "nextOffset": 4, "eof": False}, {"text": "two\n", "offset": 4, "nextOffset": 8, "eof": True}])
        states = iter([run_json("queued"), run_json("running", logBytes=4), run_json("succeeded", logBytes=8)])
        with Double(lambda seen: ok(next(log) if "/log" in seen.path else next(states))) as double:
            told: List[str] = []
            run = client(double).runs.wait(RUN, log=told.append, check=True)
        self.assertEqual((run.state, told), ("succeeded", ["one\n", "two\n"]))
        paths = [seen.path for seen in double.seen]
        self.assertIn("ifNotState=queued", paths[1])
        self.assertEqual([path for path in paths if "/log" in path], [f"/api/v1/runs/{RUN}/log?offset=0", f"/api/v1/runs/{RUN}/log?offset=4"])

    def test_time_is_up_and_the_run_goes_on(self) -> None:
        with Double(ok(run_json("running"))) as double:
            with self.assertRaises(WaitTimeout) as raised:
                client(double).runs.wait(RUN, timeout=0.3)
        self.assertEqual(raised.exception.run.state, "running")
        self.assertIsInstance(raised.exception, TimeoutError)
        self.assertEqual([seen.method for seen in double.seen if seen.method != "GET"], [])

    def test_a_failed_run_is_raised_only_when_that_is_asked_for(self) -> None:
        failed = run_json("failed", reason="cell_failed", error={"ename": "ValueError", "evalue": "no", "traceback": []}, failedCell=1)
        with Double(ok(failed)) as double:
            stet = client(double)
            self.assertFalse(stet.runs.wait(RUN).succeeded)
            with self.assertRaisesRegex(RunFailed, r"failed: ValueError: no"):
                stet.runs.wait(RUN, check=True)

    def test_a_run_that_wants_to_be_kept_alive_is(self) -> None:
        clock = iter(range(0, 1000, 4))
        count = iter(range(6))
        reply = lambda seen: ok(run_json("running" if next(count, None) is not None else "succeeded", keepaliveSeconds=10))  # noqa: E731
        with Double(reply) as double:
            Runs(client(double)._wire, clock=lambda: float(next(clock))).wait(RUN)
        self.assertGreaterEqual(len([seen for seen in double.seen if seen.path.endswith("/keepalive")]), 1)

    def test_a_server_that_is_restarted_is_waited_for_and_one_that_stays_away_is_not_for_ever(self) -> None:
        away = [problem(503, "starting"), HANG_UP] * 4
        with Double(ok(run_json("running")), *away, ok(run_json("succeeded"))) as double:
            self.assertEqual(client(double).runs.wait(RUN).state, "succeeded")
        slept.clear()
        with Double(HANG_UP) as double, self.assertRaises(Unreachable):
            client(double).runs.wait(RUN)
        self.assertTrue(300 <= sum(slept) < 320, sum(slept))
        slept.clear()
        with Double(HANG_UP) as double, self.assertRaises(Unreachable):
            client(double).runs.wait(RUN, timeout=20)
        self.assertTrue(20 <= sum(slept) < 40, sum(slept))

    def test_a_wait_that_is_stopped_takes_its_run_along_only_when_that_is_asked_for(self) -> None:
        class Terminated(BaseException):
            """As schedulers raise it in a task that they stop."""

        def cancelled(error: BaseException, **more: Any) -> int:
            def told(_: str) -> None:
                raise error

            reply = lambda seen: ok({"text": "a", "offset": 0, "nextOffset": 1, "eof": False}) if "/log" in seen.path else ok(run_json("running", logBytes=1))  # noqa: E731
            with Double(reply) as double, self.assertRaises(type(error)):
                client(double).runs.wait(RUN, log=told, **more)
            return len([seen for seen in double.seen if seen.path == f"/api/v1/runs/{RUN}/cancel"])

        self.assertEqual(cancelled(Terminated()), 0)
        self.assertEqual(cancelled(Terminated(), cancel_when_stopped=True), 1)
        self.assertEqual(cancelled(KeyboardInterrupt(), cancel_when_stopped=True), 1)
        self.assertEqual(cancelled(OSError(), cancel_when_stopped=True), 0)


class Following(unittest.TestCase):
    def setUp(self) -> None:
        slept.clear()

    def event(self, seq: int, kind: str = "note") -> bytes:
        what = {"seq": seq, "attempt": 1, "at": "2026-01-02T03:04:05.678Z", "type": kind, "what": {"text": "ä\u2028"}}
        return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(what, ensure_ascii=False)}\n\n".encode()

    def stream(self, *parts: bytes) -> Reply:
        return Reply(200, b"".join(parts), {"Content-Type": "text/event-stream"})

    def test_events_go_on_where_a_lost_connection_left_them(self) -> None:
        cut = self.event(3)[:30]
        steps = [
            self.stream(b":\n\n", self.event(1), self.event(2), cut),
            HANG_UP,
            problem(503, "unavailable", headers={"Retry-After": "2"}),
            self.stream(self.event(2), self.event(3), b"event: end\ndata: {}\n\n", self.event(9)),
        ]
        with Double(*steps) as double:
            seen = [event.seq for event in client(double).runs.events(RUN)]
        self.assertEqual(seen, [1, 2, 3])
        self.assertEqual([request.headers["last-event-id"] for request in double.seen], ["0", "2", "2", "2"])
        self.assertIn(2.0, slept)

    def test_a_refusal_ends_it(self) -> None:
        with Double(problem(404, "no_such_run")) as double, self.assertRaises(NotFound):
            list(client(double).runs.events(RUN))
        self.assertEqual(len(double.seen), 1)

    def test_a_server_that_stays_away_ends_it(self) -> None:
        with Double(self.stream(self.event(1)), HANG_UP) as double, self.assertRaises(Unreachable):
            list(client(double, tries=3).runs.events(RUN, after=0))

    def test_what_follows_is_on_one_line_whatever_it_holds(self) -> None:
        with Double(self.stream(self.event(1), b"event: end\r\ndata: {}\r\n\r\n")) as double:
            self.assertEqual([event.what for event in client(double).runs.events(RUN)], [{"text": "ä\u2028"}])


if __name__ == "__main__":
    unittest.main()
