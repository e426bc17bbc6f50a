import type { Db } from "#database/index.ts"
import type { Manifest } from "#environment/ports.ts"

export type Use = { readonly manifest: Manifest; readonly name: string; readonly at: number }

/** Mirrors an environment in the database, so that a run may name it, and says when it was last used. */
export async function recordUse(db: Db, { manifest, name, at }: Use): Promise<void> {
  await db
    .insertInto("environment")
    .values({ ...rowOf(manifest, name), last_used_at: new Date(at) })
    .onConflict((conflict) => conflict.column("sha256").doUpdateSet({ last_used_at: new Date(at) }))
    .execute()
}

/** Mirrors an environment that was made and not used yet. */
export async function recordMade(db: Db, { manifest, name }: Omit<Use, "at">): Promise<void> {
  await db
    .insertInto("environment")
    .values(rowOf(manifest, name))
    .onConflict((conflict) => conflict.column("sha256").doNothing())
    .execute()
}

function rowOf({ sha256, what, requirements, madeAt }: Manifest, name: string) {
  return { sha256, name, kind: what.kind, what: JSON.stringify(what), requirements: JSON.stringify(requirements), created_at: new Date(madeAt) }
}
