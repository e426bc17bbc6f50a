/** The queue on pg-boss, in the same database and, for orders, in the same transaction. A job's id is its run's, so that there is one. */
import { CompiledQuery } from "kysely"
import PgBoss from "pg-boss"
import type { Db } from "#database/index.ts"
import type { Queue } from "#work/ports.ts"

const NAME = "stet-run"
const SCHEMA = "pgboss"
/** A job that woke a worker but was not removed (all slots are taken) wakes again after this. */
const AGAIN_SECONDS = 60

export type QueueOptions = {
  /** Looks after the job table: makes it, and makes jobs come again. One process is enough, more do no harm. */
  readonly supervise: boolean
  readonly onError?: (error: Error) => void
}

export async function openQueue(db: Db, { supervise, onError }: QueueOptions): Promise<Queue> {
  const boss = new PgBoss({
    db: executor(db),
    schema: SCHEMA,
    supervise,
    schedule: false,
    migrate: true,
    maintenanceIntervalSeconds: 60,
    deleteAfterHours: 1,
    archiveCompletedAfterSeconds: 600,
  })
  boss.on("error", (error) => onError?.(error))
  await boss.start()
  await boss.createQueue(NAME, { name: NAME, expireInSeconds: AGAIN_SECONDS, retryLimit: 1_000_000, retryDelay: 0, retentionDays: 365 })
  return {
    async put(tx, run, notBefore) {
      await boss.send(NAME, { run }, { id: uuidOf(run), db: executor(tx), ...(notBefore === undefined ? {} : { startAfter: new Date(notBefore) }) })
    },
    async due(limit) {
      const jobs = await boss.fetch<{ run: string }>(NAME, { batchSize: limit })
      return jobs.map(({ data }) => data.run)
    },
    async remove(tx, runs) {
      if (runs.length > 0) await boss.deleteJob(NAME, runs.map(uuidOf), { db: executor(tx) })
    },
    async missing(asking, runs) {
      const ids = runs.map(uuidOf)
      const { rows } = await executor(asking).executeSql(`SELECT id FROM ${SCHEMA}.job WHERE name = $1 AND id = ANY($2::uuid[])`, [NAME, ids])
      const there = new Set(rows.map((row) => (row as { readonly id: string }).id))
      return runs.filter((run) => !there.has(uuidOf(run)))
    },
    close: () => boss.stop({ graceful: false, close: false, wait: false }),
  }
}

function executor(db: Db): PgBoss.Db {
  return {
    executeSql: async (text, values = []) => {
      const { rows } = await db.executeQuery(CompiledQuery.raw(text, values))
      return { rows: rows as unknown[] }
    },
  }
}

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** The 128 bits of a run's id in the form that pg-boss wants. */
function uuidOf(id: string): string {
  let bits = 0n
  for (const digit of id) bits = bits * 32n + BigInt(DIGITS.indexOf(digit))
  const hex = bits.toString(16).padStart(32, "0").slice(-32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
