import fc from "fast-check"
import { expect, test } from "vitest"
import { type AttemptEnd, afterAttempt, backoffMs, onKnownKey, type Standing } from "#work/after.ts"

const RETRY = { maxAttempts: 3, backoffMs: 10_000, backoffFactor: 2, maxBackoffMs: 60_000 }

function end(state: AttemptEnd["state"], reason: AttemptEnd["reason"] = ""): AttemptEnd {
  return { state, reason, explanation: "It ended." }
}

function standing(more: Partial<Standing> = {}): Standing {
  return { attempt: 1, firstAttempt: 1, desired: "run", retry: RETRY, ...more }
}

test.each([
  ["a failure is tried again while there are attempts left", end("failed", "cell_raised"), standing(), "again"],
  ["so is a loss", end("lost", "owner_died"), standing({ attempt: 2 }), "again"],
  ["the last attempt is the last", end("failed", "cell_raised"), standing({ attempt: 3 }), "over"],
  ["a retry by hand begins to count anew", end("failed", "cell_raised"), standing({ attempt: 5, firstAttempt: 4 }), "again"],
  ["what succeeded is never run again", end("succeeded"), standing(), "over"],
  ["what was cancelled is not tried again", end("cancelled"), standing(), "over"],
  ["nor what failed while it was to be cancelled", end("failed", "cell_raised"), standing({ desired: "cancel" }), "over"],
  ["an environment that is missing is missing the next time as well", end("failed", "environment_missing"), standing(), "over"],
])("%s", (_, how, where, is) => {
  expect(afterAttempt(how, where, 0).is).toBe(is)
})

test("an index that is away is asked again a few times, minutes apart, even by a run that is not to be retried", () => {
  const retry = { ...RETRY, maxAttempts: 1 }
  const away = end("failed", "index_unreachable")
  const next = [1, 2, 3].map((attempt) => afterAttempt(away, standing({ attempt, retry }), 0))
  expect(next).toEqual([
    { is: "again", inMs: 60_000 },
    { is: "again", inMs: 60_000 },
    { is: "over", end: away },
  ])
  expect(afterAttempt(away, standing({ attempt: 4, retry: { ...RETRY, maxAttempts: 6, backoffMs: 90_000, maxBackoffMs: 90_000 } }), 0)).toMatchObject(
    { inMs: 90_000 },
  )
  expect(afterAttempt(away, standing({ retry, desired: "cancel" }), 0).is).toBe("over")
})

test("a run that was to be cancelled and lost its worker is cancelled", () => {
  const next = afterAttempt(end("lost", "owner_died"), standing({ desired: "cancel" }), 0)
  expect(next).toMatchObject({ is: "over", end: { state: "cancelled" } })
})

test("pauses grow by the factor up to the longest, shortened by chance", () => {
  expect([1, 2, 3, 4, 9].map((tries) => backoffMs(RETRY, tries, 0))).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
  expect(backoffMs(RETRY, 1, 1)).toBe(8_000)
})

test("whatever happens, a run is attempted at most as often as its policy says", () => {
  const ends = fc.array(fc.constantFrom(end("failed", "cell_raised"), end("lost", "owner_died"), end("failed", "timed_out")), {
    minLength: 30,
    maxLength: 30,
  })
  fc.assert(
    fc.property(ends, fc.integer({ min: 1, max: 20 }), (happened, maxAttempts) => {
      let attempt = 1
      for (const one of happened) {
        const next = afterAttempt(one, standing({ attempt, retry: { ...RETRY, maxAttempts } }), 0.5)
        if (next.is === "over") break
        attempt++
      }
      expect(attempt).toBe(maxAttempts)
    }),
  )
})

test.each([
  ["running", "attach", 1, 1, "return"],
  ["succeeded", "attach", 1, 2, "return"],
  ["succeeded", "new-attempt", 1, 2, "return"],
  // The same delivery twice must not run twice.
  ["failed", "attach", 1, 1, "return"],
  ["failed", "attach", 1, 2, "new attempt"],
  ["lost", "attach", 0, 0, "return"],
  ["failed", "new-attempt", 0, 0, "new attempt"],
  ["cancelled", "new-attempt", 0, 0, "new attempt"],
  ["queued", "new-attempt", 0, 0, "return"],
  ["queued", "reject", 0, 0, "reject"],
] as const)("a known key: %s, %s, attempt %i then %i → %s", (state, onExisting, known, asked, verdict) => {
  expect(onKnownKey({ state, orchestratorAttempt: known }, { onExisting, orchestratorAttempt: asked })).toBe(verdict)
})
