/**
 * Ways in which a run can end that a record easily tells wrongly, each through both faces: what the exit code, the run's
 * facts, every cell's state and papermill's own words say must be what happened.
 */
import { execFileSync, spawn } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { isAlive } from "#base/adapters/process.ts"
import { desk, pythonNotebook, type Said, until } from "#cli/testing.ts"
import type { Cell } from "#notebook/index.ts"
import { type CellSpec, codeCell } from "#run/testing.ts"

const here = desk()
afterAll(() => here.clear())

const at = (name: string) => join(here.folder, name)
const documentIn = (name: string) => JSON.parse(readFileSync(at(name), "utf8"))
const factsOf = (name: string) => documentIn(name).metadata.stet.run
const text = (source: string): Cell => ({ cell_type: "markdown", id: "", source, metadata: {} })

type Told = { readonly metadata: { readonly tags?: readonly string[]; readonly stet?: { state: string }; readonly papermill?: { status: string } } }
const isMarker = (cell: Told) => cell.metadata.tags?.includes("papermill-error-cell-tag") === true
const cellsOf = (name: string) => documentIn(name).cells
const statesOf = (name: string) => cellsOf(name).flatMap((cell: Told) => cell.metadata.stet?.state ?? [])
/** Papermill's words for each cell, its markers as such. */
const wordsOf = (name: string): string[] =>
  cellsOf(name).map((cell: Told & { metadata: { papermill?: { exception: unknown; end_time: unknown; start_time: unknown } } }) => {
    if (isMarker(cell)) return "MARKER"
    const { status, exception, start_time, end_time } = cell.metadata.papermill!
    return `${status} ${exception} ${start_time === null ? "-" : "begun"} ${end_time === null ? "-" : "ended"}`
  })

const DONE = "completed false begun ended"
const FAILED = "failed true begun ended"
const NEVER = "pending null - -"

type Ending = {
  readonly name: string
  readonly cells: readonly CellSpec[]
  readonly flags?: { readonly run?: readonly string[]; readonly papermill?: readonly string[]; readonly both?: readonly string[] }
  readonly exit: { readonly run: number; readonly papermill: number }
  readonly facts: object
  readonly states: readonly string[]
  /** What papermill's metadata says of the notebook: an exception or not. */
  readonly exception: true | null
  readonly words: readonly string[]
}

const kept = {
  ...codeCell("boom(", { tags: ["skip-execution"] }),
  execution_count: 7,
  outputs: [{ output_type: "stream", name: "stdout", text: "old\n" }],
}
// A kernel takes what it said in its very last moment with it: the cell before must be known to have ended.
const KILL_ITSELF = "import os, signal, time\ntime.sleep(0.5)\nos.kill(os.getpid(), signal.SIGKILL)"

