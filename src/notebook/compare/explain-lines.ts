/** Two texts as a reader of changes wants them: what is gone, what has come, a little around it, and what is only of the moment marked as such. */
import { keyOfLine, linesOf } from "#notebook/compare/text.ts"
import { segmentsOf } from "#notebook/compare/volatile.ts"
import { diffLines, type Hunk } from "#notebook/diff-lines.ts"

export type Segment = { readonly text: string; readonly isVolatile: boolean }

export type ExplainedLine =
  | { readonly is: "same" | "gone" | "come"; readonly segments: readonly Segment[] }
  /** So many lines that are the same, or that there was no room for. */
  | { readonly is: "folded" | "more"; readonly count: number }

const AROUND = 2
const MOST_LINES = 200
const LONGEST_LINE = 2000

export function linesApart(before: string, after: string): readonly ExplainedLine[] {
  const [left, right] = [linesOf(before), linesOf(after)]
  const alike = diffLines(left.map(keyOfLine), right.map(keyOfLine))
  // What the keys do not tell apart is a difference all the same where the comparison says so: a date that is not of now.
  const hunks = alike.length > 0 ? alike : diffLines(left, right)
  const all = rowsOf(right, left, hunks)
  const lines = folded(all)
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), { is: "more", count: lines.length - MOST_LINES }]
}

type Row = { readonly is: "same" | "gone" | "come"; readonly line: string }

/** What is the same is told as it is now. */
function rowsOf(after: readonly string[], before: readonly string[], hunks: readonly Hunk[]): readonly Row[] {
  const rows: Row[] = []
  let at = 0
  const keep = (to: number) => {
    for (; at < to; at++) rows.push({ is: "same", line: after[at] ?? "" })
  }
  for (const hunk of hunks) {
    keep(hunk.after.start)
    for (let i = 0; i < hunk.before.lines.length; i++) rows.push({ is: "gone", line: before[hunk.before.start + i] ?? "" })
    for (let i = 0; i < hunk.after.lines.length; i++) rows.push({ is: "come", line: after[hunk.after.start + i] ?? "" })
    at = hunk.after.start + hunk.after.lines.length
  }
  keep(after.length)
  return rows
}

/** Around each change a little; the rest is counted. */
function folded(rows: readonly Row[]): readonly ExplainedLine[] {
  const isNear = new Uint8Array(rows.length)
  for (const [at, { is }] of rows.entries()) if (is !== "same") isNear.fill(1, Math.max(0, at - AROUND), at + AROUND + 1)
  const lines: ExplainedLine[] = []
  let hidden = 0
  const fold = () => {
    if (hidden > 0) lines.push({ is: "folded", count: hidden })
    hidden = 0
  }
  for (const [at, { is, line }] of rows.entries()) {
    if (isNear[at] === 0) hidden++
    else {
      fold()
      lines.push({ is, segments: segmentsOf(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line) })
    }
  }
  fold()
  return lines
}
