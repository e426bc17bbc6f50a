/** What somebody tries who wants a template to stand for what nobody proved or approved, or to do by its parameters what it was not made for. */
import { randomUUID } from "node:crypto"
import { existsSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CONTRACT, type RouteName } from "#api/contract.ts"
import { promoted } from "#api/templates.testing.ts"
import { type ApiTest, addressed, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { commandsFor } from "#library/commands.testing.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { SCOPES } from "#people/index.ts"

let api: ApiTest
let ada: Someone
let ben: Someone
let sina: Someone
let runner: Someone
const kernels = localKernels()

beforeAll(async () => {
  api = await apiTest()
  ;[ada, ben, sina, runner] = await Promise.all([
    api.someone("Ada", "editor"),
    api.someone("Ben", "editor"),
    api.someone("Sina", "admin"),
    api.someone("Rune", "runner"),
  ])
  // As the worker of a platform starts them: at home in a directory of their own.
  const options = { pool: { warm: 0, confine: (scratch: string) => ({ level: "L0", scratch, network: true }) as const } }
  await api.platform.worker({ kernels, kernelName: "python3", options })
})
afterAll(async () => {
  await api.close()
  await kernels.close()
})

const at = (path: string) => `/api/v1${path}`
const templateAt = (name: string) => at(`/templates/${encodeURIComponent(name)}`)

async function put(path: string, ...cells: string[]): Promise<string> {
  const said = await api.ask("POST", at(`/notebooks?space=team&path=${encodeURIComponent(path)}`), { as: ada, bytes: ipynb(...cells) })
  return said.json.notebook.id
}

async function proposed(notebook: string, template: string): Promise<string> {
  const said = await api.ask("POST", at(`/notebooks/${notebook}/proposals`), { as: ada, json: { template, mayWrite: true } })
  if (said.status !== 201) throw new Error(said.text)
  return said.json.id
}

async function proven(proposal: string, as = ada) {
  for (let turn = 0; turn < 600; turn++) {
    const { json } = await api.ask("GET", at(`/proposals/${proposal}`), { as })
    if (json.checks.every(({ verdict }: { verdict: string }) => verdict !== "pending")) return json
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("its checks do not end")
}

const PLACES = ["'left.txt'", "os.path.expanduser('~/left.txt')", "os.path.join(tempfile.gettempdir(), 'left.txt')"]
const HEAD = "import os, tempfile, builtins"
const LEAVES = [...PLACES.map((place) => `open(${place}, 'w').write('here')`), "builtins.left = True"]
const FINDS = `assert hasattr(builtins, 'left') or any(os.path.exists(p) for p in [${PLACES.join(", ")}]), 'nothing is left'`

test("what an earlier run left does not help the one that proves: not in the kernel, its directory, its home or its place for temporary files", async () => {
  const notebook = await put("Leftovers.ipynb", HEAD, ...LEAVES, FINDS)
  const run = await api.ask("POST", at("/runs"), { as: ada, json: { notebook } })
  expect((await api.platform.until(run.json.id, undefined, 60_000)).state).toBe("succeeded")
  // The same without the cells that make what it needs: it only passes on what is left.
  await api.ask("PUT", at(`/notebooks/${notebook}/content`), { as: ada, bytes: ipynb(HEAD, FINDS) })
  const { gates } = await proven(await proposed(notebook, "misuse/leftovers"))
  expect(gates[0]).toMatchObject({ gate: "rerun", state: "failed", said: expect.stringContaining("raised AssertionError") })
}, 120_000)

test("a test case that passes only on what a run with other parameters left fails, and closes its gate", async () => {
  const leaves = `if leave:\n${LEAVES.map((line) => `    ${line}`).join("\n")}`
  const notebook = await put("Leaves.ipynb", "# parameters\nleave = True", HEAD, leaves, FINDS)
  const json = { parameters: { leave: false }, expects: { outcome: "succeeds", checks: [] } }
  expect((await api.ask("PUT", at(`/notebooks/${notebook}/tests/left`), { as: ada, json })).status).toBe(200)
  const run = await api.ask("POST", at("/runs"), { as: ada, json: { notebook } })
  expect((await api.platform.until(run.json.id, undefined, 60_000)).state).toBe("succeeded")
  const { gates } = await proven(await proposed(notebook, "misuse/leaves"))
  expect(gates[0]).toMatchObject({ gate: "rerun", state: "passed" })
  expect(gates[1]).toMatchObject({ gate: "tests", state: "failed", said: expect.stringContaining("left: ") })
  expect(gates[1].said).toContain("raised AssertionError")
}, 120_000)

const STEPS: readonly (readonly [RouteName, unknown])[] = [
  ["promote", undefined],
  ["promote", { force: true }],
  ["reviewProposal", { verdict: "approve", binding: "BINDING", person: "BEN" }],
  ["decideTemplate", { latest: 1 }],
  ["decideTemplate", { approvals: 0, version: 1 }],
  ["decideTemplate", { isReviewed: true, state: "promoted" }],
  ["pointChannel", { number: 1 }],
  ["runTemplate", {}],
]

test("no role, no scope of a token and no member of a body opens a gate: after all of it nothing stands for it", async () => {
  const notebook = await put("Closed.ipynb", "raise ValueError('it does not run')")
  const template = "misuse/closed"
  const proposal = await proposed(notebook, template)
  const { binding } = await proven(proposal)
  await api.ask("POST", at(`/proposals/${proposal}/reviews`), { as: ben, json: { verdict: "approve", binding } })
  const people = [ada, ben, sina, runner, await api.someone("Vera", "viewer"), await api.someone("Root", "administrator")]
  const tokens = await Promise.all([ada, ben, sina].flatMap((who) => SCOPES.map((scope) => api.withToken(who, scope).catch(() => undefined))))
  const opened: string[] = []
  let tried = 0
  for (const as of [...people, ...tokens.filter((one) => one !== undefined)])
    for (const [name, body] of STEPS) {
      const path = addressed(name, { proposal, template, channel: name === "pointChannel" ? "latest-approved" : "prod" })
      const json = body === undefined ? undefined : JSON.parse(JSON.stringify(body).replace("BINDING", binding).replace("BEN", ben.actor.id))
      const said = await api.ask(CONTRACT[name].method, path, { as, ...(json === undefined ? {} : { json }) })
      tried++
      if (said.status < 400) opened.push(`${as.actor.name} ${name} ${JSON.stringify(body)}: ${said.status}`)
    }
  expect(opened).toEqual([])
  expect(tried).toBeGreaterThan(100)
  const after = await api.ask("GET", templateAt(template), { as: ada })
  expect([after.json.latest, after.json.newest, after.json.approvals, after.json.version]).toEqual([0, 0, null, null])
  expect((await api.ask("GET", at(`/proposals/${proposal}`), { as: ada })).json.state).toBe("open")
}, 60_000)

test("numbers beyond what there can be, and names that no database holds, are refused and do not fail", async () => {
  const notebook = await put("Numbers.ipynb", "1")
  await proposed(notebook, "misuse/numbers")
  const template = templateAt("misuse/numbers")
  const asked = [
    ["GET", `${template}/promotions/99999999999/evidence`, undefined],
    ["PUT", `${template}/channels/prod`, { number: 99_999_999_999 }],
    ["POST", at(`/notebooks/${notebook}/proposals`), { template: "misuse/numbers", version: 99_999_999_999 }],
    ["POST", `${templateAt("misuse/numbers@99999999999")}/runs`, {}],
    ["POST", `${templateAt("misuse/numbers@a\0b")}/runs`, {}],
    ["GET", templateAt("a\0b"), undefined],
  ] as const
  for (const [method, path, json] of asked) {
    const { status } = await api.ask(method, path, { as: ada, ...(json ? { json } : {}) })
    expect([path, status]).toEqual([path, expect.toSatisfy((code: number) => code >= 400 && code < 500)])
  }
})

test("what is given to a template by its parameters is data: each value arrives as it was sent, no name becomes code, nothing is done by any of them", async () => {
  const file = join(tmpdir(), `stet-misuse-${randomUUID()}`)
  const values = [...commandsFor(file), ...NAUGHTY_TEXTS].filter((text) => text.isWellFormed())
  const names = values.map((_, index) => `p${index}`)
  const declared = names.map((name) => `${name}: str = "x"`).join("\n")
  const shown = `import json\nfrom IPython.display import display\ndisplay({"application/json": [${names.join(", ")}], "text/plain": "values"}, raw=True)`
  await promoted(api, { name: "misuse/values", path: "Values.ipynb", bytes: ipynb(`# parameters\n${declared}`, shown), by: ada, approvedBy: ben })
  const parameters = Object.fromEntries(names.map((name, index) => [name, values[index]]))
  const launched = await api.ask("POST", `${templateAt("misuse/values")}/runs`, { as: runner, json: { parameters } })
  expect(launched.status).toBe(201)
  expect(await api.platform.until(launched.json.id, undefined, 60_000)).toMatchObject({ state: "succeeded" })
  const result = JSON.parse((await api.ask("GET", at(`/runs/${launched.json.id}/result`), { as: runner })).text)
  const outputs = result.cells.flatMap((cell: { outputs?: { data?: Record<string, unknown> }[] }) => cell.outputs ?? [])
  expect(outputs.map(({ data }: { data?: Record<string, unknown> }) => data?.["application/json"]).find(Boolean)).toEqual(values)
  // As a name, as a label, as a key, as a channel: refused or kept, never done.
  for (const text of values) {
    const named = await api.ask("POST", `${templateAt("misuse/values")}/runs`, { as: runner, json: { parameters: { [text]: 1 } } })
    expect([text, named.status]).toEqual([text, text.length > 200 || text === "__proto__" ? 400 : 422])
    const elsewhere = await api.ask("POST", `${templateAt(`misuse/values@${text}`)}/runs`, { as: runner, json: {} })
    expect([text, elsewhere.status]).toEqual([text, expect.toSatisfy((status: number) => [400, 404, 409].includes(status))])
  }
  expect(existsSync(file)).toBe(false)
  rmSync(file, { force: true })
}, 120_000)
