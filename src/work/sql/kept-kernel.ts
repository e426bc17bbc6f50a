/** Kernels of failed runs, as the database has them. The worker that keeps one writes its row; whether it still can be reached is read. */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { NotebookId } from "#people/index.ts"
import type { KeptState } from "#work/row.ts"

/** A worker that was not heard of for so long is gone. */
const SILENT_SECONDS = 60

/** Of `kept_kernel k`, whose worker is `kw`: what became of it, as far as the clock and the worker's silence tell. */
export const KEPT_STATE: RawBuilder<unknown> = sql`CASE WHEN k.ending <> '' THEN k.ending WHEN k.until <= clock_timestamp() THEN 'expired'
    WHEN kw.id IS NULL OR kw.seen_at < clock_timestamp() - make_interval(secs => ${sql.lit(SILENT_SECONDS)}) THEN 'worker_gone' ELSE 'kept' END`

export type KeptRow = {
  readonly run: string
  readonly attempt: number
  readonly worker: string
  readonly host: string
  /** Where its worker is reached. */
  readonly address: string | null
  readonly until: number
  readonly is: KeptState
}

export async function findKept(db: Db, run: string): Promise<KeptRow | undefined> {
  const { rows } = await sql<KeptRow>`
    SELECT k.run_id AS run, k.attempt, k.worker_id AS worker, coalesce(kw.host, '') AS host, kw.address, k.until, ${KEPT_STATE} AS is
    FROM kept_kernel k LEFT JOIN worker kw ON kw.id = k.worker_id WHERE k.run_id = ${run}`.execute(db)
  return rows[0]
}

export type Keeping = { readonly run: string; readonly attempt: number; readonly worker: string }

/** @param until milliseconds since 1970 */
export async function insertKept(
  db: Db,
  { run, attempt, worker }: Keeping,
  kept: { readonly until: number; readonly at: number; readonly isKept: boolean },
): Promise<void> {
  const ended = kept.isKept ? null : new Date(kept.at)
  await sql`
    INSERT INTO kept_kernel (run_id, attempt, worker_id, kept_at, until, ended_at, ending)
    VALUES (${run}, ${attempt}, ${worker}, ${new Date(kept.at)}, ${new Date(kept.until)}, ${ended}, ${kept.isKept ? "" : "not_kept"})
    ON CONFLICT (run_id) DO UPDATE SET attempt = excluded.attempt, worker_id = excluded.worker_id, kept_at = excluded.kept_at,
      until = excluded.until, ended_at = excluded.ended_at, ending = excluded.ending`.execute(db)
}

export async function endKept(
  db: Db,
  { run, attempt, worker }: Keeping,
  ending: Exclude<KeptState, "kept" | "worker_gone">,
  at: number,
): Promise<void> {
  await sql`
    UPDATE kept_kernel SET ended_at = ${new Date(at)}, ending = ${ending}
    WHERE run_id = ${run} AND attempt = ${attempt} AND worker_id = ${worker} AND ended_at IS NULL`.execute(db)
}

export type Allowed = { readonly id: string; readonly name: string; readonly at: number }

/** Those who may take it over beside whoever ordered the run, and since when. */
export async function peopleOfKept(db: Db, run: string): Promise<readonly Allowed[]> {
  const { rows } = await sql<Allowed>`
    SELECT p.id, p.name, k.granted_at AS at
    FROM kept_kernel_person k JOIN person p ON p.id = k.person_id WHERE k.run_id = ${run} ORDER BY p.name, p.id`.execute(db)
  return rows
}

export type TakenOver = { readonly notebook: NotebookId; readonly id: string; readonly name: string; readonly at: number }

/** Who has it now, and in which notebook. */
export async function takerOfKept(db: Db, run: string): Promise<TakenOver | undefined> {
  const { rows } = await sql<TakenOver>`
    SELECT o.notebook_id AS notebook, p.id, p.name, o.opened_at AS at
    FROM live_origin o JOIN person p ON p.id = o.opened_by WHERE o.run_id = ${run} AND o.is_attached ORDER BY o.opened_at DESC LIMIT 1`.execute(db)
  return rows[0]
}

export type KeptGrant = { readonly run: string; readonly person: string; readonly by: string; readonly at: number }

/** False when there is no such person. */
export async function allowKept(db: Db, { run, person, by, at }: KeptGrant): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO kept_kernel_person (run_id, person_id, granted_by, granted_at)
    SELECT ${run}, id, ${by}, ${new Date(at)} FROM person WHERE id = ${person} AND disabled_at IS NULL
    ON CONFLICT (run_id, person_id) DO UPDATE SET granted_by = excluded.granted_by`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

export async function forbidKept(db: Db, run: string, person: string): Promise<void> {
  await sql`DELETE FROM kept_kernel_person WHERE run_id = ${run} AND person_id = ${person}`.execute(db)
}
