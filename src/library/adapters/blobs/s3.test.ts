import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Fault, isFault } from "#base/fault.ts"
import { type FaultyServer, faultyServer, type Mischief, randomFrom } from "#library/adapters/blobs/faulty/testing.ts"
import { s3Blobs } from "#library/adapters/blobs/s3.ts"
import { collected, inPieces, noise, sha256 } from "#library/adapters/blobs/testing.ts"
import type { Blobs } from "#library/ports.ts"

const SEEDS = Number(process.env["STET_FAULT_SEEDS"] ?? 200)
const spool = mkdtempSync(join(tmpdir(), "stet-s3-spool-"))
const keyOf = (name: string) => `/b/${name.slice(0, 2)}/${name}`
let server: FaultyServer
let blobs: Blobs & { close(): Promise<void> }

beforeAll(async () => {
  server = await faultyServer(120)
  const config = {
    endpoint: server.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 1000, requestTimeout: 80, socketTimeout: 80, throwOnRequestTimeout: true },
  } as const
  blobs = s3Blobs({ bucket: "b", prefix: "", config, spool, partBytes: 2000, patience: { tries: 6, pauseMs: 1 } })
})
afterAll(async () => {
  await blobs.close()
  await server.close()
  rmSync(spool, { recursive: true, force: true })
})

type Tally = { acknowledged: number; putFaults: number; right: number; damaged: number; getFaults: number }

/** Puts, gets and streams under mischief of one seed; then, in calm, what was acknowledged must be there. */
async function trial(seed: number, tally: Tally): Promise<void> {
  server.objects.clear()
  server.uploads.clear()
  server.misbehave(seed, 0.1 + (seed % 5) * 0.1)
  const random = randomFrom(seed + 1_000_000)
  const contents = Array.from({ length: 4 }, (_, i) => noise(Math.floor(random() ** 2 * 9000), seed * 10 + i + 1))
  const acknowledged = new Map<string, Uint8Array>()
  // Each is put twice at once, by bytes and by stream.
  await Promise.all(
    [...contents, ...contents].map(async (bytes, i) => {
      const put = await blobs.put(i % 2 ? bytes : inPieces(bytes, 700)).catch(faultOnly)
      if (put instanceof Fault) return void tally.putFaults++
      tally.acknowledged++
      expect(put).toEqual({ sha256: sha256(bytes), sizeBytes: bytes.length })
      acknowledged.set(put.sha256, bytes)
    }),
  )
  for (const [name, bytes] of acknowledged) {
    for (const read of [() => blobs.get(name), () => collected(blobs.stream(name))]) {
      const got = await read().catch(faultOnly)
      if (!(got instanceof Fault)) {
        tally.right++
        expect(Buffer.compare(got, bytes), `seed ${seed}: wrong bytes were given out`).toBe(0)
      } else if (got.code === "blob_damaged") tally.damaged++
      else tally.getFaults++
    }
  }
  server.misbehave(seed, 0)
  for (const [name, bytes] of acknowledged) {
    const kept = server.objects.get(keyOf(name))
    expect(kept && Buffer.compare(kept, bytes), `seed ${seed}: an acknowledged blob is lost or wrong`).toBe(0)
    expect(Buffer.compare(await blobs.get(name), bytes)).toBe(0)
  }
  expect(readdirSync(spool)).toEqual([])
}

function faultOnly(error: unknown): Fault {
  if (isFault(error) && error.message !== "" && error.remedy !== "") return error
  throw error
}

test(`over ${SEEDS} seeds of a failing server, no acknowledged blob is lost and no wrong byte is given out`, async () => {
  const tally: Tally = { acknowledged: 0, putFaults: 0, right: 0, damaged: 0, getFaults: 0 }
  server.counts.clear()
  for (let seed = 1; seed <= SEEDS; seed++) await trial(seed, tally)
  console.log(`seeds ${SEEDS}: ${JSON.stringify({ ...tally, ...Object.fromEntries(server.counts) })}`)
  // The trial was one: every kind of mischief happened, and most work was done all the same.
  const kinds: Mischief[] = [
    "error",
    "slow_down",
    "conflict",
    "reset",
    "silence",
    "lost_answer",
    "corrupt_upload",
    "truncated",
    "corrupt_body",
    "shorter_body",
  ]
  for (const kind of kinds) expect(server.counts.get(kind) ?? 0, kind).toBeGreaterThan(SEEDS / 30)
  expect(tally.acknowledged).toBeGreaterThan(SEEDS * 6)
  expect(tally.right).toBeGreaterThan(SEEDS * 5)
}, 180_000)

test("what is damaged where it lies is found however often it is asked for", async () => {
  server.misbehave(1, 0)
  for (let seed = 1; seed <= 50; seed++) {
    const bytes = noise(3000, seed)
    const { sha256: name } = await blobs.put(bytes)
    const at = Math.floor(randomFrom(seed)() * bytes.length)
    server.objects.set(keyOf(name), bytes.with(at, bytes[at]! ^ (1 << (seed % 8))))
    await expect(blobs.get(name)).rejects.toMatchObject({ code: "blob_damaged" })
    await expect(collected(blobs.stream(name))).rejects.toMatchObject({ code: "blob_damaged" })
  }
})
