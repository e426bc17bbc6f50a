import { expect, test } from "vitest"
import { type Example, proveAll, type Standing, standingOf, templateNameOf, type Ways } from "#web/templates/prove-examples.ts"

type Proposal = Parameters<typeof standingOf>[0]
const gate = (name: Proposal["gates"][number]["gate"], state: "passed" | "failed" | "pending", said = "") => ({ gate: name, state, said })
const check = (verdict: "passed" | "failed" | "pending") => ({ verdict, run: "R" }) as Proposal["checks"][number]
const proposal = (gates: Proposal["gates"], checks: Proposal["checks"] = [], state: Proposal["state"] = "open"): Proposal => ({
  id: "P",
  state,
  gates,
  checks,
})

test("a proposal stands as its gates do: what people have to say is waited for, what failed is said", () => {
  expect(standingOf(proposal([gate("rerun", "passed"), gate("approvals", "passed")]))).toEqual({ is: "ready" })
  expect(standingOf(proposal([gate("rerun", "pending")], [check("passed"), check("pending")]))).toEqual({
    is: "proving",
    proposal: "P",
    ended: 1,
    of: 2,
  })
  // It fails at once, whatever still runs.
  expect(standingOf(proposal([gate("rerun", "failed", "No module named 'pandas'")], [check("failed"), check("pending")]))).toEqual({
    is: "failed",
    proposal: "P",
    said: "No module named 'pandas'",
  })
  expect(standingOf(proposal([gate("approvals", "pending", "One more approval is needed.")], [check("passed")]))).toMatchObject({ is: "asks" })
  expect(standingOf(proposal([gate("approvals", "failed", "Ben asked for changes.")], [check("passed")]))).toMatchObject({ is: "asks" })
  expect([standingOf(proposal([], [], "promoted")).is, standingOf(proposal([], [], "withdrawn")).is]).toEqual(["promoted", "failed"])
  expect(templateNameOf("samples", "templates/csv-to-parquet/csv-to-parquet.ipynb")).toBe("samples/csv-to-parquet")
})

const examples = ["a", "b", "c", "d"].map((notebook): Example => ({ notebook, title: notebook, template: `samples/${notebook}` }))

/** A platform on which each example needs so many looks before it passes; -1: it fails, "throws": it cannot be proposed. */
function platform(needs: Readonly<Record<string, number | "throws">>) {
  const looks = new Map<string, number>()
  const did: string[] = []
  let open = 0
  let most = 0
  const ways: Ways = {
    propose: async ({ notebook }) => {
      if (needs[notebook] === "throws") throw new Error("You may not")
      open++
      most = Math.max(most, open)
      did.push(`propose ${notebook}`)
      return notebook
    },
    proposal: async (id) => {
      const need = needs[id] as number
      const seen = (looks.get(id) ?? 0) + 1
      looks.set(id, seen)
      if (need === -1) return { ...proposal([gate("tests", "failed", "no")], [check("failed")]), id }
      return { ...(seen > need ? proposal([gate("rerun", "passed")]) : proposal([gate("rerun", "pending")], [check("pending")])), id }
    },
    promote: async (id) => {
      open--
      did.push(`promote ${id}`)
    },
    withdraw: async ({ id }) => {
      open--
      did.push(`withdraw ${id}`)
    },
    pause: () => Promise.resolve(),
    wordsFor: (error) => (error as Error).message,
  }
  return { ways, did, most: () => most }
}

async function proved(needs: Parameters<typeof platform>[0], isStopped = () => false) {
  const at = platform(needs)
  const last = new Map<string, Standing["is"]>()
  await proveAll(examples, { ways: at.ways, isStopped, tell: ({ notebook }, { is }) => last.set(notebook, is) })
  return { ...at, last: Object.fromEntries(last) }
}

test("each is proposed, waited for and promoted, two at a time; one that fails is taken back and keeps nobody else", async () => {
  const { last, did, most } = await proved({ a: 3, b: -1, c: "throws", d: 0 })
  expect(last).toEqual({ a: "promoted", b: "failed", c: "failed", d: "promoted" })
  expect(did.toSorted()).toEqual(["promote a", "promote d", "propose a", "propose b", "propose d", "withdraw b"])
  expect(most()).toBe(2)
})

test("stopped, what runs is taken back and the rest is not begun; what was promoted stays", async () => {
  let turns = 0
  const { last, did } = await proved({ a: 0, b: 100, c: 0, d: 0 }, () => ++turns > 4)
  expect(did).toContain("promote a")
  expect(did).toContain("withdraw b")
  expect(last).toMatchObject({ a: "promoted", b: "stopped", d: "stopped" })
})
