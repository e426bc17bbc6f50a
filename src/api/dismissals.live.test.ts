import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { scriptedKernels } from "#kernel/adapters/scripted.ts"

let api: ApiTest
let ada: Someone
let ben: Someone
let rune: Someone
const kernels = scriptedKernels({})

beforeAll(async () => {
  api = await apiTest()
  ;[ada, ben, rune] = await Promise.all([api.someone("Ada", "editor"), api.someone("Ben", "editor"), api.someone("Rune", "runner")])
  await api.platform.worker({ kernels, kernelName: "script" })
})
afterAll(() => api.close())

type Found = { readonly id: string; readonly rule: string; readonly blocks: boolean; readonly letStand: object | null }

/** Proposed for a template of that name; gives the proposal's id. */
const proposed = (name: string, metadata: object, ...sources: readonly string[]) => proposedAfter(async () => {}, name, { metadata, sources })

type Given = { readonly metadata: object; readonly sources: readonly string[] }

/** Something is done to the notebook before it is proposed. */
async function proposedAfter(before: (notebook: string) => Promise<void>, name: string, { metadata, sources }: Given): Promise<string> {
  const cells = sources.map((source, at) => ({ id: `c${at}`, cell_type: "code", metadata, source, outputs: [], execution_count: null }))
  const notebook = { cells, metadata: { kernelspec: { name: "script", display_name: "Script", language: "python" } }, nbformat: 4, nbformat_minor: 5 }
  const bytes = new TextEncoder().encode(JSON.stringify(notebook))
  const put = await api.ask("POST", `/api/v1/notebooks?space=team&path=${name}.ipynb`, { as: ada, bytes })
  await before(put.json.notebook.id)
  const made = await api.ask("POST", `/api/v1/notebooks/${put.json.notebook.id}/proposals`, { as: ada, json: { template: `team/${name}` } })
  return made.json.id
}

const path = (proposal: string, finding: string) => `/api/v1/proposals/${proposal}/dismissals/${encodeURIComponent(finding)}`
const findings = async (proposal: string): Promise<readonly Found[]> =>
  (await api.ask("GET", `/api/v1/proposals/${proposal}`, { as: ben })).json.findings

async function found(proposal: string, rule: string): Promise<Found> {
  const one = (await findings(proposal)).find((finding) => finding.rule === rule)
  if (!one) throw new Error(`nothing was found by ${rule}`)
  return one
}

async function promotable(proposal: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const { gates, binding } = (await api.ask("GET", `/api/v1/proposals/${proposal}`, { as: ben })).json
    const ran = gates.filter(({ gate }: { gate: string }) => gate === "rerun" || gate === "tests")
    if (ran.every(({ state }: { state: string }) => state === "passed")) {
      await api.ask("POST", `/api/v1/proposals/${proposal}/reviews`, { as: ben, json: { verdict: "approve", binding } })
      return
    }
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error("what proves it did not pass")
}

test("a finding is let stand with a reason, taken up again, let stand by somebody else, and the evidence keeps who and why", async () => {
  const proposal = await proposed("stands", {}, "print(total)", "x = open('/data/x.csv')")
  const { id } = await found(proposal, "undefined_name")
  expect((await api.ask("PUT", path(proposal, id), { as: ada, json: { text: "  " } })).status).toBe(400)
  expect((await api.ask("PUT", path(proposal, id), { as: rune, json: { text: "I say so." } })).status).toBe(403)
  expect((await api.ask("PUT", path(proposal, "c0/nothing-00000000"), { as: ada, json: { text: "So." } })).json.code).toBe("no_such_finding")
  const first = await api.ask("PUT", path(proposal, id), { as: ada, json: { text: "The launcher sets it." } })
  expect(first.status).toBe(200)
  expect((await found(proposal, "undefined_name")).letStand).toMatchObject({ said: "The launcher sets it.", by: { name: "Ada" } })
  expect((await api.ask("DELETE", path(proposal, id), { as: ben })).status).toBe(200)
  expect((await found(proposal, "undefined_name")).letStand).toBeNull()
  await api.ask("PUT", path(proposal, id), { as: ben, json: { text: "Seen with Ada." } })
  await promotable(proposal)
  expect((await api.ask("POST", `/api/v1/proposals/${proposal}/promote`, { as: ada })).json).toEqual({ number: 1 })
  const signed = await api.ask("GET", `/api/v1/templates/${encodeURIComponent("team/stands")}/promotions/1/evidence`, { as: ben })
  const told = JSON.parse(signed.json.evidence).findings as readonly { readonly rule: string; readonly letStand?: object }[]
  expect(told.find(({ rule }) => rule === "undefined_name")?.letStand).toEqual({
    said: "Seen with Ada.",
    by: { id: ben.actor.id, name: "Ben" },
    at: expect.stringMatching(/^20/),
  })
  expect(told.find(({ rule }) => rule === "absolute_path")).not.toHaveProperty("letStand")
  expect((await api.ask("DELETE", path(proposal, id), { as: ben })).json.code).toBe("wrong_state")
  const root = await api.someone("Root", "administrator")
  const deeds = await Promise.all(
    ["proposal.dismiss", "proposal.take_up"].map((action) => api.ask("GET", `/api/v1/audit?action=${action}`, { as: root })),
  )
  expect(deeds.map(({ json }) => json.items.length)).toEqual([2, 1])
  expect(deeds[0]?.json.items[0].detail).toMatchObject({ finding: id, rule: "undefined_name", said: "Seen with Ada." })
})

