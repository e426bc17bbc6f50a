/** How much room cells take before they are drawn, and when there are too many to draw at once. Pure. */
import type { OutlineCell } from "#web/run/reading/outline.ts"

const MANY_CELLS = 80
const MUCH_OUTPUT = 4_000_000

export function isLong(cells: readonly OutlineCell[]): boolean {
  return cells.length > MANY_CELLS || cells.reduce((sum, { outputSize }) => sum + outputSize, 0) > MUCH_OUTPUT
}

const LINE = 21
const PROSE_LINE = 25
const MARGINS = 40
const TALLEST_OUTPUT = 480

/** Pixels, as a first guess; what a cell is measured at counts once it was drawn. */
export function expectedHeight({ type, source, outputs, outputSize }: OutlineCell, hidesCode: boolean): number {
  const lines = source.split("\n").length
  if (type === "markdown") return Math.max(lines, Math.ceil(source.length / 80)) * PROSE_LINE + MARGINS
  const output = outputs === 0 ? 0 : Math.min(TALLEST_OUTPUT, 30 + outputSize / 12)
  return (hidesCode && type === "code" ? 0 : lines * LINE) + output + MARGINS
}
