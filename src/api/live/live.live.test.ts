import { afterAll, beforeAll, expect, test } from "vitest"
import { live } from "#api/live/testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { insertCell, setSource } from "#draft/index.ts"

let api: ApiTest
let ada: Someone
let bob: Someone

beforeAll(async () => {
  api = await apiTest()
  ada = await api.someone("Ada", "editor")
  bob = await api.someone("Bob", "editor")
})
afterAll(() => api.close())

let made = 0

async function notebook(...sources: readonly string[]): Promise<string> {
  const said = await api.ask("POST", `/api/v1/notebooks?space=team&path=n${++made}.ipynb`, { as: ada, bytes: ipynb(...sources) })
  if (said.status !== 201) throw new Error(said.text)
  return said.json.notebook.id
}

const texts = (client: Awaited<ReturnType<typeof live>>) => client.draft.cells().map(({ text }) => text)

test("two people edit one notebook, and what is kept is there for a third", async () => {
  const id = await notebook("a = 1", "b = 2")
  const [a, b] = [await live(api, ada, id), await live(api, bob, id)]
  await Promise.all([a.synced, b.synced])
  expect(texts(a)).toEqual(["a = 1", "b = 2"])
  insertCell(a.doc, { after: "c0", type: "code", source: "between" })
  setSource(b.doc, "c1", "b = 3")
  await Promise.all([a.settled(), b.settled()])
  await expect.poll(() => texts(a)).toEqual(["a = 1", "between", "b = 3"])
  await expect.poll(() => texts(b)).toEqual(["a = 1", "between", "b = 3"])
  await Promise.all([a.close(), b.close()])
  const c = await live(api, bob, id)
  await c.synced
  expect(texts(c)).toEqual(["a = 1", "between", "b = 3"])
  await c.close()
})
