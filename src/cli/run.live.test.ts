import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { isAlive } from "#base/adapters/process.ts"
import { desk, until } from "#cli/testing.ts"
import { codeCell } from "#run/testing.ts"

const here = desk()
afterAll(() => here.clear())

const parameters = codeCell('region: str = "EU"  # where\ntop: int = 5', { tags: ["parameters"] })
const resultOf = (name: string) => JSON.parse(readFileSync(join(here.folder, name), "utf8"))
const factsOf = (name: string) => resultOf(name).metadata.stet.run
const statesOf = (name: string): string[] =>
  resultOf(name).cells.map((cell: { metadata: { stet?: { state: string } } }) => cell.metadata.stet?.state ?? "")
const textOf = (name: string, cell: number): string =>
  resultOf(name)
    .cells[cell].outputs.flatMap((output: { text?: string[] }) => output.text ?? [])
    .join("")

test("a notebook with parameters runs, and its result stands beside it", async () => {
  const input = here.notebook("report.ipynb", parameters, "print(region, top)")
  const before = readFileSync(input)
  const said = await here.stet("run", input, "-p", "region", "US", "-p", "top", "7")
  expect([said.code, said.out]).toEqual([0, ""])
  expect(said.err).toMatch(/^\[1\/3\] ok .*\n\[2\/3\] ok .*\n\[3\/3\] ok .*\n✓ succeeded in .* → .*report\.result\.ipynb\n$/)
  expect(textOf("report.result.ipynb", 2)).toBe("US 7\n")
  expect(factsOf("report.result.ipynb")).toMatchObject({ status: "succeeded", parameters: { region: "US", top: 7 }, cells: { done: 3, total: 3 } })
  expect(readFileSync(input)).toEqual(before)
})

test("the kernel's process begins before the rest of Stet is loaded", async () => {
  const watch = join(here.folder, "watch.mjs")
  writeFileSync(
    watch,
    `import processes from "node:child_process"
import { registerHooks, syncBuiltinESMExports } from "node:module"
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
const { spawn } = processes
processes.spawn = (...given) => {
  if (given[1].some((word) => String(word).endsWith("connection.json"))) process.stderr.write("engine: " + loaded.some((url) => url.endsWith("/cli/run-notebook.ts")) + "\\n")
  return spawn(...given)
}
syncBuiltinESMExports()
`,
  )
  const watched = desk({ NODE_OPTIONS: `--import ${watch}` })
  const said = await watched.stet("run", watched.notebook("early.ipynb", "1 + 1"), "--quiet")
  watched.clear()
  expect([said.code, said.err]).toEqual([0, "engine: false\n"])
})

test("every problem with the parameters is told at once, and nothing runs", async () => {
  const input = here.notebook("wrong.ipynb", parameters, "print(1)")
  const said = await here.stet("run", input, "-p", "regoin", "US", "-p", "top", "many")
  expect(said.code).toBe(2)
  expect(said.err).toMatch(/regoin is unknown; did you mean region\?/)
  expect(said.err).toMatch(/top should be an integer, but got "many"/)
  expect(existsSync(join(here.folder, "wrong.result.ipynb"))).toBe(false)
})

test("a parameter that is a file takes a path from where one is, and what is wrong with it is told before a kernel starts", async () => {
  const file = codeCell('from pathlib import Path\ndata: Path = "none.csv"  # [file: .csv; max: 1 KB]\nmore = None  # [file: any]', {
    tags: ["parameters"],
  })
  const input = here.notebook("deep/sum.ipynb", file, "print(sum(int(line) for line in open(data)), more)")
  here.write("may orders.csv", "1\n41\n")
  const good = await here.stet("run", input, "sum.result.ipynb", "-p", "data", "./may orders.csv", "-p", "more", "None", "-q")
  expect([good.code, textOf("sum.result.ipynb", 2)]).toEqual([0, "42 None\n"])
  expect(factsOf("sum.result.ipynb").parameters).toEqual({ data: join(here.folder, "may orders.csv"), more: null })
  here.write("values.yaml", "data: may orders.csv\n")
  expect((await here.stet("run", input, "sum.result.ipynb", "-f", "values.yaml", "-q")).code).toBe(0)
  here.write("large.csv", "1\n".repeat(600))
  here.write("empty.csv", "")
  here.write("notes.txt", "1")
  for (const [path, why] of [
    ["none.csv", /There is no file none\.csv for the parameter data: it would be \/.+none\.csv\./],
    ["deep", /The parameter data is a file, and deep is a directory: name a file\./],
    ["large.csv", /The file "large\.csv" for data has 1\.2 KB, and at most 1 KB are taken: give a smaller one\./],
    ["empty.csv", /is empty: give one with something in it\./],
    ["notes.txt", /"notes\.txt" has another ending: give a file that ends in \.csv\./],
    ["upload:01J5ZC8Q4W3N2M1K0H9G8F7E6D", /was sent to a server .*: give a path, or run it there with --server\./],
  ] as const) {
    const said = await here.stet("run", input, "never.ipynb", "-p", "data", path)
    expect([path, said.code, said.err, existsSync(join(here.folder, "never.ipynb"))]).toEqual([path, 2, expect.stringMatching(why), false])
  }
  // Text that is to stay text is not looked at.
  expect((await here.stet("run", input, "raw.ipynb", "-r", "data", "none.csv", "-q")).code).toBe(1)
  const told = await here.stet("inspect", input)
  expect(told.out).toMatch(/data +a file \(\.csv, at most 1 KB\) +"none\.csv"/)
}, 60_000)

