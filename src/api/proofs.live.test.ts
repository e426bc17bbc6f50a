import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { error, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"

// One word in everything that is printed and raised.
const WORD = "Vq7xSecretMargin"

let api: ApiTest
let ada: Someone
let rune: Someone
let vera: Someone
let drawn = 0
const kernels = scriptedKernels({
  steady: stdout(`${WORD} at 0x7f3a1c2b4d60\n`),
  drawn: () => stdout(`${++drawn}\n`),
  changed: stdout(`${WORD} new\n`),
  broken: error("ValueError", WORD),
  "open('log.txt', 'a').write('x')": stdout("1"),
})

beforeAll(async () => {
  api = await apiTest()
  ;[ada, rune, vera] = await Promise.all([api.someone("Ada", "editor"), api.someone("Rune", "runner"), api.someone("Vera", "viewer")])
  await api.platform.worker({ kernels, kernelName: "script" })
})
afterAll(() => api.close())

/** Cells with what each printed when it was last run. */
async function stored(
  path: string,
  ...cells: readonly (readonly [source: string, printed?: string | undefined, metadata?: object])[]
): Promise<string> {
  const bytes = JSON.stringify({
    cells: cells.map(([source, printed, metadata = {}], at) => ({
      id: `c${at}`,
      cell_type: "code",
      metadata,
      source,
      outputs: printed === undefined ? [] : [{ output_type: "stream", name: "stdout", text: printed }],
      execution_count: printed === undefined ? null : at + 1,
    })),
    metadata: { kernelspec: { name: "script", display_name: "Script", language: "python" } },
    nbformat: 4,
    nbformat_minor: 5,
  })
  const put = await api.ask("POST", `/api/v1/notebooks?space=team&path=${path}`, { as: ada, bytes: new TextEncoder().encode(bytes) })
  return put.json.notebook.id
}

const asked = (id: string, json: object, as = rune) => api.ask("POST", `/api/v1/notebooks/${id}/versions/1/proofs`, { as, json })
const listed = async (id: string, as: Someone) => (await api.ask("GET", `/api/v1/notebooks/${id}/proofs`, { as })).json.items

async function ended(id: string, as = vera) {
  for (let i = 0; i < 200; i++) {
    const [newest] = await listed(id, as)
    if (newest.state !== "running") return newest
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error("the proof did not end")
}

const shown = (proof: { readonly cells: readonly { readonly number: number; readonly is: string }[] }) =>
  proof.cells.map(({ number, is }) => `${number} ${is}`).join(", ")

test("a version is proven for everybody: by whom, when, in which environment, and how each cell came out", async () => {
  const id = await stored("clean.ipynb", ["steady", `${WORD} at 0x7f3a1c2b4d99\n`])
  expect(await listed(id, vera)).toEqual([])
  const begun = await asked(id, {})
  expect([begun.status, begun.json.state, begun.json.runs.length]).toEqual([201, "running", 1])
  const proof = await ended(id)
  expect(proof).toMatchObject({ id: begun.json.id, state: "clean", version: 1, askedBy: { name: "Rune" }, environment: "e".repeat(64) })
  expect(proof.cells).toEqual([{ cell: "c0", number: 1, is: "same_but_volatile", why: "It differs only in memory addresses." }])
  const audited = await api.ask("GET", "/api/v1/audit?action=proof.ask", { as: await api.someone("Root", "administrator") })
  expect(audited.json.items).toMatchObject([{ action: "proof.ask", detail: { proof: proof.id, version: 1, mayWrite: false } }])
})

test("twice, what comes out otherwise each time is told from what has changed", async () => {
  const id = await stored("twice.ipynb", ["steady", `${WORD} at 0x7f3a1c2b4d60\n`], ["drawn", "0\n"], ["changed", "old\n"])
  expect((await asked(id, { times: 2 })).json.runs).toHaveLength(2)
  const proof = await ended(id)
  expect([proof.state, shown(proof)]).toEqual(["differs", "1 same, 2 varies, 3 differs"])
  await asked(id, {})
  const once = await ended(id)
  expect([once.state, shown(once)]).toEqual(["differs", "1 same, 2 differs, 3 differs"])
  expect(await listed(id, vera)).toHaveLength(2)
})

test("what fails says where and with what", async () => {
  const id = await stored("fails.ipynb", ["steady"], ["broken"])
  await asked(id, { times: 2 })
  expect(await ended(id)).toMatchObject({ state: "failed", said: `Cell 2: ValueError: ${WORD}`, cells: [] })
})

test("what it writes is not written again unasked", async () => {
  const id = await stored("writes.ipynb", ["steady"], ["open('log.txt', 'a').write('x')"])
  const refused = await asked(id, {})
  expect([refused.status, refused.json.code, refused.json.facts]).toEqual([
    409,
    "writes_again",
    { cells: [{ cell: "c1", number: 2, what: ["file open"] }] },
  ])
  expect(await listed(id, vera)).toEqual([])
  expect((await api.ask("GET", `/api/v1/runs?notebook=${id}`, { as: vera })).json.items).toEqual([])
  expect((await asked(id, { mayWrite: true })).status).toBe(201)
  expect((await ended(id)).state).toBe("clean")
})

test("who may only look asks for none, and where the code is hidden no word of it comes out", async () => {
  const id = await stored("hidden.ipynb", ["changed", `${WORD} old\n`], ["open('log.txt', 'a').write('x')", "1"])
  expect((await asked(id, { mayWrite: true }, vera)).status).toBe(403)
  const root = await api.someone("Roots", "administrator")
  await api.ask("PUT", `/api/v1/notebooks/${id}/code`, { as: root, json: { isHidden: true } })
  const refused = await asked(id, {})
  expect([refused.json.code, refused.text.includes("open")]).toEqual(["writes_again", false])
  await asked(id, { mayWrite: true })
  const [seen, whole] = [await ended(id, vera), await ended(id, ada)]
  expect([seen.state, shown(seen), JSON.stringify(seen).includes(WORD)]).toEqual(["differs", "1 differs, 2 same", false])
  expect(JSON.stringify(whole)).toContain(WORD)
})

const REQUIRED = ["region: str\ntoken: str  # secret\nkey: str = 'k'", undefined, { tags: ["parameters"] }] as const

test("what has no values of its own is proven with those that are given, which are kept with the proof; without, each is named", async () => {
  const id = await stored("required.ipynb", REQUIRED, ["steady"])
  const without = await asked(id, { times: 2, parameters: { region: "EU" } })
  expect([without.status, without.json.code, without.json.errors]).toEqual([
    422,
    "bad_parameters",
    [
      {
        in: "body",
        path: "parameters.token",
        message: expect.stringMatching(/^The parameter token is required and was not given\. Give it a value/),
      },
    ],
  ])
  expect(await listed(id, vera)).toEqual([])
  const begun = await asked(id, { times: 2, parameters: { region: "EU" }, parameterTexts: { token: "0042" } })
  expect([begun.status, begun.json.parameters, begun.json.secretNames]).toEqual([201, { region: "EU" }, ["token"]])
  const proof = await ended(id)
  expect(proof).toMatchObject({ state: "clean", parameters: { region: "EU" }, secretNames: ["token"], files: [] })
  for (const run of proof.runs) expect((await api.ask("GET", `/api/v1/runs/${run}`, { as: vera })).json.parameters).toEqual({ region: "EU" })
})

test("a file that a proof was given is told by its name", async () => {
  const id = await stored("file.ipynb", ["data: str  # [file: .csv]", undefined, { tags: ["parameters"] }], ["steady"])
  const bytes = new TextEncoder().encode("a,b\n")
  const sent = await api.ask("POST", `/api/v1/notebooks/${id}/uploads?name=may.csv`, { as: rune, bytes })
  expect((await asked(id, { parameters: { data: sent.json.value } })).status).toBe(201)
  expect(await ended(id)).toMatchObject({ state: "clean", files: [{ parameter: "data", name: "may.csv", sha256: sent.json.sha256 }] })
})
