/**
 * Every parameter of the example templates that takes text or a file, given what somebody hostile would give: commands, naughty texts, places
 * elsewhere. Each runs for real, without confinement, so that only the notebooks and what launches them stand in the way. (Spark has a lane
 * of its own: npm run test:spark.) `npm run attack` tries all texts, each alone in each parameter.
 */
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, delimiter, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CONTRACT } from "#api/contract.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import type { Json, JsonObject } from "#base/json.ts"
import { accepted } from "#base/outcome.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { commandFor, commandsFor } from "#library/commands.testing.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { declaredParameters, kernelNameOf, type Notebook, type ParameterType, read } from "#notebook/index.ts"
import type { RunRow } from "#work/index.ts"

const EXAMPLES = new URL("../../examples/templates", import.meta.url).pathname
/** R where it is; what is not run there is refused at launch at most. */
const hasR = process.env["STET_TEST_KERNELS"]?.split(",").includes("ir") ?? false
const TEMPLATES = readdirSync(EXAMPLES).filter((name) => name !== "spark-sql" && (name !== "r-report" || hasR))
const ENVIRONMENT = { name: "test", kind: "captured", launch: { jupyterPath: undefined, prefix: undefined } } as const
/** A kernelspec for what the examples need, found before the one that other tests run on. */
const specs = mkdtempSync(join(tmpdir(), "stet-kernels-"))
const isFull = process.env["STET_TEST_ATTACK"] === "full"
const AT_ONCE = 6
const SECRET = `canary-${randomUUID()}`

/** Beside everything that is a run's. */
const outside = mkdtempSync(join(tmpdir(), "stet-outside-"))
const touched = join(outside, "touched")
const readable = join(outside, "read.csv")
const before = ["pages", "read.csv"]
let api: ApiTest
let ada: Someone
let kernels: ReturnType<typeof localKernels>

