/** What the sessions of a dead worker showed, brought into the database from their journals: what people saw is kept. */
import { sql } from "kysely"
import { isFault, toError } from "#base/fault.ts"
import { type JournalReading, refoldSession, type SessionEvent, type SessionFold } from "#run/index.ts"
import { keepIn } from "#work/blobs.ts"
import type { Host, SessionSpools } from "#work/ports.ts"
import { keptOf } from "#work/session-keep.ts"
import { OutputStore, type StoredOutput } from "#work/session-outputs.ts"
import { keepExecution, nameExecutionBlob, writeStored } from "#work/sql/session-executions.ts"
import { loseSession } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

export type RecoveringSessions = {
  readonly world: WorkWorld
  readonly spools: SessionSpools
  readonly host: Host
  readonly worker: string
  /** Whether this worker holds it itself. */
  readonly own: (session: string) => boolean
  readonly tell: (line: string) => void
}

const UNKNOWN_MS = 30 * 86_400_000
const INLINE_BYTES = 64 * 1024

export async function recoverSessions(recovering: RecoveringSessions): Promise<void> {
  for (const { session, changedAt } of recovering.spools.list()) {
    if (recovering.own(session)) continue
    try {
      await recoverOne(recovering, session, changedAt)
    } catch (error) {
      recovering.tell(`the journal of session ${session} could not be finished: ${toError(error).message}`)
      if (isFault(error) && error.code === "journal_damaged") recovering.spools.setAside(session)
    }
  }
}

type Left = { readonly notebook: string; readonly state: string; readonly worker: string; readonly host: string | null; readonly pid: number | null }

async function recoverOne({ world, spools, host, worker, own, tell }: RecoveringSessions, session: string, changedAt: number): Promise<void> {
  const left = await selectLeft(world, session)
  if (!left) {
    if (changedAt < world.clock.now() - UNKNOWN_MS) spools.remove(session)
    return
  }
  if (!isDead(left, { host, worker }) || own(session)) return
  const reading = spools.read(session)
  try {
    const fold = refoldSession(reading)
    await loseSession(world.db, session)
    if (fold) await keepAll(world, { fold, reading, session, notebook: left.notebook })
  } finally {
    reading.close()
  }
  spools.remove(session)
  tell(`session ${session}: brought to its end from its journal`)
}

async function selectLeft({ db }: WorkWorld, session: string): Promise<Left | undefined> {
  const { rows } = await sql<Left>`
    SELECT s.notebook_id AS notebook, s.state, s.worker_id AS worker, w.host, w.pid
    FROM session s LEFT JOIN worker w ON w.id = s.worker_id WHERE s.id = ${session}`.execute(db)
  return rows[0]
}

function isDead(left: Left, { host, worker }: Pick<RecoveringSessions, "host" | "worker">): boolean {
  // Ours, and not held any more: it could not be finished before.
  if (left.worker === worker || left.host === null || left.pid === null) return true
  if (left.host !== host.name) return left.state === "lost" || left.state === "ended"
  return left.pid === host.pid || !host.isAlive(left.pid)
}

type Recovered = { readonly fold: SessionFold; readonly reading: JournalReading<SessionEvent>; readonly session: string; readonly notebook: string }

async function keepAll(world: WorkWorld, { fold, reading, session, notebook }: Recovered): Promise<void> {
  fold.absorb({ type: "owner_died", at: world.clock.now() }, -1)
  const keep = keepIn(world.library)
  const name = (execution: string, blob: { readonly sha256: string; readonly mediaType: string }) => nameExecutionBlob(world.db, execution, blob)
  const store = new OutputStore({ keep, name, read: (span) => reading.read(span) })
  for (const execution of fold.executions.values()) {
    const belongs = keptOf(execution, { session, notebook })
    await keepExecution(world.db, { ...belongs, outputs: undefined, outputsSha256: undefined, overflowBytes: 0 })
    const stored: StoredOutput[] = []
    for (const output of fold.outputs.of(fold.placeOf(execution.id))) stored.push(await store.store(execution.id, output))
    const text = writeStored(stored)
    const blob = text.length > INLINE_BYTES ? await keep(new TextEncoder().encode(text)) : undefined
    const over = fold.overflowOf(execution.id)
    const overflowBytes = over ? over.bytes + over.dropped : 0
    await keepExecution(world.db, { ...belongs, outputs: blob ? undefined : text, outputsSha256: blob?.sha256, overflowBytes })
  }
}
