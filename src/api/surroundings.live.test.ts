/** What the editor's margin is told of where a notebook would run: the environment as far as it is known, and the files around it. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { recordImportable } from "#environment/sql/importable.ts"

let api: ApiTest
let admin: Someone
let editor: Someone
let viewer: Someone

beforeAll(async () => {
  api = await apiTest({})
  ;[admin, editor, viewer] = await Promise.all([api.someone("Ada", "administrator"), api.someone("Edith", "editor"), api.someone("Vera", "viewer")])
})
afterAll(() => api.close())

const db = () => api.platform.database.db
const digest = (one: string) => one.repeat(64)

async function environment(sha256: string, { name, language, modules }: { name: string; language: string; modules?: readonly string[] }) {
  const what = { kernel: { name, displayName: name, language, argv: [], interruptMode: "signal" } }
  await sql`INSERT INTO environment (sha256, name, kind, what, created_at)
    VALUES (${sha256}, ${name}, 'captured', ${JSON.stringify(what)}::jsonb, now())`.execute(db())
  if (modules) await recordImportable(db(), sha256, { version: "3.12", modules: new Set(modules) })
}

async function notebook(path: string, metadata: object = {}): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ cells: [], metadata, nbformat: 4, nbformat_minor: 5 }))
  return (await api.ask("POST", `/api/v1/notebooks?space=team&path=${path}`, { as: editor, bytes })).json.notebook.id
}

const around = async (id: string, who = viewer) => (await api.ask("GET", `/api/v1/notebooks/${id}/surroundings`, { as: who })).json

const PYTHON = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }

test("what is not known is not told; then it is what the notebook names, its space has, or its kernel is, and before all the session that lives", async () => {
  const [plain, named, other, nameless] = await Promise.all([
    notebook("plain.ipynb", PYTHON),
    notebook("named.ipynb", { ...PYTHON, stet: { environment: "science" } }),
    notebook("other.ipynb", { kernelspec: { name: "ir", language: "R" } }),
    notebook("nameless.ipynb"),
  ])
  const named1 = async () =>
    Object.fromEntries(await Promise.all([plain, named, other, nameless].map(async (id) => [id, (await around(id)).environment])))
  expect(await named1()).toEqual({ [plain]: null, [named]: null, [other]: null, [nameless]: null })

  await environment(digest("a"), { name: "python3", language: "python" })
  expect((await around(plain)).environment).toEqual({ sha256: digest("a"), language: "python", version: "", modules: null })
  await recordImportable(db(), digest("a"), { version: "3.11", modules: new Set(["numpy", "json"]) })
  await environment(digest("b"), { name: "science-kernel", language: "python", modules: ["scipy"] })
  await sql`INSERT INTO environment_label (name, at, sha256) VALUES ('science', now(), ${digest("b")})`.execute(db())
  const machine = { sha256: digest("a"), language: "python", version: "3.11", modules: ["json", "numpy"] }
  const science = { sha256: digest("b"), language: "python", version: "3.12", modules: ["scipy"] }
  expect(await named1()).toEqual({ [plain]: machine, [named]: science, [other]: null, [nameless]: machine })

  // The space's own, for those whose language it speaks.
  await sql`UPDATE space SET default_environment = ${digest("b")} WHERE name = 'team'`.execute(db())
  expect(await named1()).toEqual({ [plain]: science, [named]: science, [other]: null, [nameless]: science })

  await sql`INSERT INTO session (id, space_id, notebook_id, worker_id, state, environment_sha256, started_by, started_at, lease_until)
    SELECT n.id, n.space_id, n.id, n.id, 'idle', ${digest("a")}, n.owner_id, now(), now() FROM notebook n WHERE n.id = ${named}`.execute(db())
  expect((await around(named)).environment).toEqual(machine)
  // Before it has begun it is what it was asked to begin in, or what would be taken.
  await sql`UPDATE session SET state = 'starting', environment_sha256 = NULL`.execute(db())
  expect((await around(named)).environment).toEqual(science)
  for (const asked of [`sha256:${digest("a")}`, "python3"]) {
    await sql`UPDATE session SET environment_asked = ${asked}`.execute(db())
    expect((await around(named)).environment).toEqual(machine)
  }
  await sql`UPDATE session SET environment_asked = 'unheard of'`.execute(db())
  expect((await around(named)).environment).toBe(null)
  await sql`UPDATE session SET state = 'ended'`.execute(db())
  expect((await around(named)).environment).toEqual(science)
})

test("files are those of the space; of a large one those in the notebook's folder and below it; of a larger folder none", async () => {
  const id = await notebook("sales/weekly/Report.ipynb", PYTHON)
  for (const path of ["top.csv", "sales/weekly/eu.csv"])
    expect((await api.ask("PUT", `/api/v1/files/content?space=team&path=${path}`, { as: editor, bytes: "a\n1\n" })).status).toBe(200)
  expect((await around(id)).files).toEqual({ folder: "sales/weekly", below: "", paths: ["sales/weekly/eu.csv", "top.csv"] })
  await api.ask("DELETE", "/api/v1/files/content?space=team&path=top.csv", { as: editor })
  expect((await around(id)).files.paths).toEqual(["sales/weekly/eu.csv"])
  const many = (prefix: string) =>
    sql`INSERT INTO file (id, space_id, path, sha256, size_bytes, created_at, updated_at, updated_by)
      SELECT upper(lpad(to_hex(n + ${prefix.length} * 100000), 26, '0')), f.space_id, ${prefix} || n || '.csv', f.sha256, f.size_bytes, now(), now(), f.updated_by
      FROM generate_series(1, 2000) n, file f WHERE f.path = 'sales/weekly/eu.csv'`.execute(db())
  await many("elsewhere/")
  expect((await around(id)).files).toEqual({ folder: "sales/weekly", below: "sales/weekly", paths: ["sales/weekly/eu.csv"] })
  await many("sales/weekly/more/")
  expect((await around(id)).files).toBe(null)
})

test("it is told again only when it has changed, and to nobody from whom the code is hidden", async () => {
  const id = await notebook("told/Once.ipynb", PYTHON)
  const path = `/api/v1/notebooks/${id}/surroundings`
  const first = await api.ask("GET", path, { as: viewer })
  expect([first.status, first.headers["cache-control"]]).toEqual([200, "private, no-cache"])
  const again = await api.ask("GET", path, { as: viewer, headers: { "if-none-match": first.headers["etag"] ?? "" } })
  expect([again.status, again.text, again.headers["etag"]]).toEqual([304, "", first.headers["etag"]])
  expect((await api.ask("GET", path, { as: viewer, headers: { "if-none-match": '"another"' } })).status).toBe(200)
  expect((await api.ask("GET", path, { as: await api.someone("Nobody") })).status).toBe(404)
  expect((await api.ask("PUT", `/api/v1/notebooks/${id}/code`, { as: admin, json: { isHidden: true } })).status).toBe(200)
  const statuses = await Promise.all([viewer, editor].map(async (who) => (await api.ask("GET", path, { as: who })).status))
  expect(statuses).toEqual([403, 200])
})
