import { createHash } from "node:crypto"
import type pg from "pg"
import { inOrder } from "#database/catalog/order.ts"
import { readCatalog, type Table } from "#database/catalog/read.ts"
import { withClient } from "#database/client.ts"
import { gzipped, once, scale } from "#database/copy/bytes.ts"
import {
  copyOutText,
  type DumpedTable,
  type DumpSink,
  MANIFEST,
  MANIFEST_DIGEST,
  type Manifest,
  quoted,
  storedColumns,
  tableFile,
} from "#database/copy/manifest.ts"
import { copyOut } from "#database/copy/stream.ts"
import type { Applied } from "#database/migrate.ts"

export type DumpOptions = { readonly url: string; readonly sink: DumpSink; readonly now: number }

/**
 * Writes everything in the database (but the queue) as it was at one moment, while others go on writing. The manifest
 * comes last: a dump without one is not whole.
 *
 * @throws Fault database_unreachable; whatever the sink throws
 */
export function dumpDatabase({ url, sink, now }: DumpOptions): Promise<Manifest> {
  return withClient(url, "stet backup", async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await client.query(SAME_FORM)
    const catalog = await readCatalog(client)
    const { rows: migrations } = await client.query<Applied>("SELECT number, name, sha256 FROM migration ORDER BY number")
    const tables: DumpedTable[] = []
    for (const table of inOrder(catalog.tables)) tables.push(await dumpTable(client, table, sink))
    const manifest: Manifest = { format: 1, madeAt: new Date(now).toISOString(), migrations, tables, sequences: await readSequences(client) }
    const text = `${JSON.stringify(manifest, undefined, 1)}\n`
    await sink.write(MANIFEST, once(text))
    await sink.write(MANIFEST_DIGEST, once(digestLine(text)))
    return manifest
  })
}

// So that the same values give the same text everywhere.
export const SAME_FORM =
  "SET LOCAL timezone TO 'UTC'; SET LOCAL datestyle TO 'ISO'; SET LOCAL intervalstyle TO 'postgres'; SET LOCAL bytea_output TO 'hex'; SET LOCAL extra_float_digits TO 1"

/** As sha256sum writes it. */
export function digestLine(manifest: string): string {
  return `${createHash("sha256").update(manifest).digest("hex")}  ${MANIFEST}\n`
}

async function dumpTable(client: pg.ClientBase, table: Table, sink: DumpSink): Promise<DumpedTable> {
  const columns = storedColumns(table)
  const [lines, file] = [scale(), scale()]
  let rows = 0
  const read = async function* () {
    rows = yield* lines.through(copyOut(client, copyOutText(table, columns)))
  }
  await sink.write(tableFile(table.name), file.through(gzipped(read())))
  return { name: table.name, columns, rows, sha256: lines.sha256(), fileSha256: file.sha256(), fileBytes: file.sizeBytes() }
}

async function readSequences(client: pg.ClientBase): Promise<Manifest["sequences"]> {
  const { rows } = await client.query<{ name: string }>("SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
  const found: Manifest["sequences"][number][] = []
  for (const { name } of rows) {
    const { rows: states } = await client.query<{ value: string; isUsed: boolean }>(
      `SELECT last_value AS value, is_called AS "isUsed" FROM ${quoted(name)}`,
    )
    found.push(...states.map(({ value, isUsed }) => ({ name, value: Number(value), isUsed })))
  }
  return found
}
