import type { Db } from "#database/index.ts"
import type { Label } from "#environment/ports.ts"

/** Mirrors what names mean; a label that is there already stays. */
export async function recordLabels(db: Db, labels: readonly Label[]): Promise<void> {
  if (labels.length === 0) return
  await db
    .insertInto("environment_label")
    .values(labels.map(({ name, sha256, at }) => ({ name, sha256, at: new Date(at) })))
    .onConflict((conflict) => conflict.columns(["name", "at"]).doNothing())
    .execute()
}
