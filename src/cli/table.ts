import { tamed } from "#cli/foreign.ts"
import { widthOf } from "#cli/width.ts"

/** Rows in columns, each as wide as its widest entry; an entry is one line, whatever somebody called it. */
export function table(given: readonly (readonly string[])[], indent = ""): string {
  const rows = given.map((row) => row.map((text) => tamed(text, false).replaceAll(/[\t\r\n]/g, " ")))
  const widths: number[] = []
  for (const row of rows) for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(text))
  const padded = (text: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? text : text + " ".repeat(widths[column]! - widthOf(text))
  return rows.map((row) => `${indent}${row.map((text, column) => padded(text, column, row)).join("  ")}`.trimEnd()).join("\n")
}
