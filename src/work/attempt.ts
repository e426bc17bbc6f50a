/**
 * One attempt of one run, from claimed to ended: the engine of `stet run`, with the journal in the spool, the watchers'
 * copy in the database and the result in the blob store. Whatever happens, the journal tells it, and the end is written
 * once and under the fence.
 */
import { isFault, toError } from "#base/fault.ts"
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"

import type { Kernel, Message } from "#kernel/index.ts"
import { completeManifest } from "#library/index.ts"
import type { NotebookId } from "#people/index.ts"
import { type Journal, type Performance, perform, type Run, recover, redactor, STET, type Stage, type Timers } from "#run/index.ts"
import type { AttemptEnd } from "#work/after.ts"
import { artifactsOf } from "#work/artifacts.ts"
import { blobSink, keepIn, spillTo } from "#work/blobs.ts"
import { Copier } from "#work/copy.ts"
import { courseOf, endOf } from "#work/course.ts"
import { tooMuchWritten, watchDisk } from "#work/disk-watch.ts"
import type { KeptBlob } from "#work/event-rows.ts"
import type { KeptKernels } from "#work/kept-kernels.ts"
import { missedBy } from "#work/missed.ts"
import { packJournal } from "#work/pack-journal.ts"
import { patiently } from "#work/patience.ts"
import type { Pool } from "#work/pool.ts"
import type { Spools, Tell } from "#work/ports.ts"
import { type Prepared, type Preparing, prepareAttempt } from "#work/prepare.ts"
import type { RunReason } from "#work/row.ts"
import type { Claimed } from "#work/sql/claim.ts"
import { type Course, type Ending, endAttempt, type Kept, NOTHING_KEPT } from "#work/sql/end.ts"
import { appendEvents } from "#work/sql/events.ts"
import { noteEvent } from "#work/state-event.ts"
import { Teller } from "#work/teller.ts"
import type { WorkWorld } from "#work/world.ts"

/** What every attempt of a worker is given. */
export type Bench = {
  readonly world: WorkWorld
  readonly pool: Pool
  readonly spools: Spools
  readonly preparing: Omit<Preparing, "claimed" | "world" | "pool" | "cancellation">
  readonly timers: Timers
  readonly placed: Stage["placed"]
  readonly withContent: (message: Message, content: Uint8Array) => Message
  readonly keepsJournals: boolean
  /** That one run may take of the disk. */
  readonly mostDiskBytes: number
  /** Where kernels of failed runs are kept. */
  readonly kept: KeptKernels
  /** How often a result is tried to be stored, with pauses that grow to 5 s, before the run fails. Default 10, about 20 s. */
  readonly storeTries?: number
  readonly tell: Tell
}

export type Attempt = {
  readonly claimed: Claimed
  /** Resolves when nothing of it is left on this worker but, perhaps, its spool. Never throws. */
  readonly done: Promise<void>
  /** The first call interrupts, or ends the preparations; the kernel is killed after `graceMs`, or null: after the run's own grace. */
  cancel(reason: string, graceMs: number | null, as?: RunReason): void
  /** It is somebody else's now: stop at once and write nothing more. */
  abandon(why: string): void
  /** Its end is being written, or was: the fence of that write decides whose it is. */
  isEnding(): boolean
}

/** Told of one cell: as much as its result shows. */
const TOLD_BYTES = 10_000_000
const HELD_BYTES = 16_000_000
const STORE_TRIES = 10

export function beginAttempt(bench: Bench, claimed: Claimed): Attempt {
  const attempt = new OneAttempt(bench, claimed)
  return {
    claimed,
    done: attempt.go().catch((error: unknown) => bench.tell(`run ${claimed.id}: ${toError(error).stack ?? String(error)}`, claimed.id)),
    cancel: (reason, graceMs, as) => attempt.cancel(reason, graceMs, as ?? ""),
    abandon: (why) => attempt.abandon(why),
    isEnding: () => attempt.isEnding,
  }
}

class OneAttempt {
  readonly #bench: Bench
  readonly #claimed: Claimed
  #performance: Performance | undefined
  #cancelled: { readonly reason: string; readonly as: RunReason; readonly graceMs: number | undefined } | undefined
  /** Ends what is prepared: an environment that is being built. */
  readonly #preparing = new AbortController()
  isEnding = false
  #isAbandoned = false
  /** Its kernel, which outlived it: to be kept, or closed here. */
  #held: Kernel | undefined
  #isKept = false

  constructor(bench: Bench, claimed: Claimed) {
    this.#bench = bench
    this.#claimed = claimed
  }