beforeAll(async () => {
  writeFileSync(readable, `day,branch,product,quantity,amount\n2026-02-01,${SECRET},x,1,2\n`)
  writeFileSync(join(outside, "pages"), JSON.stringify({ items: [{ name: SECRET, "place.height": 1, place: { height: 1 } }], next: null, total: 1 }))
  mkdirSync(join(specs, "kernels", "python3"), { recursive: true })
  const argv = [process.env["STET_TEST_TEMPLATES"], "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  writeFileSync(join(specs, "kernels", "python3", "kernel.json"), JSON.stringify({ argv, display_name: "Python 3", language: "python" }))
  kernels = localKernels({ env: { ...process.env, JUPYTER_PATH: [specs, process.env["JUPYTER_PATH"]].filter(Boolean).join(delimiter) } })
  api = await apiTest()
  ada = await api.someone("Ada", "editor")
  // Each on the kernel that it names.
  const resolve = async ({ notebook }: { readonly notebook: Notebook }) => {
    const kernelName = kernelNameOf(notebook) || "python3"
    return accepted({ ...ENVIRONMENT, sha256: (kernelName === "ir" ? "1" : "e").repeat(64), kernelName })
  }
  const options = {
    pool: { warm: 0, confine: (scratch: string) => ({ level: "L0", scratch, network: true }) as const },
    preparing: { resolve, kernels: () => kernels },
  }
  await api.platform.worker({ kernels, slots: AT_ONCE, options })
}, 60_000)
afterAll(async () => {
  await api.close()
  await kernels.close()
  for (const folder of [outside, specs]) rmSync(folder, { recursive: true })
})

/** Files first: a version takes along those that it names and that are there. */
async function put(folder: string, name: string, notebook?: Uint8Array): Promise<string> {
  const files = notebook ? [] : readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  for (const { parentPath, name: file } of files) {
    const path = join(parentPath, file)
    if (file.endsWith(".ipynb") || file.endsWith(".stet.yaml")) continue
    const at = encodeURIComponent(`abused/${name}${path.slice(folder.length)}`)
    const said = await api.ask(CONTRACT.putFile.method, `${CONTRACT.putFile.path}?space=team&path=${at}`, {
      as: ada,
      bytes: new Uint8Array(readFileSync(path)),
    })
    expect(said.status, said.text).toBeLessThan(300)
  }
  const bytes = notebook ?? new Uint8Array(readFileSync(join(folder, `${name}.ipynb`)))
  const said = await api.ask("POST", `/api/v1/notebooks?space=team&path=${encodeURIComponent(`abused/${name}/${name}.ipynb`)}`, { as: ada, bytes })
  expect(said.status, said.text).toBe(201)
  return said.json.notebook.id
}

type Place = { readonly name: string; readonly isFile: boolean; readonly given: (text: string) => Json }

/** Where a text goes into a parameter: itself, the one of a list, a name and a text in a dictionary. */
function placeOf(name: string, type: ParameterType): Place[] {
  if (type.kind === "string") return [{ name, isFile: false, given: (text) => text }]
  if (type.kind === "file") return [{ name, isFile: true, given: (text) => text }]
  if (type.kind === "list") return placeOf(name, type.items).map((place) => ({ ...place, given: (text) => [place.given(text)] }))
  if (type.kind === "map") return placeOf(name, type.values).map((place) => ({ ...place, given: (text) => ({ [text]: place.given(text) }) }))
  if (type.kind === "either") return type.of.flatMap((one) => placeOf(name, one)).slice(0, 1)
  return []
}

function placesOf(bytes: Uint8Array): readonly Place[] {
  const reading = read(bytes)
  if (!reading.ok) throw new Error(reading.refusal.message)
  return declaredParameters(reading.value.notebook).parameters.flatMap(({ name, type, secret }) => (secret ? [] : placeOf(name, type)))
}

const up = "../".repeat(12)
const ELSEWHERE = [
  readable,
  `${up}${readable.slice(1)}`,
  `file://${readable}`,
  `file://${outside}/pages#`,
  join(outside, "written"),
  `~/../..${outside}/written`,
]
const ALL = [...ELSEWHERE, commandFor(touched), ...commandsFor(touched), ...NAUGHTY_TEXTS].filter((text) => text.isWellFormed())

/** Of what is refused before anything runs. */
const FEW = [...ELSEWHERE, commandFor(touched), ...ALL.filter((_, at) => at % 5 === 0)]

/** The files that parameters take when nobody gives another: what is in them is as hostile as a name. */
function filesOf(folder: string, bytes: Uint8Array): readonly { readonly name: string; readonly path: string }[] {
  const reading = read(bytes)
  const all = reading.ok ? declaredParameters(reading.value.notebook).parameters : []
  return all.flatMap(({ name, type, default: path }) =>
    type.kind === "file" && typeof path === "string" && existsSync(join(folder, path)) ? [{ name, path: join(folder, path) }] : [],
  )
}

/** Every word of it the text; the last name of its head; a line of it alone. */
function spoiled(path: string, text: string): readonly string[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n").slice(0, 60)
  if (!path.endsWith(".csv")) return [[head, ...lines].map((line) => `${line}${text}`).join("\n"), `${text}\n${head}\n`]
  const quoted = `"${text.replaceAll('"', '""')}"`
  const words = lines.map((line) => line.split(",").map((field) => (/^[\d.-]*$/u.test(field) ? field : quoted)))
  return [[head, ...words.map((fields) => fields.join(","))].join("\n"), [head.replace(/[^,]+$/u, quoted), ...lines].join("\n")]
}

const EXTREMES: readonly JsonObject[] = [
  ...[0, 1, -1, 1e308, 5e-324].map((confidence) => ({ confidence })),
  ...[0, -1, 2147483647, 2147483648, Number.MAX_SAFE_INTEGER].map((least) => ({ least })),
]

type Tried = { readonly what: string; readonly said: string; readonly text: string }

/** How it ended: refused with a name, succeeded, or failed with one. */
function tried(notebook: string, template: string, { name, given }: Place, text: string): Promise<Tried> {
  return triedWith(notebook, `${template}.${name} = ${JSON.stringify(text.slice(0, 60))}`, { [name]: given(text) })
}

async function triedWith(notebook: string, what: string, parameters: JsonObject): Promise<Tried> {
  const launched = await api.ask("POST", "/api/v1/runs", { as: ada, json: { notebook, parameters } })
  if (launched.status !== 201) return { what, said: `${launched.status} ${launched.json.code}`, text: launched.text }
  const run = await whenOver(launched.json.id)
  if (!run)
    return {
      what,
      said: "not over, and no other one ended in two minutes",
      text: JSON.stringify((await api.ask("GET", `/api/v1/runs/${launched.json.id}`, { as: ada })).json),
    }
  const result = await api.ask("GET", `/api/v1/runs/${run.id}/result`, { as: ada })
  const isNamed = run.state === "failed" && /^\w+$/u.test(run.error?.ename ?? "")
  return { what, said: isNamed ? "failed by name" : `${run.state}: ${run.explanation}`, text: result.text }
}

let ends = 0

/** A busy machine is waited for, as long as others that run at once end. */
async function whenOver(id: string): Promise<RunRow | undefined> {
  for (let before = -1; before !== ends; ) {
    before = ends
    const run = await api.platform.until(id, undefined, 120_000).catch(() => undefined)
    if (run) {
      ends++
      return run
    }
  }
  return undefined
}

async function all<In, Out>(inputs: readonly In[], act: (input: In) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = []
  const left = [...inputs]
  const one = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) out.push(await act(next))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return out
}

