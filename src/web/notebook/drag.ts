/** Dragging cells. Pure but for the names. */
export const CELL_DRAG = "application/x-stet-cell"

export type Row = { readonly cell: string; readonly top: number; readonly bottom: number }
export type Drop = { readonly before: string } | { readonly after: string }

/** Where a cell that is let go at this height goes: before the first row whose middle is below. */
export function dropAt(rows: readonly Row[], y: number): Drop | undefined {
  const next = rows.find((row) => y < (row.top + row.bottom) / 2)
  if (next) return { before: next.cell }
  const last = rows.at(-1)
  return last && { after: last.cell }
}
