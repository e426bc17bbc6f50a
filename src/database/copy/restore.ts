import type pg from "pg"
import { Fault } from "#base/fault.ts"
import { readCatalog, type Table } from "#database/catalog/read.ts"
import { withClient } from "#database/client.ts"
import { drain, generated, gunzipped, scale, textOf } from "#database/copy/bytes.ts"
import { digestLine, SAME_FORM } from "#database/copy/dump.ts"
import {
  copyInText,
  copyOutText,
  type DumpedTable,
  type DumpSource,
  damaged,
  MANIFEST,
  MANIFEST_DIGEST,
  type Manifest,
  parseManifest,
  quoted,
  tableFile,
} from "#database/copy/manifest.ts"
import { copyIn, copyOut } from "#database/copy/stream.ts"
import { applyAll, type Migration, migrate, pending, readMigrations } from "#database/migrate.ts"

export type RestoreOptions = { readonly url: string; readonly source: DumpSource; readonly migrations: string }

/**
 * Fills an empty database from a dump, in one transaction: killed or refused half-way it is as empty as before. What was
 * written is read again and compared with the dump, then newer migrations are applied.
 *
 * @throws Fault busy when the database is not empty; backup_damaged; database_mismatch when the dump is of newer code;
 * database_unreachable, disk_full
 */
export async function restoreDatabase({ url, source, migrations }: RestoreOptions): Promise<Manifest> {
  const manifest = await readManifest(source)
  const known = await readMigrations(migrations)
  // Refuses a dump of newer code, and one of other migrations.
  pending(known, manifest.migrations)
  await withClient(url, "stet restore", async (client) => {
    await client.query("BEGIN")
    await client.query(SAME_FORM)
    await refuseFilled(client)
    await makeTables(client, known.slice(0, manifest.migrations.length))
    const { tables } = await readCatalog(client)
    await fill(client, manifest, { source, tables })
    for (const dumped of manifest.tables) await verifyTable(client, dumped, tables)
    await client.query("COMMIT")
  })
  await migrate(url, migrations)
  return manifest
}

/** Reads a dump through and compares every digest in it. @throws Fault backup_damaged */
export async function verifyDump(source: DumpSource): Promise<Manifest> {
  const manifest = await readManifest(source)
  for (const table of manifest.tables) await drain(checkedLines(source, table))
  return manifest
}

async function readManifest(source: DumpSource): Promise<Manifest> {
  const text = await textOf(source.read(MANIFEST))
  if ((await textOf(source.read(MANIFEST_DIGEST))) !== digestLine(text)) throw damaged(`${MANIFEST} does not have its digest`)
  return parseManifest(text)
}

async function refuseFilled(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
  )
  if (rows.length === 0) return
  throw new Fault("busy", `The database to restore into is not empty: it has ${rows.length} tables, such as ${rows[0]?.name}.`, {
    remedy: "Name an empty database, or a STET_HOME that has none yet.",
  })
}

async function makeTables(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await applyAll(client, migrations)
  const { tables } = await readCatalog(client)
  // What a migration itself put in is in the dump as it had become. Triggers of ours judge changes, and this is none.
  for (const { name } of tables) await client.query(`ALTER TABLE ${quoted(name)} DISABLE TRIGGER USER`)
  if (tables.length > 0) await client.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(", ")}`)
}

async function fill(client: pg.Client, manifest: Manifest, { source, tables }: { source: DumpSource; tables: readonly Table[] }): Promise<void> {
  for (const dumped of manifest.tables) {
    const rows = await copyIn(client, copyInText(dumped), checkedLines(source, dumped))
    if (rows !== dumped.rows) throw damaged(`the table ${dumped.name} has ${rows} rows instead of ${dumped.rows}`)
  }
  for (const { name, value, isUsed } of manifest.sequences) await client.query("SELECT setval($1::regclass, $2, $3)", [quoted(name), value, isUsed])
  // Deferred checks are made now: a table with checks to come cannot be altered.
  await client.query("SET CONSTRAINTS ALL IMMEDIATE")
  for (const { name } of tables) await client.query(`ALTER TABLE ${quoted(name)} ENABLE TRIGGER USER`)
}

/** The lines of a table as they were dumped. @throws Fault backup_damaged, at the latest after the last */
async function* checkedLines(source: DumpSource, dumped: DumpedTable): AsyncGenerator<Uint8Array> {
  const [lines, file] = [scale(), scale()]
  const name = tableFile(dumped.name)
  try {
    yield* lines.through(gunzipped(file.through(generated(source.read(name)))))
  } catch (error) {
    throw /^Z_|^ERR_/.test(String((error as NodeJS.ErrnoException).code)) ? damaged(`${name} cannot be unpacked`, error) : error
  }
  if (file.sha256() !== dumped.fileSha256 || lines.sha256() !== dumped.sha256) throw damaged(`${name} does not have its digest`)
}

async function verifyTable(client: pg.Client, dumped: DumpedTable, tables: readonly Table[]): Promise<void> {
  const table = tables.find(({ name }) => name === dumped.name)
  if (!table) throw damaged(`it has a table ${dumped.name} that its migrations do not make`)
  const lines = scale()
  await drain(lines.through(copyOut(client, copyOutText(table, dumped.columns))))
  if (lines.sha256() !== dumped.sha256) throw damaged(`the table ${dumped.name} reads otherwise than it was written`)
}