const left = () => readdirSync(outside).toSorted()
const isRun = ({ said }: Tried) => !said.startsWith("4")
const isFair = ({ said }: Tried) => ["succeeded: ", "failed by name", "422 bad_parameters", "400 bad_request"].includes(said)

test("what is planted is seen: a command that is obeyed, a file elsewhere that is read or written", async () => {
  const word = '# parameters\nword: str = "x"'
  const obeys = await put("", "obeys", ipynb(word, "import os\nos.system(f'echo {word}')"))
  const reads = await put("", "reads", ipynb(word, "print(open(word).read())"))
  const writes = await put("", "writes", ipynb(word, "open(word, 'w').write('x')"))
  const place: Place = { name: "word", isFile: false, given: (text) => text }
  const seen = [
    await tried(obeys, "obeys", place, commandFor(touched)),
    await tried(reads, "reads", place, readable),
    await tried(writes, "writes", place, join(outside, "written")),
  ]
  expect([existsSync(touched), seen[1]?.text.includes(SECRET), existsSync(join(outside, "written"))]).toEqual([true, true, true])
  rmSync(touched)
  rmSync(join(outside, "written"))
}, 60_000)

test.each(TEMPLATES)(
  "no parameter of %s obeys a command, reads or writes a file elsewhere, or ends otherwise than well or with a name",
  async (template) => {
    const folder = join(EXAMPLES, template)
    const bytes = new Uint8Array(readFileSync(join(folder, `${template}.ipynb`)))
    const notebook = await put(folder, template)
    // Whoever gives nothing gets what it is for: what fails by itself would fail whatever is given.
    expect((await triedWith(notebook, template, {})).said).toBe("succeeded: ")
    const places = placesOf(bytes)
    expect(places.length).toBeGreaterThan(0)
    const attempts = places.flatMap((place) => {
      const one = place.name === "base_url" ? `file://${outside}/pages#` : join(outside, "written")
      const texts = isFull ? ALL : place.isFile ? FEW : [commandFor(touched), one]
      return texts.map((text) => ({ place, text }))
    })
    const ended = await all(attempts, ({ place, text }) => tried(notebook, template, place, text))
    const contents = [...(await contentsOf(notebook, filesOf(folder, bytes))), ...(template === "r-report" ? EXTREMES : [])]
    ended.push(...(await all(contents, (parameters) => triedWith(notebook, `${template} ${JSON.stringify(parameters).slice(0, 90)}`, parameters))))
    if (isFull)
      console.log(
        `${template}: ${ended.length} tried, ${ended.filter(isRun).length} of them ran, ${ended.filter((one) => !isFair(one)).length} unfair`,
      )
    expect(ended.filter((one) => !isFair(one)).map(({ what, said, text }) => `${what}: ${said} ${text.slice(0, 400)}`)).toEqual([])
    expect(ended.filter(({ text }) => text.includes(SECRET)).map(({ what }) => what)).toEqual([])
    expect(left()).toEqual(before)
    // json-api-pull takes no file, and folder-to-table a folder: their texts run all the same.
    expect(ended.filter(isRun).length).toBeGreaterThan(0)
  },
  3_600_000,
)

/** Files that were sent, each holding something hostile, as values of the parameter that they are for. */
async function contentsOf(notebook: string, files: ReturnType<typeof filesOf>): Promise<readonly JsonObject[]> {
  const texts = isFull ? ALL.filter((_, each) => each % 4 === 0).concat(commandsFor(touched)) : [commandFor(touched)]
  const values: JsonObject[] = []
  for (const { name, path } of files) {
    for (const content of texts.flatMap((text) => spoiled(path, text))) {
      const sent = await api.ask("POST", `/api/v1/notebooks/${notebook}/uploads?name=${basename(path)}`, { as: ada, bytes: content })
      expect(sent.status, sent.text).toBeLessThan(300)
      values.push({ [name]: sent.json.value })
    }
  }
  return values
}
