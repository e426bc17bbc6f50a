/**
 * What stands where in the shared document. Two maps at the top:
 *
 *     meta   metadata: map of JSON   base: number   minor: number   extra: JSON
 *     cells  id → map of  type  source: text  order  metadata: map of JSON  attachments: JSON  extra: JSON
 *                         life  cut  cut/…  into/…  again/…  carried/…  once/…  shows
 *
 * A cell is born without life, which is given to it in a second step: only that step is anybody's to undo, so that the text that
 * others work on is never taken away and made anew. Nothing of a cell is ever removed from the map while the draft is edited.
 * Only the server writes meta's own keys, `shows`, `carried/…` and `once/…`.
 */

import * as Y from "yjs"
import type { JsonObject } from "#base/json.ts"

/** Raised whenever what a page writes for a split, a merge or an undo means something else: pages of before then write text alone. */
export const DRAFT_RULES = 1

/** What a person did: their own undo takes it back. */
export const PERSON = "stet:person"
/** A cell comes to be, without life: nobody's to undo. */
export const BIRTH = "stet:birth"
/** What the server writes of its own accord. */
export const SERVER = "stet:server"

/** `unborn`: not yet there, or its making was undone. `merged`: its text stands in another cell. */
export type Life = "unborn" | "alive" | "deleted" | "merged"
export const LIVES: readonly string[] = ["unborn", "alive", "deleted", "merged"] satisfies Life[]

export type CellMap = Y.Map<unknown>

/**
 * Text that was moved from one cell to another, character by character: each run is a writer, the number of the first character,
 * how many, and whether they could be seen. `image` is the first character's writer and number in its new place, and how many came
 * there; the first `skip` of those that could be seen did not.
 */
export type Move = {
  readonly from: string
  readonly to: string
  readonly runs: readonly (readonly [client: number, clock: number, length: number, isVisible: 0 | 1])[]
  readonly image: readonly [client: number, clock: number, length: number]
  readonly skip: number
}

export type DraftCell = {
  readonly id: string
  /** "code", "markdown", "raw", or a type of a future nbformat. */
  readonly type: string
  readonly source: Y.Text
  readonly text: string
  readonly metadata: JsonObject
  readonly attachments: JsonObject | undefined
  readonly tags: readonly string[]
  /** "" · "version:<n>" · "execution:<ulid>" · "cleared:<ulid>", which shows nothing but executions that began later */
  readonly shows: string
}

/** Where cells are put. */
export type Place = { readonly after: string } | { readonly before: string } | { readonly at: number }

export function cellsOf(doc: Y.Doc): Y.Map<CellMap> {
  return doc.getMap("cells") as Y.Map<CellMap>
}

export function metaOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap("meta")
}

/** The cell, whatever its life. */
export function cellMap(doc: Y.Doc, id: string): CellMap | undefined {
  const found: unknown = cellsOf(doc).get(id)
  return found instanceof Y.Map ? found : undefined
}

/** @throws Error when there is no such cell */
export function certainCell(doc: Y.Doc, id: string): CellMap {
  const found = cellMap(doc, id)
  if (!found) throw new Error(`the draft has no cell ${id}`)
  return found
}

export function sourceOf(cell: CellMap): Y.Text {
  return cell.get("source") as Y.Text
}

export function isAlive(cell: CellMap): boolean {
  return cell.get("life") === "alive"
}

/** Makes it live, whatever it was; text that it had given away by a merge is its own again. */
export function revive(cell: CellMap): void {
  if (isAlive(cell)) return
  cell.set("life", "alive" satisfies Life)
  for (const key of [...cell.keys()]) if (key.startsWith("into/")) cell.delete(key)
}

/** Ids of the cells that are there, in their order. */
export function livingIds(doc: Y.Doc): string[] {
  const living: { readonly id: string; readonly order: string }[] = []
  for (const [id, cell] of cellsOf(doc)) if (isAlive(cell)) living.push({ id, order: orderOf(cell) })
  return living.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id)).map(({ id }) => id)
}

/** Of a record: of its own, so that a step that is taken back and done again leaves two of them, not one over the other. */
export function newName({ store, clientID }: Y.Doc): string {
  return `${clientID.toString(36)}-${Y.getState(store, clientID).toString(36)}`
}

export function orderOf(cell: CellMap): string {
  return String(cell.get("order") ?? "")
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
