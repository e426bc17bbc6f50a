/** A session and what its executions show, folded from events: while it happens, and again from its journal after a crash. */
import { Outputs, type Overflow } from "#run/outputs.ts"
import type { JournalReading } from "#run/ports.ts"
import { type Execution, isExecutionOver, type Session, type SessionEffect, type SessionEvent, type SessionOrder } from "#run/session.ts"
import { beginSession, stepSession } from "#run/session-step.ts"
import type { Tell } from "#run/widgets.ts"

export type SessionAbsorbed = { readonly effects: readonly SessionEffect[]; readonly tell: Tell | undefined }
type Happened = Exclude<SessionEvent, { type: "session_begun" }>

export class SessionFold {
  session: Session
  readonly outputs: Outputs
  /** Every execution that was not forgotten, by its id, as it is now. */
  readonly executions = new Map<string, Execution>()
  readonly #places = new Map<string, number>()
  readonly #ids: string[] = []

  constructor(order: SessionOrder, at: number) {
    this.session = beginSession(order, at)
    this.outputs = new Outputs({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] }, [], order.limits.shownBytes)
  }

  /** @param record place of the event's record in the journal */
  absorb(event: Happened, record: number): SessionAbsorbed {
    if (event.type === "asked") for (const { id } of event.executions) this.#open(id)
    if (event.type === "execution_sent") this.outputs.expect(event.request, this.placeOf(event.execution))
    if (event.type === "output_dropped") this.outputs.drop(this.placeOf(event.execution), event.messages, event.bytes)
    const tell = event.type === "said" ? this.outputs.hear(event.message, record) : undefined
    const { session, effects } = stepSession(this.session, event)
    this.session = session
    for (const effect of effects) if (effect.do === "tell_execution") this.executions.set(effect.execution.id, effect.execution)
    for (const one of session.open) this.executions.set(one.id, one)
    return { effects, tell }
  }

  /** Where its outputs are; @throws Error for one that was never asked, or was forgotten. */
  placeOf(execution: string): number {
    const place = this.#places.get(execution)
    if (place === undefined) throw new Error(`there is no execution ${execution}`)
    return place
  }

  executionAt(place: number): Execution | undefined {
    return this.executions.get(this.#ids[place] ?? "")
  }

  overflowOf(execution: string): Overflow | undefined {
    const place = this.#places.get(execution)
    return place === undefined ? undefined : this.outputs.overflow(place)
  }

  /** Those that another execution of the same cell has taken the place of, and that are over. */
  superseded(): readonly string[] {
    const last = new Map<string, string>()
    for (const { cell, id } of this.executions.values()) last.set(cell, id)
    return [...this.executions.values()].filter((one) => isExecutionOver(one) && last.get(one.cell) !== one.id).map(({ id }) => id)
  }

  forget(execution: string): void {
    const place = this.#places.get(execution)
    if (place !== undefined) this.outputs.forget(place)
    this.#places.delete(execution)
    this.executions.delete(execution)
  }

  #open(id: string): void {
    if (this.#places.has(id)) return
    const place = this.outputs.open()
    this.#places.set(id, place)
    this.#ids[place] = id
  }
}

/** Folds a journal's records. Undefined when not even its beginning was written. */
export function refoldSession(reading: JournalReading<SessionEvent>): SessionFold | undefined {
  let fold: SessionFold | undefined
  for (const { event, record } of reading.records()) {
    if (event.type === "session_begun") fold = new SessionFold(event.order, event.at)
    else fold?.absorb(event, record)
  }
  return fold
}
