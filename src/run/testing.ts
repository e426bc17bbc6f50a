/** The vocabulary of the run tests: small notebooks, a journal in memory, a clock that is turned by hand. */
import type { JsonObject } from "#base/json.ts"
import type { Clock } from "#base/time.ts"
import type { Channel, Message } from "#kernel/index.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import { DEFAULT_LIMITS, type Limits, type Order, type RunId, wholePlan } from "#run/order.ts"
import type { Appended, Journal, Timers } from "#run/ports.ts"
import type { RunEvent } from "#run/run.ts"

export function codeCell(source: string, more: { tags?: readonly string[]; id?: string; metadata?: JsonObject } = {}): Cell {
  const tags = more.tags ? { tags: more.tags } : {}
  return { cell_type: "code", id: more.id ?? "", source, metadata: { ...tags, ...more.metadata }, outputs: [], execution_count: null }
}

export type CellSpec = string | Cell

/** A notebook of code cells; a string is a cell's source. */
export function notebookOf(...cells: CellSpec[]): Notebook {
  const made = cells.map((cell, index) => {
    const whole = typeof cell === "string" ? codeCell(cell) : cell
    return { ...whole, id: whole.id || `cell-${index + 1}` }
  })
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: made }
}

export type OrderSpec = Partial<Omit<Order, "limits" | "notebook">> & { readonly limits?: Partial<Limits> }

export function orderOf(notebook: Notebook, spec: OrderSpec = {}): Order {
  const { limits, ...rest } = spec
  return {
    id: "01TEST" as RunId,
    notebook,
    input: "in.ipynb",
    output: "out.ipynb",
    kernelName: "script",
    parameters: [],
    plan: wholePlan(notebook),
    done: [],
    allowErrors: false,
    pipelining: false,
    ...rest,
    limits: { ...DEFAULT_LIMITS, ...limits },
  }
}

/** A journal that remembers events as values and is durable when told. */
export function memoryJournal(): Journal & { readonly events: RunEvent[]; sync(): void } {
  const events: RunEvent[] = []
  let listener: (fault?: Error) => void = () => {}
  let durable = 0
  return {
    path: "memory",
    events,
    get sizeBytes() {
      return events.length
    },
    get durableBytes() {
      return durable
    },
    append(event): Appended {
      events.push(event)
      return { record: events.length - 1, content: -1 }
    },
    onDurable: (then) => {
      listener = then
    },
    sync() {
      durable = events.length
      listener()
    },
    settled: async () => {
      durable = events.length
      listener()
    },
    read: () => new Uint8Array(),
    record: (place) => events[place]!,
    close: async () => {},
  }
}

/** Timers and clock in one: nothing happens until `pass`. */
export function handTime(): Timers & Clock & { pass(ms: number): void } {
  let now = 1_700_000_000_000
  let waiting: { at: number; then: () => void }[] = []
  return {
    now: () => now,
    steady: () => now,
    after(ms, then) {
      const one = { at: now + ms, then }
      waiting.push(one)
      return () => {
        waiting = waiting.filter((other) => other !== one)
      }
    },
    pass(ms) {
      now += ms
      for (const one of waiting.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) {
        waiting = waiting.filter((other) => other !== one)
        one.then()
      }
    },
  }
}

const ENCODER = new TextEncoder()

/** A message as a kernel would send it. */
export function messageOf(channel: Channel, type: string, said: { parent: string; content: JsonObject; buffers?: readonly Uint8Array[] }): Message {
  const header = { msg_id: `k-${type}`, msg_type: type, session: "kernel", username: "", date: "", version: "5.3" }
  const frames = [header, { msg_id: said.parent }, {}, said.content].map((part) => ENCODER.encode(JSON.stringify(part)))
  return {
    channel,
    header,
    parentId: said.parent,
    metadata: {},
    content: said.content,
    buffers: said.buffers ?? [],
    frames: frames as unknown as Message["frames"],
  }
}
