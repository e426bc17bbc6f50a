/**
 * What watchers are told of a run, made from what its journal was told: text merged, output as nbformat has it, the state
 * of each cell. The same events, live or read again from a journal, tell the same; `covered` says how much of the journal
 * was told before.
 */
import { isObject, type Json, type JsonObject } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import type { Message } from "#kernel/index.ts"
import { namedIn } from "#notebook/index.ts"
import type { CellRun, Run, RunEvent } from "#run/index.ts"

/** Where to find again in the journal what is not held in memory. */
type Place = number

export type StreamItem = {
  readonly type: "stream"
  readonly at: number
  readonly cell: number
  readonly name: string
  /** Undefined once memory is short: then `places` are the records. */
  readonly texts: string[] | undefined
  readonly places: Place[]
  bytes: number
  upTo: number
}

export type MessageItem = {
  readonly type: "output" | "update"
  readonly at: number
  readonly cell: number
  readonly message: Message | undefined
  readonly place: Place
  readonly bytes: number
  readonly upTo: number
}

export type FactItem = {
  readonly type: "cell" | "clear" | "note" | "progress"
  readonly at: number
  readonly what: JsonObject
  readonly bytes: number
  readonly upTo: number
}

export type Item = StreamItem | MessageItem | FactItem

export type Progress = { readonly done: number; readonly total: number; readonly current: number | null }

export const STREAM_BYTES = 65_536
/** What one small event takes in memory and in the database, whatever it says. */
const LEAST_BYTES = 200
const SPAN_FRAME_BYTES = 1_048_576

export type TellerOptions = {
  /** Journal bytes that were told before: what ends there or earlier is only remembered, not told. */
  readonly covered: number
  /** Bytes told of one cell; what comes beyond is in the result alone. */
  readonly mostOfCell: number
  /** Bytes of text and output kept in memory until they are taken. */
  readonly mostInMemory: number
}

export class Teller {
  readonly #options: TellerOptions
  #items: Item[] = []
  #held = 0
  #place = 0
  #cells: readonly CellRun[] = []
  readonly #requests = new Map<string, number>()
  readonly #told = new Map<number, number>()
  readonly named = new Map<string, Json>()
  progress: Progress = { done: 0, total: 0, current: null }
  #shown: Progress = { done: 0, total: 0, current: null }

