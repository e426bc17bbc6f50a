import type { Terminal } from "#cli/edge.ts"
import { tamed } from "#cli/foreign.ts"
import { widthOf } from "#cli/width.ts"

const NARROWEST = 20

/** For a terminal: where all of it is too wide, entries of the widest column run over their column instead of widening all others. */
export function tableOn({ isTerminal, columns }: Pick<Terminal, "isTerminal" | "columns">, given: readonly (readonly string[])[]): string {
  return table(given, "", isTerminal ? columns : Number.POSITIVE_INFINITY)
}

/** Rows in columns, each as wide as its widest entry; an entry is one line, whatever somebody called it. */
export function table(given: readonly (readonly string[])[], indent = "", room = Number.POSITIVE_INFINITY): string {
  const rows = given.map((row) => row.map((text) => tamed(text, false).replaceAll(/[\t\r\n]/g, " ")))
  const widths: number[] = []
  for (const row of rows) for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(text))
  const over = widths.reduce((sum, width) => sum + width + 2, -2) - room
  const widest = widths.indexOf(Math.max(...widths))
  // Narrower than every entry it would only stand crooked: ids are all of one length.
  const least = Math.max(NARROWEST, Math.min(...rows.slice(1).map((row) => widthOf(row[widest] ?? ""))))
  if (over > 0) widths[widest] = Math.max(Math.min(least, widths[widest]!), widths[widest]! - over)
  const padded = (text: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? text : text + " ".repeat(Math.max(0, widths[column]! - widthOf(text)))
  return rows.map((row) => `${indent}${row.map((text, column) => padded(text, column, row)).join("  ")}`.trimEnd()).join("\n")
}
