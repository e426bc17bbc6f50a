/** Changes that are found out late not to be allowed: a transaction around work that may refuse. */
import { isFault } from "#base/fault.ts"
import type { Outcome } from "#base/outcome.ts"
import type { Db } from "#database/open.ts"
import { isRetryable } from "#database/trouble.ts"

const TRIES = 5

/**
 * A transaction that is kept when the work accepts and undone when it refuses. Done again when it collided with another
 * one, but not when the connection was lost: the commit may have happened.
 */
export async function attempt<Value, Refusal>(db: Db, work: (tx: Db) => Promise<Outcome<Value, Refusal>>): Promise<Outcome<Value, Refusal>> {
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
