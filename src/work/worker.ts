/**
 * A worker: claims runs, drives them, says that it lives. It survives a restart of the server and of PostgreSQL; when it
 * dies, its kernels die with it, and whoever comes next finishes its records (recover-spools.ts).
 */
import { toError } from "#base/fault.ts"
import { newId } from "#base/id.ts"
import { type Json, write } from "#base/json.ts"
import type { Db, Stop } from "#database/index.ts"
import { type Attempt, type Bench, beginAttempt } from "#work/attempt.ts"
import { KeptKernels } from "#work/kept-kernels.ts"
import { Pool, type PoolOptions } from "#work/pool.ts"
import type { Host, Scratches, Tell } from "#work/ports.ts"
import { reconcile } from "#work/reconcile.ts"
import { recoverSpools } from "#work/recover-spools.ts"
import { claim } from "#work/sql/claim.ts"
import { type Mine, prolong, sayAlive, sayGone } from "#work/sql/lease.ts"
import type { WorkWorld } from "#work/world.ts"

export type WorkerOptions = Omit<Bench, "world" | "pool" | "kept" | "tell"> & {
  /** Connections of its own for heartbeats: they must get through when the others are all in use. */
  readonly heartbeatDb: Db
  readonly scratches: Scratches
  readonly host: Host
  /** Runs at once. */
  readonly slots: number
  readonly leaseMs: number
  readonly isolation: string
  /** Shown to administrators: levels, limits, what is missing. */
  readonly facts?: { readonly [name: string]: Json }
  readonly address?: string
  readonly pool: Pick<PoolOptions, "warm" | "confine" | "leastBytes">
  /** Kernels of failed runs at once, and each for so long at most. */
  readonly keptKernels: { readonly most: number; readonly mostMs: number }
  /** Bytes that spools may take before nothing more is claimed. */
  readonly mostSpoolBytes: number
  /** Days that are of interest to people who look for what went wrong: one line each. */
  readonly tell?: Tell
}

export type Worker = {
  readonly id: string
  readonly pool: Pool
  readonly kept: KeptKernels
  /** Runs under way. */
  readonly running: () => readonly string[]
  /** Claims nothing more and resolves when what runs has ended by itself. */
  drain(): Promise<void>
  /** Cancels what runs, and resolves when nothing is left of it. */
  stop(reason?: string): Promise<void>
}

/** Looks for work at least so often, should every wake be lost. */
const LOOK_MS = 1_000
const CANCEL = /^cancel ([0-9A-Z]{26})$/

export async function startWorker(world: WorkWorld, options: WorkerOptions): Promise<Worker> {
  const worker = new OneWorker(world, options)
  await worker.start()
  return {
    id: worker.id,
    pool: worker.pool,
    kept: worker.kept,
    running: () => worker.running(),
    drain: () => worker.drain(),
    stop: (reason) => worker.stop(reason ?? "The worker was stopped."),
  }
}

class OneWorker {
  readonly id: string
  readonly pool: Pool
  readonly kept: KeptKernels
  readonly #world: WorkWorld
  readonly #options: WorkerOptions
  readonly #bench: Bench
  readonly #attempts = new Map<string, Attempt>()
  readonly #timers = new Map<string, () => void>()
  #stopListening: Stop = async () => {}
  #leaveSpools = () => {}
  #isDraining = false
  #isOver = false
  #claiming: Promise<void> | undefined
  #wantsClaim = false
  #recovering: Promise<void> = Promise.resolve()

  constructor(world: WorkWorld, options: WorkerOptions) {
    this.#world = world
    this.#options = options
    this.id = newId<"Worker">(world.clock.now(), world.random)
    const { scratches, host } = options
    this.pool = new Pool({ ...options.pool, scratches, host, clock: world.clock, random: world.random })
    const tell: Tell = (line, run) => this.#tell(line, run)
    this.kept = new KeptKernels({ ...options.keptKernels, db: world.db, clock: world.clock, timers: options.timers, worker: this.id, tell })
    this.#bench = { ...options, world, pool: this.pool, kept: this.kept, tell }
  }

  async start(): Promise<void> {
    this.#leaveSpools = await this.#options.spools.enter(this.id)
    await this.#sayAlive()
    this.#stopListening = await this.#world.listen("stet_work", (said) => this.#heard(said))
    const { leaseMs } = this.#options
    this.#recovering = this.#recover()
    this.#every("heartbeat", leaseMs / 4, () => this.#beat())
    this.#every("look", LOOK_MS, () => this.#look())
    this.#every("reconcile", leaseMs / 3, () => this.#reconcile())
    this.#every("tend", 10_000, async () => this.pool.tend())
    this.#claimSoon()
  }

