/** Which environment a version wishes for: read from its bytes once, since they never change. */
import { sql } from "kysely"
import { stated, type Wish, wishOf } from "#environment/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { read } from "#notebook/index.ts"
import { type NotebookId, SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"

type Which = { readonly notebook: NotebookId; readonly version: number }

export async function knownWish(world: TemplateWorld, which: Which): Promise<Wish> {
  const found = await sql<Wish>`
    SELECT want, name, language FROM version_environment WHERE notebook_id = ${which.notebook} AND version = ${which.version}`.execute(world.db)
  return found.rows[0] ?? readWish(world, which)
}

/** What cannot be read wishes for nothing that could change. */
export async function readWish(world: TemplateWorld, { notebook, version }: Which): Promise<Wish> {
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook, version, evenTrashed: true })
  const reading = found.ok ? read(await versionBytes(world.library, found.value)) : undefined
  const said = reading?.ok ? stated(reading.value.notebook) : undefined
  const wish: Wish = reading?.ok && said?.ok ? wishOf(reading.value.notebook, said.value) : { want: "listed", name: "", language: "" }
  await sql`
    INSERT INTO version_environment (notebook_id, version, want, name, language)
    VALUES (${notebook}, ${version}, ${wish.want}, ${wish.name}, ${wish.language}) ON CONFLICT DO NOTHING`.execute(world.db)
  return wish
}
