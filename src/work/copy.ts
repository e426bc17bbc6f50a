/**
 * The watchers' copy of one attempt: what the teller has to tell goes into the event table in batches, in order and under
 * the fence. While the database is away it waits; the journal has everything meanwhile.
 */
import { toError } from "#base/fault.ts"
import type { Db } from "#database/index.ts"
import { pause, type Run, type RunEvent, type Timers } from "#run/index.ts"
import { type RowSource, type Rows, rowsOf } from "#work/event-rows.ts"
import { mayPass } from "#work/patience.ts"
import { nameBlobs } from "#work/sql/end.ts"
import { appendEvents, journalTold } from "#work/sql/events.ts"
import type { Teller } from "#work/teller.ts"

const EVERY_MS = 100
const BATCH_BYTES = 1_000_000
const LONGEST_PAUSE_MS = 5_000

export type Copying = {
  readonly db: Db
  readonly run: string
  readonly attempt: number
  /** Undefined for what is added after the end. */
  readonly fence: number | undefined
  readonly teller: Teller
  readonly source: RowSource
  readonly timers: Timers
  /** The run is under another fence, or over: whoever drives it must stop. */
  readonly onStale: () => void
  /** Something is wrong that waiting does not mend; the copy ends there, the run goes on. */
  readonly onFault: (error: Error) => void
}

export class Copier {
  readonly #copying: Copying
  #cancelTimer: (() => void) | undefined
  #flushing: Promise<void> | undefined
  #isOver = false
  #isGivenUp = false

  constructor(copying: Copying) {
    this.#copying = copying
  }

  hear(event: RunEvent, run: Run, upTo: number): void {
    if (this.#isOver) return
    this.#copying.teller.hear(event, run, upTo)
    if (this.#copying.teller.isEmpty || this.#cancelTimer || this.#flushing) return
    this.#cancelTimer = this.#copying.timers.after(EVERY_MS, () => this.#begin())
  }

  /** Resolves when all that was heard is stored, or cannot be any more; false when the run is not ours. */
  async finish(): Promise<boolean> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    await this.#flushing
    while (!this.#isOver && !this.#copying.teller.isEmpty) await this.#flush()
    return !this.#isOver || this.#isGivenUp
  }

  /** Stops without telling the rest. */
  giveUp(): void {
    this.#isOver = true
    this.#cancelTimer?.()
  }

  #begin(): void {
    this.#cancelTimer = undefined
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = undefined
      if (this.#isOver || this.#copying.teller.isEmpty) return
      this.#cancelTimer = this.#copying.timers.after(EVERY_MS, () => this.#begin())
    })
  }

  async #flush(): Promise<void> {
    const { teller, source, onFault } = this.#copying
    const items = teller.take(BATCH_BYTES)
    try {
      const rows = await this.#patiently(() => rowsOf(items, source))
      if (rows && rows.rows.length > 0) await this.#store(rows)
    } catch (error) {
      this.#isOver = true
      this.#isGivenUp = true
      onFault(toError(error))
    }
  }

  async #store(told: Rows): Promise<void> {
    const { run, attempt, fence, teller, onStale } = this.#copying
    let isAgain = false
    const isOurs = await this.#patiently(() => {
      const before = isAgain
      isAgain = true
      const append = (db: Db) =>
        appendEvents(db, { run, attempt, fence, rows: told.rows, progress: fence === undefined ? undefined : teller.progress })
      // One statement is a transaction already.
      if (!before && told.blobs.length === 0) return append(this.#copying.db)
      return this.#copying.db.transaction().execute(async (tx) => {
        // A commit whose answer was lost has happened.
        if (before && (await journalTold(tx, run, attempt)) >= told.rows.at(-1)!.journalEnd) return true
        await nameBlobs(tx, { run, attempt, blobs: told.blobs })
        return append(tx)
      })
    })
    if (isOurs !== false) return
    this.#isOver = true
    onStale()
  }

  /** Again and again while the fault is one that passes. Undefined once it was told to give up. */
  async #patiently<Value>(act: () => Promise<Value>): Promise<Value | undefined> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (this.#isOver) return undefined
      try {
        return await act()
      } catch (error) {
        if (!mayPass(error)) throw error
        await pause(this.#copying.timers, pauseMs)
      }
    }
  }
}
