import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { searchDocument } from "#library/search-document.ts"
import { titleOf } from "#library/title.ts"
import { languageOf, type Notebook } from "#notebook/index.ts"
import type { NotebookId } from "#people/index.ts"

export type Indexed = { readonly notebook: NotebookId; readonly document: Notebook; readonly hasParameters: boolean }

/**
 * Makes the catalog say what the notebook's newest version says: title, language, parameters, and what it is found by. Called
 * in the transaction that saves the version, in which the notebook's row is locked.
 */
export async function indexVersion(tx: Db, { notebook, document, hasParameters }: Indexed): Promise<void> {
  const found = await sql<{
    path: string
    space: string
    codeHidden: boolean
  }>`SELECT path, space_id AS space, code_hidden AS "codeHidden" FROM notebook WHERE id = ${notebook} FOR NO KEY UPDATE`.execute(tx)
  const [row] = found.rows
  if (!row) throw new Error(`the notebook ${notebook} is not in the catalog`)
  const title = titleOf(document, row.path)
  const { prose, code, outputs, words } = searchDocument({ title, path: row.path, space: row.space }, document, row.codeHidden)
  // Anybody's text: names of languages need no more than this, and PostgreSQL takes no NUL.
  const language = languageOf(document)
    .replace(/[^\p{L}\p{N}+#._ -]/gu, "")
    .slice(0, 64)
  await sql`UPDATE notebook SET title = ${title}, language = ${language}, has_parameters = ${hasParameters} WHERE id = ${notebook}`.execute(tx)
  await sql`INSERT INTO search_text (notebook_id, space_id, prose, code, outputs, words)
    VALUES (${notebook}, ${row.space}, ${prose}, ${code}, ${outputs}, ${words}::tsvector)
    ON CONFLICT (notebook_id) DO UPDATE SET space_id = excluded.space_id, prose = excluded.prose, code = excluded.code,
      outputs = excluded.outputs, words = excluded.words`.execute(tx)
}