test("machines are told what was refused as an event, and people as ever", async () => {
  const input = here.notebook("refused.ipynb", codeCell("count = 1", { tags: ["parameters"] }), "print(count)")
  const said = await here.stet("run", input, "refused.result.ipynb", "--json", "-p", "count", "many", "-p", "cuont", "2")
  expect([said.code, said.err]).toEqual([2, expect.stringMatching(/count should be an integer/)])
  const lines = said.out.trim().split("\n")
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      event: "refused",
      messages: [expect.stringMatching(/^The parameter count should be an integer/), expect.stringMatching(/cuont is unknown/)],
      remedy: expect.stringContaining("stet inspect"),
    },
  ])
})

test("a list of files takes one path after the other, or all of them as a list, and code gets them in that order", async () => {
  const many = codeCell("data: list[str] = []  # [file: .csv; max: 1 KB]\nmore = None  # type: Optional[list[str]]  [file: any]", {
    tags: ["parameters"],
  })
  const input = here.notebook("many.ipynb", many, "print([open(path).read() for path in data], more)")
  for (const name of ["one", "two", "three"]) here.write(`${name}.csv`, name)
  const run = (...words: string[]) => here.stet("run", input, "many.result.ipynb", "-q", ...words)
  expect((await run("-p", "data", "two.csv", "-p", "more", "None", "-p", "data", "./one.csv", "-p", "data", "three.csv")).code).toBe(0)
  expect(textOf("many.result.ipynb", 2)).toBe("['two', 'one', 'three'] None\n")
  expect((await run("-p", "data", '["three.csv", "one.csv"]')).code).toBe(0)
  expect(textOf("many.result.ipynb", 2)).toBe("['three', 'one'] None\n")
  // What the command line says takes the place of what a file of values says.
  here.write("many.yaml", "data: [one.csv, two.csv]\n")
  expect((await run("-f", "many.yaml")).code).toBe(0)
  expect(textOf("many.result.ipynb", 2)).toBe("['one', 'two'] None\n")
  expect((await run("-f", "many.yaml", "-p", "data", "three.csv")).code).toBe(0)
  expect(textOf("many.result.ipynb", 2)).toBe("['three'] None\n")
  const wrong = await here.stet("run", input, "never.ipynb", "-p", "data", "one.csv", "-p", "data", "none.csv", "-p", "data", "many.yaml")
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/There is no file none\.csv[\s\S]*"many\.yaml" has another ending/)])
}, 60_000)

test("a cell that raises: exit 1, the cell with its source and traceback, and the result says where", async () => {
  const input = here.notebook("bad.ipynb", "a = 0", "# divide\n1 / a", "print('never')")
  const said = await here.stet("run", input)
  expect(said.code).toBe(1)
  expect(said.err).toMatch(/Cell 2 \(In \[2\]\)\n {3}1 │ # divide\n {3}2 │ 1 \/ a/)
  expect(said.err).toMatch(/ZeroDivisionError: division by zero/)
  expect(statesOf("bad.result.ipynb")).toEqual(["succeeded", "failed", "not_run"])
  expect(factsOf("bad.result.ipynb")).toMatchObject({ status: "failed", reason: "cell_raised", error: { cell_index: 1, ename: "ZeroDivisionError" } })
})

test("an existing file is replaced only when it is a result", async () => {
  const input = here.notebook("precious.ipynb", "1")
  const output = here.write("precious.result.ipynb", readFileSync(input))
  const refused = await here.stet("run", input)
  expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/exists and is not the result of a run, so it is not replaced\.\n.*--force/)])
  expect(readFileSync(output)).toEqual(readFileSync(input))
  expect((await here.stet("run", input, "--force", "-q")).code).toBe(0)
  expect((await here.stet("run", input, "-q")).code).toBe(0)
})

