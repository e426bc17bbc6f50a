import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sql } from "kysely"
import { afterEach, beforeEach, expect, test } from "vitest"
import { noise } from "#library/adapters/blobs/testing.ts"
import { brokenVersions, keepBlob, putFile, saveVersion, scrubBlobs, sweepOrphans } from "#library/index.ts"
import { dice } from "#library/stored-size.testing.ts"
import { grant, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import type { Actor } from "#people/index.ts"

const DAY_MS = 86_400_000
let world: TestWorld
let editor: Actor
beforeEach(async () => {
  world = await testWorld()
  editor = await person(world.db, "editor")
  await grant(world.db, editor, { space: await space(world.db, "home"), role: "editor" })
})
afterEach(() => world.close())

const fileOf = (sha256: string) => join(world.folder, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256)
const putBytes = async (path: string, content: Uint8Array) => {
  const put = await putFile(world, editor, { space: "home", path, content })
  if (!put.ok) throw new Error(put.refusal.message)
  return put.value.file.sha256
}
const notebook = (text: string) =>
  new TextEncoder().encode(
    JSON.stringify({
      cells: [
        { cell_type: "code", id: "a", metadata: {}, execution_count: 1, source: "x", outputs: [{ output_type: "stream", name: "stdout", text }] },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    }),
  )
const save = async (path: string, bytes: Uint8Array) => {
  const saved = await saveVersion(world, editor, { space: "home", path, bytes, source: "api" })
  if (!saved.ok) throw new Error(saved.refusal.message)
  return saved.value.version
}
/** Makes a blob's file as old as this, by the world's own clock. */
const aged = (sha256: string, ms: number) => utimesSync(fileOf(sha256), new Date(world.clock.now() - ms), new Date(world.clock.now() - ms))

test("of 100 random bits that flip, each is found", async () => {
  const names: string[] = []
  for (let i = 0; i < 40; i++) names.push(await putBytes(`f${i}.bin`, noise(1 + i * 997, i + 1)))
  const large = await save("large.ipynb", notebook("y".repeat(100_000)))
  expect(await scrubBlobs(world)).toEqual({ looked: 41, sizeBytes: expect.any(Number), damaged: [], missing: [], unknown: [] })

  const all = (await scrubbedNames()).filter((name) => name !== "")
  const roll = dice(4711)
  let found = 0
  for (let round = 0; round < 10; round++) {
    const hurt = new Map<string, Uint8Array>()
    while (hurt.size < 10) hurt.set(all[roll(all.length)]!, new Uint8Array())
    for (const name of hurt.keys()) {
      const good = readFileSync(fileOf(name))
      hurt.set(name, good)
      const at = roll(good.length)
      chmodSync(fileOf(name), 0o600)
      writeFileSync(fileOf(name), Uint8Array.from(good).with(at, good[at]! ^ (1 << roll(8))))
    }
    const { damaged } = await scrubBlobs(world)
    expect(damaged.toSorted()).toEqual([...hurt.keys()].toSorted())
    found += damaged.length
    for (const [name, good] of hurt) writeFileSync(fileOf(name), good)
  }
  expect(found).toBe(100)
  expect((await brokenVersions(world)).broken).toEqual([])
  expect(large.number).toBe(1)
})

async function scrubbedNames(): Promise<string[]> {
  const names: string[] = []
  for await (const { sha256 } of world.blobs.list()) names.push(sha256)
  return names
}

test("what is missing, what nobody knows and which versions suffer is told", async () => {
  const kept = await putBytes("kept.bin", noise(10))
  const lost = await putBytes("lost.bin", noise(20))
  const version = await save("a.ipynb", notebook("z".repeat(90_000)))
  const output = (await scrubbedNames()).find((name) => ![kept, lost].includes(name))!
  await world.blobs.remove(lost)
  await world.blobs.remove(output)
  const { sha256: unknown } = await world.blobs.put(noise(30))
  const scrubbed = await scrubBlobs(world)
  expect(scrubbed).toMatchObject({ looked: 2, damaged: [], unknown: [unknown] })
  expect(scrubbed.missing.toSorted()).toEqual([lost, output].toSorted())
  expect(await brokenVersions(world)).toEqual({
    looked: 1,
    broken: [{ notebook: version.notebook, number: 1, why: expect.stringMatching(/is not in/) }],
  })
})

test("only what nobody refers to, claims or has put lately is swept", async () => {
  const file = await putBytes("file.bin", noise(100))
  await save("a.ipynb", notebook("z".repeat(90_000)))
  // A file that was replaced, and that a version needs no less.
  const old = await putBytes("data.csv", noise(50, 3))
  const named = new TextEncoder().encode(
    '{"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":"open(\'data.csv\')","outputs":[]}],"metadata":{},"nbformat":4,"nbformat_minor":5}',
  )
  await save("b.ipynb", named)
  await putBytes("data.csv", noise(60, 4))
  const { sha256: orphan } = await keepBlob(world, noise(70, 5))
  const { sha256: unknown } = await world.blobs.put(noise(80, 6))
  for (const name of await scrubbedNames()) aged(name, 0)
  expect(await sweepOrphans(world, { unknown: true })).toBe(0)

  world.clock.forward(2 * DAY_MS)
  const { sha256: claimed } = await keepBlob(world, noise(90, 7))
  const { sha256: putLately } = await world.blobs.put(noise(95, 8))
  aged(putLately, 0)
  const before = await scrubbedNames()
  expect(await sweepOrphans(world)).toBe(1)
  expect(await world.blobs.has(unknown)).toBe(true)
  expect(await sweepOrphans(world, { unknown: true })).toBe(1)
  expect(before.filter((name) => ![orphan, unknown].includes(name))).toEqual(await scrubbedNames())
  for (const name of [file, old, claimed]) expect(await world.blobs.has(name)).toBe(true)
  // A claim that is renewed counts from then on.
  world.clock.forward(2 * DAY_MS)
  await keepBlob(world, noise(90, 7))
  aged(claimed, 9 * DAY_MS)
  aged(putLately, 0)
  expect(await sweepOrphans(world, { unknown: true })).toBe(0)
  expect((await scrubBlobs(world)).missing).toEqual([])
})

test("what is claimed or referred to while the sweep is on its way to it stays", async () => {
  const contents = Array.from({ length: 6 }, (_, i) => noise(40 + i, i + 1))
  const names = (await Promise.all(contents.map((bytes) => keepBlob(world, bytes)))).map(({ sha256 }) => sha256)
  const { notebook: id } = await save("a.ipynb", notebook("small"))
  world.clock.forward(9 * DAY_MS)
  const [first, claimed, referred] = names.toSorted()
  const contentOf = (name: string | undefined) => contents[names.indexOf(name ?? "")]!
  const blobs = {
    ...world.blobs,
    async remove(sha256: string) {
      if (sha256 === first) {
        await keepBlob(world, contentOf(claimed))
        await sql`INSERT INTO notebook_blob VALUES (${id}, ${referred})`.execute(world.db)
      }
      await world.blobs.remove(sha256)
    },
  }
  expect(await sweepOrphans({ ...world, blobs })).toBe(4)
  expect(await scrubbedNames()).toEqual([claimed, referred])
  expect((await scrubBlobs(world)).missing).toEqual([])
})

test("every table that names blobs is heeded, also one that comes later", async () => {
  const { sha256 } = await keepBlob(world, noise(10))
  await sql`CREATE TABLE later (id int, thing digest REFERENCES blob)`.execute(world.db)
  await sql`INSERT INTO later VALUES (1, ${sha256})`.execute(world.db)
  world.clock.forward(9 * DAY_MS)
  expect(await sweepOrphans(world)).toBe(0)
  await sql`DELETE FROM later`.execute(world.db)
  expect(await sweepOrphans(world)).toBe(1)
})

test("sweeping without any patience while others put loses nothing that is referred to", async () => {
  // The clock stands in the future of every claim, so that all that is unreferred is swept at once.
  const eager = { ...world, clock: { now: () => world.clock.now() + 9 * DAY_MS, steady: () => performance.now() } }
  let isOver = false
  let swept = 0
  const sweeping = (async () => {
    while (!isOver) swept += await sweepOrphans(eager, { guardMs: 0, unknown: true })
  })()
  let refused = 0
  const lane = async (number: number) => {
    for (let i = 0; i < 400 && (i < 10 || swept < 25); i++) {
      // The same few contents again and again, so that blobs are swept and put at the same moment.
      const content = noise(500, 1 + ((number + i) % 5))
      const { sha256 } = await keepBlob(world, content)
      // What was swept between the claim and now cannot be referred to: the database itself refuses.
      await sql`INSERT INTO notebook_blob (notebook_id, sha256) VALUES (${held.notebook}, ${sha256}) ON CONFLICT DO NOTHING`
        .execute(world.db)
        .catch((error) => {
          if (!/foreign key/.test(String(error))) throw error
          refused++
        })
      await sql`DELETE FROM notebook_blob WHERE notebook_id = ${held.notebook} AND sha256 = ${sha256} AND ${i % 3} = 0`.execute(world.db)
    }
  }
  const held = await save("held.ipynb", notebook("small"))
  await Promise.all([0, 1, 2, 3].map(lane))
  isOver = true
  await sweeping
  console.log(`swept ${swept}, refused ${refused}`)
  expect(swept).toBeGreaterThan(10)
  const referred = (await sql<{ sha256: string }>`SELECT sha256 FROM notebook_blob`.execute(world.db)).rows
  expect(referred.length).toBeGreaterThan(0)
  for (const { sha256 } of referred) expect((await world.blobs.get(sha256)).length).toBe(500)
  expect(readdirSync(join(world.folder, "blobs", "incoming"))).toEqual([])
})
