import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { PersonId, SpaceId } from "#people/index.ts"

export type Told = { readonly id: PersonId; readonly name: string }

export type AnswersFor = { readonly space: SpaceId; readonly notebook: string; readonly template: string | null }

const MOST_TOLD = 20

/** The template's owner, or else the notebook's; who answers for a service account; those who administer the space when the owner has left. */
export async function whoAnswers(db: Db, { space, notebook, template }: AnswersFor): Promise<readonly Told[]> {
  const owner = await sql<Told>`
    SELECT p.id, p.name FROM notebook n LEFT JOIN template t ON t.id = ${template}
      JOIN person o ON o.id = coalesce(t.owner_id, n.owner_id) JOIN person p ON p.id = coalesce(o.owner_id, o.id)
    WHERE n.id = ${notebook} AND p.disabled_at IS NULL AND p.kind = 'person'`.execute(db)
  if (owner.rows.length > 0) return owner.rows
  const admins = await sql<Told>`
    SELECT p.id, p.name FROM person p WHERE p.disabled_at IS NULL AND p.kind = 'person' AND (p.is_admin OR EXISTS (
      SELECT FROM role_grant g WHERE g.space_id = ${space} AND g.notebook_id IS NULL AND g.role = 'admin'
        AND (g.person_id = p.id OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = p.id))))
    ORDER BY p.is_admin, p.id LIMIT ${MOST_TOLD}`.execute(db)
  return admins.rows
}
