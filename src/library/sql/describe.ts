import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, noSuch, refuse } from "#library/refusal.ts"
import { notebookFor } from "#library/sql/find-notebook.ts"
import { isId, isLimit } from "#library/sql/find-space.ts"
import { indexVersion } from "#library/sql/index-version.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { certainVersion } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { toTags } from "#library/title.ts"
import { read } from "#notebook/index.ts"
import { type Actor, audit, can, type NotebookId, type PersonId } from "#people/index.ts"

export type SetTags = { readonly notebook: string; readonly tags: readonly string[] }

/** All of its tags, in place of those it had. */
export async function setTags(world: CatalogWorld, actor: Actor, asked: SetTags): Promise<Catalogued<NotebookRow>> {
  const tags = toTags(asked.tags)
  if (!tags.ok) return tags
  const found = await notebookFor(world, actor, asked.notebook, { action: "edit", verb: "notebook.tags", words: "tag this notebook" })
  if (!found.ok) return found
  const { id, space, tags: before } = found.value
  if (before.join("\n") === tags.value.join("\n")) return found
  return attempt(world.db, async (tx) => {
    const done = await sql`UPDATE notebook SET tags = ${tags.value}::text[] WHERE id = ${id} AND trashed_at IS NULL`.execute(tx)
    if (done.numAffectedRows !== 1n) return noSuch("notebook", asked.notebook)
    const entry = { actor, action: "notebook.tags", thing: `notebook/${id}`, space: space.id, outcome: "done", detail: { tags: tags.value } } as const
    await audit(tx, { ...entry, at: world.clock.now() })
    return accepted({ ...found.value, tags: tags.value })
  })
}

/** Runs of it at once; null: as many as its space allows. */
export async function limitNotebook(
  world: CatalogWorld,
  actor: Actor,
  { notebook, maxRunning }: { readonly notebook: string; readonly maxRunning: number | null },
): Promise<Catalogued<NotebookRow>> {
  if (!isLimit(maxRunning)) return refuse("bad_limit", "Runs at once are a whole number from 1, or null for as many as there are slots.")
  const found = await notebookFor(world, actor, notebook, { action: "edit", verb: "notebook.limit", words: "limit this notebook" })
  if (!found.ok) return found
  const { id, space } = found.value
  return attempt(world.db, async (tx) => {
    await sql`UPDATE notebook SET max_running = ${maxRunning} WHERE id = ${id}`.execute(tx)
    const entry = { actor, action: "notebook.limit", thing: `notebook/${id}`, space: space.id, outcome: "done", detail: { maxRunning } } as const
    await audit(tx, { ...entry, at: world.clock.now() })
    return accepted({ ...found.value, maxRunning })
  })
}

/**
 * Whether those who may not edit it see its code. What it is found by follows: hidden code is found by nobody, so that nobody can
 * ask for it word by word.
 */
export async function hideCode(
  world: LibraryWorld,
  actor: Actor,
  { notebook, isHidden }: { readonly notebook: string; readonly isHidden: boolean },
): Promise<Catalogued<NotebookRow>> {
  const doing = { action: "administer", verb: "notebook.code", words: "decide who sees the code of this notebook" } as const
  const found = await notebookFor(world, actor, notebook, doing)
  if (!found.ok || found.value.codeHidden === isHidden) return found
  const { id, space } = found.value
  return attempt(world.db, async (tx) => {
    await sql`UPDATE notebook SET code_hidden = ${isHidden} WHERE id = ${id}`.execute(tx)
    await indexAgain(world, tx, id)
    const entry = { actor, action: "notebook.code", thing: `notebook/${id}`, space: space.id, outcome: "done", detail: { isHidden } } as const
    await audit(tx, { ...entry, at: world.clock.now() })
    return accepted({ ...found.value, codeHidden: isHidden })
  })
}

async function indexAgain(world: LibraryWorld, tx: Db, notebook: NotebookId): Promise<void> {
  const locked = await sql<{ latest: number; hasParameters: boolean }>`
    SELECT latest, has_parameters AS "hasParameters" FROM notebook WHERE id = ${notebook} FOR NO KEY UPDATE`.execute(tx)
  const version = await certainVersion(tx, notebook, locked.rows[0]?.latest ?? 0)
  const reading = read(await versionBytes(world, version))
  if (!reading.ok) throw new Error(`version ${version.number} of ${notebook} was read when it was saved: ${reading.refusal.message}`)
  await indexVersion(tx, { notebook, document: reading.value.notebook, hasParameters: locked.rows[0]?.hasParameters ?? false })
}

export type HandOver = { readonly notebook: string; readonly to: PersonId }

/**
 * Gives a notebook to somebody who may edit it. Its owner may, and whoever administers it. Owning gives no right by itself: it
 * says who is asked.
 */
export async function handOver(world: CatalogWorld, actor: Actor, asked: HandOver): Promise<Catalogued<NotebookRow>> {
  const doing = { action: "edit", verb: "notebook.owner", words: "hand over this notebook" } as const
  const seen = await notebookFor(world, actor, asked.notebook, doing)
  if (!seen.ok) return seen
  const isOwner = seen.value.owner.id === actor.id
  const found = isOwner ? seen : await notebookFor(world, actor, asked.notebook, { ...doing, action: "administer" })
  if (!found.ok) return found
  const { id, space, owner } = found.value
  const heir = await heirOf(world.db, asked.to)
  if (!heir) return noSuch("person", asked.to)
  const mayEdit = await can(world.db, heir, "edit", { space: space.id, notebook: id })
  if (!mayEdit)
    return refuse(
      "not_allowed",
      `${heir.name} may not edit this notebook, so it cannot be handed over to them: give them the role of an editor first.`,
    )
  return attempt(world.db, async (tx) => {
    const done = await sql`UPDATE notebook SET owner_id = ${heir.id} WHERE id = ${id} AND trashed_at IS NULL`.execute(tx)
    if (done.numAffectedRows !== 1n) return noSuch("notebook", asked.notebook)
    const detail = { from: owner.id, to: heir.id }
    await audit(tx, { actor, action: "notebook.owner", thing: `notebook/${id}`, space: space.id, outcome: "done", detail, at: world.clock.now() })
    return accepted({ ...found.value, owner: { id: heir.id, name: heir.name, hasLeft: false } })
  })
}

async function heirOf(db: Db, id: string): Promise<Actor | undefined> {
  if (!isId(id)) return undefined
  const found = await sql<{ id: PersonId; name: string; isAdmin: boolean }>`
    SELECT id, name, is_admin AS "isAdmin" FROM person WHERE id = ${id} AND kind <> 'system' AND disabled_at IS NULL`.execute(db)
  const [row] = found.rows
  return row && { ...row, via: { kind: "session", session: "" } }
}
