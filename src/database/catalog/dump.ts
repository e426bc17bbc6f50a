/** What `npm run db:dump` writes. */
import pg from "pg"
import { readCatalog } from "#database/catalog/read.ts"
import { schemaText } from "#database/catalog/schema-text.ts"
import { tableTypes } from "#database/catalog/table-types.ts"

/** The texts of db/schema.sql and of src/database/tables.ts for the database at this address. */
export async function dumpSchema(url: string): Promise<{ readonly schema: string; readonly types: string }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const catalog = await readCatalog(client)
    return { schema: schemaText(catalog), types: tableTypes(catalog) }
  } finally {
    await client.end()
  }
}
