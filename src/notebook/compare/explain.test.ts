import fc from "fast-check"
import { expect, test } from "vitest"
import type { Json } from "#base/json.ts"
import { type Explained, explainNotebooks, explainOutputs } from "#notebook/compare/explain.ts"
import { compareOutputs } from "#notebook/compare/outputs.ts"
import { frame, pngOf, printed, raised, shown } from "#notebook/compare/testing.ts"
import { segmentsOf } from "#notebook/compare/volatile.ts"
import type { Notebook, Output } from "#notebook/document.ts"
import { arbitraryOutput, notebookOf } from "#notebook/testing.ts"

/** One line each: "- gone", "+ come", "  same", volatile pieces in ⟨⟩. */
function picture({ detail }: Explained): readonly string[] {
  if (detail.as === "lines")
    return detail.lines.map((line) => {
      if ("count" in line) return `… ${line.count}`
      const mark = { same: " ", gone: "-", come: "+" }[line.is]
      return `${mark} ${line.segments.map(({ text, isVolatile }) => (isVolatile ? `⟨${text}⟩` : text)).join("")}`
    })
  if (detail.as === "table") {
    const head = detail.table.columns.map(({ name, is }) => `${{ same: "", gone: "-", come: "+" }[is]}${name}`).join(" | ")
    const rows = detail.table.rows.map(
      ({ is, at, values }) => `${is} ${at}: ${values.map(({ text, before }) => (before === undefined ? text : `${before}→${text}`)).join(" | ")}`,
    )
    return [head, ...rows]
  }
  return detail.as === "places" ? detail.places.map(({ path, before, after }) => `${path}: ${before ?? "-"} → ${after ?? "-"}`) : [detail.as]
}

const one = (before: Output, after: Output): Explained => explainOutputs([before], [after])[0]!

test("a text: what went and what came, a little around it, what is of the moment marked and no change", () => {
  const text = (total: string, took: string, at: string) =>
    `<Frame object at ${at}>\n${Array.from({ length: 9 }, (_, row) => `row ${row}`).join("\n")}\ntotal ${total}\nit took ${took} s\n`
  const said = one(printed(text("7", "1.25", "0x7f3a1c2b4d60")), printed(text("8", "2.5", "0x7fa00c2b1110")))
  expect([said.is, said.name]).toEqual(["differs", "standard output"])
  expect(picture(said)).toEqual(["… 8", "  row 7", "  row 8", "- total 7", "+ total 8", "  it took ⟨2.5 s⟩"])
})

test("a date that is not of now is a difference, though it looks like what is of the moment", () => {
  const NOW = Date.UTC(2026, 10, 26)
  const [said] = explainOutputs([printed("as of 2026-11-26")], [printed("as of 2019-01-01")], { ranAtMs: NOW })
  expect([said?.is, picture(said!)]).toEqual(["differs", ["- as of ⟨2026-11-26⟩", "+ as of ⟨2019-01-01⟩"]])
})

test("a table: columns by name, rows found again by what they hold, values with what they were; rounding is none", () => {
  const html = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]) => shown({ "text/html": frame(columns, rows) })
  expect(
    picture(
      one(
        html(
          ["city", "sum"],
          [
            ["Bern", 1],
            ["Köln", 2],
          ],
        ),
        html(
          ["city", "sum"],
          [
            ["Bern", 1.0000000000001],
            ["Köln", 3],
          ],
        ),
      ),
    ),
  ).toEqual([" | city | sum", "changed 2: 1 | Köln | 2→3"])
  const [four, three] = [html(["city"], [["Bern"], ["Graz"], ["Köln"], ["Linz"]]), html(["city"], [["Bern"], ["Köln"], ["Linz"]])]
  expect(picture(one(four, three))).toEqual([" | city", "gone 2: 1 | Graz"])
  expect(picture(one(three, four))).toEqual([" | city", "come 2: 1 | Graz"])
  expect(picture(one(html(["city", "old"], [["Bern", 1]]), html(["city", "new"], [["Bern", 2]])))[0]).toBe(" | city | -old | +new")
})

test("JSON: every place that differs, up to fifty; what a library makes up anew each time is none", () => {
  const json = (value: unknown) => shown({ "application/json": value as Json })
  expect(picture(one(json({ a: 1, uid: "x1", list: [1, 2], gone: true }), json({ a: 2, uid: "y7", list: [1, 3, 4] })))).toEqual([
    "a: 1 → 2",
    "list[1]: 2 → 3",
    "list[2]: - → 4",
    "gone: true → -",
  ])
  const many = (step: number) => json(Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`k${at}`, at + step])))
  expect(one(many(0), many(1)).detail).toMatchObject({ as: "places", more: true, places: { length: 50 } })
})

test("pictures, widgets and what is only on one side are to be looked at whole, each by its place among the outputs", () => {
  const png = (grey: number) => shown({ "image/png": pngOf({ width: 1, height: 1, rgba: new Uint8Array([grey, grey, grey, 255]) }) })
  expect(one(png(0), png(200))).toMatchObject({ is: "differs", kind: "picture", before: [0], after: [0], detail: { as: "whole" } })
  const all = explainOutputs([printed("a"), png(0)], [printed("a"), printed("b", "stderr"), png(0), raised("KeyError", "x")])
  expect(all.map(({ name, is, before, after }) => `${name} ${is} ${before} ${after}`)).toEqual([
    "standard output same 0 0",
    "standard error differs  1",
    "picture same 1 2",
    "error differs  3",
  ])
})

test("what is said of each is what the comparison says, whatever is shown", () => {
  fc.assert(
    fc.property(fc.array(arbitraryOutput, { maxLength: 4 }), fc.array(arbitraryOutput, { maxLength: 4 }), (before, after) => {
      const [left, right] = [before, after] as [Output[], Output[]]
      const explained = explainOutputs(left, right)
      expect(explained.map(({ is, why }) => [is, why]).sort()).toEqual(
        compareOutputs(left, right)
          .parts.map(({ is, why }) => [is, why])
          .sort(),
      )
    }),
  )
})

test("the pieces of a line are the line again", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      (line) =>
        segmentsOf(line)
          .map(({ text }) => text)
          .join("") === line,
    ),
  )
  const line = "at 0x7f3a1c2b4d60 and 0x7fa00c2b1110, it took 1.5 s"
  expect(segmentsOf(line).filter(({ isVolatile }) => isVolatile)).toHaveLength(3)
})

test("cells are found again where parameters were put in front of them, and what is gone is told with what it showed", () => {
  const cell = (id: string, text: string) => ({
    id,
    cell_type: "code" as const,
    source: id,
    metadata: {},
    execution_count: 1,
    outputs: [printed(text)],
  })
  const before = { ...notebookOf(), cells: [cell("a", "1"), cell("b", "2"), cell("old", "3")] } as unknown as Notebook
  const injected = { ...cell("i", ""), outputs: [], metadata: { tags: ["injected-parameters"] } }
  const after = { ...notebookOf(), cells: [injected, cell("a", "1"), cell("b", "9")] } as unknown as Notebook
  expect(explainNotebooks(before, after).map(({ cell: id, is, at, explained }) => [id, is, at.before, at.after, explained.length])).toEqual([
    ["a", "same", 0, 1, 0],
    ["b", "differs", 1, 2, 1],
    ["old", "missing", 2, undefined, 1],
  ])
})
