import { sql } from "kysely"
import { at, type Db } from "#database/index.ts"
import { asDigest } from "#environment/choose.ts"
import type { Manifest } from "#environment/ports.ts"
import { manifestOf } from "#environment/sql/find-environment.ts"

/** `name`: that which was given to it last; what it was first seen as (its kernel) where none was. Times are milliseconds since 1970. */
export type KnownEnvironment = { readonly manifest: Manifest; readonly name: string; readonly lastUsedAt: number | null }

export type Page = {
  readonly limit: number
  /** Only what this name means or meant. */
  readonly name?: string | undefined
  /** The last one of the page before. */
  readonly after?: { readonly madeAt: number; readonly sha256: string } | undefined
}

/** The environments that the platform has seen, the newest first. */
export async function knownEnvironments(db: Db, { limit, name, after }: Page): Promise<readonly KnownEnvironment[]> {
  let query = all(db).orderBy("created_at", "desc").orderBy("sha256", "desc").limit(limit)
  if (name !== undefined)
    query = query.where((is) =>
      is.or([is("name", "=", name), is("sha256", "in", db.selectFrom("environment_label").select("sha256").where("name", "=", name))]),
    )
  if (after) query = query.where(sql<boolean>`(created_at, sha256) < (${at(after.madeAt)}, ${after.sha256})`)
  return (await query.execute()).map(knownOf)
}

/** By digest, or by what a name means now. */
export async function knownEnvironment(db: Db, named: string): Promise<KnownEnvironment | undefined> {
  const label = asDigest(named)
    ? undefined
    : await db.selectFrom("environment_label").select("sha256").where("name", "=", named).orderBy("at", "desc").limit(1).executeTakeFirst()
  const sha256 = asDigest(named) ?? label?.sha256
  if (sha256 === undefined) return undefined
  const row = await all(db).where("sha256", "=", sha256).executeTakeFirst()
  return row && knownOf(row)
}

function all(db: Db) {
  // It may have been used, by its digest, before anybody told what it is called.
  const named = sql<string>`coalesce((SELECT l.name FROM environment_label l WHERE l.sha256 = environment.sha256 ORDER BY l.at DESC LIMIT 1), environment.name)`
  return db.selectFrom("environment").select(["sha256", named.as("name"), "what", "requirements", "created_at", "last_used_at"])
}

type Row = Parameters<typeof manifestOf>[0] & { readonly name: string; readonly last_used_at: number | null }

function knownOf(row: Row): KnownEnvironment {
  return { manifest: manifestOf(row), name: row.name, lastUsedAt: row.last_used_at }
}
