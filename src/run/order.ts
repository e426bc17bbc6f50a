/**
 * What was asked: fixed before anything runs, the first record of the journal, never edited.
 * Everything in it is plain JSON data, except the notebook, which travels as its text.
 */
import type { Id } from "#base/id.ts"
import type { Json, JsonObject } from "#base/json.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import { isCode, tagsOf } from "#notebook/index.ts"

export type RunId = Id<"Run">

export type Order = {
  readonly id: RunId
  /** The notebook as it will run: parameters already injected. */
  readonly notebook: Notebook
  /** Where it was read from and where the result goes: for the record only. */
  readonly input: string
  readonly output: string
  readonly kernelName: string
  /** Values given, in order; a secret's value is never here, only its name. */
  readonly parameters: readonly GivenParameter[]
  /** Indexes into `notebook.cells` of the code cells to execute, ascending. */
  readonly plan: readonly number[]
  /** Cells before the plan whose stored outputs stand, because an earlier run on the same kernel made them. */
  readonly done: readonly number[]
  readonly limits: Limits
  /** Every cell may raise without ending the run. */
  readonly allowErrors: boolean
  /** Send the next cell before the last one ended, where the kernel can be trusted with it. */
  readonly pipelining: boolean
}

export type GivenParameter = { readonly name: string; readonly value: Json } | { readonly name: string; readonly secret: true }

export type Limits = {
  /** Milliseconds one cell may take; 0 = no limit. A cell's `metadata.stet.timeout` (seconds) overrides it. */
  readonly cellTimeoutMs: number
  /** Milliseconds the run may take from kernel ready; 0 = no limit. */
  readonly runTimeoutMs: number
  /** Milliseconds between an interrupt and the kill. */
  readonly interruptGraceMs: number
  /** Bytes of output shown per cell; what comes beyond is spilled. */
  readonly shownBytes: number
  /** Bytes of output kept per run; what comes beyond is counted and dropped. */
  readonly keptBytes: number
}

export const DEFAULT_LIMITS: Limits = {
  cellTimeoutMs: 0,
  runTimeoutMs: 0,
  interruptGraceMs: 5_000,
  shownBytes: 10_000_000,
  keptBytes: 1_000_000_000,
}

/** Why a code cell is not executed although it is in the notebook. */
export function skipReason(cell: Cell): "tag" | "empty" | "not code" | undefined {
  if (!isCode(cell)) return "not code"
  if (tagsOf(cell).includes("skip-execution")) return "tag"
  return cell.source.trim() === "" ? "empty" : undefined
}

/** The cells that run when nothing narrower is asked. */
export function wholePlan(notebook: Notebook): number[] {
  return notebook.cells.flatMap((cell, index) => (skipReason(cell) === undefined ? [index] : []))
}

export function mayRaise(order: Order, index: number): boolean {
  return order.allowErrors || tagsOf(order.notebook.cells[index]!).includes("raises-exception")
}

/** The cell's own time-out, else the run's; milliseconds, 0 = none. */
export function timeoutOf(order: Order, index: number): number {
  const own = (order.notebook.cells[index]!.metadata["stet"] as JsonObject | undefined)?.["timeout"]
  return typeof own === "number" && own >= 0 ? own * 1000 : order.limits.cellTimeoutMs
}
