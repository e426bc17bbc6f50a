/** Test cases and their runs over HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"

let api: ApiTest
let ada: Someone
let runner: Someone
let admin: Someone
const kernels = localKernels()

beforeAll(async () => {
  api = await apiTest()
  ;[ada, runner, admin] = await Promise.all([api.someone("Ada", "editor"), api.someone("Rune", "runner"), api.someone("Root", "administrator")])
  await api.platform.worker({ kernels, kernelName: "python3" })
})
afterAll(async () => {
  await api.close()
  await kernels.close()
})

const at = (path: string) => `/api/v1${path}`

test("a file of test cases goes in and comes back, runs on a version, and tells what came of it; code that is hidden stays hidden", async () => {
  const put = await api.ask("POST", at("/notebooks?space=team&path=Tested.ipynb"), {
    as: ada,
    bytes: ipynb("# parameters\nrate = 1.0", "print('rate', rate)"),
  })
  const here = at(`/notebooks/${put.json.notebook.id}`)
  const text =
    "# Kept.\ntests:\n  - name: doubled\n    parameters: {rate: 2.0}\n    mocks: [{cell: c1, source: \"print('mocked', rate)\"}]\n    checks: [{check: output_contains, cell: c1, text: mocked 2}]\n"
  const bad = await api.ask("PUT", `${here}/test-file`, { as: ada, json: { text: "tests: [{nam: x}]" } })
  expect([bad.status, bad.json.code, bad.json.detail]).toEqual([422, "bad_test_file", expect.stringContaining("Tested.stet.yaml:1: ")])
  // PostgreSQL would take it, and read it no more: a run that fails would never end.
  const nul = { check: "expression", expression: "rate", equals: { deep: ["\0"] } }
  const alone = await api.ask("PUT", `${here}/tests/nul`, { as: ada, json: { expects: { checks: [nul] } } })
  expect([alone.status, alone.json.code, alone.json.detail]).toEqual([422, "bad_test", expect.stringContaining('"nul" holds the character U+0000')])
  const within = await api.ask("PUT", `${here}/test-file`, { as: ada, json: { text: 'tests:\n  - {name: x, parameters: {a: "\\0"}}\n' } })
  expect([within.status, within.json.code]).toEqual([422, "bad_test_file"])
  const harmless = await api.ask("PUT", `${here}/tests/harmless`, { as: ada, json: { parameters: { a: "\\u0000" }, expects: {} } })
  expect(harmless.status).toBe(200)
  const kept = await api.ask("PUT", `${here}/test-file`, { as: ada, json: { text } })
  expect([kept.status, kept.json.items[0].mocks, kept.json.items[0].weaknesses]).toEqual([
    200,
    [{ cell: "c1", source: "print('mocked', rate)" }],
    ["A check looks at the cell c1, which the test itself replaces."],
  ])
  expect((await api.ask("GET", `${here}/test-file`, { as: runner })).json).toEqual({ text })

  const begun = await api.ask("POST", `${here}/test-runs`, { as: ada, json: {} })
  expect([begun.status, begun.json.version, begun.json.because]).toEqual([201, 1, "asked"])
  const ended = async () => (await api.ask("GET", at(`/test-runs/${begun.json.id}`), { as: runner })).json
  await expect.poll(async () => (await ended()).state, { timeout: 60_000, interval: 100 }).toBe("passed")
  const [one] = (await ended()).cases
  expect([one.name, one.verdict, one.mocks]).toEqual(["doubled", "passed", ["c1"]])
  const reached = await api.ask("GET", at(`/test-runs/${begun.json.id}/coverage`), { as: runner })
  expect(reached.json).toMatchObject({ covered: 1, total: 2, known: 1, of: 1 })
  expect(reached.json.cells).toEqual([
    { id: "c0", number: 1, tags: ["parameters"], line: "rate = 1.0", cases: 1, mocked: 0 },
    { id: "c1", number: 2, tags: [], line: "print('rate', rate)", cases: 0, mocked: 1 },
  ])
  expect((await api.ask("GET", at(`/runs/${one.run}`), { as: ada })).json.mocks).toEqual(["c1"])
  expect((await api.ask("GET", `${here}/test-runs?version=1&limit=1`, { as: runner })).json.items).toHaveLength(1)
  expect((await api.ask("POST", `${here}/test-runs`, { as: runner, json: {} })).status).toBe(403)

  expect((await api.ask("GET", `${here}/testing`, { as: ada })).json).toEqual({ versions: null, isOn: false })
  expect((await api.ask("PUT", `${here}/testing`, { as: ada, json: { versions: true } })).json).toEqual({ versions: true, isOn: true })

  await api.ask("PUT", `${here}/code`, { as: admin, json: { isHidden: true } })
  const said = await Promise.all(
    [
      `${here}/tests`,
      `${here}/test-file`,
      `${here}/test-runs`,
      `${here}/testing`,
      at(`/test-runs/${begun.json.id}`),
      at(`/test-runs/${begun.json.id}/coverage`),
    ].map((path) => api.ask("GET", path, { as: runner })),
  )
  expect(said.map(({ status }) => status)).toEqual([403, 403, 403, 403, 404, 404])
  expect((await api.ask("GET", at(`/runs/${one.run}`), { as: runner })).json.mocks).toEqual([])
})

test("a cell that no test case gets to is named, however the others end", async () => {
  const cells = ["# parameters\nstop = False", "# Ends it.\nif stop: raise SystemError('stop')", "print('end')"]
  const put = await api.ask("POST", at("/notebooks?space=team&path=Reached.ipynb"), { as: ada, bytes: ipynb(...cells) })
  const here = at(`/notebooks/${put.json.notebook.id}`)
  const text = "tests:\n  - {name: stops, parameters: {stop: true}, expects: {fails_with: SystemError}}\n  - {name: bad, parameters: {stop: seven}}\n"
  await api.ask("PUT", `${here}/test-file`, { as: ada, json: { text } })
  const { id } = (await api.ask("POST", `${here}/test-runs`, { as: ada, json: {} })).json
  const state = async () => (await api.ask("GET", at(`/test-runs/${id}`), { as: ada })).json.state
  await expect.poll(state, { timeout: 60_000, interval: 100 }).toBe("failed")
  const { covered, total, known, of, cells: told } = (await api.ask("GET", at(`/test-runs/${id}/coverage`), { as: ada })).json
  expect([covered, total, known, of]).toEqual([2, 3, 1, 2])
  expect(told.map(({ number, cases, line }: { number: number; cases: number; line: string }) => [number, cases, line])).toEqual([
    [1, 1, "stop = False"],
    [2, 1, "if stop: raise SystemError('stop')"],
    [3, 0, "print('end')"],
  ])
})

test("what it changes outside is not done again unasked: not by a test run, not by a proposal; a mock in its place does nothing", async () => {
  const bytes = ipynb("rows = 1", "import os\nos.system('true ' + str(rows))", "open('own.txt', 'w').write('x')")
  const put = await api.ask("POST", at("/notebooks?space=team&path=Writes.ipynb"), { as: ada, bytes })
  const here = at(`/notebooks/${put.json.notebook.id}`)
  await api.ask("PUT", `${here}/tests/plain`, { as: ada, json: { expects: { outcome: "succeeds" } } })
  const cells = [{ cell: "c1", number: 2, what: ["process os.system"] }]

  const asked = await api.ask("POST", `${here}/test-runs`, { as: ada, json: {} })
  expect([asked.status, asked.json.code, asked.json.facts]).toEqual([409, "writes_again", { cells }])
  const proposed = await api.ask("POST", `${here}/proposals`, { as: ada, json: { template: "team/writes" } })
  expect([proposed.status, proposed.json.code, proposed.json.facts]).toEqual([409, "writes_again", { cells }])
  expect((await api.ask("GET", at(`/runs?notebook=${put.json.notebook.id}`), { as: ada })).json.items).toEqual([])
  expect((await api.ask("GET", `${here}/test-runs`, { as: ada })).json.items).toEqual([])

  expect((await api.ask("POST", `${here}/test-runs`, { as: ada, json: { mayWrite: true } })).status).toBe(201)
  const mocks = [{ cell: "c1", source: "sent = True" }]
  await api.ask("PUT", `${here}/tests/plain`, { as: ada, json: { expects: { outcome: "succeeds" }, mocks } })
  expect((await api.ask("POST", `${here}/test-runs`, { as: ada, json: {} })).status).toBe(201)
  // Its fresh rerun has no mocks.
  expect((await api.ask("POST", `${here}/proposals`, { as: ada, json: { template: "team/writes" } })).status).toBe(409)
  const yes = await api.ask("POST", `${here}/proposals`, { as: ada, json: { template: "team/writes", mayWrite: true } })
  expect([yes.status, yes.json.template?.name]).toEqual([201, "team/writes"])
})
