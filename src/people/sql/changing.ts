import type { Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { PeopleRefusal } from "#people/refusal.ts"

/** A transaction that is rolled back when the work refuses, so that the work may find that out late. */
export async function changing<Value>(db: Db, work: (tx: Db) => Promise<Outcome<Value, PeopleRefusal>>): Promise<Outcome<Value, PeopleRefusal>> {
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
    throw error
  }
}
