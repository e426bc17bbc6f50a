import { expect, test } from "vitest"
import type { Meaning } from "#environment/index.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"
import { dueOf } from "#template/environment-due.ts"
import { standing, type TestedIn } from "#template/environments.ts"
import type { Watched } from "#template/sql/watched.ts"

const [OLD, NEW] = ["a".repeat(64), "b".repeat(64)]
const known = (kind: Meaning["kind"], since = 0) => ({
  labels: new Map([["data", { sha256: NEW, since, kind }]]),
  kernels: new Map(),
})
const watched = (more: Partial<Watched> = {}): Watched => ({
  notebook: "N" as NotebookId,
  space: "S" as SpaceId,
  version: 3,
  template: "T",
  by: "P" as PersonId,
  byName: "Ada",
  profile: "",
  wish: { want: "named", name: "data", language: "python" },
  spaceDefault: null,
  tested: OLD,
  seen: [],
  newest: "",
  isPending: false,
  ...more,
})
const isDue = (one: Watched, kind: Meaning["kind"] = "locked", since = 0) =>
  dueOf([one], { known: known(kind, since), now: 100, settleMs: 50 }).length === 1

test("a version is due when it would run in another environment than it was tested in", () => {
  expect(isDue(watched())).toBe(true)
  expect(isDue(watched({ tested: NEW }))).toBe(false)
  // Nothing is known to have changed.
  expect([
    isDue(watched({ tested: null })),
    isDue(watched({ wish: null })),
    isDue(watched({ wish: { want: "listed", name: "", language: "" } })),
  ]).toEqual([false, false, false])
})

test("what the profile names goes before what the notebook says", () => {
  expect(isDue(watched({ profile: `sha256:${OLD}` }))).toBe(false)
  expect(isDue(watched({ profile: "data", wish: { want: "listed", name: "", language: "" } }))).toBe(true)
})

test("not while it is tested, and not before the change has settled", () => {
  expect(isDue(watched({ isPending: true }))).toBe(false)
  expect([isDue(watched(), "locked", 51), isDue(watched(), "locked", 50)]).toEqual([false, true])
})

test("back in an environment it is tested again, but each state of an installed kernel once: machines that differ would take turns for ever", () => {
  expect(isDue(watched({ seen: [NEW] }), "locked")).toBe(true)
  expect(isDue(watched({ seen: [NEW] }), "captured")).toBe(false)
  expect(isDue(watched({ seen: [OLD] }), "captured")).toBe(true)
})

test("since when: the first of those that came to the same in the same environment, one after the other", () => {
  const one = (environment: string, state: TestedIn["state"], since: number): TestedIn => ({ environment, state, since })
  expect(standing([])).toBeUndefined()
  expect(standing([one(NEW, "passed", 9), one(NEW, "passed", 8), one(OLD, "passed", 7)])).toMatchObject({ environment: NEW, since: 8 })
  expect(standing([one(NEW, "passed", 9), one(NEW, "failed", 8), one(NEW, "passed", 7)])).toMatchObject({ state: "passed", since: 9 })
  expect(standing([one(OLD, "passed", 3), one(OLD, "passed", 2)])).toMatchObject({ since: 2 })
})
