import { expect, test } from "vitest"
import { reproduced } from "#notebook/compare/proof.ts"
import { printed } from "#notebook/compare/testing.ts"
import type { Notebook } from "#notebook/document.ts"
import { notebookOf } from "#notebook/testing.ts"

/** Cells that printed this; "" printed nothing, undefined was not run. */
function ran(...texts: readonly (string | undefined)[]): Notebook {
  const notebook = notebookOf(...texts.map((_, at) => `x${at}`))
  const cells = notebook.cells.map((cell, at) => {
    const text = texts[at]
    return { ...cell, outputs: text ? [printed(text)] : [], execution_count: text === undefined ? null : at + 1 }
  })
  return { ...notebook, cells } as Notebook
}

function told(stored: Notebook, first: Notebook, second?: Notebook): string {
  return reproduced(stored, { first, second })
    .cells.map(({ number, is }) => `${number} ${is}`)
    .join(", ")
}

test("one rerun finds what is not shown again, and cannot say whether that is chance", () => {
  expect(told(ran("a", "b", "c"), ran("a", "x", undefined))).toBe("1 same, 2 differs, 3 missing")
  expect(reproduced(ran("a"), { first: ran("a") }).isReproduced).toBe(true)
  expect(reproduced(ran("a"), { first: ran("b") }).isReproduced).toBe(false)
})

test("with a second one, what comes out otherwise each time is told from what has changed", () => {
  expect(told(ran("a", "b", "c"), ran("a", "x", "7"), ran("a", "x", "8"))).toBe("1 same, 2 differs, 3 varies")
  // Even where the first happened to come out as stored.
  expect(told(ran("7"), ran("7"), ran("8"))).toBe("1 varies")
  expect(reproduced(ran("7"), { first: ran("8"), second: ran("9") }).cells[0]?.why).toBe(
    "It comes out otherwise each time. Line 1 of the standard output was “8” and is “9”.",
  )
})

test("a notebook that holds no outputs is not held against its rerun", () => {
  expect(reproduced(ran(undefined, undefined), { first: ran("a", "b"), second: ran("a", "b") })).toMatchObject({
    isReproduced: true,
    counts: { unknown: 2 },
  })
})
