/** Texts, line by line: as a terminal would leave them, without colours, with what is of the moment and rounding not held against them. */

import { differs, isNear, isVolatile, quoted, quotedApart, SAME, type Said, type Terms } from "#notebook/compare/sameness.ts"
import { isProgress, kindWords, mask, mayStandFor, type Names, type VolatileKind } from "#notebook/compare/volatile.ts"
import { diffLines } from "#notebook/diff-lines.ts"

/** @param name how the text is called in a sentence: "standard output" */
export function compareTexts(before: string, after: string, { name, terms }: { readonly name: string; readonly terms: Terms }): Said {
  if (before === after) return SAME
  const [left, right] = [linesOf(before), linesOf(after)]
  const found = new Set<VolatileKind>()
  const names: Names = new Map()
  if (left.length === right.length) {
    const at = left.findIndex((line, i) => !isAlike(line, right[i]!, { found, names, terms }))
    if (at >= 0) {
      const [was, is] = quotedApart(left[at]!, right[at]!)
      return differs(`Line ${at + 1} of the ${name} was ${was} and is ${is}.`)
    }
    return found.size === 0 ? SAME : isVolatile(`It differs only in ${kindWords(found)}.`)
  }
  return compareLengths(left, right, name)
}

/** Of different lengths: what is of the moment is masked first, so that the first line named is one that matters. */
function compareLengths(left: readonly string[], right: readonly string[], name: string): Said {
  const [hunk] = diffLines(
    left.map((line) => mask(line).frame),
    right.map((line) => mask(line).frame),
  )
  const lengths = `The ${name} had ${lineWords(left.length)} and has ${right.length}`
  if (!hunk) return differs(`${lengths}.`)
  const [gone, come] = [left[hunk.before.start], right[hunk.after.start]]
  const isAdded = hunk.before.lines.length === 0
  return differs(`${lengths}; ${isAdded ? `new is ${quoted(come ?? "")}` : `${quoted(gone ?? "")} is no longer there`}.`)
}

function lineWords(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`
}

/** By what a line is told from others: without what is of the moment, rounded, however it is aligned. */
export function keyOfLine(line: string): string {
  return mask(line)
    .frame.replace(DECIMAL, (text) => String(Number(Number(text).toPrecision(9))))
    .replace(/\s+/g, " ")
}

/** Without colours and what was overwritten, without empty lines at the end, each bar that was drawn again and again once. */
export function linesOf(text: string): readonly string[] {
  const lines = settled(text)
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
  while (lines.at(-1) === "") lines.pop()
  if (!lines.some(isProgress)) return lines
  const frames = lines.map((line) => (isProgress(line) ? mask(line).frame : undefined))
  return lines.filter((_, at) => frames[at] === undefined || frames[at] !== frames[at + 1])
}

function settled(text: string): string {
  const said = text.includes("\x1b") ? text.replace(/\x1b\[[0-?]{0,100}[ -/]{0,10}[@-~]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b./g, "") : text
  if (!/[\b]|\r(?!\n)/.test(said)) return said
  return said.split("\n").map(overwritten).join("\n")
}

function overwritten(line: string): string {
  let now = ""
  for (const part of line.replace(/\r+$/, "").split("\r")) {
    const next = part.includes("\b") ? erased(part) : part
    now = next + now.slice(next.length)
  }
  return now
}

function erased(part: string): string {
  const kept: string[] = []
  let at = 0
  for (const character of part) {
    if (character === "\b") at = Math.max(0, at - 1)
    else kept[at++] = character
  }
  return kept.join("")
}

type Looking = { readonly found: Set<VolatileKind>; readonly names: Names; readonly terms: Terms }

function isAlike(before: string, after: string, looking: Looking): boolean {
  if (before === after) return true
  const [left, right] = [mask(before), mask(after)]
  if (left.frame !== right.frame && !isRounded(left.frame, right.frame, looking)) return false
  return left.pieces.every((piece, at) => {
    const other = right.pieces[at]
    if (!other || !mayStandFor(piece, other, looking)) return false
    if (piece.text !== other.text) looking.found.add(piece.kind)
    return true
  })
}

const DECIMAL = /[-+]?\d{1,40}\.\d{0,40}(?:[eE][-+]?\d{1,4})?|[-+]?\d{1,40}[eE][-+]?\d{1,4}/g

/** The same words and whole numbers around decimals that are the same but for rounding; spaces only align them. */
function isRounded(before: string, after: string, { found, terms }: Looking): boolean {
  const shape = (line: string) => line.replace(DECIMAL, "#").replace(/\s+/g, " ")
  if (shape(before) !== shape(after)) return false
  const [left, right] = [before.match(DECIMAL) ?? [], after.match(DECIMAL) ?? []]
  const isAll = left.every((text, at) => isNear(Number(text), Number(right[at]), terms.tolerance))
  if (isAll) found.add("number")
  return isAll
}
