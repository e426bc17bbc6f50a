/** Where a notebook stands and would run, and the files around it. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { SpaceDefault } from "#environment/index.ts"

export type Place = {
  readonly path: string
  /** Of the session that lives; null before it has found its environment, or where none does. */
  readonly sessionEnvironment: string | null
  /** What whoever started the session chose, or whoever opened the notebook live agreed to: a name or digest; null for nothing. */
  readonly asked: string | null
  readonly spaceDefault: SpaceDefault | undefined
}

type Row = Omit<Place, "spaceDefault"> & { readonly sha256: string | null; readonly language: string; readonly kind: SpaceDefault["kind"] }

export async function findPlace(db: Db, notebook: string): Promise<Place | undefined> {
  const { rows } = await sql<Row>`
    SELECT n.path, s.environment_sha256 AS "sessionEnvironment", coalesce(s.environment_asked, o.environment) AS asked,
      e.sha256, e.what->'kernel'->>'language' AS language, e.kind
    FROM notebook n JOIN space p ON p.id = n.space_id
    LEFT JOIN session s ON s.notebook_id = n.id AND s.state NOT IN ('lost', 'ended')
    LEFT JOIN live_origin o ON o.notebook_id = n.id LEFT JOIN environment e ON e.sha256 = p.default_environment
    WHERE n.id = ${notebook}`.execute(db)
  const [row] = rows
  if (!row) return undefined
  const { sha256, language, kind, ...place } = row
  return { ...place, spaceDefault: sha256 === null ? undefined : { sha256, language, kind } }
}

/**
 * Files of the notebook's space in a folder and below it ("" is the space), with those that a session of it is given wherever they come
 * from: by the run that it was opened from, and sent for that.
 */
export async function pathsAround(db: Db, notebook: string, { below, limit }: { readonly below: string; readonly limit: number }) {
  const { rows } = await sql<{ path: string }>`
    SELECT f.path FROM notebook n JOIN file f ON f.space_id = n.space_id
      WHERE n.id = ${notebook} AND f.trashed_at IS NULL AND starts_with(f.folder, ${below === "" ? "" : `${below}/`})
    UNION SELECT n.folder || l.path FROM notebook n JOIN live_file l ON l.notebook_id = n.id WHERE n.id = ${notebook}
    UNION SELECT jsonb_object_keys(v.manifest) FROM live_origin o JOIN version v ON v.notebook_id = o.of_notebook AND v.number = o.version
      WHERE o.notebook_id = ${notebook}
    ORDER BY path LIMIT ${limit}`.execute(db)
  return rows.map(({ path }) => path)
}
