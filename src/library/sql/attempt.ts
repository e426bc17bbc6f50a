import { isFault } from "#base/fault.ts"
import { type Db, isRetryable } from "#database/index.ts"
import type { Catalogued } from "#library/refusal.ts"

const TRIES = 5

/**
 * A transaction that is kept when the work accepts and undone when it refuses. Done again when it collided with another
 * one, but not when the connection was lost: the commit may have happened.
 */
export async function attempt<Value>(db: Db, work: (tx: Db) => Promise<Catalogued<Value>>): Promise<Catalogued<Value>> {
  for (let failed = 1; ; failed++) {
    const tx = await db.startTransaction().execute()
    try {
      const outcome = await work(tx)
      await (outcome.ok ? tx.commit() : tx.rollback()).execute()
      return outcome
    } catch (error) {
      if (!tx.isCommitted && !tx.isRolledBack)
        await tx
          .rollback()
          .execute()
          .catch(() => undefined)
      if (failed >= TRIES || isFault(error) || !isRetryable(error)) throw error
    }
  }
}
