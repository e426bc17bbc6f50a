import type { Db } from "#database/index.ts"
import type { Label } from "#environment/ports.ts"

/** What each name means now. */
export async function environmentLabels(db: Db): Promise<readonly Label[]> {
  return db.selectFrom("environment_label").distinctOn("name").select(["name", "sha256", "at"]).orderBy("name").orderBy("at", "desc").execute()
}