const ENDINGS: readonly Ending[] = [
  {
    name: "(a) a cell that takes longer than its time-out",
    cells: ["print(1)", "import time\ntime.sleep(60)", "print(3)"],
    flags: { run: ["--cell-timeout", "1"], papermill: ["--execution-timeout", "1"] },
    exit: { run: 1, papermill: 1 },
    facts: { status: "failed", reason: "timed_out", cells: { done: 1, total: 3 }, error: { cell_index: 1, ename: "KeyboardInterrupt" } },
    states: ["succeeded", "timed_out", "not_run"],
    exception: true,
    words: ["MARKER", DONE, "MARKER", FAILED, NEVER],
  },
  {
    name: "(b) a kernel that is killed",
    cells: ["print(1)", KILL_ITSELF, "print(3)"],
    exit: { run: 3, papermill: 138 },
    facts: { status: "failed", reason: "kernel_died", cells: { done: 1, total: 3 }, error: { cell_index: 1, ename: "kernel_died" } },
    states: ["succeeded", "kernel_died", "not_run"],
    exception: true,
    words: ["MARKER", DONE, "MARKER", FAILED, NEVER],
  },
  {
    name: "(b) a kernel that ends itself in the first cell",
    cells: ["import os, time\ntime.sleep(0.3)\nos._exit(5)", "print(2)"],
    exit: { run: 3, papermill: 138 },
    facts: { status: "failed", reason: "kernel_died", explanation: "The kernel exited with code 5 while cell 1 ran.", cells: { done: 0, total: 2 } },
    states: ["kernel_died", "not_run"],
    exception: true,
    words: ["MARKER", "MARKER", FAILED, NEVER],
  },
  {
    name: "(e) a cell that may raise",
    cells: [codeCell("1 / 0", { tags: ["raises-exception"] }), "print(2)"],
    exit: { run: 0, papermill: 0 },
    facts: { status: "succeeded", reason: "", cells: { done: 2, total: 2 } },
    states: ["failed_allowed", "succeeded"],
    exception: null,
    words: ["completed true begun ended", DONE],
  },
  {
    name: "(f) a cell that is skipped",
    cells: ["print(1)", kept, "print(3)"],
    exit: { run: 0, papermill: 0 },
    facts: { status: "succeeded", reason: "", cells: { done: 2, total: 2 } },
    states: ["succeeded", "skipped", "succeeded"],
    exception: null,
    words: [DONE, NEVER, DONE],
  },
  {
    name: "(g) a parameter that is not a number",
    cells: [codeCell("x = 1.0", { tags: ["parameters"] }), "print(x)"],
    flags: { both: ["-p", "x", "nan"] },
    exit: { run: 0, papermill: 0 },
    facts: { status: "succeeded", parameters: { x: "NaN" } },
    states: ["succeeded", "succeeded", "succeeded"],
    exception: null,
    words: [DONE, DONE, DONE],
  },
  {
    name: "(h) a cell that ends the run well",
    cells: ["print(1)", "import sys\nsys.exit(0)", "print(3)"],
    exit: { run: 0, papermill: 0 },
    facts: { status: "succeeded", reason: "stopped_early", explanation: "Cell 2 ended the run.", cells: { done: 2, total: 3 } },
    states: ["succeeded", "stopped_early", "not_run"],
    exception: null,
    words: [DONE, DONE, NEVER],
  },
  {
    name: "a cell that ends the run badly",
    cells: ["print(1)", "import sys\nsys.exit(3)", "print(3)"],
    exit: { run: 1, papermill: 1 },
    facts: { status: "failed", reason: "cell_raised", error: { cell_index: 1, ename: "SystemExit", evalue: "3" } },
    states: ["succeeded", "failed", "not_run"],
    exception: true,
    words: ["MARKER", DONE, "MARKER", FAILED, NEVER],
  },
  {
    name: "a cell that raises, under a heading",
    cells: [text("# Title"), "print(1)", "1 / 0", text("## Rest"), "print(3)"],
    exit: { run: 1, papermill: 1 },
    facts: { status: "failed", reason: "cell_raised", cells: { done: 1, total: 3 }, error: { cell_index: 2, ename: "ZeroDivisionError" } },
    states: ["succeeded", "failed", "not_run"],
    exception: true,
    words: ["MARKER", "completed false - -", DONE, "MARKER", FAILED, NEVER, NEVER],
  },
]

describe.each(ENDINGS)("$name", ({ cells, flags, exit, facts, states, exception, words }) => {
  test("is told by stet run", async () => {
    const said = await here.stet(
      "run",
      here.notebook("in.ipynb", ...cells),
      "run.ipynb",
      "-q",
      "--force",
      ...(flags?.run ?? []),
      ...(flags?.both ?? []),
    )
    expect([said.code, factsOf("run.ipynb"), statesOf("run.ipynb")]).toEqual([exit.run, expect.objectContaining(asMatched(facts)), states])
    expect(documentIn("run.ipynb").metadata.papermill).toBeUndefined()
    strict("run.ipynb")
  })

  test("and by stet papermill, in papermill's words too", async () => {
    const input = here.notebook("in.ipynb", ...cells)
    const said = await here.stet("papermill", input, "pm.ipynb", "--no-progress-bar", ...(flags?.papermill ?? []), ...(flags?.both ?? []))
    expect([said.code, factsOf("pm.ipynb"), statesOf("pm.ipynb")]).toEqual([exit.papermill, expect.objectContaining(asMatched(facts)), states])
    expect([documentIn("pm.ipynb").metadata.papermill.exception, wordsOf("pm.ipynb")]).toEqual([exception, words])
    expect(documentIn("pm.ipynb").metadata.papermill.end_time).not.toBeNull()
    strict("pm.ipynb")
  })
})

function asMatched(facts: object): object {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, typeof value === "object" ? expect.objectContaining(value) : value]))
}

/** Any JSON reader takes it, and what never ran has no times. */
function strict(name: string): void {
  for (const cell of cellsOf(name)) {
    if (cell.metadata.stet?.state !== "not_run") continue
    expect([cell.metadata.execution, cell.metadata.stet.started_at, cell.execution_count, cell.outputs]).toEqual([undefined, undefined, null, []])
  }
}

test("(c) an unknown kernel leaves no result that says anything was completed", async () => {
  const input = here.notebook("in.ipynb", "print(1)")
  expect((await here.stet("run", input, "c.ipynb", "-k", "nonesuch")).code).toBe(2)
  expect((await here.stet("papermill", input, "c.ipynb", "-k", "nonesuch")).code).toBe(1)
  expect(existsSync(at("c.ipynb"))).toBe(false)
})

