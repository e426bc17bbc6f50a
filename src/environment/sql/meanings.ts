import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Meaning, Meanings } from "#environment/meaning.ts"

type Row = Meaning & { readonly name: string }

/** What names mean now, and what installed kernels are. */
export async function meanings(db: Db): Promise<Meanings> {
  const labels = await sql<Row>`
    SELECT DISTINCT ON (l.name) l.name, l.sha256, l.at AS since, e.kind FROM environment_label l JOIN environment e ON e.sha256 = l.sha256
    ORDER BY l.name, l.at DESC`.execute(db)
  const kernels = await sql<Row>`
    SELECT DISTINCT ON (lower(e.what->'kernel'->>'name')) lower(e.what->'kernel'->>'name') AS name, e.sha256, e.created_at AS since, e.kind
    FROM environment e WHERE e.kind = 'captured' ORDER BY lower(e.what->'kernel'->>'name'), e.created_at DESC, e.sha256`.execute(db)
  return { labels: byName(labels.rows), kernels: byName(kernels.rows) }
}

function byName(rows: readonly Row[]): ReadonlyMap<string, Meaning> {
  return new Map(rows.map(({ name, sha256, since, kind }) => [name, { sha256, since, kind }]))
}
