import fc from "fast-check"
import { expect, test } from "vitest"
import { type Cell, diff, type Notebook } from "#notebook/index.ts"
import { type Row, sideBySide, words } from "#web/versions/side-by-side.ts"
import { dayWords, type RunView, timeline, type VersionView } from "#web/versions/timeline.ts"

const version = (number: number, createdAt: string) => ({ number, createdAt }) as VersionView
const run = (version: number, createdAt: string, state: RunView["state"] = "succeeded") => ({ version, createdAt, state }) as RunView

test("versions and runs by day, the newest first, runs of one version together", () => {
  const days = timeline(
    [version(3, "2026-02-02T10:00:00Z"), version(2, "2026-02-01T10:00:00Z")],
    [run(3, "2026-02-02T12:00:00Z", "failed"), run(3, "2026-02-02T11:00:00Z"), run(2, "2026-02-02T09:00:00Z"), run(1, "2026-01-31T00:00:00Z")],
    (iso) => iso.slice(0, 10),
  )
  const said = days.map(({ day, entries }) => [
    day,
    ...entries.map((one) => (one.kind === "version" ? `v${one.version.number}` : `${one.runs.length} of v${one.version}, ${one.failures} failed`)),
  ])
  expect(said).toEqual([
    ["2026-02-02", "2 of v3, 1 failed", "v3", "1 of v2, 0 failed"],
    ["2026-02-01", "v2"],
  ])
})

test("days have names while they are near", () => {
  expect([dayWords("2026-02-02", "2026-02-02"), dayWords("2026-02-01", "2026-02-02")]).toEqual(["Today", "Yesterday"])
  expect(dayWords("2026-01-01", "2026-02-02")).toMatch(/2026/)
})

function rows(before: string, after: string, context?: number): readonly Row[] {
  const of = (source: string): Notebook =>
    ({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [{ id: "a", cell_type: "code", source, metadata: {}, outputs: [], execution_count: null } as unknown as Cell],
    }) as unknown as Notebook
  const cell = diff(of(before), of(after)).cells[0]
  return sideBySide({ before, after, hunks: cell?.source ?? [] }, context)
}

/** "1 a | 1 b", what changed in brackets. */
function picture(all: readonly Row[]): readonly string[] {
  const side = (line: Extract<Row, { before: unknown }>["before"]) =>
    line ? `${line.number} ${line.pieces.map(({ text, changed }) => (changed ? `[${text}]` : text)).join("")}` : ""
  return all.map((row) => (row.kind === "folded" ? `… ${row.count} from ${row.from}` : `${side(row.before)} | ${side(row.after)}`))
}

test("a changed line stands across from what it was, the words that changed marked", () => {
  expect(picture(rows('a = load("EU", 2025)\nb', 'a = load("US", 2025)\nb\nc'))).toEqual([
    '1 a = load("[EU]", 2025) | 1 a = load("[US]", 2025)',
    "2 b | 2 b",
    " | 3 [c]",
  ])
  expect(words("import os", "df.plot()")).toEqual({ before: [{ text: "import os", changed: true }], after: [{ text: "df.plot()", changed: true }] })
})

test("what stayed far from a change is folded", () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`)
  const changed = lines.with(10, "line ten")
  expect(picture(rows(lines.join("\n"), changed.join("\n"), 1))).toEqual([
    "… 9 from 1",
    "10 line 9 | 10 line 9",
    "11 line [10] | 11 line [ten]",
    "12 line 11 | 12 line 11",
    "… 8 from 13",
  ])
})

test("whatever the texts, both sides read from top to bottom are the texts", () => {
  const text = fc.array(fc.constantFrom("a", "b", "a b", "", "def f(x):", "  return x"), { maxLength: 12 }).map((lines) => lines.join("\n"))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const all = rows(before, after, Number.POSITIVE_INFINITY)
      const side = (name: "before" | "after") =>
        all.flatMap((row) => (row.kind === "folded" || !row[name] ? [] : [row[name].pieces.map((piece) => piece.text).join("")])).join("\n")
      expect([side("before"), side("after")]).toEqual([before, after].map(trimmed))
      const numbers = (name: "before" | "after") => all.flatMap((row) => (row.kind === "folded" || !row[name] ? [] : [row[name].number]))
      expect(numbers("before")).toEqual(numbers("before").map((_, at) => at + 1))
      expect(numbers("after")).toEqual(numbers("after").map((_, at) => at + 1))
    }),
  )
})

/** The end of the last line begins no other one. */
function trimmed(text: string): string {
  return text.replace(/\n$/u, "")
}
