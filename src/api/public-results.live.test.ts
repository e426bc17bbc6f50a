/** Results for people who are not signed in: made by who administers the space, where the operator allows it, and withdrawn. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"

let api: ApiTest
let kernels: Kernels
let keeper: Someone
let editor: Someone
let run: string
let notebook: string

beforeAll(async () => {
  api = await apiTest({ publicResults: true })
  kernels = localKernels()
  ;[keeper, editor] = [await api.someone("Keeper", "admin"), await api.someone("Editor", "editor")]
  await api.platform.worker({ kernels, kernelName: "python3" })
  notebook = await api.platform.notebook("quarter.ipynb", "python3", "secret_word = 'margin'\nprint('total', 42)")
  run = (await api.platform.launch({ notebook } as never)).id
  await api.platform.until(run, "succeeded")
})
afterAll(async () => {
  await kernels.close()
  await api.close()
})

const links = () => `/api/v1/runs/${run}/public-results`
const made = async (withCode: boolean) => (await api.ask("POST", links(), { as: keeper, json: { withCode } })).json
const pathOf = (url: string) => new URL(url).pathname

test("whoever administers the space makes a link; a stranger reads the result by it, and nothing but that", async () => {
  expect((await api.ask("POST", links(), { as: editor, json: {} })).status).toBe(403)
  const link = await made(true)
  expect(link.url).toMatch(/^http:\/\/localhost:7838\/public\/[\w-]{32}$/)
  const page = await api.ask("GET", pathOf(link.url), {})
  expect([page.status, page.headers["x-robots-tag"]]).toEqual([200, "noindex"])
  expect(page.headers["content-security-policy"]).toMatch(/^sandbox allow-scripts/)
  expect(page.text).toContain("total 42")
  expect(page.text).toContain("secret_word")
  // Neither the place nor who ran it is a stranger's business.
  expect(page.text).not.toContain("team/quarter")
  expect((await api.ask("GET", `/api/v1/runs/${run}`, {})).status).toBe(401)
  const listed = await api.ask("GET", links(), { as: keeper })
  expect(listed.json.items.map(({ id, withCode }: { id: string; withCode: boolean }) => [id, withCode])).toContainEqual([link.id, true])
  expect(listed.text).not.toContain(link.url.slice(-32))
})

test("without the code it is a report, and a notebook that hides its code hides it from strangers whatever the link says", async () => {
  const report = await api.ask("GET", pathOf((await made(false)).url), {})
  expect([report.status, report.text.includes("secret_word")]).toEqual([200, false])
  const whole = await made(true)
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: keeper, json: { isHidden: true } })
  expect((await api.ask("GET", pathOf(whole.url), {})).text).not.toContain("secret_word")
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: keeper, json: { isHidden: false } })
})

test("a link that was withdrawn, whose notebook is in the trash, or that never was, leads nowhere", async () => {
  const link = await made(false)
  const other = await made(false)
  expect((await api.ask("DELETE", `${links()}/${link.id}`, { as: editor })).status).toBe(403)
  expect((await api.ask("DELETE", `${links()}/${link.id}`, { as: keeper })).status).toBe(204)
  expect((await api.ask("DELETE", `${links()}/${link.id}`, { as: keeper })).status).toBe(404)
  for (const path of [pathOf(link.url), `/public/${"A".repeat(32)}`, "/public/x", `/public/${link.id}`])
    expect([path, (await api.ask("GET", path, {})).status]).toEqual([path, 404])
  await api.ask("POST", `/api/v1/notebooks/${notebook}/trash`, { as: keeper })
  expect((await api.ask("GET", pathOf(other.url), {})).status).toBe(404)
  await api.ask("POST", `/api/v1/notebooks/${notebook}/restore`, { as: keeper, json: {} })
  expect((await api.ask("GET", pathOf(other.url), {})).status).toBe(200)
  const audit = await api.ask("GET", "/api/v1/audit?action=result&limit=20", { as: await api.someone("Root", "administrator") })
  const deeds = audit.json.items.map(({ action }: { action: string }) => action)
  expect(deeds).toContain("result.withdraw")
  expect(deeds).toContain("result.publish")
})

test("where the operator does not allow it none is made, and those that were lead nowhere", async () => {
  const { url } = await made(false)
  const strict = await apiTest()
  try {
    const root = await strict.someone("Root", "administrator")
    const there = await strict.platform.notebook("a.ipynb", "python3", "1")
    const launched = (await strict.ask("POST", "/api/v1/runs", { as: root, json: { notebook: there } })).json.id
    const refused = await strict.ask("POST", `/api/v1/runs/${launched}/public-results`, { as: root, json: {} })
    expect([refused.status, refused.json.code]).toEqual([422, "not_supported"])
    expect((await strict.ask("GET", pathOf(url), {})).status).toBe(404)
    expect((await strict.ask("GET", "/api/v1/session", { as: root })).json.publicResults).toBe(false)
  } finally {
    await strict.close()
  }
})
