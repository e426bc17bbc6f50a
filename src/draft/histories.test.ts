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

test("1,000 histories of two to four people come together, nothing lost and nothing there twice", { timeout: 60_000 }, () => {
  expect(bad({ from: 0, count: 1000 }, { steps: 20, withUndo: false })).toEqual([])
})

test("1,000 more in which people also undo", { timeout: 60_000 }, () => {
  expect(bad({ from: 5000, count: 1000 }, { steps: 20, withUndo: true })).toEqual([])
})

test("the complaint would be made", () => {
  const history = play({ seed: 3, people: 2, steps: 20, withUndo: false })
  const [server] = history.docs
  const cells = server?.getMap("cells") as ReturnType<NonNullable<typeof server>["getMap"]>
  for (const cell of cells.values()) (cell as typeof cells).set("life", "unborn")
  expect(complaintsAbout(history).join()).toMatch(/is there 0 times/)
  expect(complaintsAbout(history).join()).toMatch(/and the server/)
})
