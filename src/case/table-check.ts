/** What a test case asks of a table that a cell shows. */
import { type Json, type JsonObject, own } from "#base/json.ts"
import type { TableCheck } from "#case/case.ts"
import { holds, isNothing, type Table, tableIn } from "#case/table.ts"
import { quoted, short } from "#case/value.ts"
import type { Cell } from "#notebook/index.ts"

export function tableProblem(check: TableCheck, cells: readonly Cell[]): string | undefined {
  const table = cells.map(tableIn).find((found) => found !== undefined)
  if (!table) return `The cell ${check.cell} shows no table.`
  switch (check.check) {
    case "table_rows":
      return rowsProblem(check, table)
    case "table_columns":
      return columnsProblem(check, table)
    case "table_value":
      return valueProblem(check, table)
    case "table_no_nulls":
      return nullsProblem(check, table)
  }
}

type Of<Name extends TableCheck["check"]> = Extract<TableCheck, { readonly check: Name }>

function rowsProblem({ cell, equals, min, max }: Of<"table_rows">, { count }: Table): string | undefined {
  if (equals !== undefined && count !== equals) return `The table of the cell ${cell} was to have ${rows(equals)}, and has ${count}.`
  if (min !== undefined && count < min) return `The table of the cell ${cell} was to have at least ${rows(min)}, and has ${count}.`
  return max !== undefined && count > max ? `The table of the cell ${cell} was to have at most ${rows(max)}, and has ${count}.` : undefined
}

function rows(count: number): string {
  return count === 1 ? "one row" : `${count} rows`
}

function columnsProblem({ cell, columns }: Of<"table_columns">, table: Table): string | undefined {
  const isIt = columns.length === table.columns.length && columns.every((name, at) => table.columns[at] === name)
  return isIt ? undefined : `The table of the cell ${cell} was to have the columns ${columns.join(", ")}, and has ${table.columns.join(", ")}.`
}

function valueProblem(check: Of<"table_value">, table: Table): string | undefined {
  const column = table.columns.indexOf(check.column)
  if (column < 0) return noColumn(check, table)
  const found = check.where === undefined ? rowAt(check.row ?? 1, table) : rowWhere(check.where, table)
  if (typeof found === "string") return `${found} in the table of the cell ${check.cell}.`
  const value = found[column] ?? null
  return holds(value, check.value)
    ? undefined
    : `${check.column} was to be ${short(check.value)} in the table of the cell ${check.cell}, and is ${short(value)}.`
}

function noColumn({ cell, column }: { readonly cell: string; readonly column: string }, table: Table): string {
  return `The table of the cell ${cell} has no column ${quoted(column)}: it has ${table.columns.join(", ")}.`
}

/** A row, or why there is none. */
function rowAt(row: number, { rows: shown, count, upto }: Table): readonly Json[] | string {
  const place = row < 0 ? count + row : row - 1
  if (row === 0 || place < 0 || place >= count) return `There is no row ${row}`
  const found = place < upto ? shown[place] : shown[shown.length - (count - place)]
  const isShown = place < upto || count - place <= shown.length - upto
  return isShown && found ? found : `Row ${row} is left out, because only ${shown.length} of ${count} rows are shown,`
}

function rowWhere(where: JsonObject, table: Table): readonly Json[] | string {
  const matching = table.rows.filter((row) =>
    Object.keys(where).every((name) => holds(row[table.columns.indexOf(name)] ?? null, own(where, name) ?? null)),
  )
  const [first] = matching
  if (first && matching.length === 1) return first
  const missing = Object.keys(where).find((name) => !table.columns.includes(name))
  if (missing !== undefined) return `There is no column ${quoted(missing)}`
  const isPart = table.rows.length < table.count ? ` among the ${table.rows.length} of ${table.count} that are shown` : ""
  return first ? `${matching.length} rows have ${short(where)}` : `No row has ${short(where)}${isPart}`
}

function nullsProblem(check: Of<"table_no_nulls">, table: Table): string | undefined {
  const column = table.columns.indexOf(check.column)
  if (column < 0) return noColumn(check, table)
  const empty = table.rows.filter((row) => isNothing(row[column] ?? null)).length
  if (empty > 0) return `${check.column} was to be there in every row of the cell ${check.cell}, and is not in ${empty}.`
  if (table.rows.length >= table.count) return undefined
  return `Only ${table.rows.length} of ${table.count} rows of the cell ${check.cell} are shown, so nobody can say that ${check.column} is always there: show them all, or give the count as a named result.`
}
