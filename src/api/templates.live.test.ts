import { afterAll, beforeAll, expect, test } from "vitest"
import { promoted } from "#api/templates.testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"

let api: ApiTest
let ada: Someone
let ben: Someone
let runner: Someone
const kernels = localKernels()

beforeAll(async () => {
  api = await apiTest()
  ;[ada, ben, runner] = await Promise.all([api.someone("Ada", "editor"), api.someone("Ben", "editor"), api.someone("Rune", "runner")])
  await api.platform.worker({ kernels, kernelName: "python3" })
})
afterAll(async () => {
  await api.close()
  await kernels.close()
})

const at = (path: string) => `/api/v1${path}`
const NAME = encodeURIComponent("finance/weekly")

test("from a notebook to a template that a scheduler runs by name, over HTTP", async () => {
  const put = await api.ask("POST", at("/notebooks?space=team&path=Weekly.ipynb"), {
    as: ada,
    bytes: ipynb("# parameters\nrate = 1.0", "print('rate', rate)"),
  })
  const { id } = put.json.notebook
  const tested = await api.ask("PUT", at(`/notebooks/${id}/tests/double`), {
    as: ada,
    json: { parameters: { rate: 2.0 }, expects: { checks: [{ check: "output_contains", cell: "c1", text: "rate 2" }] } },
  })
  expect([tested.status, tested.json.provesNothing, tested.json.expects.outcome]).toEqual([200, false, "succeeds"])
  expect(
    (await api.ask("PUT", at(`/notebooks/${id}/tests/double`), { as: ada, json: { expects: { checks: [{ check: "nonsense" }] } } })).status,
  ).toBe(400)

  const proposed = await api.ask("POST", at(`/notebooks/${id}/proposals`), { as: ada, json: { template: "finance/weekly", message: "First" } })
  expect([proposed.status, proposed.json.state, proposed.json.version]).toEqual([201, "open", 1])
  expect((await api.ask("POST", at(`/notebooks/${id}/proposals`), { as: ada, json: { template: "Finance Weekly" } })).status).toBe(422)
  const path = at(`/proposals/${proposed.json.id}`)
  const detail = await settled(path)
  expect(detail.gates.map(({ gate, state }: { gate: string; state: string }) => `${gate} ${state}`)).toEqual([
    "rerun passed",
    "tests passed",
    "secrets passed",
    "approvals pending",
  ])
  const early = await api.ask("POST", `${path}/promote`, { as: ada })
  expect([early.status, early.json.code, early.json.facts.gates.length]).toEqual([409, "gates_closed", 4])
  const { binding } = detail
  expect((await api.ask("POST", `${path}/reviews`, { as: ada, json: { verdict: "approve", binding } })).json.code).toBe("own_proposal")
  const approved = await api.ask("POST", `${path}/reviews`, { as: ben, json: { verdict: "approve", binding, text: "Good." } })
  expect(approved.json.reviews).toMatchObject([{ person: { name: "Ben" }, verdict: "approve", isOfThis: true }])
  expect((await api.ask("POST", `${path}/promote`, { as: ada })).json).toEqual({ number: 1 })

  const headers = { "idempotency-key": "monday" }
  const first = await api.ask("POST", at(`/templates/${NAME}/runs`), { as: runner, json: { parameters: { rate: 3.0 } }, headers })
  const again = await api.ask("POST", at(`/templates/${NAME}/runs`), { as: runner, json: { parameters: { rate: 3.0 } }, headers })
  expect([first.status, again.status, again.json.id === first.json.id, first.json.labels["stet/template"]]).toEqual([
    201,
    200,
    true,
    "finance/weekly",
  ])
  expect((await api.ask("POST", at(`/templates/${encodeURIComponent("finance/weekly@7")}/runs`), { as: runner, json: {} })).status).toBe(409)
  expect((await api.ask("POST", at(`/templates/${NAME}/runs`), { as: runner, json: { parameters: { unknown: 1 } } })).status).toBe(422)
  expect((await api.ask("PUT", at(`/templates/${NAME}/channels/prod`), { as: ada, json: { number: 1 } })).status).toBe(204)
  expect((await api.ask("GET", at(`/templates/${NAME}/promotions`), { as: runner })).json.items[0].channels).toEqual(["prod"])
  expect((await api.ask("GET", at("/templates?q=week"), { as: runner })).json.items.map(({ name }: { name: string }) => name)).toEqual([
    "finance/weekly",
  ])
  const key = await api.ask("GET", at("/signing-key"), { as: runner })
  const evidence = await api.ask("GET", at(`/templates/${NAME}/promotions/1/evidence`), { as: ada })
  expect([evidence.json.publicKey, JSON.parse(evidence.json.evidence).template]).toEqual([key.json.publicKey, "finance/weekly"])
}, 120_000)

