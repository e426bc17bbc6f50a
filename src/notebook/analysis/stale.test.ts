import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { openAnalyst } from "#notebook/analysis/analysis.ts"

/** What is stale when these sources are there, and those ran in this order ("2 1" or "1:x = 0 2": cell 1 with another source). */
async function stale(sources: readonly string[], ran: string): Promise<string> {
  const analyst = await openAnalyst("python")
  const cells = sources.map((source, at) => ({ id: String(at + 1), source, sourceSha256: source }))
  const executed = new Map(
    ran.split(" / ").map((each, order) => {
      const [id = "", source = sources[Number(id) - 1] ?? ""] = each.split(": ")
      return [id, { sourceSha256: source, order }] as const
    }),
  )
  return [...analyst.stale(cells, executed)]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([id, found]) => (found.why === "edited" ? `${id} edited` : `${id} by ${found.on} ${found.name}`))
    .join(", ")
}

const CHAIN = ["a = 1", "b = a", "c = b", "other = 1"]

test.each<readonly [what: string, sources: readonly string[], ran: string, expected: string]>([
  ["nothing is, after everything ran in order", CHAIN, "1 / 2 / 3 / 4", ""],
  ["what was edited, and what depends on it, and so on", CHAIN, "1: a = 0 / 2 / 3 / 4", "1 edited, 2 by 1 a, 3 by 2 b"],
  ["what used a cell that ran again", CHAIN, "2 / 3 / 1 / 4", "2 by 1 a, 3 by 2 b"],
  ["what never ran cannot be", CHAIN, "1: a = 0", "1 edited"],
  ["what used a cell that has not run in this session", CHAIN, "2 / 4", "2 by 1 a"],
  ["a cell that changes what it reads", ["n = 0", "n += 1", "n"], "1 / 2 / 3", ""],
  ["through a function", ["def f(): return k", "k = 1", "f()"], "1 / 2: k = 0 / 3", "2 edited, 3 by 2 k"],
  ["a later cell that changed it before this one ran", ["x = []", "x", "x.append(1)"], "1 / 3: x.append(0) / 2", "2 by 3 x, 3 edited"],
  ["markdown's words are nobody's", ["a = 1", "# a"], "1: a = 0 / 2", "1 edited"],
])("%s", async (_, sources, ran, expected) => expect(await stale(sources, ran)).toBe(expected))

test("a keystroke costs one cell", async () => {
  const analyst = await openAnalyst("python")
  const source = Array.from(
    { length: 12 },
    (_, i) => `value_${i} = [x * ${i} for x in range(10) if x > ${i}]\nprint(value_${i}, f"{value_${i}!r}")`,
  ).join("\n")
  const cells = Array.from({ length: 300 }, (_, i) => ({ id: String(i), source: `${source}\nlast_${i} = ${i}`, sourceSha256: "" }))
  const spent = (work: () => void): number => {
    const spentMs = stopwatch()
    work()
    return spentMs()
  }
  const first = spent(() => analyst.stale(cells, new Map()))
  const typed = (i: number) => cells.map((cell, at) => (at === 7 ? { ...cell, source: `${cell.source}${i}` } : cell))
  const quickest = Math.min(...Array.from({ length: 10 }, (_, i) => spent(() => analyst.stale(typed(i), new Map()))))
  expect(quickest).toBeLessThan(first / 4)
})
