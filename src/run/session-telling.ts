/** What those who watch a live session are told, in order, at a bearable pace, and never before it is safe on disk. */
import type { JsonObject } from "#base/json.ts"
import type { Clock } from "#base/time.ts"
import type { Output } from "#notebook/index.ts"
import type { OutputChange } from "#run/outputs.ts"
import type { Journal, Timers } from "#run/ports.ts"
import type { Execution, Session, SessionEvent } from "#run/session.ts"
import type { SessionFold } from "#run/session-fold.ts"

/** What whoever watches is told. Changes of outputs are numbered from `from` on. */
export type SessionTold =
  | { readonly tell: "session"; readonly session: Session }
  | { readonly tell: "execution"; readonly execution: Execution }
  | { readonly tell: "outputs"; readonly execution: string; readonly from: number; readonly changes: readonly OutputChange[] }
  | { readonly tell: "comm"; readonly type: string; readonly content: JsonObject; readonly buffers: readonly Uint8Array[] }

export type OutputsNow = { readonly next: number; readonly outputs: readonly Output[]; readonly overflowBytes: number }

export type TellingWorld = {
  readonly journal: Journal<SessionEvent>
  readonly clock: Clock
  readonly timers: Timers
  readonly tell: (told: SessionTold) => void
}

/** Outputs are told at most so often; of much text more rarely, because a redrawn line tells all of it again. */
const PACE_MS = 30
const PACE_MS_A_MEGABYTE = 20

/** What is done once the journal is safe up to there. */
type Unshown = { readonly upTo: number; readonly act: () => void; readonly isSession: boolean }

export class SessionTelling {
  readonly #fold: SessionFold
  readonly #world: TellingWorld
  readonly #unshown: Unshown[] = []
  readonly #numbers = new Map<string, number>()
  #stopPace: (() => void) | undefined
  #toldAt = 0

  constructor(fold: SessionFold, world: TellingWorld) {
    this.#fold = fold
    this.#world = world
  }

  // ── what is to be told ─────────────────────────────────────────────────────────────────────────────

  session(): void {
    this.#later({ tell: "session", session: this.#fold.session })
  }

  execution(execution: Execution): void {
    // What it showed comes before its end.
    if (execution.endedAt > 0 && this.#fold.outputs.untold.size > 0) this.#takeOf(this.#fold.placeOf(execution.id))
    this.#later({ tell: "execution", execution })
  }

  /** What outputs have come, as soon as the pace allows. */
  outputsSoon(): void {
    if (this.#stopPace || this.#fold.outputs.untold.size === 0) return
    const left = this.#toldAt + this.#pace() - this.#world.clock.steady()
    if (left <= 0) return this.outputs()
    this.#stopPace = this.#world.timers.after(left, () => this.outputs())
  }

  #pace(): number {
    const shown = Math.max(...[...this.#fold.outputs.untold].map((place) => this.#fold.outputs.shownBytes(place)))
    return PACE_MS + (shown / 1_000_000) * PACE_MS_A_MEGABYTE
  }

  /** All that is untold. */
  outputs(): void {
    this.#stopPace?.()
    this.#stopPace = undefined
    this.#toldAt = this.#world.clock.steady()
    for (const place of this.#fold.outputs.untold) this.#takeOf(place)
  }

  /** The number of the next change of each execution that is not over, or was told of. */
  numbers(): ReadonlyMap<string, number> {
    return this.#numbers
  }

  forget(execution: string): void {
    this.#numbers.delete(execution)
  }

  /** Once it is safe, and between the tells that come before `next` and those that come after. */
  outputsOf(execution: string): Promise<OutputsNow> {
    const place = this.#fold.placeOf(execution)
    // What is read here must not be told again.
    this.#takeOf(place)
    const over = this.#fold.outputs.overflow(place)
    const now = {
      next: this.#numbers.get(execution) ?? 0,
      outputs: this.#fold.outputs.of(place),
      overflowBytes: over ? over.bytes + over.dropped : 0,
    }
    return new Promise((resolve) => this.#once(() => resolve(now)))
  }

  #takeOf(place: number): void {
    const changes = this.#fold.outputs.take(place)
    const execution = this.#fold.executionAt(place)
    if (changes.length === 0 || !execution) return
    const from = this.#numbers.get(execution.id) ?? 0
    this.#numbers.set(execution.id, from + changes.length)
    this.#later({ tell: "outputs", execution: execution.id, from, changes })
  }

  // ── when it is safe ────────────────────────────────────────────────────────────────────────────────

  #later(told: SessionTold): void {
    const isSession = told.tell === "session"
    if (isSession && this.#unshown.at(-1)?.isSession) this.#unshown.pop()
    this.#once(() => this.#world.tell(told), isSession)
  }

  /** When everything so far is safe. */
  #once(act: () => void, isSession = false): void {
    const { journal } = this.#world
    this.#unshown.push({ upTo: journal.sizeBytes, act, isSession })
    if (journal.durableBytes >= journal.sizeBytes) this.show()
  }

  /** The journal has become safe further on. */
  show(): void {
    const { durableBytes } = this.#world.journal
    const first = this.#unshown.findIndex(({ upTo }) => upTo > durableBytes)
    for (const { act } of this.#unshown.splice(0, first < 0 ? this.#unshown.length : first)) act()
  }

  /** Nothing becomes safe any more, but the end must be known. */
  showAll(): void {
    for (const { act } of this.#unshown.splice(0)) act()
  }
}