test("what one may run by name is listed with what is run most first, and not to who may only look", async () => {
  await promoted(api, { name: "a/never-run", path: "Never.ipynb", bytes: ipynb("1"), by: ada, approvedBy: ben })
  const named = async (as: Someone, query: string) =>
    (await api.ask("GET", at(`/templates?${query}`), { as })).json.items.map(({ name }: { name: string }) => name)
  expect(await named(runner, "may=run")).toEqual(["a/never-run", "finance/weekly"])
  expect(await named(runner, "may=run&order=used")).toEqual(["finance/weekly", "a/never-run"])
  expect(await named(runner, "may=run&order=used&limit=1")).toEqual(["finance/weekly"])
  expect(await named(await api.someone("Vic", "viewer"), "may=run&order=used")).toEqual([])
}, 120_000)

test("labels of Stet's own are given by Stet alone", async () => {
  const put = await api.ask("POST", at("/notebooks?space=team&path=Plain.ipynb"), { as: ada, bytes: ipynb("1") })
  const forged = await api.ask("POST", at("/runs"), {
    as: ada,
    json: { notebook: put.json.notebook.id, labels: { "stet/template": "finance/weekly" } },
  })
  expect([forged.status, forged.json.errors[0]?.path]).toEqual([400, "labels"])
})

async function settled(path: string) {
  for (let turn = 0; turn < 600; turn++) {
    const { json } = await api.ask("GET", path, { as: ada })
    if (json.checks.every(({ verdict }: { verdict: string }) => verdict !== "pending")) return json
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("its checks do not end")
}

test("each step is for those whose role says so; to strangers there is no such template and no such proposal", async () => {
  const [viewer, stranger] = await Promise.all([api.someone("Vera", "viewer"), api.someone("Sam")])
  const put = await api.ask("POST", at("/notebooks?space=team&path=Roles.ipynb"), { as: ada, bytes: ipynb("1") })
  const proposed = await api.ask("POST", at(`/notebooks/${put.json.notebook.id}/proposals`), { as: ada, json: { template: "team/roles" } })
  const [proposal, template] = [at(`/proposals/${proposed.json.id}`), at(`/templates/${encodeURIComponent("team/roles")}`)]
  const { binding } = await settled(proposal)
  const steps = [
    ["GET", proposal, undefined],
    ["POST", `${proposal}/reviews`, { verdict: "request_changes", binding }],
    ["POST", `${proposal}/withdraw`, undefined],
    ["POST", `${proposal}/promote`, undefined],
    ["GET", template, undefined],
    ["GET", `${template}/openapi.json`, undefined],
    ["PATCH", template, { deprecation: "old" }],
    ["PATCH", template, { approvals: 0 }],
    ["GET", `${template}/promotions`, undefined],
    ["GET", `${template}/promotions/1/evidence`, undefined],
    ["PUT", `${template}/channels/prod`, { number: 1 }],
    ["POST", `${template}/runs`, {}],
  ] as const
  const statuses = async (as: Someone) => Promise.all(steps.map(async ([method, path, json]) => (await api.ask(method, path, { as, json })).status))
  expect(await statuses(stranger)).toEqual(steps.map(() => 404))
  expect(await statuses(viewer)).toEqual([200, 403, 403, 403, 200, 409, 403, 403, 200, 409, 403, 403])
  expect(await statuses(runner)).toEqual([200, 403, 403, 403, 200, 409, 403, 403, 200, 409, 403, 409])
  // The policy is for admins of the space alone.
  expect((await api.ask("PATCH", template, { as: ben, json: { approvals: 0 } })).status).toBe(403)
}, 60_000)
