import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { desk, pythonNotebook } from "#cli/testing.ts"
import { findingId, type Notebook, read, write } from "#notebook/index.ts"

const here = desk()
afterAll(() => here.clear())

function sourcesOf(text: string): readonly string[] {
  const reading = read(text)
  if (!reading.ok) throw new Error(reading.refusal.message)
  return reading.value.notebook.cells.map(({ source }) => source)
}

test("what would go wrong is told with its place, and the exit code says whether a rerun breaks", async () => {
  const good = here.notebook("good.ipynb", "x = 1", "print(x)")
  const bad = here.notebook("bad.ipynb", "print(y)", "import no_such_module_here", "y = open('gone.txt')")
  const said = await here.stet("check", "--no-advice", good, bad)
  expect(said.code).toBe(1)
  expect(said.out).toContain(`${good}: nothing breaks a rerun\n`)
  expect(said.out).toMatch(/breaks {2}cell 1, line 1 {2}used_before_defined {2}`y` is defined only in cell 3, further down\./)
  expect(said.out).toMatch(/cell 2, line 1 {2}missing_import +The environment has no `no_such_module_here`\./)
  expect(said.out).toMatch(/cell 3, line 1 {2}missing_file +There is no file `gone.txt` where the notebook runs\./)
  expect((await here.stet("check", good)).code).toBe(0)
})

test("what the notebook was foretold to do is what it does", async () => {
  const bad = here.notebook("foretold.ipynb", "total = 1", "def report():\n    return totl + total", "report()")
  const [checked, run] = [await here.stet("check", "--no-advice", bad), await here.stet("run", bad, "-q")]
  expect([checked.code, run.code]).toEqual([1, 1])
  expect(checked.out).toContain("No cell defines `totl`; the call of `report` in cell 3 gets there.")
  const mended = await here.stet("check", "--fix", "-o", "-", here.notebook("late.ipynb", "print(later)", "later = 2"))
  expect(mended.code).toBe(0)
  expect((await here.stet("run", here.write("mended.ipynb", mended.out), "-q")).code).toBe(0)
})

test("what a module beside the notebook changes outside is listed before a rerun, and runs after a yes only", async () => {
  const target = here.write("kept.txt", "as it was")
  here.write("keeping.py", `def keep(text):\n    with open(${JSON.stringify(target)}, "w") as file:\n        file.write(text)\n`)
  const path = here.notebook("keeps.ipynb", "import keeping", "keeping.keep('rerun')")
  const refused = await here.stet("check", "--rerun", "--no-advice", path)
  expect([refused.code, readFileSync(target, "utf8")]).toEqual([2, "as it was"])
  expect(refused.err).toContain("open in keeping.keep (file)")
  expect((await here.stet("check", "--rerun", "--yes", "--no-advice", path)).code).toBe(0)
  expect(readFileSync(target, "utf8")).toBe("rerun")
})

test("JSON is for machines", async () => {
  const path = here.notebook("machine.ipynb", "print(np.pi)")
  const { out, code } = await here.stet("check", "--json", path)
  const told = JSON.parse(out) as {
    readonly ready: boolean
    readonly findings: readonly { readonly rule: string; readonly number: number; readonly span: object }[]
  }
  expect([code, told.ready]).toEqual([1, false])
  expect(told.findings.find(({ rule }) => rule === "undefined_name")).toMatchObject({ number: 1, line: 1, span: { from: 6, to: 8 }, kind: "breaks" })
})

test("fixes go where they are told to, and replace nothing unasked", async () => {
  const path = here.notebook("broken.ipynb", "print(later)", "later = 1")
  const other = here.write("other.ipynb", "kept")
  expect((await here.stet("check", "--fix", path)).err).toContain("--fix takes one of --output PATH and --in-place.")
  expect((await here.stet("check", "--fix", "-o", other, path)).err).toContain("exists, so it is not replaced")
  expect((await here.stet("check", "--fix", "--force", "-o", other, path)).code).toBe(0)
  const { code, err } = await here.stet("check", "--fix", "--in-place", path)
  expect([code, err]).toEqual([0, `${path}: Move cell 2 above cell 1\n`])
  expect(sourcesOf((await here.stet("check", "--fix", "-o", "-", path)).out)).toEqual(["later = 1", "print(later)"])
})

