import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { VersionRow } from "#library/sql/version-row.ts"
import { type Actor, audit } from "#people/index.ts"

export type Labelling = { readonly version: VersionRow; readonly label: string | null; readonly at: number }

/** In a transaction of its own or the caller's; whoever calls has asked who may. */
export async function setLabel(tx: Db, actor: Actor, { version, label, at }: Labelling): Promise<void> {
  const { notebook, number, space } = version
  await sql`UPDATE version SET label = ${label} WHERE notebook_id = ${notebook} AND number = ${number}`.execute(tx)
  const detail = { number, from: version.label, to: label }
  await audit(tx, { actor, action: "version.label", thing: `notebook/${notebook}`, space, outcome: "done", detail, at })
}
