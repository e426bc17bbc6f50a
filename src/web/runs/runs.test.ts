import { expect, test } from "vitest"
import { filterOf, isFiltered, queryOf } from "#web/runs/filter.ts"
import { type RunView, withNewest } from "#web/runs/pages.ts"

const NOW = Date.parse("2026-02-01T12:00:00Z")

test("an address is read as a filter, and what is not understood shows more rather than nothing", () => {
  const filter = filterOf({ state: ["failed", "weird", "lost"], since: "24h", by: "me", q: "EU", trigger: "cron", version: "12", until: "yesterday" })
  expect(queryOf(filter, { me: "ME", now: NOW })).toEqual({
    state: ["failed", "lost"],
    since: "2026-01-31T12:00:00.000Z",
    orderedBy: "ME",
    text: "EU",
    version: 12,
  })
  expect(isFiltered(filter)).toBe(true)
  expect(isFiltered(filterOf({}))).toBe(false)
  expect(queryOf(filterOf({}), { me: "ME", now: NOW })).toEqual({})
})

const run = (id: string, state = "succeeded") => ({ id, state }) as RunView
const said = (list: readonly RunView[]) => list.map(({ id, state }) => `${id}${state === "running" ? "…" : ""}`).join(" ")

test("the newest part replaces what it knows better and keeps what it does not reach", () => {
  const known = [run("5", "running"), run("4"), run("3"), run("2")]
  const { runs, isGap } = withNewest(known, [run("6", "running"), run("5"), run("4")], true)
  expect([said(runs), isGap]).toEqual(["6… 5 4 3 2", false])
})

test("a run that no longer belongs to the list leaves it", () => {
  expect(said(withNewest([run("5"), run("4"), run("3")], [run("5"), run("3")], true).runs)).toBe("5 3")
  expect(withNewest([run("5")], [], false).runs).toEqual([])
})

test("where so many are new that the parts do not meet, it is said", () => {
  const { runs, isGap } = withNewest([run("3"), run("2")], [run("9"), run("8")], true)
  expect([said(runs), isGap]).toEqual(["9 8", true])
})