test("what installed modules do not have is asked of the kernel's interpreter, and nothing that lies beside the notebook is run for it", async () => {
  here.write("colorsys.py", "raise SystemExit('imported')")
  const gone = here.notebook("gone.ipynb", "import math, colorsys\nfrom collections import Mapping", "print(math.pi, math.gone(1), colorsys.gone)")
  const said = await here.stet("check", "--no-advice", gone)
  expect(said.out).toMatch(/cell 1, line 2 {2}missing_member +The environment's `collections` has no `Mapping`\./)
  expect(said.out).toMatch(/cell 2, line 1 {2}missing_member +The environment's `math` has no `gone`\./)
  expect(said.out).toContain("2 things break a rerun")
  expect((await here.stet("check", "--no-advice", "--no-environment", gone)).out).toContain("nothing breaks a rerun")
})

test("without a network, what the notebook would install is missing", async () => {
  const path = here.notebook("installs.ipynb", "!pip install no_such_module_here", "import no_such_module_here")
  expect((await here.stet("check", "--no-advice", path)).code).toBe(0)
  const said = await here.stet("check", "--no-advice", "--no-network", path)
  expect([said.code, said.out]).toEqual([1, expect.stringContaining("missing_import  The environment has no `no_such_module_here`.")])
})

test("a kernel that is not here is said, and no reason to say less", async () => {
  const notebook = pythonNotebook("import no_such_module_here", "y")
  const elsewhere = { ...notebook, metadata: { kernelspec: { name: "conda-base-py", language: "python" } } } as unknown as Notebook
  const path = here.write("elsewhere.ipynb", write(elsewhere))
  const { code, out, err } = await here.stet("check", "--no-advice", path)
  expect([code, err]).toEqual([
    1,
    `stet: ${path}: the kernel conda-base-py is not here, so what it can import was not looked at; name another with --kernel.\n`,
  ])
  expect(out).not.toContain("missing_import")
  expect((await here.stet("check", "--no-advice", "--kernel", "python3", path)).out).toContain("missing_import")
})

type Proof = {
  readonly proven: boolean
  readonly stopsAt: number | null
  readonly counts: Readonly<Record<string, number>>
  readonly outputs: readonly { readonly number: number; readonly is: string }[]
}

/** A notebook as it is after a run of it. */
async function executed(name: string, ...cells: readonly string[]): Promise<string> {
  const path = join(here.folder, name)
  expect((await here.stet("run", here.notebook(`before-${name}`, ...cells), path, "-q")).code).toBe(0)
  return path
}

test("what is of the moment is let pass, and two reruns tell chance from change", async () => {
  const moment =
    "import os, random, time, uuid\nbegan = time.time()\nprint(object(), uuid.uuid4(), os.getpid)\nprint('took', time.time() - began, 's')"
  const path = await executed("moment.ipynb", moment, "print(random.random())")
  const before = readFileSync(path, "utf8")
  const { code, out } = await here.stet("check", "--rerun", "--twice", "--no-advice", path)
  expect([code, out]).toEqual([1, expect.stringMatching(/reruns clean, twice, .*of the outputs of 2 cells: 1 as stored, 1 varies from run to run\n/)])
  expect(out).toMatch(/varies {2}cell 2 {2}It comes out otherwise each time\. Line 1 of the standard output was “0\./)
  expect(readFileSync(path, "utf8")).toBe(before)
})

test("real pictures and tables are the same when they are, and differ by one point and one name", async () => {
  const path = await executed(
    "figures.ipynb",
    "import matplotlib.pyplot as plt, pandas as pd",
    "plt.plot([1, 3, 2])\nplt.show()",
    "pd.DataFrame({'region': ['EU', 'US'], 'mean': [0.1 + 0.2, 2]})",
    "plt.plot([1, 3, 2])\nplt.show()",
    "pd.DataFrame({'region': ['EU', 'US'], 'total': [1, 2]})",
  )
  const stored = readFileSync(path, "utf8")
  const point = stored.lastIndexOf("[1, 3, 2]")
  const changed = `${stored.slice(0, point)}[1, 3, 1]${stored.slice(point + 9)}`.replace("'total': [1", "'sum': [1")
  const proof = JSON.parse((await here.stet("check", "--rerun", "--json", here.write("changed.ipynb", changed))).out) as { readonly rerun: Proof }
  expect(proof.rerun.outputs.map(({ number, is }) => `${number} ${is}`)).toEqual(["2 same", "3 same", "4 differs", "5 differs"])
})

test("what reruns and shows what is stored is proven, and where it stops is told", async () => {
  const good = await executed("proven.ipynb", "x = 2", "print(x)", "x * 3")
  expect(await here.stet("check", "--rerun", "--no-advice", good)).toMatchObject({
    code: 0,
    out: expect.stringContaining("of the outputs of 2 cells: 2 as stored"),
  })
  const bad = here.notebook("stops.ipynb", "print(1)", "int('x')", "print(3)")
  const said = await here.stet("check", "--rerun", "--no-advice", bad)
  expect(said.code).toBe(1)
  expect(said.out).toContain(`${bad}: does not rerun: fails at cell 2: ValueError: invalid literal for int() with base 10: 'x'\n`)
  const proof = JSON.parse((await here.stet("check", "--rerun", "--json", bad)).out) as { readonly rerun: Proof }
  expect(proof.rerun).toMatchObject({ proven: false, stopsAt: 2 })
})

test("cells that write are listed, and are not run again without a yes", async () => {
  const path = here.notebook("writes.ipynb", "with open('log.txt', 'a') as log:\n    log.write('once more\\n')")
  const said = await here.stet("check", "--rerun", "--no-advice", path)
  expect(said.code).toBe(2)
  expect(said.err).toMatch(/changes something outside when it runs:\n {2}cell 1 {2}open \(file\)\n/)
  expect(said.err).toContain("nobody said that it may do that again.\n      Say so with --yes.")
  expect(existsSync(join(here.folder, "log.txt"))).toBe(false)
  expect((await here.stet("check", "--rerun", "--yes", path)).code).toBe(0)
  expect(readFileSync(join(here.folder, "log.txt"), "utf8")).toBe("once more\n")
  expect((await here.stet("check", "--twice", path)).err).toContain("--twice goes with --rerun.")
})

test("what the notebook itself lets stand is told with its reason, and decides nothing", async () => {
  const path = here.notebook("stands.ipynb", "print(total)")
  const told = JSON.parse((await here.stet("check", "--json", path)).out) as {
    readonly findings: readonly { readonly rule: string; readonly cell: string }[]
  }
  const key = findingId(told.findings.find(({ rule }) => rule === "undefined_name") as never).replace(/^.*\//, "")
  const given = JSON.parse(readFileSync(path, "utf8"))
  given.cells[0].metadata = { stet: { dismissed: { [key]: "The launcher sets it." } } }
  const said = await here.stet("check", here.write("let.ipynb", JSON.stringify(given)))
  expect(said.code).toBe(0)
  expect(said.out).toMatch(/let\.ipynb: nothing breaks a rerun, 1 to consider, 1 dismissed\n/)
  expect(said.out).toMatch(/dismissed {2}cell 1, line 1 {2}undefined_name +No cell defines `total`\. \(The launcher sets it\.\)/)
})
