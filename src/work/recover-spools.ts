/**
 * What workers of this machine left behind when they died: their journals become results and events as far as they got,
 * their runs end, or are tried again; and a run that was declared lost long ago still gets its result.
 */
import { isFault, toError } from "#base/fault.ts"
import { type Run, recover, STET, type Timers } from "#run/index.ts"
import { artifactsOf } from "#work/artifacts.ts"
import { chanceOf, endingOf } from "#work/attempt.ts"
import { blobSink, keepIn, spillTo } from "#work/blobs.ts"
import { Copier } from "#work/copy.ts"
import { courseOf, endOf } from "#work/course.ts"
import type { KeptBlob } from "#work/event-rows.ts"
import { packJournal } from "#work/pack-journal.ts"
import type { Host, Scratch, Scratches, Spool, Spools, Tell } from "#work/ports.ts"
import { endAttempt, type Kept } from "#work/sql/end.ts"
import { journalTold } from "#work/sql/events.ts"
import { prolong } from "#work/sql/lease.ts"
import { completeAttempt, type Left, selectLeft, takeOver } from "#work/sql/left.ts"
import { Teller } from "#work/teller.ts"
import type { WorkWorld } from "#work/world.ts"

export type Recovering = {
  readonly world: WorkWorld
  readonly spools: Spools
  readonly scratches: Scratches
  readonly host: Host
  /** Who does it. */
  readonly worker: string
  readonly leaseMs: number
  readonly timers: Timers
  readonly keepsJournals: boolean
  /** "run.attempt" of what this worker is driving. */
  readonly own: () => ReadonlySet<string>
  readonly tell: Tell
}

/** Told of one cell, as while it ran; see attempt.ts. */
const TOLD_BYTES = 10_000_000
const HELD_BYTES = 16_000_000
const UNKNOWN_MS = 30 * 86_400_000

/** Gives the runs that were brought to an end or completed. */
export async function recoverSpools(recovering: Recovering): Promise<readonly string[]> {
  const done: string[] = []
  for (const spool of recovering.spools.list()) {
    const name = `${spool.run}.${spool.attempt}`
    if (recovering.own().has(name)) continue
    try {
      if (await recoverOne(recovering, spool)) done.push(spool.run)
    } catch (error) {
      recovering.tell(`the journal ${name} could not be finished: ${toError(error).message}`, spool.run)
      if (isFault(error) && error.code === "journal_damaged") recovering.spools.setAside(spool.run, spool.attempt)
    }
  }
  clearScratches(recovering)
  recovering.spools.forgetDead()
  return done
}

async function recoverOne(recovering: Recovering, spool: Spool): Promise<boolean> {
  const { world, spools, host, worker, leaseMs } = recovering
  const left = await selectLeft(world.db, spool)
  // A run that this database does not know: kept for a while, in case the database was put back.
  if (!left) {
    if (spool.changedAt < world.clock.now() - UNKNOWN_MS) spools.remove(spool.run, spool.attempt)
    return false
  }
  const lives = left.worker === null ? undefined : spools.lives(left.worker)
  const verdict = verdictOn(left, spool, { host, worker, lives })
  if (verdict === "leave") return false
  if (verdict === "remove") {
    spools.remove(spool.run, spool.attempt)
    return false
  }
  if (verdict === "complete") return finish(recovering, spool, { left, fence: undefined })
  const fence = await takeOver(world.db, { run: spool.run, fence: left.fence, worker, leaseMs })
  if (fence === undefined) return false
  const stop = keepLease(recovering, spool.run)
  try {
    return await finish(recovering, spool, { left, fence })
  } finally {
    stop()
  }
}

type Who = {
  readonly host: Host
  /** Who asks. */
  readonly worker: string
  /** What the place of the spools says of their owner: see Spools. */
  readonly lives: boolean | undefined
}

/** A worker that lives looks after its own. */
export function verdictOn(left: Left, spool: Pick<Spool, "attempt">, who: Who): "leave" | "remove" | "take over" | "complete" {
  const isCurrent = left.state === "running" && left.attempt === spool.attempt
  if (isCurrent) return isDead(left, who) ? "take over" : "leave"
  if (left.attemptState === undefined || left.attemptState === "running") return "leave"
  if (left.hasResult) return "remove"
  return isDead(left, who) ? "complete" : "leave"
}

function isDead(left: Left, { host, worker, lives }: Who): boolean {
  // Ours, and not under way: it could not be finished the last time.
  if (left.worker === worker) return true
  // After a long absence of PostgreSQL every lease is over and every worker's row is gone; the process itself is not.
  if (lives !== undefined) return !lives
  if (left.workerHost === null) return true
  // After PostgreSQL was away every lease is over for a moment: of our own machine the process itself tells.
  if (left.workerHost !== host.name) return left.isExpired
  // A number that is ours now was theirs before the machine, or the container, began anew.
  return left.workerPid === null || left.workerPid === host.pid || !host.isAlive(left.workerPid)
}

