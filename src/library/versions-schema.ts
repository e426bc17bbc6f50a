/**
 * The schemas of older versions, read anew from their bytes when Stet has learnt to read more: parameters that are files, defaults that
 * do not come with the version. One version after the other, each in a moment of its own: ended anywhere, the next one goes on from there.
 */
import type { LibraryWorld } from "#library/ports.ts"
import { rewriteSchema, type SchemaRow, schemasBefore } from "#library/sql/version-schema.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { aboutNotebook, parametersOf, SCHEMA_EDITION } from "#library/versions-about.ts"
import { type Beside, besideIn } from "#notebook/index.ts"

const AT_ONCE = 100

export type SchemasRead = { readonly read: number; readonly changed: number; readonly unreadable: number }

/** Not those that are proposed: what was approved is bound to the schema that it was approved with. Their turn comes when it is decided. */
export async function readSchemasAnew(world: LibraryWorld): Promise<SchemasRead> {
  const counts = { read: 0, changed: 0, unreadable: 0 }
  let after = { notebook: "", number: 0 }
  for (;;) {
    const rows = await schemasBefore(world.db, { edition: SCHEMA_EDITION, after, most: AT_ONCE })
    for (const row of rows) counts[await readAnew(world, row)]++
    const last = rows.at(-1)
    if (rows.length < AT_ONCE || !last) return { ...counts, read: counts.read + counts.changed }
    after = last
  }
}

async function readAnew(world: LibraryWorld, row: SchemaRow): Promise<"read" | "changed" | "unreadable"> {
  const bytes = await versionBytes(world, row).catch(() => undefined)
  const about = bytes && (await aboutNotebook(bytes, world))
  // A blob that is missing may come back; who looks after blobs tells of it.
  if (!about?.ok) return "unreadable"
  const isChanged = await rewriteSchema(world.db, row, { edition: SCHEMA_EDITION, parameters: parametersOf(about.value, besideThen(row)) })
  return isChanged ? "changed" : "read"
}

/**
 * A version's files are named as they lay when it was saved, and the notebook may have been moved since: then one of that name is the one
 * that is meant, since whoever could run it before must not be asked for more.
 */
function besideThen({ path, manifest }: SchemaRow): Beside {
  const names = new Set(Object.keys(manifest).map(nameOf))
  return { ...besideIn(path, manifest), has: (file) => names.has(nameOf(file)) }
}

function nameOf(path: string): string {
  return path.split("/").at(-1) ?? path
}
