import { inOrder } from "#database/catalog/order.ts"
import type { Catalog, Column, Table } from "#database/catalog/read.ts"

const HEAD = `-- What db/*.sql give, for reading and for the diff of a review. Written by \`npm run db:dump\`; nothing is made from it.
SET check_function_bodies TO off;
`

/** The whole schema as SQL, in an order and a form of its own: the same for the same schema, however it came about. */
export function schemaText(catalog: Catalog): string {
  const parts = [
    ...catalog.extensions.map((name) => `CREATE EXTENSION ${name};`),
    ...catalog.domains.map(domainText),
    ...catalog.functions.map((text) => `${text.trim()};`),
    ...catalog.sequences.map((text) => `${text};`),
    ...inOrder(catalog.tables).map(tableText),
    ...catalog.views.map(({ name, definition }) => `CREATE VIEW ${name} AS\n${definition.trim()}`),
  ]
  return `${HEAD}\n${parts.join("\n\n")}\n`
}

function domainText({ name, base, collation, checks }: Catalog["domains"][number]): string {
  return `${[`CREATE DOMAIN ${name} AS ${base}`, collation && `COLLATE ${collation}`, ...checks].filter(Boolean).join(" ")};`
}

function tableText({ name, columns, constraints, indexes, triggers }: Table): string {
  const lines = [...columns.map(columnText), ...constraints.map((each) => `CONSTRAINT ${each.name} ${each.definition}`)]
  const table = `CREATE TABLE ${name} (\n  ${lines.join(",\n  ")}\n);`
  return [table, ...indexes.map((text) => `${plain(text)};`), ...triggers.map((text) => `${plain(text)};`)].join("\n")
}

/** These two kinds name the schema, whatever is searched. */
function plain(text: string): string {
  return text.replace(" ON public.", " ON ")
}

function columnText({ name, type, collation, isRequired, byDefault, identity, generated }: Column): string {
  const made = generated ? ` GENERATED ALWAYS AS (${byDefault})${generated === "s" ? " STORED" : ""}` : byDefault && ` DEFAULT ${byDefault}`
  const counted = identity && ` GENERATED ${identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`
  return `${name} ${type}${collation && ` COLLATE ${collation}`}${made}${counted}${isRequired ? " NOT NULL" : ""}`
}