  cancel(reason: string, graceMs: number | null, as: RunReason): void {
    if (this.#cancelled) return
    this.#cancelled = { reason, as, graceMs: graceMs ?? undefined }
    this.#preparing.abort()
    this.#performance?.cancel(reason, this.#cancelled.graceMs)
  }

  abandon(why: string): void {
    if (this.#isAbandoned) return
    this.#isAbandoned = true
    this.#bench.tell(`run ${this.#claimed.id}, attempt ${this.#claimed.attempt}: stopped, because ${why}`, this.#claimed.id)
    this.#preparing.abort()
    this.#performance?.cancel(why)
    this.#performance?.cancel(why)
  }

  async go(): Promise<void> {
    const { world, pool, preparing } = this.#bench
    const prepared = await prepareAttempt({ ...preparing, claimed: this.#claimed, world, pool, cancellation: this.#preparing.signal })
    try {
      if (this.#cancelled || this.#isAbandoned)
        return await this.#end(this.#cancelledEnd("The run was cancelled before it began."), NOTHING_KEPT, undefined)
      if (!prepared.ok) return await this.#end(prepared.refusal, NOTHING_KEPT, undefined)
      await this.#drive(prepared.value)
    } finally {
      if (prepared.ok && !this.#isKept) await this.#release(prepared.value)
    }
  }

  async #release(prepared: Prepared): Promise<void> {
    await this.#held?.close({ graceMs: 0 })
    prepared.release()
  }

  async #drive(prepared: Prepared): Promise<void> {
    const { id, attempt } = this.#claimed
    let journal: Journal
    try {
      journal = this.#bench.spools.open(id, attempt)
    } catch (error) {
      return this.#end({ state: "failed", reason: "storage_failed", explanation: toError(error).message }, NOTHING_KEPT, undefined, {
        discards: false,
      })
    }
    const copier = this.#copier(journal)
    const performed = await this.#perform(prepared, journal, copier)
    const isOurs = this.#isAbandoned ? false : await copier.copier.finish()
    copier.copier.giveUp()
    await journal.close().catch(() => {})
    if (!isOurs) return
    await this.#keep(prepared, performed, { named: copier.teller.named })
  }

  #copier(journal: Journal): { readonly copier: Copier; readonly teller: Teller } {
    const { world, timers, tell } = this.#bench
    const { id, attempt, fence } = this.#claimed
    const teller = new Teller({ covered: -1, mostOfCell: TOLD_BYTES, mostInMemory: HELD_BYTES })
    const source = { record: (place: number) => journal.record(place), keep: keepIn(world.library) }
    const onStale = () => this.abandon("it has another owner or is over")
    const onFault = (error: Error) => tell(`run ${id}: its events are not told any more: ${error.stack ?? error.message}`, id)
    return { teller, copier: new Copier({ db: world.db, run: id, attempt, fence, teller, source, timers, onStale, onFault }) }
  }

  async #perform(prepared: Prepared, journal: Journal, { copier }: { readonly copier: Copier }): Promise<Outcome> {
    const { world, timers, placed, withContent } = this.#bench
    const blobs: KeptBlob[] = []
    const sink = blobSink(keepIn(world.library))
    const redact = redactor(prepared.secretValues, withContent)
    const performance = perform(prepared.order, {
      start: prepared.start,
      displayName: prepared.displayName,
      journal,
      placed,
      ...(redact ? { redact } : {}),
      blobs: spillTo(keepIn(world.library), blobs),
      open: async () => sink,
      clock: world.clock,
      timers,
      dialect: STET,
      snapshotMs: 0,
      keepKernelMs: 0,
      watch: (event, run, upTo) => copier.hear(event, run, upTo),
      hold: (run, kernel) => this.#hold(run, kernel),
    })
    this.#performance = performance
    if (this.#cancelled) performance.cancel(this.#cancelled.reason, this.#cancelled.graceMs)
    const { scratch } = prepared
    const mostBytes = this.#bench.mostDiskBytes
    const stopWatching = watchDisk({ scratch, mostBytes, timers }, () => performance.outgrow(tooMuchWritten("run", mostBytes)))
    try {
      const { run } = await performance.done
      return { run, result: sink.stored(), blobs }
    } catch (error) {
      await sink.abort()
      return { fault: toError(error) }
    } finally {
      stopWatching()
      this.#performance = undefined
    }
  }

  /** Nobody else hears it until it is kept: what it says now belongs to nothing. */
  #hold(run: Run, kernel: Kernel): boolean {
    if (this.#claimed.keepKernelMs === null || this.#isAbandoned || run.status !== "failed" || run.reason !== "cell_raised") return false
    this.#held = kernel
    kernel.listen((event) => {
      if (event.type === "said") return
      this.#held = undefined
      void kernel.close({ graceMs: 0 })
    })
    return true
  }

  async #keepKernel({ place, order, displayName, forgetting }: Prepared): Promise<void> {
    const { id: run, attempt, keepKernelMs } = this.#claimed
    if (!this.#held || keepKernelMs === null) return
    const started = { kernel: this.#held, name: order.kernelName, displayName }
    this.#isKept = await this.#bench.kept.keep({ run, attempt, forMs: keepKernelMs, forgetting, placed: { ...place, started } })
  }

  async #keep(prepared: Prepared, performed: Outcome, { named }: { readonly named: Teller["named"] }): Promise<void> {
    if ("fault" in performed && isFault(performed.fault) && performed.fault.code === "no_such_kernel")
      return this.#end({ state: "failed", reason: "kernel_start_failed", explanation: performed.fault.message }, NOTHING_KEPT, undefined, {
        discards: true,
      })
    const stored = "run" in performed ? performed : await this.#storeAgain(performed.fault)
    if (!stored) return
    const { artifacts, left } = await artifactsOf(prepared.scratch, keepIn(this.#bench.world.library))
    if (left.length > 0) await this.#note(left)
    await this.#teach(stored.run, prepared.folder)
    const { spools, keepsJournals, tell } = this.#bench
    const { id: run, attempt } = this.#claimed
    const journal = keepsJournals ? await packJournal(spools, { run, attempt }, { keep: keepIn(this.#bench.world.library), tell }) : undefined
    const end = this.#cancelled && stored.run.status === "cancelled" ? this.#cancelledEnd(stored.run.explanation) : endOf(stored.run)
    await this.#keepKernel(prepared)
    const kept: Kept = { result: stored.result, journal, artifacts, blobs: stored.blobs }
    await this.#end(end, kept, courseOf(stored.run, named), { discards: stored.result !== undefined })
  }

  /** The engine could not write the result: it is made from the journal, again and again for a while. */
  async #storeAgain(fault: Error): Promise<Stored | undefined> {
    const { world, spools, timers, tell, storeTries } = this.#bench
    const { id, attempt } = this.#claimed
    tell(`run ${id}: the result could not be stored (${fault.message}); it is tried again`, id)
    const again = async (): Promise<Stored | undefined> => {
      const reading = spools.read(id, attempt)
      const blobs: KeptBlob[] = []
      const sink = blobSink(keepIn(world.library))
      try {
        const recovered = await recover(reading, { dialect: STET, blobs: spillTo(keepIn(world.library), blobs), open: async () => sink })
        return recovered && { run: recovered.run, result: sink.stored(), blobs }
      } finally {
        reading.close()
        if (!sink.stored()) await sink.abort()
      }
    }
    try {
      const stored = await patiently(again, { timers, tries: storeTries ?? STORE_TRIES, isPassing: () => !this.#isAbandoned })
      if (stored) return stored
      // Not even the order could be written: nothing ran.
      const explanation = `Nothing ran, because it could not be recorded: ${fault.message}`
      await this.#end({ state: "failed", reason: "storage_failed", explanation }, NOTHING_KEPT, undefined)
      return undefined
    } catch (error) {
      const explanation = `The run ended, but its result could not be stored: ${toError(error).message} What happened is kept on the worker and is added when that is possible.`
      await this.#end({ state: "failed", reason: "storage_failed", explanation }, NOTHING_KEPT, undefined, { discards: false })
      return undefined
    }
  }

  /** What it looked for and did not have goes with the notebook's next version. */
  async #teach(run: Run, folder: string): Promise<void> {
    const missed = missedBy(run, folder)
    const { notebook, version } = this.#claimed
    if (missed.length === 0) return
    const name = { notebook: notebook as NotebookId, number: version, sha256: "" }
    await completeManifest(this.#bench.world.db, name, missed).catch((error: unknown) => this.#bench.tell(toError(error).message, this.#claimed.id))
  }

  async #note(lines: readonly string[]): Promise<void> {
    const { world, timers } = this.#bench
    const { id, attempt, fence } = this.#claimed
    const rows = lines.map((line) => noteEvent(line, world.clock.now()))
    await patiently(() => appendEvents(world.db, { run: id, attempt, fence, rows }), { timers, isPassing: () => !this.#isAbandoned })
  }

  #cancelledEnd(explanation: string): AttemptEnd {
    const { reason, as } = this.#cancelled ?? { reason: "", as: "" as const }
    return { state: "cancelled", reason: as, explanation: `${explanation}${reason === "" ? "" : ` Reason: ${reason}`}` }
  }

  /** However long the database is away: until it is written, or somebody else has taken over. */
  async #end(
    end: AttemptEnd,
    kept: Kept,
    course: Course | undefined,
    { discards }: { readonly discards: boolean } = { discards: true },
  ): Promise<void> {
    const { world, spools, timers, tell } = this.#bench
    const { id, attempt, fence } = this.#claimed
    this.isEnding = true
    const chance = chanceOf(world.random)
    const write = () => endAttempt(world.db, endingOf(world, { run: id, attempt, fence, end, kept, course, chance }))
    const next = await patiently(write, { timers, isPassing: () => !this.#isAbandoned })
    if (next) tell(`run ${id}, attempt ${attempt}: ${end.state}${end.reason === "" ? "" : ` (${end.reason})`}`, id)
    if (next && discards) spools.remove(id, attempt)
    // Tried again: the next attempt has a kernel of its own.
    if (this.#isKept && next?.is !== "over") this.#bench.kept.letGo(id)
  }
}

type Stored = { readonly run: Run; readonly result: KeptBlob | undefined; readonly blobs: readonly KeptBlob[] }
type Outcome = Stored | { readonly fault: Error }

export function endingOf(world: { readonly clock: Clock; readonly queue: Ending["queue"] }, ending: Omit<Ending, "at" | "queue">): Ending {
  return { ...ending, at: world.clock.now(), queue: world.queue }
}

/** 0 … 1 */
export function chanceOf(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}
