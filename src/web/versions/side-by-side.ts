/** Two texts beside each other: what stayed in one row, what changed across from what it was, word by word. Pure. */
import { type Hunk, keptLines } from "#notebook/index.ts"

/** A stretch of a line; `changed` is what the other side does not have. */
export type Piece = { readonly text: string; readonly changed: boolean }
/** Lines count from 1. */
export type Line = { readonly number: number; readonly pieces: readonly Piece[] }
export type Row =
  | { readonly kind: "same" | "changed"; readonly before: Line | undefined; readonly after: Line | undefined }
  /** Lines that are the same and not shown. */
  | { readonly kind: "folded"; readonly count: number; readonly from: number }

export type Sides = { readonly before: string; readonly after: string; readonly hunks: readonly Hunk[] }

/** Unchanged lines further than `context` from a change are folded; never, where it is Infinity. */
export function sideBySide({ before, after, hunks }: Sides, context = 3): readonly Row[] {
  const [left, right] = [linesOf(before), linesOf(after)]
  const rows: Row[] = []
  let [i, j] = [0, 0]
  const same = (until: number) => {
    for (; i < until; i++, j++) rows.push({ kind: "same", before: whole(left, i), after: whole(right, j) })
  }
  for (const hunk of hunks) {
    same(hunk.before.start)
    rows.push(...changedRows(hunk))
    i = hunk.before.start + hunk.before.lines.length
    j = hunk.after.start + hunk.after.lines.length
  }
  same(left.length)
  return folded(rows, context)
}

/** As hunks count them: the end of the last line begins no other one. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/u, "").split("\n")
}

function whole(lines: readonly string[], index: number): Line {
  return { number: index + 1, pieces: [{ text: lines[index] ?? "", changed: false }] }
}

function changedRows({ before, after }: Hunk): readonly Row[] {
  const count = Math.max(before.lines.length, after.lines.length)
  return Array.from({ length: count }, (_, at): Row => {
    const [left, right] = [before.lines[at], after.lines[at]]
    const pieces = left !== undefined && right !== undefined ? words(bare(left), bare(right)) : undefined
    return {
      kind: "changed",
      before: left === undefined ? undefined : { number: before.start + at + 1, pieces: pieces?.before ?? [{ text: bare(left), changed: true }] },
      after: right === undefined ? undefined : { number: after.start + at + 1, pieces: pieces?.after ?? [{ text: bare(right), changed: true }] },
    }
  })
}

function bare(line: string): string {
  return line.replace(/\r?\n$/u, "")
}

// Where fewer of the words stayed than this, marking the others helps nobody: the line is another one.
const ALIKE = 0.3
const LONGEST = 2000

/** Both lines in pieces; the same text in both is not changed. */
export function words(before: string, after: string): { readonly before: readonly Piece[]; readonly after: readonly Piece[] } {
  const all = { before: [{ text: before, changed: true }], after: [{ text: after, changed: true }] }
  if (before.length > LONGEST || after.length > LONGEST) return all
  const [left, right] = [tokens(before), tokens(after)]
  const kept = keptLines(left, right)
  const stayed = kept.reduce((sum, [at]) => sum + (left[at]?.trim().length ?? 0), 0)
  if (stayed < ALIKE * Math.max(before.trim().length, after.trim().length)) return all
  return { before: pieces(left, new Set(kept.map(([at]) => at))), after: pieces(right, new Set(kept.map(([, at]) => at))) }
}

function tokens(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+|\s+|[^\s\p{L}\p{N}_]/gu) ?? []
}

function pieces(list: readonly string[], kept: ReadonlySet<number>): readonly Piece[] {
  const found: Piece[] = []
  for (const [at, text] of list.entries()) {
    const changed = !kept.has(at)
    const last = found.at(-1)
    if (last?.changed === changed) found[found.length - 1] = { text: last.text + text, changed }
    else found.push({ text, changed })
  }
  return found
}

function folded(rows: readonly Row[], context: number): readonly Row[] {
  const near = new Uint8Array(rows.length)
  for (const [at, row] of rows.entries()) if (row.kind === "changed") near.fill(1, Math.max(0, at - context), Math.min(rows.length, at + context + 1))
  const found: Row[] = []
  for (let at = 0; at < rows.length; ) {
    const row = rows[at] as Row
    let end = at
    while (end < rows.length && !near[end] && Number.isFinite(context)) end++
    // A fold that hides one line takes as much room as the line.
    if (end - at > 1 && row.kind === "same") found.push({ kind: "folded", count: end - at, from: row.before?.number ?? 1 })
    else found.push(...rows.slice(at, Math.max(end, at + 1)))
    at = Math.max(end, at + 1)
  }
  return found
}