test("a time-out is told as one: cell, run and exit code", async () => {
  const input = here.notebook("slow.ipynb", "import time\ntime.sleep(60)", "print(1)")
  const said = await here.stet("run", input, "--cell-timeout", "1", "--quiet")
  expect([said.code, statesOf("slow.result.ipynb"), factsOf("slow.result.ipynb").reason]).toEqual([1, ["timed_out", "not_run"], "timed_out"])
  expect(said.err).toMatch(/took longer than its time-out of 1\.0 s/)
})

test("a kernel that is killed is told as one, and what was said before is kept", async () => {
  const input = here.notebook(
    "killed.ipynb",
    "import os, signal\nprint('last words', flush=True)\nimport time; time.sleep(0.3)\nos.kill(os.getpid(), signal.SIGKILL)",
    "print(1)",
  )
  const said = await here.stet("run", input, "-q")
  expect([said.code, statesOf("killed.result.ipynb"), factsOf("killed.result.ipynb").reason]).toEqual([3, ["kernel_died", "not_run"], "kernel_died"])
  expect(said.err).toMatch(/The kernel was killed by SIGKILL while cell 1 ran\./)
  expect(textOf("killed.result.ipynb", 0)).toBe("last words\n")
})

test("sys.exit(0) ends the run early and well; a tagged cell may raise; a skipped one keeps its outputs", async () => {
  const kept = { ...codeCell("print('old')", { tags: ["skip-execution"] }), outputs: [{ output_type: "stream", name: "stdout", text: "old\n" }] }
  const input = here.notebook("early.ipynb", codeCell("1 / 0", { tags: ["raises-exception"] }), kept, "import sys\nsys.exit(0)", "print('never')")
  expect((await here.stet("run", input, "-q")).code).toBe(0)
  expect([statesOf("early.result.ipynb"), factsOf("early.result.ipynb").reason]).toEqual([
    ["failed_allowed", "skipped", "stopped_early", "not_run"],
    "stopped_early",
  ])
  expect(textOf("early.result.ipynb", 1)).toBe("old\n")
})

test("a cell that shows an error under a fine reply has failed, and what was sent ahead did not run", async () => {
  const input = here.notebook("shown.ipynb", "try:\n    1 / 0\nexcept Exception:\n    get_ipython().showtraceback()", "open('ran-anyway', 'w')")
  expect((await here.stet("run", input, "-q")).code).toBe(1)
  expect([statesOf("shown.result.ipynb"), existsSync(join(here.folder, "ran-anyway"))]).toEqual([["failed", "not_run"], false])
})

test("Ctrl-C: the cell is interrupted, the result is saved and true, exit 4, nothing is left", async () => {
  const input = here.notebook(
    "long.ipynb",
    "import os, time\nprint('begun', os.getpid(), flush=True)\nopen('long.pid', 'w').write(str(os.getpid()))\ntime.sleep(600)",
    "print(1)",
  )
  const run = here.start("run", input, "-q")
  await until(() => existsSync(join(here.folder, "long.pid")) && statSync(join(here.folder, "long.pid")).size > 0)
  const pid = Number(readFileSync(join(here.folder, "long.pid"), "utf8"))
  await new Promise((next) => setTimeout(next, 300))
  run.kill("SIGINT")
  const said = await run.said
  expect([said.code, statesOf("long.result.ipynb"), factsOf("long.result.ipynb").status]).toEqual([4, ["cancelled", "not_run"], "cancelled"])
  expect(textOf("long.result.ipynb", 0)).toMatch(/^begun \d+\n$/)
  expect(isAlive(Number(pid))).toBe(false)
})

test("- reads standard input and writes the notebook, and only it, to standard output", async () => {
  const input = here.notebook("pipe.ipynb", "print('through')")
  const said = await here.stet("run", input, "-", "-q")
  expect(said.code).toBe(0)
  expect(JSON.parse(said.out).cells[0].outputs[0].text).toEqual(["through\n"])
})

test("--json tells machines what happens, in order", async () => {
  const input = here.notebook("events.ipynb", "print('x')", "1 / 0")
  const said = await here.stet("run", input, "--json")
  const events = said.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(events.map((event) => event.event)).toEqual([
    "run_started",
    "kernel_ready",
    "cell_started",
    "stream",
    "cell_ended",
    "cell_started",
    "error",
    "cell_ended",
    "run_ended",
  ])
  expect(events.at(-1)).toMatchObject({ status: "failed", reason: "cell_raised" })
})

test("only the selected cells run, and parameters always do", async () => {
  const input = here.notebook("some.ipynb", parameters, "print('no')", codeCell("print('yes', region)", { tags: ["pick"] }), "print('no')")
  expect((await here.stet("run", input, "-q", "--cells", "tag:pick", "-p", "region", "APAC")).code).toBe(0)
  expect(statesOf("some.result.ipynb")).toEqual(["succeeded", "succeeded", "skipped", "succeeded", "skipped"])
  expect(textOf("some.result.ipynb", 3)).toBe("yes APAC\n")
})

