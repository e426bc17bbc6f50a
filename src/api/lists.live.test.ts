/** What the app's lists are narrowed by, and the small verbs that only it uses. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"

let api: ApiTest
let admin: Someone
let ed: Someone
beforeAll(async () => {
  api = await apiTest({}, (world) => ({ ...world, environment: { ...world.environment, kernels: async () => [KERNELS.ir, KERNELS.bash] } }))
  admin = await api.someone("Admin", "administrator")
  ed = await api.someone("Ed", "editor")
})
afterAll(() => api.close())

const KERNELS = {
  ir: { name: "ir", displayName: "R", language: "R", argv: ["R", "/secret/place"], interruptMode: "signal", resourceDir: "/secret/place" },
  bash: { name: "bash", displayName: "Bash", language: "bash", argv: ["bash"], interruptMode: "signal", resourceDir: "/" },
} as const

const put = async (path: string, as: Someone): Promise<string> =>
  (await api.ask("POST", `/api/v1/notebooks?space=team&path=${path}`, { as, bytes: ipynb(path) })).json.notebook.id
const listed = async (query: string, as: Someone): Promise<string[]> =>
  (await api.ask("GET", `/api/v1/notebooks?${query}`, { as })).json.items.map(({ path }: { readonly path: string }) => path)

test("notebooks whose owner has left are found, and those that were given to the asker by themselves", async () => {
  const leaver = await api.someone("Leaver", "editor")
  await put("theirs.ipynb", leaver)
  await put("mine.ipynb", ed)
  await api.ask("PATCH", `/api/v1/people/${leaver.actor.id}`, { as: admin, json: { isDisabled: true } })
  expect(await listed("ownerHasLeft=true", admin)).toEqual(["theirs.ipynb"])
  expect(await listed("ownerHasLeft=false", admin)).toEqual(["mine.ipynb"])

  const guest = await api.someone("Guest")
  const notebook = await put("given.ipynb", ed)
  expect(await listed("sharedWithMe=true", guest)).toEqual([])
  await api.ask("POST", `/api/v1/notebooks/${notebook}/grants`, { as: admin, json: { person: guest.actor.id, role: "viewer" } })
  expect(await listed("sharedWithMe=true", guest)).toEqual(["given.ipynb"])
  expect(await listed("sharedWithMe=true", ed)).toEqual([])

  const member = await api.someone("Member")
  const group = (await api.ask("POST", "/api/v1/groups", { as: admin, json: { name: "Readers" } })).json.id
  await api.ask("PUT", `/api/v1/groups/${group}/members/${member.actor.id}`, { as: admin })
  await api.ask("POST", `/api/v1/notebooks/${notebook}/grants`, { as: admin, json: { group, role: "viewer" } })
  expect(await listed("sharedWithMe=true", member)).toEqual(["given.ipynb"])
})

test("notebooks are narrowed by their last edit, by how often they run, and by how often they fail", async () => {
  for (const [path, days, runs, failures] of [
    ["use/busy.ipynb", 1, 30, 0],
    ["use/broken.ipynb", 20, 4, 2],
    ["use/old.ipynb", 200, 0, 0],
  ] as const)
    await sql`UPDATE notebook SET updated_at = ${new Date(Date.now() - days * 864e5)}, last_run_at = now(), runs_week = ${runs}, failures_week = ${failures}
      WHERE id = ${await put(path, ed)}`.execute(api.platform.world.db)
  const ago = (days: number) => new Date(Date.now() - days * 864e5).toISOString()
  const found = async (query: string) => (await listed(`space=team&folder=use&${query}`, ed)).map((path) => path.slice(4, -6)).join(" ")
  expect(await found(`editedSince=${ago(7)}`)).toBe("busy")
  expect(await found(`editedSince=${ago(30)}`)).toBe("broken busy")
  expect(await found(`editedBefore=${ago(90)}`)).toBe("old")
  expect(await found("runsWeekMin=1")).toBe("broken busy")
  expect(await found("runsWeekMin=11")).toBe("busy")
  expect(await found("runsWeekMax=0")).toBe("old")
  expect(await found("failuresMin=1")).toBe("broken")
  expect(await found("failuresMax=0&runsWeekMin=1")).toBe("busy")
  expect(await found("failuresMin=1&runsWeekMax=0")).toBe("")
  for (const wrong of ["editedSince=yesterday", "runsWeekMin=-1", "failuresMax=many"])
    expect((await api.ask("GET", `/api/v1/notebooks?${wrong}`, { as: ed })).status).toBe(400)
})

test("a file is moved, not onto another one, and not by who may not edit", async () => {
  for (const path of ["a.csv", "b.csv"]) await api.ask("PUT", `/api/v1/files/content?space=team&path=${path}`, { as: ed, bytes: path })
  const move = (as: Someone, from: string, to: string) => api.ask("POST", "/api/v1/files/move", { as, json: { space: "team", path: from, to } })
  expect((await move(ed, "a.csv", "data/a.csv")).json.path).toBe("data/a.csv")
  expect((await api.ask("GET", "/api/v1/files/content?space=team&path=data/a.csv", { as: ed })).text).toBe("a.csv")
  expect([(await move(ed, "data/a.csv", "b.csv")).status, (await move(ed, "a.csv", "c.csv")).status]).toEqual([409, 404])
  expect((await move(await api.someone("Vi", "viewer"), "b.csv", "c.csv")).status).toBe(403)
  await api.ask("DELETE", "/api/v1/files/content?space=team&path=b.csv", { as: ed })
  const files = async (query: string) =>
    (await api.ask("GET", `/api/v1/files?space=team${query}`, { as: ed })).json.items.map((file: { path: string }) => file.path)
  expect([await files(""), await files("&trashed=true")]).toEqual([["data/a.csv"], ["b.csv"]])
})

test("the audit is narrowed by who, what, outcome and time", async () => {
  await put("audited.ipynb", ed)
  const asked = async (query: string) => (await api.ask("GET", `/api/v1/audit?limit=200&${query}`, { as: admin })).json.items
  const byEd = await asked(`person=${ed.actor.id}&action=version`)
  expect(byEd.length).toBeGreaterThan(0)
  expect(new Set(byEd.map((one: { actor: { name: string }; action: string }) => `${one.actor.name} ${one.action}`))).toEqual(
    new Set(["Ed version.save"]),
  )
  expect(await asked("action=person.none")).toEqual([])
  expect(await asked("until=2001-01-01T00:00:00Z")).toEqual([])
  const denied = await asked("outcome=denied")
  expect(denied.every((one: { outcome: string }) => one.outcome === "denied")).toBe(true)
  expect((await api.ask("GET", "/api/v1/audit?since=yesterday", { as: admin })).status).toBe(400)
})

test("kernels are listed by name, without a word of where they lie", async () => {
  const { json, text } = await api.ask("GET", "/api/v1/kernels", { as: ed })
  expect(json.items).toEqual([
    { name: "bash", displayName: "Bash", language: "bash" },
    { name: "ir", displayName: "R", language: "R" },
  ])
  expect(text).not.toContain("secret")
})

test("who opens a notebook in a browser is a viewer of it; a program is not", async () => {
  const notebook = await put("viewed.ipynb", ed)
  const viewers = async () =>
    (await api.ask("GET", `/api/v1/notebooks/${notebook}/usage`, { as: ed })).json.items.map((day: { viewers: number }) => day.viewers)
  await api.ask("GET", `/api/v1/notebooks/${notebook}`, { as: await api.withToken(ed, "read"), by: "token" })
  expect(await viewers()).toEqual([])
  for (let i = 0; i < 2; i++) await api.ask("GET", `/api/v1/notebooks/${notebook}`, { as: ed, by: "cookie" })
  expect(await viewers()).toEqual([1])
})
