import fc from "fast-check"
import { expect, test } from "vitest"
import { diff, type NotebookDiff } from "#notebook/diff.ts"
import { diffLines, diffText } from "#notebook/diff-lines.ts"
import type { Cell, Notebook } from "#notebook/document.ts"
import { arbitraryNotebook, notebookOf, reading } from "#notebook/testing.ts"
import { write } from "#notebook/write.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

/** One line a cell: what became of it, in the order of the result. */
function trace({ cells }: NotebookDiff): readonly string[] {
  return cells.map(({ kind, moved, before, after, source }) => {
    const lines = source.map((hunk) => `${"-".repeat(hunk.before.lines.length)}${"+".repeat(hunk.after.lines.length)}`).join(" ")
    return `${before?.index ?? "."}>${after?.index ?? "."} ${kind}${moved && kind !== "moved" ? " moved" : ""} ${lines}`.trimEnd()
  })
}

function withCell(notebook: Notebook, index: number, change: object): Notebook {
  return { ...notebook, cells: notebook.cells.map((cell, i) => (i === index ? ({ ...cell, ...change } as Cell) : cell)) }
}

/** The same cells under other ids, as a notebook before 4.5 would come back. */
function renamed(notebook: Notebook): Notebook {
  return { ...notebook, cells: notebook.cells.map((cell, i) => ({ ...cell, id: `other-${i}` })) }
}

test("nothing changed between a notebook and itself, whatever the ids", LONG, () => {
  fc.assert(
    fc.property(arbitraryNotebook, (notebook) => {
      for (const again of [reading(write(notebook)).notebook, renamed(notebook)]) {
        const { cells, members, noise, summary } = diff(notebook, again)
        expect({ members, noise, kinds: new Set(cells.map((cell) => cell.kind)).size }).toEqual({
          members: [],
          noise: false,
          kinds: Math.min(1, notebook.cells.length),
        })
        expect(summary.same).toBe(notebook.cells.length)
      }
    }),
    { numRuns: 60 },
  )
})

test("where an object lay in memory is no change of what was shown; what it is, is", () => {
  const shows = (text: string) => {
    const output = { output_type: "execute_result", execution_count: 1, metadata: {}, data: { "text/plain": text } }
    return withCell(notebookOf("plot()"), 0, { outputs: [output] })
  }
  const changed = (before: string, after: string) => diff(shows(before), shows(after)).cells.flatMap(({ outputs }) => outputs)
  expect(changed("<Axes at 0x7f3a1c2b4d60>", "<Axes at 0x7f99aa2b4d10>")).toEqual([])
  expect(changed("<Axes at 0x7f3a1c2b4d60>", "<Figure at 0x7f99aa2b4d10>")).toEqual([{ before: 0, after: 0 }])
  expect(changed("0x10", "0x20")).toEqual([{ before: 0, after: 0 }])
})

test("cells are found again by id: changed, added, removed, moved", () => {
  const before = notebookOf("a: one\ntwo\nthree", "b: keep", "c: gone", "d: travels", "e: last")
  const after = notebookOf("d: travels", "a: one\n2\nthree\nfour", "b: keep", "n: new\ncell", "e: last")
  expect(trace(diff(before, after))).toEqual(["3>0 moved", "0>1 changed -+ +", "1>2 same", "2>. removed -", ".>3 added ++", "4>4 same"])
  expect(diff(before, after).summary).toEqual({ same: 2, changed: 1, added: 1, removed: 1, moved: 1, outputs: 0, linesAdded: 4, linesRemoved: 2 })
})

test("without ids that stay, cells are found again by what is in them", () => {
  const before = notebookOf(
    "import numpy as np\nx = np.arange(10)",
    "# Title",
    "x.sum()",
    "for i in range(10):\n    print(i)\n    total += i",
    "y = x + 1",
  )
  const after = renamed(
    notebookOf(
      "# Title",
      "import numpy as np\nx = np.arange(20)",
      "x.mean()",
      "z = 5",
      "for i in range(10):\n    print(i)\n    total += 2 * i",
      "y = x + 1",
    ),
  )
  expect(trace(diff(before, after))).toEqual(["1>0 moved", "0>1 changed -+", "2>2 changed -+", ".>3 added +", "3>4 changed -+", "4>5 same"])
})

