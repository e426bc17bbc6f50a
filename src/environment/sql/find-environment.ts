import type { Db } from "#database/index.ts"
import type { Description } from "#environment/description.ts"
import type { Manifest } from "#environment/ports.ts"

/** What the platform knows of an environment, wherever it was made. */
export async function findEnvironment(db: Db, sha256: string): Promise<Manifest | undefined> {
  const row = await db
    .selectFrom("environment")
    .select(["sha256", "what", "requirements", "created_at"])
    .where("sha256", "=", sha256)
    .executeTakeFirst()
  return row && manifestOf(row)
}

export function manifestOf(row: {
  readonly sha256: string
  readonly what: unknown
  readonly requirements: unknown
  readonly created_at: number
}): Manifest {
  return { sha256: row.sha256, what: row.what as Description, requirements: row.requirements as readonly string[], madeAt: row.created_at }
}
