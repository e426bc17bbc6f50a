import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type AuditEntry, storable, storableDetail, viaOf } from "#people/audit.ts"

/**
 * Records what happened, in the transaction that makes it happen: it is chained as that commits, and gone when it is rolled back.
 * A denied attempt has no transaction of its own; the same one again within ten minutes is counted, not written again.
 */
export async function audit(tx: Db, entry: AuditEntry): Promise<void> {
  if (entry.outcome === "denied") return denied(tx, entry)
  await write(tx, entry)
}

async function write(tx: Db, entry: AuditEntry): Promise<void> {
  await sql`
    INSERT INTO audit_entry (at, actor_id, via, action, thing, outcome, space_id, detail)
    VALUES (${new Date(entry.at)}, ${entry.actor?.id ?? null}, ${viaOf(entry.actor)}, ${storable(entry.action)}, ${storable(entry.thing)},
      ${entry.outcome}, ${entry.space ?? null}, ${storableDetail(entry.detail ?? {})}::jsonb)`.execute(tx)
}

/** How long the same denied attempt is only counted, and how many different ones of one actor are told apart in that time. */
export const DENIED_WINDOW_MS = 600_000
const TOLD_APART = 100

async function denied(db: Db, entry: AuditEntry): Promise<void> {
  const actor = entry.actor?.id ?? null
  const since = new Date(entry.at - DENIED_WINDOW_MS)
  // One who tries every id there is gets one record for all that come after the hundredth.
  const thing = sql`CASE WHEN (SELECT count(*) FROM denied_attempt d WHERE d.actor_id IS NOT DISTINCT FROM ${actor} AND d.since > ${since}) < ${TOLD_APART}
    OR EXISTS (SELECT FROM denied_attempt d WHERE d.actor_id IS NOT DISTINCT FROM ${actor} AND d.action = ${storable(entry.action)} AND d.thing = ${storable(entry.thing)})
    THEN ${storable(entry.thing)} ELSE 'many' END`
  const found = await sql<{ thing: string; repeats: number; before: number }>`
    INSERT INTO denied_attempt AS d (actor_id, via, action, thing, space_id, since, repeats, before)
    VALUES (${actor}, ${viaOf(entry.actor)}, ${storable(entry.action)}, ${thing}, ${entry.space ?? null}, ${new Date(entry.at)}, 0, 0)
    ON CONFLICT (actor_id, action, thing) DO UPDATE SET
      before = CASE WHEN d.since > ${since} THEN d.before ELSE d.repeats END,
      repeats = CASE WHEN d.since > ${since} THEN d.repeats + 1 ELSE 0 END,
      since = CASE WHEN d.since > ${since} THEN d.since ELSE excluded.since END
    RETURNING thing, repeats, before`.execute(db)
  const [row] = found.rows
  if (!row || row.repeats > 0) return
  await write(db, { ...entry, thing: row.thing, detail: { ...entry.detail, ...(row.before > 0 ? { repeatedBefore: row.before } : {}) } })
}

/** Writes how often the attempts were repeated whose window is over, and forgets them. Called now and then. */
export async function settleDenied(db: Db, now: number): Promise<number> {
  const settled = await sql`
    WITH over AS (DELETE FROM denied_attempt WHERE since <= ${new Date(now - DENIED_WINDOW_MS)} RETURNING *)
    INSERT INTO audit_entry (at, actor_id, via, action, thing, outcome, space_id, detail)
    SELECT ${new Date(now)}, actor_id, via, action, thing, 'denied', space_id, jsonb_build_object('repeated', repeats) FROM over WHERE repeats > 0`.execute(
    db,
  )
  return Number(settled.numAffectedRows ?? 0)
}
