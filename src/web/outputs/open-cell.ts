/** Which cell an output points at: by the count it had when it ran, and the line counted from 1. */
export type CellPointer = { readonly executionCount: number; readonly line?: number }
export type OpenCell = (target: CellPointer) => void
