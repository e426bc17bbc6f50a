/** How pg-boss, the queue, reaches our database: through our pool, or inside a transaction of ours. */
import { CompiledQuery } from "kysely"
import pg from "pg"
import type { Database, Db } from "#database/open.ts"

/**
 * The schema of the queue's tables. They are the queue's own: not in `Tables`, not in db/schema.sql, and in no backup,
 * because what waits in the queue follows from the runs, and the reconciler puts it there again.
 */
export const QUEUE_SCHEMA = "boss"

/** What pg-boss takes as its `db`, in its constructor and in the options of `send`, `complete` and the like. */
export type QueueDb = { executeSql(text: string, values?: readonly unknown[]): Promise<QueueRows> }
// pg-boss declares its rows as any; what is in them is between it and its tables.
// biome-ignore lint/suspicious/noExplicitAny: the type of pg-boss's own interface
type QueueRows = { rows: any[] }

/** For `new PgBoss({ db, schema: QUEUE_SCHEMA })`: each statement on any connection of the pool. */
export function queueOnPool({ pool }: Pick<Database, "pool">): QueueDb {
  return {
    // It reads its own columns as the driver gives them by default (timestamps as Date).
    executeSql: (text, values) => pool.query({ text, ...(values && { values: [...values] }), types: pg.types }),
  }
}

/** For `boss.send(name, data, { db })`: in the transaction that makes the run, so that both are there or neither. */
export function queueInTransaction(tx: Db): QueueDb {
  return {
    async executeSql(text, values = []) {
      const { rows } = await tx.executeQuery(CompiledQuery.raw(text, [...values]))
      return { rows }
    },
  }
}
