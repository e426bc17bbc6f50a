import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Importable } from "#environment/ports.ts"

export async function hasImportable(db: Db, sha256: string): Promise<boolean> {
  const found = await sql`SELECT FROM environment_importable WHERE sha256 = ${sha256}`.execute(db)
  return found.rows.length > 0
}

/** Undefined where no worker has asked it yet, or it is neither Python nor R. */
export async function importableOf(db: Db, sha256: string): Promise<Importable | undefined> {
  const found = await sql<{ version: string; modules: readonly string[] }>`
    SELECT python_version AS version, modules FROM environment_importable WHERE sha256 = ${sha256}`.execute(db)
  const [row] = found.rows
  return row && { version: row.version, modules: new Set(row.modules) }
}

/** What several workers find out at once is the same. */
export async function recordImportable(db: Db, sha256: string, { version, modules }: Importable): Promise<void> {
  await sql`
    INSERT INTO environment_importable (sha256, python_version, modules)
    SELECT sha256, ${version}, ${JSON.stringify([...modules])}::jsonb FROM environment WHERE sha256 = ${sha256} ON CONFLICT DO NOTHING`.execute(db)
}
