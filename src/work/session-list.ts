/** Live sessions as those may see and end them who may see and run their notebooks. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Actor, can, type NotebookId } from "#people/index.ts"
import type { Link } from "#work/session-line.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import { findExecutionBlob, sweepEmptySessions, sweepExecutions } from "#work/sql/session-executions.ts"
import { findNotebookSpace } from "#work/sql/session-place.ts"
import { findLivingSession, type LivingSession, livingSessions } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

export type LiveSessionRow = LivingSession
export type ExecutionData = { readonly sha256: string; readonly mediaType: string; readonly sizeBytes: number }

/** Those of notebooks that the actor may read, newest first. */
export function liveSessions({ db }: Pick<WorkWorld, "db">, actor: Actor): Promise<readonly LiveSessionRow[]> {
  return livingSessions(db, actor)
}

/** @throws Fault worker_gone */
export async function stopSession(
  { db }: Pick<WorkWorld, "db">,
  link: Link | undefined,
  actor: Actor,
  session: string,
): Promise<Outcome<null, SessionRefusal>> {
  const found = await findLivingSession(db, actor, session)
  if (!found || !link) return refuseSession("no_session", "There is no such live session, or you may not see it.")
  const line = link.session(found.notebook as NotebookId)
  try {
    return await line.stop(actor)
  } finally {
    line.close()
  }
}

const BATCH = 1_000

/**
 * Lets go what old executions showed, once a later one of the same cell stands in their place, and sessions of which nothing is left;
 * `days` after their end, 0 = never. Gives how many executions went.
 */
export async function sweepSessions({ db }: Pick<WorkWorld, "db">, days: number): Promise<number> {
  if (days === 0) return 0
  for (let total = 0; ; ) {
    const count = await sweepExecutions(db, { days, limit: BATCH })
    total += count
    if (count < BATCH) {
      await sweepEmptySessions(db, days)
      return total
    }
  }
}

export type DataName = { readonly notebook: string; readonly execution: string; readonly sha256: string }

/** A long string of an output, for whoever may read the notebook. */
export async function executionData({ db }: Pick<WorkWorld, "db">, actor: Actor, name: DataName): Promise<Outcome<ExecutionData, SessionRefusal>> {
  const found = await findNotebookSpace(db, name.notebook)
  // What a cell said on the way may be a part of its code.
  const action = found?.codeHidden ? "read_hidden_code" : "read"
  const maySee = found !== undefined && (await can(db, actor, action, { space: found.space, notebook: name.notebook as NotebookId }))
  if (!maySee) return refuseSession("no_such_notebook", "There is no such notebook, or you may not see it.")
  const data = await findExecutionBlob(db, name)
  return data ? accepted(data) : refuseSession("no_such_execution", "That output is not kept any more.")
}
