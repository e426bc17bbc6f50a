/** The notebooks that come with Stet, in a space of their own. */
import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type ImportReport, importPieces } from "#library/import.ts"
import type { Offering } from "#library/offered.ts"
import type { LibraryWorld } from "#library/ports.ts"
import type { Catalogued } from "#library/refusal.ts"
import { createSpace } from "#library/sql/spaces.ts"
import { SYSTEM } from "#people/index.ts"

export const SAMPLES = "samples"

/**
 * Makes the space of the samples and fills it, once: when there is or was such a space, in the trash too, nothing is done and
 * nothing is given back. The space's members are for the caller to add.
 */
export async function seedSamples(world: LibraryWorld, open: () => Promise<Offering>): Promise<Catalogued<ImportReport | undefined>> {
  const there = await sql`SELECT FROM space WHERE name = ${SAMPLES} OR created_by = ${SYSTEM.id} LIMIT 1`.execute(world.db)
  if (there.rows.length > 0) return accepted(undefined)
  const made = await createSpace(world, SYSTEM, { name: SAMPLES, title: "Samples" })
  // Another process was faster.
  if (!made.ok) return made.refusal.refused === "name_taken" ? accepted(undefined) : made
  const offering = await open()
  try {
    return await importPieces(world, SYSTEM, { space: made.value.id, message: "Comes with Stet", pieces: offering.pieces })
  } finally {
    await offering.close()
  }
}