test("(d) SIGTERM: the cell is interrupted, the result is whole and says so, and the kernel is gone", async () => {
  const cells = [
    "import os\nopen('d.pid', 'w').write(str(os.getpid()))",
    "import time\nprint('in', flush=True)\nopen('d.in', 'w')\ntime.sleep(600)",
    "1",
  ]
  const input = here.notebook("d.ipynb", ...cells)
  for (const [code, command, output] of [
    [4, "run", "d.run.ipynb"],
    [1, "papermill", "d.pm.ipynb"],
  ] as const) {
    const run = here.start(command, input, output)
    await until(() => existsSync(at("d.in")) && statSync(at("d.pid")).size > 0)
    const pid = readFileSync(at("d.pid"), "utf8")
    await new Promise((next) => setTimeout(next, 300))
    run.kill("SIGTERM")
    expect([(await run.said).code, statesOf(output)]).toEqual([code, ["succeeded", "cancelled", "not_run"]])
    expect(factsOf(output)).toMatchObject({ status: "cancelled", cells: { done: 1, total: 3 } })
    expect(cellsOf(output).find((cell: Told) => cell.metadata.stet?.state === "cancelled").outputs[0].text).toEqual(["in\n"])
    expect(isAlive(Number(pid))).toBe(false)
    await here.stet("run", here.notebook("clean.ipynb", "import os\nos.remove('d.in')"), "-q", "--force")
  }
  expect([documentIn("d.pm.ipynb").metadata.papermill.exception, wordsOf("d.pm.ipynb")]).toEqual([true, ["MARKER", DONE, "MARKER", FAILED, NEVER]])
})

test("the markers of a failed run are gone from the next one, whichever face runs it", async () => {
  const input = here.notebook("marked.ipynb", "print(1)", "import os\nif not os.path.exists('mended'):\n    1 / 0")
  expect((await here.stet("papermill", input, "marked.out.ipynb")).code).toBe(1)
  expect(cellsOf("marked.out.ipynb").filter(isMarker)).toHaveLength(2)
  expect((await here.stet("papermill", "marked.out.ipynb", "marked.out.ipynb")).code).toBe(1)
  expect(cellsOf("marked.out.ipynb").filter(isMarker)).toHaveLength(2)
  here.write("mended", "")
  expect((await here.stet("papermill", "marked.out.ipynb", "marked.pm.ipynb")).code).toBe(0)
  expect((await here.stet("run", "marked.out.ipynb", "marked.run.ipynb", "-q")).code).toBe(0)
  expect([wordsOf("marked.pm.ipynb"), cellsOf("marked.run.ipynb").length]).toEqual([[DONE, DONE], 2])
})

test("the reader that the journal's page gives makes the notebook that the result shows", async () => {
  const reader = /```python\n(.*?)```/s.exec(readFileSync(new URL("../../docs/journal.md", import.meta.url), "utf8"))?.[1] ?? ""
  const shows =
    "from IPython.display import clear_output, display\nh = display('a', display_id='x')\nh.update('b')\nprint('gone')\nclear_output(wait=True)\ndisplay('c')"
  const cells = ["import sys\nprint('é', flush=True)\nprint(2)\nprint('err', file=sys.stderr)\n3", shows, text("between"), kept, "1 / 0", "never"]
  await here.stet("run", here.notebook("journalled.ipynb", ...cells), "journalled.out.ipynb", "-q", "--journal", "j.journal")
  const python = process.env["STET_TEST_PYTHON"] ?? "python3"
  const read = JSON.parse(execFileSync(python, [here.write("reader.py", reader), at("j.journal")], { encoding: "utf8" }))
  const shown = (notebook: { cells: { outputs?: object[]; execution_count?: number }[] }) =>
    notebook.cells.map(({ outputs = [], execution_count }) => ({ execution_count, outputs: outputs.map(joined) }))
  expect(shown(read)).toEqual(shown(documentIn("journalled.out.ipynb")))
})

/** Texts as one, where a notebook file has a list of lines. */
function joined(value: unknown): unknown {
  if (Array.isArray(value)) return value.every((one) => typeof one === "string") ? value.join("") : value.map(joined)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, joined(item)]))
}

