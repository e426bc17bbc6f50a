/** What the cells do beyond computing: asked for before they are run again, and shown beside them. */
import type { Effect, FoundEffect } from "#notebook/analysis/effect.ts"
import { reachesBeyond } from "#notebook/analysis/effects-place.ts"
import { effectsOfPython } from "#notebook/analysis/effects-python.ts"
import { effectsOfR } from "#notebook/analysis/effects-r.ts"
import { onlyReads } from "#notebook/analysis/effects-shell.ts"
import type { Subject, SubjectCell } from "#notebook/analysis/findings.ts"
import type { Code } from "#notebook/analysis/modules.ts"
import type { Body } from "#notebook/analysis/names.ts"
import { placeOf, type Reach, reachOf } from "#notebook/analysis/reach.ts"
import type { Cell } from "#notebook/document.ts"

/** In the order of the cells that have them: what stands in a function is of the cells that run it. */
export function effectsOf(subject: Subject): readonly Effect[] {
  const { cells } = subject
  const reach = reachOf(cells, subject.circumstances.sources, subject.read)
  const modules = reach.modules.map((code) => moduleCell(subject, code))
  const units = [...cells, ...modules]
  const runners = runnersIn(reach)
  const effects = foundIn(subject, reach, modules).flatMap((found): Effect[] => {
    const whole = reach.modules.find(({ cell }) => cell === found.cell)?.body
    const bodies = bodiesAround(units, found)
    const around = bodies.length === 0 && whole ? [whole] : bodies
    const { isIntoOpened: _, ...effect } = found
    const isOutside = reachesBeyond(units, found, bodies.length > 0)
    const by = new Map(around.flatMap((body) => runners.get(body) ?? []))
    // What no cell is seen to run is told where it stands, and not at all where that is a module.
    if (by.size === 0) return whole ? [] : [{ ...effect, standsIn: found.cell, through: "", isOutside }]
    return [...by].map(([cell, through]) => ({ ...effect, cell, standsIn: found.cell, through, isOutside }))
  })
  const place = new Map(cells.map(({ id }, at) => [id, at]))
  return effects.toSorted((a, b) => (place.get(a.cell) ?? 0) - (place.get(b.cell) ?? 0))
}

function moduleCell({ circumstances: { sources } }: Subject, { cell: id, unit: { names } }: Code): SubjectCell {
  const cell: Cell = { id, cell_type: "code", metadata: {}, source: sources?.texts.get(id) ?? "" }
  return { id, cell, number: 0, names, mayRaise: false }
}

/** Of each body the cells that run it, and through what. */
function runnersIn({ reached }: Reach): ReadonlyMap<Body, readonly (readonly [string, string])[]> {
  const runners = new Map<Body, (readonly [string, string])[]>()
  for (const [cell, all] of reached) for (const { body, through } of all) runners.set(body, [...(runners.get(body) ?? []), [cell, through]])
  return runners
}

function bodiesAround(cells: readonly SubjectCell[], { cell, from, to }: FoundEffect): readonly Body[] {
  const events = cells.find(({ id }) => id === cell)?.names.events ?? []
  return events.flatMap((event) => (event.do === "define" ? event.bodies.filter((body) => body.from <= from && body.to >= to) : []))
}

function foundIn({ cells, language }: Subject, { stands, seen }: Reach, modules: readonly SubjectCell[]): readonly FoundEffect[] {
  const unread = modules.filter(({ names }) => names.mentions.length > 0 || names.brokenAt.length > 0).map(unknownModule)
  const isSeen = (cell: SubjectCell) => (from: number) => seen.has(placeOf(cell.id, from))
  if (language === "python") {
    const among = (cell: SubjectCell, all: readonly SubjectCell[]) =>
      effectsOfPython(cell, { standing: (from) => stands.get(placeOf(cell.id, from)) ?? [], isSeen: isSeen(cell), cells: all })
    return [...cells.flatMap((cell) => among(cell, cells)), ...modules.flatMap((cell) => among(cell, [cell])), ...unread]
  }
  if (language === "r") {
    const own = cells.flatMap((cell) => (cell.names.mentions.length > 0 ? [unknown(cell)] : effectsOfR(cell, isSeen(cell))))
    return [...own, ...modules.flatMap((cell) => effectsOfR(cell, isSeen(cell))), ...unread]
  }
  const isPlain = language === "bash" ? onlyReads : onlySets
  return cells.filter(({ id, cell }) => !isInjected(id) && !isPlain(cell.source)).map(unknown)
}

/** One that cannot be read does whatever it does. */
function unknownModule({ id }: SubjectCell): FoundEffect {
  return { cell: id, kind: "unknown", writes: true, what: id, from: 0, to: 0 }
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
