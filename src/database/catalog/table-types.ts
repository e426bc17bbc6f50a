import type { Catalog, Column, Table } from "#database/catalog/read.ts"

const HEAD = `// Written by \`npm run db:dump\` from db/*.sql: do not edit.
import type { ColumnType } from "kysely"
import type { Json } from "#base/json.ts"

/** Read as milliseconds since 1970, written as Date; in a comparison use \`at(ms)\`. */
type Timestamp = ColumnType<number, Date, Date>
type MaybeTimestamp = ColumnType<number | null, Date | null | undefined, Date | null>
/** Read as Json, written as text: see \`toJsonb\`. */
type Jsonb = ColumnType<Json, string, string>
type MaybeJsonb = ColumnType<Json | null, string | null | undefined, string | null>
/** Has a default, so an insert may leave it out. */
type Generated<Value> =
  [Value] extends [ColumnType<infer Read, infer Insert, infer Update>] ? ColumnType<Read, Insert | undefined, Update> : ColumnType<Value, Value | undefined, Value>
/** Made by the database alone. */
type Computed<Value> = ColumnType<Value, never, never>
`

/** TypeScript for Kysely: a type for each table, and \`Tables\` with all of them by name. */
export function tableTypes({ tables }: Catalog): string {
  const types = tables.map(tableType)
  const all = tables.map(({ name }) => `  ${name}: ${typeName(name)}`)
  return `${HEAD}\n${types.join("\n")}\nexport type Tables = {\n${all.join("\n")}\n}\n`
}

function tableType({ name, columns, constraints }: Table): string {
  const checks = constraints.filter(({ kind }) => kind === "c").map(({ definition }) => definition)
  const lines = columns.map((column) => `  ${column.name}: ${columnType(column, checks)}`)
  return `type ${typeName(name)} = {\n${lines.join("\n")}\n}\n`
}

function typeName(table: string): string {
  return `${table.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Table`
}

const PLAIN: { readonly [type: string]: string } = {
  text: "string",
  uuid: "string",
  numeric: "string",
  tsvector: "string",
  date: "string",
  interval: "string",
  inet: "string",
  "character varying": "string",
  boolean: "boolean",
  smallint: "number",
  integer: "number",
  bigint: "number",
  real: "number",
  "double precision": "number",
  bytea: "Uint8Array",
}

const SPECIAL: { readonly [type: string]: string } = { "timestamp with time zone": "Timestamp", jsonb: "Jsonb", json: "Jsonb" }

function columnType(column: Column, checks: readonly string[]): string {
  const special = SPECIAL[column.base]
  if (special) return column.isRequired ? generated(column, special) : `Maybe${special}`
  const plain = allowed(column.name, checks) ?? plainType(column.base)
  const value = column.isRequired ? plain : `${plain} | null`
  return column.generated ? `Computed<${value}>` : generated(column, value)
}

function generated({ byDefault, identity }: Column, type: string): string {
  return byDefault || identity ? `Generated<${type}>` : type
}

function plainType(base: string): string {
  const one = PLAIN[base.replace(/\[\]$/, "")]
  if (!one) throw new Error(`the type ${base} has no TypeScript type yet: add it to catalog/table-types.ts`)
  return base.endsWith("[]") ? `${one}[]` : one
}

/** The values a CHECK (column IN (…)) leaves. */
function allowed(column: string, checks: readonly string[]): string | undefined {
  for (const check of checks) {
    const [, name, list = ""] = /^CHECK \(\((\w+) = ANY \(ARRAY\[(.*)\]\)\)\)$/.exec(check) ?? []
    if (name !== column) continue
    const values = [...list.matchAll(/'([^']*)'::text/g)].map(([, value]) => JSON.stringify(value))
    if (values.length > 0) return values.join(" | ")
  }
  return undefined
}
