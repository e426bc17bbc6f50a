import { spawnSync } from "node:child_process"
import fc from "fast-check"
import { expect, test } from "vitest"
import { flowOf } from "#notebook/analysis/flow.ts"
import { PYTHON } from "#notebook/analysis/python.ts"

/** Runs notebooks (lists of sources) in IPython, each from an empty namespace: where each one stops, as [cell, error, name]. */
const RUN = `
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
out = []
for sources in json.load(sys.stdin):
    shell.reset(new_session=False)
    stop = None
    for number, source in enumerate(sources):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            ran = shell.run_cell(source, store_history=False)
        error = ran.error_before_exec or ran.error_in_exec
        if error is not None:
            stop = [number, type(error).__name__, getattr(error, "name", None) or ""]
            break
    out.append(stop)
print("\\n" + json.dumps(out))
`

type Stop = readonly [cell: number, error: string, name: string] | null

function really(notebooks: readonly (readonly string[])[]): readonly Stop[] {
  const python = process.env["STET_TEST_PYTHON"]
  if (!python) throw new Error("STET_TEST_PYTHON is not set.")
  const ran = spawnSync(python, ["-c", RUN], { input: JSON.stringify(notebooks), encoding: "utf8", maxBuffer: 1e8 })
  if (ran.status !== 0) throw new Error(ran.stderr)
  return JSON.parse(ran.stdout.trimEnd().split("\n").at(-1) ?? "null") as readonly Stop[]
}

const name = fc.constantFrom("a", "b", "c", "d")
const fn = fc.constantFrom("f", "g", "h")

/** Statements that end in nothing but a NameError, whatever the names hold. */
const statement = fc.oneof(
  fc.tuple(name, fc.integer({ min: 0, max: 9 })).map(([x, n]) => `${x} = ${n}`),
  fc.tuple(name, name).map(([x, y]) => `${x} = ${y}`),
  fc.tuple(name, name, name).map(([x, y, z]) => `${x}, ${y} = ${z}, ${z}`),
  fc.tuple(name, name).map(([x, y]) => `str(${x}), str(${y})`),
  name.map((x) => `del ${x}`),
  fc.tuple(fn, name, name).map(([f, x, y]) => `def ${f}(${x}=None):\n    return ${x}, ${y}`),
  fc.tuple(fn, name, name).map(([f, x, y]) => `def ${f}(k=${x}):\n    global ${y}\n    ${y} = k\n    return k`),
  fc
    .tuple(fn, fn)
    .map(([f, g]) => `def ${f}():\n    return ${g}()`)
    .filter((text) => !/def (\w)\(\):\n {4}return \1\(/.test(text)),
  fc.tuple(fn, name, name).map(([f, x, y]) => `${f} = lambda ${x}=0: (${x}, ${y})`),
  fc.tuple(fn, name).map(([f, x]) => `def ${f}():\n    yield ${x}`),
  fc.tuple(fn, name).map(([f, x]) => `class ${f}:\n    kept = ${x}\n    def __init__(self):\n        self.x = ${x}`),
  fc.tuple(fn, name).map(([f, x]) => `class ${f}:\n    def __init__(self): pass\n    def other(self): return ${x}`),
  fn.map((f) => `${f}()`),
  fc.tuple(fn, name).map(([f, x]) => `${x} = ${f}()`),
  fn.map((f) => `handed = [${f}]`),
  fc.tuple(name, name, name).map(([x, y, z]) => `${x} = [${y} for ${y} in range(2) for ${z} in str(${y})]`),
  fc.tuple(name, name, name).map(([x, y, z]) => `${x} = {${y}: ${z} for ${y} in range(2)}`),
  fc.tuple(name, name).map(([x, y]) => `str((${x} := ${y}))`),
  fc.tuple(name, name).map(([x, y]) => `for ${x} in range(2):\n    str(${y})`),
  fc.tuple(name, name).map(([x, y]) => `try:\n    ${x} = ${y}\nexcept NameError:\n    ${x} = 0`),
  fc.constantFrom("a", "b", "e").map((x) => `try:\n    int('x')\nexcept ValueError as e:\n    str(e)\nstr(${x})`),
  fc.tuple(name, name).map(([x, y]) => `if True:\n    ${x} = ${y}`),
  fc.tuple(name, name).map(([x, y]) => `if False:\n    ${x} = ${y}`),
  fc.tuple(name, name).map(([x, y]) => `f'{${x}!r:>{len(str(${y}))}}'`),
  fc.tuple(name, name).map(([x, y]) => `match 1:\n    case ${x} if True:\n        str(${y})`),
  fc.tuple(name, name).map(([x, y]) => `%time ${x} = ${y}`),
  fc.tuple(name, name).map(([x, y]) => `%timeit -n1 -r1 ${x} = ${y}`),
  name.map((x) => `${x} = %pwd`),
  name.map((x) => `import math as ${x}`),
)

const cell = fc.oneof(
  { weight: 8, arbitrary: fc.array(statement, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")) },
  { weight: 1, arbitrary: name.map((x) => `%%capture ${x}\n1`) },
  { weight: 1, arbitrary: statement.filter((line) => !/[%!]/.test(line)).map((line) => `%%time\n${line}`) },
)

test("where a notebook stops for want of a name is where IPython stops, and nowhere else", () => {
  const notebooks = fc.sample(fc.array(cell, { minLength: 1, maxLength: 5 }), { numRuns: 150, seed: 7 })
  const wrong = really(notebooks).flatMap((stop, at) => {
    const sources = notebooks[at] ?? []
    const found = flowOf(
      sources.map((source, number) => ({ id: String(number), names: PYTHON.read(source) })),
      PYTHON.isBuiltin,
    ).undefined.filter(({ chance }) => chance !== "unlikely")
    const foretold = found.map(({ raisesIn, use }) => [Number(raisesIn), use.name] as const)
    // Behind a stop there is no telling: what should have been defined was not.
    const before = foretold.filter(([number]) => stop === null || number < stop[0])
    const isMissed = stop?.[1] === "NameError" && !foretold.some(([number, used]) => number === stop[0] && used === stop[2])
    return before.length === 0 && !isMissed ? [] : [`${sources.join("\n---\n")}\n=> ${JSON.stringify(stop)}, foretold ${JSON.stringify(foretold)}`]
  })
  expect(wrong).toEqual([])
})