  running(): readonly string[] {
    return [...this.#attempts.keys()]
  }

  async drain(): Promise<void> {
    this.#isDraining = true
    await this.#claiming
    await this.#sayAlive().catch(() => {})
    await Promise.all([...this.#attempts.values()].map(({ done }) => done))
    await this.#leave()
  }

  async stop(reason: string): Promise<void> {
    this.#isDraining = true
    await this.#claiming
    for (const attempt of this.#attempts.values()) attempt.cancel(reason, 1_000, "worker_stopped")
    await Promise.all([...this.#attempts.values()].map(({ done }) => done))
    await this.#leave()
  }

  async #leave(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    for (const stop of this.#timers.values()) stop()
    await this.#stopListening().catch(() => {})
    await this.#recovering
    await this.kept.close()
    await this.pool.close()
    this.#options.scratches.close()
    this.#leaveSpools()
    await sayGone(this.#options.heartbeatDb, this.id).catch(() => {})
  }

  #heard(said: string | undefined): void {
    const cancelled = CANCEL.exec(said ?? "")?.[1]
    if (cancelled === undefined) return this.#claimSoon()
    // How and why stands in the run's row.
    if (this.#attempts.has(cancelled)) void this.#beat().catch((error: unknown) => this.#tell(toError(error).message))
  }

  // ── claiming ───────────────────────────────────────────────────────────────────────────────────────

  #claimSoon(): void {
    this.#wantsClaim = true
    if (this.#claiming || this.#isDraining) return
    this.#claiming = this.#claimAll().finally(() => {
      this.#claiming = undefined
      if (this.#wantsClaim && !this.#isDraining) this.#claimSoon()
    })
  }

  async #claimAll(): Promise<void> {
    this.#wantsClaim = false
    const slots = this.#options.slots - this.#attempts.size
    if (slots <= 0 || this.#isDraining || this.#isFull()) return
    const { db, queue, clock } = this.#world
    const { leaseMs, host } = this.#options
    try {
      const claimed = await claim(db, { worker: this.id, host: host.name, slots, leaseMs, queue, at: clock.now() })
      for (const one of claimed) this.#begin(one)
      if (claimed.length === slots) this.#wantsClaim = true
    } catch (error) {
      this.#tell(`claiming failed: ${toError(error).message}`)
    }
  }

  #begin(claimed: Attempt["claimed"]): void {
    const attempt = beginAttempt(this.#bench, claimed)
    this.#attempts.set(claimed.id, attempt)
    void attempt.done.finally(() => {
      if (this.#attempts.get(claimed.id) === attempt) this.#attempts.delete(claimed.id)
      this.#claimSoon()
    })
  }

  /** Spools that cannot be given away (the database or the store is away) must not fill the disk. */
  #isFull(): boolean {
    const { spools, mostSpoolBytes } = this.#options
    return spools.sizeBytes() > mostSpoolBytes
  }

  /** A job that is due wakes; which run is taken, the rows say. */
  async #look(): Promise<void> {
    if (this.#isDraining) return
    await this.#world.queue.due(100)
    this.#claimSoon()
  }

  // ── living ─────────────────────────────────────────────────────────────────────────────────────────

  async #beat(): Promise<void> {
    const runs = [...this.#attempts.values()].map(({ claimed }) => claimed)
    await this.#sayAlive()
    const { heartbeatDb, leaseMs } = this.#options
    const mine = new Map((await prolong(heartbeatDb, this.id, { runs: runs.map(({ id }) => id), leaseMs })).map((row) => [row.id, row]))
    for (const claimed of runs) this.#obey(claimed, mine.get(claimed.id))
  }

  #obey(claimed: Attempt["claimed"], row: Mine | undefined): void {
    const attempt = this.#attempts.get(claimed.id)
    if (attempt?.claimed.fence !== claimed.fence) return
    if (!row) {
      if (!attempt.isEnding()) attempt.abandon("its lease ran out and it was declared lost")
    } else if (row.fence !== claimed.fence) attempt.abandon("another worker has it")
    else if (row.desired === "cancel") attempt.cancel(row.cancelReason, row.cancelGraceMs, row.cancelAs)
  }

  async #sayAlive(): Promise<void> {
    const { host, slots, isolation, address = "", facts = {}, heartbeatDb, spools } = this.#options
    const told = { ...facts, warm: this.pool.size, kept: this.kept.size, spoolBytes: spools.sizeBytes(), availableBytes: host.availableBytes() }
    const said = { id: this.id, host: host.name, pid: host.pid, address, isolation, slots, draining: this.#isDraining, facts: write(told) }
    await sayAlive(heartbeatDb, said)
  }

  async #reconcile(): Promise<void> {
    const { leaseMs } = this.#options
    await reconcile(this.#world, { leaseMs })
    this.#recovering = this.#recovering.then(() => this.#recover())
    await this.#recovering
  }

  async #recover(): Promise<void> {
    const { spools, scratches, host, leaseMs, timers, keepsJournals } = this.#options
    const own = () => new Set([...this.#attempts.values()].map(({ claimed }) => `${claimed.id}.${claimed.attempt}`))
    try {
      await recoverSpools({
        world: this.#world,
        spools,
        scratches,
        host,
        worker: this.id,
        leaseMs,
        timers,
        keepsJournals,
        own,
        tell: (line, run) => this.#tell(line, run),
      })
    } catch (error) {
      this.#tell(`looking after what earlier workers left failed: ${toError(error).message}`)
    }
  }

  /** Again and again, never twice at once, and a failure is only told. */
  #every(name: string, ms: number, act: () => Promise<void>): void {
    const next = () => {
      if (this.#isOver) return
      this.#timers.set(
        name,
        this.#options.timers.after(ms, () => {
          act()
            .catch((error: unknown) => this.#tell(`${name}: ${toError(error).message}`))
            .finally(next)
        }),
      )
    }
    next()
  }

  #tell(line: string, run?: string): void {
    this.#options.tell?.(line, run)
  }
}
