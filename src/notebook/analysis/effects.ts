/** What the cells do beyond computing: asked for before they are run again, and shown beside them. */
import type { Effect, FoundEffect } from "#notebook/analysis/effect.ts"
import { reachesBeyond } from "#notebook/analysis/effects-place.ts"
import { effectsOfPython } from "#notebook/analysis/effects-python.ts"
import { effectsOfR } from "#notebook/analysis/effects-r.ts"
import { onlyReads } from "#notebook/analysis/effects-shell.ts"
import type { Subject, SubjectCell } from "#notebook/analysis/findings.ts"

/** In the order of the cells. */
export function effectsOf(subject: Subject): readonly Effect[] {
  return foundIn(subject).map((effect) => ({ ...effect, isOutside: reachesBeyond(subject.cells, effect) }))
}

function foundIn({ cells, language }: Subject): readonly FoundEffect[] {
  if (language === "python") return cells.flatMap(effectsOfPython)
  if (language === "r") return cells.flatMap((cell) => (cell.names.mentions.length > 0 ? [unknown(cell)] : effectsOfR(cell)))
  const isPlain = language === "bash" ? onlyReads : onlySets
  return cells.filter(({ id, cell }) => !isInjected(id) && !isPlain(cell.source)).map(unknown)
}

function unknown({ id, cell }: SubjectCell): FoundEffect {
  const line = cell.source.trim().split("\n")[0] ?? ""
  return { cell: id, kind: "unknown", writes: true, what: line.length > 80 ? `${line.slice(0, 79)}…` : line, from: 0, to: cell.source.length }
}

/** The cell of parameters that a run gets assigns literals, in every language. */
function isInjected(id: string): boolean {
  return /^injected-parameters(-\d+)?$/.test(id)
}

const LITERAL = String.raw`(?:-?[\d_]+(?:\.\d+)?(?:e-?\d+)?[fFlLmM]?|"[^"\\$]*"|'[^'\\]*'|true|false|null|nothing|None|True|False)`
const SETS = new RegExp(
  String.raw`^\s*(?:(?:const|let|var|val|local|my|readonly|export)\s+)?[$\w.]+(?:\s*::?\s*[\w.<>[\]{}|]+)?\s*(?:=|<-|:=)\s*${LITERAL}\s*;?\s*(?:(?:#|//|%).*)?$`,
)

const SAYS_NOTHING = /^\s*(?:(?:#(?![!r])|\/\/).*)?$/
const SHOWS_OR_IMPORTS = /^\s*(?:(?:using|import|open)\s+[\w.,:*{} ]+|[\w.]+(?:\[[\w:, ]*\])*)\s*;?\s*$/

/** Nothing but literals with names, names alone, imports and comments: understood in any language. */
function onlySets(source: string): boolean {
  return source.split("\n").every((line) => SAYS_NOTHING.test(line) || SETS.test(line) || SHOWS_OR_IMPORTS.test(line))
}
