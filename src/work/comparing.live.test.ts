import { expect, test } from "vitest"
import { threadComparing } from "#work/adapters/comparing.ts"

function notebook(text: string): Uint8Array {
  const cell = {
    id: "a",
    cell_type: "code",
    metadata: {},
    source: "x",
    execution_count: 1,
    outputs: [{ output_type: "stream", name: "stdout", text }],
  }
  return new TextEncoder().encode(JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }))
}

const sides = (stored: Uint8Array, first: Uint8Array) => ({ stored, first, second: undefined, ranAtMs: undefined })

test("notebooks are compared aside, the same ones once however often they are asked for", async () => {
  const comparing = threadComparing()
  const asked = [1, 2, 3].map(() => comparing.reproduced(sides(notebook("a"), notebook("b"))))
  const answers = await Promise.all(asked)
  expect(answers[0]).toMatchObject({ ok: true, value: { isReproduced: false, counts: { differs: 1 } } })
  // What was compared once is the very same answer.
  expect(new Set(answers.map((answer) => answer.ok && answer.value)).size).toBe(1)
})

test("what takes too long, is too much, or is no notebook is said to be so", async () => {
  const late = await threadComparing(0).reproduced(sides(notebook("a"), notebook("b")))
  const broken = await threadComparing().reproduced(sides(notebook("a"), new TextEncoder().encode("{}")))
  const large = await threadComparing().reproduced(sides(new Uint8Array(100_000_001), notebook("b")))
  expect([late, broken, large].map((answer) => (answer.ok ? "" : answer.refusal))).toEqual([
    "It took too long to compare what is stored with what it showed.",
    "What it showed cannot be read as a notebook.",
    "What is stored and what it showed is too large to be compared here.",
  ])
})
