/** People and groups whose approval it takes: of one template, or of every template of a space. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { CodeOwner } from "#template/gates.ts"

/** To be named as code owner. */
export type CodeOwnerSpec = { readonly person: string } | { readonly group: string }

/** Whose they are: a template's own, or those of a space. */
export type OwnersOf = { readonly template: string } | { readonly space: string }

type Named = Omit<CodeOwner, "people"> & { readonly members: readonly string[] }

/** Both kinds, by name; who of them may edit it is the caller's to say. */
export async function codeOwnersOf(db: Db, { template, space }: { readonly template?: string; readonly space: string }): Promise<readonly Named[]> {
  const found = await sql<Named>`
    SELECT CASE WHEN c.person_id IS NULL THEN 'group' ELSE 'person' END AS kind, coalesce(c.person_id, c.group_id) AS id, coalesce(p.name, g.name) AS name,
      CASE WHEN c.template_id IS NULL THEN 'space' ELSE 'template' END AS of,
      CASE WHEN c.person_id IS NULL THEN ARRAY(SELECT m.person_id::text FROM group_member m WHERE m.group_id = c.group_id) ELSE ARRAY[c.person_id::text] END AS members
    FROM code_owner c LEFT JOIN person p ON p.id = c.person_id LEFT JOIN people_group g ON g.id = c.group_id
    WHERE c.template_id = ${template ?? null} OR c.space_id = ${space} ORDER BY name, id`.execute(db)
  return found.rows
}

/** A template's own and those of its space, as they are shown. Rights are the caller's to check. */
export async function templateCodeOwners(
  { db }: { readonly db: Db },
  { id, space }: { readonly id: string; readonly space: { readonly id: string } },
) {
  return (await codeOwnersOf(db, { template: id, space: space.id })).map(ownerView)
}

/** As it is shown. */
export type OwnerView = Pick<CodeOwner, "kind" | "id" | "name" | "of">

export function ownerView({ kind, id, name, of }: OwnerView): OwnerView {
  return { kind, id, name, of }
}

/** In place of those that were. False when one of them is not there or has left. */
export async function setCodeOwners(tx: Db, of: OwnersOf, owners: readonly CodeOwnerSpec[]): Promise<boolean> {
  const template = sql`${"template" in of ? of.template : null}::text`
  const space = sql`${"space" in of ? of.space : null}::text`
  await sql`DELETE FROM code_owner WHERE template_id = ${template} OR space_id = ${space}`.execute(tx)
  for (const owner of owners) {
    const put =
      "person" in owner
        ? sql`INSERT INTO code_owner (space_id, template_id, person_id)
            SELECT ${space}, ${template}, id FROM person WHERE id = ${owner.person} AND kind = 'person' AND disabled_at IS NULL ON CONFLICT DO NOTHING`
        : sql`INSERT INTO code_owner (space_id, template_id, group_id)
            SELECT ${space}, ${template}, id FROM people_group WHERE id = ${owner.group} ON CONFLICT DO NOTHING`
    await put.execute(tx)
  }
  const kept = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM code_owner WHERE template_id = ${template} OR space_id = ${space}`.execute(tx)
  return kept.rows[0]?.count === new Set(owners.map((owner) => JSON.stringify(owner))).size
}