test("a secret reaches the notebook and stands in no document, journal or log", async () => {
  const secret = codeCell("password: str = ''  # secret", { tags: ["parameters"] })
  const input = here.notebook(
    "secret.ipynb",
    secret,
    "print(len(password), password == 'hunter' + '2-canary')\nprint('by accident', password, repr(password))\nfor part in (password[:7], password[7:]): print(part, end='', flush=True)\nprint()",
  )
  const journal = join(here.folder, "secret.journal")
  const said = await here.stet("run", input, "-p", "password", "hunter2-canary", "--journal", journal)
  expect([said.code, textOf("secret.result.ipynb", 2)]).toEqual([0, "14 True\nby accident ••• '•••'\n•••\n"])
  expect(factsOf("secret.result.ipynb").parameters).toEqual({ password: "(secret)" })
  const seen = [said.err, said.out, readFileSync(join(here.folder, "secret.result.ipynb"), "latin1"), readFileSync(journal, "latin1")]
  expect(seen.filter((text) => text.includes("hunter2-canary"))).toEqual([])
  expect(existsSync(join(here.home, "secrets")) ? readdirSync(join(here.home, "secrets")) : []).toEqual([])
})

test("resume on the kept kernel begins with the corrected cell and knows what was computed", async () => {
  const input = here.notebook("half.ipynb", "import os\nx = 41\nprint(os.getpid())", "x / 0", "print('sum', x)")
  expect((await here.stet("run", input, "--keep-kernel", "60", "-q")).code).toBe(1)
  const [pid] = [textOf("half.result.ipynb", 0)]
  const fixed = JSON.parse(readFileSync(input, "utf8"))
  fixed.cells[1].source = ["x = x + 1"]
  writeFileSync(join(here.folder, "fixed.ipynb"), JSON.stringify(fixed))
  const said = await here.stet("resume", join(here.folder, "half.result.ipynb"), "--source", "fixed.ipynb")
  expect([said.code, said.err]).toEqual([0, expect.stringMatching(/^Going on from cell 2 of 3 on the kernel that was kept\.\n/)])
  expect([textOf("half.result.ipynb", 0), textOf("half.result.ipynb", 2), statesOf("half.result.ipynb")]).toEqual([
    pid,
    "sum 42\n",
    ["succeeded", "succeeded", "succeeded"],
  ])
  await until(() => !isAlive(Number(pid)))
})

test("resume without a kept kernel says that it does again what was done", async () => {
  const input = here.notebook("again.ipynb", "x = 1", "y = x / 0", "print(x)")
  await here.stet("run", input, "-q")
  const said = await here.stet("resume", "again.result.ipynb")
  expect([said.code, said.err]).toEqual([
    1,
    expect.stringMatching(/^Going on from cell 2 of 3 on a fresh kernel: the completed cell before it is executed again first\./),
  ])
})

test("output beyond the cap is kept whole in a blob, and the notebook says where", async () => {
  const input = here.notebook("flood.ipynb", "for i in range(300000):\n    print('line', i, 'x' * 60)")
  expect((await here.stet("run", input, "-q")).code).toBe(0)
  const { outputs } = resultOf("flood.result.ipynb").cells[0]
  const spill = outputs.at(-1).data["application/vnd.stet.spill+json"]
  const shown = outputs[0].text.join("")
  expect(shown.length).toBeLessThanOrEqual(10_000_000)
  const whole = shown + readFileSync(spill.path, "utf8")
  expect(
    whole
      .trimEnd()
      .split("\n")
      .map((line: string) => Number(line.split(" ")[1])),
  ).toEqual(Array.from({ length: 300_000 }, (_, i) => i))
})

test("of one message that is larger than what a cell shows the beginning is shown, and the rest is in the blob", async () => {
  const input = here.notebook("one-message.ipynb", "import sys\nprint(end='é')\n_ = sys.stdout.write('0123456789\\n' * 1_200_000)")
  expect((await here.stet("run", input, "-q")).code).toBe(0)
  const { outputs } = resultOf("one-message.result.ipynb").cells[0]
  const shown: string = outputs[0].text.join("")
  const spill = outputs.at(-1).data["application/vnd.stet.spill+json"]
  expect(outputs).toHaveLength(2)
  expect(shown.length).toBeGreaterThan(7_000_000)
  expect(shown + readFileSync(spill.path, "utf8")).toBe(`é${"0123456789\n".repeat(1_200_000)}`)
})
