/**
 * The same value's way through the platform: `{"parameters": {"region": "EU"}}` in the body of a request. What happens
 * between the order and the result is in walk.test.ts; here stands what is around it.
 */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"

const DECLARES = {
  cell_type: "code",
  id: "declares",
  source: 'region: str = "US"',
  metadata: { tags: ["parameters"] },
  outputs: [],
  execution_count: null,
} as const

let api: ApiTest
let ada: Someone
beforeAll(async () => {
  api = await apiTest()
  ada = await api.someone("Ada", "runner")
})
afterAll(() => api.close())

test("the walk of one value through the platform", async () => {
  const { platform } = api
  // A version is kept: numbered, by its digest, with the schema of what it can be given.
  const notebook = await platform.notebook("walk.ipynb", "python3", DECLARES, "print(region)")

  // 1 The body's shape is checked, 2 whether she may is asked, 3 the value is bound: a slip of the pen is told by name.
  const wrong = await api.ask("POST", "/api/v1/runs", { as: ada, json: { notebook, parameters: { regoin: "EU" } } })
  expect([wrong.status, wrong.json.errors[0].path]).toEqual([422, "parameters.regoin"])
  const stranger = await api.someone("Eve")
  expect((await api.ask("POST", "/api/v1/runs", { as: stranger, json: { notebook } })).status).toBe(404)

  // 4 An order is stored: from here on it is kept. The same key again is the same run.
  const launch = { as: ada, headers: { "idempotency-key": "walk-1" }, json: { notebook: "team/walk.ipynb", parameters: { region: "EU" } } }
  const accepted = await api.ask("POST", "/api/v1/runs", launch)
  expect([accepted.status, accepted.json.state, accepted.json.version]).toEqual([201, "queued", 1])
  expect(await api.ask("POST", "/api/v1/runs", launch)).toMatchObject({ status: 200, json: { id: accepted.json.id } })

  // 5 A worker claims it, 6–8 the engine writes the literal, executes, journals.
  const kernels = scriptedKernels(({ code }) => (code === "print(region)" ? [stdout("EU\n")] : []), { kernels: { python3: "python" } })
  await platform.worker({ kernels, kernelName: "python3" })
  const run = await platform.until(accepted.json.id)
  expect(run.state).toBe("succeeded")
  expect(kernels.whats("executes").join()).toContain('region = "EU"')

  // 9 The result is kept by its hash, and its log is there from any byte on.
  const result = await api.ask("GET", `/api/v1/runs/${run.id}/result`, { as: ada })
  expect(result.headers["etag"]).toContain(run.resultSha256)
  expect((await api.ask("GET", `/api/v1/runs/${run.id}/log?offset=0`, { as: ada })).json).toMatchObject({ text: "EU\n", eof: true })

  // 10 And a person reads `region = EU` beside it.
  expect((await api.ask("GET", `/api/v1/runs/${run.id}/result.html`, { as: ada })).text).toMatch(/region[\s\S]*EU/)
})
