/** The test vocabulary of blob stores: the one contract that each of them keeps. */
import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import type { Blob, Blobs } from "#library/ports.ts"

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
export const text = (words: string) => new TextEncoder().encode(words)

/** `count` bytes that do not compress, the same for the same seed. */
export function noise(count: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(count)
  let state = seed >>> 0 || 1
  for (let i = 0; i < count; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state
  }
  return bytes
}

export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const out: Item[] = []
  for await (const item of items) out.push(item)
  return out
}

export type Store = {
  readonly blobs: Blobs
  /** Changes or removes what is stored behind the store's back. */
  tamper(sha256: string, change: (bytes: Uint8Array) => Uint8Array | undefined): Promise<void>
  /** Everything that lies in the store and is no blob: half-written files, uploads under way. */
  litter(): Promise<readonly string[]>
}

/** `large` is more than the store holds in memory or sends at once. */
export function blobsContract(name: string, store: () => Store, large: number): void {
  describe(`${name} keeps blobs`, () => {
    const blobs = () => store().blobs

    test.each([0, 1, 1000, 1 << 20, (1 << 20) + 1])("%i bytes come back, whole and in pieces, however they were put", async (size) => {
      const bytes = noise(size, size + 1)
      const expected = { sha256: sha256(bytes), sizeBytes: size }
      expect(await blobs().has(expected.sha256)).toBe(false)
      expect(await blobs().put(inPieces(bytes, 7777))).toEqual(expected)
      expect(await blobs().put(bytes)).toEqual(expected)
      expect(await blobs().has(expected.sha256)).toBe(true)
      expect(Buffer.compare(await blobs().get(expected.sha256), bytes)).toBe(0)
      expect(Buffer.compare(await collected(blobs().stream(expected.sha256)), bytes)).toBe(0)
      expect(await store().litter()).toEqual([])
    })

    test("a large stream of unknown size comes back", async () => {
      const bytes = noise(large, 77)
      const put = await blobs().put(inPieces(bytes, 1_234_567))
      expect(put).toEqual({ sha256: sha256(bytes), sizeBytes: large })
      expect(Buffer.compare(await collected(blobs().stream(put.sha256)), bytes)).toBe(0)
      expect(await store().litter()).toEqual([])
    })

    test("what is not there is missing, by name, and removing it is no error", async () => {
      const absent = sha256(text("never put"))
      const fault = { name: "Fault", code: "blob_missing", message: expect.stringContaining(absent), remedy: expect.stringMatching(/\w/) }
      await expect(blobs().get(absent)).rejects.toMatchObject(fault)
      await expect(collected(blobs().stream(absent))).rejects.toMatchObject(fault)
      await blobs().remove(absent)
    })

    test("removed is gone, and can be put again", async () => {
      const { sha256: name } = await blobs().put(text("comes and goes"))
      await blobs().remove(name)
      expect(await blobs().has(name)).toBe(false)
      await expect(blobs().get(name)).rejects.toMatchObject({ code: "blob_missing" })
      await blobs().put(text("comes and goes"))
      expect(await blobs().get(name)).toEqual(Uint8Array.from(text("comes and goes")))
    })

    test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
      ["one flipped bit", (bytes) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 4)],
      ["a missing end", (bytes) => bytes.subarray(0, -1)],
      ["one byte more", (bytes) => Buffer.concat([bytes, text("x")])],
      ["nothing left", () => new Uint8Array()],
    ])("%s is found by get and by stream, which never gives the last piece", async (_case, change) => {
      const bytes = noise(3 << 20, 5)
      const { sha256: name } = await blobs().put(bytes)
      await store().tamper(name, change)
      const fault = { name: "Fault", code: "blob_damaged", message: expect.stringContaining(name) }
      await expect(blobs().get(name)).rejects.toMatchObject(fault)
      let seen = 0
      const reading = (async () => {
        for await (const piece of blobs().stream(name)) seen += piece.length
      })()
      await expect(reading).rejects.toMatchObject(fault)
      expect(seen === 0 || seen < change(bytes).length).toBe(true)
      await blobs().remove(name)
    })

    test("putting what is plainly damaged mends it", async () => {
      const bytes = noise(5000, 6)
      const { sha256: name } = await blobs().put(bytes)
      await store().tamper(name, (was) => was.subarray(0, 100))
      await blobs().put(bytes)
      expect(Buffer.compare(await blobs().get(name), bytes)).toBe(0)
    })

    test("the same blob put by many at once is there once", async () => {
      const bytes = noise(100_000, 8)
      const puts = await Promise.all(Array.from({ length: 12 }, (_, i) => blobs().put(i % 2 ? bytes : inPieces(bytes, 10_000))))
      expect(new Set(puts.map((put) => put.sha256))).toEqual(new Set([sha256(bytes)]))
      expect((await all(blobs().list())).filter((blob) => blob.sha256 === sha256(bytes))).toHaveLength(1)
      expect(await store().litter()).toEqual([])
    })

    test("the list has every blob, in the order of their names, and says when each was last put", async () => {
      const before = Date.now()
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => blobs().put(text(`listed ${i}`))))
      const listed = await all(blobs().list())
      expect(listed.map((blob) => blob.sha256)).toEqual(listed.map((blob) => blob.sha256).toSorted())
      for (const { sha256: name, sizeBytes } of made) {
        const found = listed.find((blob) => blob.sha256 === name)
        expect(found?.sizeBytes).toBe(sizeBytes)
        expect(Math.abs(found!.at - before)).toBeLessThan(60_000)
      }
    })

    test("the claim comes before anything is looked for or stored, and when it fails nothing is", async () => {
      for (const content of [text("claimed"), inPieces(text("claimed"), 3)]) {
        const claims: Blob[] = []
        const name = sha256(text("claimed"))
        await blobs().put(content, async (blob) => {
          claims.push(blob)
          expect(await blobs().has(blob.sha256)).toBe(false)
        })
        expect(claims).toEqual([{ sha256: name, sizeBytes: 7 }])
        await blobs().remove(name)
      }
      const failing = blobs().put(inPieces(text("unclaimed"), 3), async () => {
        throw Object.assign(new Error("no claim"), { code: "ENOSPC" })
      })
      await expect(failing).rejects.toThrow("no claim")
      expect(await blobs().has(sha256(text("unclaimed")))).toBe(false)
      expect(await store().litter()).toEqual([])
    })

    test("content that breaks off stores nothing, and its own error comes through", async () => {
      const broken = (async function* () {
        yield noise(2 << 20, 9)
        throw Object.assign(new Error("the upload was cut"), { code: "ECONNRESET" })
      })()
      await expect(blobs().put(broken)).rejects.toThrow("the upload was cut")
      expect(await store().litter()).toEqual([])
    })

    test("what is no SHA-256 never becomes a path", async () => {
      for (const name of ["", "..", "../../etc/passwd", "A".repeat(64), `${"a".repeat(63)}/`, `${"a".repeat(64)}\n`]) {
        await expect((async () => blobs().get(name))()).rejects.toThrow(/is no SHA-256/)
        await expect((async () => blobs().remove(name))()).rejects.toThrow(/is no SHA-256/)
      }
    })
  })
}
