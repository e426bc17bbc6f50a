import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { brotliPacking, sha256Digest } from "#library/adapters/packing.ts"
import { saveVersion, versionBytes } from "#library/index.ts"
import type { Blobs, LibraryWorld } from "#library/ports.ts"
import { baseOf, cutOutputs, writeSkeleton } from "#library/stored.ts"
import { keepSkeleton } from "#library/stored-keep.ts"
import { bytesOf, type Draft, dice, draft, HABITS } from "#library/stored-size.testing.ts"
import { grant, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import type { Actor } from "#people/index.ts"

/** The versions of a notebook that is edited by one habit, the first being a megabyte. */
function* history(habit: (typeof HABITS)[string], count: number): Generator<Uint8Array> {
  const roll = dice(99)
  let cells: Draft = draft(7)
  for (let number = 1; number <= count; number++) {
    yield bytesOf(cells)
    cells = habit(cells, roll)
  }
}

// What one habit takes for a thousand, the others show by their first two hundred; STET_VERSIONS=1000 has all of them run through.
const EACH = Number(process.env["STET_VERSIONS"] ?? 200)
const PRINCIPAL = "one line at a random place"

describe("1,000 versions of a 1 MB notebook take less than three times its size", () => {
  test.each(Object.entries(HABITS))("%s", async (name, habit) => {
    const count = name === PRINCIPAL ? 1000 : EACH
    let packed = 0
    const blobs: Pick<Blobs, "put"> = {
      async put(content) {
        packed += (content as Uint8Array).length
        return { sha256: "", sizeBytes: 0 }
      },
    }
    const world = { blobs, packing: brotliPacking, digest: sha256Digest } as unknown as LibraryWorld
    const bases = new Map<number, Uint8Array>()
    let number = 0
    let size = 0
    for (const bytes of history(habit, count)) {
      number++
      size ||= bytes.length
      const { text, outputs } = cutOutputs(bytes)
      expect(outputs).toEqual([])
      const skeleton = writeSkeleton(text, [])
      const base = baseOf(number)
      const form = await keepSkeleton(world, skeleton, base === undefined ? undefined : { number: base, skeleton: bases.get(base)! })
      packed += form.stored?.length ?? 0
      bases.set(number, skeleton)
    }
    console.log(`${name}: ${(size / 1e6).toFixed(2)} MB, ${count} versions ${(packed / 1e6).toFixed(2)} MB, ${(packed / size).toFixed(2)} times`)
    expect(size).toBeGreaterThan(1_000_000)
    // The first takes 0.6 of it; what comes after grows by a little more than the number of versions.
    expect(packed).toBeLessThan(count === 1000 ? 3 * size : (0.7 + (2.3 * count) / 1000) * size)
  })
})

describe("in the database and the blob store", () => {
  let world: TestWorld
  let editor: Actor
  beforeAll(async () => {
    world = await testWorld()
    editor = await person(world.db, "editor")
    await grant(world.db, editor, { space: await space(world.db, "home"), role: "editor" })
  })
  afterAll(() => world.close())

  const COUNT = EACH >= 1000 ? EACH : EACH / 2

  test(
    `${COUNT} versions are saved and read back, all of them, and take what they should`,
    async () => {
      const habit = HABITS[PRINCIPAL]!
      const sizeOf = async () => {
        const [row] = (
          await sql<{ bytes: number }>`SELECT pg_total_relation_size('version') + pg_total_relation_size('notebook_blob') AS bytes`.execute(world.db)
        ).rows
        let bytes = row!.bytes
        for await (const { sizeBytes } of world.blobs.list()) bytes += sizeBytes
        return bytes
      }
      const empty = await sizeOf()
      const digests: string[] = []
      let notebook: Awaited<ReturnType<typeof saved>>["notebook"] | undefined
      const saved = async (bytes: Uint8Array) => {
        const outcome = await saveVersion(world, editor, { space: "home", path: "large.ipynb", bytes, source: "editor" })
        if (!outcome.ok) throw new Error(outcome.refusal.message)
        return outcome.value.version
      }
      let size = 0
      let savingMs = 0
      for (const bytes of history(habit, COUNT)) {
        size ||= bytes.length
        const before = performance.now()
        const version = await saved(bytes)
        savingMs += performance.now() - before
        notebook = version.notebook
        digests.push(version.sha256)
      }
      const reading = async (number: number) => {
        const before = performance.now()
        const bytes = await versionBytes(world, { notebook: notebook!, number, sha256: digests[number - 1]! })
        expect(bytes.length).toBeGreaterThan(1_000_000)
        return performance.now() - before
      }
      let readingMs = 0
      for (let number = 1; number <= COUNT; number += 7) readingMs += await reading(number)
      const [half, last] = [await reading(COUNT / 2), await reading(COUNT)]
      const taken = (await sizeOf()) - empty
      console.log(
        `${COUNT} versions of ${(size / 1e6).toFixed(2)} MB: ${(taken / 1e6).toFixed(2)} MB on disk (${(taken / size).toFixed(2)} times); saving ${(savingMs / COUNT).toFixed(0)} ms,
      reading ${(readingMs / Math.ceil(COUNT / 7)).toFixed(0)} ms, version ${COUNT / 2} ${half.toFixed(0)} ms, version ${COUNT} ${last.toFixed(0)} ms`,
      )
      expect(taken).toBeLessThan(3 * size)
    },
    COUNT * 3000,
  )
})
