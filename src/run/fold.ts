/**
 * A run and its outputs, folded from events: once while it happens, and again from its journal after a crash. The same
 * events give the same result, which is what makes the journal the truth and the notebook a projection of it.
 */
import type { Order } from "#run/order.ts"
import { Outputs } from "#run/outputs.ts"
import type { Effect, Run, RunEvent } from "#run/run.ts"
import { begin, step } from "#run/step.ts"
import type { Tell } from "#run/widgets.ts"

export type Absorbed = { readonly effects: readonly Effect[]; readonly tell: Tell | undefined }

const NOTHING: Absorbed = { effects: [], tell: undefined }

export class Fold {
  run: Run
  readonly outputs: Outputs

  constructor(order: Order, at: number) {
    this.run = begin(order, at)
    this.outputs = new Outputs(order.notebook, order.plan, order.limits.shownBytes)
  }

  /** @param record place of the event's record in the journal */
  absorb(event: Exclude<RunEvent, { type: "begun" }>, record: number): Absorbed {
    if (event.type === "dropped") {
      this.outputs.drop(event.cell, event.messages, event.bytes)
      return NOTHING
    }
    if (event.type === "sent") this.outputs.expect(event.request, event.cell)
    const tell = event.type === "said" ? this.outputs.hear(event.message, record) : undefined
    const { run, effects } = step(this.run, event)
    this.run = run
    return { effects, tell }
  }
}

export type Watch = (event: RunEvent, run: Run, upTo: number) => void

type Recorded = { readonly event: RunEvent; readonly record: number; readonly end: number }

/** Folds a journal's records. Undefined when not even the order was written. */
export function refold(records: Iterable<Recorded>, watch?: Watch): Fold | undefined {
  let fold: Fold | undefined
  for (const { event, record, end } of records) {
    if (event.type === "begun") fold = new Fold(event.order, event.at)
    else fold?.absorb(event, record)
    if (fold) watch?.(event, fold.run, end)
  }
  return fold
}
