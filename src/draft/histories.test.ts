import { expect, test } from "vitest"
import { complaintsAbout, type Playing, play } from "#draft/testing.ts"

/**
 * Nothing is lost: every character that was typed, and that nobody deleted or undid, is there exactly once in the cells that are there
 * or were deleted by somebody meanwhile. All come to the same document.
 */
function bad(seeds: { readonly from: number; readonly count: number }, how: Pick<Playing, "steps" | "withUndo">): string[] {
  const found: string[] = []
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed++) {
    const complaints = complaintsAbout(play({ ...how, seed, people: 2 + (seed % 3) }))
    if (complaints.length > 0) found.push(`seed ${seed}: ${complaints.slice(0, 3).join("; ")}`)
  }
  return found
}

test("1,000 histories of two to four people come together, nothing lost and nothing there twice", { timeout: 120_000 }, () => {
  expect(bad({ from: 0, count: 1000 }, { steps: 20, withUndo: false })).toEqual([])
})

test("1,000 more in which people also undo", { timeout: 120_000 }, () => {
  expect(bad({ from: 5000, count: 1000 }, { steps: 20, withUndo: true })).toEqual([])
})

test("200 long ones, in which people undo splits and merges of text that others have moved on", { timeout: 120_000 }, () => {
  expect(bad({ from: 1000, count: 200 }, { steps: 60, withUndo: true })).toEqual([])
})

/** The smallest histories found in which text was doubled or lost while an undo did not say what it meant: seed, steps. */
const ONCE_BAD = [
  [6040, 14],
  [7739, 18],
  [1121, 20],
  [469, 20],
  [1241, 20],
  [6128, 21],
  [2445, 22],
  [138, 24],
  [829, 24],
  [1032, 30],
  [1096, 30],
  [1617, 30],
  [289, 34],
  [5965, 47],
  [23054, 11],
  [101317, 20],
  [104393, 20],
  [21298, 27],
  [11624, 39],
  [12321, 44],
  [22935, 48],
  [20422, 58],
  [20735, 60],
  [20741, 60],
  [42149, 60],
  [42497, 60],
  [42690, 60],
  [42957, 60],
  [43775, 60],
  [44459, 60],
  [44776, 60],
  [44988, 60],
  [53539, 60],
  [112424, 34],
  [806767, 45],
] as const

test.each(ONCE_BAD)("the history of seed %i, %i steps long, in which text was doubled or lost once", (seed, steps) => {
  expect(bad({ from: seed, count: 1 }, { steps, withUndo: true })).toEqual([])
})

test("a record that leads back to where text came from is followed to one end, always the same", () => {
  expect(bad({ from: 5462, count: 1 }, { steps: 20, withUndo: true })).toEqual([])
})

test("the complaint would be made", () => {
  const history = play({ seed: 3, people: 2, steps: 20, withUndo: false })
  const [server] = history.docs
  const cells = server?.getMap("cells") as ReturnType<NonNullable<typeof server>["getMap"]>
  for (const cell of cells.values()) (cell as typeof cells).set("life", "unborn")
  expect(complaintsAbout(history).join()).toMatch(/is there 0 times/)
  expect(complaintsAbout(history).join()).toMatch(/and the server/)
})
