import { expect, test } from "vitest"
import { COLD_CELL } from "#run/run.ts"
import { begin } from "#run/step.ts"
import { notebookOf, orderOf } from "#run/testing.ts"
import { missedBy } from "#work/missed.ts"

test.each([
  ["FileNotFoundError", "[Errno 2] No such file or directory: 'data_EU.csv'", "reports", ["reports/data_EU.csv"]],
  ["FileNotFoundError", "[Errno 2] No such file or directory: '../data/x.csv'", "reports/q3", ["reports/data/x.csv"]],
  ["FileNotFoundError", "[Errno 2] No such file or directory: '../../../etc/passwd'", "reports", []],
  ["FileNotFoundError", "[Errno 2] No such file or directory: '/etc/nothing'", "", []],
  ["FileNotFoundError", "img/logo.png not found.", "", ["img/logo.png"]],
  ["ModuleNotFoundError", "No module named 'tools.clean'", "", ["tools/clean.py", "tools/clean/__init__.py"]],
  ["ValueError", "No such file or directory: 'x'", "", []],
])("%s: %s in %j", (ename, evalue, folder, paths) => {
  const run = begin(orderOf(notebookOf("f()")), 0)
  const failed = { ...run, cells: [{ ...COLD_CELL, state: "failed" as const, error: { ename, evalue, traceback: [] } }] }
  expect(missedBy(failed, folder)).toEqual(paths)
})
