import { afterAll, beforeAll, expect, test } from "vitest"
import { type FreshDatabase, freshDatabase } from "#database/testing.ts"
import {
  canonical,
  knownEnvironment,
  knownEnvironments,
  type Manifest,
  mirrorEnvironments,
  mirrorNewNames,
  resolveEnvironment,
} from "#environment/index.ts"
import { environmentLabels } from "#environment/sql/environment-labels.ts"
import { findEnvironment } from "#environment/sql/find-environment.ts"
import { recordLabels } from "#environment/sql/record-labels.ts"
import { recordMade, recordUse } from "#environment/sql/record-use.ts"
import { description, notebookOf, type Workshop, workshop } from "#environment/testing.ts"

let database: FreshDatabase
let shop: Workshop
beforeAll(async () => {
  database = await freshDatabase()
  shop = await workshop({ db: database.db })
})
afterAll(async () => {
  await shop?.close()
  await database?.close()
})

function manifestOf(version: string, madeAt: number): Manifest {
  const what = description({ packages: [{ name: "thing", version, hashes: [`sha256:${"a".repeat(64)}`] }] })
  return { sha256: shop.world.machine.sha256(canonical(what)), what, requirements: [`thing==${version}`], madeAt }
}

test("what is on disk becomes known, once, with what its names mean", async () => {
  const [one, two] = [manifestOf("1.0", 1000), manifestOf("2.0", 2000)]
  await shop.world.machine.write(one)
  await shop.world.machine.write(two)
  await shop.world.machine.label({ name: "data", sha256: one.sha256, at: 1500 })
  await mirrorEnvironments(shop.world)
  await mirrorEnvironments(shop.world)
  expect(await findEnvironment(database.db, one.sha256)).toEqual(one)
  expect(await knownEnvironment(database.db, "data")).toMatchObject({ name: "data", manifest: one, lastUsedAt: null })
  await shop.world.machine.label({ name: "data", sha256: two.sha256, at: 2500 })
  await mirrorEnvironments(shop.world)
  expect(await environmentLabels(database.db)).toEqual([{ name: "data", sha256: two.sha256, at: 2500 }])
  expect(await knownEnvironment(database.db, `sha256:${one.sha256}`)).toMatchObject({ manifest: { sha256: one.sha256 } })
  expect(await knownEnvironment(database.db, "unknown")).toBeUndefined()

  // Beside a platform that runs: what names came to mean since is looked for, and only then is all of the disk read.
  const three = manifestOf("2.9", 3000)
  await shop.world.machine.write(three)
  await mirrorNewNames(shop.world)
  expect(await findEnvironment(database.db, three.sha256)).toBeUndefined()
  await shop.world.machine.label({ name: "data", sha256: three.sha256, at: 3500 })
  await mirrorNewNames(shop.world)
  expect(await environmentLabels(database.db)).toEqual([{ name: "data", sha256: three.sha256, at: 3500 }])
})

test("use is noted, and lists go page by page, by name with what it meant before", async () => {
  const many = Array.from({ length: 7 }, (_, i) => manifestOf(`3.${i}`, 5000 + Math.floor(i / 3)))
  for (const manifest of many) await recordMade(database.db, { manifest, name: "many" })
  await recordUse(database.db, { manifest: many[0]!, name: "other", at: 9000 })
  expect(await knownEnvironment(database.db, many[0]!.sha256)).toMatchObject({ name: "many", lastUsedAt: 9000 })
  const seen: string[] = []
  for (let after: { madeAt: number; sha256: string } | undefined; ; ) {
    const page = await knownEnvironments(database.db, { limit: 3, name: "many", after })
    seen.push(...page.map(({ manifest }) => manifest.sha256))
    after = page.at(-1)?.manifest
    if (page.length < 3) break
  }
  expect([...seen].sort()).toEqual(many.map(({ sha256 }) => sha256).sort())
  expect(new Set(seen).size).toBe(7)
  await recordLabels(database.db, [{ name: "once", sha256: many[1]!.sha256, at: 1 }])
  expect(await knownEnvironments(database.db, { limit: 9, name: "once" })).toMatchObject([{ manifest: { sha256: many[1]!.sha256 }, name: "once" }])
})

test("a row that somebody changed is not built from: its digest is not its own", async () => {
  const good = manifestOf("4.0", 1)
  await recordMade(database.db, { manifest: { ...good, what: description({ packages: [{ name: "evil", version: "1" }] }) }, name: "bad" })
  const outcome = await resolveEnvironment(shop.world, { notebook: notebookOf([]), asked: good.sha256 })
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "no_such_environment" } })
})

test("an interpreter that is not here is named as the cause", async () => {
  const what = { ...description({}), interpreter: { name: "CPython", version: "3.1.1" } }
  const sha256 = shop.world.machine.sha256(canonical(what))
  await recordMade(database.db, { manifest: { sha256, what, requirements: [], madeAt: 1 }, name: "old" })
  const outcome = await resolveEnvironment(shop.world, { notebook: notebookOf([]), asked: sha256 })
  const message = expect.stringMatching(/needs CPython 3\.1\.1 on linux x86_64, and this machine has CPython 3/)
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "environment_unusable", message } })
})