test("when one of several equal cells goes, the others have not moved", () => {
  const before = notebookOf("plt.show()", "a", "plt.show()", "b", "plt.show()", "c", "plt.show()")
  const after = renamed(notebookOf("a", "plt.show()", "b", "plt.show()", "c", "plt.show()"))
  expect(trace(diff(before, after))).toEqual(["0>. removed -", "1>0 same", "2>1 same", "3>2 same", "4>3 same", "5>4 same", "6>5 same"])
})

test("a cell that became another one is told as removed and added", () => {
  expect(trace(diff(notebookOf("x = load('a.csv')"), renamed(notebookOf("while True: pass"))))).toEqual(["0>. removed -", ".>0 added +"])
})

test("a change of type, of metadata, of attachments and of unknown keys is told by path", () => {
  const before = withCell(notebookOf("x", "y"), 0, { metadata: { tags: ["a"], same: 1 }, attachments: { "a.png": { "image/png": "A" } } })
  const after = withCell(before, 0, {
    cell_type: "raw",
    metadata: { tags: ["a", "b"], same: 1, "my key": 2 },
    attachments: undefined as never,
    mood: "sunny",
  })
  const { attachments: _, ...cell } = after.cells[0] as Cell
  const [changed] = diff(before, withCell({ ...after, cells: [cell as Cell, ...after.cells.slice(1)] }, 1, {})).cells
  expect(changed).toMatchObject({ kind: "changed", type: { before: "code", after: "raw" }, source: [], outputs: [] })
  expect(changed?.members).toEqual([
    { path: "metadata.tags", before: ["a"], after: ["a", "b"] },
    { path: 'metadata["my key"]', before: undefined, after: 2 },
    { path: "attachments", before: { "a.png": { "image/png": "A" } }, after: undefined },
    { path: "mood", before: undefined, after: "sunny" },
  ])
})

test("changes of the notebook's own metadata are told, those of its format are not", () => {
  const before = { ...notebookOf(), metadata: { kernelspec: { name: "a" }, gone: 1 } } as unknown as Notebook
  const after = { ...notebookOf(), nbformat_minor: 9, $schema: "s", metadata: { kernelspec: { name: "b" } } } as unknown as Notebook
  expect(diff(before, after).members).toEqual([
    { path: "metadata.kernelspec", before: { name: "a" }, after: { name: "b" } },
    { path: "metadata.gone", before: 1, after: undefined },
    { path: "$schema", before: undefined, after: "s" },
  ])
})

const stream = (text: string) => ({ output_type: "stream", name: "stdout", text })
const result = (text: string, execution_count: number) => ({
  output_type: "execute_result",
  data: { "text/plain": text },
  metadata: {},
  execution_count,
})

test("outputs are compared one by one, and equal ones at both ends are left out", () => {
  const outputsOf = (...outputs: readonly object[]) => withCell(notebookOf("x"), 0, { outputs })
  const changes = (before: Notebook, after: Notebook) =>
    diff(before, after).cells[0]?.outputs.map((change) => `${change.before ?? "."}>${change.after ?? "."}`)
  expect(changes(outputsOf(stream("a"), stream("b")), outputsOf(stream("a"), stream("c"), stream("b")))).toEqual([".>1"])
  expect(changes(outputsOf(stream("a"), stream("b")), outputsOf(stream("b")))).toEqual(["0>."])
  expect(changes(outputsOf(stream("a"), result("1", 1)), outputsOf(stream("z"), result("1", 9)))).toEqual(["0>0"])
  expect(changes(outputsOf(stream("a"), stream("m"), stream("b")), outputsOf(stream("c"), stream("m"), stream("d")))).toEqual(["0>0", "2>2"])
  expect(changes(outputsOf(stream("a")), outputsOf(stream("a"), stream("a")))).toEqual([".>1"])
  expect(diff(outputsOf(), outputsOf(stream("a"))).summary.outputs).toBe(1)
})

test("what running alone changes is noise, not a change", () => {
  const before = withCell(notebookOf("x"), 0, { execution_count: 1, outputs: [result("1", 1)] })
  for (const change of [
    { execution_count: 2 },
    { outputs: [result("1", 2)] },
    { metadata: { execution: { "iopub.status.busy": "2026-01-01T00:00:00Z" } } },
    { metadata: { papermill: { duration: 1.5 } } },
  ]) {
    const compared = diff(before, withCell(before, 0, change))
    expect(compared.noise).toBe(true)
    expect(compared.cells[0]).toMatchObject({ kind: "same", noise: true, members: [], outputs: [] })
  }
  expect(diff(before, { ...before, metadata: { papermill: { duration: 1 } } })).toMatchObject({ noise: true, members: [] })
})

