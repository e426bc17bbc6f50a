/** What the outputs of a cell are given. */
import type { LiveOutput } from "#api/live.ts"
import type { OpenCell } from "#web/outputs/open-cell.ts"
import type { SessionComm } from "#web/outputs/session-comm.ts"

export type CellOutputsProps = {
  readonly outputs: readonly LiveOutput[]
  /** One view of one notebook: outputs of a scope that work together share a frame. */
  readonly scope: string
  /** The cell's id. */
  readonly cell: string
  readonly onOpenCell?: OpenCell | undefined
  /** The line to the kernel's widgets, where there is a session. */
  readonly sessionComm?: SessionComm | undefined
}

/** One output of a cell, and its place among them. */
export type OutputProps = { readonly output: LiveOutput; readonly index: number; readonly of: CellOutputsProps }
