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
  expect((await api.ask("GET", at(`/runs/${one.run}`), { as: ada })).json.mocks).toEqual(["c1"])
  expect((await api.ask("GET", `${here}/test-runs?version=1&limit=1`, { as: runner })).json.items).toHaveLength(1)
  expect((await api.ask("POST", `${here}/test-runs`, { as: runner, json: {} })).status).toBe(403)

  expect((await api.ask("GET", `${here}/testing`, { as: ada })).json).toEqual({ versions: null, isOn: false })
  expect((await api.ask("PUT", `${here}/testing`, { as: ada, json: { versions: true } })).json).toEqual({ versions: true, isOn: true })

  await api.ask("PUT", `${here}/code`, { as: admin, json: { isHidden: true } })
  const said = await Promise.all(
    [`${here}/tests`, `${here}/test-file`, `${here}/test-runs`, `${here}/testing`, at(`/test-runs/${begun.json.id}`)].map((path) =>
      api.ask("GET", path, { as: runner }),
    ),
  )
  expect(said.map(({ status }) => status)).toEqual([403, 403, 403, 403, 404])
  expect((await api.ask("GET", at(`/runs/${one.run}`), { as: runner })).json.mocks).toEqual([])
})
