/** One cell becomes several, several become one. What others type in the meantime is carried over: see settle.ts. */

import * as Y from "yjs"
import { runsIn } from "#draft/characters.ts"
import { bear, newCellId, ordersAt } from "#draft/insert.ts"
import { readCell } from "#draft/open-draft.ts"
import { BIRTH, certainCell, type Life, livingIds, type Move, PERSON, sourceOf } from "#draft/schema.ts"

/**
 * Cuts the cell's source at these offsets (UTF-16 units). The cell keeps what is before the first; line breaks at a cut are left
 * out. Gives the ids of the new cells, in order. One step of undo.
 */
export function splitCell(doc: Y.Doc, id: string, at: readonly number[]): string[] {
  const source = sourceOf(certainCell(doc, id))
  const text = source.toString()
  const cuts = [...new Set(at.map((each) => cutAt(text, each)))].sort((a, b) => a - b)
  const orders = ordersAt(doc, { after: id }, cuts.length)
  const ids: string[] = []
  doc.transact(() => {
    for (const [i, start] of cuts.entries()) ids.push(bearPart(doc, id, { start, end: cuts[i + 1], order: orders[i] as string }))
  }, BIRTH)
  doc.transact(() => {
    const [first = text.length] = cuts
    cutOff(source, text.slice(0, first).replace(/\n+$/, "").length)
    for (const each of ids) certainCell(doc, each).set("life", "alive" satisfies Life)
  }, PERSON)
  return ids
}

/** Never between the halves of a surrogate pair. */
function cutAt(text: string, at: number): number {
  const cut = Math.max(0, Math.min(Math.round(at), text.length))
  return /^[\uDC00-\uDFFF]/.test(text.slice(cut, cut + 1)) && /[\uD800-\uDBFF]$/.test(text.slice(0, cut)) ? cut - 1 : cut
}

type Part = { readonly start: number; readonly end: number | undefined; readonly order: string }

function bearPart(doc: Y.Doc, from: string, { start, end, order }: Part): string {
  const map = certainCell(doc, from)
  const { source, text, type, metadata } = readCell(from, map)
  const whole = text.slice(start, end)
  const rest = whole.replace(/^\n+/, "")
  const piece = end === undefined ? rest : rest.replace(/\n+$/, "")
  const runs = runsIn(source, start, end ?? text.length)
  const id = newCellId(doc)
  const born = bear(doc, id, { type, source: piece, metadata, order, life: "unborn" })
  const first = sourceOf(born)._start
  const image = [first?.id.client ?? 0, first?.id.clock ?? 0, piece.length] as const
  born.set("cut", { from, to: id, runs, image, skip: whole.length - rest.length } satisfies Move)
  return id
}

/**
 * Takes away the rest of a source, and a character behind it that is there only to be taken away: whoever has seen this appends
 * behind that one, whoever has not appends behind the last character that was.
 */
function cutOff(source: Y.Text, at: number): void {
  source.insert(source.length, "\u2063")
  source.delete(at, source.length - at)
}

/** Puts the sources together in the first of the cells, an empty line between two. Gives that cell. One step of undo. */
export function mergeCells(doc: Y.Doc, ids: readonly string[]): string | undefined {
  const wanted = new Set(ids)
  const [to, ...others] = livingIds(doc).filter((id) => wanted.has(id))
  if (to === undefined) return undefined
  doc.transact(() => {
    for (const from of others) mergeInto(doc, from, to)
  }, PERSON)
  return to
}

/** The living cell into which this one was merged. */
export function mergedInto(doc: Y.Doc, id: string): string | undefined {
  const cell = doc.getMap<Y.Map<unknown>>("cells").get(id)
  if (cell?.get("life") !== ("merged" satisfies Life)) return undefined
  const moves = [...cell.entries()].flatMap(([key, value]) => (key.startsWith("into/") ? [value as Move] : []))
  const living = new Set(livingIds(doc))
  return moves.findLast(({ to }) => living.has(to))?.to
}

function mergeInto(doc: Y.Doc, from: string, to: string): void {
  const [cell, target] = [certainCell(doc, from), sourceOf(certainCell(doc, to))]
  const source = sourceOf(cell)
  const text = source.toString()
  const between = text === "" || target.length === 0 ? "" : "\n\n"
  const clock = Y.getState(doc.store, doc.clientID)
  target.insert(target.length, between + text)
  const move: Move = {
    from,
    to,
    runs: runsIn(source, 0, text.length),
    image: [doc.clientID, clock + between.length, text.length],
    skip: 0,
  }
  cell.set(`into/${doc.clientID.toString(36)}-${clock.toString(36)}`, move)
  cell.set("life", "merged" satisfies Life)
}
