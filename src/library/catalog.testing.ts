/** The test vocabulary of the catalog: notebooks put in without their bytes, which the catalog does not look at. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import type { Outcome } from "#base/outcome.ts"
import { attempt } from "#database/index.ts"
import type { Page } from "#library/notebook-row.ts"
import { toNotebookPath } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import type { CatalogRefusal, Catalogued } from "#library/refusal.ts"
import { indexVersion } from "#library/sql/index-version.ts"
import { insertNotebook } from "#library/sql/insert-notebook.ts"
import { ipynb } from "#library/testing.ts"
import { type Notebook, read } from "#notebook/index.ts"
import type { Actor, NotebookId, SpaceId } from "#people/index.ts"

export type Placed = {
  readonly space: SpaceId
  readonly path: string
  readonly owner: Actor
  /** Sources of its cells, as `ipynb` has them. */
  readonly sources?: readonly string[]
  readonly hasParameters?: boolean
}

/** In the catalog and found by its words, without a version. */
export async function tryPlace(world: Pick<LibraryWorld, "db" | "clock" | "random">, placed: Placed): Promise<Catalogued<NotebookId>> {
  const path = toNotebookPath(placed.path)
  if (!path.ok) return path
  const at = world.clock.now()
  const id = newId<"Notebook">(at, world.random) as NotebookId
  const document = documentOf(...(placed.sources ?? []))
  return attempt(world.db, async (tx) => {
    const made = await insertNotebook(tx, { id, space: placed.space, path: path.value, owner: placed.owner.id, at })
    if (made.ok) await indexVersion(tx, { notebook: id, document, hasParameters: placed.hasParameters ?? false })
    return made
  })
}

export async function place(world: Pick<LibraryWorld, "db" | "clock" | "random">, placed: Placed): Promise<NotebookId> {
  return good(await tryPlace(world, placed))
}

export function documentOf(...sources: readonly string[]): Notebook {
  const reading = read(ipynb(...sources))
  if (!reading.ok) throw new Error(reading.refusal.message)
  return reading.value.notebook
}

export function good<Value>(outcome: Outcome<Value, { readonly message: string }>): Value {
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

export function refusal(outcome: Outcome<unknown, CatalogRefusal>): CatalogRefusal["refused"] | "none" {
  return outcome.ok ? "none" : outcome.refusal.refused
}

/** Every page of a list, one after the other. */
export async function allPages<Item>(page: (cursor: string | undefined) => Promise<Catalogued<Page<Item>>>): Promise<readonly Item[]> {
  const items: Item[] = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const { items: some, next } = good(await page(cursor))
    items.push(...some)
    cursor = next
  }
  return items
}

/** What the audit holds, oldest first: "notebook.move done". */
export async function audited(world: Pick<LibraryWorld, "db">): Promise<readonly string[]> {
  const found = await sql<{ said: string }>`SELECT action || ' ' || outcome AS said FROM audit_event ORDER BY seq`.execute(world.db)
  return found.rows.map(({ said }) => said)
}
