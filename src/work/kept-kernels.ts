/**
 * The kernels that failed runs have left on this worker, each until a stated time: whoever looks into the run takes one over as it is.
 * The secrets of the run are taken out of it before it is kept.
 */
import { toError } from "#base/fault.ts"
import type { Clock } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { Kernel } from "#kernel/index.ts"
import type { Started, Timers } from "#run/index.ts"
import type { Scratch, Tell } from "#work/ports.ts"
import type { KeptState } from "#work/row.ts"
import { silently } from "#work/silently.ts"
import { endKept, insertKept } from "#work/sql/kept-kernel.ts"

/** A kernel where it stands: what a session needs to go on with it. */
export type Placed = {
  readonly seat: { readonly scratch: Scratch }
  readonly environment: { readonly name: string; readonly sha256: string }
  readonly started: Started
  readonly language: string
  /** The files that are in its directory: path → digest. */
  readonly put: { readonly [path: string]: string }
  /** They stay as they are, whatever has become of them in the space. */
  readonly isPinned: boolean
  /** In the same place, anew. */
  readonly restart: (kernel: Kernel) => Promise<void>
}

export type Leaving = {
  readonly run: string
  readonly attempt: number
  readonly forMs: number
  /** Code that takes the run's secrets out of it; "" for none, undefined where that cannot be done: then it is not kept. */
  readonly forgetting: string | undefined
  readonly placed: Placed
}

export type KeptKernelsOptions = {
  readonly db: Db
  readonly clock: Clock
  readonly timers: Timers
  readonly worker: string
  /** At once; 0 = none. */
  readonly most: number
  readonly mostMs: number
  readonly tell: Tell
}

type Ending = Exclude<KeptState, "kept" | "worker_gone">
type Kept = { readonly leaving: Leaving; readonly stopTimer: () => void }

/** Longer than that, code that only lets names go does not take. */
const FORGET_MS = 5_000

export class KeptKernels {
  readonly #options: KeptKernelsOptions
  readonly #kept = new Map<string, Kept>()
  /** Places that are being taken. */
  #coming = 0

  constructor(options: KeptKernelsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#kept.size
  }

  /** False when it is not kept: then its owner closes it. Never throws. */
  async keep(leaving: Leaving): Promise<boolean> {
    const { most, mostMs, clock, db, worker, tell } = this.#options
    const { run, attempt } = leaving
    const kept = { run, attempt, worker }
    const until = clock.now() + Math.min(leaving.forMs, mostMs)
    const hasRoom = this.#kept.size + this.#coming < most
    this.#coming++
    const isKept = hasRoom && (await this.#forget(leaving).catch(() => false))
    this.#coming--
    if (isKept) this.#hold(leaving, until - clock.now())
    try {
      await insertKept(db, kept, { until, at: clock.now(), isKept })
      // It died before anybody was told that it was kept.
      if (isKept && !this.#kept.has(run)) await endKept(db, kept, "died", clock.now())
      return isKept
    } catch (error) {
      tell(`run ${run}: its kernel is not kept: ${toError(error).message}`, run)
      return isKept && this.#let(run, "not_kept") === undefined
    }
  }

  /** It is the caller's from now on, who listens to it at once; undefined when it is not there any more. */
  take(run: string): Placed | undefined {
    return this.#let(run, "attached")?.leaving.placed
  }

  /** Ends it before its time; false when it was not there any more. */
  letGo(run: string, ending: Ending = "let_go"): boolean {
    const kept = this.#let(run, ending)
    if (kept) void this.#close(kept.leaving.placed)
    return kept !== undefined
  }

  async close(): Promise<void> {
    const all = [...this.#kept.keys()].flatMap((run) => this.#let(run, "worker_stopped") ?? [])
    await Promise.all(all.map(({ leaving }) => this.#close(leaving.placed)))
  }

  async #forget({ forgetting, placed }: Leaving): Promise<boolean> {
    if (forgetting === undefined) return false
    if (forgetting === "") return true
    const { kernel } = placed.started
    const late = new Promise<"late">((then) => this.#options.timers.after(FORGET_MS, () => then("late")))
    return (await Promise.race([silently(kernel, forgetting), late])) === "ok"
  }

  #hold(leaving: Leaving, ms: number): void {
    const { run } = leaving
    // Of an attempt before.
    this.letGo(run)
    const stopTimer = this.#options.timers.after(ms, () => void this.letGo(run, "expired"))
    this.#kept.set(run, { leaving, stopTimer })
    // What it says by itself is nobody's.
    leaving.placed.started.kernel.listen((event) => {
      if (event.type !== "said") this.letGo(run, "died")
    })
  }

  #let(run: string, ending: Ending): Kept | undefined {
    const kept = this.#kept.get(run)
    if (!kept) return undefined
    this.#kept.delete(run)
    kept.stopTimer()
    const { db, worker, clock, tell } = this.#options
    endKept(db, { run, attempt: kept.leaving.attempt, worker }, ending, clock.now()).catch((error: unknown) =>
      tell(`run ${run}: what became of its kernel could not be written down: ${toError(error).message}`, run),
    )
    return kept
  }

  async #close({ started, seat }: Placed): Promise<void> {
    await started.kernel.close({ graceMs: 0 })
    seat.scratch.remove()
  }
}
