import type { Db } from "#database/index.ts"

/** Digests that spaces run in unless something else is named. */
export async function spaceDefaults(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom("space").select("default_environment").where("default_environment", "is not", null).execute()
  return rows.flatMap(({ default_environment: sha256 }) => sha256 ?? [])
}
