/** Drafts as they are kept: a state, and the updates since. Every write names the holder and the fence, and does nothing without them. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { NotebookId } from "#people/index.ts"

/** Who has the draft in memory. */
export type Held = { readonly notebook: NotebookId; readonly holder: string; readonly fence: number }

export type StoredDraft = Held & {
  readonly state: Uint8Array
  readonly updates: readonly Uint8Array[]
  /** The number of the last update. */
  readonly seq: number
}

const UNTIL = (leaseMs: number) => sql`now() + make_interval(secs => ${leaseMs / 1000}::float8)`

export type Claim = { readonly notebook: NotebookId; readonly holder: string; readonly leaseMs: number }

/** "none": there is no draft yet. "held": another process has it. */
export async function claimDraft(db: Db, { notebook, holder, leaseMs }: Claim): Promise<StoredDraft | "none" | "held"> {
  return db.transaction().execute(async (tx) => {
    const claimed = await sql<{ state: Uint8Array; stateSeq: number; fence: number }>`
      UPDATE draft SET holder = ${holder}, held_until = ${UNTIL(leaseMs)}, fence = fence + 1
      WHERE notebook_id = ${notebook} AND (holder IS NULL OR holder = ${holder} OR held_until < now())
      RETURNING state, state_seq AS "stateSeq", fence`.execute(tx)
    const row = claimed.rows[0]
    if (!row) {
      const there = await sql`SELECT 1 FROM draft WHERE notebook_id = ${notebook}`.execute(tx)
      return there.rows.length > 0 ? "held" : "none"
    }
    const updates = await sql<{ seq: number; bytes: Uint8Array }>`
      SELECT seq, bytes FROM draft_update WHERE notebook_id = ${notebook} AND seq > ${row.stateSeq} ORDER BY seq`.execute(tx)
    const seq = Number(updates.rows.at(-1)?.seq ?? row.stateSeq)
    return { notebook, holder, fence: Number(row.fence), state: row.state, updates: updates.rows.map(({ bytes }) => bytes), seq }
  })
}

/** Nothing happens when somebody else was faster. */
export async function createDraft(db: Db, notebook: NotebookId, state: Uint8Array): Promise<void> {
  await sql`INSERT INTO draft (notebook_id, state) VALUES (${notebook}, ${state}) ON CONFLICT DO NOTHING`.execute(db)
}

/** False when the draft is no longer held. Safe on disk when it resolves with true. */
export async function appendUpdate(db: Db, { notebook, holder, fence }: Held, { seq, bytes }: { readonly seq: number; readonly bytes: Uint8Array }) {
  const written = await sql`
    WITH held AS (SELECT notebook_id FROM draft WHERE notebook_id = ${notebook} AND holder = ${holder} AND fence = ${fence} FOR SHARE)
    INSERT INTO draft_update (notebook_id, seq, bytes) SELECT notebook_id, ${seq}, ${bytes} FROM held`.execute(db)
  return written.numAffectedRows === 1n
}

/** All updates up to the number become part of the state. False when the draft is no longer held. */
export async function compactDraft(db: Db, held: Held, { seq, state }: { readonly seq: number; readonly state: Uint8Array }): Promise<boolean> {
  const { notebook, holder, fence } = held
  return db.transaction().execute(async (tx) => {
    const written = await sql`UPDATE draft SET state = ${state}, state_seq = ${seq}
      WHERE notebook_id = ${notebook} AND holder = ${holder} AND fence = ${fence}`.execute(tx)
    if (written.numAffectedRows !== 1n) return false
    await sql`DELETE FROM draft_update WHERE notebook_id = ${notebook} AND seq <= ${seq}`.execute(tx)
    return true
  })
}

export async function releaseDraft(db: Db, { notebook, holder, fence }: Held): Promise<void> {
  await sql`UPDATE draft SET holder = NULL, held_until = NULL
    WHERE notebook_id = ${notebook} AND holder = ${holder} AND fence = ${fence}`.execute(db)
}

export type Beaten = { readonly notebook: NotebookId; readonly fence: number; readonly latest: number }

/** Those that are still held by this process, each with the number of its notebook's newest version. */
export async function keepDrafts(db: Db, { holder, leaseMs }: Omit<Claim, "notebook">): Promise<readonly Beaten[]> {
  const found = await sql<Beaten>`
    UPDATE draft d SET held_until = ${UNTIL(leaseMs)} FROM notebook n
    WHERE d.holder = ${holder} AND n.id = d.notebook_id RETURNING d.notebook_id AS notebook, d.fence, n.latest`.execute(db)
  return found.rows.map(({ notebook, fence, latest }) => ({ notebook, fence: Number(fence), latest }))
}
