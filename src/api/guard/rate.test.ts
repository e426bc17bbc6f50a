import { expect, test } from "vitest"
import { limiter, take } from "#api/guard/rate.ts"

const rate = { burst: 10, perSecond: 2 }

test("so many at once, then as fast as the bucket fills", () => {
  let now = 0
  const limit = limiter(rate, () => now)
  expect(Array.from({ length: 12 }, () => limit.ask("a"))).toEqual([...Array(10).fill(0), 500, 500])
  now = 500
  expect([limit.ask("a"), limit.ask("a")]).toEqual([0, 500])
  expect(limit.ask("b")).toBe(0)
})

test("over any time nobody gets more than the burst and what flowed in, and a clock that goes back gives nothing", () => {
  let bucket: Parameters<typeof take>[0]
  let spent = 0
  for (let i = 0; i < 1000; i++) {
    const nowMs = (i * 7919) % 5000
    const { bucket: next, waitMs } = take(bucket, rate, { nowMs, cost: 1 })
    if (waitMs === 0) spent++
    bucket = next
    expect(next.tokens).toBeGreaterThanOrEqual(0)
    expect(next.tokens).toBeLessThanOrEqual(rate.burst)
  }
  expect(spent).toBeLessThan(1000 * 5 * rate.perSecond + rate.burst)
})

test("what costs more than the whole bucket is told a finite wait", () => {
  expect(take(undefined, rate, { nowMs: 0, cost: 50 }).waitMs).toBeLessThan(60_000)
})

test("it does not grow with those who ask once", () => {
  const limit = limiter(rate, () => 0, 100)
  for (let i = 0; i < 10; i++) limit.ask("busy")
  for (let i = 0; i < 50; i++) limit.ask(`${i}`)
  expect(limit.ask("busy")).toBeGreaterThan(0)
  for (let i = 0; i < 1000; i++) limit.ask(`other ${i}`)
  expect(limit.ask("busy")).toBe(0)
})
