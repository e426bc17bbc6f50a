/**
 * Copies of a session for the database: its state, its executions and what they showed, every second or so and at once when
 * one is over. The journal has everything meanwhile, so nothing waits for a database that is away but what says "over".
 */
import { toError } from "#base/fault.ts"
import { type Execution, isExecutionOver, type OutputsNow, type Timers } from "#run/index.ts"
import type { Keep } from "#work/blobs.ts"
import { patiently } from "#work/patience.ts"
import type { OutputStore, StoredOutput } from "#work/session-outputs.ts"
import { type ExecutionKept, keepExecution, writeStored } from "#work/sql/session-executions.ts"
import type { WorkWorld } from "#work/world.ts"

export type Keeping = {
  readonly db: WorkWorld["db"]
  readonly keep: Keep
  readonly timers: Timers
  readonly session: string
  readonly notebook: string
  readonly store: OutputStore
  /** Of one that is not forgotten. */
  readonly executionOf: (id: string) => Execution | undefined
  readonly outputsOf: (id: string) => Promise<OutputsNow>
  readonly tell: (line: string) => void
}

const EVERY_MS = 1_000
/** Outputs that are still growing are written again each time: the more there is, the more rarely. */
const EVERY_MS_A_MEGABYTE = 10_000
const INLINE_BYTES = 64 * 1024

type Due = { readonly withOutputs: boolean }

export class SessionKeeper {
  readonly #keeping: Keeping
  readonly #due = new Map<string, Due>()
  /** Not before then, by the keeper's own count of milliseconds. */
  readonly #pauses = new Map<string, () => void>()
  #stopTimer: (() => void) | undefined
  #working: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** It changed; what it shows as well. */
  note(execution: string, withOutputs: boolean): void {
    const before = this.#due.get(execution)
    this.#due.set(execution, { withOutputs: withOutputs || (before?.withOutputs ?? false) })
    this.#stopTimer ??= this.#keeping.timers.after(EVERY_MS, () => void this.flush())
  }

  /** Now, all that is due. */
  flush(): Promise<void> {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#working = this.#working.then(() => this.#writeDue())
    return this.#working
  }

  /** Writes what is due and then no more. */
  async close(): Promise<void> {
    for (const stop of this.#pauses.values()) stop()
    this.#pauses.clear()
    await this.flush()
    this.#isOver = true
  }

  giveUp(): void {
    this.#isOver = true
  }

  async #writeDue(): Promise<void> {
    for (const [id, due] of [...this.#due]) {
      const execution = this.#keeping.executionOf(id)
      if (execution && !isExecutionOver(execution) && this.#pauses.has(id)) continue
      this.#due.delete(id)
      // Nobody is to find one that is over without what it showed: it may be so before that was said of it.
      if (execution) await this.#patiently(() => this.#write(execution, { withOutputs: due.withOutputs || isExecutionOver(execution) }))
    }
    if (this.#due.size > 0 && !this.#isOver) this.#stopTimer ??= this.#keeping.timers.after(EVERY_MS, () => void this.flush())
  }

  async #write(execution: Execution, { withOutputs }: Due): Promise<void> {
    const { db, keep, session, notebook } = this.#keeping
    const shown = withOutputs ? await this.#stored(execution.id) : undefined
    const text = shown && writeStored(shown.outputs)
    const isLong = text !== undefined && text.length > INLINE_BYTES
    if (text !== undefined && !isExecutionOver(execution)) this.#pause(execution.id, text.length)
    const blob = isLong ? await keep(new TextEncoder().encode(text)) : undefined
    await keepExecution(db, {
      ...keptOf(execution, { session, notebook }),
      outputs: isLong ? undefined : text,
      outputsSha256: blob?.sha256,
      overflowBytes: shown?.overflowBytes ?? 0,
    })
  }

  async #stored(execution: string): Promise<{ readonly outputs: readonly StoredOutput[]; readonly overflowBytes: number }> {
    const { outputs, overflowBytes } = await this.#keeping.outputsOf(execution)
    const stored: StoredOutput[] = []
    for (const output of outputs) stored.push(await this.#keeping.store.store(execution, output))
    return { outputs: stored, overflowBytes }
  }

  #pause(execution: string, bytes: number): void {
    const ms = (bytes / 1_000_000) * EVERY_MS_A_MEGABYTE
    if (ms < EVERY_MS) return
    this.#pauses.get(execution)?.()
    this.#pauses.set(
      execution,
      this.#keeping.timers.after(ms, () => void this.#pauses.delete(execution)),
    )
  }

  /** What does not pass is told, and that copy is given up. */
  async #patiently(act: () => Promise<void>): Promise<void> {
    const { timers, session, tell } = this.#keeping
    await patiently(act, { timers, isPassing: () => !this.#isOver }).catch((error: unknown) => tell(`session ${session}: ${toError(error).message}`))
  }
}

type Belongs = { readonly session: string; readonly notebook: string }

export function keptOf(execution: Execution, { session, notebook }: Belongs): Omit<ExecutionKept, "outputs" | "outputsSha256" | "overflowBytes"> {
  return {
    id: execution.id,
    session,
    notebook,
    cell: execution.cell,
    source: execution.source,
    sourceSha256: execution.sourceSha256,
    by: execution.by.id,
    state: execution.state,
    explanation: execution.explanation,
    executionCount: execution.executionCount,
    queuedAt: execution.queuedAt,
    startedAt: execution.busyAt,
    endedAt: execution.endedAt,
  }
}
