/** Environments by the API: built from a list, refused with all that is wrong with it, made by administrators alone. */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { type Workshop, workshop } from "#environment/testing.ts"

const AT = "/api/v1/environments"

let shop: Workshop
let api: ApiTest
let admin: Someone
let editor: Someone

beforeAll(async () => {
  shop = await workshop({ mayCompile: false })
  api = await apiTest({}, (world) => ({ ...world, environment: { ...shop.world, db: world.people.db } }))
  admin = await api.someone("Admin", "administrator")
  editor = await api.someone("Edith", "editor")
})
afterAll(async () => {
  await api.close()
  await shop.close()
})

async function known(): Promise<readonly string[]> {
  return (await api.ask("GET", AT, { as: editor })).json.items.map(({ name }: { name: string }) => name)
}

async function recorded(): Promise<readonly { readonly outcome: string; readonly name: string | null }[]> {
  const { rows } = await sql<{ outcome: string; name: string | null }>`
    SELECT outcome, detail->>'name' AS name FROM audit_event WHERE action = 'environment.build' ORDER BY seq`.execute(api.platform.database.db)
  return rows
}

async function made(): Promise<readonly string[]> {
  return readdir(join(shop.home, "environments")).catch(() => [])
}

test("a list that cannot be meant is refused with every field at fault, and nothing is made", async () => {
  const requirements = ["six", "-r /etc/passwd", "pandas>=2,<3", "six @ file:///etc/passwd", "../six", "what is this"]
  const said = await api.ask("POST", AT, { as: admin, json: { name: "../x", requirements, python: "newest" } })
  expect([said.status, said.json.code]).toEqual([422, "bad_requirements"])
  const paths = said.json.errors.map((one: { in: string; path: string }) => `${one.in} ${one.path}`)
  expect(paths).toEqual(["body name", ...[1, 3, 4, 5].map((index) => `body requirements.${index}`), "body python"])
  for (const { message } of said.json.errors) expect(said.json.detail).toContain(message)
  expect(said.json.errors[1].message).toContain("-r /etc/passwd")
  const shape = await api.ask("POST", AT, { as: admin, json: { name: "", requirements: "six", colour: "red" } })
  expect([shape.status, shape.json.errors.map((one: { path: string }) => one.path).sort()]).toEqual([400, ["colour", "name", "requirements"]])
  const unmeetable = await api.ask("POST", AT, { as: admin, json: { name: "old", requirements: [], python: ">=9" } })
  expect([unmeetable.status, unmeetable.json.detail]).toEqual([422, expect.stringContaining("Python >=9")])
  expect([await known(), await made(), await recorded()]).toEqual([[], [], []])
})

test("only administrators build one; who was denied is recorded", async () => {
  const json = { name: "denied", requirements: ["six"] }
  const readsOnly = await api.withToken(admin, "read", "run", "edit")
  expect((await api.ask("POST", AT, { json })).status).toBe(401)
  expect((await api.ask("POST", AT, { as: editor, json })).status).toBe(403)
  expect((await api.ask("POST", AT, { as: readsOnly, json })).status).toBe(403)
  expect([await known(), await made()]).toEqual([[], []])
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM audit_event WHERE outcome = 'denied' AND actor_id IN (${editor.actor.id}, ${admin.actor.id})`.execute(
    api.platform.database.db,
  )
  expect(rows[0]?.count).toBe(2)
})

test("needs the index: one is built from its list, is known by name and digest, and is the same when it is asked for again", async () => {
  const json = { name: "tiny", requirements: ["six"] }
  const built = await api.ask("POST", AT, { as: admin, json })
  expect([built.status, built.text]).toEqual([201, built.text])
  expect(built.json).toMatchObject({ name: "tiny", kind: "locked", requirements: ["six"], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const packages: { name: string; version: string; hashes: string[] }[] = built.json.what.packages
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["six", "ipykernel"]))
  expect(packages.every(({ version, hashes }) => version !== "" && hashes.length > 0)).toBe(true)
  for (const named of ["tiny", built.json.sha256])
    expect((await api.ask("GET", `${AT}/${named}`, { as: editor })).json).toMatchObject({ name: "tiny", sha256: built.json.sha256 })
  const again = await api.ask("POST", AT, { as: admin, json })
  expect([again.status, again.json.sha256]).toEqual([201, built.json.sha256])
  expect(await known()).toEqual(["tiny"])
  expect(await recorded()).toEqual([
    { outcome: "done", name: "tiny" },
    { outcome: "done", name: "tiny" },
  ])
})

test("needs the index: what no index has is refused in its own words, and its name means nothing", async () => {
  const json = { name: "absent", requirements: ["stet-no-such-package-1f9c"] }
  const said = await api.ask("POST", AT, { as: admin, json })
  expect([said.status, said.json.code, said.json.detail]).toEqual([422, "build_failed", expect.stringContaining("stet-no-such-package-1f9c")])
  expect(await known()).toEqual(["tiny"])
})
