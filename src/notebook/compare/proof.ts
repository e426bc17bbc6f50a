/**
 * What fresh reruns say of the outputs that a notebook holds. One rerun finds what is not shown again; two tell apart what has changed
 * from what comes out otherwise each time (`varies`): chance without a seed, the order of a set, something read from outside.
 */
import { type CellComparison, compareNotebooks } from "#notebook/compare/compare.ts"
import type { CompareOptions } from "#notebook/compare/outputs.ts"
import { passes, type Sameness } from "#notebook/compare/sameness.ts"
import type { Notebook } from "#notebook/document.ts"

export type Reproduction = Sameness | "varies"

export type ReproducedCell = {
  readonly cell: string
  /** From 1, among all cells. */
  readonly number: number
  readonly is: Reproduction
  readonly why: string
}

export type Reproduced = {
  /** Whether every cell shows again what is stored; cells of which nothing is stored say nothing against it. */
  readonly isReproduced: boolean
  /** Those that show something, in their order. */
  readonly cells: readonly ReproducedCell[]
  readonly counts: Readonly<Record<Reproduction, number>>
}

export function reproduced(
  stored: Notebook,
  { first, second }: { readonly first: Notebook; readonly second?: Notebook | undefined },
  options: CompareOptions = {},
): Reproduced {
  const again = new Map((second ? compareNotebooks(first, second, options).cells : []).map((one) => [one.cell, one]))
  const cells = compareNotebooks(stored, first, options).cells.map((one) => cellOf(one, again.get(one.cell)))
  const counts = { same: 0, same_but_volatile: 0, unknown: 0, missing: 0, differs: 0, varies: 0 }
  for (const { is } of cells) counts[is]++
  return { isReproduced: counts.missing + counts.differs + counts.varies === 0, cells, counts }
}

function cellOf({ cell, number, is, why }: CellComparison, again: CellComparison | undefined): ReproducedCell {
  const varies = again !== undefined && again.is !== "unknown" && !passes(again)
  return varies ? { cell, number, is: "varies", why: `It comes out otherwise each time. ${again.why}` } : { cell, number, is, why }
}
