import { expect, test } from "vitest"
import { patience } from "#library/adapters/blobs/patience.ts"

const failing = (name: string) => Object.assign(new Error(name), { name })

test("what passes is tried again, so often and no more; the last error is the one told", async () => {
  const patiently = patience({ tries: 4, pauseMs: 1 })
  let times = 0
  await expect(
    patiently(async () => {
      times++
      throw failing("InternalError")
    }),
  ).rejects.toThrow("InternalError")
  expect(times).toBe(4)
  times = 0
  expect(await patiently(async () => (++times < 3 ? Promise.reject(failing("ECONNRESET")) : "done"))).toBe("done")
})

test.each(["AccessDenied", "NoSuchBucket", "PreconditionFailed", "NoSuchKey", "Error"])("%s is not tried again", async (name) => {
  let times = 0
  const work = patience({ pauseMs: 1 })(async () => {
    times++
    throw failing(name)
  })
  await expect(work).rejects.toThrow(name)
  expect(times).toBe(1)
})

test("pauses grow twofold and are cut by chance", async () => {
  const pauses = async (chance: number) => {
    const before = performance.now()
    await patience({ tries: 4, pauseMs: 20, chance: () => chance })(async () => Promise.reject(failing("InternalError"))).catch(() => undefined)
    return performance.now() - before
  }
  expect(await pauses(1)).toBeGreaterThan(138)
  expect(await pauses(0)).toBeLessThan(100)
})

test("who is told to slow down has learnt it for everybody", async () => {
  const patiently = patience({ pauseMs: 80, chance: () => 0 })
  let isTold = false
  const told = patiently(async () => {
    if (isTold) return
    isTold = true
    throw failing("SlowDown")
  })
  await new Promise((done) => setTimeout(done, 5))
  const before = performance.now()
  await patiently(async () => undefined)
  expect(performance.now() - before).toBeGreaterThan(60)
  await told
})