test("every cell of both sides is told exactly once, the later side in its order", LONG, () => {
  const sources = fc.array(fc.constantFrom("a", "b", "c\nd", "c\nd\ne", "", "print(1)", "print(2)", "# t"), { maxLength: 12 })
  fc.assert(
    fc.property(sources, sources, fc.boolean(), (left, right, sameIds) => {
      const before = notebookOf(...left)
      const after = sameIds ? notebookOf(...right) : renamed(notebookOf(...right))
      const { cells, summary } = diff(before, after)
      expect(cells.flatMap((cell) => cell.after?.index ?? [])).toEqual([...right.keys()])
      expect(cells.flatMap((cell) => cell.before?.index ?? []).sort((a, b) => a - b)).toEqual([...left.keys()])
      const still = cells.filter((cell) => cell.before && !cell.moved).map((cell) => cell.before?.index ?? 0)
      expect(still).toEqual([...still].sort((a, b) => a - b))
      expect(summary.same + summary.changed + summary.added + summary.removed + cells.filter((cell) => cell.kind === "moved").length).toBe(
        cells.length,
      )
      for (const { kind, before: from, after: to } of cells) if (kind === "same" || kind === "moved") expect(to?.cell.source).toBe(from?.cell.source)
    }),
    { numRuns: 1000 },
  )
})

const lines: fc.Arbitrary<string[]> = fc.array(fc.constantFrom<string[]>("a\n", "b\n", "c\n", "d"), { maxLength: 14 })

test("hunks make the one text of the other, and are as few lines as can be", LONG, () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const hunks = diffLines(before, after)
      const made = [...before]
      for (const hunk of [...hunks].reverse()) {
        expect(made.splice(hunk.before.start, hunk.before.lines.length, ...hunk.after.lines)).toEqual(hunk.before.lines)
        expect(after.slice(hunk.after.start, hunk.after.start + hunk.after.lines.length)).toEqual(hunk.after.lines)
      }
      expect(made).toEqual(after)
      const edits = hunks.reduce((sum, hunk) => sum + hunk.before.lines.length + hunk.after.lines.length, 0)
      expect(edits).toBe(before.length + after.length - 2 * longestCommon(before, after))
    }),
    { numRuns: 2000 },
  )
})

/** The length of the longest common subsequence, by the slow book method. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const left of a) {
    const next = [0]
    for (const [j, right] of b.entries()) next.push(left === right ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0))
    row = next
  }
  return row[b.length] ?? 0
}

test("hunks say where they stand on each side", () => {
  expect(diffText("a\nb\nc\n", "a\nB\nc\nd")).toEqual([
    { before: { start: 1, lines: ["b\n"] }, after: { start: 1, lines: ["B\n"] } },
    { before: { start: 3, lines: [] }, after: { start: 3, lines: ["d"] } },
  ])
})

test("a line end that the last line gets or loses is told only if nothing else changed", () => {
  expect(diffText("a\nb", "a\nb\n")).toEqual([{ before: { start: 1, lines: ["b"] }, after: { start: 1, lines: ["b\n"] } }])
  expect(diffText("a", "a\nb")).toEqual([{ before: { start: 1, lines: [] }, after: { start: 1, lines: ["b"] } }])
  expect(diffText("", "\n")).toEqual([{ before: { start: 0, lines: [] }, after: { start: 0, lines: ["\n"] } }])
})

test("texts and documents that have nothing in common are compared as quickly as those that have", LONG, () => {
  const text = (word: string) => Array.from({ length: 50_000 }, (_, i) => `${word} ${i}`).join("\n")
  expect(diffText(text("a"), text("b"))).toHaveLength(1)
  const many = (word: string) => notebookOf(...Array.from({ length: 3000 }, (_, i) => `${word}${i} = f(${i})\n${word}`))
  expect(diff(many("x"), renamed(many("y"))).cells.length).toBeGreaterThanOrEqual(3000)
})
