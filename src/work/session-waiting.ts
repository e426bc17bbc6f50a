/**
 * Cells that ask for a line of text while nobody is there to give it: told in the inbox of whoever ran them, and taken back from
 * there once it is answered. That they do not ask for ever is the session's own affair (session-step.ts).
 */
import { toError } from "#base/fault.ts"
import { type NotebookId, notify, type PersonId, settleNotices } from "#people/index.ts"
import type { Execution, Timers } from "#run/index.ts"
import { waitingFor } from "#work/session-about.ts"
import { findNotebookSpace } from "#work/sql/session-place.ts"
import type { WorkWorld } from "#work/world.ts"

export type Waiting = {
  readonly db: WorkWorld["db"]
  readonly clock: WorkWorld["clock"]
  readonly timers: Timers
  readonly notebook: string
  /** Whether anybody has the notebook open. */
  readonly isWatched: () => boolean
  readonly tell: (line: string) => void
}

/** Somebody who has the notebook open may look elsewhere, or may not be the one who can answer. */
const PATIENCE_MS = 30_000
const MOST_WORDS = 300

export class WaitingInputs {
  readonly #waiting: Waiting
  /** By execution: gives up telling, or takes back what was told. */
  readonly #open = new Map<string, () => void>()

  constructor(waiting: Waiting) {
    this.#waiting = waiting
  }

  hear(execution: Execution): void {
    const asks = execution.question !== undefined
    if (asks === this.#open.has(execution.id)) return
    if (!asks) {
      this.#open.get(execution.id)?.()
      this.#open.delete(execution.id)
      return
    }
    const { timers, isWatched } = this.#waiting
    const stop = timers.after(isWatched() ? PATIENCE_MS : 0, () => {
      const told = this.#act(() => this.#notice(execution))
      this.#open.set(execution.id, () => void told.then(() => this.#act(() => this.#settle(execution.id))))
    })
    this.#open.set(execution.id, stop)
  }

  async #notice({ id, by, question }: Execution): Promise<void> {
    const { db, clock, notebook } = this.#waiting
    const place = await findNotebookSpace(db, notebook)
    if (!place) return
    const to = by.id as PersonId
    const said = (question?.prompt ?? "").replaceAll("\0", "").toWellFormed().trim().slice(0, MOST_WORDS)
    await notify(db, [
      { kind: "input_waiting", to, about: waitingFor(id), space: place.space, notebook: notebook as NotebookId, said, at: clock.now() },
    ])
  }

  async #settle(execution: string): Promise<void> {
    await settleNotices(this.#waiting.db, [waitingFor(execution)])
  }

  async #act(act: () => Promise<void>): Promise<void> {
    await act().catch((error: unknown) => this.#waiting.tell(`a cell that asks for input: ${toError(error).message}`))
  }
}
