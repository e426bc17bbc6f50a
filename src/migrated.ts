import { fileURLToPath } from "node:url"
import { migrate } from "#database/index.ts"

export const MIGRATIONS = fileURLToPath(new URL("../db", import.meta.url))

/** Brings the database's schema up to this version of Stet. @throws Fault when it is newer, or was changed by hand */
export async function migrated(databaseUrl: string, tell: (line: string) => void): Promise<void> {
  const { applied } = await migrate(databaseUrl, MIGRATIONS)
  if (applied.length > 0) tell(`The database's schema is brought up to date (${applied.length === 1 ? "one step" : `${applied.length} steps`}).`)
}
