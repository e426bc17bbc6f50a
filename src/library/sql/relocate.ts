import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { LibraryPath } from "#library/path.ts"
import { nameWords } from "#library/search-document.ts"
import { titleFromPath } from "#library/title.ts"
import type { NotebookId, SpaceId } from "#people/index.ts"

export type Standing = { readonly id: NotebookId; readonly path: string; readonly title: string }
export type Relocated = { readonly from: Standing; readonly path: LibraryPath }

const AT_ONCE = 1000

/**
 * Gives notebooks other places. What goes by a notebook's space goes with it: its versions, its runs, what it is found by. Roles
 * that were given on it alone end when it comes to another space: they were given by those who administer the one it left.
 */
export async function relocateNotebooks(
  tx: Db,
  moves: readonly Relocated[],
  { space, to }: { readonly space: SpaceId; readonly to: SpaceId },
): Promise<void> {
  for (let at = 0; at < moves.length; at += AT_ONCE) await relocateSome(tx, moves.slice(at, at + AT_ONCE), { space, to })
}

async function relocateSome(tx: Db, moves: readonly Relocated[], { space, to }: { readonly space: SpaceId; readonly to: SpaceId }): Promise<void> {
  const ids = moves.map(({ from }) => from.id)
  const paths = moves.map(({ path }) => path)
  // A title that came from the file's name follows it; a heading stays.
  const titles = moves.map(({ from, path }) => (from.title === titleFromPath(from.path) ? titleFromPath(path) : from.title))
  const words = paths.map((path, i) => nameWords({ title: titles[i] ?? "", path, space: to }))
  await sql`UPDATE notebook n SET space_id = ${to}, path = m.path, title = m.title
    FROM unnest(${ids}::text[], ${paths}::text[], ${titles}::text[]) AS m(id, path, title) WHERE n.id = m.id`.execute(tx)
  await sql`UPDATE search_text t SET space_id = ${to}, words = m.words::tsvector || ts_filter(t.words, '{b,c,d}')
    FROM unnest(${ids}::text[], ${words}::text[]) AS m(id, words) WHERE t.notebook_id = m.id`.execute(tx)
  if (space === to) return
  await sql`UPDATE version SET space_id = ${to} WHERE notebook_id = ANY(${ids}::text[])`.execute(tx)
  await sql`UPDATE run SET space_id = ${to} WHERE notebook_id = ANY(${ids}::text[])`.execute(tx)
  // Whoever may do something with it there may do so with its templates, and nobody else.
  for (const table of ["test_case", "template", "proposal"])
    await sql`UPDATE ${sql.table(table)} SET space_id = ${to} WHERE notebook_id = ANY(${ids}::text[])`.execute(tx)
  await sql`DELETE FROM role_grant WHERE notebook_id = ANY(${ids}::text[])`.execute(tx)
}
