/** Which cells are chosen, and whether one types in one of them. Pure: it is told the cells' ids in order. */
import type { Mode } from "#web/notebook/keyboard.ts"

export type Selection = {
  /** The cell that has the focus; "" in a notebook without cells. */
  readonly active: string
  /** Where an extended selection began; the selection is everything from here to the active cell. */
  readonly anchor: string
  readonly mode: Mode
  /** The cell in which one typed is gone by another hand: what is typed on is no command. */
  readonly isThrownOut?: true
}

export const NOTHING_SELECTED: Selection = { active: "", anchor: "", mode: "command" }

export function at(cell: string, mode: Mode = "command"): Selection {
  return { active: cell, anchor: cell, mode }
}

/** In the order of the cells. */
export function selectedCells(selection: Selection, ids: readonly string[]): readonly string[] {
  const active = ids.indexOf(selection.active)
  if (active < 0) return []
  const anchor = ids.indexOf(selection.anchor)
  if (anchor < 0) return [selection.active]
  return ids.slice(Math.min(active, anchor), Math.max(active, anchor) + 1)
}

/** The cell `by` places further down, or as far as there are cells. */
export function moved(selection: Selection, ids: readonly string[], by: number): Selection {
  const next = neighbour(selection, ids, by)
  return next === undefined ? selection : at(next)
}

export function extended(selection: Selection, ids: readonly string[], by: number): Selection {
  const next = neighbour(selection, ids, by)
  return next === undefined ? selection : { ...selection, active: next, mode: "command" }
}

/**
 * The selection after the cells have changed: what is gone is left for the cell that has come into its place. `before` are the
 * ids as they were.
 */
export function kept(selection: Selection, before: readonly string[], ids: readonly string[]): Selection {
  if (selection.active === "") return selection
  const known = new Set(ids)
  const active = known.has(selection.active) ? selection.active : successor(before.indexOf(selection.active), before, ids)
  const anchor = known.has(selection.anchor) ? selection.anchor : active
  if (active === selection.active && anchor === selection.anchor) return selection
  if (active === selection.active) return { active, anchor, mode: selection.mode }
  return { active, anchor, mode: "command", ...(selection.mode === "edit" ? { isThrownOut: true } : {}) }
}

function successor(place: number, before: readonly string[], ids: readonly string[]): string {
  const known = new Set(ids)
  const after = before.slice(Math.max(0, place)).find((id) => known.has(id))
  return after ?? before.slice(0, Math.max(0, place)).findLast((id) => known.has(id)) ?? ids.at(-1) ?? ""
}

function neighbour(selection: Selection, ids: readonly string[], by: number): string | undefined {
  const place = ids.indexOf(selection.active)
  return ids[Math.max(0, Math.min(ids.length - 1, (place < 0 ? 0 : place) + by))]
}
