/**
 * A run that is opened live in another environment, because its own could not be had: the notebook that it was opened into first never
 * had a kernel, so the new one takes its place and its name. One that somebody has written in stays beside it.
 */
import { sql } from "kysely"
import type { Outcome } from "#base/outcome.ts"
import { type Drafts, moveNotebook, type NotebookRow, resolveVersion, trashNotebook, type VersionRow, versionBytes } from "#library/index.ts"
import { read } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import type { LiveRefusal } from "#work/live-source.ts"
import { refuse } from "#work/refusal.ts"
import { findOrigin } from "#work/sql/live-origin.ts"
import type { WorkWorld } from "#work/world.ts"

export async function openedBefore(
  world: WorkWorld,
  actor: Actor,
  { notebook, run }: { readonly notebook: string; readonly run: string },
): Promise<Outcome<VersionRow, LiveRefusal>> {
  const mine = await resolveVersion(world.library, actor, "edit", { notebook })
  if (!mine.ok) return mine
  const origin = await findOrigin(world.db, mine.value.notebook)
  return origin?.run === run
    ? mine
    : refuse("no_origin", "This notebook was not opened live from that run: leave it out, and the run is opened anew.")
}

type Replacing = { readonly before: VersionRow; readonly now: NotebookRow; readonly drafts: Drafts }

/** The new one, by the name that it has then. */
export async function inPlaceOf(world: WorkWorld, actor: Actor, { before, now, drafts }: Replacing): Promise<NotebookRow> {
  if (!(await isUntouched(world, before, drafts))) return now
  const { path } = await world.db.selectFrom("notebook").select("path").where("id", "=", before.notebook).executeTakeFirstOrThrow()
  const trashed = await trashNotebook(world.library, actor, before.notebook)
  if (!trashed.ok) return now
  // Where somebody was faster with that name, it keeps its own.
  const moved = await moveNotebook(world.library, actor, { notebook: now.id, path })
  return moved.ok ? moved.value : now
}

/** Nothing ran in it, and it holds what it was made with. */
async function isUntouched(world: WorkWorld, before: VersionRow, drafts: Drafts): Promise<boolean> {
  const ran =
    await sql`SELECT FROM session WHERE notebook_id = ${before.notebook} AND (environment <> '' OR state NOT IN ('dead', 'lost', 'ended')) LIMIT 1`
  if (before.number !== 1 || (await ran.execute(world.db)).rows.length > 0) return false
  const saved = read(await versionBytes(world.library, before))
  const draft = await drafts.open(before.notebook)
  const now = await draft.notebook().finally(() => draft.close())
  return saved.ok && sourcesOf(saved.value.notebook.cells) === sourcesOf(now.cells)
}

function sourcesOf(cells: readonly { readonly id: string; readonly cell_type: string; readonly source: string }[]): string {
  return JSON.stringify(cells.map(({ id, cell_type: kind, source }) => [id, kind, source]))
}