/** Until it is called back, the run stays ours, however long its journal is. */
function keepLease({ world, worker, leaseMs, timers }: Recovering, run: string): () => void {
  let stopTimer = () => {}
  let isStopped = false
  const next = () => {
    if (isStopped) return
    stopTimer = timers.after(leaseMs / 4, () => {
      prolong(world.db, worker, { runs: [run], leaseMs })
        .catch(() => {})
        .finally(next)
    })
  }
  next()
  return () => {
    isStopped = true
    stopTimer()
  }
}

type Finishing = { readonly left: Left; readonly fence: number | undefined }

async function finish(recovering: Recovering, spool: Spool, { left, fence }: Finishing): Promise<boolean> {
  const { world, spools, tell } = recovering
  const { run: id, attempt } = spool
  // What belongs to an earlier attempt than the present one would come after it: its result is added, its events are not.
  const read = await readAgain(recovering, spool, { fence, isTold: left.attempt === attempt })
  if (!read) {
    // Not even the order was written: nothing began.
    spools.remove(id, attempt)
    return false
  }
  const scratch = scratchOf(recovering.scratches, `${id}.${attempt}`)
  const { artifacts, left: lines } = scratch ? await artifactsOf(scratch, keepIn(world.library)) : { artifacts: [], left: [] }
  for (const line of lines) tell(`run ${id}: ${line}`, id)
  const journal = recovering.keepsJournals ? await packJournal(spools, spool, { keep: keepIn(world.library), tell }) : undefined
  const kept: Kept = { result: read.result, journal, artifacts, blobs: read.blobs }
  const course = courseOf(read.run, read.named)
  const chance = chanceOf(world.random)
  if (fence === undefined) await completeAttempt(world.db, { run: id, attempt, kept, course })
  else if (!(await endAttempt(world.db, endingOf(world, { run: id, attempt, fence, end: endOf(read.run), kept, course, chance })))) return false
  spools.remove(id, attempt)
  scratch?.remove()
  tell(`run ${id}, attempt ${attempt}: brought to its end from its journal (${read.run.status})`, id)
  return true
}

type ReadAgain = { readonly run: Run; readonly result: KeptBlob | undefined; readonly blobs: readonly KeptBlob[]; readonly named: Teller["named"] }

async function readAgain(
  recovering: Recovering,
  { run, attempt }: Spool,
  { fence, isTold }: { readonly fence: number | undefined; readonly isTold: boolean },
): Promise<ReadAgain | undefined> {
  const { world, spools, timers, tell } = recovering
  const covered = isTold ? await journalTold(world.db, run, attempt) : Number.POSITIVE_INFINITY
  const teller = new Teller({ covered, mostOfCell: TOLD_BYTES, mostInMemory: HELD_BYTES })
  const reading = spools.read(run, attempt)
  const keep = keepIn(world.library)
  const copier = new Copier({
    db: world.db,
    run,
    attempt,
    fence,
    teller,
    source: { record: (place) => reading.record(place), keep },
    timers,
    onStale: () => tell(`run ${run}: somebody else has it`, run),
    onFault: (error) => tell(`run ${run}: its events could not be added: ${error.message}`, run),
  })
  const sink = blobSink(keep)
  const blobs: KeptBlob[] = []
  try {
    const recovered = await recover(reading, {
      dialect: STET,
      blobs: spillTo(keep, blobs),
      open: async () => sink,
      watch: isTold ? (event, seen, upTo) => copier.hear(event, seen, upTo) : (event, seen, upTo) => teller.hear(event, seen, upTo),
    })
    if (!recovered) return undefined
    if (isTold && !(await copier.finish())) return undefined
    return { run: recovered.run, result: sink.stored(), blobs, named: teller.named }
  } finally {
    copier.giveUp()
    reading.close()
    if (!sink.stored()) await sink.abort()
  }
}

function scratchOf(scratches: Scratches, forWhom: string): Scratch | undefined {
  for (const name of scratches.names()) {
    const scratch = scratches.find(name)
    if (scratch?.sealedFor() === forWhom) return scratch
  }
  return undefined
}

/** Directories of workers that are gone, once nothing in them is waited for. */
function clearScratches({ scratches, spools, host }: Recovering): void {
  const waited = new Set(spools.list().map(({ run, attempt }) => `${run}.${attempt}`))
  for (const name of scratches.names()) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1])
    if (Number.isNaN(pid) || pid === host.pid || host.isAlive(pid)) continue
    if (!waited.has(scratches.find(name)?.sealedFor() ?? "")) scratches.clear(name)
  }
}
