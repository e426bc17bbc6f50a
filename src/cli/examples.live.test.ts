/** The example templates: their test cases pass, and find what is planted in any of them. (Spark has a lane of its own: npm run test:spark.) */
import { randomUUID } from "node:crypto"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Desk, desk } from "#cli/testing.ts"
import { commandFor, commandsFor } from "#library/commands.testing.ts"
import { declaredParameters, isCode, type Notebook, read } from "#notebook/index.ts"

const TEMPLATES = new URL("../../examples/templates", import.meta.url).pathname
const python = process.env["STET_TEST_TEMPLATES"] ?? ""

/** One line of each, what stands in its place, and the test case that finds it. */
const PLANTED: { readonly [template: string]: readonly [string, string, string] } = {
  "access-review": [
    "if window[-1]['at'] - window[0]['at'] <= timedelta(minutes=10):",
    "if window[-1]['at'] - window[0]['at'] <= timedelta(days=10):",
    "five failures on five days",
  ],
  "anomaly-check": ["spread = 1.4826 * (deviation - deviation.median()).abs().median()", "spread = deviation.std() * 2", "two wild days"],
  "csv-to-parquet": ["    table = table[columns]", "    table = table[sorted(columns, reverse=True)]", "two columns"],
  "data-quality": ["table[name].duplicated(keep=False)", "table[name].duplicated()", "every kind of violation"],
  "folder-to-table": ["paths = [Path(each) for each in files]", "paths = sorted(Path(each) for each in files)", "of two files that disagree"],
  "html-report": ["{html.escape(row.branch)}", "{row.branch}", "February"],
  "json-api-pull": ["while pages[-1]['next']:", "if pages[-1]['next']:", "all pages"],
  "model-training": ["weights -= learning_rate * gradient", "weights += learning_rate * gradient", "as it is trained"],
  "r-report": ["half <- qt(1 - (1 - confidence) / 2, length(x) - 1)", "half <- -qt(1 - (1 - confidence) / 2, length(x) - 1)", "by cylinders"],
}

let here: Desk

beforeAll(() => {
  const jupyter = (process.env["JUPYTER_PATH"] ?? "").split(delimiter)
  here = desk({ JUPYTER_PATH: ["kernels-of-templates", ...jupyter].map((path, at) => (at === 0 ? kernel() : path)).join(delimiter) })
})
afterAll(() => here.clear())

/** A kernelspec for what the templates need, found before the one that other tests run on. */
function kernel(): string {
  const folder = desk()
  const argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  folder.write("kernels/python3/kernel.json", JSON.stringify({ argv, display_name: "Python 3", language: "python" }))
  return folder.folder
}

type Told = {
  readonly suites: readonly {
    readonly notebook: string
    readonly cases: readonly { readonly name: string; readonly verdict: string; readonly said: readonly string[]; readonly weak: readonly string[] }[]
    readonly coverage: { readonly covered: number; readonly total: number }
  }[]
}

/** A copy without Spark. */
function copied(name: string): string {
  const folder = join(here.folder, name)
  mkdirSync(folder)
  for (const template of Object.keys(PLANTED)) cpSync(join(TEMPLATES, template), join(folder, template), { recursive: true })
  return folder
}

function notebookOf(template: string): Notebook {
  const reading = read(readFileSync(join(TEMPLATES, template, `${template}.ipynb`)))
  if (!reading.ok) throw new Error(reading.refusal.message)
  return reading.value.notebook
}

test("there are ten, each with prose, typed parameters that say what they are for, and test cases", () => {
  const names = readdirSync(TEMPLATES).toSorted()
  expect(names).toEqual([...Object.keys(PLANTED), "spark-sql"].toSorted())
  for (const name of names) {
    const notebook = notebookOf(name)
    const { parameters } = declaredParameters(notebook)
    expect([name, notebook.cells[0]?.cell_type, parameters.length >= 3]).toEqual([name, "markdown", true])
    expect(parameters.filter(({ help }) => help === undefined || help === "").map((one) => `${name}.${one.name}`)).toEqual([])
    expect(notebook.cells.filter((cell) => isCode(cell) && (cell.outputs?.length ?? 0) > 0)).toEqual([])
    expect(readFileSync(join(TEMPLATES, name, `${name}.stet.yaml`), "utf8")).toMatch(/^tests:\n/)
  }
})