test("what the notebook itself says is shown as such, and the word of a person comes before it", async () => {
  const probe = await proposed("probe", {}, "print(total)")
  const { id } = await found(probe, "undefined_name")
  const proposal = await proposed("itself", { stet: { dismissed: { [id.slice(3)]: "Set from outside." } } }, "print(total)")
  expect((await found(proposal, "undefined_name")).letStand).toEqual({ said: "Set from outside.", by: null, at: null })
  await api.ask("PUT", path(proposal, id), { as: ben, json: { text: "I have looked." } })
  expect((await found(proposal, "undefined_name")).letStand).toMatchObject({ said: "I have looked.", by: { name: "Ben" } })
})

test("a secret that certainly is one is not let stand, by nobody", async () => {
  const token = "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"
  const proposal = await proposed("secret", {}, `token = '${token}'`)
  const secret = await found(proposal, "secret")
  const said = await api.ask("PUT", path(proposal, secret.id), { as: ada, json: { text: "An example." } })
  expect([secret.blocks, said.status, said.json.code]).toEqual([true, 409, "blocks"])
  expect((await found(proposal, "secret")).letStand).toBeNull()
})

test("a secret in a test case, which would be in the evidence, closes the gate, and the test case without it opens it", async () => {
  const token = "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"
  let at = ""
  const put = async (source: string) => {
    const said = await api.ask("PUT", `${at}/tests/small`, {
      as: ada,
      json: { expects: { outcome: "succeeds", checks: [] }, mocks: [{ cell: "c0", source }] },
    })
    expect(said.status).toBe(200)
  }
  const withToken = async (notebook: string) => {
    at = `/api/v1/notebooks/${notebook}`
    await put(`x = 1  # ${token}`)
  }
  const proposal = await proposedAfter(withToken, "mocked", { metadata: {}, sources: ["x = 1"] })
  const secretsGate = async (id: string) => {
    const { gates } = (await api.ask("GET", `/api/v1/proposals/${id}`, { as: ben })).json
    return gates.find(({ gate }: { gate: string }) => gate === "secrets")
  }
  expect(await secretsGate(proposal)).toEqual({
    gate: "secrets",
    state: "failed",
    said: "A GitHub token stands in the test case small, in what replaces the cell c0; it would be in the evidence.",
  })
  await promotable(proposal)
  const promoted = await api.ask("POST", `/api/v1/proposals/${proposal}/promote`, { as: ada })
  expect([promoted.status, promoted.json.code, promoted.text.includes(token)]).toEqual([409, "gates_closed", false])
  await api.ask("POST", `/api/v1/proposals/${proposal}/withdraw`, { as: ada })
  await put("x = 1")
  const again = await api.ask("POST", `${at}/proposals`, { as: ada, json: { template: "team/mocked" } })
  expect((await secretsGate(again.json.id)).state).toBe("passed")
})

test("who decides is told of a test case that cannot fail, and the evidence keeps that", async () => {
  const withTest = async (notebook: string) => {
    const json = { expects: { outcome: "succeeds", checks: [] } }
    expect((await api.ask("PUT", `/api/v1/notebooks/${notebook}/tests/empty`, { as: ada, json })).status).toBe(200)
  }
  const proposal = await proposedAfter(withTest, "weak", { metadata: {}, sources: ["x = 1"] })
  const weak = ["It has no checks: it proves only that the notebook runs."]
  const told = (checks: readonly { readonly name: string; readonly weaknesses?: readonly string[] }[]) =>
    checks.map(({ name, weaknesses }) => [name, weaknesses])
  const { checks } = (await api.ask("GET", `/api/v1/proposals/${proposal}`, { as: ben })).json
  expect(told(checks)).toEqual([
    ["Fresh rerun", []],
    ["empty", weak],
  ])
  await promotable(proposal)
  expect((await api.ask("POST", `/api/v1/proposals/${proposal}/promote`, { as: ada })).status).toBe(200)
  const signed = await api.ask("GET", `/api/v1/templates/${encodeURIComponent("team/weak")}/promotions/1/evidence`, { as: ben })
  expect(told(JSON.parse(signed.json.evidence).checks)).toEqual([
    ["Fresh rerun", undefined],
    ["empty", weak],
  ])
})
