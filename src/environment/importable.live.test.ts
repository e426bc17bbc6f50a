/** What can be imported: asked of a real interpreter, for one of the machine and for a built environment, and kept once. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type FreshDatabase, freshDatabase } from "#database/testing.ts"
import { importableBy, importableIn } from "#environment/adapters/importable.ts"
import { type Importable, importableLearner, importableOf, resolveEnvironment } from "#environment/index.ts"
import { notebookOf, type Workshop, workshop } from "#environment/testing.ts"
import { testPython } from "#kernel/testing.ts"

const python = testPython() ?? "python3"
const folder = mkdtempSync(join(tmpdir(), "stet-importable-"))
let database: FreshDatabase
let shop: Workshop
beforeAll(async () => {
  database = await freshDatabase()
  shop = await workshop({ db: database.db })
})
afterAll(async () => {
  await shop?.close()
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

function put(path: string, text = ""): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test("of a built environment: its packages, and those that are edited elsewhere; nothing of theirs is run", async () => {
  const kernel = (await shop.world.kernels()).find(({ name }) => name === "python3")
  const own = await importableBy(python, process.env)
  if (!kernel || !own) throw new Error("there is no Python to ask")
  const site = `built/lib/python${own.version}/site-packages`
  put("built/bin/none")
  symlinkSync(python, join(folder, "built/bin/python"))
  put(`${site}/stet_plain/__init__.py`, "raise SystemExit(3)")
  put(`${site}/stet_space/part/__init__.py`)
  put(`${site}/stet_edited-1.0.dist-info/top_level.txt`, "stet_edited\n")
  put("elsewhere/stet_linked.py")
  const marker = join(folder, "was-run")
  put(`${site}/starts.pth`, `import os; open(${JSON.stringify(marker)}, "w").close()\n${join(folder, "elsewhere")}\n`)
  const found = await importableIn(kernel, join(folder, "built"), process.env)
  expect(found?.version).toBe(own.version)
  const names = ["json", "sys", "stet_plain", "stet_space", "stet_edited", "stet_linked", "ipykernel"]
  // What the machine's Python has beside is not in it.
  expect(names.filter((name) => found?.modules.has(name))).toEqual(names.slice(0, -1))
  expect(existsSync(marker)).toBe(false)
  expect(await importableIn({ ...kernel, argv: ["/usr/bin/bash", "-x"] }, undefined, process.env)).toBe(undefined)
})

test("of R: its packages, without a version of Python", async () => {
  const kernel = (await shop.world.kernels()).find(({ name }) => name === "ir")
  if (!kernel) throw new Error("there is no R to ask")
  const found = await importableIn(kernel, undefined, process.env)
  expect(found?.version).toBe("")
  expect(["base", "stats", "IRkernel", "stet.gone"].map((name) => found?.modules.has(name))).toEqual([true, true, true, false])
})

test("an environment is asked once, when it is first used, and again when that failed", async () => {
  const resolved = await resolveEnvironment(shop.world, { notebook: notebookOf([]) })
  if (!resolved.ok) throw new Error(resolved.refusal.message)
  const { sha256 } = resolved.value
  const told: string[] = []
  const answers: (() => Importable | undefined)[] = [
    () => {
      throw new Error("no process could be started")
    },
    () => ({ version: "3.12", modules: new Set(["json", "numpy"]) }),
  ]
  const learner = () => importableLearner({ db: database.db, ask: async () => answers.shift()?.(), tell: (line) => void told.push(line) })
  const learn = learner()
  await learn(resolved.value)
  expect(told).toEqual([`what can be imported in ${sha256.slice(0, 12)}: no process could be started`])
  expect(await importableOf(database.db, sha256)).toBe(undefined)
  await learn(resolved.value)
  expect(await importableOf(database.db, sha256)).toEqual({ version: "3.12", modules: new Set(["json", "numpy"]) })
  answers.push(() => ({ version: "2.7", modules: new Set() }))
  await learn(resolved.value)
  await learner()(resolved.value)
  expect(answers).toHaveLength(1)
})
