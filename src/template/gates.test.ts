import { expect, test } from "vitest"
import { approvalsStand, type Before, gatesOf, isReviewed, mayPromote, ownerStand, type ReviewRow, whoIsAsked } from "#template/gates.ts"

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
  mayEdit: true,
})
const GOOD: Before = {
  checks: [check("rerun", "passed"), check("test", "passed")],
  reviews: [review("ben", "approve")],
  binding: "B",
  author: "ada",
  behind: null,
  approvals: null,
  otherEditors: 1,
  codeOwners: [],
  inTheNameOf: undefined,
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

test("a code owner answers for themselves, a group by any other of it; who may not edit any more is not heard", () => {
  const leads = { kind: "group", id: "g", name: "Leads", of: "space", people: ["ada", "eve"] } as const
  const eve = { kind: "person", id: "eve", name: "Eve", of: "template", people: ["eve"] } as const
  const said = (change: Partial<Before>) => gatesOf({ ...GOOD, ...change })[3]
  expect(said({ codeOwners: [leads] })).toMatchObject({ state: "pending", said: "It takes the approval of somebody of Leads." })
  expect(said({ codeOwners: [leads, eve], reviews: [review("eve", "approve")] })?.state).toBe("passed")
  // The number is asked beside them.
  expect(said({ codeOwners: [eve], approvals: 2, reviews: [review("eve", "approve")] })?.said).toBe("One more approval is needed.")
  expect(said({ codeOwners: [{ ...eve, id: "ada", people: ["ada"] }] })?.state).toBe("passed")
  expect(said({ codeOwners: [{ ...leads, people: ["ada"] }] })?.said).toMatch(/nobody there can give it/)
  expect(said({ codeOwners: [{ ...eve, people: [] }] })?.said).toMatch(/nobody there can give it/)
  expect(said({ reviews: [{ ...review("ben", "approve"), mayEdit: false }] })?.state).toBe("pending")
  // Proposed by an account that Ben answers for: he has proposed it, too.
  expect(said({ author: "robot", behind: "ben" })?.state).toBe("pending")
  expect(said({ reviews: [review("ben", "approve"), { ...review("eve", "request_changes"), mayEdit: false }] })?.state).toBe("passed")
})

test("each code owner is told apart: has approved, has proposed it, is waited for, or is nobody", () => {
  const leads = { kind: "group", id: "g", name: "Leads", of: "space", people: ["ada", "eve"] } as const
  const ada = { kind: "person", id: "ada", name: "Ada", of: "template", people: ["ada"] } as const
  const by = [{ id: "eve", name: "eve" }]
  expect(ownerStand(leads, GOOD)).toEqual({ is: "waiting", by: [] })
  expect(ownerStand(leads, { ...GOOD, reviews: [review("eve", "approve")] })).toEqual({ is: "approved", by })
  expect(ownerStand(leads, { ...GOOD, reviews: [review("eve", "approve", "other")] }).is).toBe("waiting")
  expect(ownerStand(ada, GOOD).is).toBe("proposed")
  expect(ownerStand(ada, { ...GOOD, author: "robot", behind: "ada" }).is).toBe("proposed")
  expect(ownerStand({ ...leads, people: ["ada"] }, GOOD).is).toBe("nobody")
  expect(approvalsStand(GOOD)).toEqual({ needed: 1, isUsual: true, by: [{ id: "ben", name: "ben" }] })
  expect(approvalsStand({ ...GOOD, approvals: 2, reviews: [review("ada", "approve")] })).toEqual({ needed: 2, isUsual: false, by: [] })
})

test("in whose name it is to run, that person agrees, and is still there", () => {
  const person = { id: "olga" as never, name: "Olga", kind: "person" as const, owner: null, isActive: true }
  const consent = {
    id: "c" as never,
    person,
    givenBy: { id: "olga" as never, name: "Olga", isActive: true },
    thing: "template/t",
    binding: "B",
    givenAt: 0,
    revokedAt: null,
  }
  const said = (inTheNameOf: Before["inTheNameOf"]) => gatesOf({ ...GOOD, inTheNameOf })[4]
  expect(said(undefined)).toBeUndefined()
  expect(said({ person, consent: undefined })).toMatchObject({
    gate: "consent",
    state: "pending",
    said: expect.stringMatching(/Olga, who has not agreed/),
  })
  expect(said({ person, consent })).toMatchObject({ state: "passed" })
  expect(said({ person, consent: { ...consent, revokedAt: 1 } })?.said).toMatch(/does not agree to that any more/)
  expect(said({ person: { ...person, isActive: false }, consent })?.said).toMatch(/has left/)
  const service = { ...person, id: "s" as never, name: "Nightly", kind: "service" as const, owner: "olga" as never }
  expect(said({ person: service, consent: { ...consent, person: service } })?.said).toBe(
    "It runs in the name of Nightly. Olga, who answers for it, agrees.",
  )
  expect(said({ person: { ...service, owner: "eve" as never }, consent })?.said).toMatch(/does not answer for it any more/)
  expect(said({ person: service, consent: { ...consent, givenBy: { ...consent.givenBy, isActive: false } } })?.said).toMatch(
    /Olga, who agreed to that, has left/,
  )
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

test("asked are code owners; everybody else with a role where they are too few; administrators where nobody has one; never whoever proposed it", () => {
  const editors = ["ada", "ben", "eve", "root"].map((id) => ({ id, isGranted: id !== "root" }))
  const asked = (change: Partial<Before>, of = editors) => whoIsAsked({ ...GOOD, otherEditors: 2, ...change }, of).join(" ")
  const owner = (...people: string[]) => ({ kind: "group", id: people.join("-"), name: "G", of: "space", people }) as const
  expect(asked({})).toBe("ben eve")
  expect(asked({ author: "bot", behind: "eve" })).toBe("ada ben")
  expect(asked({ codeOwners: [owner("ada", "eve")] })).toBe("eve")
  expect(asked({ codeOwners: [owner("ada", "eve")], approvals: 2 })).toBe("eve ben")
  expect(asked({ codeOwners: [owner("ada")] })).toBe("ben eve")
  expect(asked({ codeOwners: [owner("eve")], approvals: 0 })).toBe("eve")
  expect(asked({ approvals: 0 })).toBe("")
  expect(asked({ otherEditors: 0 }, [editors[0]!, editors[3]!])).toBe("")
  expect(asked({ otherEditors: 0, approvals: 1 }, [editors[0]!, editors[3]!])).toBe("root")
})
