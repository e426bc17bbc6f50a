/**
 * Which cells of a long notebook are drawn: those on the screen and a screenful around it. What is not drawn is blank space of the
 * height that was measured when it was last drawn, or that its text lets one expect. Pure.
 */
export type Span = {
  /** Indexes of the first cell drawn and the one after the last. */
  readonly from: number
  readonly to: number
  /** Pixels before the first and after the last. */
  readonly before: number
  readonly after: number
}

export type Screen = { readonly top: number; readonly height: number; readonly margin: number }

export function spanOf(count: number, heightAt: (index: number) => number, screen: Screen): Span {
  const first = screen.top - screen.margin
  const last = screen.top + screen.height + screen.margin
  let y = 0
  let from = -1
  let before = 0
  let to = count
  let bottom = -1
  for (let at = 0; at < count; at++) {
    const height = heightAt(at)
    if (from < 0 && y + height > first) {
      from = at
      before = y
    }
    y += height
    if (bottom < 0 && y >= last) {
      to = at + 1
      bottom = y
    }
  }
  if (from < 0) return { from: count, to: count, before: y, after: 0 }
  return { from, to: bottom < 0 ? count : to, before, after: bottom < 0 ? 0 : y - bottom }
}

/** Whether they have no row in common. */
export function areApart(a: Span, b: Span): boolean {
  return a.to <= b.from || b.to <= a.from
}

/** Pixels above a cell. */
export function offsetOf(index: number, heightAt: (index: number) => number): number {
  let y = 0
  for (let at = 0; at < index; at++) y += heightAt(at)
  return y
}

export type Expected = {
  readonly type: string
  readonly text: string
  readonly hasOutputs: boolean
  readonly hidesCode: boolean
  readonly hidesOutput: boolean
}

/** Pixels; they are those of the style sheet, so that code that was never drawn is exactly as high as expected. */
const LINE_PX = 21
const ROW_PX = 22
const CODE_PADDING_PX = 16
const PROSE_LINE_PX = 25
const UNSEEN_OUTPUT_PX = 120
const COLLAPSED_PX = 30

/** `columns`: how many characters of prose go on a line. */
export function expectedHeight(cell: Expected, columns = 72): number {
  const lines = linesIn(cell.text)
  if (cell.type === "markdown") {
    const wrapped = cell.text.split("\n", 400).reduce((sum, line) => sum + Math.max(0.5, Math.ceil(line.length / columns)), 0)
    return Math.ceil(wrapped * PROSE_LINE_PX) + ROW_PX
  }
  const code = cell.hidesCode ? COLLAPSED_PX : lines * LINE_PX + CODE_PADDING_PX
  const output = !cell.hasOutputs ? 0 : cell.hidesOutput ? COLLAPSED_PX : UNSEEN_OUTPUT_PX
  return code + output + ROW_PX
}

function linesIn(text: string): number {
  let lines = 1
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++
  return lines
}

export type Piece = { readonly is: "row"; readonly index: number } | { readonly is: "space"; readonly key: string; readonly height: number }

type Layout = { readonly span: Span; readonly count: number; readonly pinned: number; readonly heightAt: (index: number) => number }

/**
 * Rows and blank space in order. The cell that has the focus is drawn wherever it is, because a keyboard that has lost its place is
 * worse than a row too many.
 */
export function piecesIn({ span, count, pinned, heightAt }: Layout): readonly Piece[] {
  const from = Math.min(span.from, count)
  const to = Math.min(span.to, count)
  const rows: Piece[] = Array.from({ length: to - from }, (_, at) => ({ is: "row", index: from + at }))
  const isAbove = pinned >= 0 && pinned < from
  const isBelow = pinned >= to && pinned < count
  return [
    ...(isAbove
      ? around(pinned, { key: "before", total: span.before, first: offsetOf(pinned, heightAt), own: heightAt(pinned) })
      : [space("before", span.before)]),
    ...rows,
    ...(isBelow
      ? around(pinned, { key: "after", total: span.after, first: between(to, pinned, heightAt), own: heightAt(pinned) })
      : [space("after", span.after)]),
  ]
}

function space(key: string, height: number): Piece {
  return { is: "space", key, height }
}

function around(
  index: number,
  { key, total, first, own }: { readonly key: string; readonly total: number; readonly first: number; readonly own: number },
): readonly Piece[] {
  return [space(`${key}-1`, first), { is: "row", index }, space(`${key}-2`, Math.max(0, total - first - own))]
}

function between(from: number, to: number, heightAt: (index: number) => number): number {
  let height = 0
  for (let at = from; at < to; at++) height += heightAt(at)
  return height
}
