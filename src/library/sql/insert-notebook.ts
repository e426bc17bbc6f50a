import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { LibraryPath } from "#library/path.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { holdPaths, whyTaken } from "#library/sql/claim-path.ts"
import { titleFromPath } from "#library/title.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"

export type NewNotebook = {
  readonly id: NotebookId
  readonly space: SpaceId
  readonly path: LibraryPath
  readonly owner: PersonId
  readonly at: number
  /** From the first moment on. */
  readonly codeHidden?: boolean
}

/**
 * A place in the catalog for a notebook whose first version is saved in the same transaction. Whether its owner may is asked
 * before; refuses `path_taken` and `no_such_space`.
 */
export async function insertNotebook(tx: Db, { id, space, path, owner, at, codeHidden = false }: NewNotebook): Promise<Catalogued<NotebookId>> {
  if (!(await holdPaths(tx, [space]))) return noSuch("space", space)
  const taken = await whyTaken(tx, { space, path })
  if (taken) return taken
  await sql`INSERT INTO notebook (id, space_id, path, title, owner_id, created_at, updated_at, updated_by, code_hidden)
    VALUES (${id}, ${space}, ${path}, ${titleFromPath(path)}, ${owner}, ${new Date(at)}, ${new Date(at)}, ${owner}, ${codeHidden})`.execute(tx)
  return accepted(id)
}
