import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { VersionName } from "#library/stored-keep.ts"

const AT_ONCE = 1000

/** Every version there is, those of one notebook together. */
export async function* everyVersion(db: Db): AsyncGenerator<VersionName & { readonly sha256: string }> {
  let after: VersionName | undefined
  for (;;) {
    const where = after ? sql`(notebook_id, number) > (${after.notebook}, ${after.number})` : sql`true`
    const found = await sql<VersionName & { sha256: string }>`SELECT notebook_id AS notebook, number, sha256 FROM version
      WHERE ${where} ORDER BY notebook_id, number LIMIT ${AT_ONCE}`.execute(db)
    yield* found.rows
    after = found.rows.at(-1)
    if (!after || found.rows.length < AT_ONCE) return
  }
}

/** The names of all blobs that have a row, in order. */
export async function* everyBlobRow(db: Db): AsyncGenerator<string> {
  let after = ""
  for (;;) {
    const found = await sql<{ sha256: string }>`SELECT sha256 FROM blob WHERE sha256 > ${after} ORDER BY sha256 LIMIT ${AT_ONCE}`.execute(db)
    for (const { sha256 } of found.rows) yield sha256
    const last = found.rows.at(-1)
    if (!last || found.rows.length < AT_ONCE) return
    after = last.sha256
  }
}
