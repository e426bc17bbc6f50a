import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { PersonId } from "#people/ids.ts"
import { rolesFor, type Thing } from "#people/roles.ts"

/** Somebody who may edit a thing at this moment. `isGranted`: by a role there, not only because they administer the platform. */
export type Editor = { readonly id: PersonId; readonly kind: "person" | "service"; readonly isGranted: boolean }

/** Everybody of whom `can` would say that they may edit it. */
export async function editorsOf(db: Db, { space, notebook }: Thing): Promise<readonly Editor[]> {
  const found = await sql<Editor>`
    WITH granted AS (
      SELECT g.person_id, g.group_id FROM role_grant g
      WHERE g.space_id = ${space} AND (g.notebook_id IS NULL OR g.notebook_id = ${notebook ?? null}) AND g.role = ANY(${rolesFor("edit")}::text[])
    ), member AS (
      SELECT person_id AS id FROM granted WHERE person_id IS NOT NULL
      UNION SELECT m.person_id FROM group_member m JOIN granted g ON g.group_id = m.group_id
    )
    SELECT p.id, p.kind, member.id IS NOT NULL AS "isGranted" FROM person p LEFT JOIN member ON member.id = p.id
    WHERE p.disabled_at IS NULL AND p.kind <> 'system' AND (p.is_admin OR member.id IS NOT NULL) ORDER BY p.id`.execute(db)
  return found.rows
}
