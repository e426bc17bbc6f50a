import { afterAll, beforeAll, expect, test } from "vitest"
import type { Outcome } from "#base/outcome.ts"
import {
  completeManifest,
  moveFile,
  putFile,
  refreshVersion,
  resolveVersion,
  saveVersion,
  sweepOrphans,
  trashFile,
  type VersionRow,
  versionBytes,
} from "#library/index.ts"
import { manifestDigest } from "#library/manifest-list.ts"
import { grant, ipynb, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import type { Actor } from "#people/index.ts"

let world: TestWorld
let editor: Actor
let runner: Actor
beforeAll(async () => {
  world = await testWorld()
  ;[editor, runner] = (await Promise.all(["editor", "runner"].map((name) => person(world.db, name)))) as [Actor, Actor]
  const home = await space(world.db, "home")
  await grant(world.db, editor, { space: home, role: "editor" })
  await grant(world.db, runner, { space: home, role: "runner" })
})
afterAll(() => world.close())

function good<Value>(outcome: Outcome<Value, { readonly message: string }>): Value {
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}
const utf8 = (of: string) => new TextEncoder().encode(of)
const put = async (path: string, content: string) => good(await putFile(world, editor, { space: "home", path, content: utf8(content) }))
const save = async (path: string, ...sources: string[]) =>
  good(await saveVersion(world, editor, { space: "home", path, bytes: ipynb(...sources), source: "api" }))
const find = async (path: string, version: number) => good(await resolveVersion(world, editor, "read", { notebook: `home/${path}`, version }))
/** Each file of a manifest with its content, as a run would get it. */
async function filesOf({ manifest }: VersionRow): Promise<Record<string, string>> {
  const entries = Object.entries(manifest).map(async ([path, sha256]) => [path, new TextDecoder().decode(await world.blobs.get(sha256))] as const)
  return Object.fromEntries(await Promise.all(entries))
}

test("a version keeps the files that it names and imports, whatever becomes of them", async () => {
  await put("work/helpers.py", "import more\n")
  await put("work/more.py", "open('data.csv')\n")
  await put("work/data.csv", "1,2\n")
  await put("work/unrelated.csv", "0\n")
  const first = (await save("work/a.ipynb", "import helpers")).version
  const files = { "work/data.csv": "1,2\n", "work/helpers.py": "import more\n", "work/more.py": "open('data.csv')\n" }
  expect(await filesOf(first)).toEqual(files)
  expect(first.manifestSha256).toBe(manifestDigest(first.manifest, world.digest))

  await put("work/data.csv", "3,4\n")
  await put("work/more.py", "pass\n")
  good(await trashFile(world, editor, { space: "home", path: "work/helpers.py" }))
  // Nobody else refers to the old files now, and they are old enough.
  world.clock.forward(3 * 86_400_000)
  await sweepOrphans(world)
  expect(await find("work/a.ipynb", 1)).toEqual(first)
  expect(await filesOf(await find("work/a.ipynb", 1))).toEqual(files)
})

test("the same bytes with other files are another version; with the same files they are not", async () => {
  await put("same/helpers.py", "a = 1\n")
  await save("same/a.ipynb", "import helpers")
  expect(await save("same/a.ipynb", "import helpers")).toMatchObject({ created: false, version: { number: 1 } })
  await put("same/helpers.py", "a = 2\n")
  const second = await save("same/a.ipynb", "import helpers")
  expect(second).toMatchObject({ created: true, version: { number: 2 } })
  expect(await filesOf(second.version)).toEqual({ "same/helpers.py": "a = 2\n" })
  expect(await filesOf(await find("same/a.ipynb", 1))).toEqual({ "same/helpers.py": "a = 1\n" })
})

test("running the newest version means: with the files as they are now", async () => {
  await put("fresh/helpers.py", "a = 1\n")
  await save("fresh/a.ipynb", "import helpers", "open('later.csv')")
  const refresh = async () => good(await refreshVersion(world, runner, "home/fresh/a.ipynb"))
  expect(await refresh()).toMatchObject({ created: false, version: { number: 1 } })
  await put("fresh/other.txt", "not named\n")
  expect(await refresh()).toMatchObject({ created: false, version: { number: 1 } })

  await put("fresh/helpers.py", "a = 2\n")
  expect(await refresh()).toMatchObject({
    created: true,
    version: { number: 2, parent: 1, message: "Its files have changed.", author: { name: "runner" } },
  })
  await put("fresh/later.csv", "1\n")
  const third = await refresh()
  expect(await filesOf(third.version)).toEqual({ "fresh/helpers.py": "a = 2\n", "fresh/later.csv": "1\n" })
  good(await moveFile(world, editor, { space: "home", path: "fresh/later.csv", to: "fresh/elsewhere.csv" }))
  expect(Object.keys((await refresh()).version.manifest)).toEqual(["fresh/helpers.py"])
  expect(await refresh()).toMatchObject({ created: false, version: { number: 4 } })
  expect(Buffer.from(await versionBytes(world, third.version))).toEqual(Buffer.from(ipynb("import helpers", "open('later.csv')")))
  const stranger = await person(world.db, "stranger")
  expect(await refreshVersion(world, stranger, "home/fresh/a.ipynb")).toMatchObject({ ok: false, refusal: { refused: "no_such_notebook" } })
})

test("what a run was seen to open belongs to the next version, never to its own", async () => {
  await put("seen/part-1.csv", "1\n")
  await put("seen/part-2.csv", "2\n")
  const { version } = await save("seen/a.ipynb", "open(name())")
  expect(version.manifest).toEqual({})
  const opened = ["seen/part-1.csv", "seen/never-there.csv", "../outside", "/etc/passwd", "seen/part-1.csv", "x\0y"]
  const fresh = await world.db.transaction().execute((tx) => completeManifest(tx, version, opened))
  expect(fresh).toEqual(["seen/part-1.csv", "seen/never-there.csv"])
  expect(await find("seen/a.ipynb", 1)).toEqual(version)
  const next = good(await refreshVersion(world, runner, version.notebook))
  expect(next).toMatchObject({ created: true, version: { number: 2 } })
  expect(await filesOf(next.version)).toEqual({ "seen/part-1.csv": "1\n" })
  expect(await completeManifest(world.db, next.version, ["seen/part-1.csv"])).toEqual([])
  // It is remembered when the notebook changes as well, and what comes to be there later is found then.
  await put("seen/never-there.csv", "now\n")
  const third = await save("seen/a.ipynb", "open(other_name())")
  expect(await filesOf(third.version)).toEqual({ "seen/never-there.csv": "now\n", "seen/part-1.csv": "1\n" })
})

test("a notebook that another one runs is one of its files, with what that one needs", async () => {
  await put("runs/helpers.py", "a = 1\n")
  const other = await save("runs/other.ipynb", "import helpers")
  const { version } = await save("runs/a.ipynb", "%run other")
  expect(version.manifest).toEqual({ "runs/helpers.py": expect.any(String), "runs/other.ipynb": other.version.sha256 })
  expect(Buffer.from(await world.blobs.get(other.version.sha256))).toEqual(Buffer.from(ipynb("import helpers")))
  expect(good(await refreshVersion(world, runner, "home/runs/a.ipynb"))).toMatchObject({ created: false })
  const later = await save("runs/other.ipynb", "import helpers", "b = 2")
  expect(good(await refreshVersion(world, runner, "home/runs/a.ipynb")).version.manifest["runs/other.ipynb"]).toBe(later.version.sha256)
})

test("a neighbour that is damaged keeps nobody from saving", async () => {
  const { file } = await put("hurt/helpers.py", "import more\n")
  await put("hurt/more.py", "x = 1\n")
  await world.blobs.remove(file.sha256)
  const { version } = await save("hurt/a.ipynb", "import helpers")
  expect(version.manifest).toEqual({ "hurt/helpers.py": file.sha256 })
})
