import { expect, test } from "vitest"
import { type Before, gatesOf, isReviewed, mayPromote, type ReviewRow } from "#template/gates.ts"

const check = (kind: "rerun" | "test", verdict: "pending" | "passed" | "failed", environment = "e1") => ({
  place: 0,
  kind,
  name: kind,
  run: "R",
  verdict,
  said: verdict === "failed" ? "It broke." : "",
  environment,
})
const review = (id: string, verdict: ReviewRow["verdict"], binding = "B"): ReviewRow => ({
  person: { id, name: id },
  verdict,
  said: "",
  binding,
  at: 0,
})
const GOOD: Before = {
  checks: [check("rerun", "passed"), check("test", "passed")],
  reviews: [review("ben", "approve")],
  binding: "B",
  author: "ada",
  approvals: null,
  otherEditors: 1,
  secrets: [],
}
const states = (change: Partial<Before>) =>
  gatesOf({ ...GOOD, ...change })
    .map(({ state }) => state[0])
    .join("")

test("all four open, and nothing else is asked", () => {
  expect(states({})).toBe("pppp")
  expect(mayPromote(gatesOf(GOOD))).toBe(true)
})

test("each closes for its own reason alone", () => {
  expect(states({ checks: [check("rerun", "failed"), check("test", "passed")] })).toBe("fppp")
  expect(gatesOf({ ...GOOD, checks: [check("rerun", "pending")] })[0]).toMatchObject({ state: "pending", said: "1 of 1 still run." })
  expect(states({ checks: [check("rerun", "passed"), check("test", "failed")] })).toBe("pfpp")
  expect(states({ checks: [check("rerun", "passed", "e1"), check("test", "passed", "e2")] })).toBe("pfpp")
  expect(states({ secrets: ["Cell 3 holds a key."] })).toBe("ppfp")
  expect(states({ reviews: [review("ben", "approve"), review("eve", "request_changes")] })).toBe("pppf")
})

test("approvals count when they are of this very proposal and not the author's own", () => {
  expect(gatesOf({ ...GOOD, reviews: [review("ben", "approve", "other")] })[3]).toMatchObject({
    state: "pending",
    said: "One more approval is needed.",
  })
  expect(gatesOf({ ...GOOD, reviews: [review("ada", "approve")] })[3]?.state).toBe("pending")
  expect(gatesOf({ ...GOOD, approvals: 3 })[3]).toMatchObject({ state: "pending", said: "2 more approvals are needed." })
  expect(gatesOf({ ...GOOD, approvals: 0, reviews: [] })[3]).toMatchObject({ state: "passed", said: "Not reviewed: no approval is needed here." })
  expect(gatesOf({ ...GOOD, otherEditors: 0, reviews: [] })[3]?.state).toBe("passed")
  expect([isReviewed(GOOD), isReviewed({ ...GOOD, reviews: [review("ada", "approve")] })]).toEqual([true, false])
})