test("all test cases pass, run every cell, and prove something", async () => {
  expect(python, "STET_TEST_TEMPLATES names the Python that has Parquet").not.toBe("")
  const said = await here.stet("test", copied("good"), "--json", "--yes")
  const { suites } = JSON.parse(said.out) as Told
  const wrong = suites.flatMap(({ cases }) => cases.filter(({ verdict, weak }) => verdict !== "passed" || weak.length > 0))
  expect(wrong).toEqual([])
  expect(suites.map(({ notebook, coverage }) => [notebook.split("/").at(-2), coverage.covered])).toEqual(
    suites.map(({ notebook, coverage }) => [notebook.split("/").at(-2), coverage.total]),
  )
  expect(suites).toHaveLength(9)
}, 300_000)

test("one line changed in any of them fails its tests", async () => {
  const folder = copied("planted")
  for (const [template, [line, instead]] of Object.entries(PLANTED)) {
    const path = join(folder, template, `${template}.ipynb`)
    const text = readFileSync(path, "utf8")
    // As the line stands in JSON, with whatever quotes the notebook has.
    const asJson = (source: string) => JSON.stringify(source.replaceAll("'", '"')).slice(1, -1)
    const [was, is] = text.includes(line) ? [line, instead] : [asJson(line), asJson(instead)]
    expect(text.split(was).length, `${template} has the line once`).toBe(2)
    writeFileSync(path, text.replace(was, is))
  }
  const only = Object.values(PLANTED).flatMap(([, , name]) => ["--only", name])
  const { suites } = JSON.parse((await here.stet("test", folder, "--json", "--yes", ...only)).out) as Told
  expect(suites).toHaveLength(Object.keys(PLANTED).length)
  expect(suites.flatMap(({ cases }) => cases.filter(({ verdict }) => verdict !== "failed"))).toEqual([])
}, 300_000)

/**
 * In place of the test cases of a copy: its parameters that take text are given commands, all of them at once, and where all is tried each
 * alone with each command. @returns how many cases there are
 */
function abused(folder: string, template: string, file: string): number {
  const path = join(folder, template, `${template}.ipynb`)
  const reading = read(readFileSync(path))
  if (!reading.ok) throw new Error(reading.refusal.message)
  const { parameters } = declaredParameters(reading.value.notebook)
  const texts = parameters.filter(({ type, secret }) => type.kind === "string" && !secret).map(({ name }) => name)
  const together = { name: "all", parameters: Object.fromEntries(texts.map((name) => [name, commandFor(file)])) }
  const alone = texts.flatMap((name) => commandsFor(file).map((text, at) => ({ name: `${name} ${at}`, parameters: { [name]: text } })))
  const tests = process.env["STET_TEST_ATTACK"] === "full" ? [together, ...alone] : [together]
  writeFileSync(join(folder, template, `${template}.stet.yaml`), JSON.stringify({ tests }))
  return tests.length
}

test("no command that is given to a text parameter of any of them is obeyed; one that is planted would be seen", async () => {
  const folder = copied("abused")
  const file = join(tmpdir(), `stet-abuse-${randomUUID()}`)
  const count = Object.keys(PLANTED).reduce((sum, template) => sum + abused(folder, template, file), 0)
  expect(count).toBeGreaterThanOrEqual(9)
  const { suites } = JSON.parse((await here.stet("test", folder, "--json", "--yes")).out) as Told
  expect(suites.flatMap(({ cases }) => cases)).toHaveLength(count)
  expect(existsSync(file)).toBe(false)

  const obeys = join(here.folder, "obeys")
  mkdirSync(join(obeys, "obeys"), { recursive: true })
  here.notebook(
    "obeys/obeys/obeys.ipynb",
    { cell_type: "code", id: "p", source: 'word: str = "x"  # Said', metadata: { tags: ["parameters"] } } as never,
    'import os\nos.system(f"echo {word}")',
  )
  abused(obeys, "obeys", file)
  await here.stet("test", obeys, "--json", "--yes")
  expect(existsSync(file)).toBe(true)
  rmSync(file)
}, 300_000)