  constructor(options: TellerOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  hear(event: RunEvent, run: Run, upTo: number): void {
    const place = this.#place
    this.#place = upTo
    const isTold = upTo <= this.#options.covered && event.type !== "owner_died"
    if (event.type === "begun") this.#cells = run.cells
    if (event.type === "sent") this.#requests.set(event.request, event.cell)
    if (event.type === "said") this.#said(event.message, { at: event.at, place, upTo, isTold })
    if (run.cells !== this.#cells) this.#cellsChanged(run, { at: event.at, upTo, isTold })
    this.#progressed(run, { at: event.at, upTo, isTold })
  }

  /** The next items, in order, about `bytes` of them; an event of the journal is never told in two halves. */
  take(bytes: number): readonly Item[] {
    let [count, size] = [0, 0]
    while (count < this.#items.length && (size < bytes || this.#items[count]!.upTo === this.#items[count - 1]!.upTo))
      size += this.#items[count++]!.bytes
    const taken = this.#items.slice(0, count)
    this.#items = this.#items.slice(count)
    for (const item of taken) this.#held -= heldBytes(item)
    return taken
  }

  #said(message: Message, when: When & { readonly place: Place }): void {
    const cell = this.#requests.get(message.parentId)
    const type = message.header.msg_type
    if (type === "display_data") this.#remember(message)
    if (when.isTold || cell === undefined || message.channel !== "iopub") return
    const bytes = Math.max(message.frames[3].length, LEAST_BYTES)
    if (!TOLD.has(type) || !this.#mayTell(cell, bytes, when)) return
    if (type === "stream") return this.#stream(message, cell, { ...when, bytes })
    if (type === "clear_output")
      return this.#push({ type: "clear", at: when.at, what: { cell, wait: message.content["wait"] === true }, bytes: LEAST_BYTES, upTo: when.upTo })
    const { at, place, upTo } = when
    const kept = this.#held + bytes > this.#options.mostInMemory ? undefined : message
    this.#push({ type: type === "update_display_data" ? "update" : "output", at, cell, message: kept, place, bytes, upTo })
  }

  #stream(message: Message, cell: number, { at, place, upTo, bytes }: When & { readonly place: Place; readonly bytes: number }): void {
    const name = message.content["name"] === "stderr" ? "stderr" : "stdout"
    const text = message.frames[3].length > SPAN_FRAME_BYTES ? undefined : message.content["text"]
    const isHeld = typeof text === "string" && this.#held + bytes <= this.#options.mostInMemory
    const last = this.#items.at(-1)
    const fits = last?.type === "stream" && last.cell === cell && last.name === name && (last.texts !== undefined) === isHeld
    if (fits && last.bytes + bytes <= STREAM_BYTES) {
      if (isHeld) last.texts?.push(text)
      else last.places.push(place)
      last.bytes += bytes
      last.upTo = upTo
    } else {
      this.#items.push({ type: "stream", at, cell, name, texts: isHeld ? [text] : undefined, places: isHeld ? [] : [place], bytes, upTo })
    }
    if (isHeld) this.#held += bytes
  }

  #mayTell(cell: number, bytes: number, { at, upTo }: When): boolean {
    const told = this.#told.get(cell) ?? 0
    if (told > this.#options.mostOfCell) return false
    this.#told.set(cell, told + bytes)
    if (told + bytes <= this.#options.mostOfCell) return true
    const text = `More output of this cell than ${this.#options.mostOfCell.toLocaleString("en-US")} bytes is not shown while it runs; the result has it.`
    this.#push({ type: "note", at, what: { cell, text }, bytes: LEAST_BYTES, upTo })
    return false
  }

  #cellsChanged(run: Run, when: When): void {
    const before = this.#cells
    this.#cells = run.cells
    for (const [index, cell] of run.cells.entries()) {
      const was = before[index]
      if (was === cell || was?.state === cell.state || cell.state === "not_run" || cell.state === "waiting") continue
      if (!when.isTold) this.#push({ type: "cell", at: when.at, what: cellFacts(run, index), bytes: LEAST_BYTES, upTo: when.upTo })
    }
  }

  #progressed(run: Run, { at, upTo, isTold }: When): void {
    const { plan } = run.order
    this.progress = { done: run.current, total: plan.length, current: run.status === "running" ? (plan[run.current] ?? null) : null }
    const { done, total, current } = this.progress
    if (isTold || run.status === "queued" || (done === this.#shown.done && total === this.#shown.total && current === this.#shown.current)) return
    this.#shown = this.progress
    this.#push({ type: "progress", at, what: { done, total, current }, bytes: LEAST_BYTES, upTo })
  }

  #remember(message: Message): void {
    if (message.frames[3].length > STREAM_BYTES || !isObject(message.content["data"])) return
    for (const [name, value] of namedIn(message.content["data"])) this.named.set(name, value)
  }

  #push(item: Item): void {
    this.#items.push(item)
    this.#held += heldBytes(item)
  }
}

type When = { readonly at: number; readonly upTo: number; readonly isTold: boolean }

const TOLD = new Set(["stream", "display_data", "execute_result", "update_display_data", "error", "clear_output"])

function heldBytes(item: Item): number {
  if (item.type === "stream") return item.texts ? item.bytes : 0
  return item.type === "output" || item.type === "update" ? (item.message ? item.bytes : 0) : item.bytes
}

function cellFacts(run: Run, index: number): JsonObject {
  const { id } = run.order.notebook.cells[index]!
  const cell = run.cells[index]!
  const end = Math.max(cell.replyAt, cell.idleAt)
  const isOver = cell.state !== "running"
  return {
    index,
    id,
    state: cell.state,
    startedAt: cell.busyAt > 0 ? toIso(cell.busyAt) : null,
    endedAt: isOver && end > 0 ? toIso(end) : null,
    executionCount: cell.executionCount,
    ...(isOver && cell.error ? { error: { ename: cell.error.ename, evalue: cell.error.evalue } } : {}),
  }
}
