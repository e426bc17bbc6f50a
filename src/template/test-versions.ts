/**
 * Every new version of a notebook is tested where that is wanted: by default where a template stands for one of its versions. Looked for
 * every so often, so that it does not matter how a version came to be; of several that came meanwhile the newest is tested. Two servers
 * that look at once take different ones.
 */
import { sql } from "kysely"
import { testCasesOf } from "#library/index.ts"
import type { Actor, NotebookId, PersonId, SpaceId } from "#people/index.ts"
import { begin } from "#template/begin-tests.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { insertTestRun } from "#template/test-run.ts"

const AT_ONCE = 20

type Due = {
  readonly notebook: NotebookId
  readonly space: SpaceId
  readonly version: number
  readonly author: PersonId
  readonly authorName: string
}

/** @returns how many began */
export async function testNewVersions(world: TemplateWorld): Promise<number> {
  const made = await world.db.transaction().execute(async (tx) => {
    // What has no test cases is looked at again when it gets a version: its number stays behind.
    const due = await sql<Due>`
      UPDATE notebook n SET tested_version = n.latest
      FROM (
        SELECT n.id, coalesce(v.author_id, n.owner_id) AS author FROM notebook n JOIN version v ON v.notebook_id = n.id AND v.number = n.latest
        WHERE n.id IN (SELECT c.notebook_id FROM test_case c) AND n.latest > n.tested_version AND n.trashed_at IS NULL
          AND coalesce(n.tests_versions, EXISTS (SELECT FROM template t WHERE t.notebook_id = n.id AND t.latest > 0))
        ORDER BY n.id LIMIT ${AT_ONCE} FOR UPDATE OF n SKIP LOCKED
      ) due JOIN person p ON p.id = due.author
      WHERE n.id = due.id
      RETURNING n.id AS notebook, n.space_id AS space, n.latest AS version, due.author, p.name AS "authorName"`.execute(tx)
    const ids: string[] = []
    for (const { notebook, space, version, author, authorName } of due.rows) {
      const actor: Actor = { id: author, name: authorName, isAdmin: false, via: { kind: "system" } }
      ids.push(await insertTestRun(tx, world, { notebook, space, version, because: "version", actor, cases: await testCasesOf(tx, notebook) }))
    }
    return ids
  })
  for (const id of made) await begin(world, id)
  return made.length
}