describe("papermill's flags", () => {
  const declared = codeCell("a = 1\nb = 'x'", { tags: ["parameters"] })
  const papermill = (...words: readonly string[]): Promise<Said> => here.stet("papermill", ...words, "--no-progress-bar")

  test("the keys are those that papermill writes", async () => {
    await papermill(here.notebook("keys.ipynb", declared, "print(a)"), "keys.out.ipynb", "-p", "a", "5")
    const { papermill: facts } = documentIn("keys.out.ipynb").metadata
    expect(Object.keys(facts)).toEqual([
      "default_parameters",
      "duration",
      "end_time",
      "environment_variables",
      "exception",
      "input_path",
      "output_path",
      "parameters",
      "start_time",
      "version",
    ])
    expect(facts).toMatchObject({ default_parameters: {}, environment_variables: {}, parameters: { a: 5 }, output_path: "keys.out.ipynb" })
    for (const cell of cellsOf("keys.out.ipynb")) {
      expect(Object.keys(cell.metadata.papermill)).toEqual(["duration", "end_time", "exception", "start_time", "status"])
      expect(Object.keys(cell.metadata.execution)).toEqual(["iopub.execute_input", "iopub.status.busy", "iopub.status.idle", "shell.execute_reply"])
    }
    expect(cellsOf("keys.out.ipynb").map((cell: Told) => cell.metadata.tags)).toEqual([["parameters"], ["injected-parameters"], []])
    expect(Date.parse(facts.end_time)).toBeGreaterThan(Date.parse(facts.start_time))
    expect(facts.start_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
  })

  test("--prepare-only injects and starts no kernel", async () => {
    const input = here.notebook("prepared.ipynb", declared, "open('prepared.ran', 'w')")
    expect((await papermill(input, "prepared.out.ipynb", "-p", "a", "5", "--prepare-only")).code).toBe(0)
    expect([cellsOf("prepared.out.ipynb")[1].source, wordsOf("prepared.out.ipynb")]).toEqual([
      ["# Parameters\n", "a = 5\n"],
      [NEVER, NEVER, NEVER],
    ])
    expect([existsSync(at("prepared.ran")), documentIn("prepared.out.ipynb").metadata.papermill.end_time]).toEqual([false, null])
  })

  test("--report-mode hides the code and keeps what else is said about showing a cell", async () => {
    const other = codeCell("a", { metadata: { jupyter: { outputs_hidden: true, other: 1 } } })
    await papermill(here.notebook("report.ipynb", declared, other, text("text")), "report.out.ipynb", "--report-mode", "-p", "a", "2")
    expect(cellsOf("report.out.ipynb").map((cell: { metadata: { jupyter?: object } }) => cell.metadata.jupyter)).toEqual([
      { source_hidden: true },
      { source_hidden: true },
      { other: 1, outputs_hidden: true, source_hidden: true },
      undefined,
    ])
  })

  test("both streams go into one file in the order in which they came, or into two, or to standard output", async () => {
    const loud = "import sys\nfor i in range(3):\n    print('out', i, flush=True)\n    print('err', i, file=sys.stderr, flush=True)"
    const input = here.notebook("loud.ipynb", loud)
    await papermill(input, "loud.out.ipynb", "--stdout-file", "both.txt", "--stderr-file", "both.txt")
    expect(readFileSync(at("both.txt"), "utf8")).toBe("out 0\nerr 0\nout 1\nerr 1\nout 2\nerr 2\n")
    const said = await papermill(input, "loud.out.ipynb", "--stdout-file", "-", "--stderr-file", "err.txt")
    expect([said.out, readFileSync(at("err.txt"), "utf8")]).toEqual(["out 0\nout 1\nout 2\n", "err 0\nerr 1\nerr 2\n"])
  })

  test("in a pipe the notebook comes in, and it alone goes out, failed or not", async () => {
    const piped = (cells: CellSpec[], ...words: readonly string[]) => through(JSON.stringify(pythonNotebook(...cells)), words)
    const fine = await piped(["print('through')"])
    expect([fine.code, JSON.parse(fine.out).cells[0].outputs[0].text]).toEqual([0, ["through\n"]])
    const bad = await piped(["1 / 0"])
    expect([bad.code, JSON.parse(bad.out).metadata.papermill.exception]).toEqual([1, true])
    expect((await piped([declared, "print(a)"], "piped.out.ipynb", "-p", "a", "8")).code).toBe(0)
    expect(cellsOf("piped.out.ipynb")[2].outputs[0].text).toEqual(["8\n"])
  })

  /** Standard input must be a pipe of the shell's kind, which Node does not make. */
  function through(input: string, words: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
    const bin = new URL("../../bin/stet.js", import.meta.url).pathname
    const script = `cat | '${process.execPath}' '${bin}' papermill ${words.join(" ")} 2>/dev/null`
    const child = spawn("sh", ["-c", script], { cwd: here.folder, env: { ...process.env, STET_HOME: here.home }, stdio: ["pipe", "pipe", "inherit"] })
    const out: Buffer[] = []
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes))
    child.stdin.end(input)
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString() })))
  }
})
