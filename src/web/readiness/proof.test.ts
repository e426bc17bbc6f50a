import { expect, test } from "vitest"
import { apartIn, type Proof, type ProvenCell, proofWords } from "#web/readiness/proof.ts"

function proof(state: Proof["state"], times: number, ...kinds: readonly ProvenCell["is"][]): Proof {
  const cells = kinds.map((is, at) => ({ cell: `c${at}`, number: at + 1, is, why: "" }))
  return { state, version: 3, runs: ["1", "2"].slice(0, times), cells } as unknown as Proof
}

test.each([
  [proof("running", 1), "Version 3 runs from a fresh kernel."],
  [proof("running", 2), "Version 3 runs from a fresh kernel, twice."],
  [proof("clean", 1, "same", "same_but_volatile", "unknown"), "Version 3 ran from a fresh kernel and showed what it holds."],
  [proof("clean", 2, "same"), "Version 3 ran twice from a fresh kernel and showed what it holds."],
  [proof("clean", 1, "unknown"), "Version 3 ran from a fresh kernel to its end. It holds no outputs to compare with."],
  [proof("clean", 1), "Version 3 ran from a fresh kernel to its end. It shows nothing."],
  [proof("differs", 1, "same", "differs"), "Version 3 ran from a fresh kernel. 1 cell shows something else."],
  [
    proof("differs", 2, "missing", "differs", "varies"),
    "Version 3 ran twice from a fresh kernel. 2 cells show something else, 1 comes out otherwise each time.",
  ],
  [proof("differs", 2, "varies", "varies"), "Version 3 ran twice from a fresh kernel. 2 cells come out otherwise each time."],
  [proof("failed", 1), "Version 3 does not rerun."],
  [proof("unclear", 1), "Version 3 ran from a fresh kernel, and nobody can tell what came of it."],
])("a proof is told in a sentence", (given, words) => {
  expect(proofWords(given)).toBe(words)
})

test("only cells that did not show what is stored are listed", () => {
  const kinds = ["same", "same_but_volatile", "unknown", "missing", "differs", "varies"] as const
  expect(apartIn(proof("differs", 1, ...kinds)).map(({ is }) => is)).toEqual(["missing", "differs", "varies"])
})
